//! Training end to end, on a tiny encoder and a handful of documents.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use demarche::actors::KnowledgeBase;
use demarche::annotator::NeuralAnnotator;
use demarche::document::{Document, Mention};
use demarche::encoder::weights;
use demarche::model::{Model, Network};
use demarche::pipeline::Annotator;
use demarche::train::{run, TrainOptions};
use tch::{Device, Kind};
use workspace::Workspace;

mod published;
mod workspace;

const TOKENIZER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/demarche-mini/tokenizer.json");

const CONFIG: &str = r#"{"model_type": "bert", "hidden_act": "gelu", "attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0,
"hidden_size": 24, "initializer_range": 0.02, "intermediate_size": 48, "max_position_embeddings": 64,
"num_attention_heads": 2, "num_hidden_layers": 1, "type_vocab_size": 4, "vocab_size": 30522}"#;

/// Documents in which somebody condemns or thanks somebody.
fn corpus() -> String {
    let names = ["Iran", "France", "Mali", "Chad", "Japan", "Peru"];
    let documents = names.iter().zip(names.iter().cycle().skip(1)).enumerate().map(|(i, (a, b))| {
        let (verb, event, act, stance) = match i % 2 {
            0 => ("condemned", "ACCUSE", "statement.criticize", "against"),
            _ => ("thanked", "SUPPORT", "statement.support", "favor"),
        };
        format!(
            r#"{{"id":"d{i}","date":"2024-01-01","text":"{{e1|{a}}} {verb} {{e2|{b}}}.","entities":{{"e1":{{"name":"{a}","type":"LOC","actor":null}},"e2":{{"name":"{b}","type":"LOC","actor":null}}}},"relations":[{{"src":"e1","tgt":"e2","sent":0,"event":"{event}","act":"{act}","stance":"{stance}","modality":"actual"}}]}}"#
        )
    });
    documents.collect::<Vec<_>>().join("\n")
}

/// A folder with a base encoder, data and a recipe.
fn laboratory(folder: &Path) {
    fs::create_dir(folder.join("base")).unwrap();
    fs::write(folder.join("base/config.json"), CONFIG).unwrap();
    fs::copy(TOKENIZER, folder.join("base/tokenizer.json")).unwrap();
    tch::manual_seed(1);
    let network = Network::new(serde_json::from_str(CONFIG).unwrap(), Device::Cpu);
    weights::write(&network.store, &folder.join("base/model.safetensors"), Kind::Float).unwrap();
    fs::write(folder.join("corpus.jsonl"), corpus()).unwrap();
    fs::write(folder.join("names.txt"), "Iran B-LOC\nsaid O\n\nPeru B-LOC\ncame O\n").unwrap();
    let recipe =
        "name = 'tiny'\nstart = 'base'\nout = 'out'\nwindow = 32\nepochs = 20\npatience = 20\nbatch_tokens = 64\n\
                  learning_rate = 1e-2\nhead_factor = 1.0\n\
                  [[train]]\nform = 'corpus'\npaths = ['corpus.jsonl']\n\
                  [[train]]\nform = 'conll'\npaths = ['names.txt']\n\
                  [[dev]]\nform = 'corpus'\npaths = ['corpus.jsonl']\n";
    fs::write(folder.join("recipe.toml"), recipe).unwrap();
}

fn options(resume: bool) -> TrainOptions {
    TrainOptions {
        resume,
        encoder: None,
        out: None,
        threads: 1,
        device: Device::Cpu,
        kind: Kind::Float,
        progress: false,
    }
}

/// The losses of the steps that the log tells of.
fn losses(folder: &Path) -> Vec<f64> {
    let log = fs::read_to_string(folder.join("out/train.jsonl")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.filter_map(|line| line["loss"].as_f64()).collect()
}

#[test]
fn a_network_learns_what_it_is_shown_and_a_finished_run_is_judged_again() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    laboratory(folder.path());
    let recipe = folder.path().join("recipe.toml");
    let outcome = run(&recipe, &options(false)).unwrap();
    let names = outcome.scores[0].1.names.unwrap();
    assert!(names > 0.9, "{:?}", outcome.scores);
    let losses = losses(folder.path());
    assert!(losses[losses.len() - 1] < losses[0] / 3.0, "{losses:?}");
    assert!(fs::read_to_string(folder.path().join("out/curves.svg")).unwrap().contains("<polyline"));
    let model = Model::load(&outcome.folder, Device::Cpu).unwrap();
    assert_eq!(model.labels.name, "tiny");

    let again = run(&recipe, &options(true)).unwrap();
    assert!(again.epoch >= outcome.epoch);
}

