//! Opening of files: compression by suffix, UTF-16 by its mark.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::utf16::Utf16;

/// Longest line that readers of annotated corpora accept, in bytes.
pub(crate) const LINE_LIMIT: usize = 64 << 20;

/// A stream of bytes that are UTF-8 if the file is sound, perhaps behind a byte-order mark.
pub(crate) type Source = Box<dyn BufRead + Send>;

/// The mark at the beginning of a UTF-8 file, which is no part of the text.
pub(crate) const BOM: &str = "\u{feff}";

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// Every way, with the suffix of its files and the bytes that they begin with.
    const PACKED: [(Compression, &'static str, &'static [u8]); 2] =
        [(Compression::Gzip, "gz", &[0x1f, 0x8b]), (Compression::Zstd, "zst", &[0x28, 0xb5, 0x2f, 0xfd])];

    /// What the suffix of `path` says.
    pub fn of(path: &Path) -> Compression {
        let suffix = path.extension().unwrap_or_default();
        let known = Self::PACKED.iter().find(|(_, name, _)| suffix.eq_ignore_ascii_case(name));
        known.map_or(Compression::None, |&(way, ..)| way)
    }

    /// What the first bytes of a file say.
    fn sniff(head: &[u8]) -> Compression {
        let known = Self::PACKED.iter().find(|(.., magic)| head.starts_with(magic));
        known.map_or(Compression::None, |&(way, ..)| way)
    }

    fn name(self) -> &'static str {
        match self {
            Compression::None => "not compressed",
            Compression::Gzip => "compressed by gzip",
            Compression::Zstd => "compressed by Zstandard",
        }
    }
}

/// What stands for standard input among paths.
pub(crate) const STDIN: &str = "-";

/// Opens a file, or standard input, for reading, unpacked and decoded.
pub(crate) fn open(path: &Path) -> io::Result<Source> {
    if path == Path::new(STDIN) {
        let (head, reader) = peek(BufReader::new(io::stdin()))?;
        return decode(unpack(reader, Compression::sniff(&head))?);
    }
    // Opening a pipe would wait for its writer, perhaps for ever.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("is no regular file; pipe data into `-` instead"));
    }
    let (head, reader) = peek(BufReader::new(File::open(path)?))?;
    let (said, found) = (Compression::of(path), Compression::sniff(&head));
    if said != found && !head.is_empty() {
        return Err(io::Error::other(format!(
            "is {} by its suffix but {} by its content; rename it",
            said.name(),
            found.name()
        )));
    }
    decode(unpack(reader, found)?)
}

fn unpack(reader: impl BufRead + Send + 'static, way: Compression) -> io::Result<Source> {
    Ok(match way {
        Compression::None => Box::new(reader),
        Compression::Gzip => Box::new(BufReader::new(MultiGzDecoder::new(reader))),
        Compression::Zstd => Box::new(BufReader::new(zstd::Decoder::with_buffer(reader)?)),
    })
}

/// Turns UTF-16 into UTF-8, if the stream begins with its mark.
fn decode(reader: Source) -> io::Result<Source> {
    let (head, reader) = peek(reader)?;
    match head[..] {
        [0xff, 0xfe, ..] => Ok(Box::new(BufReader::new(Utf16::new(reader, u16::from_le_bytes)))),
        [0xfe, 0xff, ..] => Ok(Box::new(BufReader::new(Utf16::new(reader, u16::from_be_bytes)))),
        [a, 0, b, 0] if a != 0 && b != 0 => Err(unmarked("UTF-16LE")),
        [0, a, 0, b] if a != 0 && b != 0 => Err(unmarked("UTF-16BE")),
        _ => Ok(Box::new(reader)),
    }
}

fn unmarked(encoding: &str) -> io::Error {
    io::Error::other(format!("looks like UTF-16 without a byte-order mark; convert it: iconv -f {encoding} -t UTF-8"))
}

/// The first bytes of a stream, and the stream with them in front again.
fn peek<R: BufRead>(mut reader: R) -> io::Result<(Vec<u8>, impl BufRead + use<R>)> {
    let mut head = Vec::new();
    (&mut reader).take(4).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}
