//! Mentions: names of people, bodies and places, and the anaphors that refer to them.

mod antecedent;
mod head;
pub mod tags;

pub use antecedent::{distance_bucket, marginal_loss, AntecedentHead, MAX_CANDIDATES};
pub use head::TagHead;
