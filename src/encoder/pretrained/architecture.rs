//! What `config.json` of a published encoder says, and what we compute of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::encoder::config::{Activation, ConfigError, EncoderConfig, ModelType, RelativeAttention};
use crate::encoder::tokens::WordShape;

/// A family of encoders that we can compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// Lan et al. 2020: one layer, or a few, over and over.
    Albert,
    /// Devlin et al. 2019.
    Bert,
    /// Martin et al. 2020: RoBERTa in French.
    Camembert,
    /// He et al. 2021.
    Deberta,
    /// He et al. 2023, DeBERTa v3, too.
    DebertaV2,
    /// Sanh et al. 2019.
    #[serde(rename = "distilbert")]
    DistilBert,
    /// Clark et al. 2020.
    Electra,
    /// Song et al. 2020.
    #[serde(rename = "mpnet")]
    MpNet,
    /// Liu et al. 2019.
    Roberta,
    /// Conneau et al. 2020: RoBERTa in a hundred languages.
    XlmRoberta,
}

/// A list in JSON, or its items in one string with `|` between.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
enum List {
    #[default]
    None,
    Joined(String),
    Items(Vec<String>),
}

impl List {
    fn items(&self) -> Vec<&str> {
        match self {
            List::None => Vec::new(),
            List::Joined(text) => text.split('|').collect(),
            List::Items(items) => items.iter().map(String::as_str).collect(),
        }
    }
}

/// The parts of a `config.json` that matter, under the names of any architecture.
#[derive(Debug, Clone, Deserialize)]
pub struct Published {
    #[serde(skip)]
    path: PathBuf,
    /// The family.
    #[serde(rename = "model_type")]
    pub architecture: Architecture,
    max_position_embeddings: i64,
    position_embedding_type: Option<String>,
    pad_token_id: Option<i64>,
    embedding_size: Option<i64>,
    #[serde(alias = "dim")]
    hidden_size: i64,
    #[serde(alias = "n_layers")]
    num_hidden_layers: i64,
    #[serde(alias = "n_heads")]
    num_attention_heads: i64,
    #[serde(alias = "hidden_dim")]
    intermediate_size: i64,
    #[serde(alias = "activation")]
    hidden_act: Activation,
    layer_norm_eps: Option<f64>,
    #[serde(alias = "dropout")]
    hidden_dropout_prob: f64,
    num_hidden_groups: Option<i64>,
    inner_group_num: Option<i64>,
    /// MPNet: how many scores tell distances apart.
    pub relative_attention_num_buckets: Option<i64>,
    relative_attention: Option<bool>,
    max_relative_positions: Option<i64>,
    position_buckets: Option<i64>,
    position_biased_input: Option<bool>,
    #[serde(default)]
    pos_att_type: List,
    #[serde(default)]
    norm_rel_ebd: List,
    share_att_key: Option<bool>,
    conv_kernel_size: Option<i64>,
    talking_head: Option<bool>,
}

