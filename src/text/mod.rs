//! From characters to sentences, and from sentences to chunks; the times that sentences tell.

mod chunks;
mod sentences;
mod span;
mod times;

pub use chunks::{plan, Chunk, ChunkPlan, CONTEXT_SENTENCES};
pub use sentences::sentences;
pub use span::Span;
pub(crate) use span::{head, tail};
pub use times::{times, words, Gap, Sense, Time, Word};
