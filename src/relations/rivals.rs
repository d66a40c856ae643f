//! Pairs of a sentence weighed against one another.

use std::collections::BTreeMap;

use crate::document::EntityIx;

/// Share of the log-odds of its likeliest rival that a pair loses: by its source, and by its target. A tenth more or
/// less makes little difference on the development documents, nothing at all costs 0.015 in pairs.
const LOST: [f64; 2] = [0.4, 0.3];
/// A rival counts for no less likely than this, as log-odds: those that the proposal head drops are not seen at all.
const FLOOR: f64 = -2.0;

/// An ordered pair in a sentence, which `S` numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<S> {
    /// The sentence.
    pub sentence: S,
    /// The source.
    pub src: EntityIx,
    /// The target.
    pub tgt: EntityIx,
}

/// The likeliest pair of an actor, by its index, its log-odds and those of the next.
struct Likeliest {
    first: usize,
    top: f64,
    next: f64,
}

impl Default for Likeliest {
    fn default() -> Self {
        Likeliest { first: usize::MAX, top: FLOOR, next: FLOOR }
    }
}

impl Likeliest {
    fn see(&mut self, pair: usize, odds: f64) {
        if odds > self.top {
            *self = Likeliest { first: pair, top: odds, next: self.top };
        } else {
            self.next = self.next.max(odds);
        }
    }

    /// The log-odds of the likeliest pair but for `pair`.
    fn but(&self, pair: usize) -> f64 {
        if self.first == pair {
            self.next
        } else {
            self.top
        }
    }
}

/// The log-odds `odds` of pairs, less what each loses to its rivals: the likeliest other pair of the same source in the
/// same sentence, and that of the same target. A sentence mostly says one thing of an actor, but each pair is read as
/// if there were no other.
pub fn weigh<S: Ord + Copy>(odds: &[f64], pairs: &[Standing<S>]) -> Vec<f64> {
    let rivals = |role: fn(&Standing<S>) -> EntityIx| {
        let mut likeliest: BTreeMap<(S, EntityIx), Likeliest> = BTreeMap::new();
        for (i, pair) in pairs.iter().enumerate() {
            likeliest.entry((pair.sentence, role(pair))).or_default().see(i, odds[i]);
        }
        pairs
            .iter()
            .enumerate()
            .map(move |(i, pair)| likeliest[&(pair.sentence, role(pair))].but(i))
            .collect::<Vec<_>>()
    };
    let [by_src, by_tgt] = [rivals(|pair| pair.src), rivals(|pair| pair.tgt)];
    odds.iter().zip(by_src.iter().zip(&by_tgt)).map(|(own, (src, tgt))| own - LOST[0] * src - LOST[1] * tgt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(sentence: usize, src: u32, tgt: u32) -> Standing<usize> {
        Standing { sentence, src: EntityIx(src), tgt: EntityIx(tgt) }
    }

    #[test]
    fn a_pair_loses_to_the_likeliest_other_of_its_source_and_of_its_target() {
        let pairs = [pair(0, 1, 2), pair(0, 1, 3), pair(0, 1, 4), pair(0, 5, 2)];
        let odds = [2.0, 1.0, -1.0, 4.0];
        let [src, tgt] = LOST;
        let expected = [
            2.0 - src * 1.0 - tgt * 4.0,
            1.0 - src * 2.0 - tgt * FLOOR,
            -1.0 - src * 2.0 - tgt * FLOOR,
            4.0 - src * FLOOR - tgt * 2.0,
        ];
        for (found, expected) in weigh(&odds, &pairs).into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
        }
    }

    #[test]
    fn the_way_back_other_sentences_and_what_is_unlikely_are_no_rivals() {
        let pairs = [pair(0, 1, 2), pair(0, 2, 1), pair(1, 1, 2), pair(0, 1, 3)];
        let alone = |odds: f64| weigh(&[odds], &pairs[..1])[0];
        let weighed = weigh(&[2.0, 3.0, 4.0, FLOOR - 5.0], &pairs);
        assert_eq!(weighed[..3], [2.0, 3.0, 4.0].map(alone));
    }

    #[test]
    fn equals_lose_the_same() {
        let weighed = weigh(&[1.0; 3], &[pair(0, 1, 2), pair(0, 1, 3), pair(0, 1, 4)]);
        assert_eq!(weighed, [weighed[0]; 3]);
        assert!(weighed[0] < weigh(&[1.0], &[pair(0, 1, 2)])[0]);
    }
}
