//! Documents from files, folders and standard input.
//!
//! One file a form; each turns a stream into entries, one after the other. What they share: field
//! names, and what a document may bring along.

mod columns;
mod fields;
mod given;
mod html;
mod json_lines;
mod parquet;
mod plain;
mod refusal;
mod walk;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use self::refusal::Refusal;
use super::source::{open, Compression, Source, LINE_LIMIT, STDIN};
use super::Reject;
use crate::document::Document;

/// What is read, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Most bytes that a document may have, with its fields; a larger one is rejected unread.
    pub max_bytes: usize,
    /// Whether to read the mentions, entities and pairs that documents bring along.
    pub given: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { max_bytes: LINE_LIMIT, given: true }
    }
}

/// Reads the documents of `inputs`: files, folders, or `-` for standard input.
///
/// Folders are walked in the order of their names. What cannot be read becomes a [`Reject`], one for
/// each document where documents can be told apart, and reading goes on: the items are all documents
/// that came in.
pub fn read(inputs: Vec<PathBuf>, settings: Settings) -> Documents {
    Documents {
        inputs: inputs.into_iter(),
        files: Box::new(std::iter::empty()),
        current: None,
        line: None,
        ids: HashSet::new(),
        settings,
    }
}

/// The documents of some inputs, read as they are asked for.
pub struct Documents {
    inputs: std::vec::IntoIter<PathBuf>,
    files: walk::Files,
    current: Option<OpenFile>,
    /// Line of the item that was read last.
    line: Option<usize>,
    /// Hashes of the ids seen: the evidence of records refers to documents by id, so that none may
    /// stand for two.
    ids: HashSet<u64>,
    settings: Settings,
}

/// A file that is being read.
struct OpenFile {
    path: PathBuf,
    entries: Entries,
    empty: bool,
}

type Entries = Box<dyn Iterator<Item = Entry> + Send>;

/// A document of a file, or what is wrong with it.
struct Entry {
    /// The line that it begins in, where a file holds several.
    line: Option<usize>,
    document: Result<Document, Refusal>,
}

impl Iterator for Documents {
    type Item = Result<Document, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(file) = &mut self.current {
                match file.entries.next() {
                    Some(entry) => {
                        file.empty = false;
                        return Some(self.take(entry));
                    }
                    None if file.empty => {
                        let reject = Reject::new(&file.path, None, Refusal::NoDocument);
                        self.current = None;
                        return Some(Err(reject));
                    }
                    None => self.current = None,
                }
            }
            match self.next_file()?.and_then(|path| self.open(path)) {
                Ok(file) => self.current = Some(file),
                Err(reject) => return Some(Err(reject)),
            }
        }
    }
}

impl Documents {
    /// Where the document was read that the iterator gave last: its file and, where a file holds several, its line.
    pub fn place(&self) -> (&Path, Option<usize>) {
        (self.current.as_ref().map_or(Path::new("-"), |file| &file.path), self.line)
    }

    fn next_file(&mut self) -> Option<Result<PathBuf, Reject>> {
        loop {
            if let Some(file) = self.files.next() {
                return Some(file);
            }
            self.files = walk::files(self.inputs.next()?);
        }
    }

    fn open(&self, path: PathBuf) -> Result<OpenFile, Reject> {
        match entries(&path, self.settings) {
            Ok(entries) => Ok(OpenFile { path, entries, empty: true }),
            Err(refusal) => Err(Reject::new(&path, None, refusal)),
        }
    }

    fn take(&mut self, entry: Entry) -> Result<Document, Reject> {
        let document = entry.document.and_then(|document| {
            let mut hasher = DefaultHasher::new();
            document.meta.id.hash(&mut hasher);
            if self.ids.insert(hasher.finish()) {
                Ok(document)
            } else {
                Err(Refusal::IdTwice(document.meta.id))
            }
        });
        self.line = entry.line;
        let (path, line) = self.place();
        document.map_err(|refusal| Reject::new(path, line, refusal))
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    JsonLines,
    Commas,
    Tabs,
    Parquet,
    Html,
}

impl Form {
    /// What the suffix of `path` says, that of its compression left aside.
    fn of(path: &Path) -> Result<Form, Refusal> {
        let stem = match Compression::of(path) {
            Compression::None => path.to_owned(),
            _ => path.with_extension(""),
        };
        let suffix = stem.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match suffix.as_str() {
            "txt" => Ok(Form::Plain),
            "jsonl" | "ndjson" => Ok(Form::JsonLines),
            "csv" => Ok(Form::Commas),
            "tsv" => Ok(Form::Tabs),
            "html" | "htm" => Ok(Form::Html),
            "parquet" => Ok(Form::Parquet),
            _ => Err(Refusal::Suffix(suffix)),
        }
    }

    /// What a stream without a name holds: JSON if it begins like an object, Parquet by its mark, otherwise one text.
    fn sniff(head: &[u8]) -> Form {
        let head = head.strip_prefix(super::source::BOM.as_bytes()).unwrap_or(head);
        match head.trim_ascii_start() {
            [b'{', ..] => Form::JsonLines,
            [b'P', b'A', b'R', b'1', ..] => Form::Parquet,
            _ => Form::Plain,
        }
    }
}

fn entries(path: &Path, settings: Settings) -> Result<Entries, Refusal> {
    let name = path.to_string_lossy().into_owned();
    let (form, source) = if path == Path::new(STDIN) {
        let mut source = open(path)?;
        (Form::sniff(source.fill_buf()?), source)
    } else {
        match Form::of(path)? {
            Form::Parquet => return Ok(Box::new(parquet::entries(name, parquet::open_table(path)?, settings)?)),
            form => (form, open(path)?),
        }
    };
    Ok(match form {
        Form::Plain => Box::new(std::iter::once_with(move || plain::entry(name, source, settings))),
        Form::Html => Box::new(std::iter::once_with(move || html::entry(name, source, settings))),
        Form::JsonLines => Box::new(json_lines::entries(name, source, settings)),
        Form::Commas => Box::new(columns::entries(name, source, b',', settings)?),
        Form::Tabs => Box::new(columns::entries(name, source, b'\t', settings)?),
        Form::Parquet => Box::new(parquet::entries(name, parquet::spooled(source)?, settings)?),
    })
}

/// The whole of a stream that holds one document.
fn whole(mut source: Source, settings: Settings) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    let limit = settings.max_bytes;
    io::Read::read_to_end(&mut io::Read::take(&mut source, limit as u64 + 1), &mut bytes)?;
    if bytes.len() > limit {
        return Err(Refusal::TooLarge(limit));
    }
    let mut text = String::from_utf8(bytes).map_err(|e| Refusal::Encoding(e.utf8_error().valid_up_to() as u64))?;
    if text.starts_with(super::source::BOM) {
        text.drain(..super::source::BOM.len());
    }
    Ok(text)
}
