//! Shape of an encoder, as `config.json` of a model folder holds it.

use std::fs;
use std::path::{Path, PathBuf};

use rust_bert::electra::ElectraConfig;
use serde::{Deserialize, Serialize};

use super::tokens::WordShape;

/// A `config.json` that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// Who else computes the same from a model folder's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelType {
    /// Whoever knows BERT.
    #[default]
    Bert,
    /// This program only.
    Demarche,
}

/// What the feed-forward layers apply to each number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// The Gaussian error linear unit (Hendrycks and Gimpel 2016), exactly.
    #[serde(alias = "gelu_python")]
    Gelu,
    /// The same, approximated with a hyperbolic tangent.
    #[serde(alias = "gelu_fast", alias = "gelu_pytorch_tanh")]
    GeluNew,
    /// The positive part.
    Relu,
}

/// What attention knows of the distance between two pieces, beside their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelativeAttention {
    /// A score for each distance and head, the same in all layers (MPNet, Song et al. 2020).
    Bias,
    /// A key and a query for each distance and layer (DeBERTa, He et al. 2021).
    Disentangled,
}

/// Shape of an encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderConfig {
    /// Who computes the same.
    #[serde(default)]
    pub model_type: ModelType,
    /// Pieces of the vocabulary, the markers counted.
    pub vocab_size: i64,
    /// Word shapes, which are given as token types.
    pub type_vocab_size: i64,
    /// Most pieces of a text.
    pub max_position_embeddings: i64,
    /// Size of embeddings where it is not the hidden size: a linear layer brings them to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding_size: Option<i64>,
    /// Size of the states.
    pub hidden_size: i64,
    /// Layers.
    pub num_hidden_layers: i64,
    /// Attention heads of a layer.
    pub num_attention_heads: i64,
    /// Size of the feed-forward layers inside.
    pub intermediate_size: i64,
    /// Their activation.
    pub hidden_act: Activation,
    /// What layer normalisation adds to the variance.
    #[serde(default = "default_epsilon")]
    pub layer_norm_eps: f64,
    /// Share of numbers that training drops.
    pub hidden_dropout_prob: f64,
    /// What attention knows of distances, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_attention: Option<RelativeAttention>,
}

fn default_epsilon() -> f64 {
    1e-12
}

impl EncoderConfig {
    /// Reads and checks the `config.json` of a model folder.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let error = |reason: String| ConfigError { path: path.into(), reason };
        let text = fs::read_to_string(path).map_err(|e| error(e.to_string()))?;
        let config: EncoderConfig = serde_json::from_str(&text).map_err(|e| error(e.to_string()))?;
        config.problem().map_or(Ok(config), |reason| Err(error(reason)))
    }

    /// What is wrong with the numbers, if anything is.
    pub(super) fn problem(&self) -> Option<String> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("max_position_embeddings", self.max_position_embeddings),
            ("embedding_size", self.embedding_size()),
            ("hidden_size", self.hidden_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("intermediate_size", self.intermediate_size),
        ];
        if let Some((name, size)) = sizes.iter().find(|(_, size)| *size < 1) {
            return Some(format!("{name} is {size}, expected at least 1"));
        }
        let (hidden, heads) = (self.hidden_size, self.num_attention_heads);
        if hidden % heads != 0 {
            return Some(format!("hidden_size {hidden} is no multiple of num_attention_heads {heads}"));
        }
        if self.type_vocab_size != WordShape::COUNT {
            return Some(format!("type_vocab_size is {}, expected {}", self.type_vocab_size, WordShape::COUNT));
        }
        let dropout = self.hidden_dropout_prob;
        (!(0.0..1.0).contains(&dropout)).then(|| format!("hidden_dropout_prob is {dropout}, expected 0 to below 1"))
    }

    /// Size of embeddings.
    pub fn embedding_size(&self) -> i64 {
        self.embedding_size.unwrap_or(self.hidden_size)
    }

    /// Rows of a table over distances: from the most that a key can stand behind the query to the most before it.
    pub fn distances(&self) -> i64 {
        2 * self.max_position_embeddings - 1
    }

    /// The shape as rust-bert's ELECTRA has it, whose variables are those of BERT and the projection of embeddings.
    pub(super) fn declared(&self) -> ElectraConfig {
        ElectraConfig {
            vocab_size: self.vocab_size,
            type_vocab_size: self.type_vocab_size,
            max_position_embeddings: self.max_position_embeddings,
            embedding_size: self.embedding_size(),
            hidden_size: self.hidden_size,
            num_hidden_layers: self.num_hidden_layers,
            num_attention_heads: self.num_attention_heads,
            intermediate_size: self.intermediate_size,
            ..ElectraConfig::default()
        }
    }
}
