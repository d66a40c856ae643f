//! The files that aggregation ends in.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context, Result};
use demarche::aggregation::{Aggregation, Sink};
use demarche::document::Date;
use demarche::export::{jsonl, Error};
use demarche::records::{Diagnostics, Record, Settings, StoredDocument};

use super::flags::MemoryFlags;
use super::output::{cannot_spill, PartialFile};
use super::run_folder::RunFolder;

/// Folder in the output folder where waits what the memory does not hold; gone in the end.
const SPILL: &str = "aggregate.spill";

/// Begins an aggregation in the folder. It is locked, so nobody else uses what is in it.
pub fn aggregation(folder: &RunFolder, memory: &MemoryFlags) -> Result<Aggregation> {
    Aggregation::new(Settings::default(), memory.memory.0, folder.path(SPILL)).map_err(cannot_spill)
}

/// `records.jsonl` and, where asked for, `aggregate.jsonl`.
pub struct RecordsFiles {
    records: PartialFile,
    documents: Option<PartialFile>,
    written: usize,
}

impl RecordsFiles {
    /// Begins the files.
    pub fn create(folder: &RunFolder, with_documents: bool) -> Result<Self> {
        let documents = with_documents.then(|| folder.file("aggregate.jsonl")).transpose()?;
        Ok(RecordsFiles { records: folder.file("records.jsonl")?, documents, written: 0 })
    }

    /// Writes all that the aggregation gives; tells how many records there are and what they are of.
    pub fn write(&mut self, aggregation: Aggregation, as_of: Option<Date>) -> Result<(usize, Diagnostics)> {
        let diagnostics =
            aggregation.finish(as_of, self).map_err(|error| error.downcast().map_or_else(|e| e, cannot_spill))?;
        Ok((self.written, diagnostics))
    }

    /// The records that were written, from the first one on.
    pub fn records(&mut self) -> Result<RecordLines> {
        self.records.write_with(|file| file.flush())?;
        RecordLines::open(self.records.partial().to_owned())
    }

    /// The files, to be finished.
    pub fn files(self) -> impl Iterator<Item = PartialFile> {
        std::iter::once(self.records).chain(self.documents)
    }
}

impl Sink for RecordsFiles {
    type Error = anyhow::Error;

    fn document(&mut self, document: &StoredDocument) -> Result<()> {
        self.documents.as_mut().map_or(Ok(()), |file| file.write_json_line(document))
    }

    fn record(&mut self, record: &Record) -> Result<()> {
        self.written += 1;
        self.records.write_json_line(record)
    }
}

/// The records of a file, one after the other.
pub struct RecordLines {
    path: PathBuf,
    lines: Box<dyn Iterator<Item = Result<Record, Error>>>,
    /// Why they ended before their time.
    failure: Option<Error>,
}

impl RecordLines {
    /// Opens a file.
    pub fn open(path: PathBuf) -> Result<Self> {
        let file = File::open(&path)
            .with_context(|| format!("cannot read {}; give the records.jsonl of a `demarche run`", path.display()))?;
        Ok(RecordLines::read(path, BufReader::new(file)))
    }

    /// Reads from what is told of as `path`.
    pub fn read(path: PathBuf, lines: impl BufRead + 'static) -> Self {
        RecordLines { path, lines: Box::new(jsonl::read(lines)), failure: None }
    }

    /// Fails if not all could be read.
    pub fn ended(&mut self) -> Result<()> {
        let failure = self.failure.take();
        failure.map_or(Ok(()), |e| Err(e).with_context(|| format!("cannot read {}", self.path.display())))
    }
}

impl Iterator for RecordLines {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        match self.lines.next()? {
            Ok(record) => Some(record),
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }
}
