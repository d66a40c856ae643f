//! Named mentions by the four modes of SemEval-2013 task 9, as nervaluate counts and prints them.
//!
//! | mode | correct | otherwise, with an overlap |
//! |---|---|---|
//! | strict | span and type | incorrect |
//! | exact | span | incorrect |
//! | partial | span | partial, half a point |
//! | ent_type | an overlap and the type, the nearest of several | incorrect |
//!
//! Predictions are taken in order of their start, and each takes the first gold mention that is still
//! free and that it overlaps by at least 1 % of the gold's length. Positions count characters.

use serde::Serialize;

use super::align::Aligned;
use super::score::{ratio, ByLabel, Scores};
use super::tally::{Cell, Tally};
use crate::document::Annotation;
use crate::labels::EntityType;

/// What a prediction must have in common with the gold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Strict,
    Exact,
    Partial,
    EntType,
}

const MODES: [(Mode, &str); 4] =
    [(Mode::Strict, "strict"), (Mode::Exact, "exact"), (Mode::Partial, "partial"), (Mode::EntType, "ent_type")];

/// How a mention fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Correct,
    Incorrect,
    Partial,
    Missed,
    Spurious,
}

/// Scores of named mentions in the four modes.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct SemEval {
    /// All types together, by mode.
    pub overall: ByLabel<ModeScores>,
    /// Each type that occurs, as if it were alone, by mode.
    pub types: ByLabel<ByLabel<ModeScores>>,
}

/// Scores in one mode.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct ModeScores {
    /// As the mode demands.
    pub correct: u64,
    /// Overlapping, but not as the mode demands.
    pub incorrect: u64,
    /// Overlapping in part, in the mode of that name.
    pub partial: u64,
    /// In the gold only.
    pub missed: u64,
    /// In the prediction only.
    pub spurious: u64,
    /// Gold mentions: correct, incorrect, partial and missed.
    pub possible: u64,
    /// Predicted mentions: correct, incorrect, partial and spurious.
    pub actual: u64,
    /// Share of the actual that is correct; partial ones count half.
    pub precision: f64,
    /// Share of the possible that is correct; partial ones count half.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

impl ModeScores {
    fn new(count: impl Fn(Outcome) -> u64) -> Self {
        let [correct, incorrect, partial, missed, spurious] =
            [Outcome::Correct, Outcome::Incorrect, Outcome::Partial, Outcome::Missed, Outcome::Spurious].map(count);
        let (possible, actual) = (correct + incorrect + partial + missed, correct + incorrect + partial + spurious);
        let points = correct as f64 + 0.5 * partial as f64;
        let Scores { precision, recall, f1 } =
            Scores::new(ratio(points, actual as f64), ratio(points, possible as f64));
        ModeScores { correct, incorrect, partial, missed, spurious, possible, actual, precision, recall, f1 }
    }
}

/// A mention, in characters.
#[derive(Clone, Copy)]
struct Item {
    start: usize,
    end: usize,
    kind: EntityType,
}

/// Counts what `aligned` has of named mentions.
pub(super) fn tally_semeval(aligned: &Aligned, tally: &mut Tally) {
    let gold = items(aligned.gold);
    let pred = aligned.pred.map(items).unwrap_or_default();
    let mut count = |gold: &[Item], pred: &[Item], kind| {
        let gold = Ordered::new(gold);
        for (mode, _) in MODES {
            compare(mode, &gold, pred, |outcome| tally.one(Cell::SemEval(mode, kind, outcome)));
        }
    };
    count(&gold, &pred, None);
    for &kind in EntityType::ALL {
        let of_kind = |items: &[Item]| -> Vec<Item> { items.iter().copied().filter(|i| i.kind == kind).collect() };
        count(&of_kind(&gold), &of_kind(&pred), Some(kind));
    }
}

/// The named mentions in order of their start, without empty ones.
fn items(a: &Annotation) -> Vec<Item> {
    let mut spans: Vec<_> =
        a.mentions.iter().filter(|m| m.named && !m.span.is_empty()).map(|m| (m.span, m.kind)).collect();
    spans.sort_unstable();
    if a.text.is_ascii() {
        return spans.into_iter().map(|(s, kind)| Item { start: s.start, end: s.end, kind }).collect();
    }
    let mut offsets: Vec<usize> = spans.iter().flat_map(|(s, _)| [s.start, s.end]).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let (mut characters, mut from) = (Vec::with_capacity(offsets.len()), 0);
    let bytes = a.text.as_bytes();
    let mut seen = 0;
    for &offset in &offsets {
        let to = offset.min(bytes.len());
        seen += bytes[from..to].iter().filter(|&&b| b & 0xc0 != 0x80).count();
        characters.push(seen);
        from = to;
    }
    let at = |offset| characters[offsets.partition_point(|&o| o < offset)];
    spans.into_iter().map(|(s, kind)| Item { start: at(s.start), end: at(s.end), kind }).collect()
}

/// Gold mentions by their start, with the greatest end of those up to each.
struct Ordered<'a> {
    items: &'a [Item],
    reach: Vec<usize>,
}

impl<'a> Ordered<'a> {
    fn new(items: &'a [Item]) -> Self {
        let mut far = 0;
        let reach = items.iter().map(|i| {
            far = far.max(i.end);
            far
        });
        Ordered { items, reach: reach.collect() }
    }

