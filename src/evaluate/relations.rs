//! Relations of a directed pair in a sentence, at four strictnesses and with two ways to tell that a
//! predicted pair is a gold one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::align::{self, Aligned};
use super::calibration::{Bins, Judged};
use super::score::{Accuracy, Averages, Classification, Prf};
use super::tally::{Cell, Count, Tally};
use crate::document::{Annotation, Relation};
use crate::labels::{Act, Event, Modality, Stance};

/// What tells that two pairs are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Matching {
    /// Entities, matched one to one by the spans of their mentions.
    Entity,
    /// Actor codes; pairs without a code on either side and self-pairs are left out.
    Actor,
}

/// What has to be right of a relation, beside the levels of event and act, which count by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Source, target and sentence.
    Pair,
    /// These, and event, act, stance and modality.
    All,
}

/// Why a relation cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LeftOut {
    /// Source or target has no actor code.
    NoCode,
    /// Source and target have the same code.
    SelfPair,
    /// It names an entity that the document does not have.
    Dangling,
}

/// Relations under both matchings.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Relations {
    /// Entities matched by the spans of their mentions; identity when mentions and entities were given.
    pub by_entity: RelationScores,
    /// Entities matched by actor code.
    pub by_actor: RelationScores,
}

/// Scores of relations under one matching. Each level compares sets, so that a pair with two acts in a
/// sentence is one pair and two acts.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RelationScores {
    /// Source, target and sentence.
    pub pair: Prf,
    /// Source, target, sentence and event.
    pub event: Averages,
    /// Source, target, sentence and act.
    pub act: Averages,
    /// Source, target, sentence, event, act, stance and modality.
    pub all: Prf,
    /// Labels of the gold pairs that were found.
    pub on_gold_pairs: OnGoldPairs,
    /// Relations that could not be compared.
    pub left_out: Excluded,
}

/// Labels of the gold pairs (source, target, sentence) for which something was predicted.
///
/// A pair counts once: its prediction is that of the best score, and of several gold relations the one
/// that is nearest to it in act and event.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct OnGoldPairs {
    /// Share of the gold pairs for which there is a prediction.
    pub coverage: f64,
    /// Stance of source towards target.
    pub stance: Classification,
    /// Whether the act happened.
    pub modality: Classification,
    /// PLOVER root class.
    pub event: Classification,
    /// What the relation is about.
    pub act: Accuracy,
}

/// Numbers of relations that could not be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Excluded {
    /// Of the gold: source or target has no actor code.
    pub gold_without_code: u64,
    /// Of the gold: source and target have one code.
    pub gold_self: u64,
    /// Predicted: source or target has no actor code.
    pub predicted_without_code: u64,
    /// Predicted: source and target have one code.
    pub predicted_self: u64,
    /// On either side: an entity that does not exist.
    pub dangling: u64,
}

/// Source, target and sentence, as numbers that are equal for what is the same on both sides.
pub(super) type Key = (u32, u32, u32);

/// A relation that can be compared.
pub(super) struct Item<'a> {
    pub key: Key,
    pub relation: &'a Relation,
}

/// Counts what `aligned` has of relations.
pub(super) fn tally_relations(aligned: &Aligned, tally: &mut Tally) {
    let pairs = Pairs::new(aligned);
    let predicted = aligned.pred.map_or(&[][..], |p| &p.relations);
    for matching in [Matching::Entity, Matching::Actor] {
        let mut left_out = |count, why| tally.one(Cell::LeftOut(matching, why, count));
        let gold = items(&aligned.gold.relations, |r| pairs.gold_key(matching, r), |why| left_out(Count::Gold, why));
        let pred = items(predicted, |r| pairs.pred_key(matching, r), |why| left_out(Count::Predicted, why));
        tally_sets(matching, &gold, &pred, tally);
        tally_gold_pairs(matching, &gold, &pred, tally);
        if matching == Matching::Entity {
            tally_confidence(&gold, &pred, tally);
        }
    }
}

/// The relations that can be compared; the others are told to `left_out`.
pub(super) fn items<'r>(
    relations: &'r [Relation],
    key: impl Fn(&Relation) -> Result<Key, LeftOut>,
    mut left_out: impl FnMut(LeftOut),
) -> Vec<Item<'r>> {
    let mut kept = Vec::with_capacity(relations.len());
    for relation in relations {
        match key(relation) {
            Ok(key) => kept.push(Item { key, relation }),
            Err(why) => left_out(why),
        }
    }
    kept
}

/// Numbers for the sources, targets and sentences of a document's two sides.
pub(super) struct Pairs<'a> {
    aligned: &'a Aligned<'a>,
    sentences: Vec<Option<usize>>,
    entities: Vec<u32>,
    codes: HashMap<&'a str, u32>,
}