impl Published {
    /// Reads the `config.json` of a published encoder.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let error = |reason: String| ConfigError { path: path.into(), reason };
        let text = fs::read_to_string(path).map_err(|e| error(e.to_string()))?;
        let json: Value = serde_json::from_str(&text).map_err(|e| error(e.to_string()))?;
        if let Err(e) = Architecture::deserialize(&json["model_type"]) {
            return Err(error(format!("model_type {}: {e}; no other encoder can be trained on", json["model_type"])));
        }
        let published = Published::deserialize(&json).map_err(|e| error(e.to_string()))?;
        Ok(Published { path: path.into(), ..published })
    }

    fn is_deberta(&self) -> bool {
        matches!(self.architecture, Architecture::Deberta | Architecture::DebertaV2)
    }

    /// The first rows of the table of positions, which stand for no place in a text.
    pub fn unused_positions(&self) -> i64 {
        match self.architecture {
            Architecture::Roberta | Architecture::XlmRoberta | Architecture::Camembert | Architecture::MpNet => {
                (self.pad_token_id.unwrap_or(1) + 1).max(0)
            }
            _ => 0,
        }
    }

    /// Whether there is a table of positions.
    pub fn has_positions(&self) -> bool {
        !self.is_deberta() || self.position_biased_input.unwrap_or(true)
    }

    /// The layer whose weights layer `n` has.
    pub fn layer(&self, n: i64) -> i64 {
        match self.architecture {
            // Groups of layers share their weights.
            Architecture::Albert => n * self.num_hidden_groups.unwrap_or(1) / self.num_hidden_layers,
            _ => n,
        }
    }

    /// Rows before the middle of DeBERTa's table of distances, which has twice as many.
    pub fn span(&self) -> i64 {
        self.position_buckets.filter(|&n| n > 0).unwrap_or_else(|| self.farthest())
    }

    /// DeBERTa's greatest distance.
    pub fn farthest(&self) -> i64 {
        self.max_relative_positions.filter(|&n| n > 0).unwrap_or(self.max_position_embeddings)
    }

    /// Whether DeBERTa's distances have buckets.
    pub fn has_buckets(&self) -> bool {
        self.position_buckets.is_some_and(|n| n > 0)
    }

    /// Whether DeBERTa's table of distances is normalised.
    pub fn normalises_distances(&self) -> bool {
        self.norm_rel_ebd.items().contains(&"layer_norm")
    }

    /// Whether distances have the same projections as states.
    pub fn shares_projections(&self) -> bool {
        self.share_att_key.unwrap_or(false)
    }

    /// The shape in our form, with a vocabulary of `vocabulary` pieces.
    pub fn ours(&self, vocabulary: i64) -> Result<EncoderConfig, ConfigError> {
        let embedding_size = self.embedding_size.filter(|&size| size != self.hidden_size);
        let relative_attention = match self.architecture {
            Architecture::MpNet => Some(RelativeAttention::Bias),
            _ => self.is_deberta().then_some(RelativeAttention::Disentangled),
        };
        let alike = embedding_size.is_none() && relative_attention.is_none();
        let config = EncoderConfig {
            model_type: if alike { ModelType::Bert } else { ModelType::Demarche },
            vocab_size: vocabulary,
            type_vocab_size: WordShape::COUNT,
            max_position_embeddings: self.max_position_embeddings - self.unused_positions(),
            embedding_size,
            hidden_size: self.hidden_size,
            num_hidden_layers: self.num_hidden_layers,
            num_attention_heads: self.num_attention_heads,
            intermediate_size: self.intermediate_size,
            hidden_act: self.hidden_act,
            layer_norm_eps: self.layer_norm_eps.unwrap_or(if self.is_deberta() { 1e-7 } else { 1e-12 }),
            hidden_dropout_prob: self.hidden_dropout_prob,
            relative_attention,
        };
        match self.obstacle().or_else(|| config.problem()) {
            None => Ok(config),
            Some(reason) => Err(ConfigError { path: self.path.clone(), reason }),
        }
    }

    /// What of this encoder we cannot compute, if anything.
    fn obstacle(&self) -> Option<String> {
        let kind = self.position_embedding_type.as_deref().unwrap_or("absolute");
        if kind != "absolute" {
            return Some(format!("position_embedding_type is {kind:?}, only \"absolute\" can be computed"));
        }
        let groups = self.num_hidden_groups.unwrap_or(1);
        if self.architecture == Architecture::Albert && (self.inner_group_num.unwrap_or(1) != 1 || groups < 1) {
            return Some("inner_group_num is not 1: layers inside of a group cannot be computed".to_owned());
        }
        if self.relative_attention_num_buckets.is_some_and(|n| n < 4) {
            return Some("relative_attention_num_buckets is less than 4".to_owned());
        }
        self.is_deberta().then(|| self.deberta_obstacle()).flatten()
    }

    fn deberta_obstacle(&self) -> Option<String> {
        let mut attention = self.pos_att_type.items();
        attention.sort_unstable();
        let checks = [
            (self.relative_attention != Some(true), "relative_attention is not true"),
            (attention != ["c2p", "p2c"], "pos_att_type is not \"c2p|p2c\""),
            (self.conv_kernel_size.unwrap_or(0) > 0, "conv_kernel_size: convolutions cannot be computed"),
            (self.talking_head == Some(true), "talking_head: talking heads cannot be computed"),
            (self.embedding_size.is_some_and(|n| n != self.hidden_size), "embedding_size is not hidden_size"),
            (self.has_buckets() && self.farthest() <= self.span() / 2 + 1, "position_buckets are too many"),
        ];
        let hint = "microsoft/deberta-base and microsoft/deberta-v3-base can be used";
        checks.iter().find(|(wrong, _)| *wrong).map(|(_, reason)| format!("{reason}; {hint}"))
    }
}
