//! Small BERTs in folders as Hugging Face's libraries write them, whose weights are made so that one sees what they do.

#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use demarche::encoder::weights::write_tensors;
use serde_json::{json, Value};
use tch::{Device, Kind, Tensor};

/// Size of the hidden states: each piece has one dimension at 1.
const HIDDEN: i64 = 8;
/// Most pieces of a sequence.
const WINDOW: i64 = 32;

/// Labels of the model that knows names by heart, and the words of each.
const NAMES: [(&str, &[&str]); 8] = [
    ("O", &["[PAD]", "[UNK]", "[CLS]", "[SEP]"]),
    ("B-PERSON", &["vladimir", "xi"]),
    ("I-PERSON", &["putin"]),
    ("B-GPE", &["russia", "china", "france", "mali"]),
    ("I-GPE", &["federation"]),
    ("B-ORG", &["taliban", "nato"]),
    ("B-NORP", &["russian"]),
    ("B-DATE", &["monday"]),
];

/// Labels of the model for inference, and the words of which each dimension counts how many there are.
const COUNTS: [(&str, &[&str]); 4] = [
    ("contradiction", &["[PAD]", "[UNK]", "[CLS]", "[SEP]"]),
    ("entailment", &["recognised"]),
    ("neutral", &["attacked"]),
    ("", &["the", "has", "russia", "china", "taliban"]),
];

/// Writes a model for token classification that gives each word of [`NAMES`] its label.
pub fn write_name_model(folder: &Path) {
    write(folder, &NAMES, false);
    let mut weights = encoder(&NAMES, 0.0);
    weights.insert("classifier.weight".to_owned(), eye() * 4);
    weights.insert("classifier.bias".to_owned(), zeros(&[HIDDEN]));
    write_tensors(&weights, &folder.join("model.safetensors")).unwrap();
}

/// Writes a model for inference that holds the second text for entailed the surer, the more often both texts have the
/// word "recognised", and the less sure, the more often "attacked".
pub fn write_inference_model(folder: &Path) {
    write(folder, &COUNTS, true);
    let mut weights = encoder(&COUNTS, 1.0);
    weights.insert("bert.pooler.dense.weight".to_owned(), eye() * 0.3);
    weights.insert("bert.pooler.dense.bias".to_owned(), zeros(&[HIDDEN]));
    let classifier = zeros(&[3, HIDDEN]);
    let _ = classifier.get(1).narrow(0, 1, 1).fill_(8.0);
    let _ = classifier.get(1).narrow(0, 2, 1).fill_(-8.0);
    weights.insert("classifier.weight".to_owned(), classifier);
    weights.insert("classifier.bias".to_owned(), zeros(&[3]));
    write_tensors(&weights, &folder.join("model.safetensors")).unwrap();
}

/// Changes a file of a folder.
pub fn replace(folder: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    assert!(text.contains(from), "{name} does not contain {from}");
    fs::write(folder.join(name), text.replace(from, to)).unwrap();
}

fn zeros(shape: &[i64]) -> Tensor {
    Tensor::zeros(shape, (Kind::Float, Device::Cpu))
}

fn eye() -> Tensor {
    Tensor::eye(HIDDEN, (Kind::Float, Device::Cpu))
}

/// Configuration and tokenizer.
fn write(folder: &Path, words: &[(&str, &[&str])], inference: bool) {
    let count = words.iter().map(|(_, words)| words.len()).sum::<usize>();
    let labels: BTreeMap<String, &str> =
        words.iter().filter(|(label, _)| !label.is_empty()).enumerate().map(|(i, w)| (i.to_string(), w.0)).collect();
    let config = json!({
        "model_type": "bert", "hidden_size": HIDDEN, "num_attention_heads": 2, "num_hidden_layers": 1,
        "intermediate_size": 4, "vocab_size": count, "max_position_embeddings": WINDOW, "type_vocab_size": 2,
        "hidden_act": "gelu", "pad_token_id": 0, "id2label": labels,
        "architectures": [if inference { "BertForSequenceClassification" } else { "BertForTokenClassification" }],
    });
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    fs::write(folder.join("tokenizer.json"), tokenizer(words).to_string()).unwrap();
}

fn tokenizer(words: &[(&str, &[&str])]) -> Value {
    let all: Vec<&str> = words.iter().flat_map(|(_, words)| words.iter().copied()).collect();
    let vocab: BTreeMap<&str, usize> = all.iter().enumerate().map(|(id, word)| (*word, id)).collect();
    let special = |name: &str, id: usize| {
        json!({"id": id, "content": name, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
               "special": true})
    };
    let piece = |id: &str, kind: usize| json!({"SpecialToken": {"id": id, "type_id": kind}});
    let text = |id: &str, kind: usize| json!({"Sequence": {"id": id, "type_id": kind}});
    json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": [special("[PAD]", 0), special("[UNK]", 1), special("[CLS]", 2), special("[SEP]", 3)],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece("[CLS]", 0), text("A", 0), piece("[SEP]", 0)],
            "pair": [piece("[CLS]", 0), text("A", 0), piece("[SEP]", 0), text("B", 1), piece("[SEP]", 1)],
            "special_tokens": {
                "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]},
            },
        },
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "[UNK]"},
    })
}

/// Weights with which every piece keeps its one dimension, and to which attention adds `mixing` times the mean of all.
fn encoder(words: &[(&str, &[&str])], mixing: f64) -> BTreeMap<String, Tensor> {
    let dimensions: Vec<i64> =
        words.iter().enumerate().flat_map(|(i, (_, words))| words.iter().map(move |_| i as i64)).collect();
    let one_hot = Tensor::from_slice(&dimensions).one_hot(HIDDEN).to_kind(Kind::Float);
    let mut weights = BTreeMap::new();
    let mut put = |name: &str, weight: Tensor| weights.insert(format!("bert.{name}"), weight);
    put("embeddings.word_embeddings.weight", one_hot);
    put("embeddings.position_embeddings.weight", zeros(&[WINDOW, HIDDEN]));
    put("embeddings.token_type_embeddings.weight", zeros(&[2, HIDDEN]));
    let layer = "encoder.layer.0";
    for norm in ["embeddings", &format!("{layer}.attention.output"), &format!("{layer}.output")] {
        put(&format!("{norm}.LayerNorm.weight"), zeros(&[HIDDEN]) + 1.0);
        put(&format!("{norm}.LayerNorm.bias"), zeros(&[HIDDEN]));
    }
    for (part, factor) in [("self.query", 0.0), ("self.key", 0.0), ("self.value", mixing), ("output.dense", 1.0)] {
        put(&format!("{layer}.attention.{part}.weight"), eye() * factor);
        put(&format!("{layer}.attention.{part}.bias"), zeros(&[HIDDEN]));
    }
    put(&format!("{layer}.intermediate.dense.weight"), zeros(&[4, HIDDEN]));
    put(&format!("{layer}.intermediate.dense.bias"), zeros(&[4]));
    put(&format!("{layer}.output.dense.weight"), zeros(&[HIDDEN, 4]));
    put(&format!("{layer}.output.dense.bias"), zeros(&[HIDDEN]));
    weights
}
