//! The record of a directed pair: the contract of `records.jsonl`.
//!
//! The order of fields here is their order in the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::facets::Status;
use crate::document::{Act, ActorCode, Date, Event, Facet, Modality, Probability, QuadClass, Stance};

/// All that is known of how one actor stands to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Who acts or holds the stance.
    pub actor: ActorCode,
    /// The state that the actor is or belongs to, or `INT`.
    pub country: String,
    /// At whom it is aimed.
    pub counterpart: ActorCode,
    /// The state that the counterpart is or belongs to, or `INT`.
    pub counterpart_country: String,
    /// Date of the earliest dated evidence.
    pub first: Option<Date>,
    /// Date of the latest evidence.
    pub last: Option<Date>,
    /// Documents that speak of the pair, copies included.
    pub documents: usize,
    /// Their sources; a document without one is a source of its own.
    pub sources: usize,
    /// Is the counterpart recognised.
    pub recognition: Option<FacetState>,
    /// At which level the two keep missions.
    pub representation: Option<FacetState>,
    /// Is the counterpart on a terror list.
    pub listing: Option<FacetState>,
    /// Are sanctions in force or threatened.
    pub sanctions: Option<FacetState>,
    /// Does trade expand or is it restricted.
    pub trade: Option<FacetState>,
    /// Do they cooperate or confront one another.
    pub security: Option<FacetState>,
    /// Have they joined or left a treaty.
    pub treaty: Option<FacetState>,
    /// Is aid given, pledged or suspended.
    pub aid: Option<FacetState>,
    /// Does the actor support a seat of the counterpart.
    pub seat: Option<FacetState>,
    /// Meetings and those who brokered them.
    pub contact: Contact,
    /// Stance of the actor towards the counterpart.
    pub stance: StanceSummary,
    /// Happenings by event, of those that took place: what several sentences or sources tell counts once.
    pub events: BTreeMap<Event, usize>,
    /// The same by quad class; every class is present.
    pub quad: BTreeMap<QuadClass, usize>,
    /// Happenings by act and modality; every modality is present.
    pub acts: BTreeMap<Act, BTreeMap<Modality, usize>>,
    /// Stances by month, without gaps filled.
    pub timeline: Vec<Month>,
    /// What the evidence tells of, in the order of the first report.
    pub happenings: Vec<Happening>,
    /// Evidence of one time that disagrees.
    pub conflicts: Vec<Conflict>,
    /// The proof, one entry a sentence and claim, copies folded together; dated first, in the order of dates.
    pub evidence: Vec<Evidence>,
}

impl Record {
    /// State of a facet, if any evidence speaks of it.
    pub fn facet(&self, facet: Facet) -> Option<&FacetState> {
        match facet {
            Facet::Recognition => self.recognition.as_ref(),
            Facet::Representation => self.representation.as_ref(),
            Facet::Listing => self.listing.as_ref(),
            Facet::Sanctions => self.sanctions.as_ref(),
            Facet::Trade => self.trade.as_ref(),
            Facet::Security => self.security.as_ref(),
            Facet::Treaty => self.treaty.as_ref(),
            Facet::Aid => self.aid.as_ref(),
            Facet::Seat => self.seat.as_ref(),
        }
    }

    pub(super) fn facet_mut(&mut self, facet: Facet) -> &mut Option<FacetState> {
        match facet {
            Facet::Recognition => &mut self.recognition,
            Facet::Representation => &mut self.representation,
            Facet::Listing => &mut self.listing,
            Facet::Sanctions => &mut self.sanctions,
            Facet::Trade => &mut self.trade,
            Facet::Security => &mut self.security,
            Facet::Treaty => &mut self.treaty,
            Facet::Aid => &mut self.aid,
            Facet::Seat => &mut self.seat,
        }
    }
}

/// State of one facet and how it came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FacetState {
    /// The current status.
    pub status: Status,
    /// When the unbroken run of that status began, as precisely as the evidence tells: the time that a sentence gives,
    /// or the date of the document that brings the news. None for a state of affairs whose beginning is not told.
    pub since: Option<Date>,
    /// Probability that the status holds, below 1.
    pub confidence: Probability,
    /// Indices of the evidence of the run in [`Record::evidence`].
    pub evidence: Vec<usize>,
    /// What was before, in the order of time.
    pub history: Vec<Past>,
}

