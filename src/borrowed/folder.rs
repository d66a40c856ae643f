//! A model folder as Hugging Face's libraries write it, checked before it is used (I6).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{json, Value};
use tch::nn::VarStore;

use super::architecture::{Architecture, Forward, Task};
use crate::encoder::weights;
use crate::model::{read_json, ModelError};

/// The same matrix under other names: of tied weights only one is saved.
const TIED: [(&str, &[&str]); 1] =
    [("model.shared.weight", &["model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"])];
/// Sizes in `config.json`, and what must divide the first of each.
const SIZES: [(&str, &[&str]); 7] = [
    ("hidden_size", &["num_attention_heads"]),
    ("dim", &["n_heads"]),
    ("d_model", &["encoder_attention_heads", "decoder_attention_heads"]),
    ("vocab_size", &[]),
    ("max_position_embeddings", &[]),
    ("num_hidden_layers", &[]),
    ("n_layers", &[]),
];
/// Values of `pos_att_type` that published models have; at others rust-bert panics.
const RELATIVE_POSITIONS: [&str; 2] = ["c2p", "p2c"];

/// A folder whose `config.json` has been read.
#[derive(Debug)]
pub(super) struct Folder {
    /// Where it lies.
    pub path: PathBuf,
    /// Its `model_type`.
    pub model_type: String,
    pub architecture: Architecture,
    pub task: Task,
    /// Names of the labels in the order of the logits.
    pub labels: Vec<String>,
    /// Most pieces of a sequence, special ones counted.
    pub window: usize,
    /// Piece that fills up.
    pub padding: i64,
    /// Number of pieces that have an embedding.
    pub vocabulary: usize,
    /// How many texts of a sequence the model tells apart.
    pub types: i64,
    config: Value,
}