/// Keeps other tests of this file waiting: libtorch has one source of randomness for all threads.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The recipe of the laboratory with other settings at its top, under another name.
fn changed(folder: &Path, name: &str, settings: &str) -> std::path::PathBuf {
    let recipe = fs::read_to_string(folder.join("recipe.toml")).unwrap();
    let keys: Vec<&str> = settings.lines().filter_map(|line| line.split(" =").next()).collect();
    let kept = recipe.lines().filter(|line| !keys.iter().any(|key| line.starts_with(&format!("{key} ="))));
    let path = folder.join(name);
    fs::write(&path, format!("{settings}\n{}", kept.collect::<Vec<_>>().join("\n"))).unwrap();
    path
}

#[test]
fn a_run_with_every_setting_learns_and_goes_on_as_if_it_had_not_stopped() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    laboratory(folder.path());
    let taught = run(&folder.path().join("recipe.toml"), &options(false)).unwrap();
    let settings = "hard = 0.5\nswap = 0.5\ncase_noise = 0.3\nlayer_decay = 0.9\naverage = 0.9\nteachers = ['out']\nteaching = 0.3\njudge_every = 20";
    let whole = changed(folder.path(), "whole.toml", &format!("{settings}\nout = 'whole'"));
    let whole = run(&whole, &options(false)).unwrap();
    let names = whole.scores[0].1.names.unwrap();
    assert!(names > 0.8, "{:?} taught {:?}", taught.scores, whole.scores);

    // Eleven epochs, of a schedule of twenty, and then the others.
    let parts = changed(folder.path(), "parts.toml", &format!("{settings}\nout = 'parts'"));
    let half = fs::read_to_string(&parts).unwrap();
    let stopped = half.replace("patience = 20", "patience = 1").replace("judge_every = 20", "judge_every = 10");
    fs::write(folder.path().join("stopped.toml"), stopped).unwrap();
    run(&folder.path().join("stopped.toml"), &options(false)).unwrap();
    run(&parts, &options(true)).unwrap();
    for file in ["weights.safetensors", "moments.safetensors"] {
        let last = |out: &str| fs::read(folder.path().join(out).join("checkpoint").join(file)).unwrap();
        assert!(last("whole") == last("parts"), "a resumed run ends in other {file}");
    }
}

#[test]
fn a_teacher_with_another_vocabulary_is_refused() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    laboratory(folder.path());
    run(&changed(folder.path(), "short.toml", "epochs = 1"), &options(false)).unwrap();
    let vocabulary = folder.path().join("out/tokenizer.json");
    let text = fs::read_to_string(&vocabulary).unwrap();
    fs::write(&vocabulary, text.replacen("\"minister\"", "\"minster's\"", 1)).unwrap();
    let recipe = changed(folder.path(), "taught.toml", "teachers = ['out']\nout = 'taught'");
    let error = run(&recipe, &options(false)).unwrap_err().to_string();
    assert!(error.contains("tokenizer.json: the teacher has another vocabulary"), "{error}");
}

#[test]
fn a_run_without_epochs_judges_the_mean_of_models() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    laboratory(folder.path());
    for seed in 1..=2 {
        let recipe = format!("seed = {seed}\nout = 'seed-{seed}'\nepochs = 2");
        run(&changed(folder.path(), "seed.toml", &recipe), &options(false)).unwrap();
    }
    let recipe = "start = ['seed-1', 'seed-2']\nout = 'mean'\nepochs = 0";
    let outcome = run(&changed(folder.path(), "mean.toml", recipe), &options(false)).unwrap();
    assert_eq!(outcome.epoch, 0);
    let bias = |out: &str| {
        let model = Model::load(&folder.path().join(out), Device::Cpu).unwrap();
        Vec::<f32>::try_from(&model.network.store.variables()["relations.event.bias"]).unwrap()
    };
    let (first, second, mean) = (bias("seed-1"), bias("seed-2"), bias("mean"));
    assert_ne!(first, second);
    for ((a, b), mean) in first.iter().zip(&second).zip(&mean) {
        assert!((f64::from(a + b) / 2.0 - f64::from(*mean)).abs() < 1e-3, "{a} and {b} make {mean}");
    }
}

