//! Models of others: names and relations in the place of our own, long texts read whole, the same whatever lies beside
//! a document, and folders that do not fit refused (I1, I6).

mod shipped;
mod small_models;
mod workspace;

use std::fs;
use std::path::Path;

use demarche::annotator::TakeGiven;
use demarche::borrowed::{Entailment, Hypotheses, Names};
use demarche::corpus::standoff;
use demarche::document::{
    Act, Annotation, Document, Entity, EntityIx, EntityType, Event, Given, GivenMention, GivenPair, Metadata,
    Probability, Stance,
};
use demarche::pipeline::Annotator;
use demarche::text::{sentences, Span};
use shipped::annotator;
use small_models::{replace, write_inference_model, write_name_model};
use tch::Device;
use tempfile::TempDir;
use workspace::Workspace;

const HYPOTHESES: &str = r#"
threshold = 0.0

[[hypothesis]]
text = "{src} has recognised the {tgt}."
event = "SUPPORT"
act = "recognition.grant"
stance = "favor"
modality = "actual"

[[hypothesis]]
text = "{src} has attacked the {tgt}."
event = "ASSAULT"
act = "security.confront"
stance = "against"
modality = "actual"

[[hypothesis]]
text = "{tgt} is what {src} has."
event = "SUPPORT"
act = "recognition.grant"
stance = "neutral"
modality = "planned"
"#;

fn folder(write: impl Fn(&Path)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    folder
}

fn names(folder: &TempDir) -> Names {
    Names::load(folder.path(), Device::Cpu, 1).unwrap()
}

fn entailment(hypotheses: &str) -> Entailment {
    let folder = folder(write_inference_model);
    let file = folder.path().join("hypotheses.toml");
    fs::write(&file, hypotheses).unwrap();
    Entailment::load(folder.path(), Hypotheses::read(&file).unwrap(), Device::Cpu, 1).unwrap()
}

fn document(id: &str, text: &str) -> Document {
    Document { meta: Metadata { id: id.to_owned(), ..Metadata::default() }, text: text.to_owned(), given: None }
}

fn line(annotation: Result<Annotation, String>) -> String {
    let mut line = Vec::new();
    standoff::write(&annotation.unwrap(), &mut line).unwrap();
    String::from_utf8(line).unwrap()
}

/// Names as `type:text`.
fn found(names: &Names, text: &str) -> Vec<String> {
    let found = names.find(text, &sentences(text)).unwrap();
    found.iter().map(|name| format!("{}:{}", name.kind, name.span.of(text))).collect()
}

#[test]
fn names_have_our_types_and_what_has_none_is_counted() {
    let names = names(&folder(write_name_model));
    let text = "Vladimir Putin met Xi on Monday, in a Russian town. NATO's men left Mali-France [SEP] now.";
    let expected = ["PER:Vladimir Putin", "PER:Xi", "MISC:Russian", "ORG:NATO", "LOC:Mali", "LOC:France"];
    assert_eq!(found(&names, text), expected);
    assert_eq!(names.warnings(), ["1 names of types that have no counterpart here were left out (DATE 1)"]);
    assert_eq!(names.describe()["types"]["NORP"], "MISC");
    let one = names.find("Xi", &[Span::new(0, 2)]).unwrap()[0];
    assert!(one.kind == EntityType::Per && one.score.get() > 0.99, "{one:?}");
    assert!(names.find("", &[]).unwrap().is_empty());
}

#[test]
fn texts_of_any_length_are_read_to_the_end() {
    let names = names(&folder(write_name_model));
    let many = "Xi met the men. ".repeat(200) + "Vladimir Putin left.";
    let all = found(&names, &many);
    assert_eq!((all.len(), all[200].as_str()), (201, "PER:Vladimir Putin"));
    assert!(names.warnings().is_empty());
    let long = "the men met and ".repeat(40) + "Russia left.";
    assert_eq!(found(&names, &long), ["LOC:Russia"]);
    assert!(names.warnings()[0].starts_with("1 sentences were longer than"), "{:?}", names.warnings());
}

#[test]
fn borrowed_names_stand_in_the_place_of_our_own() {
    let annotator = annotator(None).with_names(names(&folder(write_name_model)));
    let text = "Iran and Russia greeted the Taliban. Germany did not.";
    let annotation = annotator.annotate(vec![document("d", text)]).remove(0).unwrap();
    let named: Vec<&str> = annotation.mentions.iter().filter(|m| m.named).map(|m| m.span.of(text)).collect();
    assert_eq!(named, ["Russia", "Taliban"]);
    let codes: Vec<_> = annotation.entities.iter().filter_map(|e| e.actor.clone()).map(|a| a.to_string()).collect();
    assert_eq!(codes, ["RUS", "AFG/TALIBAN"]);
    assert_eq!(annotator.describe()["names"]["architecture"], "bert");
}

