//! Relations of ordered pairs of actors in a sentence.

mod candidates;
mod head;
mod read;

pub use candidates::{candidates, Candidate, PairMention};
pub use head::{PairLogits, ProposalHead, RelationHead};
pub use read::{classify, given_candidates, propose, ChunkPairs};
