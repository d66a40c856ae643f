//! Mentions: names of people, bodies and places, and the anaphors that refer to them.

mod antecedent;
mod find;
mod head;
pub mod tags;

pub use antecedent::{
    choose_antecedents, distance_bucket, marginal_loss, AnaphorCandidates, AntecedentHead, MAX_CANDIDATES,
};
pub use find::{add_anaphors, find_names, TaggedMention};
pub use head::TagHead;
