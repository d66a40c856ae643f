//! Relations of ordered pairs of actors in a sentence.

mod calibration;
mod candidates;
mod head;
mod read;
mod rivals;

pub use calibration::{sigmoid, Calibration, Temperature};
pub use candidates::{candidates, Candidate, PairMention};
pub use head::{PairLogits, PairStates, ProposalHead, RelationHead};
pub use read::{classify, ChunkPairs, RelationScale};
pub use rivals::{weigh, Standing};
