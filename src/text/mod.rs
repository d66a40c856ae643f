//! From characters to sentences.

mod span;

pub use span::Span;