    /// Indices among which are all mentions that overlap `p`.
    fn around(&self, p: Item) -> std::ops::Range<usize> {
        let from = self.reach.partition_point(|&end| end <= p.start);
        from..self.items.partition_point(|g| g.start < p.end).max(from)
    }
}

fn compare(mode: Mode, gold: &Ordered, pred: &[Item], mut count: impl FnMut(Outcome)) {
    let mut taken = vec![false; gold.items.len()];
    for &p in pred {
        let mut right: Option<(usize, usize)> = None;
        let mut near: Option<usize> = None;
        for ix in gold.around(p).filter(|&ix| !taken[ix]) {
            let g = gold.items[ix];
            if !overlap(p, g) {
                continue;
            }
            let same_span = (p.start, p.end) == (g.start, g.end);
            let (holds, distance) = match mode {
                Mode::Strict => (same_span && p.kind == g.kind, 0),
                Mode::Exact | Mode::Partial => (same_span, 0),
                Mode::EntType => (p.kind == g.kind, p.start.abs_diff(g.start) + p.end.abs_diff(g.end)),
            };
            if holds && right.is_none_or(|(_, nearest)| distance < nearest) {
                right = Some((ix, distance));
            } else if !holds && near.is_none() {
                near = Some(ix);
            }
        }
        let almost = if mode == Mode::Partial { Outcome::Partial } else { Outcome::Incorrect };
        match (right, near) {
            (Some((ix, _)), _) => {
                taken[ix] = true;
                count(Outcome::Correct);
            }
            (None, Some(ix)) => {
                taken[ix] = true;
                count(almost);
            }
            (None, None) => count(Outcome::Spurious),
        }
    }
    taken.iter().filter(|t| !**t).for_each(|_| count(Outcome::Missed));
}

/// Whether `p` covers at least 1 % of `g`.
fn overlap(p: Item, g: Item) -> bool {
    let shared = p.end.min(g.end).saturating_sub(p.start.max(g.start));
    shared > 0 && shared as f64 / (g.end - g.start) as f64 * 100.0 >= 1.0
}

/// Scores in the four modes.
pub(super) fn semeval(tally: &Tally) -> Option<SemEval> {
    let modes = |kind| {
        ByLabel(
            MODES
                .iter()
                .map(|&(mode, name)| (name, ModeScores::new(|o| tally.count(Cell::SemEval(mode, kind, o)))))
                .collect(),
        )
    };
    let occurs = |modes: &ByLabel<ModeScores>| modes.iter().any(|(_, m)| m.possible + m.actual > 0);
    let types = EntityType::ALL.iter().map(|&kind| (kind.name(), modes(Some(kind)))).filter(|(_, m)| occurs(m));
    let found = SemEval { overall: modes(None), types: ByLabel(types.collect()) };
    occurs(&found.overall).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::testing::annotation;
    use super::*;

    fn scored(gold: &str, pred: &str) -> SemEval {
        let (gold, pred) = (annotation(gold), annotation(pred));
        let mut tally = Tally::default();
        tally_semeval(&Aligned { gold: &gold, pred: Some(&pred) }, &mut tally);
        semeval(&tally.seal()).unwrap()
    }

    fn counts(m: &ModeScores) -> [u64; 5] {
        [m.correct, m.incorrect, m.partial, m.missed, m.spurious]
    }

    /// One mention of each kind: right, wrong type, wrong border, both wrong, missed, invented.
    #[test]
    fn the_six_scenarios() {
        let s = scored(
            "[Xi|PER] [Ak|PER] [New York|LOC] [Le Monde|ORG] [Oslo|LOC] Bern.",
            "[Xi|PER] [Ak|ORG] New [York|LOC] Le [Monde|LOC] Oslo [Bern|LOC].",
        );
        let of = |mode| counts(s.overall.get(mode).unwrap());
        assert_eq!(of("strict"), [1, 3, 0, 1, 1]);
        assert_eq!(of("exact"), [2, 2, 0, 1, 1]);
        assert_eq!(of("partial"), [2, 0, 2, 1, 1]);
        assert_eq!(of("ent_type"), [2, 2, 0, 1, 1]);
        let partial = s.overall.get("partial").unwrap();
        assert_eq!((partial.possible, partial.actual, partial.precision), (5, 5, 0.6));
        // LOC alone: New York overlaps York, Oslo is missed, Monde and Bern are spurious.
        let loc = s.types.get("LOC").and_then(|t| t.get("strict")).unwrap();
        assert_eq!(counts(loc), [0, 1, 0, 1, 2]);
    }

    #[test]
    fn of_several_overlaps_ent_type_takes_the_nearest() {
        let gold = annotation("[Ab|ORG] [cd ef|ORG].");
        let mut pred = annotation("[Ab cd ef|ORG].");
        pred.mentions[0].span.end = 8;
        let mut tally = Tally::default();
        tally_semeval(&Aligned { gold: &gold, pred: Some(&pred) }, &mut tally);
        let s = semeval(&tally.seal()).unwrap();
        assert_eq!(s.overall.get("ent_type").map(counts), Some([1, 0, 0, 1, 0]));
        assert_eq!(s.overall.get("strict").map(counts), Some([0, 1, 0, 1, 0]));
    }

    #[test]
    fn positions_count_characters() {
        let a = annotation("é [ü|PER] [Zoë|PER].");
        let found: Vec<_> = items(&a).iter().map(|i| (i.start, i.end)).collect();
        assert_eq!(found, [(2, 3), (4, 7)]);
    }
}
