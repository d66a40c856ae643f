//! The set of all that documents claim, and the records computed from it.

use std::collections::hash_map::{Entry, HashMap};
use std::ops::AddAssign;
use std::sync::Arc;

use rayon::prelude::*;

use super::reading::{Document, DocumentKey};
use super::record::Record;
use super::stored::StoredDocument;
use super::telling::{self, Telling};
use super::Settings;
use crate::corpus::runs::Keyed;
use crate::document::Annotation;

/// All that some documents claim. Adding a document again changes nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Aggregate {
    settings: Settings,
    documents: HashMap<Arc<DocumentKey>, Document>,
    /// About how much memory the documents take.
    bytes: usize,
}

/// What did and did not become part of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Diagnostics {
    /// Documents, with or without relations.
    pub documents: usize,
    /// Their relations.
    pub relations: usize,
    /// Relations with a side that is no known actor; not recorded.
    pub unlinked: usize,
    /// Relations of an actor to itself, such as a government and its police; not recorded.
    pub internal: usize,
}

impl Aggregate {
    /// An aggregate of nothing.
    pub fn new(settings: Settings) -> Self {
        Aggregate { settings, documents: HashMap::new(), bytes: 0 }
    }

    /// Adds what a document claims.
    pub fn add(&mut self, annotation: &Annotation) {
        let (key, document) = Document::of(annotation);
        self.insert(key, document);
    }

    /// Adds all that another aggregate holds; the settings stay.
    pub fn merge(&mut self, other: Aggregate) {
        for (key, document) in other.documents {
            self.insert(key, document);
        }
    }

    /// The documents, in no order.
    pub(super) fn documents(&self) -> impl Iterator<Item = (&DocumentKey, &Document)> {
        self.documents.iter().map(|(key, document)| (&**key, document))
    }

    pub(super) fn into_documents(self) -> Vec<(Arc<DocumentKey>, Document)> {
        self.documents.into_iter().collect()
    }

    pub(super) fn insert(&mut self, key: Arc<DocumentKey>, document: Document) {
        match self.documents.entry(key) {
            Entry::Vacant(e) => self.bytes += e.insert(document).bytes(),
            Entry::Occupied(mut e) => {
                self.bytes -= e.get().bytes();
                e.get_mut().merge(document);
                self.bytes += e.get().bytes();
            }
        }
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Counts over all documents.
    pub fn diagnostics(&self) -> Diagnostics {
        let mut sum = Diagnostics::default();
        for d in self.documents.values() {
            sum += Diagnostics { documents: 1, relations: d.relations, unlinked: d.unlinked, internal: d.internal };
        }
        sum
    }

    /// The record of every pair, sorted by both codes.
    pub fn records(&self) -> Vec<Record> {
        let mut tellings: Vec<Telling> = self.stored().flat_map(StoredDocument::tellings).collect();
        tellings.par_sort_unstable_by(|a, b| a.key().cmp(&b.key()));
        telling::records(&tellings, &self.settings)
    }
}

impl AddAssign for Diagnostics {
    fn add_assign(&mut self, other: Diagnostics) {
        self.documents += other.documents;
        self.relations += other.relations;
        self.unlinked += other.unlinked;
        self.internal += other.internal;
    }
}
