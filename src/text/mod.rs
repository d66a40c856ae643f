//! From characters to sentences, and from sentences to chunks.

mod chunks;
mod sentences;
mod span;

pub use chunks::{plan, Chunk, ChunkPlan, CONTEXT_SENTENCES};
pub use sentences::sentences;
pub use span::Span;
