//! Tensors of a published encoder, renamed and rearranged into the variables of ours.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tch::{Kind, Tensor};

use super::architecture::{Architecture, Published};
use super::distances;
use crate::encoder::config::EncoderConfig;
use crate::encoder::tokens::WordShape;
use crate::encoder::weights::{older_name, WeightsError};

/// Names of an architecture's tensors.
struct Names {
    /// What all of them begin with in the weights of a model with heads.
    prefix: &'static str,
    /// What those of a layer begin with, before and behind its number.
    layer: [&'static str; 2],
    /// The parts of a layer.
    parts: [&'static str; 8],
    /// The projection of embeddings.
    projection: &'static str,
}

/// BERT's names, which are ours.
const BERT: Names = Names {
    prefix: "bert",
    layer: ["encoder.layer.", ""],
    parts: [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "attention.output.LayerNorm",
        "intermediate.dense",
        "output.dense",
        "output.LayerNorm",
    ],
    projection: "embeddings_project",
};

const ROBERTA: Names = Names { prefix: "roberta", ..BERT };
const ELECTRA: Names = Names { prefix: "electra", ..BERT };
const DEBERTA: Names = Names { prefix: "deberta", ..BERT };

const DEBERTA_V2: Names = Names {
    prefix: "deberta",
    parts: [
        "attention.self.query_proj",
        "attention.self.key_proj",
        "attention.self.value_proj",
        "attention.output.dense",
        "attention.output.LayerNorm",
        "intermediate.dense",
        "output.dense",
        "output.LayerNorm",
    ],
    ..BERT
};

const DISTILBERT: Names = Names {
    prefix: "distilbert",
    layer: ["transformer.layer.", ""],
    parts: [
        "attention.q_lin",
        "attention.k_lin",
        "attention.v_lin",
        "attention.out_lin",
        "sa_layer_norm",
        "ffn.lin1",
        "ffn.lin2",
        "output_layer_norm",
    ],
    ..BERT
};

const ALBERT: Names = Names {
    prefix: "albert",
    layer: ["encoder.albert_layer_groups.", ".albert_layers.0"],
    parts: [
        "attention.query",
        "attention.key",
        "attention.value",
        "attention.dense",
        "attention.LayerNorm",
        "ffn",
        "ffn_output",
        "full_layer_layer_norm",
    ],
    projection: "encoder.embedding_hidden_mapping_in",
};

const MPNET: Names = Names {
    prefix: "mpnet",
    parts: [
        "attention.attn.q",
        "attention.attn.k",
        "attention.attn.v",
        "attention.attn.o",
        "attention.LayerNorm",
        "intermediate.dense",
        "output.dense",
        "output.LayerNorm",
    ],
    ..BERT
};

impl Names {
    fn of(architecture: Architecture) -> Self {
        match architecture {
            Architecture::Albert => ALBERT,
            Architecture::Bert => BERT,
            Architecture::Deberta => DEBERTA,
            Architecture::DebertaV2 => DEBERTA_V2,
            Architecture::DistilBert => DISTILBERT,
            Architecture::Electra => ELECTRA,
            Architecture::MpNet => MPNET,
            Architecture::Camembert | Architecture::Roberta | Architecture::XlmRoberta => ROBERTA,
        }
    }

    /// What the names of layer `n` begin with.
    fn layer(&self, n: i64) -> String {
        let [before, behind] = self.layer;
        format!("{before}{n}{behind}")
    }
}

/// The tensors of a published encoder, by its own names.
pub struct Stored<'a> {
    /// What its `config.json` says.
    pub published: &'a Published,
    /// Its shape in our form.
    pub config: &'a EncoderConfig,
    path: PathBuf,
    tensors: BTreeMap<String, Tensor>,
    names: Names,
    /// What the names of all tensors begin with.
    prefix: String,
}

/// Variables of ours by name, without the prefix that all of them share.
pub type Variables = BTreeMap<String, Tensor>;

impl<'a> Stored<'a> {
    /// The tensors that were read from `path`.
    pub fn new(
        published: &'a Published,
        config: &'a EncoderConfig,
        path: PathBuf,
        tensors: BTreeMap<String, Tensor>,
    ) -> Self {
        let names = Names::of(published.architecture);
        let prefix = format!("{}.", names.prefix);
        let prefixed = tensors.keys().any(|name| name.starts_with(&prefix));
        Stored { published, config, path, tensors, names, prefix: if prefixed { prefix } else { String::new() } }
    }

    /// All variables of our encoder. The rows of pieces behind the first `known`, which are new, are like the mean of
    /// the others; so are word shapes like the first token type.
    pub fn variables(&self, known: i64) -> Result<Variables, WeightsError> {
        let mut variables = Variables::new();
        self.add_embeddings(known, &mut variables)?;
        for n in 0..self.config.num_hidden_layers {
            self.add_layer(n, &mut variables)?;
        }
        distances::add(self, &mut variables)?;
        Ok(variables)
    }

    /// The tensor `name`, which must have the shape `shape`.
    pub fn tensor(&self, name: &str, shape: &[i64]) -> Result<Tensor, WeightsError> {
        let tensor = self.find(name)?;
        let found = tensor.size();
        if found != shape {
            return Err(self.error(name, format!("shape {found:?}, expected {shape:?}")));
        }
        Ok(tensor)
    }

