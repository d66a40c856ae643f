//! The encoder that every head reads from: BERT and its relatives through rust-bert on libtorch.

mod batches;
pub mod config;
mod forward;
mod numbers;
mod pieces;
pub mod pretrained;
mod relative;
mod rows;
mod tokens;
mod variables;
pub mod weights;

pub use batches::batches;
pub use config::EncoderConfig;
pub use forward::{Encoder, Mode, Packed, Reading, BLOCK};
pub use numbers::numbers;
pub use pieces::{TokenizerError, WordPieces};
pub use rows::by_rows;
pub use tokens::{Tokens, WordShape};
pub use variables::declare;
