//! Records as other programs and people want them: JSON Lines, flat CSV, a table for the terminal.
//!
//! Whatever the text says is data: each writer escapes what its readers would take for more.

use std::io;

pub mod csv;
pub mod jsonl;
pub mod table;

use crate::document::{ActorCode, Facet};
use crate::records::{Evidence, Record};

/// Facets that a reader wants to see first.
const COLUMNS: [Facet; 3] = [Facet::Recognition, Facet::Representation, Facet::Listing];

/// Which records to export. The default selects all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// Only those of this actor.
    pub actor: Option<ActorCode>,
    /// Only those towards this counterpart.
    pub counterpart: Option<ActorCode>,
    /// Only those that know a state of this facet.
    pub facet: Option<Facet>,
}

impl Selection {
    /// Whether the record is one of the selection.
    pub fn contains(&self, record: &Record) -> bool {
        self.actor.as_ref().is_none_or(|a| *a == record.actor)
            && self.counterpart.as_ref().is_none_or(|c| *c == record.counterpart)
            && self.facet.is_none_or(|f| record.facet(f).is_some())
    }
}

/// The evidence to show of a record: the surest for the state of the first facet that is known, otherwise
/// the surest of all. Of equals the latest.
pub fn best_evidence(record: &Record) -> Option<&Evidence> {
    let surest =
        |a: &&Evidence, b: &&Evidence| (a.score.get().total_cmp(&b.score.get())).then_with(|| a.date.cmp(&b.date));
    let of_facet = COLUMNS.iter().chain(Facet::ALL).find_map(|&f| record.facet(f));
    match of_facet {
        Some(state) => state.evidence.iter().filter_map(|&i| record.evidence.get(i)).max_by(surest),
        None => record.evidence.iter().max_by(surest),
    }
}

/// Why records could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The output could not be written, or the input not read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line of the input is no record.
    #[error("line {line} is no record: {reason}")]
    Record {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: serde_json::Error,
    },
}
