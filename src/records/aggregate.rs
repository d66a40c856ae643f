//! The set of all that documents claim, and the records computed from it.

use std::collections::hash_map::{Entry, HashMap};
use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::reading::{ClaimKey, Document, DocumentKey, Reading};
use super::record::Record;
use super::summary::{self, Pair};
use super::Settings;
use crate::document::{Act, ActorCode, Annotation, Modality};

/// All that some documents claim. Adding a document again changes nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Aggregate {
    settings: Settings,
    documents: HashMap<Arc<DocumentKey>, Document>,
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
        Aggregate { settings, documents: HashMap::new() }
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

    pub(super) fn insert(&mut self, key: Arc<DocumentKey>, document: Document) {
        match self.documents.entry(key) {
            Entry::Vacant(e) => {
                e.insert(document);
            }
            Entry::Occupied(mut e) => e.get_mut().merge(document),
        }
    }

    /// Counts over all documents.
    pub fn diagnostics(&self) -> Diagnostics {
        let mut d = Diagnostics { documents: self.documents.len(), ..Diagnostics::default() };
        for document in self.documents.values() {
            d.relations += document.relations;
            d.unlinked += document.unlinked;
            d.internal += document.internal;
        }
        d
    }

    /// The record of every pair, sorted by both codes.
    pub fn records(&self) -> Vec<Record> {
        let mut pairs: BTreeMap<(&ActorCode, &ActorCode), Vec<(&ClaimKey, &Reading)>> = BTreeMap::new();
        let mut mediations: HashMap<&DocumentKey, Vec<(&ActorCode, &ActorCode)>> = HashMap::new();
        for (key, document) in &self.documents {
            for (claim, reading) in &document.claims {
                pairs.entry((&claim.src, &claim.tgt)).or_default().push((claim, reading));
                if claim.act == Act::ContactMediate && claim.modality == Modality::Actual {
                    mediations.entry(key).or_default().push((&claim.src, &claim.tgt));
                }
            }
        }
        let pairs: Vec<_> = pairs.into_iter().collect();
        pairs
            .into_par_iter()
            .map(|((actor, counterpart), mut claims)| {
                // The map of documents has no order; from here on everything has.
                claims.sort_unstable_by_key(|&(claim, reading)| {
                    (&reading.sentence, claim.act, claim.event, claim.modality)
                });
                summary::record(
                    &Pair { actor, counterpart, claims, documents: &self.documents, mediations: &mediations },
                    &self.settings,
                )
            })
            .collect()
    }
}
