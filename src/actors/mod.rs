//! Actors: who is meant, and for which state or body they act on that date.
pub(crate) mod extent;
pub(crate) mod features;
pub(crate) mod folding;
pub(crate) mod grouping;
pub(crate) mod knowledge;
pub(crate) mod link;
mod lint;
pub(crate) mod lookup;
pub(crate) mod ranker;
pub(crate) mod readings;
pub(crate) mod resolve;
pub(crate) mod scene;
pub(crate) mod shared_names;
pub(crate) mod tables;

pub use knowledge::KnowledgeBase;
pub use link::{link, Antecedent, FoundMention, Linked};
pub use lint::Finding;
pub use lookup::Candidate;
pub use resolve::{choices, resolve, Choice};
pub use tables::{Kind, TableError};
