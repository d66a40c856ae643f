//! The architectures that rust-bert has a classifier of, and how each is called.

use rust_bert::albert::{AlbertConfig, AlbertForSequenceClassification, AlbertForTokenClassification};
use rust_bert::bart::{BartConfig, BartForSequenceClassification};
use rust_bert::bert::{BertConfig, BertForSequenceClassification, BertForTokenClassification};
use rust_bert::deberta::{DebertaConfig, DebertaForSequenceClassification, DebertaForTokenClassification};
use rust_bert::deberta_v2::{DebertaV2Config, DebertaV2ForSequenceClassification, DebertaV2ForTokenClassification};
use rust_bert::distilbert::{DistilBertConfig, DistilBertForTokenClassification, DistilBertModelClassifier};
use rust_bert::electra::{ElectraConfig, ElectraForTokenClassification};
use rust_bert::roberta::{RobertaForSequenceClassification, RobertaForTokenClassification};
use rust_bert::RustBertError;
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::Value;
use tch::nn::{Path, VarStore};
use tch::Tensor;

use super::deberta::Deberta;

/// What a classifier labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Every piece.
    Tokens,
    /// The whole sequence.
    Sequences,
}

/// A family of models with one layout of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Architecture {
    Albert,
    Bart,
    Bert,
    Deberta,
    DebertaV2,
    DistilBert,
    Electra,
    Roberta,
}

/// The values of `model_type` that are known.
const MODEL_TYPES: [(&str, Architecture); 10] = [
    ("albert", Architecture::Albert),
    ("bart", Architecture::Bart),
    ("bert", Architecture::Bert),
    ("camembert", Architecture::Roberta),
    ("deberta", Architecture::Deberta),
    ("deberta-v2", Architecture::DebertaV2),
    ("distilbert", Architecture::DistilBert),
    ("electra", Architecture::Electra),
    ("roberta", Architecture::Roberta),
    ("xlm-roberta", Architecture::Roberta),
];

/// Sequences of one length, filled up, `[sequences, pieces]` each.
pub(super) struct Batch {
    /// Vocabulary indices.
    pub ids: Tensor,
    /// Which of the two texts a piece is of.
    pub types: Tensor,
    /// 1 at the pieces, 0 at what fills up.
    pub mask: Tensor,
    /// Positions.
    pub positions: Tensor,
}

/// Computes logits, `[sequences, pieces, labels]` or `[sequences, labels]`.
pub(super) type Forward = Box<dyn Fn(&Batch) -> Result<Tensor, RustBertError> + Send>;

impl Architecture {
    /// The architecture of this `model_type`, if rust-bert has it for the task; otherwise those that it has.
    pub fn of(model_type: &str, task: Task) -> Result<Self, String> {
        let fits = |architecture: Architecture| match task {
            Task::Tokens => architecture != Architecture::Bart,
            Task::Sequences => architecture != Architecture::Electra,
        };
        let found = MODEL_TYPES.iter().find(|(name, architecture)| *name == model_type && fits(*architecture));
        found.map(|(_, architecture)| *architecture).ok_or_else(|| {
            let known: Vec<&str> = MODEL_TYPES.iter().filter(|(_, a)| fits(*a)).map(|(name, _)| *name).collect();
            let what = if task == Task::Tokens { "token" } else { "sequence" };
            format!("model_type {model_type:?} is not supported for {what} classification, only {}", known.join(", "))
        })
    }