impl<'a> Pairs<'a> {
    pub fn new(aligned: &'a Aligned<'a>) -> Self {
        let gold = aligned.gold;
        let mut codes = HashMap::new();
        for code in [Some(gold), aligned.pred].into_iter().flatten().flat_map(|a| &a.entities) {
            if let Some(code) = &code.actor {
                let next = codes.len() as u32;
                codes.entry(code.as_str()).or_insert(next);
            }
        }
        let unmatched = gold.entities.len() as u32;
        let (sentences, entities) = aligned.pred.map_or((Vec::new(), Vec::new()), |pred| {
            let number = |(p, g): (usize, Option<crate::document::EntityIx>)| g.map_or(unmatched + p as u32, |g| g.0);
            let entities = align::entities(gold, pred).into_iter().enumerate().map(number).collect();
            (align::sentences(&gold.sentences, &pred.sentences), entities)
        });
        Pairs { aligned, sentences, entities, codes }
    }

    pub fn gold_key(&self, matching: Matching, r: &Relation) -> Result<Key, LeftOut> {
        let (src, tgt) = match matching {
            Matching::Entity => (r.src.0, r.tgt.0),
            Matching::Actor => self.code_pair(self.aligned.gold, r)?,
        };
        let exists = r.src.get().max(r.tgt.get()) < self.aligned.gold.entities.len();
        if exists {
            Ok((src, tgt, r.sent as u32))
        } else {
            Err(LeftOut::Dangling)
        }
    }

    pub fn pred_key(&self, matching: Matching, r: &Relation) -> Result<Key, LeftOut> {
        let pred = self.aligned.pred.ok_or(LeftOut::Dangling)?;
        let (src, tgt) = match matching {
            Matching::Entity => {
                let number = |ix: usize| self.entities.get(ix).copied().ok_or(LeftOut::Dangling);
                (number(r.src.get())?, number(r.tgt.get())?)
            }
            Matching::Actor => self.code_pair(pred, r)?,
        };
        // A sentence that overlaps none of the gold gets a number that no gold sentence has.
        let sentence = self.sentences.get(r.sent).copied().flatten();
        let none = self.aligned.gold.sentences.len() + r.sent;
        Ok((src, tgt, sentence.unwrap_or(none) as u32))
    }

    fn code_pair(&self, a: &Annotation, r: &Relation) -> Result<(u32, u32), LeftOut> {
        let code = |ix: usize| {
            let entity = a.entities.get(ix).ok_or(LeftOut::Dangling)?;
            let code = entity.actor.as_ref().ok_or(LeftOut::NoCode)?;
            self.codes.get(code.as_str()).copied().ok_or(LeftOut::NoCode)
        };
        let (src, tgt) = (code(r.src.get())?, code(r.tgt.get())?);
        if src == tgt {
            Err(LeftOut::SelfPair)
        } else {
            Ok((src, tgt))
        }
    }
}

fn tally_sets(matching: Matching, gold: &[Item], pred: &[Item], tally: &mut Tally) {
    let level = |level, count| Cell::Relation(matching, level, count);
    compare(gold, pred, |i| i.key, |_, count| level(Level::Pair, count), tally);
    compare(gold, pred, |i| (i.key, i.relation.event), |k, count| Cell::EventOf(matching, k.1, count), tally);
    compare(gold, pred, |i| (i.key, i.relation.act), |k, count| Cell::ActOf(matching, k.1, count), tally);
    let all = |i: &Item| {
        let r = i.relation;
        (i.key, r.event, r.act, r.stance, r.modality)
    };
    compare(gold, pred, all, |_, count| level(Level::All, count), tally);
}