#[test]
fn what_the_text_entails_has_the_labels_of_the_likeliest_hypothesis() {
    let annotator = annotator(None).with_entailment(entailment(HYPOTHESES));
    let text = "Russia has recognised the Taliban.";
    let annotation = annotator.annotate(vec![document("d", text)]).remove(0).unwrap();
    let of_pair: Vec<_> = annotation.relations.iter().filter(|r| r.src == EntityIx(0)).collect();
    let labels: Vec<_> = of_pair.iter().map(|r| (r.event, r.act, r.stance)).collect();
    let expected = [
        (Event::Support, Act::RecognitionGrant, Stance::Favor),
        (Event::Assault, Act::SecurityConfront, Stance::Against),
    ];
    assert_eq!(labels, expected);
    assert!(of_pair[0].score > of_pair[1].score, "{of_pair:?}");
    // A threshold between the two keeps the likelier one.
    let between = (of_pair[0].score.get() + of_pair[1].score.get()) / 2.0;
    let hypotheses = HYPOTHESES.replace("threshold = 0.0", &format!("threshold = {between:.4}"));
    let annotator = self::annotator(None).with_entailment(entailment(&hypotheses));
    let annotation = annotator.annotate(vec![document("d", text)]).remove(0).unwrap();
    assert!(!annotation.relations.is_empty());
    assert!(annotation.relations.iter().all(|r| r.event == Event::Support), "{:?}", annotation.relations);
    assert_eq!(annotator.describe()["relations"]["hypotheses"][1]["act"], "security.confront");
}

/// A document that brings two mentions and their pair.
fn given(text: &str, src: &str, tgt: &str) -> Document {
    let names = [src, tgt];
    let entity = |name: &&str| Entity {
        id: name.to_string(),
        name: name.to_string(),
        kind: EntityType::Org,
        actor: None,
        score: Probability::ONE,
    };
    let mention = |(ix, name): (usize, &&str)| {
        let start = text.find(*name).unwrap();
        let span = Span::new(start, start + name.len());
        GivenMention { span, kind: EntityType::Org, named: true, entity: Some(EntityIx(ix as u32)) }
    };
    let mut mentions: Vec<_> = names.iter().enumerate().map(mention).collect();
    mentions.sort_by_key(|m| m.span);
    let pairs = Some(vec![GivenPair { src: EntityIx(0), tgt: EntityIx(1), sentence: None }]);
    let given = Given { mentions, entities: names.iter().map(entity).collect(), pairs };
    Document { given: Some(given), ..document("given", text) }
}

#[test]
fn a_given_pair_gets_its_best_hypothesis_and_the_scores_of_all_events() {
    let hypotheses = HYPOTHESES.replace("threshold = 0.0", "threshold = 1.0");
    let annotator = annotator(Some(TakeGiven::Pairs)).with_entailment(entailment(&hypotheses));
    let annotation = annotator.annotate(vec![given("China has it. Russia.", "China", "Russia")]).remove(0).unwrap();
    let [relation] = &annotation.relations[..] else { panic!("{:?}", annotation.relations) };
    let scores = relation.scores.as_ref().unwrap();
    assert_eq!((relation.sent, relation.event), (1, Event::Support));
    let sum: f32 = scores.iter().map(|p| p.get()).sum();
    assert!(scores.len() == 15 && (sum - 1.0).abs() < 1e-4, "{scores:?}");
    assert!(scores[Event::Support.index()] > scores[Event::Assault.index()]);
}

#[test]
fn premises_that_do_not_fit_are_shortened_and_told() {
    let annotator = annotator(Some(TakeGiven::Pairs)).with_entailment(entailment(HYPOTHESES));
    let context =
        "It has the men and the arms and the gold and the silver and the ships. It has all. Russia met China.";
    annotator.annotate(vec![given(context, "Russia", "China")]).remove(0).unwrap();
    let long = "the men and the arms ".repeat(9) + "Russia met China and went.";
    let annotation = annotator.annotate(vec![given(&long, "Russia", "China")]).remove(0).unwrap();
    assert_eq!(annotation.relations.len(), 1);
    let endless = "Russia ".repeat(30);
    annotator.annotate(vec![given(&format!("{endless}met China."), endless.trim(), "China")]).remove(0).unwrap();
    let warnings = annotator.warnings();
    assert!(warnings[0].starts_with("1 pairs were read without"), "{warnings:?}");
    assert!(warnings[1].starts_with("2 pairs were read with a part"), "{warnings:?}");
}