/// A status that no longer holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The status.
    pub status: Status,
    /// When it began, or else the date of its earliest dated evidence. None where only its end is told.
    pub from: Option<Date>,
    /// The same of what replaced it.
    pub to: Option<Date>,
    /// Probability that it held, below 1.
    pub confidence: Probability,
    /// Indices of its evidence, or of that of its end, in [`Record::evidence`].
    pub evidence: Vec<usize>,
}

/// Meetings of the pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Distinct dates of meetings that took place, and undated documents that tell of one.
    pub meetings: usize,
    /// Date of the last one.
    pub last: Option<Date>,
    /// Actors that mediated between the two in a document about the pair.
    pub mediators: Vec<ActorCode>,
}

/// Stance of the actor towards the counterpart over all evidence of what happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StanceSummary {
    /// The stance with the greatest sum of scores; a side taken prevails over as much neutral evidence.
    /// `neutral` as well where the score lies between -0.1 and 0.1, for then the sides are in balance.
    pub label: Stance,
    /// Sum of the scores in favour minus those against, over the sum of all; in `[-1, 1]`.
    #[serde(serialize_with = "four_decimals")]
    pub score: f64,
    /// Pieces of evidence in favour.
    pub favor: usize,
    /// Pieces of evidence that are neutral.
    pub neutral: usize,
    /// Pieces of evidence against.
    pub against: usize,
}

/// Finer differences mean nothing and would make files differ between machines.
fn four_decimals<S: Serializer>(x: &f64, s: S) -> Result<S::Ok, S::Error> {
    // Adding zero turns a negative zero into zero.
    s.serialize_f64((x * 10_000.0).round() / 10_000.0 + 0.0)
}

/// Stances in one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Month {
    /// The month.
    pub month: Date,
    /// Pieces of evidence in favour.
    pub favor: usize,
    /// Pieces of evidence that are neutral.
    pub neutral: usize,
    /// Pieces of evidence against.
    pub against: usize,
}

/// Something that one or several pieces of evidence tell of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// PLOVER root class.
    pub event: Event,
    /// What it is about.
    pub act: Act,
    /// Whether it happened.
    pub modality: Modality,
    /// When it took place, as precisely as a report tells, or the date of the first report.
    pub day: Option<Date>,
    /// Probability that at least one independent report of it is right, below 1: copies count once, and so does each
    /// source.
    pub confidence: Probability,
    /// Documents that tell of it, copies included.
    pub documents: usize,
    /// Sources of these documents by name, copies included.
    pub sources: Vec<String>,
}

/// Evidence that disagrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The facet.
    pub facet: Facet,
    /// The statuses in question; a single one is disputed by its denial.
    pub statuses: Vec<Status>,
    /// Indices of the evidence of all sides in [`Record::evidence`].
    pub evidence: Vec<usize>,
}

/// A sentence that shows one act of the pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Name of the document.
    pub document: String,
    /// Who published it.
    pub source: Option<String>,
    /// When it was published.
    pub date: Option<Date>,
    /// When the act took place or the state of affairs began, where the sentence says so.
    pub when: Option<Date>,
    /// First character of the sentence, in Unicode scalar values of the document's text.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The sentence.
    pub text: String,
    /// What the sentence calls the actor, or the entity's name where it only points to it.
    pub src: String,
    /// The same of the counterpart.
    pub tgt: String,
    /// PLOVER root class.
    pub event: Event,
    /// What it is about.
    pub act: Act,
    /// Stance of the actor.
    pub stance: Stance,
    /// Whether the act happened.
    pub modality: Modality,
    /// Probability of the relation times those of the two actor codes.
    pub score: Probability,
    /// Index of what it tells of in [`Record::happenings`].
    pub happening: usize,
    /// Copies of the sentence in this and other documents that are not listed.
    pub duplicates: usize,
}

impl Evidence {
    /// The date that the evidence counts for: when the act took place, or else that of the document.
    pub fn day(&self) -> Option<Date> {
        self.when.or(self.date)
    }
}
