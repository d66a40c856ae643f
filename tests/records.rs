//! The sample's gold annotations make the sample's gold records, in whatever order and split they come.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use demarche::corpus::{inline, standoff};
use demarche::document::{Annotation, Facet, Probability};
use demarche::records::{Aggregate, Part, Record, Settings};
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
fn statuses_hold_since_when_a_reader_judged() {
    let (records, judged) = (aggregate(&annotations()).records(), judged());
    let (mut right, mut dated, mut unknown, mut undated) = (0, 0, 0, 0);
    let mut differ = Vec::new();
    for record in &records {
        let gold = &judged[&pair(record)];
        for &facet in Facet::ALL {
            let Some(state) = record.facet(facet) else { continue };
            let since = state.since.map(|d| d.to_string());
            match gold[facet.name()]["since"].as_str() {
                Some(expected) => {
                    dated += 1;
                    right += usize::from(since.as_deref() == Some(expected));
                    if since.as_deref() != Some(expected) {
                        differ.push(format!("{:?} {facet}: {since:?} for {expected}", pair(record)));
                    }
                }
                None => {
                    undated += 1;
                    unknown += usize::from(since.is_none());
                }
            }
        }
    }
    assert!(right * 100 >= dated * 77, "{right} of {dated}: {differ:#?}");
    assert!(unknown * 100 >= undated * 50, "{unknown} of {undated}");
}

/// A small generator of numbers that are spread well enough for tests.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn shuffle<T>(&mut self, things: &mut [T]) {
        (1..things.len()).rev().for_each(|i| things.swap(i, self.below(i + 1)));
    }
}

/// The aggregate as it is written and read back.
fn stored(aggregate: &Aggregate) -> Aggregate {
    let mut back = Aggregate::new(Settings::default());
    back.add_parts(aggregate.stored().map(|d| Part::parse(&serde_json::to_string(&d).unwrap()).unwrap()).collect());
    back
}

#[test]
fn i1_i7_the_sample_in_a_thousand_orders_and_splits() {
    let documents = annotations();
    let whole = aggregate(&documents);
    let expected = whole.records();
    // Each document alone, every second one from a file.
    let alone: Vec<Aggregate> = documents.iter().map(|d| aggregate([d])).collect();
    let mut alone: Vec<Aggregate> =
        alone.into_iter().enumerate().map(|(i, a)| if i % 2 == 0 { a } else { stored(&a) }).collect();
    let mut draw = Draw(11);
    for round in 0..1000 {
        draw.shuffle(&mut alone);
        // Parts of random sizes, some of which overlap, merged in random order and grouping.
        let mut parts: Vec<Aggregate> = Vec::new();
        let mut rest = &alone[..];
        while !rest.is_empty() {
            let (part, others) = rest.split_at(1 + draw.below(rest.len()));
            let again = draw.below(part.len()).min(others.len()) / 2;
            let mut sum = Aggregate::new(Settings::default());
            part.iter().chain(&others[..again]).for_each(|d| sum.merge(d.clone()));
            parts.push(sum);
            rest = others;
        }
        while parts.len() > 1 {
            let part = parts.swap_remove(draw.below(parts.len()));
            let into = draw.below(parts.len());
            parts[into].merge(part);
        }
        // Records depend on what is in the aggregate and on nothing else, such as the order in which it came there.
        assert_eq!(parts[0], whole, "round {round}");
        if round % 5 == 0 {
            assert_eq!(parts[0].records(), expected, "round {round}");
        }
    }
}

#[test]
fn i7_an_unrelated_document_changes_nothing_else() {
    let mut documents = annotations();
    let expected = lines(aggregate(&documents).records());
    // The sample's own articles, told of actors that nobody else speaks of.
    let mut others: Vec<Annotation> = documents.iter().step_by(3).cloned().collect();
    for (i, other) in others.iter_mut().enumerate() {
        other.meta.id = format!("other-{i}");
        for entity in &mut other.entities {
            entity.actor = entity.actor.take().map(|code| format!("{}/OTHER_{i}", code.country()).parse().unwrap());
        }
    }
    documents.extend(others);
    let records = aggregate(&documents).records();
    let (other, same): (Vec<Record>, Vec<Record>) =
        records.into_iter().partition(|r| r.actor.as_str().contains("/OTHER_"));
    assert_eq!(lines(same), expected);
    assert!(other.len() > 50);
}

#[test]
fn i7_an_aggregate_in_a_file_is_as_good_as_its_annotations() {
    let documents = annotations();
    let whole = aggregate(&documents);
    let mut again = stored(&aggregate(&documents[..20]));
    documents[10..].iter().for_each(|d| again.add(d));
    assert_eq!(lines(again.records()), lines(whole.records()));
    assert_eq!(again.diagnostics(), whole.diagnostics());
    for line in ["{\"fingerprint\":\"00\"}", "{\"id\":1}", "{}", "[]"] {
        assert!(Part::parse(line).is_err(), "{line}");
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
