//! The neural annotator on the shipped model: the same result whatever lies beside a document.

mod shipped;

use std::path::Path;

use demarche::actors::KnowledgeBase;
use demarche::annotator::{NeuralAnnotator, Passages, TakeGiven};
use demarche::corpus::{inline, standoff};
use demarche::document::{Document, Entity, Given, GivenMention, GivenPair, Metadata};
use demarche::model::Model;
use demarche::pipeline::Annotator;
use demarche::text::{sentences, Span};
use shipped::annotator;
use tch::{Device, Kind};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn document(id: &str, text: &str) -> Document {
    let meta = Metadata { id: id.to_owned(), date: "2025-07-04".parse().ok(), ..Metadata::default() };
    Document { meta, text: text.to_owned(), given: None }
}

/// Lines of annotations.jsonl.
fn lines(annotator: &NeuralAnnotator, documents: Vec<Document>) -> Vec<String> {
    let written = annotator.annotate(documents).into_iter().map(|annotation| {
        let mut line = Vec::new();
        standoff::write(&annotation.unwrap(), &mut line).unwrap();
        String::from_utf8(line).unwrap()
    });
    written.collect()
}

/// Texts of all lengths, from nothing to more than one chunk.
fn texts() -> Vec<String> {
    let story = "Russia on Thursday recognised the Taliban. Kabul's envoy to Moscow, Gul Hassan, thanked Vladimir \
                 Putin. The United States said that it would not follow. Iran, China and Pakistan keep ambassadors \
                 in Kabul but have not recognised the government there.";
    let long = [story; 9].join("\n\n");
    let texts = ["China", story, "No actor is named here.", &long, "Berlin summoned the Iranian ambassador. He left."];
    texts.map(str::to_owned).to_vec()
}

#[test]
fn i1_a_document_comes_out_the_same_whatever_lies_beside_it() {
    let annotator = annotator(None);
    let documents: Vec<Document> =
        texts().iter().enumerate().map(|(i, text)| document(&format!("d{i}"), text)).collect();
    let alone: Vec<String> = documents.iter().flat_map(|d| lines(&annotator, vec![d.clone()])).collect();
    assert!(alone[1].contains("\"relations\":[{"), "{}", alone[1]);
    assert_eq!(lines(&annotator, documents.clone()), alone);
    let mut turned = documents;
    turned.reverse();
    let mut together = lines(&annotator, turned);
    together.reverse();
    assert_eq!(together, alone);
}

#[test]
fn an_embedding_is_the_mean_of_what_the_pieces_of_its_words_became() {
    let annotator = annotator(None);
    // Words of one piece each, whose spans cover one another, in a text of more than one chunk.
    let place = |text: &str, words: &str| text.rfind(words).map(|at| Span::new(at, at + words.len())).unwrap();
    let passages = |text: &str, spans: Vec<Span>| Passages { text: text.to_owned(), sentences: sentences(text), spans };
    let all: Vec<Passages> = texts()[3..]
        .iter()
        .zip([["government there.", "government", "there", "."], ["He left.", "He", "left", "."]])
        .map(|(text, words)| passages(text, words.map(|w| place(text, w)).to_vec()))
        .collect();
    let together = annotator.embed(&all).unwrap();
    for (text, embeddings) in all.iter().zip(&together) {
        let vectors: Vec<&Vec<f32>> = embeddings.iter().flatten().collect();
        assert!(vectors.len() == 4 && vectors.iter().all(|v| v.len() == annotator.embedding_size()));
        for (n, mean) in vectors[0].iter().enumerate() {
            let expected = (vectors[1][n] + vectors[2][n] + vectors[3][n]) / 3.0;
            assert!((mean - expected).abs() < 1e-5, "{mean} {expected}");
        }
        assert_ne!(vectors[1], vectors[2]);
        assert_eq!(&annotator.embed(std::slice::from_ref(text)).unwrap()[0], embeddings, "the texts beside it count");
    }
    // A sentence that is read in parts has one mean over all of them.
    let long = "France and Mali met and ".repeat(400);
    let spans = ["France and Mali met and ", "France"].map(|words| place(&long, words));
    let whole = annotator.embed(&[passages(&long, vec![Span::new(0, long.len()), spans[0], spans[1]])]).unwrap();
    assert!(whole[0].iter().all(|embedding| embedding.as_ref().unwrap().iter().all(|x| x.is_finite())));
    // Where no piece lies there is nothing.
    assert_eq!(annotator.embed(&[passages("Oslo  waits.", vec![Span::new(4, 6)])]).unwrap(), [[None]]);
}

#[test]
fn a_sentence_beyond_the_window_is_read_in_parts_and_warned_of() {
    let annotator = annotator(None);
    let text = "France, Mali, ".repeat(140);
    let annotation = annotator.annotate(vec![document("long", &text)]).remove(0).unwrap();
    assert!(annotation.mentions.iter().any(|m| m.span.end > text.len() - 40), "the end of the text was not read");
    assert!(annotator.warnings()[0].starts_with("1 sentences were longer"), "{:?}", annotator.warnings());
}

