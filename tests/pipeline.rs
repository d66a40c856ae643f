//! The driver: order, completeness, bounds and what a bad document costs.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc};

use demarche::corpus::Reject;
use demarche::document::{Annotation, Document, Entity, EntityIx, EntityType, Mention, Metadata, Probability};
use demarche::pipeline::{annotate, Annotator, Counts, Located, Outcome, Settings};
use demarche::text::Span;
use serde_json::{json, Value};

/// Finds words that begin with a capital; some words make it fail.
struct Capitals;

impl Annotator for Capitals {
    fn annotate(&self, documents: Vec<Document>) -> Vec<Result<Annotation, String>> {
        // A whole result goes missing, as a bug in batching might have it.
        let lossy = documents.iter().any(|d| d.text.contains("LOST"));
        documents.into_iter().skip(usize::from(lossy)).map(capitals).collect()
    }

    fn describe(&self) -> Value {
        json!({ "name": "capitals" })
    }
}

fn capitals(document: Document) -> Result<Annotation, String> {
    let Document { meta, text, .. } = document;
    assert!(!text.contains("PANIC"), "the text says so");
    if text.contains("FAIL") {
        return Err("too difficult".to_owned());
    }
    let mut annotation = Annotation { meta, sentences: vec![Span::new(0, text.len())], ..Annotation::default() };
    for word in text.split_whitespace().filter(|w| w.starts_with(char::is_uppercase)) {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        // A span that is none of the text, as a bug in offsets might make it.
        let end = start + word.len() + if word == "OFF" { text.len() } else { 0 };
        annotation.mentions.push(Mention {
            entity: EntityIx(annotation.entities.len() as u32),
            span: Span::new(start, end),
            kind: EntityType::Loc,
            named: true,
            score: Probability::ONE,
        });
        annotation.entities.push(Entity {
            id: format!("e{}", annotation.entities.len() + 1),
            name: word.to_owned(),
            kind: EntityType::Loc,
            actor: None,
            score: Probability::ONE,
        });
    }
    annotation.text = text;
    Ok(annotation)
}

fn located(number: usize, text: &str) -> Result<Located, Reject> {
    let meta = Metadata { id: format!("d{number}"), ..Metadata::default() };
    let document = Document { meta, text: text.to_owned(), given: None };
    Ok(Located { document, file: "news.jsonl".to_owned(), line: Some(number) })
}

fn reject(number: usize) -> Result<Located, Reject> {
    Err(Reject { file: "news.jsonl".to_owned(), line: Some(number), reason: "no JSON".to_owned() })
}

fn settings(threads: usize, group_bytes: usize) -> Settings {
    Settings { threads: NonZeroUsize::new(threads).unwrap(), group_bytes }
}

/// A line for each outcome, in the order of the sink.
fn outcomes(documents: Vec<Result<Located, Reject>>, settings: Settings) -> (Vec<String>, Counts) {
    let mut lines = Vec::new();
    let sink = |outcome| {
        lines.push(match outcome {
            Outcome::Annotated { line, .. } => String::from_utf8(line).unwrap(),
            Outcome::Rejected(reject) => reject.to_string(),
        });
        Ok::<_, ()>(())
    };
    let counts = annotate(documents.into_iter(), &Capitals, settings, sink).unwrap();
    (lines, counts)
}

#[test]
fn i1_threads_and_groups_change_nothing() {
    let news =
        || (0..200).map(|n| if n % 7 == 3 { reject(n) } else { located(n, &format!("Paris met Bonn {n}")) }).collect();
    let (expected, counts) = outcomes(news(), settings(1, 1));
    assert_eq!(counts, Counts { documents: 200, annotated: 171, rejected: 29 });
    assert!(expected[0].contains(r#""id":"d0""#) && expected[3] == "news.jsonl:3: no JSON", "{expected:?}");
    for (threads, group_bytes) in [(1, 1 << 20), (2, 1000), (7, 300), (300, 1)] {
        assert_eq!(outcomes(news(), settings(threads, group_bytes)), (expected.clone(), counts), "{threads} threads");
    }
}

#[test]
fn i2_a_bad_document_costs_one_document() {
    let texts = ["Oslo", "PANIC", "Rome", "FAIL", "Bern", "OFF", "Lima", "LOST", "Doha"];
    let news = texts.iter().enumerate().map(|(n, text)| located(n, text)).collect();
    let (lines, counts) = outcomes(news, settings(2, 1 << 20));
    assert_eq!(counts, Counts { documents: 9, annotated: 5, rejected: 4 });
    for (n, text) in texts.iter().enumerate() {
        let expected = match *text {
            "PANIC" => "internal error: the text says so",
            "FAIL" => "too difficult",
            "OFF" => "internal error: ",
            "LOST" => "internal error: 0 results for 1 documents",
            name => &format!(r#""text":"{name}""#),
        };
        assert!(lines[n].contains(expected), "{}", lines[n]);
    }
    assert!(lines[1].starts_with("news.jsonl:1: "), "{}", lines[1]);
}

#[test]
fn no_documents_are_no_error() {
    assert_eq!(outcomes(Vec::new(), settings(3, 1000)), (Vec::new(), Counts::default()));
}

#[test]
fn i5_the_reader_does_not_run_ahead() {
    let read = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&read);
    // Texts of 300 bytes fill a group of 900 three at a time; with two threads five groups may be under way.
    let text = "a ".repeat(150);
    let news = (0..1000).map(move |n| {
        count.fetch_add(1, Ordering::SeqCst);
        located(n, &text)
    });
    let mut written = 0;
    let sink = |_| {
        // The group that is being written still holds its permit.
        let ahead = read.load(Ordering::SeqCst) - written / 3 * 3;
        written += 1;
        if ahead <= 15 {
            Ok(())
        } else {
            Err(ahead)
        }
    };
    assert_eq!(annotate(news, &Capitals, settings(2, 900), sink).map(|c| c.annotated), Ok(1000));
}

#[test]
fn an_error_of_the_sink_ends_the_run_though_the_reader_waits() {
    let (say, hear) = mpsc::channel();
    say.send(located(0, "Oslo")).unwrap();
    // The sender lives to the end of the test: the reader waits for a second document all the time.
    let result = annotate(hear.into_iter(), &Capitals, settings(2, 1), |_| Err("disk full"));
    assert_eq!(result, Err("disk full"));
    drop(say);
}

#[test]
fn a_panic_of_the_reader_is_not_the_end_of_the_input() {
    let news = (0..10).map(|n| if n == 5 { panic!("bug in a reader") } else { located(n, "Oslo") });
    let run = || annotate(news, &Capitals, settings(2, 1), |_| Ok::<_, ()>(()));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(demarche::pipeline::message(&*panic), "bug in a reader");
}
