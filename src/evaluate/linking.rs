//! Actor codes of mentions that gold and prediction have at the same span.

use std::collections::HashMap;

use serde::Serialize;

use super::align::Aligned;
use super::calibration::{judge, Judged};
use super::score::{ratio, ByLabel, Prf};
use super::tally::{Cell, Count, Link, Tally};
use crate::document::{ActorCode, Annotation, Entity, Mention};
use crate::labels::EntityType;
use crate::text::Span;

/// How actors were linked.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Actors {
    /// Gold names that have an actor.
    pub named: Linking,
    /// The same by the type of the mention.
    pub types: ByLabel<Linking>,
    /// Gold anaphors of entities that have an actor and take part in a relation.
    pub anaphors: Linking,
    /// "No political actor" as a class of its own, over the gold names that were found.
    pub null: Prf,
}

/// How many mentions got the right actor.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Linking {
    /// Share of the mentions found that have the right code.
    pub accuracy: f64,
    /// The right code.
    pub right: u64,
    /// Another code.
    pub wrong: u64,
    /// No code.
    pub unknown: u64,
    /// Gold mentions that were not found; they do not count towards the accuracy.
    pub unmatched: u64,
}

impl Linking {
    fn new(count: impl Fn(Link) -> u64) -> Self {
        let (right, wrong, unknown) = (count(Link::Right), count(Link::Wrong), count(Link::Unknown));
        let accuracy = ratio(right as f64, (right + wrong + unknown) as f64);
        Linking { accuracy, right, wrong, unknown, unmatched: count(Link::Unmatched) }
    }

    /// Whether there was nothing to link.
    pub fn is_empty(&self) -> bool {
        self.right + self.wrong + self.unknown + self.unmatched == 0
    }
}

/// Counts what `aligned` has of actors.
pub(super) fn tally_actors(aligned: &Aligned, tally: &mut Tally) {
    let found = aligned.pred.map(by_span).unwrap_or_default();
    let related = related(aligned.gold);
    for m in &aligned.gold.mentions {
        let Some(entity) = aligned.gold.entities.get(m.entity.get()) else { continue };
        let predicted = found.get(&m.span).copied();
        match (m.named, &entity.actor) {
            (true, Some(code)) => tally.one(Cell::Linked(m.kind, link(code, predicted))),
            (false, Some(code)) if related[m.entity.get()] => {
                tally.one(Cell::LinkedAnaphor(link(code, predicted)));
            }
            _ => {}
        }
        if let (true, Some(predicted)) = (m.named, predicted) {
            tally_null(entity.actor.is_none(), predicted.actor.is_none(), tally);
            if predicted.actor.is_some() {
                judge(Judged::Actor, predicted.score, predicted.actor == entity.actor, tally);
            }
        }
    }
}

fn link(gold: &ActorCode, predicted: Option<&Entity>) -> Link {
    match predicted.map(|e| &e.actor) {
        None => Link::Unmatched,
        Some(None) => Link::Unknown,
        Some(Some(code)) if code == gold => Link::Right,
        Some(Some(_)) => Link::Wrong,
    }
}

fn tally_null(gold: bool, predicted: bool, tally: &mut Tally) {
    for (holds, count) in [(gold, Count::Gold), (predicted, Count::Predicted), (gold && predicted, Count::Correct)] {
        if holds {
            tally.one(Cell::NullActor(count));
        }
    }
}

/// The entity predicted at each span; where there are several, that of a name, then of the best score.
fn by_span(a: &Annotation) -> HashMap<Span, &Entity> {
    let mut best: HashMap<Span, (&Mention, &Entity)> = HashMap::new();
    for m in &a.mentions {
        let Some(entity) = a.entities.get(m.entity.get()) else { continue };
        let rank = |m: &Mention| (m.named, m.score);
        best.entry(m.span)
            .and_modify(|kept| {
                if rank(m) > rank(kept.0) {
                    *kept = (m, entity);
                }
            })
            .or_insert((m, entity));
    }
    best.into_iter().map(|(span, (_, entity))| (span, entity)).collect()
}

/// Which entities take part in a relation.
fn related(a: &Annotation) -> Vec<bool> {
    let mut related = vec![false; a.entities.len()];
    for ix in a.relations.iter().flat_map(|r| [r.src, r.tgt]) {
        if let Some(r) = related.get_mut(ix.get()) {
            *r = true;
        }
    }
    related
}

/// Scores of linking, unless no name of the gold has an actor.
pub(super) fn actors(tally: &Tally) -> Option<Actors> {
    let of = |kind: EntityType, how| tally.count(Cell::Linked(kind, how));
    let types = EntityType::ALL.iter().map(|&kind| (kind.name(), Linking::new(|how| of(kind, how))));
    let null = |count| tally.count(Cell::NullActor(count));
    let found = Actors {
        named: Linking::new(|how| EntityType::ALL.iter().map(|&kind| of(kind, how)).sum()),
        types: ByLabel(types.filter(|(_, l)| !l.is_empty()).collect()),
        anaphors: Linking::new(|how| tally.count(Cell::LinkedAnaphor(how))),
        null: Prf::new(null(Count::Gold), null(Count::Predicted), null(Count::Correct)),
    };
    (!found.named.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{annotation, related as with_relations};
    use super::*;

    #[test]
    fn names_are_right_wrong_unknown_or_not_found() {
        let gold =
            annotation("[Xi|PER:a=CHN] [Putin|PER:b=RUS] [Oslo|LOC:c=NOR] [Rome|LOC:d=ITA] [Nike|ORG:e] [Fifa|ORG:f].");
        let pred = annotation("[Xi|PER:a=CHN] [Putin|PER:b=UKR] [Oslo|LOC:c] Rome [Nike|ORG:e=USA] [Fifa|ORG:f].");
        let mut t = Tally::default();
        tally_actors(&Aligned { gold: &gold, pred: Some(&pred) }, &mut t);
        let a = actors(&t.seal()).unwrap();
        let n = a.named;
        assert_eq!((n.right, n.wrong, n.unknown, n.unmatched), (1, 1, 1, 1));
        assert_eq!(n.accuracy, 1.0 / 3.0);
        assert_eq!(a.types.get("PER").map(|l| l.accuracy), Some(0.5));
        // Gold without an actor: Nike, Fifa. Predicted without: Oslo, Fifa.
        assert_eq!((a.null.gold, a.null.predicted, a.null.correct), (2, 2, 1));
        assert!(a.anaphors.is_empty());
    }

    #[test]
    fn anaphors_count_when_their_entity_is_related() {
        let text = "[Russia|LOC:a=RUS] hit [Kiev|LOC:b=UKR], [it|~a] said. [China|LOC:c=CHN] and [its|~c] sea.";
        let gold = with_relations(text, &["a>b 0 ASSAULT security.confront against actual"]);
        let mut t = Tally::default();
        tally_actors(&Aligned { gold: &gold, pred: Some(&gold) }, &mut t);
        let a = actors(&t.seal()).unwrap();
        assert_eq!((a.anaphors.right, a.anaphors.accuracy), (1, 1.0));
        assert_eq!(a.named.right, 3);
    }
}
