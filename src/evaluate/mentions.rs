//! Named mentions, anaphors and their antecedents, compared by span.
//!
//! A named mention is right when span and type are exactly those of the gold, as conlleval (Tjong Kim
//! Sang 2002) and seqeval count entities. The two differ from one another, and from this, only in how
//! they read broken tag sequences, which spans do not have.

use serde::Serialize;

use super::align::Aligned;
use super::calibration::{judge, Judged};
use super::score::{Accuracy, Averages, Prf};
use super::tally::{Cell, Count, Tally};
use crate::document::{Annotation, Mention};
use crate::labels::EntityType;
use crate::text::Span;

/// Scores of anaphors and nominals.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Anaphors {
    /// Found at the exact span.
    pub mentions: Prf,
    /// Of the anaphors that were found, how many go to the right antecedent, or to none where there is none.
    pub antecedents: Accuracy,
    /// Found and resolved.
    pub resolved: Prf,
}

/// Counts what `aligned` has of named mentions.
pub(super) fn tally_named(aligned: &Aligned, tally: &mut Tally) {
    let gold = typed_spans(aligned.gold);
    let pred = aligned.pred.map(typed_spans).unwrap_or_default();
    for &(_, kind) in &gold {
        tally.one(Cell::Named(kind, Count::Gold));
    }
    for found in &pred {
        tally.one(Cell::Named(found.1, Count::Predicted));
        if gold.binary_search(found).is_ok() {
            tally.one(Cell::Named(found.1, Count::Correct));
        }
    }
    for m in aligned.pred.into_iter().flat_map(|p| &p.mentions).filter(|m| m.named) {
        judge(Judged::Named, m.score, gold.binary_search(&(m.span, m.kind)).is_ok(), tally);
    }
}

