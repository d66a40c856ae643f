//! The encoder that every head reads from: BERT through rust-bert on libtorch.

mod forward;
mod pieces;
mod rows;
mod tokens;
pub mod weights;

pub use forward::{Encoder, Mode, Packed, Reading, BLOCK};
pub use pieces::{TokenizerError, WordPieces};
pub use rows::by_rows;
pub use tokens::{Tokens, WordShape};
