//! Published encoders of every architecture compute in ours what they compute in rust-bert and in transformers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use demarche::encoder::{weights, Encoder, Mode, Packed};
use demarche::model::Network;
use rust_bert::bert::{BertEmbedding, BertEmbeddings, BertModel};
use rust_bert::distilbert::DistilBertModel;
use rust_bert::electra::ElectraModel;
use rust_bert::roberta::RobertaEmbeddings;
use serde_json::Value;
use tch::nn::VarStore;
use tch::{no_grad, Device, Kind, Tensor};

mod published;

/// The text that is read.
fn ids() -> Vec<i64> {
    (0..60).map(|i| 2 + i * 7 % 37).collect()
}

/// An encoder of the shape `config` in a folder of its own.
fn network_of(name: &str, config: &Value) -> Network {
    let folder = tempfile::tempdir().unwrap();
    let tokenizer = if name == "bert" { published::word_pieces() } else { published::byte_level() };
    published::write(folder.path(), name, "", &tokenizer);
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    Network::pretrained(folder.path(), Device::Cpu).unwrap_or_else(|e| panic!("{name}: {e}")).0
}

fn network(name: &str) -> Network {
    network_of(name, &published::config(name))
}

/// The final states of the text, read between two others.
fn states(encoder: &Encoder) -> Tensor {
    let (ids, before, behind) = (ids(), [9, 8, 7], [5, 6]);
    let all = [&before[..], &ids, &behind].concat();
    let positions: Vec<i64> = (0..3).chain(0..60).chain(0..2).collect();
    let texts = Packed::new(&all, &vec![0; all.len()], &positions, vec![3, 60, 2], Device::Cpu);
    no_grad(|| encoder.read(&texts, Mode::Read).hidden.narrow(0, 3, 60))
}

/// The final states of the text, read alone.
fn states_alone(encoder: &Encoder) -> Tensor {
    let positions: Vec<i64> = (0..60).collect();
    let text = Packed::new(&ids(), &[0; 60], &positions, vec![60], Device::Cpu);
    no_grad(|| encoder.read(&text, Mode::Read).hidden)
}

#[test]
fn i1_a_text_comes_out_the_same_whatever_lies_beside_it_and_alike_in_bf16() {
    for name in published::NAMES {
        let network = network(name);
        let encoder = network.encoder(Kind::Float);
        let together = states(&encoder);
        assert!(states_alone(&encoder).equal(&together), "{name}");
        let rounded = states_alone(&network.encoder(Kind::BFloat16)).to_kind(Kind::Float);
        let difference = (rounded - together).abs().mean(Kind::Float).double_value(&[]);
        assert!(difference < 0.05, "{name}: {difference}");
    }
}

/// What transformers 4.57 computes for the first four numbers of the second and the last piece.
const REFERENCE: [(&str, [f64; 4], [f64; 4]); 11] = [
    ("albert", [-0.81793, -1.49642, -0.6969, -0.67526], [-0.80419, -1.37822, -0.76924, -0.67108]),
    ("bert", [0.40848, 1.81323, 0.84707, 1.51495], [2.0765, -0.23492, 1.76839, 0.81799]),
    ("camembert", [0.51219, 1.71736, 0.97432, 1.51321], [2.10105, -0.27812, 1.73328, 0.75389]),
    ("deberta", [2.21859, 0.18354, 1.14156, -0.1855], [1.53335, 0.97708, 0.10571, 2.2972]),
    ("deberta-v2 apart", [0.62155, 1.67991, 1.03808, 0.96513], [0.22471, 1.39869, 0.03397, 2.13426]),
    ("deberta-v2", [1.58577, 0.42686, 1.57985, 0.55822], [1.99131, -0.36559, 1.10035, 0.10481]),
    ("distilbert", [-2.44301, 0.60245, -1.59231, -0.17488], [-1.13243, -0.38391, -1.26006, 0.1201]),
    ("electra", [0.70068, 0.61096, 2.28474, -0.13242], [0.58587, 0.97666, 2.12843, -0.44522]),
    ("mpnet", [0.56318, 1.94596, 1.3052, 0.26847], [0.55741, 1.89557, -0.44197, 2.41758]),
    ("roberta", [0.51219, 1.71736, 0.97432, 1.51321], [2.10105, -0.27812, 1.73328, 0.75389]),
    ("xlm-roberta", [0.51219, 1.71736, 0.97432, 1.51321], [2.10105, -0.27812, 1.73328, 0.75389]),
];

