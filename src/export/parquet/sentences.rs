//! Embeddings of sentences on their way from the documents, where they are made, to the records, where they are proof.
//!
//! The order of records is another than that of documents. So the numbers wait in a temporary file, and only their
//! places in memory.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use super::Embedding;
use crate::records::Evidence;

/// Embeddings of sentences, while they are collected.
pub struct Collector {
    file: BufWriter<File>,
    places: HashMap<u64, u64>,
    next: u64,
}

impl Collector {
    /// Begins with none.
    pub fn new() -> io::Result<Self> {
        let file = BufWriter::new(tempfile::tempfile()?);
        Ok(Collector { file, places: HashMap::new(), next: 0 })
    }

    /// Adds the sentence of a document that lies at characters `start` to `end`.
    pub fn add(&mut self, document: &str, [start, end]: [usize; 2], embedding: &[f32]) -> io::Result<()> {
        embedding.iter().try_for_each(|x| self.file.write_all(&x.to_le_bytes()))?;
        self.places.insert(key(document, start, end), self.next);
        self.next += 4 * embedding.len() as u64;
        Ok(())
    }

    /// Ends the collection of embeddings of `size` numbers.
    pub fn finish(self, size: usize) -> io::Result<Sentences> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Sentences { file, places: self.places, size })
    }
}

/// Embeddings of sentences, to look up.
pub struct Sentences {
    file: File,
    places: HashMap<u64, u64>,
    size: usize,
}

impl Sentences {
    /// The embedding of a piece of evidence; none where its sentence is not there.
    pub fn of(&mut self, evidence: &Evidence) -> io::Result<Embedding> {
        let Some(&place) = self.places.get(&key(&evidence.document, evidence.start, evidence.end)) else {
            return Ok(None);
        };
        let mut bytes = vec![0; 4 * self.size];
        self.file.seek(SeekFrom::Start(place))?;
        self.file.read_exact(&mut bytes)?;
        let numbers = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        Ok(Some(numbers.collect()))
    }
}

/// What stands for a sentence: it is shorter than its document's name, and no two of a corpus will share it.
fn key(document: &str, start: usize, end: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    (document, start, end).hash(&mut hasher);
    hasher.finish()
}
