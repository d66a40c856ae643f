//! A model: one encoder, the heads on it, and the folder that holds them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::nn::VarStore;
use tch::{no_grad, Device, Kind, Tensor};

use crate::document::{Act, EntityType, Event, Modality, Stance};
use crate::encoder::config::ConfigError;
use crate::encoder::pretrained::{Pretrained, PretrainedError};
use crate::encoder::weights::{self, WeightsError};
use crate::encoder::{declare, Encoder, EncoderConfig, TokenizerError, WordPieces};
use crate::ner::{AntecedentHead, TagHead};
use crate::relations::{Calibration, ProposalHead, RelationHead, Temperature};

/// Version of the folder's format; a folder of another version is refused.
const FORMAT: u32 = 3;
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
    /// What makes the probabilities of other heads as sure as they should be, fitted likewise.
    pub temperatures: Temperatures,
}

/// Temperatures of heads.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperatures {
    /// Of names.
    pub names: Temperature,
    /// Of the events of related pairs.
    pub events: Temperature,
}

/// What was fitted on the development documents, in the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// Decision thresholds.
    pub thresholds: Thresholds,
    /// Of the scores of relations.
    pub calibration: Calibration,
    /// Of the other heads.
    pub temperatures: Temperatures,
}

/// Decision thresholds of the relation heads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Least probability of the proposal head for a pair to be read with markers.
    pub proposal: f32,
    /// How much must speak for a pair to be reported as related, from 0 to 1.
    pub relation: f32,
}

impl Labels {
    /// The labels that this version of the program knows.
    pub fn current(name: &str, window: usize, fitted: Fitted) -> Self {
        let Fitted { thresholds, calibration, temperatures } = fitted;
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
            temperatures,
        }
    }

    fn fitted(&self) -> Fitted {
        let Labels { thresholds, calibration, temperatures, .. } = *self;
        Fitted { thresholds, calibration, temperatures }
    }

    /// What keeps a folder with these labels from being used, if anything does.
    fn mismatch(&self) -> Option<String> {
        let own = Labels::current(&self.name, self.window, self.fitted());
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
    /// `config.json` does not fit.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pretrained encoder to start from does not fit.
    #[error(transparent)]
    Pretrained(#[from] PretrainedError),
    /// The tokenizer does not fit.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The weights do not fit.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// Reads a JSON file of a model folder.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ModelError> {
    let text = fs::read_to_string(path).map_err(|cause| ModelError::Io { path: path.into(), cause })?;
    serde_json::from_str(&text).map_err(|e| ModelError::Content { path: path.into(), reason: e.to_string() })
}

/// Encoder and heads with their variables.
pub struct Network {
    /// All variables, named as in the weight file.
    pub store: VarStore,
    /// Shape of the encoder.
    pub config: EncoderConfig,
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
    pub fn new(config: EncoderConfig, device: Device) -> Self {
        let store = VarStore::new(device);
        let hidden = config.hidden_size;
        let root = store.root();
        declare(&(&root / "bert"), &config);
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

    /// The mean of networks of one shape; `None` when there is none, or their shapes differ.
    pub fn mean(networks: Vec<Network>) -> Option<Self> {
        let share = 1.0 / networks.len() as f64;
        let mut networks = networks.into_iter();
        let mean = networks.next()?;
        let mut variables = mean.store.variables();
        tch::no_grad(|| {
            variables.values_mut().for_each(|v| drop(v.g_mul_scalar_(share)));
            for network in networks {
                let others = network.store.variables();
                for (name, variable) in &mut variables {
                    let other = others.get(name).filter(|other| other.size() == variable.size())?;
                    drop(variable.g_add_(&(other * share)));
                }
            }
            Some(())
        })?;
        Some(mean)
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

    /// A network on the pretrained encoder in `folder`, as Hugging Face writes it, and its tokenizer.
    pub fn pretrained(folder: &Path, device: Device) -> Result<(Self, WordPieces), ModelError> {
        let pretrained = Pretrained::read(folder)?;
        let network = Network::new(pretrained.config, device);
        for (name, mut variable) in network.store.variables() {
            let tensor = name.strip_prefix(ENCODER_PREFIX).and_then(|name| pretrained.variables.get(name));
            if let Some(tensor) = tensor {
                no_grad(|| variable.copy_(tensor));
            }
        }
        Ok((network, pretrained.pieces))
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
        let config = EncoderConfig::load(&config_path)?;
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
        weights::fill(&network.store, &folder.join(weights::FILE))?;
        Ok(Model { network, pieces, labels })
    }

    /// Writes the model to `folder`, which must exist, its weights in `kind`.
    pub fn save(
        network: &Network,
        pieces: &WordPieces,
        labels: &Labels,
        folder: &Path,
        kind: Kind,
    ) -> Result<(), ModelError> {
        let write = |name: &str, text: serde_json::Result<String>| {
            let path = folder.join(name);
            fs::write(&path, text.unwrap_or_default() + "\n").map_err(|cause| ModelError::Io { path, cause })
        };
        write("config.json", serde_json::to_string_pretty(&network.config))?;
        write("labels.json", serde_json::to_string_pretty(labels))?;
        pieces.save(&folder.join("tokenizer.json"))?;
        Ok(weights::write(&network.store, &folder.join(weights::FILE), kind)?)
    }
}
