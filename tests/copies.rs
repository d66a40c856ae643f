//! Copies are found, and what is no copy is left alone, in a corpus that is mostly copies.

mod reprints;

use demarche::document::{Act, Annotation};
use demarche::records::{Aggregate, Record, Settings};
use reprints::{document, printed, reprint, texts, Draw, Found};

/// Distinct documents, and how often each is printed.
const DISTINCT: usize = 300;
const PRINTS: usize = 10;

fn record(documents: &[Annotation]) -> Record {
    let mut aggregate = Aggregate::new(Settings::default());
    documents.iter().for_each(|d| aggregate.add(d));
    aggregate.records().remove(0)
}

#[test]
fn copies_are_found_and_distinct_documents_are_not_merged() {
    let texts: Vec<String> = texts().into_iter().step_by(5).take(DISTINCT).collect();
    let record = record(&printed(&texts, PRINTS, &mut Draw(5)));
    assert_eq!((record.documents, record.sources), (DISTINCT * PRINTS, PRINTS), "no source is lost");
    let found = Found::of(&record, DISTINCT, PRINTS);
    assert!(found.missed * 100 <= found.copies * 2, "{found:?}");
    assert!(found.merged * 1000 <= DISTINCT, "{found:?}");
    let duplicates: usize = record.evidence.iter().map(|e| e.duplicates).sum();
    assert_eq!(record.evidence.len() + duplicates, DISTINCT * PRINTS);
}

#[test]
fn an_event_that_several_sources_tell_in_their_own_words_keeps_all_of_them() {
    let told = [
        "Paris on Thursday recognised the new government, the ministry said in a short statement.",
        "France has become the first to recognise the rulers, a decision long awaited in the region.",
        "The French president signed the act of recognition and spoke of a new page.",
    ];
    let documents: Vec<Annotation> = told
        .iter()
        .enumerate()
        .map(|(i, text)| {
            let mut document = document(format!("d{i}"), i, "2024-05-03", (*text).to_owned(), 0);
            document.relations[0].act = Act::RecognitionGrant;
            document
        })
        .collect();
    let record = record(&documents);
    let state = record.recognition.as_ref().unwrap();
    assert_eq!(state.evidence, [0, 1, 2]);
    assert_eq!((record.documents, record.sources, state.history.len()), (3, 3, 0));
    // One event: the three confirm one another, and none is taken for the copy of another.
    assert!(state.confidence.get() > 0.98);
}

#[test]
fn copies_do_not_raise_confidence_and_other_reports_do() {
    // As long as articles are: a few edits leave no doubt of what was copied.
    let texts: Vec<String> = texts().chunks(8).step_by(8).map(|parts| parts.join(" ")).collect();
    let confidence = |documents: &[Annotation]| record(documents).recognition.unwrap().confidence.get();
    let mut draw = Draw(9);
    for text in &texts[..10] {
        let report = |id: &str, source: usize, text: &str| {
            let mut document = document(id.to_owned(), source, "2024-05-03", text.to_owned(), 0);
            document.relations[0].act = Act::RecognitionGrant;
            document
        };
        let alone = vec![report("a", 0, text)];
        let mut copied = alone.clone();
        copied.extend((1..30).map(|i| report(&format!("c{i}"), i, &reprint(text, &mut draw))));
        assert_eq!(confidence(&copied), confidence(&alone), "{text}");
        let mut last = confidence(&alone);
        for (i, other) in texts[20..24].iter().enumerate() {
            copied.push(report(&format!("o{i}"), 40 + i, other));
            let now = confidence(&copied);
            assert!(now > last, "{now} after {last}");
            last = now;
        }
    }
}