#[test]
fn data_with_a_flaw_is_refused_with_its_place() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    laboratory(folder.path());
    fs::write(folder.path().join("corpus.jsonl"), "{\"id\":\"x\"}\n").unwrap();
    let error = run(&folder.path().join("recipe.toml"), &options(false)).unwrap_err().to_string();
    assert!(error.contains("corpus.jsonl"), "{error}");
}

/// A laboratory with a recipe of one short epoch and some news.
fn short_laboratory() -> Workspace {
    let workspace = Workspace::new();
    laboratory(&workspace.path(""));
    let recipe = workspace.read("recipe.toml").replace("epochs = 20", "epochs = 1");
    workspace.write("recipe.toml", recipe.replace("window = 32", "window = 60"));
    workspace.write("news.jsonl", format!("{{\"id\":\"n\",\"text\":\"{NEWS}\"}}\n"));
    workspace
}

const NEWS: &str = "Iran condemned Mali, Japan said. 🙂 Peru thanked Chad.";

#[test]
fn every_encoder_can_be_trained_on_and_its_model_reads() {
    let _alone = alone();
    let workspace = short_laboratory();
    for name in published::NAMES {
        let tokenizer = match name {
            "bert" | "electra" | "distilbert" => published::word_pieces(),
            "roberta" | "deberta" | "mpnet" => published::byte_level(),
            _ => published::unigram(),
        };
        published::write(&workspace.path("encoder"), name, "", &tokenizer);
        let options = TrainOptions { encoder: Some(workspace.path("encoder")), ..options(false) };
        let outcome = run(&workspace.path("recipe.toml"), &options).unwrap_or_else(|e| panic!("{name}: {e}"));
        let model = Model::load(&outcome.folder, Device::Cpu).unwrap_or_else(|e| panic!("{name}: {e}"));
        let annotator = NeuralAnnotator::new(model, KnowledgeBase::default(), Kind::Float, None, 1);
        let document = Document { text: NEWS.to_owned(), ..Document::default() };
        let annotation = annotator.annotate(vec![document]).remove(0).unwrap();
        let inside =
            |at: usize| NEWS[..at].ends_with(char::is_alphanumeric) && NEWS[at..].starts_with(char::is_alphanumeric);
        let cut = |m: &Mention| inside(m.span.start) || inside(m.span.end);
        assert!(!annotation.mentions.iter().any(cut), "{name}: {:?}", annotation.mentions);
    }
}

#[test]
fn another_encoder_than_the_recipe_says_can_be_published_or_our_own() {
    let _alone = alone();
    let workspace = short_laboratory();
    published::write(&workspace.path("encoder"), "roberta", "roberta.", &published::byte_level());
    let train = ["train", "recipe.toml", "--threads", "1", "--encoder"];
    workspace.demarche(&[&train[..], &["encoder", "--out", "first"]].concat()).with_status(0);
    workspace.demarche(&[&train[..], &["first", "--out", "second"]].concat()).with_status(0);
    for file in ["config.json", "tokenizer.json"] {
        assert_eq!(workspace.read(&format!("second/{file}")), workspace.read(&format!("first/{file}")));
    }
    let annotate = ["annotate", "news.jsonl", "--threads", "1", "--model", "second"];
    let line = workspace.demarche(&annotate).with_status(0).stdout;
    assert!(line.starts_with("{\"id\":\"n\"") && line.contains("\"sentences\":[[0,"), "{line}");
    workspace.write("encoder/config.json", "{\"model_type\":\"gpt2\"}");
    workspace.demarche(&[&train[..], &["encoder"]].concat()).refused(&["encoder/config.json", "gpt2", "roberta"]);
}

#[test]
fn a_window_that_the_encoder_cannot_read_is_refused() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    laboratory(folder.path());
    let recipe = folder.path().join("recipe.toml");
    let text = fs::read_to_string(&recipe).unwrap();
    fs::write(&recipe, text.replace("window = 32", "window = 65").replace("= 64\n", "= 65\n")).unwrap();
    let error = run(&recipe, &options(false)).unwrap_err().to_string();
    assert!(error.contains("config.json") && error.contains("at most 64 pieces"), "{error}");
}
