//! An aggregate in a file, one line a document: what its sentences claim, without the rest of its text.
//!
//! Such a file stands for the annotations that it was made of: aggregates and annotations add up to the same
//! records in any split and order.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::reading::{ClaimKey, Document, DocumentKey, Reading, Sentence};
use super::when::When;
use super::Aggregate;
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

    fn of(key: &DocumentKey, document: &Document) -> Self {
        let mut sentences: Vec<&Arc<Sentence>> = document.claims.values().map(|r| &r.sentence).collect();
        sentences.sort_unstable();
        sentences.dedup();
        let claim = |(claim, reading): (&ClaimKey, &Reading)| StoredClaim {
            actor: claim.src.clone(),
            counterpart: claim.tgt.clone(),
            sent: sentences.partition_point(|s| **s < reading.sentence),
            src: reading.src.clone(),
            tgt: reading.tgt.clone(),
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
        StoredDocument {
            fingerprint: document.fingerprint.clone(),
            id: key.id.clone(),
            date: key.date,
            source: key.source.clone(),
            relations: document.relations,
            unlinked: document.unlinked,
            internal: document.internal,
            claims: document.claims.iter().map(claim).collect(),
            sentences: sentences
                .into_iter()
                .map(|s| StoredSentence { start: s.start, end: s.end, text: s.text.clone() })
                .collect(),
        }
    }

    fn restored(self) -> (Arc<DocumentKey>, Document) {
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
        let document = Document {
            fingerprint: self.fingerprint,
            claims: self.claims.into_iter().map(claim).collect(),
            relations: self.relations,
            unlinked: self.unlinked,
            internal: self.internal,
        };
        (key, document)
    }
}

impl Aggregate {
    /// What the documents claim, one after the other, in the order of their dates and names.
    pub fn stored(&self) -> impl Iterator<Item = StoredDocument> + '_ {
        let mut documents: Vec<_> = self.documents().collect();
        documents.sort_unstable_by_key(|(key, _)| *key);
        documents.into_iter().map(|(key, document)| StoredDocument::of(key, document))
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