/// Spans and types of the named mentions, sorted, each once.
fn typed_spans(a: &Annotation) -> Vec<(Span, EntityType)> {
    let mut spans: Vec<_> = a.mentions.iter().filter(|m| m.named).map(|m| (m.span, m.kind)).collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// Scores of named mentions.
pub(super) fn named(tally: &Tally) -> Option<Averages> {
    let of = |kind, count| tally.count(Cell::Named(kind, count));
    let averages = Averages::new(EntityType::ALL.iter().map(|&kind| {
        (kind.name(), Prf::new(of(kind, Count::Gold), of(kind, Count::Predicted), of(kind, Count::Correct)))
    }));
    (!averages.micro.is_empty()).then_some(averages)
}

/// Counts what `aligned` has of anaphors.
pub(super) fn tally_anaphors(aligned: &Aligned, tally: &mut Tally) {
    let gold = Chains::new(aligned.gold);
    tally.add(Cell::Anaphor(Count::Gold), gold.anaphors.len() as f64);
    let Some(pred) = aligned.pred.map(Chains::new) else { return };
    tally.add(Cell::Anaphor(Count::Predicted), pred.anaphors.len() as f64);
    for &(span, entity) in &pred.anaphors {
        let Ok(at) = gold.anaphors.binary_search_by_key(&span, |&(s, _)| s) else { continue };
        tally.one(Cell::Anaphor(Count::Correct));
        if gold.accepts(gold.anaphors[at].1, span, pred.antecedent(entity, span)) {
            tally.one(Cell::Resolved);
        }
    }
}

/// Scores of anaphors, unless the gold has none.
pub(super) fn anaphors(tally: &Tally) -> Option<Anaphors> {
    let of = |count| tally.count(Cell::Anaphor(count));
    let (gold, predicted, found) = (of(Count::Gold), of(Count::Predicted), of(Count::Correct));
    let resolved = tally.count(Cell::Resolved);
    (gold > 0).then(|| Anaphors {
        mentions: Prf::new(gold, predicted, found),
        antecedents: Accuracy::new(resolved, found),
        resolved: Prf::new(gold, predicted, resolved),
    })
}

/// The mentions of a document by entity.
struct Chains {
    /// Span and entity of each anaphor, by span, each span once.
    anaphors: Vec<(Span, u32)>,
    /// Entity, span and whether it is a name, of all mentions, sorted.
    members: Vec<(u32, Span, bool)>,
}

impl Chains {
    fn new(a: &Annotation) -> Self {
        let mut anaphors: Vec<_> =
            a.mentions.iter().filter(|m| !m.named).map(|m: &Mention| (m.span, m.entity.0)).collect();
        anaphors.sort_unstable();
        anaphors.dedup_by_key(|&mut (span, _)| span);
        let mut members: Vec<_> = a.mentions.iter().map(|m| (m.entity.0, m.span, m.named)).collect();
        members.sort_unstable();
        Chains { anaphors, members }
    }

    /// The mentions of `entity` that start before `span`.
    fn before(&self, entity: u32, span: Span) -> &[(u32, Span, bool)] {
        let from = self.members.partition_point(|&(e, _, _)| e < entity);
        let to = self.members.partition_point(|&(e, s, _)| (e, s.start) < (entity, span.start));
        &self.members[from..to]
    }

    /// What an anaphor at `span` that refers to `entity` goes back to: the nearest name before it, or
    /// the nearest anaphor where there is no name.
    fn antecedent(&self, entity: u32, span: Span) -> Option<Span> {
        let before = self.before(entity, span);
        before.iter().rev().find(|(_, _, named)| *named).or(before.last()).map(|&(_, s, _)| s)
    }

    /// Whether `antecedent` is one of an anaphor at `span` that refers to `entity`.
    fn accepts(&self, entity: u32, span: Span, antecedent: Option<Span>) -> bool {
        let before = self.before(entity, span);
        match antecedent {
            None => before.is_empty(),
            Some(a) => before.iter().any(|&(_, s, _)| s == a),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::annotation;
    use super::*;

    fn tallied(gold: &str, pred: &str) -> Tally {
        let (gold, pred) = (annotation(gold), annotation(pred));
        let mut tally = Tally::default();
        let aligned = Aligned { gold: &gold, pred: Some(&pred) };
        tally_named(&aligned, &mut tally);
        tally_anaphors(&aligned, &mut tally);
        tally.seal()
    }

    #[test]
    fn names_count_with_exact_span_and_type() {
        let t = tallied(
            "[Xi|PER] met [Putin|PER] of [Russia|LOC] in [New York|LOC].",
            "[Xi|PER] met [Putin|ORG] of [Russia|LOC] in New [York|LOC].",
        );
        let ner = named(&t).unwrap();
        assert_eq!((ner.micro.gold, ner.micro.predicted, ner.micro.correct), (4, 4, 2));
        assert_eq!(ner.micro.f1, 0.5);
        // PER: P 1, R 1/2, F 2/3. LOC: 1/2, 1/2, 1/2. ORG: 0. MISC occurs nowhere.
        assert!((ner.macro_.f1 - (2.0 / 3.0 + 0.5) / 3.0).abs() < 1e-12);
        assert!((ner.macro_.precision - 0.5).abs() < 1e-12);
        assert!((ner.weighted.f1 - (2.0 * (2.0 / 3.0) + 2.0 * 0.5) / 4.0).abs() < 1e-12);
        assert_eq!(ner.classes.get("MISC"), None);
    }

    #[test]
    fn one_mention_predicted_twice_counts_once_and_overlaps_are_allowed() {
        let gold = annotation("[Xi|PER] met.");
        let mut pred = gold.clone();
        pred.mentions.push(pred.mentions[0].clone());
        let mut wide = pred.mentions[0].clone();
        wide.span.end += 4;
        pred.mentions.push(wide);
        let mut t = Tally::default();
        tally_named(&Aligned { gold: &gold, pred: Some(&pred) }, &mut t);
        let micro = named(&t.seal()).unwrap().micro;
        assert_eq!((micro.gold, micro.predicted, micro.correct), (1, 2, 1));
    }

    #[test]
    fn an_antecedent_is_right_when_it_belongs_to_the_gold_entity() {
        let gold = "[Russia|LOC:a] and [Iran|LOC:b] said [it|~a] and [its|~a] [rebels|~c] saw [them|~c].";
        let t = tallied(gold, gold);
        let all = anaphors(&t).unwrap();
        assert_eq!((all.resolved.f1, all.antecedents.items), (1.0, 4));
        let t = tallied(gold, "[Russia|LOC:a] and [Iran|LOC:b] said [it|~b] and [its|~a] [rebels|~a] saw them.");
        let a = anaphors(&t).unwrap();
        // `it` goes to Iran, `its` to Russia, `rebels` to Russia though it is new, `them` is missed.
        assert_eq!((a.mentions.gold, a.mentions.predicted, a.mentions.correct), (4, 3, 3));
        assert_eq!((a.antecedents.right, a.antecedents.items), (1, 3));
        assert_eq!((a.resolved.precision, a.resolved.recall), (1.0 / 3.0, 0.25));
    }

    #[test]
    fn nothing_on_both_sides_has_no_scores() {
        let t = tallied("Nobody.", "Nobody.");
        assert!(named(&t).is_none() && anaphors(&t).is_none());
    }
}
