//! Annotations from one-line sketches and outlines of records, so that tests are text in and text out.
//!
//! `day 2024-05-28 src=taz doc=7 RUS>AFG/TALIBAN recognition.withhold REJECT neutral actual 0.9 "Premature."`
//! is a document with one relation. The date may be `-`, `src=` and `doc=` may be left out; lines of one
//! `doc=` are one document.

use std::fmt::Write as _;

use super::{Aggregate, FacetState, Record, Settings};
use crate::document::{
    ActorCode, Annotation, Date, Entity, EntityIx, EntityType, Facet, Metadata, Probability, Relation, Span,
};

/// The documents of a sketch.
pub(crate) fn annotations(sketch: &str) -> Vec<Annotation> {
    let mut documents: Vec<Annotation> = Vec::new();
    for (n, line) in sketch.lines().map(str::trim).filter(|l| !l.is_empty()).enumerate() {
        let (head, text) = line.split_once('"').unwrap_or((line, ""));
        let mut words = head.split_whitespace().peekable();
        assert_eq!(words.next(), Some("day"), "{line}");
        let date: Option<Date> = words.next().filter(|d| *d != "-").map(|d| d.parse().unwrap());
        let mut field = |name: &str| words.next_if(|w| w.starts_with(name)).map(|w| w[name.len()..].to_owned());
        let source = field("src=");
        let id = field("doc=").unwrap_or_else(|| format!("d{n}"));
        let (src, tgt) = words.next().and_then(|p| p.split_once('>')).unwrap();
        let labels: Vec<&str> = words.collect();
        let [act, event, stance, modality, score] = labels[..] else { panic!("{line}") };
        let at = documents.iter().position(|d| d.meta.id == id).unwrap_or_else(|| {
            documents.push(Annotation {
                meta: Metadata { id, date, source, ..Metadata::default() },
                ..Annotation::default()
            });
            documents.len() - 1
        });
        let document = &mut documents[at];
        let (src, tgt) = (entity(document, src), entity(document, tgt));
        let default = default_text(n);
        let sent = sentence(document, if text.is_empty() { &default } else { text.trim_end_matches('"') });
        document.relations.push(Relation {
            src,
            tgt,
            sent,
            event: event.parse().unwrap(),
            act: act.parse().unwrap(),
            stance: stance.parse().unwrap(),
            modality: modality.parse().unwrap(),
            score: Probability::new(score.parse().unwrap()),
            scores: None,
        });
    }
    documents
}

/// A sentence that is like that of no other line.
fn default_text(line: usize) -> String {
    let words = (0..6).map(|w| ((line + 1) * 2_654_435_761 * (w + 1) % 1_000_000_007).to_string());
    words.collect::<Vec<_>>().join(" ") + "."
}

fn entity(document: &mut Annotation, code: &str) -> EntityIx {
    let at = document.entities.iter().position(|e| e.name == code).unwrap_or_else(|| {
        document.entities.push(Entity {
            id: format!("e{}", document.entities.len()),
            name: code.to_owned(),
            kind: EntityType::Loc,
            actor: (code != "?").then(|| code.parse::<ActorCode>().unwrap()),
            score: Probability::ONE,
        });
        document.entities.len() - 1
    });
    EntityIx(at as u32)
}

fn sentence(document: &mut Annotation, text: &str) -> usize {
    if let Some(at) = document.sentences.iter().position(|s| s.of(&document.text) == text) {
        return at;
    }
    if !document.text.is_empty() {
        document.text.push(' ');
    }
    let start = document.text.len();
    document.text.push_str(text);
    document.sentences.push(Span::new(start, document.text.len()));
    document.sentences.len() - 1
}

/// The records of annotations, with default settings.
pub(crate) fn records(annotations: &[Annotation]) -> Vec<Record> {
    let mut aggregate = Aggregate::new(Settings::default());
    annotations.iter().for_each(|a| aggregate.add(a));
    aggregate.records()
}

/// What a reader wants to see of records: span and counts, facets with their history, conflicts, stance.
pub(crate) fn outline(records: &[Record]) -> String {
    let mut out = String::new();
    for r in records {
        let date = |d: Option<Date>| d.map_or("-".to_owned(), |d| d.to_string());
        let _ = writeln!(
            out,
            "{} > {} {}..{} documents {} sources {} evidence {} duplicates {}",
            r.actor,
            r.counterpart,
            date(r.first),
            date(r.last),
            r.documents,
            r.sources,
            r.evidence.len(),
            r.evidence.iter().map(|e| e.duplicates).sum::<usize>()
        );
        for &facet in Facet::ALL {
            if let Some(FacetState { status, since, confidence, evidence, history }) = r.facet(facet) {
                let _ = write!(out, "  {facet}: {status} since {} {:.2} {evidence:?}", date(*since), confidence.get());
                for p in history {
                    let _ = write!(out, ", {} {}..{}", p.status, date(p.from), date(p.to));
                }
                out.push('\n');
            }
        }
        for c in &r.conflicts {
            let statuses: Vec<&str> = c.statuses.iter().map(|s| s.name()).collect();
            let _ = writeln!(out, "  conflict of {}: {} {:?}", c.facet, statuses.join(" / "), c.evidence);
        }
        let s = &r.stance;
        let _ = writeln!(out, "  stance {} {:.2} ({} {} {})", s.label, s.score, s.favor, s.neutral, s.against);
    }
    out
}
