//! Small encoders in folders as Hugging Face writes them, with weights that follow a formula.

#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{json, Value};
use tch::{Kind, Tensor};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

use demarche::encoder::weights;

const HIDDEN: i64 = 24;
const INNER: i64 = 48;
/// Rows of the table of words; some stand for no piece, as is often so.
const ROWS: i64 = 320;
const POSITIONS: i64 = 64;

/// The architectures.
pub const NAMES: [&str; 11] = [
    "albert",
    "bert",
    "camembert",
    "deberta",
    "deberta-v2",
    "deberta-v2 apart",
    "distilbert",
    "electra",
    "mpnet",
    "roberta",
    "xlm-roberta",
];

/// The `config.json` of a small encoder.
pub fn config(name: &str) -> Value {
    let more = match name {
        "albert" => json!({"embedding_size": 16, "num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 1,
            "hidden_act": "gelu_new", "bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}),
        "electra" => json!({"embedding_size": 16, "pad_token_id": 0}),
        "roberta" | "xlm-roberta" | "camembert" => json!({"pad_token_id": 1, "layer_norm_eps": 1e-5}),
        "mpnet" => json!({"pad_token_id": 1, "layer_norm_eps": 1e-5, "relative_attention_num_buckets": 32}),
        "deberta" => json!({"relative_attention": true, "pos_att_type": "c2p|p2c", "type_vocab_size": 0,
            "max_relative_positions": -1, "layer_norm_eps": 1e-7}),
        "deberta-v2" => json!({"relative_attention": true, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8,
            "max_relative_positions": -1, "norm_rel_ebd": "layer_norm", "share_att_key": true,
            "position_biased_input": false, "layer_norm_eps": 1e-7}),
        "deberta-v2 apart" => json!({"relative_attention": true, "pos_att_type": "p2c|c2p",
            "max_relative_positions": -1, "share_att_key": false, "layer_norm_eps": 1e-7}),
        "distilbert" => {
            return json!({"model_type": "distilbert", "dim": HIDDEN, "n_layers": 2, "n_heads": 3, "hidden_dim": INNER,
                "vocab_size": ROWS, "max_position_embeddings": POSITIONS, "activation": "gelu", "dropout": 0.1,
                "attention_dropout": 0.1, "initializer_range": 0.02, "qa_dropout": 0.1, "seq_classif_dropout": 0.2,
                "sinusoidal_pos_embds": false, "tie_weights_": true})
        }
        _ => json!({}),
    };
    let mut config = json!({"model_type": name.split(' ').next(), "hidden_size": HIDDEN, "num_hidden_layers": 2,
        "num_attention_heads": 3, "intermediate_size": INNER, "vocab_size": ROWS, "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

/// Names and shapes of a layer's tensors, its parts in the order of BERT's.
fn layer(before: &str, parts: [&str; 8]) -> Vec<(String, Vec<i64>)> {
    let square = vec![HIDDEN, HIDDEN];
    let norm = vec![HIDDEN];
    let weights = [&square, &square, &square, &square, &norm, &vec![INNER, HIDDEN], &vec![HIDDEN, INNER], &norm];
    let both = |(part, weight): (&str, &Vec<i64>)| {
        [(format!("{before}{part}.weight"), weight.clone()), (format!("{before}{part}.bias"), vec![weight[0]])]
    };
    parts.into_iter().zip(weights).flat_map(both).collect()
}

/// Names and shapes of the tensors that an encoder has, beside a pooler.
fn shapes(name: &str) -> Vec<(String, Vec<i64>)> {
    let width = if matches!(name, "albert" | "electra") { 16 } else { HIDDEN };
    let types = match name {
        "roberta" | "xlm-roberta" | "camembert" => 1,
        "albert" | "bert" | "electra" => 2,
        _ => 0,
    };
    let table = |part: &str, rows| (format!("embeddings.{part}_embeddings.weight"), vec![rows, width]);
    let mut all = vec![
        table("word", ROWS),
        ("embeddings.LayerNorm.weight".to_owned(), vec![width]),
        ("embeddings.LayerNorm.bias".to_owned(), vec![width]),
    ];
    all.extend((name != "deberta-v2").then(|| table("position", POSITIONS)));
    all.extend((types > 0).then(|| table("token_type", types)));
    let mut add = |name: String, shape: &[i64]| all.push((name, shape.to_vec()));
    match name {
        "albert" | "electra" => {
            let part = if name == "albert" { "encoder.embedding_hidden_mapping_in" } else { "embeddings_project" };
            add(format!("{part}.weight"), &[HIDDEN, width]);
            add(format!("{part}.bias"), &[HIDDEN]);
        }
        "mpnet" => add("encoder.relative_attention_bias.weight".to_owned(), &[32, 3]),
        "deberta" | "deberta-v2 apart" => add("encoder.rel_embeddings.weight".to_owned(), &[2 * POSITIONS, HIDDEN]),
        "deberta-v2" => {
            add("encoder.rel_embeddings.weight".to_owned(), &[16, HIDDEN]);
            add("encoder.LayerNorm.weight".to_owned(), &[HIDDEN]);
            add("encoder.LayerNorm.bias".to_owned(), &[HIDDEN]);
        }
        _ => {}
    }
    (0..2).for_each(|n| all.extend(of_layer(name, n)));
    all
}

/// Names and shapes of the tensors of layer, or group, `n`.
fn of_layer(name: &str, n: usize) -> Vec<(String, Vec<i64>)> {
    let before = format!("encoder.layer.{n}.");
    let rest = ["attention.output.dense", "attention.output.LayerNorm", "intermediate.dense"];
    let ends = ["output.dense", "output.LayerNorm"];
    let with = |q, k, v| [q, k, v, rest[0], rest[1], rest[2], ends[0], ends[1]];
    let bert = with("attention.self.query", "attention.self.key", "attention.self.value");
    let v2 = with("attention.self.query_proj", "attention.self.key_proj", "attention.self.value_proj");
    let attention = |part: &str, shape: &[i64]| (format!("{before}attention.self.{part}"), shape.to_vec());
    let linear = |part: &str| {
        [attention(&format!("{part}.weight"), &[HIDDEN, HIDDEN]), attention(&format!("{part}.bias"), &[HIDDEN])]
    };
    match name {
        "albert" => layer(
            &format!("encoder.albert_layer_groups.{n}.albert_layers.0."),
            [
                "attention.query",
                "attention.key",
                "attention.value",
                "attention.dense",
                "attention.LayerNorm",
                "ffn",
                "ffn_output",
                "full_layer_layer_norm",
            ],
        ),
        "distilbert" => layer(
            &format!("transformer.layer.{n}."),
            [
                "attention.q_lin",
                "attention.k_lin",
                "attention.v_lin",
                "attention.out_lin",
                "sa_layer_norm",
                "ffn.lin1",
                "ffn.lin2",
                "output_layer_norm",
            ],
        ),
        "mpnet" => {
            let [q, k, v, o] = ["q", "k", "v", "o"].map(|part| format!("attention.attn.{part}"));
            layer(&before, [&q, &k, &v, &o, "attention.LayerNorm", rest[2], ends[0], ends[1]])
        }
        "deberta" => {
            let mut all = layer(&before, bert);
            all.retain(|(name, _)| !bert[..3].iter().any(|part| name.contains(part)));
            all.push(attention("in_proj.weight", &[3 * HIDDEN, HIDDEN]));
            all.extend(["q_bias", "v_bias"].map(|part| attention(part, &[HIDDEN])));
            all.push(attention("pos_proj.weight", &[HIDDEN, HIDDEN]));
            all.extend(linear("pos_q_proj"));
            all
        }
        "deberta-v2" => layer(&before, v2),
        "deberta-v2 apart" => {
            let mut all = layer(&before, v2);
            all.extend(["pos_key_proj", "pos_query_proj"].iter().flat_map(|part| linear(part)));
            all
        }
        _ => layer(&before, bert),
    }
}

/// The tensors of an encoder, in the order of their names: the sine of 1.7 i + k for number i of tensor k, times 0.3;
/// weights of normalisations 1 and a tenth of that.
pub fn tensors(name: &str) -> BTreeMap<String, Tensor> {
    let sorted: BTreeMap<String, Vec<i64>> = shapes(name).into_iter().collect();
    let fill = |(k, (name, shape)): (usize, (String, Vec<i64>))| {
        let norm = name.ends_with("LayerNorm.weight") || name.ends_with("layer_norm.weight");
        let sine = (0..shape.iter().product()).map(|i: i64| (i as f64 * 1.7 + k as f64).sin());
        let values: Vec<f64> = sine.map(|s| if norm { 1.0 + 0.1 * s } else { 0.3 * s }).collect();
        (name, Tensor::from_slice(&values).view(&shape[..]).to_kind(Kind::Float))
    };
    sorted.into_iter().enumerate().map(fill).collect()
}

/// Writes an encoder to `folder`, the names of its tensors after `prefix`.
pub fn write(folder: &Path, name: &str, prefix: &str, tokenizer: &Value) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("config.json"), config(name).to_string()).unwrap();
    fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let named = tensors(name).into_iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor));
    weights::write_tensors(&named.collect(), &folder.join("model.safetensors")).unwrap();
}

fn special(pieces: &[&str]) -> Vec<Value> {
    let one = |(id, piece): (usize, &&str)| {
        json!({"id": id, "content": piece, "special": true, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false})
    };
    pieces.iter().enumerate().map(one).collect()
}

fn template(cls: &str, sep: &str, ids: [usize; 2]) -> Value {
    json!({"type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": cls, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": sep, "type_id": 0}}],
        "pair": [],
        "special_tokens": {cls: {"id": cls, "ids": [ids[0]], "tokens": [cls]},
            sep: {"id": sep, "ids": [ids[1]], "tokens": [sep]}}})
}

const WORDS: [&str; 8] = ["Iran", "France", "Mali", "Japan", "condemned", "thanked", "the", "Kabul"];

/// A cased WordPiece tokenizer with room for markers, like BERT's.
pub fn word_pieces() -> Value {
    let specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    let letters = ('!'..='~').flat_map(|c| [c.to_string(), format!("##{c}")]);
    let pieces = specials.map(str::to_owned).into_iter().chain(["[unused0]".to_owned(), "[unused1]".to_owned()]);
    let pieces = pieces.chain(letters).chain(WORDS.map(str::to_owned));
    let vocabulary: serde_json::Map<_, _> = pieces.enumerate().map(|(id, piece)| (piece, id.into())).collect();
    json!({"version": "1.0", "added_tokens": special(&specials), "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": template("[CLS]", "[SEP]", [2, 3]),
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary}})
}