    /// What stands before the names of the encoder's weights.
    pub fn prefix(self) -> &'static str {
        match self {
            Architecture::Albert => "albert.",
            Architecture::Bart => "model.",
            Architecture::Bert => "bert.",
            Architecture::Deberta | Architecture::DebertaV2 => "deberta.",
            Architecture::DistilBert => "distilbert.",
            Architecture::Electra => "electra.",
            Architecture::Roberta => "roberta.",
        }
    }

    /// Piece that fills up, unless the configuration names another.
    pub fn padding(self) -> i64 {
        i64::from(matches!(self, Architecture::Bart | Architecture::Roberta))
    }

    /// Position of the first piece, where `padding` fills up.
    pub fn first_position(self, padding: i64) -> i64 {
        if self == Architecture::Roberta {
            padding + 1
        } else {
            0
        }
    }

    /// Whether the variable `name` is declared by rust-bert but takes no part in the task, so that a weight file may
    /// lack it: libraries save a classifier of tokens without the encoder's pooler.
    pub fn is_idle(self, task: Task, name: &str) -> bool {
        self == Architecture::Albert && task == Task::Tokens && name.starts_with("albert.pooler.")
    }

    /// Declares the model's variables in `store`.
    pub fn declare(self, task: Task, store: &VarStore, config: &Value) -> Result<Forward, String> {
        let declared = match task {
            Task::Tokens => self.declare_token_classifier(&store.root(), config)?,
            Task::Sequences => self.declare_sequence_classifier(&store.root(), config)?,
        };
        if !matches!(self, Architecture::Deberta | Architecture::DebertaV2) {
            return Ok(declared);
        }
        let model = Deberta::new(store.variables(), task, self == Architecture::DebertaV2, config)?;
        Ok(Box::new(move |batch| Ok(model.forward(batch))))
    }

    fn declare_token_classifier(self, root: &Path, config: &Value) -> Result<Forward, String> {
        Ok(match self {
            Architecture::Albert => {
                let model = AlbertForTokenClassification::new(root, &read::<AlbertConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), None, None, false).logits))
            }
            Architecture::Bert => {
                let model = BertForTokenClassification::new(root, &read::<BertConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), None, None, false).logits))
            }
            Architecture::Deberta => {
                let model = DebertaForTokenClassification::new(root, &read::<DebertaConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), None, None, false)?.logits))
            }
            Architecture::DebertaV2 => {
                let config = read::<DebertaV2Config>(config)?;
                let model = DebertaV2ForTokenClassification::new(root, &config).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), None, None, false)?.logits))
            }
            Architecture::DistilBert => {
                let config = read::<DistilBertConfig>(config)?;
                let model = DistilBertForTokenClassification::new(root, &config).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), None, false)?.logits))
            }
            Architecture::Electra => {
                let model = ElectraForTokenClassification::new(root, &read::<ElectraConfig>(config)?).map_err(text)?;
                Box::new(move |b| {
                    // rust-bert's ELECTRA adds the mask to the attention scores as it stands.
                    let mask = (&b.mask - 1) * 10_000;
                    Ok(model.forward_t(ids(b), Some(&mask), types(b), None, None, false).logits)
                })
            }
            Architecture::Roberta => {
                let model = RobertaForTokenClassification::new(root, &read::<BertConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), places(b), None, false).logits))
            }
            Architecture::Bart => return Err("BART classifies no tokens".to_owned()),
        })
    }

    fn declare_sequence_classifier(self, root: &Path, config: &Value) -> Result<Forward, String> {
        Ok(match self {
            Architecture::Albert => {
                let model = AlbertForSequenceClassification::new(root, &read::<AlbertConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), None, None, false).logits))
            }
            Architecture::Bart => {
                let model = BartForSequenceClassification::new(root, &read::<BartConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(&b.ids, mask(b), None, None, None, false).decoder_output))
            }
            Architecture::Bert => {
                let model = BertForSequenceClassification::new(root, &read::<BertConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), None, None, false).logits))
            }
            Architecture::Deberta => {
                let config = read::<DebertaConfig>(config)?;
                let model = DebertaForSequenceClassification::new(root, &config).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), None, None, false)?.logits))
            }
            Architecture::DebertaV2 => {
                let config = read::<DebertaV2Config>(config)?;
                let model = DebertaV2ForSequenceClassification::new(root, &config).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), None, None, false)?.logits))
            }
            Architecture::DistilBert => {
                let model = DistilBertModelClassifier::new(root, &read::<DistilBertConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), None, false)?.logits))
            }
            Architecture::Roberta => {
                let model = RobertaForSequenceClassification::new(root, &read::<BertConfig>(config)?).map_err(text)?;
                Box::new(move |b| Ok(model.forward_t(ids(b), mask(b), types(b), places(b), None, false).logits))
            }
            Architecture::Electra => return Err("rust-bert's ELECTRA classifies no sequences".to_owned()),
        })
    }
}

fn ids(batch: &Batch) -> Option<&Tensor> {
    Some(&batch.ids)
}

fn mask(batch: &Batch) -> Option<&Tensor> {
    Some(&batch.mask)
}

fn types(batch: &Batch) -> Option<&Tensor> {
    Some(&batch.types)
}

fn places(batch: &Batch) -> Option<&Tensor> {
    Some(&batch.positions)
}

fn text(error: RustBertError) -> String {
    error.to_string()
}

/// A configuration as rust-bert has it. What the file does not say has the architecture's default, as in Hugging
/// Face's library; what it says with `null` or `"none"` is as good as not said, but rust-bert stumbles over it.
fn read<T: Default + Serialize + DeserializeOwned>(config: &Value) -> Result<T, String> {
    let mut merged = serde_json::to_value(T::default()).map_err(|e| e.to_string())?;
    for (key, value) in config.as_object().into_iter().flatten() {
        if !value.is_null() && value != "none" {
            merged[key] = value.clone();
        }
    }
    if let Some(fields) = merged.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    serde_json::from_value(merged).map_err(|e| e.to_string())
}
