//! From characters to sentences.

mod chunks;
mod span;

pub use chunks::{plan, Chunk, ChunkPlan, CONTEXT_SENTENCES};
pub use span::Span;
