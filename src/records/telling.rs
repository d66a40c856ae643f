//! What one document tells of one pair: the unit from which records are made.
//!
//! Tellings in the order of pairs, and of documents within a pair, are all that records depend on. So what does not
//! fit into memory can be sorted elsewhere, and a record needs no more than the tellings of its pair.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::reading::{ClaimKey, Document, DocumentKey, Reading};
use super::record::Record;
use super::stored::{DocumentOrder, StoredDocument};
use super::{summary, Settings};
use crate::corpus::runs::Keyed;
use crate::document::{Act, ActorCode, Modality};

/// What one document tells of one directed pair.
#[derive(Debug, Clone)]
pub struct Telling {
    pub(super) actor: ActorCode,
    pub(super) counterpart: ActorCode,
    pub(super) document: Arc<DocumentKey>,
    pub(super) fingerprint: Fingerprint,
    /// Who mediated between the two.
    pub(super) mediators: Vec<ActorCode>,
    /// In the order of sentences, acts, events and modalities.
    pub(super) claims: Vec<(ClaimKey, Reading)>,
}

impl Telling {
    /// What a document tells of each of its pairs, in their order.
    pub(super) fn all_of(key: &Arc<DocumentKey>, document: Document) -> Vec<Telling> {
        let Document { fingerprint, claims, .. } = document;
        let mediations: BTreeSet<(ActorCode, ActorCode)> = (claims.keys())
            .filter(|c| c.act == Act::ContactMediate && c.modality == Modality::Actual)
            .map(|c| (c.tgt.clone(), c.src.clone()))
            .collect();
        let mediated = |side: &ActorCode| -> BTreeSet<&ActorCode> {
            mediations.iter().filter(|(tgt, _)| tgt == side).map(|(_, src)| src).collect()
        };
        let mut tellings: Vec<Telling> = Vec::new();
        for (claim, reading) in claims {
            match tellings.last_mut() {
                Some(t) if (&t.actor, &t.counterpart) == (&claim.src, &claim.tgt) => t.claims.push((claim, reading)),
                _ => tellings.push(Telling {
                    actor: claim.src.clone(),
                    counterpart: claim.tgt.clone(),
                    document: Arc::clone(key),
                    fingerprint: fingerprint.clone(),
                    mediators: mediated(&claim.src).intersection(&mediated(&claim.tgt)).map(|&m| m.clone()).collect(),
                    claims: vec![(claim, reading)],
                }),
            }
        }
        for telling in &mut tellings {
            telling.claims.sort_unstable_by(|(a, x), (b, y)| {
                let order = |c: &ClaimKey| (c.act, c.event, c.modality);
                x.sentence.cmp(&y.sentence).then_with(|| order(a).cmp(&order(b)))
            });
        }
        tellings
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        let claims: usize = self.claims.iter().map(|(claim, reading)| reading.bytes(claim)).sum();
        // A sentence is shared by the claims that it shows, and by other pairs, which matters little.
        let shows = |(_, reading): &(ClaimKey, Reading)| Arc::as_ptr(&reading.sentence);
        let sentences =
            self.claims.chunk_by(|a, b| shows(a) == shows(b)).map(|c| c[0].1.sentence.bytes()).sum::<usize>();
        size_of::<Telling>()
            + FIXED_BYTES
            + self.claims.capacity() * size_of::<(ClaimKey, Reading)>()
            + claims
            + sentences
    }

    /// Whether both tell of one pair.
    pub fn is_of_pair_of(&self, other: &Telling) -> bool {
        (&self.actor, &self.counterpart) == (&other.actor, &other.counterpart)
    }
}

/// What the parts of a telling take that it shares with others of its document, and the allocator's own.
const FIXED_BYTES: usize = 400;

impl Keyed for Telling {
    type Key<'a> = (&'a ActorCode, &'a ActorCode, DocumentOrder<'a>);

    fn key(&self) -> Self::Key<'_> {
        (&self.actor, &self.counterpart, self.document.order())
    }
}

/// A telling as a line of a file.
#[derive(Serialize, Deserialize)]
struct StoredTelling {
    actor: ActorCode,
    counterpart: ActorCode,
    mediators: Vec<ActorCode>,
    document: StoredDocument,
}

impl Serialize for Telling {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let stored = StoredTelling {
            actor: self.actor.clone(),
            counterpart: self.counterpart.clone(),
            mediators: self.mediators.clone(),
            document: StoredDocument::of(&self.document, self.fingerprint.clone(), self.claims.clone()),
        };
        stored.serialize(s)
    }
}

impl<'de> Deserialize<'de> for Telling {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let StoredTelling { actor, counterpart, mediators, document } = StoredTelling::deserialize(d)?;
        let (document, fingerprint, claims) = document.restored_claims();
        Ok(Telling { actor, counterpart, document, fingerprint, mediators, claims })
    }
}

/// The record of each pair; `tellings` must be in their order and all that there are of their pairs.
pub fn records(tellings: &[Telling], settings: &Settings) -> Vec<Record> {
    let pairs: Vec<&[Telling]> = tellings.chunk_by(Telling::is_of_pair_of).collect();
    pairs.into_par_iter().map(|pair| summary::record(pair, settings)).collect()
}