#[test]
fn i1_borrowed_models_read_a_document_the_same_whatever_lies_beside_it() {
    let names = names(&folder(write_name_model));
    let annotator = annotator(None).with_names(names).with_entailment(entailment(HYPOTHESES));
    let story = "Russia has recognised the Taliban. China attacked NATO, and Xi met Vladimir Putin in Mali. ";
    let texts = [story.to_owned(), "Xi.".to_owned(), story.repeat(30), "No one.".to_owned(), story.repeat(2)];
    let documents: Vec<Document> = texts.iter().map(|text| document("d", text)).collect();
    let alone: Vec<String> = documents.iter().map(|d| line(annotator.annotate(vec![d.clone()]).remove(0))).collect();
    assert!(alone[0].contains("recognition.grant"), "{}", alone[0]);
    let together: Vec<String> = annotator.annotate(documents).into_iter().map(line).collect();
    assert_eq!(together, alone);
}

#[test]
fn i1_a_run_with_borrowed_models_is_the_same_for_any_number_of_threads_and_says_with_what_it_read() {
    let workspace = Workspace::new();
    for (name, write) in [("ner", write_name_model as fn(&Path)), ("nli", write_inference_model)] {
        workspace.write(&format!("{name}/x"), "");
        write(&workspace.path(name));
    }
    workspace.write("hypotheses.toml", HYPOTHESES);
    for n in 0..12 {
        workspace.write(&format!("in/{n}.txt"), "Russia has recognised the Taliban on Monday. ".repeat(n % 5 + 1));
    }
    let run = |threads: &str| {
        let borrowed = ["--ner-model", "ner", "--nli-model", "nli", "--hypotheses", "hypotheses.toml"];
        let out = format!("out{threads}");
        let arguments = [&["run", "in", "--out", &out, "--threads", threads][..], &borrowed].concat();
        let ended = workspace.demarche(&arguments).with_status(0);
        assert!(ended.stderr.contains("warning: 33 names of types"), "{}", ended.stderr);
        workspace.read(&format!("{out}/annotations.jsonl"))
    };
    let one = run("1");
    assert_eq!(one, run("2"));
    assert!(one.contains("\"act\":\"recognition.grant\""), "{one}");
    let manifest: serde_json::Value = serde_json::from_str(&workspace.read("out2/run.json")).unwrap();
    assert_eq!(manifest["model"]["names"]["folder"], "ner");
    assert_eq!(manifest["model"]["relations"]["file"], "hypotheses.toml");
    let refused = |arguments: &[&str], words: &[&str]| workspace.demarche(arguments).refused(words);
    refused(&["annotate", "in", "--ner-model", "none"], &["--ner-model none: no such folder"]);
    refused(&["annotate", "in", "--ner-model", "ner", "--given", "mentions"], &["--ner-model ner", "--given mentions"]);
    let alone = workspace.demarche(&["annotate", "in", "--nli-model", "nli"]).with_status(2);
    assert!(alone.stderr.contains("--hypotheses"), "{}", alone.stderr);
    let doctor =
        workspace.demarche(&["doctor", "--ner-model", "ner", "--nli-model", "ner", "--hypotheses", "hypotheses.toml"]);
    assert!(doctor.stdout.contains("ok   ner model") && doctor.stdout.contains("BAD  nli model"), "{}", doctor.stdout);
}

/// The message with which a spoiled folder is refused, which must name `file`.
#[track_caller]
fn refusal(inference: bool, file: &str, spoil: impl Fn(&Path)) -> String {
    let folder = folder(if inference { write_inference_model } else { write_name_model });
    spoil(folder.path());
    let message = if inference {
        let hypotheses = folder.path().join("hypotheses.toml");
        fs::write(&hypotheses, HYPOTHESES).unwrap();
        Entailment::load(folder.path(), Hypotheses::read(&hypotheses).unwrap(), Device::Cpu, 1).err()
    } else {
        Names::load(folder.path(), Device::Cpu, 1).err()
    };
    let message = message.expect("the folder was taken").to_string();
    let path = folder.path().join(file).display().to_string();
    assert!(message.starts_with(&path), "{message}");
    message
}

