//! What aggregation promises of its memory: any gives the same bytes, and what does not fit leaves nothing behind.

use std::collections::BTreeMap;
use std::path::Path;

use demarche::aggregation::{Aggregation, Sink};
use demarche::corpus::{inline, runs};
use demarche::document::{
    Act, Annotation, Date, Entity, EntityIx, EntityType, Event, Mention, Metadata, Modality, Probability, Relation,
    Span, Stance,
};
use demarche::records::{Aggregate, Diagnostics, Part, Record, Settings, StoredDocument};

/// The gold annotations of the sample, four times, each time from another paper; and once more in parts.
fn documents() -> Vec<Annotation> {
    let gold = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/gold/sample.jsonl");
    let gold: Vec<Annotation> = inline::read(&gold).unwrap().map(|a| a.unwrap()).collect();
    let mut documents = Vec::new();
    for paper in 0..4 {
        documents.extend(gold.iter().cloned().map(|mut document| {
            document.meta.source = Some(format!("paper {paper}"));
            document.meta.id = format!("{paper}-{}", document.meta.id);
            document
        }));
    }
    // Versions of one document, of which each knows a part of the relations: they must meet again, wherever they were.
    let mut versions = documents.clone();
    for (i, version) in versions.iter_mut().enumerate() {
        let half = version.relations.len() / 2;
        version.relations.rotate_left(if i % 2 == 0 { half } else { 0 });
        version.relations.truncate(half);
    }
    versions.into_iter().chain(documents).collect()
}

/// All that comes out, as lines.
#[derive(Default, Debug, PartialEq)]
struct Lines {
    documents: Vec<String>,
    records: Vec<String>,
}

impl Sink for Lines {
    type Error = runs::Error;

    fn document(&mut self, document: &StoredDocument) -> Result<(), runs::Error> {
        self.documents.push(serde_json::to_string(document).unwrap());
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Result<(), runs::Error> {
        self.records.push(serde_json::to_string(record).unwrap());
        Ok(())
    }
}

/// What comes out within some memory, and how many files had to be written for it.
fn aggregated(documents: &[Annotation], memory: usize, as_of: Option<Date>) -> (Lines, Diagnostics, usize) {
    let place = tempfile::tempdir().unwrap();
    let spill = place.path().join("spill");
    let mut aggregation = Aggregation::new(Settings::default(), memory, spill.clone()).unwrap();
    for (i, chunk) in documents.chunks(7).enumerate() {
        if i % 2 == 0 {
            chunk.iter().for_each(|document| aggregation.add(document).unwrap());
        } else {
            let parts = chunk.iter().map(|document| Part::Annotation(Box::new(document.clone()))).collect();
            aggregation.add_parts(parts).unwrap();
        }
    }
    let written = std::fs::read_dir(&spill).map_or(0, Iterator::count);
    let mut lines = Lines::default();
    let diagnostics = aggregation.finish(as_of, &mut lines).unwrap();
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing is left behind");
    (lines, diagnostics, written)
}

#[test]
fn i5_any_memory_gives_the_same_bytes() {
    let documents = documents();
    let mut whole = Aggregate::new(Settings::default());
    documents.iter().for_each(|document| whole.add(document));
    let records: Vec<String> = whole.records().iter().map(|r| serde_json::to_string(r).unwrap()).collect();
    let stored: Vec<String> = whole.stored().map(|d| serde_json::to_string(&d).unwrap()).collect();
    let expected = Lines { documents: stored, records };
    let mut files = BTreeMap::new();
    for memory in [0, 10_000, 100_000, 1_000_000, 1 << 30] {
        let (lines, diagnostics, written) = aggregated(&documents, memory, None);
        assert!(lines == expected, "{memory} bytes give other lines");
        assert_eq!(diagnostics, whole.diagnostics(), "{memory}");
        files.insert(memory, written);
    }
    // With no memory at all there are most runs, of which many were merged already.
    assert!(files[&0] > 0 && files[&10_000] > 5 && files[&(1 << 30)] == 0, "{files:?}");
}

#[test]
fn records_as_of_a_day_are_those_of_all_records() {
    let documents = documents();
    let day: Date = "2024-06-30".parse().unwrap();
    let mut whole = Aggregate::new(Settings::default());
    documents.iter().for_each(|document| whole.add(document));
    let expected: Vec<String> =
        whole.records().iter().filter_map(|r| r.as_of(day)).map(|r| serde_json::to_string(&r).unwrap()).collect();
    assert_eq!(aggregated(&documents, 50_000, Some(day)).0.records, expected);
    assert!(expected.len() < whole.records().len());
}

#[test]
fn what_cannot_be_written_is_an_error_that_names_the_file() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("file"), "").unwrap();
    // A folder cannot be made below a file.
    let below = place.path().join("file/spill");
    let failed = match Aggregation::new(Settings::default(), 0, below.clone()) {
        Ok(mut aggregation) => aggregation.add(&documents()[0]).unwrap_err(),
        Err(error) => error,
    };
    assert!(failed.to_string().contains("file/spill"), "{failed}");
}

