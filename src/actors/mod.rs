//! Actors: who is meant, and for which state or body they act on that date.
//!
//! # For whom a mention counts
//!
//! Records are kept between actors, so every entity is folded into the actor that it is or acts for, on the document's
//! date:
//!
//! | who is mentioned | counts as |
//! |---|---|
//! | a state, its people, its adjective, its capital where that acts | the state, also one of the past: `SUN`, `YUG` |
//! | a person | the state, group or organisation of the office held then, or else the last one |
//! | a ministry, parliament, army, police, court, bank, party, company, newspaper | its state |
//! | a part, agency or official of an international organisation | the organisation: `INT/UN` |
//! | an armed group, movement or part of a state that acts for itself | its own code, which names the state: `AFG/TALIBAN` |
//! | a group that governs | its own code still, for the state outlasts it; a capital under it (`seat`) is the group's where it acts and the state's where it is a place |
//! | a city, region, building | its state, or the power that has held it since the day that the row says |
//! | a place or body of a state that was not yet | the power that held it then: `SUN`, `CSK`, `SDN` |
//! | an agency or paper that many countries share, a faith, sea, treaty | nobody |
//!
//! A group and its own state are two actors: what they do to each other is a domestic pair and is recorded. What an
//! actor does to itself (a minister to his ministry) is not; it is only counted. The cases of
//! `tests/actors/folding.txt` hold the table to its word.
//!
//! A group of actors ("both countries", "the two ministers") is no entity, for a mention has one entity: by the
//! annotation guide each pair of its members has its relation, which the relation head reads from the sentence. News
//! media that are named only as [`sources`](sources()) are in no pair.
mod export;
pub(crate) mod extent;
pub(crate) mod features;
pub(crate) mod folding;
pub(crate) mod grouping;
pub(crate) mod history;
pub(crate) mod knowledge;
pub(crate) mod link;
mod lint;
pub(crate) mod lookup;
pub(crate) mod name_index;
pub(crate) mod ranker;
pub(crate) mod readings;
pub(crate) mod resolve;
pub(crate) mod scene;
pub(crate) mod shared_names;
pub(crate) mod sorted_table;
mod sources;
pub(crate) mod tables;

pub use export::{Exported, ExportedMember};
pub use knowledge::KnowledgeBase;
pub use link::{link, Antecedent, FoundMention, Linked};
pub use lint::Finding;
pub use lookup::{Candidate, Membership};
pub use resolve::{choices, resolve, Choice};
pub use sources::sources;
pub use tables::{Kind, StateNumbers, TableError};