#[test]
fn i6_folders_that_do_not_fit_are_refused_with_path_and_reason() {
    let refused = |inference: bool, file: &str, word: &str, spoil: &dyn Fn(&Path)| {
        let message = refusal(inference, file, spoil);
        assert!(message.contains(word), "{word:?} is not in: {message}");
    };
    let config = |from: &'static str, to: &'static str| move |f: &Path| replace(f, "config.json", from, to);
    refused(false, "config.json", "No such file", &|f| fs::remove_file(f.join("config.json")).unwrap());
    refused(false, "config.json", "bert, camembert", &config("\"bert\"", "\"gpt2\""));
    refused(true, "config.json", "bart, bert", &config("\"bert\"", "\"electra\""));
    refused(false, "config.json", "no multiple", &config("\"num_attention_heads\":2", "\"num_attention_heads\":3"));
    refused(false, "config.json", "not_an_act", &config("\"gelu\"", "\"not_an_act\""));
    refused(false, "config.json", "no label \"O\"", &config("\"O\"", "\"none\""));
    refused(true, "config.json", "no label \"entailment\"", &config("\"entailment\"", "\"LABEL_1\""));
    refused(false, "pytorch_model.bin", "save_pretrained", &|f| {
        fs::rename(f.join("model.safetensors"), f.join("pytorch_model.bin")).unwrap();
    });
    refused(false, "model.safetensors.index.json", "several files", &|f| {
        fs::rename(f.join("model.safetensors"), f.join("model.safetensors.index.json")).unwrap();
    });
    refused(false, "model.safetensors", "No such file", &|f| fs::remove_file(f.join("model.safetensors")).unwrap());
    refused(false, "tokenizer.json", "AutoTokenizer", &|f| fs::remove_file(f.join("tokenizer.json")).unwrap());
    refused(false, "tokenizer.json", "vocab_size 15", &config("\"vocab_size\":16", "\"vocab_size\":15"));
    refused(true, "tokenizer.json", "between two texts", &|f| {
        let mut tokenizer: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(f.join("tokenizer.json")).unwrap()).unwrap();
        tokenizer["post_processor"] = serde_json::Value::Null;
        fs::write(f.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    });
    refused(false, "model.safetensors", "no whole safetensors file", &|f| {
        let bytes = fs::read(f.join("model.safetensors")).unwrap();
        fs::write(f.join("model.safetensors"), &bytes[..bytes.len() - 9]).unwrap();
    });
    refused(false, "model.safetensors", "position_embeddings.weight: shape [32, 8], expected [40, 8]", &|f| {
        replace(f, "config.json", "\"max_position_embeddings\":32", "\"max_position_embeddings\":40");
    });
    refused(true, "model.safetensors", "bert.pooler.dense.bias: missing", &|f| {
        write_name_model(f);
        let labels = "\"id2label\":{\"0\":\"entailment\",\"1\":\"other\"},\"was\"";
        replace(f, "config.json", "\"id2label\"", labels);
    });
    refused(false, "tokenizer.json", "leave no room", &|f| {
        replace(f, "config.json", "\"max_position_embeddings\":32", "\"max_position_embeddings\":9");
    });
}

#[test]
fn hypotheses_that_say_nothing_are_refused_with_file_and_number() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hypotheses.toml");
    let refused = |content: &str, words: &[&str]| {
        fs::write(&file, content).unwrap();
        let message = Hypotheses::read(&file).unwrap_err().to_string();
        for word in words.iter().chain([&&*file.display().to_string()]) {
            assert!(message.contains(word), "{word:?} is not in: {message}");
        }
        assert_eq!(message.lines().count(), 1, "{message}");
    };
    refused("", &["no hypothesis"]);
    refused("[[hypothesis]", &["line 1"]);
    refused(&HYPOTHESES.replace("act = ", "deed = "), &["deed"]);
    refused(
        &HYPOTHESES.replace("security.confront", "war"),
        &["hypothesis 2", "\"war\" is no act", "security.confront"],
    );
    refused(&HYPOTHESES.replace("ASSAULT", "HIT"), &["hypothesis 2", "is no event"]);
    refused(&HYPOTHESES.replace("the {tgt}", "them"), &["hypothesis 1", "lacks {tgt}"]);
    refused(&HYPOTHESES.replace("what {src}", "what {src} {who}"), &["hypothesis 3", "braces"]);
    refused(&HYPOTHESES.replace("= 0.0", "= 1.5"), &["hypothesis 1", "threshold 1.5"]);
    let example = Hypotheses::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hypotheses.toml")).unwrap();
    assert!(example.all.len() > 5);
}