/// The document of an inline annotation, its mentions given, with all its pairs or none.
fn given(line: &str, pairs: bool) -> Document {
    let gold = inline::parse(line).unwrap();
    let mentions = gold.mentions.iter().map(|m| GivenMention {
        span: m.span,
        kind: m.kind,
        named: m.named,
        entity: Some(m.entity),
    });
    let entities = gold.entities.iter().map(|e| Entity { actor: None, ..e.clone() }).collect();
    let pair = |r: &demarche::document::Relation| GivenPair { src: r.src, tgt: r.tgt, sentence: None };
    let pairs = pairs.then(|| gold.relations.iter().map(pair).collect());
    Document { meta: gold.meta, text: gold.text, given: Some(Given { mentions: mentions.collect(), entities, pairs }) }
}

const MARKED: &str = r#"{"id":"m","date":"2024-01-02","text":"{e1|Germany} condemned {e2|Iran}. {e3|Oslo} was silent.","entities":{"e1":{"name":"Germany","type":"LOC","actor":"DEU"},"e2":{"name":"Iran","type":"LOC","actor":"IRN"},"e3":{"name":"Norway","type":"LOC","actor":"NOR"}},"relations":[{"src":"e1","tgt":"e2","sent":0,"event":"ACCUSE","act":"statement.criticize","stance":"against","modality":"actual"},{"src":"e3","tgt":"e2","sent":1,"event":"ACCUSE","act":"other","stance":"neutral","modality":"actual"}]}"#;

#[test]
fn given_mentions_keep_their_entities_and_get_actors() {
    let annotation = annotator(Some(TakeGiven::Mentions)).annotate(vec![given(MARKED, false)]).remove(0).unwrap();
    let codes: Vec<_> =
        annotation.entities.iter().map(|e| (e.id.as_str(), e.actor.clone().unwrap().to_string())).collect();
    assert_eq!(codes, [("e1", "DEU".to_owned()), ("e2", "IRN".to_owned()), ("e3", "NOR".to_owned())]);
    assert_eq!(annotation.mentions.len(), 3);
}

#[test]
fn every_given_pair_gets_an_event_and_the_scores_of_all() {
    let annotation = annotator(Some(TakeGiven::Pairs)).annotate(vec![given(MARKED, true)]).remove(0).unwrap();
    let pairs: Vec<_> = annotation.relations.iter().map(|r| (r.src.0, r.tgt.0, r.sent)).collect();
    assert_eq!(pairs, [(0, 1, 0), (2, 1, 1)]);
    for relation in &annotation.relations {
        let scores = relation.scores.as_ref().unwrap();
        let sum: f32 = scores.iter().map(|p| p.get()).sum();
        assert!(scores.len() == 15 && (sum - 1.0).abs() < 1e-3, "{sum}");
        let best = scores.iter().map(|p| p.get()).fold(0.0, f32::max);
        assert_eq!(scores[relation.event.index()].get(), best);
    }
    let missing = annotator(Some(TakeGiven::Pairs)).annotate(vec![document("d", "Iran.")]).remove(0);
    assert!(missing.unwrap_err().contains("no mentions"));
}

#[test]
fn a_given_pair_is_read_the_same_whichever_others_are_given() {
    let text = r#"{"id":"m","text":"{e1|Germany} and {e2|Norway} condemned {e3|Iran}.","entities":{"e1":{"name":"Germany","type":"LOC"},"e2":{"name":"Norway","type":"LOC"},"e3":{"name":"Iran","type":"LOC"}},"relations":[RELATIONS]}"#;
    let of = |src: &str| {
        format!(
            r#"{{"src":"{src}","tgt":"e3","sent":0,"event":"ACCUSE","act":"statement.criticize","stance":"against","modality":"actual"}}"#
        )
    };
    let read = |sources: &[&str]| {
        let relations: Vec<String> = sources.iter().map(|src| of(src)).collect();
        let document = given(&text.replace("RELATIONS", &relations.join(",")), true);
        annotator(Some(TakeGiven::Pairs)).annotate(vec![document]).remove(0).unwrap().relations
    };
    let (alone, together) = (read(&["e1"]), read(&["e1", "e2"]));
    assert_eq!((alone.len(), together.len()), (1, 2));
    let labels = |r: &demarche::document::Relation| (r.src, r.tgt, r.event, r.act, r.stance, r.modality);
    assert_eq!(labels(&together[0]), labels(&alone[0]));
    // Weighed against the other, which is as likely, it would be less sure by some hundredths.
    let scores = [&together[0], &alone[0]].map(|r| r.score.get());
    assert!((scores[0] - scores[1]).abs() < 1e-4, "{scores:?}");
}

#[test]
fn bf16_reads_the_same_names() {
    let models = Path::new(ROOT).join("models");
    let names = |kind: Kind| {
        let model = Model::load(&models.join("demarche-mini"), Device::Cpu).unwrap();
        let knowledge = KnowledgeBase::load(&models.join("actors")).unwrap();
        let annotator = NeuralAnnotator::new(model, knowledge, kind, None, 1);
        let annotation = annotator.annotate(vec![document("d", &texts()[1])]).remove(0).unwrap();
        let named = annotation.mentions.iter().filter(|m| m.named);
        named.map(|m| (m.span.of(&annotation.text).to_owned(), m.kind)).collect::<Vec<_>>()
    };
    let exact = names(Kind::Float);
    assert!(exact.len() >= 10, "{exact:?}");
    assert_eq!(names(Kind::BFloat16), exact);
}