/// Counts the sets that `key` makes of both sides, each member in the cell that `cell` names.
fn compare<K: Ord>(
    gold: &[Item],
    pred: &[Item],
    key: impl Fn(&Item) -> K,
    cell: impl Fn(&K, Count) -> Cell,
    tally: &mut Tally,
) {
    let set = |items: &[Item]| {
        let mut keys: Vec<K> = items.iter().map(&key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    let gold = set(gold);
    for k in &gold {
        tally.one(cell(k, Count::Gold));
    }
    for k in &set(pred) {
        tally.one(cell(k, Count::Predicted));
        if gold.binary_search(k).is_ok() {
            tally.one(cell(k, Count::Correct));
        }
    }
}

fn tally_gold_pairs(matching: Matching, gold: &[Item], pred: &[Item], tally: &mut Tally) {
    for (_, g, p) in on_both_sides(gold, pred) {
        tally.one(Cell::PairStance(matching, g.stance, p.stance));
        tally.one(Cell::PairModality(matching, g.modality, p.modality));
        tally.one(Cell::PairEvent(matching, g.event, p.event));
        tally.one(Cell::PairAct(matching, g.act == p.act));
    }
}

/// The pairs of both sides with the prediction of the best score and the gold relation nearest to it.
pub(super) fn on_both_sides<'a>(gold: &[Item<'a>], pred: &[Item<'a>]) -> Vec<(Key, &'a Relation, &'a Relation)> {
    // Of two that rank alike the first in the order of the labels, whatever the order of the input.
    let first = |r: &Relation| Reverse((r.event, r.act, r.stance, r.modality));
    let mut best: BTreeMap<Key, &Relation> = BTreeMap::new();
    for item in pred {
        let kept = best.entry(item.key).or_insert(item.relation);
        if (item.relation.score, first(item.relation)) > (kept.score, first(kept)) {
            *kept = item.relation;
        }
    }
    let mut nearest: BTreeMap<Key, (&Relation, &Relation)> = BTreeMap::new();
    for item in gold {
        let Some(&predicted) = best.get(&item.key) else { continue };
        let rank = |r: &Relation| (r.act == predicted.act, r.event == predicted.event, first(r));
        let kept = nearest.entry(item.key).or_insert((item.relation, predicted));
        if rank(item.relation) > rank(kept.0) {
            kept.0 = item.relation;
        }
    }
    nearest.into_iter().map(|(key, (g, p))| (key, g, p)).collect()
}

fn tally_confidence(gold: &[Item], pred: &[Item], tally: &mut Tally) {
    let of = |item: &Item| (item.key, item.relation.act);
    let right: BTreeSet<(Key, Act)> = gold.iter().map(of).collect();
    let mut bins = Bins::default();
    for item in pred {
        bins.judge(item.relation.score, right.contains(&of(item)));
    }
    bins.tally(Judged::Relation, tally);
}

/// Scores of relations, unless the gold has none.
pub(super) fn relations(tally: &Tally) -> Option<Relations> {
    let found = Relations { by_entity: scores(Matching::Entity, tally), by_actor: scores(Matching::Actor, tally) };
    (found.by_entity.pair.gold > 0).then_some(found)
}

fn scores(matching: Matching, tally: &Tally) -> RelationScores {
    let prf = |cell: &dyn Fn(Count) -> Cell| {
        let [g, p, c] = [Count::Gold, Count::Predicted, Count::Correct].map(|count| tally.count(cell(count)));
        Prf::new(g, p, c)
    };
    let level = |level| prf(&|count| Cell::Relation(matching, level, count));
    let pair = level(Level::Pair);
    RelationScores {
        pair,
        event: Averages::new(Event::ALL.iter().map(|&e| (e.name(), prf(&|count| Cell::EventOf(matching, e, count))))),
        act: Averages::new(Act::ALL.iter().map(|&a| (a.name(), prf(&|count| Cell::ActOf(matching, a, count))))),
        all: level(Level::All),
        on_gold_pairs: on_gold_pairs(matching, pair.recall, tally),
        left_out: left_out(matching, tally),
    }
}

fn on_gold_pairs(matching: Matching, coverage: f64, tally: &Tally) -> OnGoldPairs {
    let right = tally.count(Cell::PairAct(matching, true));
    let (mut stances, mut modalities, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for (cell, n) in tally.iter() {
        let n = n as u64;
        match cell {
            Cell::PairStance(m, gold, pred) if m == matching => stances.push((gold.index(), pred.index(), n)),
            Cell::PairModality(m, gold, pred) if m == matching => modalities.push((gold.index(), pred.index(), n)),
            Cell::PairEvent(m, gold, pred) if m == matching => events.push((gold.index(), pred.index(), n)),
            _ => {}
        }
    }
    OnGoldPairs {
        coverage,
        // Every pair here has a prediction, so that none is absent.
        stance: Classification::new(&names(Stance::ALL, Stance::name), "", stances),
        modality: Classification::new(&names(Modality::ALL, Modality::name), "", modalities),
        event: Classification::new(&names(Event::ALL, Event::name), "", events),
        act: Accuracy::new(right, right + tally.count(Cell::PairAct(matching, false))),
    }
}

/// The names of a label set, in its order.
pub(super) fn names<L: Copy>(labels: &[L], name: fn(L) -> &'static str) -> Vec<&'static str> {
    labels.iter().map(|&l| name(l)).collect()
}

fn left_out(matching: Matching, tally: &Tally) -> Excluded {
    let of = |why, count| tally.count(Cell::LeftOut(matching, why, count));
    Excluded {
        gold_without_code: of(LeftOut::NoCode, Count::Gold),
        gold_self: of(LeftOut::SelfPair, Count::Gold),
        predicted_without_code: of(LeftOut::NoCode, Count::Predicted),
        predicted_self: of(LeftOut::SelfPair, Count::Predicted),
        dangling: of(LeftOut::Dangling, Count::Gold) + of(LeftOut::Dangling, Count::Predicted),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::related;
    use super::*;

    const TEXT: &str = "[Moscow|LOC:a=RUS] praised the [Taliban|ORG:b=AFG/TALIBAN].\n\
        [Putin|PER:c=RUS] met [Xi|PER:d=CHN].\n[Fifa|ORG:e] thanked [Xi|PER:d=CHN] and [it|~a].";

    fn scored(gold: &Annotation, pred: &Annotation) -> Relations {
        let mut t = Tally::default();
        tally_relations(&Aligned { gold, pred: Some(pred) }, &mut t);
        relations(&t.seal()).unwrap()
    }

    fn counts(p: Prf) -> (u64, u64, u64) {
        (p.gold, p.predicted, p.correct)
    }

    #[test]
    fn each_level_compares_sets() {
        let gold = related(
            TEXT,
            &[
                "a>b 0 SUPPORT statement.support favor actual",
                "a>b 0 YIELD listing.delist favor planned",
                "c>d 1 CONSULT contact.meet neutral actual",
                "d>c 1 CONSULT contact.meet neutral actual",
            ],
        );
        let pred = related(
            TEXT,
            &[
                "a>b 0 YIELD listing.delist favor actual 0.9",
                "c>d 1 CONSULT contact.meet neutral actual 0.8",
                "c>d 1 AGREE treaty.join favor actual 0.4",
                "d>c 2 CONSULT contact.meet neutral actual 0.7",
            ],
        );
        let r = scored(&gold, &pred).by_entity;
        assert_eq!(counts(r.pair), (3, 3, 2));
        assert_eq!(counts(r.event.micro), (4, 4, 2));
        assert_eq!(counts(r.act.micro), (4, 4, 2));
        assert_eq!(counts(r.all), (4, 4, 1));
        assert_eq!(r.act.classes.get("contact.meet").map(|&c| counts(c)), Some((2, 2, 1)));
        // Pairs a>b and c>d were found. For a>b the gold relation nearest to the prediction is the delisting.
        let on = r.on_gold_pairs;
        assert_eq!((on.coverage, on.stance.items, on.stance.accuracy), (2.0 / 3.0, 2, 1.0));
        assert_eq!(on.modality.accuracy, 0.5);
        assert_eq!((on.event.accuracy, on.act.right), (1.0, 2));
        assert_eq!(on.modality.confusion.get("planned").and_then(|row| row.get("actual")), Some(&1));
    }

    #[test]
    fn actor_codes_fold_entities_and_leave_out_what_has_none() {
        let gold = related(
            TEXT,
            &[
                "a>b 0 SUPPORT statement.support favor actual",
                "c>d 1 CONSULT contact.meet neutral actual",
                "e>d 2 SUPPORT statement.support favor actual",
                "a>c 1 SUPPORT statement.support favor actual",
            ],
        );
        // The prediction takes Putin's relation for Moscow's: the same actor, another entity.
        let pred = related(
            TEXT,
            &["a>b 0 SUPPORT statement.support favor actual", "a>d 1 CONSULT contact.meet neutral actual"],
        );
        let r = scored(&gold, &pred);
        assert_eq!(counts(r.by_actor.all), (2, 2, 2));
        assert_eq!(counts(r.by_entity.pair), (4, 2, 1));
        let left = r.by_actor.left_out;
        assert_eq!((left.gold_without_code, left.gold_self, left.predicted_without_code), (1, 1, 0));
    }

    #[test]
    fn sentences_are_matched_by_overlap() {
        let gold = related(TEXT, &["c>d 1 CONSULT contact.meet neutral actual"]);
        let mut pred = related(TEXT, &["c>d 0 CONSULT contact.meet neutral actual"]);
        pred.sentences.remove(0);
        assert_eq!(scored(&gold, &pred).by_entity.pair.f1, 1.0);
        pred.relations[0].sent = 7;
        assert_eq!(scored(&gold, &pred).by_entity.pair.correct, 0);
    }

    #[test]
    fn a_dangling_relation_is_counted_and_left_out() {
        let gold = related(TEXT, &["c>d 1 CONSULT contact.meet neutral actual"]);
        let mut pred = gold.clone();
        pred.relations[0].src.0 = 99;
        let r = scored(&gold, &pred);
        assert_eq!((r.by_entity.left_out.dangling, r.by_actor.left_out.dangling), (1, 1));
        assert_eq!(counts(r.by_entity.pair), (1, 0, 0));
    }
}
