//! An aggregate in a file, one line a document: what its sentences claim, without the rest of its text.
//!
//! Such a file stands for the annotations that it was made of: aggregates and annotations add up to the same
//! records in any split and order.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::aggregate::{Aggregate, Diagnostics};
use super::fingerprint::Fingerprint;
use super::reading::{ClaimKey, Document, DocumentKey, Reading, Sentence};
use super::telling::Telling;
use super::when::When;
use crate::corpus::runs::Keyed;
use crate::corpus::{standoff, Malformed};
use crate::document::{Act, ActorCode, Annotation, Date, Event, Modality, Probability, Stance};

/// How a line of an aggregate begins, which no annotation does.
const BEGINNING: &str = "{\"fingerprint\":";

/// A line of what can be aggregated.
#[derive(Debug)]
pub enum Part {
    /// An annotated document.
    Annotation(Box<Annotation>),
    /// A document of an earlier aggregate.
    Stored(StoredDocument),
}

impl Part {
    /// Reads a line of annotations or of an aggregate.
    pub fn parse(line: &str) -> Result<Self, Malformed> {
        if line.starts_with(BEGINNING) {
            StoredDocument::parse(line).map(Part::Stored)
        } else {
            standoff::parse(line).map(|annotation| Part::Annotation(Box::new(annotation)))
        }
    }
}

/// What one document claims.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredDocument {
    fingerprint: Fingerprint,
    id: String,
    date: Option<Date>,
    source: Option<String>,
    relations: usize,
    unlinked: usize,
    internal: usize,
    sentences: Vec<StoredSentence>,
    claims: Vec<StoredClaim>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredSentence {
    start: usize,
    end: usize,
    text: Box<str>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredClaim {
    actor: ActorCode,
    counterpart: ActorCode,
    /// Index of the sentence.
    sent: usize,
    src: Box<str>,
    tgt: Box<str>,
    event: Event,
    act: Act,
    stance: Stance,
    modality: Modality,
    when: Option<Date>,
    order: Option<Date>,
    since: Option<Date>,
    ended: bool,
    score: Probability,
}

impl StoredDocument {
    fn parse(line: &str) -> Result<Self, Malformed> {
        let document: StoredDocument = serde_json::from_str(line)?;
        let sentences = document.sentences.len();
        match document.claims.iter().position(|c| c.sent >= sentences) {
            Some(relation) => Err(Malformed::Sentence { relation, sent: document.claims[relation].sent, sentences }),
            None => Ok(document),
        }
    }

    /// Claims of a document.
    pub(super) fn of(key: &DocumentKey, fingerprint: Fingerprint, claims: Vec<(ClaimKey, Reading)>) -> Self {
        let mut sentences: Vec<Arc<Sentence>> = claims.iter().map(|(_, r)| Arc::clone(&r.sentence)).collect();
        sentences.sort_unstable();
        sentences.dedup();
        let claim = |(claim, reading): (ClaimKey, Reading)| StoredClaim {
            actor: claim.src,
            counterpart: claim.tgt,
            sent: sentences.partition_point(|s| **s < *reading.sentence),
            src: reading.src,
            tgt: reading.tgt,
            event: claim.event,
            act: claim.act,
            stance: reading.stance,
            modality: claim.modality,
            when: reading.when.date,
            order: reading.when.order,
            since: reading.when.since,
            ended: reading.when.ended,
            score: reading.score,
        };
        let claims = claims.into_iter().map(claim).collect();
        let text = |s: Arc<Sentence>| Arc::try_unwrap(s).map_or_else(|s| s.text.clone(), |s| s.text);
        let sentence = |s: Arc<Sentence>| StoredSentence { start: s.start, end: s.end, text: text(s) };
        StoredDocument {
            fingerprint,
            id: key.id.clone(),
            date: key.date,
            source: key.source.clone(),
            relations: 0,
            unlinked: 0,
            internal: 0,
            claims,
            sentences: sentences.into_iter().map(sentence).collect(),
        }
    }

    /// The whole of a document.
    fn whole(key: &DocumentKey, document: Document) -> Self {
        let Document { fingerprint, claims, relations, unlinked, internal } = document;
        let stored = StoredDocument::of(key, fingerprint, claims.into_iter().collect());
        StoredDocument { relations, unlinked, internal, ..stored }
    }

    /// Its claims in the order in which they were stored.
    pub(super) fn restored_claims(self) -> (Arc<DocumentKey>, Fingerprint, Vec<(ClaimKey, Reading)>) {
        let key = Arc::new(DocumentKey { date: self.date, id: self.id, source: self.source });
        let sentences: Vec<Arc<Sentence>> = self
            .sentences
            .into_iter()
            .map(|s| Arc::new(Sentence { document: Arc::clone(&key), start: s.start, end: s.end, text: s.text }))
            .collect();
        let claim = |c: StoredClaim| {
            let sentence = Arc::clone(&sentences[c.sent]);
            let StoredClaim { actor: src, counterpart: tgt, act, event, modality, .. } = c;
            let when = When { date: c.when, order: c.order, since: c.since, ended: c.ended };
            let reading = Reading { src: c.src, tgt: c.tgt, stance: c.stance, when, score: c.score, sentence };
            (ClaimKey { src, tgt, start: reading.sentence.start, act, event, modality }, reading)
        };
        let claims = self.claims.into_iter().map(claim).collect();
        (key, self.fingerprint, claims)
    }

    fn restored(self) -> (Arc<DocumentKey>, Document) {
        let StoredDocument { relations, unlinked, internal, .. } = self;
        let (key, fingerprint, claims) = self.restored_claims();
        (key, Document { fingerprint, claims: claims.into_iter().collect(), relations, unlinked, internal })
    }

    /// Both of two versions of one document.
    pub fn merged(self, other: StoredDocument) -> StoredDocument {
        let ((key, mut document), (_, other)) = (self.restored(), other.restored());
        document.merge(other);
        StoredDocument::whole(&key, document)
    }

    /// What it tells of each of its pairs.
    pub fn tellings(self) -> Vec<Telling> {
        let (key, document) = self.restored();
        Telling::all_of(&key, document)
    }

    /// What of it did and did not become part of records.
    pub fn diagnostics(&self) -> Diagnostics {
        Diagnostics { documents: 1, relations: self.relations, unlinked: self.unlinked, internal: self.internal }
    }
}

impl Keyed for StoredDocument {
    type Key<'a> = DocumentOrder<'a>;

    fn key(&self) -> DocumentOrder<'_> {
        order(self.date, &self.id, self.source.as_deref())
    }
}