#[test]
fn states_are_those_of_transformers() {
    for (name, second, last) in REFERENCE {
        let states = states(&network(name).encoder(Kind::Float));
        for (place, expected) in [(1, second), (59, last)] {
            let found = states.select(0, place).narrow(0, 0, 4);
            let difference = (&found - Tensor::from_slice(&expected)).abs().max().double_value(&[]);
            assert!(difference < 1e-4, "{name}: piece {place} is {:?}", Vec::<f64>::try_from(found));
        }
    }
}

/// Gives the variables of `store` the weights of an encoder whose tensors have `prefix` there.
fn fill(store: &VarStore, name: &str, prefix: &str) {
    let mut variables: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
    for (name, tensor) in published::tensors(name) {
        let variable = variables.get_mut(&format!("{prefix}.{name}")).unwrap_or_else(|| panic!("{prefix}.{name}"));
        no_grad(|| variable.copy_(&tensor));
    }
}

/// The states that a BERT of rust-bert computes with one or another kind of embeddings.
fn of_bert<E: BertEmbedding>(store: &VarStore, config: Value, prefix: &str, name: &str, ids: &Tensor) -> Tensor {
    let config = serde_json::from_value(config).unwrap();
    let model = BertModel::<E>::new_with_optional_pooler(store.root() / prefix, &config, false);
    fill(store, name, prefix);
    model.forward_t(Some(ids), None, None, None, None, None, None, false).unwrap().hidden_state
}

/// The states that rust-bert computes.
fn of_rust_bert(name: &str, config: Value) -> Tensor {
    let store = VarStore::new(Device::Cpu);
    let root = store.root();
    let ids = Tensor::from_slice(&ids()).unsqueeze(0);
    let states = match name {
        "bert" => of_bert::<BertEmbeddings>(&store, config, "bert", name, &ids),
        "roberta" => of_bert::<RobertaEmbeddings>(&store, config, "roberta", name, &ids),
        "electra" => {
            let model = ElectraModel::new(root / name, &serde_json::from_value(config).unwrap());
            fill(&store, name, name);
            model.forward_t(Some(&ids), None, None, None, None, false).unwrap().hidden_state
        }
        "distilbert" => {
            let model = DistilBertModel::new(root, &serde_json::from_value(config).unwrap());
            fill(&store, name, name);
            model.forward_t(Some(&ids), None, None, false).unwrap().hidden_state
        }
        other => panic!("{other}"),
    };
    states.squeeze_dim(0)
}

#[test]
fn states_are_those_of_rust_bert() {
    // rust-bert's DeBERTa takes the number of heads for that of pieces, its ALBERT has one group of layers.
    for name in ["bert", "roberta", "electra", "distilbert"] {
        let mut config = published::config(name);
        if name == "roberta" {
            // rust-bert takes no notice of what the configuration says.
            config["layer_norm_eps"] = 1e-12.into();
            config["type_vocab_size"] = 1.into();
        }
        let ours = states(&network_of(name, &config).encoder(Kind::Float));
        let theirs = no_grad(|| of_rust_bert(name, config));
        let difference = (ours - &theirs).abs().max().double_value(&[]);
        assert!(difference < 1e-4 && theirs.std(false).double_value(&[]) > 0.5, "{name}: {difference}");
    }
}