#[test]
fn i5_a_sentence_without_end_is_shown_in_part() {
    // Two megabytes without a full stop, in which two actors are named a hundred thousand times and seen to meet.
    let unit = "France met Georgia on Monday — and in March 2021, ";
    let text = unit.repeat((2 << 20) / unit.len());
    let entity = |code: &str| Entity {
        id: code.to_owned(),
        name: code.to_owned(),
        kind: EntityType::Loc,
        actor: code.parse().ok(),
        score: Probability::ONE,
    };
    let relation = |src| Relation {
        src: EntityIx(src),
        tgt: EntityIx(1 - src),
        sent: 0,
        event: Event::Consult,
        act: Act::ContactMeet,
        stance: Stance::Neutral,
        modality: Modality::Actual,
        score: Probability::new(0.8),
        scores: None,
    };
    let mut mentions = Vec::new();
    for (entity, name) in ["France", "Georgia"].into_iter().enumerate() {
        mentions.extend(text.match_indices(name).map(|(at, _)| Mention {
            entity: EntityIx(entity as u32),
            span: Span::new(at, at + name.len()),
            kind: EntityType::Loc,
            named: true,
            score: Probability::ONE,
        }));
    }
    mentions.sort_by_key(|m| m.span);
    let mut document = Annotation {
        meta: Metadata { id: "d".to_owned(), date: "2024-05-03".parse().ok(), ..Metadata::default() },
        // The program's own sentences are shorter; annotations from elsewhere may have any.
        sentences: vec![Span::new(0, text.trim_end().len())],
        text,
        mentions,
        entities: vec![entity("FRA"), entity("GEO")],
        relations: vec![relation(0), relation(1)],
    };
    assert_eq!(document.sentences.len(), 1);
    // The last mention of one side only is named, far from the beginning.
    let last = document.mentions.len() - 2;
    document
        .mentions
        .iter_mut()
        .enumerate()
        .filter(|(i, m)| m.entity == EntityIx(0) && *i != last)
        .for_each(|(_, m)| m.named = false);
    let mut aggregate = Aggregate::new(Settings::default());
    aggregate.add(&document);
    let records = aggregate.records();
    assert_eq!(records.len(), 2);
    for evidence in records.iter().flat_map(|r| &r.evidence) {
        assert!(evidence.text.len() < 4000 && evidence.start > 1_000_000, "{}", evidence.text.len());
        assert!(["France", "Georgia", "met", "on", "—", "and", "in", "Monday", "March", "2021,"]
            .iter()
            .any(|w| evidence.text.starts_with(w)));
        let shown: String = document.text.chars().skip(evidence.start).take(evidence.end - evidence.start).collect();
        assert_eq!(shown, evidence.text, "I3");
    }
    assert!(aggregate.bytes() < 20_000, "{}", aggregate.bytes());
}
