//! The sample's gold annotations make the sample's gold records, in whatever order and split they come.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use demarche::corpus::{inline, standoff};
use demarche::document::{Annotation, Facet, Probability};
use demarche::records::{Aggregate, Record, Settings};
use serde_json::Value;

fn gold(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/gold").join(file)
}

fn annotations() -> Vec<Annotation> {
    inline::read(&gold("sample.jsonl")).unwrap().map(|a| a.unwrap()).collect()
}

fn aggregate<'a>(annotations: impl IntoIterator<Item = &'a Annotation>) -> Aggregate {
    let mut aggregate = Aggregate::new(Settings::default());
    annotations.into_iter().for_each(|a| aggregate.add(a));
    aggregate
}

fn lines(records: Vec<Record>) -> Vec<String> {
    records.iter().map(|r| serde_json::to_string(r).unwrap()).collect()
}

/// The judged records by pair.
fn judged() -> BTreeMap<(String, String), Value> {
    let lines = std::fs::read_to_string(gold("records.jsonl")).unwrap();
    let records = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.map(|r| ((text(&r, "actor"), text(&r, "counterpart")), r)).collect()
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap().to_owned()
}

fn pair(record: &Record) -> (String, String) {
    (record.actor.to_string(), record.counterpart.to_string())
}

#[test]
fn statuses_are_those_that_a_reader_judged() {
    let (records, judged) = (aggregate(&annotations()).records(), judged());
    let pairs: Vec<_> = records.iter().map(pair).collect();
    assert_eq!(pairs, judged.keys().cloned().collect::<Vec<_>>());
    let mut differ = Vec::new();
    let (mut stances, mut meetings) = (0, 0);
    for record in &records {
        let gold = &judged[&pair(record)];
        for &facet in Facet::ALL {
            let status = record.facet(facet).map(|s| s.status.name());
            let expected = gold[facet.name()]["status"].as_str();
            if status != expected {
                differ.push(format!("{:?} {facet}: {status:?} for {expected:?}", pair(record)));
            }
        }
        stances += usize::from(gold["stance"]["label"] == record.stance.label.name());
        meetings += usize::from(gold["contact"]["meetings"] == record.contact.meetings);
    }
    assert!(differ.is_empty(), "{differ:#?}");
    assert_eq!(meetings, records.len());
    // The reader also took sides where sides were even, and from what might be.
    assert!(stances * 100 >= records.len() * 94, "{stances} of {}", records.len());
}

#[test]
fn i1_i7_the_sample_in_any_order_and_split() {
    let lines =
        |records: Vec<Record>| -> Vec<String> { records.iter().map(|r| serde_json::to_string(r).unwrap()).collect() };
    let mut documents = annotations();
    let expected = lines(aggregate(&documents).records());
    let mut state = 11_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..25 {
        (1..documents.len()).rev().for_each(|i| documents.swap(i, below(i + 1)));
        let mut parts: Vec<Aggregate> = documents.chunks(1 + below(documents.len())).map(aggregate).collect();
        let mut merged = Aggregate::new(Settings::default());
        while !parts.is_empty() {
            merged.merge(parts.swap_remove(below(parts.len())));
        }
        assert_eq!(lines(merged.records()), expected);
    }
}

#[test]
fn i1_annotations_make_the_same_records_before_and_after_they_are_written() {
    let mut documents = annotations();
    for (d, document) in documents.iter_mut().enumerate() {
        document.relations.iter_mut().enumerate().for_each(|(i, r)| r.score = Probability::new(0.9 / (1 + i) as f32));
        document.entities.iter_mut().for_each(|e| e.score = Probability::new(1.0 - 0.01 / (1 + d) as f32));
    }
    let mut file = Vec::new();
    documents.iter().for_each(|a| standoff::write(a, &mut file).unwrap());
    let read: Vec<Annotation> =
        String::from_utf8(file).unwrap().lines().map(|line| standoff::parse(line).unwrap()).collect();
    assert_eq!(lines(aggregate(&read).records()), lines(aggregate(&documents).records()));
}