#[test]
fn gradients_reach_every_variable_but_the_bias_of_distances() {
    for name in published::NAMES {
        let network = network(name);
        let encoder = network.encoder(Kind::Float);
        let text: Vec<i64> = ids();
        let positions: Vec<i64> = (0..60).collect();
        let texts = Packed::new(&text, &vec![0; 60], &positions, vec![60], Device::Cpu);
        let reading = encoder.read(&texts, Mode::Train);
        let markers = Packed::new(&[7, 8], &[0; 2], &[3, 59], vec![2], Device::Cpu);
        let states = encoder.read_markers(&markers, &reading, Mode::Train);
        (states * Tensor::from_slice(&[1.0_f32, -2.0]).unsqueeze(1)).square().mean(Kind::Float).backward();
        for (variable, value) in network.store.variables() {
            let gradient = value.grad();
            let reached = gradient.defined() && gradient.abs().max().double_value(&[]) > 0.0;
            let learned = variable.starts_with("bert.") && !variable.ends_with("distance_bias");
            assert_eq!(reached, learned, "{name}: {variable}");
        }
    }
}

/// Why an encoder is refused after `spoil` has changed its folder.
fn refusal(name: &str, spoil: impl Fn(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    published::write(folder.path(), name, "", &published::byte_level());
    spoil(folder.path());
    let Err(error) = Network::pretrained(folder.path(), Device::Cpu) else { panic!("{name} was taken") };
    let message = error.to_string();
    message.strip_prefix(&format!("{}/", folder.path().display())).unwrap_or_else(|| panic!("{message}")).to_owned()
}

/// Why an encoder with another line in its `config.json` is refused.
fn refusal_of(name: &str, key: &str, value: Value) -> String {
    refusal(name, |folder| {
        let mut config = published::config(name);
        config[key] = value.clone();
        fs::write(folder.join("config.json"), config.to_string()).unwrap();
    })
}

#[test]
fn i6_an_encoder_that_does_not_fit_is_refused() {
    let unknown = refusal_of("bert", "model_type", "gpt2".into());
    assert!(unknown.starts_with("config.json: model_type \"gpt2\"") && unknown.contains("`roberta`"), "{unknown}");
    assert!(refusal_of("bert", "hidden_act", "swish".into()).contains("`gelu`"));
    assert!(refusal_of("bert", "position_embedding_type", "relative_key".into()).contains("absolute"));
    assert!(refusal_of("bert", "num_attention_heads", 5.into()).contains("no multiple"));
    assert!(refusal_of("deberta-v2", "conv_kernel_size", 3.into()).contains("deberta-v3-base can be used"));
    let missing = refusal_of("bert", "num_hidden_layers", 3.into());
    assert!(
        missing.starts_with("model.safetensors: tensor encoder.layer.2.") && missing.contains("missing"),
        "{missing}"
    );
    let shape = refusal_of("bert", "intermediate_size", 50.into());
    assert!(shape.contains("intermediate.dense.weight: shape [48, 24], expected [50, 24]"), "{shape}");
}

#[test]
fn i6_files_that_are_missing_are_told_of_with_the_way_to_get_them() {
    let pickled = refusal("bert", |folder| {
        fs::rename(folder.join("model.safetensors"), folder.join("pytorch_model.bin")).unwrap();
    });
    assert!(pickled.starts_with("pytorch_model.bin: ") && pickled.contains("save_pretrained"), "{pickled}");
    let weights = refusal("bert", |folder| fs::remove_file(folder.join("model.safetensors")).unwrap());
    assert!(weights.starts_with("model.safetensors: "), "{weights}");
    let tokenizer = refusal("bert", |folder| fs::remove_file(folder.join("tokenizer.json")).unwrap());
    assert!(tokenizer.starts_with("tokenizer.json: ") && tokenizer.contains("save_pretrained"), "{tokenizer}");
}

#[test]
fn names_of_models_with_heads_and_of_tensorflow_are_known() {
    let folder = tempfile::tempdir().unwrap();
    published::write(folder.path(), "bert", "bert.", &published::word_pieces());
    let file = folder.path().join("model.safetensors");
    let rename =
        |name: String| name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
    let tensors = weights::read_tensors(&file).unwrap().into_iter().map(|(name, tensor)| (rename(name), tensor));
    weights::write_tensors(&tensors.collect(), &file).unwrap();
    let (renamed, _) = Network::pretrained(folder.path(), Device::Cpu).unwrap();
    let expected = states(&network("bert").encoder(Kind::Float));
    assert!(states(&renamed.encoder(Kind::Float)).equal(&expected));
}
