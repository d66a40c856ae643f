//! Lines of bounded length, so that a file without a line end cannot fill the memory.

use std::fmt::Display;
use std::io::{self, BufRead, Read};
use std::path::Path;

use super::source::{open, LINE_LIMIT};
use super::{Malformed, Reject};

/// Reads a stream line by line; a line longer than the limit is skipped without being held.
pub(crate) struct Lines<R> {
    reader: R,
    limit: usize,
    number: usize,
    offset: u64,
    failed: bool,
}

/// A line, or why there is none.
pub(crate) struct Line {
    /// Counted from 1.
    pub number: usize,
    /// The line without its end, valid UTF-8.
    pub text: Result<String, LineError>,
}

/// Why a line could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    #[error("longer than the limit of {0} bytes for one document")]
    TooLong(usize),
    #[error("{}", bad_utf8(*.0))]
    Encoding(u64),
    /// The stream ends here: nothing can be read behind a failure.
    #[error("cannot be read: {0}")]
    Io(io::Error),
}

/// The reason given for bytes that are not UTF-8.
pub(crate) fn bad_utf8(offset: u64) -> String {
    format!(
        "no UTF-8 at byte {offset}; if the file is Latin-1 or Windows-1252, convert it: iconv -f WINDOWS-1252 -t UTF-8"
    )
}

impl<R: BufRead> Lines<R> {
    /// Lines of `reader` of up to `limit` bytes.
    pub fn new(reader: R, limit: usize) -> Self {
        Lines { reader, limit, number: 0, offset: 0, failed: false }
    }

    /// The next line's bytes with its line end, or `None` when it is too long; empty at the end.
    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        // Two bytes more than the limit leave room for the line end.
        let most = self.limit as u64 + 2;
        let n = (&mut self.reader).take(most).read_until(b'\n', &mut bytes)?;
        self.offset += n as u64;
        if bytes.ends_with(b"\n") || (n as u64) < most {
            let end = bytes.len() - line_end(&bytes);
            return Ok((end <= self.limit).then_some(bytes));
        }
        drop(bytes);
        self.skip_line()?;
        Ok(None)
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let (n, done) = match buffer.iter().position(|&b| b == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(n);
            self.offset += n as u64;
            if done {
                return Ok(());
            }
        }
    }
}

fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.failed {
            return None;
        }
        let start = self.offset;
        self.number += 1;
        let text = match self.read() {
            Ok(Some(bytes)) if bytes.is_empty() => return None,
            Ok(Some(mut bytes)) => {
                bytes.truncate(bytes.len() - line_end(&bytes));
                String::from_utf8(bytes).map_err(|e| LineError::Encoding(start + e.utf8_error().valid_up_to() as u64))
            }
            Ok(None) => Err(LineError::TooLong(self.limit)),
            Err(e) => {
                self.failed = true;
                Err(LineError::Io(e))
            }
        };
        Some(Line { number: self.number, text })
    }
}

/// Reads `path` line by line with `parse`, which is told the line's number too; blank lines are nothing.
///
/// # Errors
/// When the file cannot be opened; a line that cannot be read is a reject among the items.
pub fn read_lines<T>(
    path: &Path,
    parse: impl Fn(usize, &str) -> Result<T, Malformed> + Send,
) -> Result<impl Iterator<Item = Result<T, Reject>> + Send, Reject> {
    let reader = open(path).map_err(|e| Reject::new(path, None, e))?;
    let path = path.to_owned();
    Ok(Lines::new(reader, LINE_LIMIT).filter_map(move |line| {
        let reject = |reason: &dyn Display| Reject::new(&path, Some(line.number), reason);
        match line.text {
            Ok(text) if text.trim().is_empty() => None,
            Ok(text) => Some(parse(line.number, &text).map_err(|e| reject(&e))),
            Err(e) => Some(Err(reject(&e))),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], limit: usize) -> Vec<String> {
        // A tiny buffer makes lines cross its border.
        let reader = io::BufReader::with_capacity(3, bytes);
        Lines::new(reader, limit)
            .map(|l| format!("{} {}", l.number, l.text.unwrap_or_else(|e| e.to_string())))
            .collect()
    }

    #[test]
    fn lines_end_as_they_please() {
        assert_eq!(read(b"", 9), [""; 0]);
        assert_eq!(read(b"a\r\n\nb", 9), ["1 a", "2 ", "3 b"]);
        assert_eq!(read(b"a\n", 9), ["1 a"]);
    }

    #[test]
    fn a_long_line_costs_only_itself() {
        let limit = "longer than the limit of 4 bytes for one document";
        assert_eq!(
            read(b"abcd\r\nabcde\nx\nabcdefghijkl", 4),
            ["1 abcd".to_owned(), format!("2 {limit}"), "3 x".to_owned(), format!("4 {limit}")]
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_are_counted_from_the_start_of_the_file() {
        let lines = read(b"ab\nM\xfcller\nz", 99);
        assert!(lines[1].contains("byte 4") && lines[1].contains("iconv"), "{lines:?}");
        assert_eq!(lines[2], "3 z");
        for bytes in [&b"\xc3"[..], b"\xc0\xaf", b"\xed\xa0\x80"] {
            assert!(read(bytes, 9)[0].contains("byte 0"));
        }
    }
}
