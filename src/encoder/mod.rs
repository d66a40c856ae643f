//! The encoder that every head reads from: BERT through rust-bert on libtorch.

mod tokens;
pub mod weights;

pub use tokens::{TokenizerError, Tokens, WordPieces, WordShape};
