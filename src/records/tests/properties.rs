//! What holds for any documents, tried on drawn ones with a fixed seed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::{sketch, Aggregate, Record, Settings};
use crate::document::{Act, ActorCode, Annotation, Event, Facet, Modality, Stance};

/// A small generator of numbers that are spread well enough for tests.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }

    fn shuffle<T>(&mut self, things: &mut [T]) {
        for i in (1..things.len()).rev() {
            things.swap(i, self.below(i + 1));
        }
    }
}

/// Documents about few actors within few days, so that they copy, confirm and contradict one another.
fn documents(draw: &mut Draw, n: usize) -> Vec<Annotation> {
    let actors = ["RUS", "AFG/TALIBAN", "KAZ", "TUR"];
    let acts: Vec<Act> = Act::ALL.iter().copied().filter(|a| a.facet().is_some()).collect();
    let mut sketch = String::new();
    for document in 0..n {
        let date = draw.of(&["-", "2024", "2024-05", "2024-05-27", "2024-05-28", "2024-06-03", "2025-01-01"]);
        let source = draw.of(&["", " src=a", " src=b", " src=c"]);
        for _ in 0..1 + draw.below(4) {
            let (src, tgt) = (draw.of(&actors), draw.of(&actors));
            let act = if draw.below(3) == 0 {
                draw.of(&[Act::ContactMediate, Act::ContactMeet])
            } else {
                draw.of(&acts[..14])
            };
            let (event, stance) = (draw.of(Event::ALL), draw.of(Stance::ALL));
            let modality = draw.of(&[
                Modality::Actual,
                Modality::Actual,
                Modality::Planned,
                Modality::Denied,
                Modality::Hypothetical,
            ]);
            let (story, word) = (draw.below(12), draw.of(&["yesterday", "again"]));
            let _ = writeln!(
                sketch,
                "day {date}{source} doc=d{document} {src}>{tgt} {act} {event} {stance} {modality} 0.{} \"{}, officials said {word}.\"",
                1 + draw.below(9),
                format!("{story} tells of {story} ").repeat(3).trim_end(),
            );
        }
    }
    sketch::annotations(&sketch)
}

fn lines(records: &[Record]) -> Vec<String> {
    records.iter().map(|r| serde_json::to_string(r).unwrap()).collect()
}

fn aggregate<'a>(annotations: impl IntoIterator<Item = &'a Annotation>) -> Aggregate {
    let mut aggregate = Aggregate::new(Settings::default());
    annotations.into_iter().for_each(|a| aggregate.add(a));
    aggregate
}

#[test]
fn i1_i7_order_and_split_change_nothing() {
    let mut draw = Draw(1);
    for _ in 0..10 {
        let mut all = documents(&mut draw, 30);
        let expected = lines(&sketch::records(&all));
        for _ in 0..10 {
            draw.shuffle(&mut all);
            let mut parts: Vec<Aggregate> = all.chunks(1 + draw.below(30)).map(aggregate).collect();
            draw.shuffle(&mut parts);
            let merged = parts.into_iter().fold(Aggregate::new(Settings::default()), |mut a, b| {
                a.merge(b);
                a
            });
            assert_eq!(lines(&merged.records()), expected);
        }
    }
}

#[test]
fn i7_merge_is_commutative_associative_and_idempotent_with_an_identity() {
    let mut draw = Draw(2);
    let all = documents(&mut draw, 60);
    // The parts overlap.
    let (a, b, c) = (aggregate(&all[..30]), aggregate(&all[20..45]), aggregate(&all[40..]));
    let merge = |x: &Aggregate, y: &Aggregate| {
        let mut m = x.clone();
        m.merge(y.clone());
        m
    };
    let same = |x: &Aggregate, y: &Aggregate| {
        assert_eq!(lines(&x.records()), lines(&y.records()));
        assert_eq!(x.diagnostics(), y.diagnostics());
    };
    same(&merge(&a, &b), &merge(&b, &a));
    same(&merge(&merge(&a, &b), &c), &merge(&a, &merge(&b, &c)));
    same(&merge(&a, &a), &a);
    same(&merge(&a, &Aggregate::new(Settings::default())), &a);
    same(&merge(&Aggregate::new(Settings::default()), &a), &a);
    same(&merge(&merge(&a, &b), &c), &aggregate(&all));
}

#[test]
fn i7_two_versions_of_a_document_merge_in_any_order() {
    let mut draw = Draw(3);
    let mut versions = documents(&mut draw, 40);
    for v in &mut versions {
        v.meta.id = format!("d{}", draw.below(4));
        v.meta.date = None;
        v.meta.source = None;
    }
    let expected = lines(&sketch::records(&versions));
    for _ in 0..20 {
        draw.shuffle(&mut versions);
        assert_eq!(lines(&sketch::records(&versions)), expected);
    }
}

