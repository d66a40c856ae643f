//! From characters to sentences.

mod sentences;
mod span;

pub use sentences::sentences;
pub use span::Span;