/// What the order of documents is by: dated before undated, then by date, name and source.
pub(super) type DocumentOrder<'a> = (bool, Option<Date>, &'a str, Option<&'a str>);

fn order<'a>(date: Option<Date>, id: &'a str, source: Option<&'a str>) -> DocumentOrder<'a> {
    (date.is_none(), date, id, source)
}

impl DocumentKey {
    /// Where the document stands in the order.
    pub(super) fn order(&self) -> DocumentOrder<'_> {
        order(self.date, &self.id, self.source.as_deref())
    }
}

impl Aggregate {
    /// What the documents claim, one after the other, in the order of their dates and names.
    pub fn stored(&self) -> impl Iterator<Item = StoredDocument> + '_ {
        let mut documents: Vec<_> = self.documents().collect();
        documents.sort_unstable_by_key(|(key, _)| *key);
        documents.into_iter().map(|(key, document)| StoredDocument::whole(key, document.clone()))
    }

    /// The same, each document being forgotten when it is given.
    pub fn into_stored(self) -> impl Iterator<Item = StoredDocument> {
        let mut documents = self.into_documents();
        documents.par_sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        documents.into_iter().map(|(key, document)| StoredDocument::whole(&key, document))
    }

    /// Adds what lines of annotations and of earlier aggregates tell, on all threads.
    pub fn add_parts(&mut self, parts: Vec<Part>) {
        let fold = |part| match part {
            Part::Annotation(annotation) => Document::of(&annotation),
            Part::Stored(stored) => stored.restored(),
        };
        let documents: Vec<_> = parts.into_par_iter().map(fold).collect();
        documents.into_iter().for_each(|(key, document)| self.insert(key, document));
    }
}
