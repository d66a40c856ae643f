//! The driver of the second half: from what documents claim to records, within a given memory.
//!
//! ```text
//! documents ─▶ aggregate ─▶ by document, versions merged ─▶ what each tells of each pair ─▶ by pair ─▶ records
//!                  └─ runs ────────┘                                            └─ runs ──┘
//! ```
//!
//! Both orders are those of [`records`](crate::records), so the memory and the split of the input change nothing (I1,
//! I7). What does not fit is written to sorted [`runs`](crate::corpus::runs) and read back in order (I5). What the
//! memory must hold in any case is the largest document and all that is told of one pair, for its record is one line.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::corpus::runs::{Error, Keyed, Runs, RunsFolder};
use crate::document::{Annotation, Date};
use crate::records::{self, Aggregate, Diagnostics, Part, Record, Settings, StoredDocument, Telling};

/// Takes documents in and gives records out.
#[derive(Debug)]
pub struct Aggregation {
    settings: Settings,
    /// Bytes that half of the work may take: while tellings are sorted, the last documents are still there.
    half: usize,
    aggregate: Aggregate,
    documents: Runs<StoredDocument>,
    tellings: Runs<Telling>,
    folder: RunsFolder,
}

/// Where the results go, one by one, each kind in its order.
pub trait Sink {
    /// What ends the work.
    type Error: From<Error>;

    /// Takes what a document claims.
    fn document(&mut self, document: &StoredDocument) -> Result<(), Self::Error>;

    /// Takes the record of a pair.
    fn record(&mut self, record: &Record) -> Result<(), Self::Error>;
}

impl Aggregation {
    /// Nothing yet; up to `memory` bytes will be held, and the rest in the folder `spill`, which is gone in the end.
    ///
    /// # Errors
    /// When there is such a folder and what it holds cannot be removed.
    pub fn new(settings: Settings, memory: usize, spill: PathBuf) -> Result<Self, Error> {
        let folder = RunsFolder::new(spill)?;
        Ok(Aggregation {
            settings,
            half: memory / 2,
            aggregate: Aggregate::new(settings),
            documents: Runs::new(&folder, "documents"),
            tellings: Runs::new(&folder, "tellings"),
            folder,
        })
    }

    /// Adds what a document claims.
    pub fn add(&mut self, annotation: &Annotation) -> Result<(), Error> {
        self.aggregate.add(annotation);
        self.spill_documents()
    }

    /// Adds what lines of annotations and of earlier aggregates tell, on all threads.
    pub fn add_parts(&mut self, parts: Vec<Part>) -> Result<(), Error> {
        self.aggregate.add_parts(parts);
        self.spill_documents()
    }

    fn spill_documents(&mut self) -> Result<(), Error> {
        if self.aggregate.bytes() > self.half {
            let full = std::mem::replace(&mut self.aggregate, Aggregate::new(self.settings));
            self.documents.add(full.into_stored())?;
        }
        Ok(())
    }

    /// Gives all documents and then all records, those as of a day if one is given.
    pub fn finish<S: Sink>(mut self, as_of: Option<Date>, sink: &mut S) -> Result<Diagnostics, S::Error> {
        let (tellings, diagnostics) = self.by_document(sink)?;
        self.by_pair(tellings, as_of, sink)?;
        drop(self.folder);
        Ok(diagnostics)
    }

    /// Gives all documents; what remains in memory of what they tell, in order, is returned.
    fn by_document<S: Sink>(&mut self, sink: &mut S) -> Result<(Vec<Telling>, Diagnostics), S::Error> {
        let (mut tellings, mut bytes, mut diagnostics) = (Vec::new(), 0, Diagnostics::default());
        let rest = std::mem::replace(&mut self.aggregate, Aggregate::new(self.settings));
        let mut take = |document: StoredDocument| {
            sink.document(&document)?;
            diagnostics += document.diagnostics();
            for telling in document.tellings() {
                bytes += telling.bytes();
                tellings.push(telling);
            }
            if bytes > self.half {
                bytes = 0;
                self.tellings.add(sorted(std::mem::take(&mut tellings)))?;
            }
            Ok::<_, S::Error>(())
        };
        if self.documents.written() == 0 {
            rest.into_stored().try_for_each(&mut take)?;
        } else {
            self.documents.add(rest.into_stored())?;
            let mut last: Option<StoredDocument> = None;
            for document in self.documents.merged(Vec::new())? {
                let document = document?;
                match last.take() {
                    Some(before) if before.key() == document.key() => last = Some(before.merged(document)),
                    before => {
                        before.map_or(Ok(()), &mut take)?;
                        last = Some(document);
                    }
                }
            }
            last.map_or(Ok(()), &mut take)?;
        }
        Ok((sorted(tellings), diagnostics))
    }

    /// Gives the records of all pairs.
    fn by_pair<S: Sink>(&self, rest: Vec<Telling>, as_of: Option<Date>, sink: &mut S) -> Result<(), S::Error> {
        let mut batch: Vec<Telling> = Vec::new();
        let mut bytes = 0;
        let mut give = |batch: Vec<Telling>| {
            let records = records::records(&batch, &self.settings);
            drop(batch);
            let records: Vec<Record> = match as_of {
                Some(day) => records.into_par_iter().filter_map(|record| record.as_of(day)).collect(),
                None => records,
            };
            records.iter().try_for_each(|record| sink.record(record))
        };
        for telling in self.tellings.merged(rest)? {
            let telling = telling?;
            // Records take about as much again.
            if bytes > self.half / 4 && batch.last().is_some_and(|last| !last.is_of_pair_of(&telling)) {
                give(std::mem::take(&mut batch))?;
                bytes = 0;
            }
            bytes += telling.bytes();
            batch.push(telling);
        }
        give(batch)
    }
}

fn sorted(mut tellings: Vec<Telling>) -> Vec<Telling> {
    // No document tells of a pair twice, so all keys differ.
    tellings.par_sort_unstable_by(|a, b| a.key().cmp(&b.key()));
    tellings
}
