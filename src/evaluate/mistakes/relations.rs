//! Mistakes in relations, entities matched by mention.

use std::collections::BTreeMap;

use super::{Kind, Mark, Mistake, Place, Side};
use crate::document::{Annotation, EntityIx, Relation};
use crate::evaluate::align::Aligned;
use crate::evaluate::relations::{items, on_both_sides, Item, Key, Matching, Pairs};
use crate::evaluate::score::ByLabel;
use crate::labels::Event;

/// Relations that only one side has, and labels that differ.
pub(super) fn relations(aligned: &Aligned, found: &mut Vec<Mistake>) {
    let pairs = Pairs::new(aligned);
    let predicted = aligned.pred.map_or(&[][..], |p| &p.relations);
    let gold = items(&aligned.gold.relations, |r| pairs.gold_key(Matching::Entity, r), |_| {});
    let pred = items(predicted, |r| pairs.pred_key(Matching::Entity, r), |_| {});
    let writer = Writer { aligned };
    let both: BTreeMap<Key, (&Relation, &Relation)> =
        on_both_sides(&gold, &pred).into_iter().map(|(key, g, p)| (key, (g, p))).collect();
    for (sides, kinds) in [
        ((&gold, &pred), (Kind::PairMissed, Kind::ActMissed)),
        ((&pred, &gold), (Kind::PairInvented, Kind::ActInvented)),
    ] {
        for item in sides.0 {
            let alone = match both.get(&item.key) {
                None => Some(kinds.0),
                Some(&(g, p)) if std::ptr::eq(g, item.relation) || std::ptr::eq(p, item.relation) => None,
                Some(_) => (!has_act(sides.1, item)).then_some(kinds.1),
            };
            let gold_side = matches!(alone, Some(Kind::PairMissed | Kind::ActMissed));
            let (g, p) = if gold_side { (Some(item.relation), None) } else { (None, Some(item.relation)) };
            found.extend(alone.map(|kind| writer.mistake(kind, item.key, g, p)));
        }
    }
    for (&key, &(g, p)) in &both {
        let differing = [
            (Kind::Event, g.event != p.event),
            (Kind::Act, g.act != p.act),
            (Kind::Stance, g.stance != p.stance),
            (Kind::Modality, g.modality != p.modality),
        ];
        for (kind, _) in differing.into_iter().filter(|(_, differs)| *differs) {
            found.push(writer.mistake(kind, key, Some(g), Some(p)));
        }
    }
}

/// Whether one of `others` relates the pair of `item` by the same act.
fn has_act(others: &[Item], item: &Item) -> bool {
    others.iter().any(|o| o.key == item.key && o.relation.act == item.relation.act)
}

struct Writer<'a> {
    aligned: &'a Aligned<'a>,
}

impl Writer<'_> {
    fn mistake(&self, kind: Kind, key: Key, gold: Option<&Relation>, pred: Option<&Relation>) -> Mistake {
        let place = Place::sentence(self.aligned, key.2 as usize);
        let gold = gold.map(|r| (self.aligned.gold, r));
        let pred = self.aligned.pred.zip(pred);
        let mut marks = Vec::new();
        for (side, relation) in [(Side::Gold, gold), (Side::Predicted, pred)] {
            if let Some((a, r)) = relation {
                marks.extend(mark(a, r.src, &place, side, "source"));
                marks.extend(mark(a, r.tgt, &place, side, "target"));
            }
        }
        let scores = pred.and_then(|(_, r)| r.scores.clone()).unwrap_or_default();
        Mistake {
            kind,
            document: self.aligned.gold.meta.id.clone(),
            sent: place.sent,
            gold: gold.map(|(a, r)| told(a, r)),
            predicted: pred.map(|(a, r)| told(a, r)),
            score: pred.map(|(_, r)| r.score),
            scores: ByLabel(Event::ALL.iter().map(|e| e.name()).zip(scores).collect()),
            sentence: place.text().to_owned(),
            marks,
        }
    }
}

fn told(a: &Annotation, r: &Relation) -> String {
    let name = |ix: EntityIx| a.entities.get(ix.get()).map_or("", |e| e.name.as_str());
    format!("{} → {}: {} {} {} {}", name(r.src), name(r.tgt), r.event, r.act, r.stance, r.modality)
}

/// The first mention of `entity` in the sentence.
fn mark(a: &Annotation, entity: EntityIx, place: &Place, side: Side, label: &str) -> Option<Mark> {
    a.mentions.iter().filter(|m| m.entity == entity).find_map(|m| place.mark(m.span, side, label))
}
