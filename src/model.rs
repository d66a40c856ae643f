//! A model: one encoder, the heads on it, and the folder that holds them.

use std::fs;
use std::path::{Path, PathBuf};

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use serde::{Deserialize, Serialize};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use crate::document::{Act, EntityType, Event, Modality, Stance};
use crate::encoder::weights::{self, WeightsError};
use crate::encoder::{Encoder, TokenizerError, WordPieces, WordShape};
use crate::ner::{AntecedentHead, TagHead};
use crate::relations::{Calibration, ProposalHead, RelationHead};

/// Version of the folder's format; a folder of another version is refused.
const FORMAT: u32 = 2;
/// Variable that a base encoder may hold fewer rows of than the model.
const TOKEN_TYPES: &str = "bert.embeddings.token_type_embeddings.weight";
/// Prefix of the names of the encoder's variables; the others are the heads'.
pub const ENCODER_PREFIX: &str = "bert.";

/// What a model folder says of itself in `labels.json`: label order, window, thresholds and calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Version of this format.
    pub format: u32,
    /// Name of the model.
    pub name: String,
    /// Entity types in the order of the NER head.
    pub entity_types: Vec<String>,
    /// Events in the order of their head, after "unrelated".
    pub events: Vec<String>,
    /// Acts in the order of their head, after "unrelated".
    pub acts: Vec<String>,
    /// Stances in the order of their head.
    pub stances: Vec<String>,
    /// Modalities in the order of their head.
    pub modalities: Vec<String>,
    /// Most word pieces of a chunk, special ones counted.
    pub window: usize,
    /// Decision thresholds, chosen on the development documents.
    pub thresholds: Thresholds,
    /// From what the relation head says to the scores of relations, fitted on the development documents.
    pub calibration: Calibration,
}

/// Decision thresholds of the relation heads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Least probability of the proposal head for a pair to be read with markers.
    pub proposal: f32,
    /// Least probability of a pair to be reported as related.
    pub relation: f32,
}

impl Labels {
    /// The labels that this version of the program knows.
    pub fn current(name: &str, window: usize, thresholds: Thresholds, calibration: Calibration) -> Self {
        fn names<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> Vec<String> {
            all.iter().map(|&l| name(l).to_owned()).collect()
        }
        Labels {
            format: FORMAT,
            name: name.to_owned(),
            entity_types: names(EntityType::ALL, EntityType::name),
            events: names(Event::ALL, Event::name),
            acts: names(Act::ALL, Act::name),
            stances: names(Stance::ALL, Stance::name),
            modalities: names(Modality::ALL, Modality::name),
            window,
            thresholds,
            calibration,
        }
    }

    /// What keeps a folder with these labels from being used, if anything does.
    fn mismatch(&self) -> Option<String> {
        let own = Labels::current(&self.name, self.window, self.thresholds, self.calibration);
        let lists = [
            ("entity_types", &self.entity_types, &own.entity_types),
            ("events", &self.events, &own.events),
            ("acts", &self.acts, &own.acts),
            ("stances", &self.stances, &own.stances),
            ("modalities", &self.modalities, &own.modalities),
        ];
        if self.format != FORMAT {
            return Some(format!("format {}, expected {FORMAT}", self.format));
        }
        let list = lists.iter().find(|(_, found, expected)| found != expected);
        list.map(|(name, found, expected)| format!("{name} are {found:?}, expected {expected:?} in this order"))
    }
}

/// A model folder that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file is missing or cannot be read or written.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file does not say what it should.
    #[error("{path}: {reason}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The tokenizer does not fit.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The weights do not fit.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// Reads a JSON file of a model folder.
fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ModelError> {
    let text = fs::read_to_string(path).map_err(|cause| ModelError::Io { path: path.into(), cause })?;
    serde_json::from_str(&text).map_err(|e| ModelError::Content { path: path.into(), reason: e.to_string() })
}

/// Reads and checks the `config.json` of a BERT encoder.
fn read_config(path: &Path) -> Result<BertConfig, ModelError> {
    let config: BertConfig = read_json(path)?;
    let bad = |reason: String| ModelError::Content { path: path.into(), reason };
    if config.num_attention_heads < 1 || config.hidden_size % config.num_attention_heads != 0 {
        return Err(bad(format!(
            "hidden_size {} is no multiple of num_attention_heads {}",
            config.hidden_size, config.num_attention_heads
        )));
    }
    if !matches!(config.hidden_act, rust_bert::Activation::gelu) {
        return Err(bad("hidden_act is not \"gelu\", the only activation that the fused encoder computes".to_owned()));
    }
    Ok(config)
}

/// Encoder and heads with their variables.
pub struct Network {
    /// All variables, named as in the weight file.
    pub store: VarStore,
    /// Shape of the encoder.
    pub config: BertConfig,
    /// Names.
    pub names: TagHead,
    /// Anaphors and nominal actors.
    pub anaphors: TagHead,
    /// Antecedents of anaphors.
    pub antecedents: AntecedentHead,
    /// First look at pairs.
    pub proposals: ProposalHead,
    /// Relations of pairs.
    pub relations: RelationHead,
}

