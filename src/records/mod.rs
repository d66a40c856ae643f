//! From relations in documents to the state of a relation between two actors, with proof.
//!
//! [`Aggregate`] collects what documents say. It is a set that only grows, keyed by document, so that
//! merging is commutative, associative and idempotent whatever the split. Everything else is computed
//! from that set, pair by pair, when [`Aggregate::records`] is called:
//!
//! 1. persons, bodies and demonyms are folded into the actor that they stand for ([`Aggregate::add`]);
//! 2. sentences and documents that copy one another are found (`copies`), so that ten papers with one
//!    agency's story are one piece of evidence;
//! 3. each facet runs through a state machine (`course`) over the evidence in the order of time; which
//!    act leads to which status stands in one table (`facets`);
//! 4. reports of one happening are joined (`happenings`), so that events are counted and not how often they are told;
//! 5. counts, stance and contacts are summed up (`summary`).
//!
//! No step needs more than what is told of its pair (`telling`), so that [`aggregation`](crate::aggregation) can keep
//! the rest on the disk.
//!
//! # How a status is decided
//!
//! * The **support** of a status is the probability that at least one of the reports for it is right
//!   (noisy-or). Copies of a sentence count as one report with the best score among them, and a source
//!   counts once with its best report: of the two reckonings the lower holds. Neither copies nor
//!   repetition raise it.
//! * Evidence counts for the day on which the act took place (`when`): the time that its sentence gives, or else
//!   the document's date. Thus background ("in 1996 three states recognised it") is neither news nor later than what
//!   came after it. What is said to be so "since 2021" is so on the document's date, and began in 2021; what is said to
//!   have been so "until 2019" ended then.
//! * Evidence is taken in the order of these days, undated evidence first, for it has the lowest precedence; what was
//!   so at some time ("previously", "in the 1990s") is undated.
//!   A later status **replaces** the current one when its support is at least half
//!   ([`Settings::overturn`]) of the current one's confidence. So one sure report ends any state, and
//!   one doubtful extraction does not overturn ten sure ones. What fell short is kept: further reports
//!   add to it until the current status is told again.
//! * Of statuses told on **one date** the better supported holds; on equal support the one that stood already, then the
//!   one that the contract lists last, for that is mostly the newer stage. Both sides go to `conflicts`.
//! * Some statuses **go together**: who is being taken off a list is still on it. The table of links in
//!   `facets` says which; such pairs are no conflict and the later stage holds.
//! * A **denial** sets no status. It weighs against the one it denies by Dempster's rule for two simple
//!   support functions, `p (1 - q) / (1 - p q)`, and strikes it when `q > p`: then what stood before
//!   stands again. Rivals that did not prevail weigh against a status in the same way.
//! * A **correction**, a later denial by all the sources that told the status, strikes it however well it was
//!   supported: they have taken it back. Where another source told it too, the correction is a denial like others.
//! * **Confidence** is that weighed support, below 1 always. It does not fall when agreeing evidence is
//!   added, unless that evidence shows two earlier reports to be copies.

mod aggregate;
mod as_of;
mod copies;
mod course;
mod facets;
mod fingerprint;
mod happenings;
mod reading;
mod record;
mod shingles;
#[cfg(test)]
pub(crate) mod sketch;
mod stored;
mod summary;
mod support;
mod telling;
#[cfg(test)]
mod tests;
mod when;

pub use aggregate::{Aggregate, Diagnostics};
pub use facets::Status;
pub use record::{Conflict, Contact, Evidence, FacetState, Happening, Month, Past, Record, StanceSummary};
pub use stored::{Part, StoredDocument};
pub(crate) use summary::{events, stance};
pub use telling::{records, Telling};

/// What the reckoning of records depends on.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Settings {
    /// Jaccard similarity of character shingles from which two sentences about one pair are copies.
    pub copy_similarity: f64,
    /// Estimated Jaccard similarity from which two documents are copies.
    pub document_similarity: f64,
    /// Days after the first print within which a like sentence or document is a copy and not news of its own.
    pub copy_days: i32,
    /// Days before it is printed in which news without a time of its own may have happened.
    pub event_days: i32,
    /// Part of their words that two reports must share to be of one happening, where neither day nor kind tells.
    pub event_similarity: f64,
    /// Part of the current status's confidence that the support for another must reach to replace it.
    pub overturn: f64,
    /// Days for which a status outlasts reports of the earlier stage that it goes together with.
    pub outlast_days: i32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            copy_similarity: 0.8,
            document_similarity: 0.7,
            copy_days: 7,
            event_days: 3,
            event_similarity: 0.5,
            overturn: 0.5,
            outlast_days: 180,
        }
    }
}