/// A byte-level BPE tokenizer without markers, like RoBERTa's.
pub fn byte_level() -> Value {
    let specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];
    let mut letters: Vec<String> = ByteLevel::alphabet().into_iter().map(String::from).collect();
    letters.sort();
    let merges = [["Ġ", "K"], ["a", "b"], ["u", "l"], ["ĠK", "ab"], ["ĠKab", "ul"], ["Ġ", "s"]];
    let pieces = specials.map(str::to_owned).into_iter().chain(letters).chain(merges.map(|pair| pair.concat()));
    let vocabulary: serde_json::Map<_, _> = pieces.enumerate().map(|(id, piece)| (piece, id.into())).collect();
    json!({"version": "1.0", "added_tokens": special(&specials),
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true,
            "add_prefix_space": false},
        "model": {"type": "BPE", "unk_token": null, "continuing_subword_prefix": "", "end_of_word_suffix": "",
            "fuse_unk": false, "vocab": vocabulary, "merges": merges}})
}

/// A SentencePiece unigram tokenizer without markers, like XLM-RoBERTa's.
pub fn unigram() -> Value {
    let specials = ["<s>", "<pad>", "</s>", "<unk>"];
    let letters = ('!'..='~').map(|c| (c.to_string(), -9.0)).chain([("▁".to_owned(), -4.0)]);
    let words = WORDS.iter().map(|word| (format!("▁{word}"), -5.0)).chain([("▁said".to_owned(), -5.0)]);
    let pieces = specials.map(|piece| (piece.to_owned(), 0.0)).into_iter().chain(letters).chain(words);
    let vocabulary: Vec<Value> = pieces.map(|(piece, score)| json!([piece, score])).collect();
    json!({"version": "1.0", "added_tokens": special(&specials),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
            {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}]},
        "post_processor": template("<s>", "</s>", [0, 2]),
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary}})
}
