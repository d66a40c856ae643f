//! Copies are found, and what is no copy is left alone, in a corpus that is mostly copies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use demarche::corpus::inline;
use demarche::document::{
    Act, Annotation, Entity, EntityIx, EntityType, Event, Metadata, Modality, Probability, Relation, Stance,
};
use demarche::records::{Aggregate, Record, Settings};
use demarche::text::sentences;

/// Distinct documents, and how often each is printed.
const DISTINCT: usize = 300;
const PRINTS: usize = 10;

/// A small generator of numbers that are spread well enough for tests.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Distinct texts of some length from the project's own articles.
fn texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/train");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let all = files.iter().flat_map(|f| inline::read(f).unwrap()).map(|a| a.unwrap().text);
    let texts: Vec<String> = all.filter(|t| t.split_whitespace().count() >= 120).take(DISTINCT).collect();
    assert_eq!(texts.len(), DISTINCT);
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), DISTINCT);
    texts
}

/// The text as another paper prints it: a dateline, a sentence left out or put in, a few words changed, the house
/// style of quotation marks.
fn reprint(text: &str, draw: &mut Draw) -> String {
    let mut parts: Vec<String> = sentences(text).iter().map(|s| s.of(text).to_owned()).collect();
    match draw.below(4) {
        0 => parts.insert(0, "CAPITAL (Wire) —".to_owned()),
        1 => parts.push("This report has been edited for length by our staff.".to_owned()),
        2 if parts.len() > 4 => drop(parts.remove(1 + draw.below(parts.len() - 1))),
        _ => {}
    }
    for _ in 0..1 + draw.below(4) {
        let at = draw.below(parts.len());
        let mut words: Vec<&str> = parts[at].split(' ').collect();
        let word = draw.below(words.len());
        words[word] = ["reportedly", "officials", "yesterday", "also"][draw.below(4)];
        parts[at] = words.join(" ");
    }
    let text = parts.join(" ");
    if draw.below(2) == 0 {
        text.replace(['“', '”'], "\"")
    } else {
        text
    }
}

/// A document in which one actor supports another in the sentence of number `sent`.
fn document(id: String, source: usize, date: &str, text: String, sent: usize) -> Annotation {
    let entity = |id: &str, code: &str| Entity {
        id: id.to_owned(),
        name: code.to_owned(),
        kind: EntityType::Loc,
        actor: code.parse().ok(),
        score: Probability::ONE,
    };
    let sentences = sentences(&text);
    let relation = Relation {
        src: EntityIx(0),
        tgt: EntityIx(1),
        sent: sent.min(sentences.len() - 1),
        event: Event::Support,
        act: Act::StatementSupport,
        stance: Stance::Favor,
        modality: Modality::Actual,
        score: Probability::new(0.8),
        scores: None,
    };
    let source = Some(format!("paper {source}"));
    Annotation {
        meta: Metadata { id, date: date.parse().ok(), source, ..Metadata::default() },
        sentences,
        text,
        mentions: Vec::new(),
        entities: vec![entity("e1", "FRA"), entity("e2", "GEO")],
        relations: vec![relation],
    }
}

fn record(documents: &[Annotation]) -> Record {
    let mut aggregate = Aggregate::new(Settings::default());
    documents.iter().for_each(|d| aggregate.add(d));
    aggregate.records().remove(0)
}

#[test]
fn copies_are_found_and_distinct_documents_are_not_merged() {
    let mut draw = Draw(5);
    let mut documents = Vec::new();
    for (t, text) in texts().into_iter().enumerate() {
        for print in 0..PRINTS {
            // The wire prints first, and papers within the week; every paper shows another sentence of the story.
            let date = format!("2024-05-0{}", 1 + if print == 0 { 0 } else { draw.below(6) });
            let text = if print == 0 { text.clone() } else { reprint(&text, &mut draw) };
            documents.push(document(format!("{print}-{t}"), print, &date, text, print % 3));
        }
    }
    let record = record(&documents);
    assert_eq!((record.documents, record.sources), (DISTINCT * PRINTS, PRINTS), "no source is lost");
    let listed: BTreeMap<&str, usize> = record.evidence.iter().map(|e| (e.document.as_str(), e.duplicates)).collect();
    // All say one act of one pair, so each piece of evidence is a story; the rest was counted as copies of one.
    let stories = record.evidence.len();
    let copies = DISTINCT * (PRINTS - 1);
    let missed = stories.saturating_sub(DISTINCT);
    assert!(missed * 100 <= copies * 2, "{missed} of {copies} copies were not found");
    let originals = (0..DISTINCT).filter(|t| listed.contains_key(format!("0-{t}").as_str())).count();
    assert!((DISTINCT - originals) * 1000 <= DISTINCT, "{} of {DISTINCT} were merged", DISTINCT - originals);
    assert_eq!(stories + record.evidence.iter().map(|e| e.duplicates).sum::<usize>(), DISTINCT * PRINTS);
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
    let texts: Vec<String> = texts().into_iter().filter(|t| t.split_whitespace().count() > 300).collect();
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