impl Folder {
    /// Reads and checks `config.json` of a model for `task`, and that the files beside it are there.
    pub fn open(path: &Path, task: Task) -> Result<Self, ModelError> {
        let file = path.join("config.json");
        let config: Value = read_json(&file)?;
        let bad = |reason: String| ModelError::Content { path: file.clone(), reason };
        let number = |key: &str, default: i64| config.get(key).and_then(Value::as_i64).unwrap_or(default);
        let model_type = config.get("model_type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let architecture = Architecture::of(&model_type, task).map_err(bad)?;
        check_sizes(&config).map_err(bad)?;
        let padding = number("pad_token_id", architecture.padding());
        let vocabulary = number("vocab_size", 0);
        let window = number("max_position_embeddings", 0) - architecture.first_position(padding);
        if !(0..vocabulary).contains(&padding) {
            return Err(bad(format!("pad_token_id {padding} is not in a vocabulary of {vocabulary}")));
        }
        let folder = Folder {
            labels: labels(&config).map_err(bad)?,
            path: path.to_owned(),
            window: usize::try_from(window).unwrap_or(0),
            vocabulary: usize::try_from(vocabulary).unwrap_or(0),
            types: number("type_vocab_size", 0),
            model_type,
            architecture,
            task,
            padding,
            config,
        };
        folder.check_files()?;
        Ok(folder)
    }

    fn check_files(&self) -> Result<(), ModelError> {
        let class = match self.task {
            Task::Tokens => "AutoModelForTokenClassification",
            Task::Sequences => "AutoModelForSequenceClassification",
        };
        weights::file_in(&self.path, class)?;
        let path = self.path.join("tokenizer.json");
        if path.is_file() {
            return Ok(());
        }
        let way = weights::rewritten(&self.path, "AutoTokenizer");
        Err(ModelError::Content { path, reason: format!("missing, and no other form of a tokenizer is read; {way}") })
    }

    /// Declares the model's variables in `store`.
    pub fn declare(&self, store: &VarStore) -> Result<Forward, ModelError> {
        let bad = |reason| ModelError::Content { path: self.path.join("config.json"), reason };
        self.architecture.declare(self.task, store, &self.config).map_err(bad)
    }

    /// Fills the declared variables.
    pub fn fill(&self, store: &VarStore) -> Result<(), ModelError> {
        let path = self.path.join(weights::FILE);
        let there = weights::names(&path)?;
        Ok(weights::fill_renamed(store, &path, |name| self.name_in(&there, name))?)
    }

    /// The name under which the file that has the names `there` holds the variable `name`; its own if the file lacks
    /// it.
    fn name_in(&self, there: &BTreeSet<String>, name: &str) -> Option<String> {
        let tied = TIED.iter().filter(|(own, _)| *own == name).flat_map(|(_, others)| others.iter().copied());
        let bare = name.strip_prefix(self.architecture.prefix());
        let found = [name].into_iter().chain(tied).chain(bare).find_map(|name| {
            [name.to_owned(), weights::older_name(name)].into_iter().find(|name| there.contains(name))
        });
        match found {
            None if self.architecture.is_idle(self.task, name) => None,
            found => Some(found.unwrap_or_else(|| name.to_owned())),
        }
    }

    /// What it is, for the manifest of a run.
    pub fn describe(&self) -> Value {
        let folder = self.path.to_string_lossy();
        json!({ "folder": folder, "architecture": self.model_type, "window": self.window, "precision": "fp32" })
    }
}

/// The labels in the order of their numbers.
fn labels(config: &Value) -> Result<Vec<String>, String> {
    let named = config.get("id2label").and_then(Value::as_object).ok_or("no id2label, which names the labels")?;
    let numbered: BTreeMap<usize, &str> =
        named.iter().filter_map(|(id, label)| Some((id.parse().ok()?, label.as_str()?))).collect();
    if numbered.is_empty()
        || numbered.len() != named.len()
        || numbered.keys().ne((0..named.len()).collect::<Vec<_>>().iter())
    {
        return Err("id2label does not name the labels 0, 1, 2 and so on".to_owned());
    }
    Ok(numbered.into_values().map(str::to_owned).collect())
}

/// Whether rust-bert can declare a model of these sizes, and computes what the configuration says.
fn check_sizes(config: &Value) -> Result<(), String> {
    for (key, divisors) in SIZES {
        let Some(size) = config.get(key).filter(|value| !value.is_null()) else { continue };
        let size =
            size.as_i64().filter(|&size| size > 0).ok_or_else(|| format!("{key} is {size}, expected a number"))?;
        for divisor in divisors.iter().filter(|divisor| config.get(**divisor).is_some()) {
            let heads = config[*divisor].as_i64().unwrap_or(0);
            if heads < 1 || size % heads != 0 {
                return Err(format!("{key} {size} is no multiple of {divisor} {heads}"));
            }
        }
    }
    match config.get("position_embedding_type").and_then(Value::as_str) {
        None | Some("absolute") => {}
        Some(other) => return Err(format!("position_embedding_type {other:?} is not supported, only \"absolute\"")),
    }
    let relative: Vec<String> = match config.get("pos_att_type") {
        Some(Value::String(all)) if all != "none" => all.to_lowercase().split('|').map(str::to_owned).collect(),
        Some(Value::Array(all)) => all.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect(),
        _ => Vec::new(),
    };
    if let Some(other) = relative.iter().find(|one| !RELATIVE_POSITIONS.contains(&one.as_str())) {
        return Err(format!("pos_att_type {other:?} is not supported, only c2p and p2c"));
    }
    match config.get("norm_rel_ebd").and_then(Value::as_str) {
        None | Some("none" | "layer_norm") => Ok(()),
        Some(other) => Err(format!("norm_rel_ebd {other:?} is not supported, only \"layer_norm\" and \"none\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_numbered_without_a_gap() {
        let read = |labels: Value| labels_of(labels).map_err(|reason| reason.len() > 10);
        fn labels_of(id2label: Value) -> Result<Vec<String>, String> {
            labels(&json!({ "id2label": id2label }))
        }
        assert_eq!(read(json!({"1": "B", "0": "A", "10": "C"})), Err(true));
        assert_eq!(read(json!({"1": "B", "0": "A"})), Ok(vec!["A".to_owned(), "B".to_owned()]));
        for bad in [json!({}), json!({"a": "A"}), json!({"0": 1}), json!(null), json!(["A"])] {
            assert_eq!(read(bad), Err(true));
        }
    }

    #[test]
    fn what_rust_bert_would_stumble_over_is_refused() {
        assert_eq!(
            check_sizes(&json!({"hidden_size": 12, "num_attention_heads": 3, "pos_att_type": "p2c|c2p"})),
            Ok(())
        );
        for (config, word) in [
            (json!({"hidden_size": 12, "num_attention_heads": 5}), "num_attention_heads 5"),
            (json!({"dim": 12, "n_heads": 0}), "n_heads"),
            (json!({"vocab_size": -1}), "vocab_size"),
            (json!({"position_embedding_type": "relative_key"}), "relative_key"),
            (json!({"pos_att_type": ["c2p", "x"]}), "\"x\""),
            (json!({"norm_rel_ebd": "batch_norm"}), "batch_norm"),
        ] {
            assert!(check_sizes(&config).unwrap_err().contains(word), "{config}");
        }
    }
}