#[test]
fn i7_an_unrelated_document_changes_no_other_record() {
    let mut draw = Draw(4);
    for _ in 0..20 {
        let mut all = documents(&mut draw, 25);
        let before = lines(&sketch::records(&all));
        let mut unrelated = documents(&mut draw, 1);
        for entity in &mut unrelated[0].entities {
            let code = if entity.name == "RUS" { "RUS/OPP" } else { "NOR" };
            entity.actor = Some(code.parse::<ActorCode>().unwrap());
        }
        unrelated[0].meta.id = "unrelated".to_owned();
        all.append(&mut unrelated);
        let after = lines(&sketch::records(&all));
        assert_eq!(before.iter().filter(|l| !after.contains(l)).count(), 0);
    }
}

#[test]
fn statuses_stay_in_their_facet_and_confidence_below_one() {
    let mut draw = Draw(5);
    for record in (0..20).flat_map(|_| sketch::records(&documents(&mut draw, 40))) {
        for &facet in Facet::ALL {
            let Some(state) = record.facet(facet) else { continue };
            assert!((0.0..1.0).contains(&state.confidence.get()));
            assert!(state.evidence.iter().all(|&i| record.evidence[i].act.facet() == Some(facet)));
            assert!(!state.evidence.is_empty() && state.evidence.is_sorted());
            assert!(std::iter::once(state.status)
                .chain(state.history.iter().map(|p| p.status))
                .all(|s| s.facet() == facet));
            let dates: Vec<_> =
                state.history.iter().flat_map(|p| [p.from, p.to]).chain([state.since]).flatten().collect();
            assert!(dates.is_sorted(), "{dates:?}");
        }
        for c in &record.conflicts {
            assert!(c.statuses.iter().all(|s| s.facet() == c.facet));
            assert!(
                c.evidence.len() > 1 && c.evidence.iter().all(|&i| record.evidence[i].act.facet() == Some(c.facet))
            );
        }
        assert!((-1.0..=1.0).contains(&record.stance.score));
    }
}

#[test]
fn every_report_is_of_one_happening_which_names_all_who_tell_of_it() {
    let mut draw = Draw(7);
    let mut joined = 0;
    let mut records = || {
        let mut documents = documents(&mut draw, 40);
        documents.iter_mut().flat_map(|d| &mut d.relations).for_each(|r| r.event = Event::Consult);
        sketch::records(&documents)
    };
    for record in (0..20).flat_map(|_| records()) {
        let told: BTreeSet<usize> = record.evidence.iter().map(|e| e.happening).collect();
        assert!(told.iter().copied().eq(0..record.happenings.len()));
        for e in &record.evidence {
            let happening = &record.happenings[e.happening];
            assert_eq!((happening.act, happening.event, happening.modality), (e.act, e.event, e.modality));
            assert!(happening.confidence.get() + 1e-6 >= e.score.get());
            assert!(e.source.as_ref().is_none_or(|source| happening.sources.contains(source)));
        }
        let sources: BTreeSet<&String> = record.happenings.iter().flat_map(|h| &h.sources).collect();
        assert!(sources.len() <= record.sources);
        assert!(record.happenings.iter().all(|h| h.documents >= h.sources.len() && h.documents <= record.documents));
        let counted: usize = record.acts.values().flat_map(|by_modality| by_modality.values()).sum();
        assert_eq!(counted, record.happenings.len());
        joined += record.evidence.len() - record.happenings.len();
    }
    assert!(joined > 40, "{joined}");
}

#[test]
fn confidence_does_not_fall_when_agreeing_evidence_is_added() {
    let mut draw = Draw(6);
    let mut tried = 0;
    for round in 0..60 {
        let all = documents(&mut draw, 12);
        for record in sketch::records(&all) {
            for &facet in Facet::ALL {
                let Some(state) = record.facet(facet) else { continue };
                let proof = &record.evidence[*state.evidence.last().unwrap()];
                let date = draw.of(&["2024-05-27", "2024-05-28", "2024-06-01", "2025-01-01", "2025-02-02"]);
                let mut more = sketch::annotations(&format!(
                    "day {date} src=z doc=new {}>{} {} {} {} {} 0.{} \"An altogether different sentence, number {round}.\"",
                    record.actor, record.counterpart, proof.act, proof.event, proof.stance, proof.modality, draw.below(10)
                ));
                more.extend(all.iter().cloned());
                let after = sketch::records(&more);
                let after =
                    after.iter().find(|r| (&r.actor, &r.counterpart) == (&record.actor, &record.counterpart)).unwrap();
                let after = after.facet(facet).unwrap();
                assert_eq!(after.status, state.status, "{date} {record:#?}");
                assert!(after.confidence >= state.confidence, "{date} {record:#?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 400, "{tried}");
}