impl Network {
    /// A network of the encoder shape `config`, freshly initialised.
    pub fn new(config: BertConfig, device: Device) -> Self {
        let store = VarStore::new(device);
        let hidden = config.hidden_size;
        let root = store.root();
        // rust-bert declares the encoder's variables; `Encoder` computes with them.
        BertModel::<BertEmbeddings>::new_with_optional_pooler(&root / "bert", &config, false);
        Network {
            names: TagHead::new(&root / "names", hidden, EntityType::ALL.len()),
            anaphors: TagHead::new(&root / "anaphors", hidden, 1),
            antecedents: AntecedentHead::new(&root / "antecedents", hidden),
            proposals: ProposalHead::new(&root / "proposals", hidden),
            relations: RelationHead::new(&root / "relations", hidden),
            store,
            config,
        }
    }

    /// The encoder's forward pass over the variables as they are now, computing in `kind`.
    pub fn encoder(&self, kind: Kind) -> Encoder {
        Encoder::of(&self.store, &self.config, kind)
    }

    /// Another network with the same variables in the same memory, for another thread.
    pub fn share(&self) -> Self {
        let mut shared = Network::new(self.config.clone(), self.store.device());
        shared.store.set_kind(self.variables_kind());
        let own = self.store.variables();
        for (name, mut variable) in shared.store.variables() {
            variable.set_data(&own[&name]);
        }
        shared.store.freeze();
        shared
    }

    /// Type of the variables.
    fn variables_kind(&self) -> Kind {
        self.store.variables().values().next().map_or(Kind::Float, Tensor::kind)
    }

    /// A network on a base encoder: a folder with `config.json` and `model.safetensors` as Hugging Face writes them.
    ///
    /// Its token types become word shapes, which all start from the first one.
    pub fn from_base(folder: &Path, device: Device) -> Result<Self, ModelError> {
        let mut config = read_config(&folder.join("config.json"))?;
        config.type_vocab_size = WordShape::COUNT;
        let network = Network::new(config, device);
        let path = folder.join("model.safetensors");
        let prefixed = weights::has_prefix(&path, ENCODER_PREFIX)?;
        weights::fill(&network.store, &path, TOKEN_TYPES, |name| {
            let bare = name.strip_prefix(ENCODER_PREFIX)?;
            Some(if prefixed { name.to_owned() } else { bare.to_owned() })
        })?;
        Ok(network)
    }
}

/// A model as it lies in a folder: `config.json`, `tokenizer.json`, `labels.json`, `model.safetensors`.
pub struct Model {
    /// Encoder and heads.
    pub network: Network,
    /// Its tokenizer.
    pub pieces: WordPieces,
    /// Label order, window and thresholds.
    pub labels: Labels,
}

impl Model {
    /// Loads and checks the model in `folder`.
    pub fn load(folder: &Path, device: Device) -> Result<Self, ModelError> {
        let labels_path = folder.join("labels.json");
        let labels: Labels = read_json(&labels_path)?;
        if let Some(reason) = labels.mismatch() {
            return Err(ModelError::Content { path: labels_path, reason });
        }
        let config_path = folder.join("config.json");
        let config = read_config(&config_path)?;
        let pieces = WordPieces::load(&folder.join("tokenizer.json"))?;
        if pieces.vocabulary() != config.vocab_size {
            return Err(ModelError::Content {
                path: folder.join("tokenizer.json"),
                reason: format!(
                    "{} word pieces, but {} says vocab_size {}; it belongs to another model",
                    pieces.vocabulary(),
                    config_path.display(),
                    config.vocab_size
                ),
            });
        }
        if labels.window < 8 || labels.window as i64 > config.max_position_embeddings {
            let reason = format!("window {}, expected 8 to {}", labels.window, config.max_position_embeddings);
            return Err(ModelError::Content { path: labels_path, reason });
        }
        let network = Network::new(config, device);
        weights::fill(&network.store, &folder.join("model.safetensors"), "", |name| Some(name.to_owned()))?;
        Ok(Model { network, pieces, labels })
    }

    /// Writes weights and labels to `folder`, which must exist, with `config.json` and `tokenizer.json` of `base`.
    pub fn save(network: &Network, labels: &Labels, base: &Path, folder: &Path, kind: Kind) -> Result<(), ModelError> {
        let io = |path: PathBuf| move |cause| ModelError::Io { path, cause };
        let mut config: serde_json::Value = read_json(&base.join("config.json"))?;
        config["type_vocab_size"] = WordShape::COUNT.into();
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            fs::write(&path, text + "\n").map_err(io(path))
        };
        write("config.json", serde_json::to_string_pretty(&config).unwrap_or_default())?;
        write("labels.json", serde_json::to_string_pretty(labels).unwrap_or_default())?;
        let (from, to) = (base.join("tokenizer.json"), folder.join("tokenizer.json"));
        if from != to {
            fs::copy(&from, &to).map_err(io(from))?;
        }
        Ok(weights::write(&network.store, &folder.join("model.safetensors"), kind)?)
    }
}
