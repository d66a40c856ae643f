//! Relations of ordered pairs of actors in a sentence.

mod candidates;
mod head;

pub use candidates::{candidates, Candidate, PairMention};
pub use head::{PairLogits, ProposalHead, RelationHead};
