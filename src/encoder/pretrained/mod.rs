//! Pretrained encoders in folders as Hugging Face writes them, brought into the one form that
//! [`Encoder`](super::Encoder) computes: under BERT's names, with word shapes for token types.

mod architecture;
mod distances;
mod tensors;

use std::collections::BTreeMap;
use std::path::Path;

use tch::Tensor;

use super::config::{ConfigError, EncoderConfig};
use super::pieces::{TokenizerError, WordPieces};
use super::weights::{self, WeightsError};
use architecture::Published;
use tensors::Stored;

/// A folder whose encoder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PretrainedError {
    /// The encoder is another one than we can compute, or `config.json` cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The tokenizer cannot be used.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The weights cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// An encoder in our form.
pub struct Pretrained {
    /// Its shape.
    pub config: EncoderConfig,
    /// Its tokenizer.
    pub pieces: WordPieces,
    /// Its variables by name, without the prefix that all of them share.
    pub variables: BTreeMap<String, Tensor>,
}

impl Pretrained {
    /// Reads the encoder in `folder`: `config.json`, `tokenizer.json` and `model.safetensors`.
    pub fn read(folder: &Path) -> Result<Self, PretrainedError> {
        let published = Published::load(&folder.join("config.json"))?;
        let (pieces, known) = WordPieces::adopt(&folder.join("tokenizer.json"))?;
        let config = published.ours(pieces.vocabulary())?;
        let file = weights::file_in(folder, "AutoModel")?;
        let tensors = weights::read_tensors(&file)?;
        let variables = Stored::new(&published, &config, file, tensors).variables(known)?;
        Ok(Pretrained { config, pieces, variables })
    }
}