    /// The tensor `name` of layer `n`, which must have the shape `shape`.
    pub fn of_layer(&self, n: i64, name: &str, shape: &[i64]) -> Result<Tensor, WeightsError> {
        self.tensor(&format!("{}.{name}", self.names.layer(self.published.layer(n))), shape)
    }

    fn find(&self, name: &str) -> Result<Tensor, WeightsError> {
        let tensor =
            [name, &older_name(name)].into_iter().find_map(|name| self.tensors.get(&format!("{}{name}", self.prefix)));
        tensor.map(|t| t.to_kind(Kind::Float)).ok_or_else(|| self.error(name, "missing".to_owned()))
    }

    fn error(&self, name: &str, reason: String) -> WeightsError {
        WeightsError::Tensor { path: self.path.clone(), name: format!("{}{name}", self.prefix), reason }
    }

    /// A table of at least `rows` rows for embeddings.
    fn table(&self, name: &str, rows: i64) -> Result<Tensor, WeightsError> {
        let (table, width) = (self.find(name)?, self.config.embedding_size());
        match table.size()[..] {
            [found, w] if found >= rows && w == width => Ok(table),
            ref found => Err(self.error(name, format!("shape {found:?}, expected at least [{rows}, {width}]"))),
        }
    }

    fn add_embeddings(&self, known: i64, variables: &mut Variables) -> Result<(), WeightsError> {
        let (config, width) = (self.config, self.config.embedding_size());
        let options = (Kind::Float, tch::Device::Cpu);
        let words = self.table("embeddings.word_embeddings.weight", known)?.narrow(0, 0, known);
        let mean = words.mean_dim(0, true, Kind::Float).expand([config.vocab_size - known, width], false);
        let (unused, positions) = (self.published.unused_positions(), config.max_position_embeddings);
        let positions = match self.published.has_positions() {
            true => {
                self.table("embeddings.position_embeddings.weight", unused + positions)?.narrow(0, unused, positions)
            }
            false => Tensor::zeros([positions, width], options),
        };
        let types = "embeddings.token_type_embeddings.weight";
        let shape = match self.tensors.contains_key(&format!("{}{types}", self.prefix)) {
            true => self.table(types, 1)?.narrow(0, 0, 1),
            false => Tensor::zeros([1, width], options),
        };
        variables.insert("embeddings.word_embeddings.weight".to_owned(), Tensor::cat(&[words, mean], 0));
        variables.insert("embeddings.position_embeddings.weight".to_owned(), positions);
        variables.insert(types.to_owned(), shape.repeat([WordShape::COUNT, 1]));
        for part in ["embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias"] {
            variables.insert(part.to_owned(), self.tensor(part, &[width])?);
        }
        if config.embedding_size.is_some() {
            let theirs = self.names.projection;
            let weight = self.tensor(&format!("{theirs}.weight"), &[config.hidden_size, width])?;
            variables.insert(format!("{}.weight", BERT.projection), weight);
            let bias = self.tensor(&format!("{theirs}.bias"), &[config.hidden_size])?;
            variables.insert(format!("{}.bias", BERT.projection), bias);
        }
        Ok(())
    }

    fn add_layer(&self, n: i64, variables: &mut Variables) -> Result<(), WeightsError> {
        let (hidden, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let mut insert = |part: &str, tensor| variables.insert(format!("{}.{part}", BERT.layer(n)), tensor);
        let joined = self.published.architecture == Architecture::Deberta;
        if joined {
            for (part, tensor) in self.joined_attention(n)? {
                insert(&part, tensor);
            }
        }
        let parts = BERT.parts.iter().zip(&self.names.parts);
        for (ours, theirs) in parts.skip(if joined { 3 } else { 0 }) {
            let weight = match *ours {
                "intermediate.dense" => vec![inner, hidden],
                "output.dense" => vec![hidden, inner],
                norm if norm.ends_with("LayerNorm") => vec![hidden],
                _ => vec![hidden, hidden],
            };
            insert(&format!("{ours}.weight"), self.of_layer(n, &format!("{theirs}.weight"), &weight)?);
            insert(&format!("{ours}.bias"), self.of_layer(n, &format!("{theirs}.bias"), &weight[..1])?);
        }
        Ok(())
    }

    /// Queries, keys and values of DeBERTa's first version: one matrix, head by head, and no bias of keys.
    fn joined_attention(&self, n: i64) -> Result<Vec<(String, Tensor)>, WeightsError> {
        let (hidden, heads) = (self.config.hidden_size, self.config.num_attention_heads);
        let joined = self.of_layer(n, "attention.self.in_proj.weight", &[3 * hidden, hidden])?;
        let weights = joined.view([heads, 3, hidden / heads, hidden]).unbind(1);
        let query_bias = self.of_layer(n, "attention.self.q_bias", &[hidden])?;
        let value_bias = self.of_layer(n, "attention.self.v_bias", &[hidden])?;
        let biases = [query_bias.shallow_clone(), query_bias.zeros_like(), value_bias];
        let parts = BERT.parts.iter().zip(weights.into_iter().zip(biases));
        let named = parts.flat_map(|(part, (weight, bias))| {
            [(format!("{part}.weight"), weight.reshape([hidden, hidden])), (format!("{part}.bias"), bias)]
        });
        Ok(named.collect())
    }
}
