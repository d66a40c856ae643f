//! Every architecture computes what Hugging Face's transformers compute with the same weights, which
//! `scripts/borrowed_logits.py` wrote to `tests/fixtures/borrowed_logits.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use tch::{Device, Kind, Tensor};

use super::architecture::Task;
use super::classifier::{Classifier, Sequence};
use super::folder::Folder;
use crate::encoder::weights;

/// Largest difference of a logit that counts as none. rust-bert's BERT computes its norms with an epsilon of 1e-12
/// whatever the configuration says, where RoBERTa has 1e-5.
const TOLERANCE: f32 = 2e-4;

#[derive(Deserialize)]
struct Case {
    task: String,
    config: Value,
    shapes: BTreeMap<String, Vec<i64>>,
    sequences: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    ids: Vec<i64>,
    types: Vec<i64>,
    logits: Vec<f32>,
}

/// The weight of this name, as the script has it.
fn weight(name: &str, shape: &[i64]) -> Tensor {
    let start = name.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let middle = if name.contains("orm") && name.ends_with("weight") { 1.0 } else { 0.0 };
    let value = |i: u32| {
        let mut x = i.wrapping_mul(0x9E37_79B9).wrapping_add(start);
        for (shift, factor) in [(16, 0x85EB_CA6B), (13, 0xC2B2_AE35), (16, 1)] {
            x = (x ^ (x >> shift)).wrapping_mul(factor);
        }
        ((f64::from(x) / 4_294_967_296.0 - 0.5) * 0.6 + middle) as f32
    };
    let values: Vec<f32> = (0..shape.iter().product::<i64>() as u32).map(value).collect();
    Tensor::from_slice(&values).view(shape)
}

/// The largest difference of the case's logits, taken to probabilities and back.
fn difference(case: &Case, folder: &Path, rename: impl Fn(&str) -> String) -> f32 {
    fs::write(folder.join("config.json"), case.config.to_string()).unwrap();
    fs::write(folder.join("tokenizer.json"), "").unwrap();
    let tensors = case.shapes.iter().map(|(name, shape)| (rename(name), weight(name, shape))).collect();
    weights::write_tensors(&tensors, &folder.join("model.safetensors")).unwrap();
    let task = if case.task == "tokens" { Task::Tokens } else { Task::Sequences };
    let folder = Arc::new(Folder::open(folder, task).unwrap());
    let classifiers = Classifier::load(&folder, Device::Cpu, 2).unwrap();
    let lengths: Vec<usize> = case.sequences.iter().map(|s| s.ids.len()).collect();
    let sequence = |i: usize| Sequence { ids: case.sequences[i].ids.clone(), types: case.sequences[i].types.clone() };
    let mut largest = 0.0_f32;
    for classifier in &classifiers {
        let mut seen = 0;
        let compare = |i: usize, found: &[f32]| {
            let logits = Tensor::from_slice(&case.sequences[i].logits).view([-1, folder.labels.len() as i64]);
            let expected: Vec<f32> = Vec::try_from(logits.log_softmax(-1, Kind::Float).view([-1])).unwrap();
            assert_eq!(found.len(), expected.len());
            largest = found.iter().zip(expected).fold(largest, |most, (a, b)| most.max((a - b).abs()));
            seen += 1;
        };
        // Both in one batch, the shorter filled up.
        classifier.read(&lengths, sequence, compare).unwrap();
        assert_eq!(seen, lengths.len());
    }
    largest
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/borrowed_logits.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_architecture_computes_what_transformers_compute() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let largest = difference(&case, folder.path(), str::to_owned);
        assert!(largest < TOLERANCE, "{} {}: {largest}", case.config["model_type"], case.task);
    }
}

#[test]
fn older_names_of_weights_and_names_without_the_encoder_are_found() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases().iter().filter(|case| case.config["model_type"] == "bert") {
        let older = |name: &str| {
            name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        };
        assert!(difference(case, folder.path(), older) < TOLERANCE);
        let bare = |name: &str| name.trim_start_matches("bert.").to_owned();
        assert!(difference(case, folder.path(), bare) < TOLERANCE);
    }
    for case in cases().iter().filter(|case| case.config["model_type"] == "bart") {
        let tied = |name: &str| name.replace("model.shared", "model.decoder.embed_tokens");
        // The weight of a name follows from the name in the fixture, so that only the place differs.
        assert!(difference(case, folder.path(), tied) < TOLERANCE);
    }
}
