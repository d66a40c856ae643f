//! I6: a model folder that does not fit is refused with the path and the reason, and nothing is computed with it.

use std::fs;
use std::path::{Path, PathBuf};

use demarche::model::Model;
use tch::Device;
use tempfile::TempDir;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/demarche-mini");

/// A copy of the shipped model's folder that a test may spoil.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        for name in ["config.json", "tokenizer.json", "labels.json", "model.safetensors"] {
            fs::copy(Path::new(SHIPPED).join(name), folder.path(name)).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn replace(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} does not contain {from}");
        fs::write(self.path(name), text.replacen(from, to, 1)).unwrap();
    }

    /// The message with which the folder is refused, which must name `file`.
    fn refusal(&self, file: &str) -> String {
        let message = match Model::load(self.0.path(), Device::Cpu) {
            Ok(_) => panic!("the folder was taken"),
            Err(error) => error.to_string(),
        };
        let path = self.path(file).display().to_string();
        assert!(message.starts_with(&path), "{message} does not begin with {path}");
        message
    }
}

#[test]
fn i6_the_shipped_folder_is_taken() {
    assert!(Model::load(Path::new(SHIPPED), Device::Cpu).is_ok());
}

#[test]
fn i6_a_missing_file_is_named() {
    for name in ["config.json", "tokenizer.json", "labels.json", "model.safetensors"] {
        let folder = Folder::new();
        fs::remove_file(folder.path(name)).unwrap();
        folder.refusal(name);
    }
}

#[test]
fn i6_truncated_and_empty_weights_are_refused() {
    for length in [0, 7, 5_000, 1_000_000] {
        let folder = Folder::new();
        let file = fs::OpenOptions::new().write(true).open(folder.path("model.safetensors")).unwrap();
        file.set_len(length).unwrap();
        assert!(folder.refusal("model.safetensors").contains("no whole safetensors file"));
    }
}

#[test]
fn i6_weights_of_another_shape_are_refused() {
    let folder = Folder::new();
    folder.replace("config.json", "\"num_hidden_layers\": 6", "\"num_hidden_layers\": 7");
    assert!(folder.refusal("model.safetensors").contains("encoder.layer.6"));
    let folder = Folder::new();
    folder.replace("config.json", "\"intermediate_size\": 1536", "\"intermediate_size\": 1500");
    assert!(folder.refusal("model.safetensors").contains("[1536"));
}

#[test]
fn i6_labels_in_another_order_are_refused() {
    let folder = Folder::new();
    folder.replace("labels.json", "\"PER\"", "\"ORG\"");
    assert!(folder.refusal("labels.json").contains("entity_types"));
    let folder = Folder::new();
    folder.replace("labels.json", "\"format\": 3", "\"format\": 99");
    assert!(folder.refusal("labels.json").contains("format 99"));
}

#[test]
fn i6_the_tokenizer_of_another_model_is_refused() {
    let folder = Folder::new();
    folder.replace("tokenizer.json", "\"[unused0]\"", "\"[marker]\"");
    assert!(folder.refusal("tokenizer.json").contains("belongs to another model"));
    let folder = Folder::new();
    fs::write(folder.path("tokenizer.json"), "{}").unwrap();
    folder.refusal("tokenizer.json");
}
