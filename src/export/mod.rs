//! Records as other programs and people want them: JSON Lines, flat CSV, a table for the terminal, a SQLite
//! database, Parquet, graphs, and the dyad-years of political science.
//!
//! Whatever the text says is data: each writer escapes what its readers would take for more.

use std::io;

pub mod csv;
pub mod dyad_year;
mod flat;
pub mod gexf;
pub mod graphml;
pub mod jsonl;
pub mod parquet;
pub mod sqlite;
pub mod table;
mod xml;

use crate::document::{ActorCode, Facet};
use crate::records::{Evidence, FacetState, Past, Record};

/// Gives the name of an actor, where known; the code stands otherwise.
pub type Names<'a> = &'a dyn Fn(&ActorCode) -> Option<String>;

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
    match COLUMNS.iter().chain(Facet::ALL).find_map(|&f| record.facet(f)) {
        Some(state) => surest(evidence_of(record, state)),
        None => surest(&record.evidence),
    }
}

/// The evidence for the current status of a facet.
fn evidence_of<'a>(record: &'a Record, state: &'a FacetState) -> impl Iterator<Item = &'a Evidence> {
    state.evidence.iter().filter_map(|&i| record.evidence.get(i))
}

/// The evidence with the best score, of equals the latest.
fn surest<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Option<&'a Evidence> {
    let order =
        |a: &&Evidence, b: &&Evidence| (a.score.get().total_cmp(&b.score.get())).then_with(|| a.date.cmp(&b.date));
    evidence.into_iter().max_by(order)
}

/// The statuses that a facet went through, each with the time in which it held, `to` being the day of what
/// replaced it; the last is the current one.
///
/// A status whose beginning is not known counts from what it replaced or, the current one, from its first
/// evidence on: before that no text speaks of it. Only the first status of all can be open at its start.
fn periods(record: &Record, state: &FacetState) -> Vec<Past> {
    let mut periods: Vec<Past> = Vec::with_capacity(state.history.len() + 1);
    let seen = evidence_of(record, state).filter_map(|e| e.date).min();
    let current = Past {
        status: state.status,
        from: state.since.or(seen),
        to: None,
        confidence: state.confidence,
        evidence: state.evidence.clone(),
    };
    for past in state.history.iter().cloned().chain([current]) {
        let from = past.from.or(periods.last().and_then(|before| before.to));
        periods.push(Past { from, ..past });
    }
    periods
}

/// Why records could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The output could not be written, or the input not read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database could not be written.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// A table could not be written.
    #[error(transparent)]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// A line of the input is no record.
    #[error("line {line} is no record: {reason}")]
    Record {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: serde_json::Error,
    },
}

impl From<arrow_schema::ArrowError> for Error {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Error::Parquet(error.into())
    }
}

impl From<::csv::Error> for Error {
    fn from(error: ::csv::Error) -> Self {
        Error::Io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::sketch;

    #[test]
    fn periods_follow_one_another() {
        let shown = |lines: &str| {
            let records = sketch::records(&sketch::annotations(lines));
            let date = |d: Option<crate::document::Date>| d.map_or("-".to_owned(), |d| d.to_string());
            let state = records[0].facet(Facet::Listing).unwrap();
            let periods = periods(&records[0], state);
            periods.iter().map(|p| format!("{} {}..{}", p.status, date(p.from), date(p.to))).collect::<Vec<_>>()
        };
        let listed = "day 2021-03-01 RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9\n";
        let delisted = "day 2024-05 RUS>AFG/TALIBAN listing.delist YIELD favor actual 0.9";
        let undated = "day - RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9\n";
        assert_eq!(shown(&[listed, delisted].concat()), ["designated 2021-03-01..2024-05", "delisted 2024-05..-"]);
        assert_eq!(shown(&[undated, delisted].concat()), ["designated -..2024-05", "delisted 2024-05..-"]);
        assert_eq!(shown(undated), ["designated -..-"]);
    }
}
