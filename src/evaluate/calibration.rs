//! Whether what is said to be 80 % sure is right four times in five.
//!
//! Predictions fall into ten bins of equal width by their score. The expected calibration error is
//! the mean distance between the confidence and the accuracy of a bin, weighted by its predictions
//! (Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017). It is never 0 where scores are few: with it stands what it
//! would be on the average if every score were true.

use serde::Serialize;

use super::score::ratio;
use super::tally::{Cell, Tally};
use crate::document::Probability;

/// Number of bins.
pub const BINS: u8 = 10;

/// What has a score that is checked against the gold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Judged {
    /// A named mention, right when span and type are.
    Named,
    /// The actor code of an entity, at each named mention that the gold has too.
    Actor,
    /// A relation, right when the gold relates the pair by this act in this sentence.
    Relation,
    /// The event of a given pair.
    Event,
    /// The status of a record's facet, right when the gold has the same one.
    Status,
}

/// What is summed up in a bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bin {
    Items,
    Right,
    Confidence,
}

/// How well the scores of each level are calibrated.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Calibration {
    /// Named mentions: span and type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ner: Option<Reliability>,
    /// Actor codes of named mentions that the gold has too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actors: Option<Reliability>,
    /// Relations: the pair and its act in its sentence, entities matched by their mentions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relations: Option<Reliability>,
    /// Events of given pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Reliability>,
    /// Statuses of records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Reliability>,
}

/// A reliability diagram in numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Reliability {
    /// Expected calibration error, in `[0, 1]`.
    pub ece: f64,
    /// Its mean were each prediction as often right as its score says: what chance makes of so many.
    pub chance_ece: f64,
    /// Number of predictions.
    pub items: u64,
    /// The bins that hold predictions, lowest scores first.
    pub bins: Vec<ReliabilityBin>,
}

/// The predictions of a range of scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Scores above this (the lowest bin also holds 0).
    pub above: f64,
    /// Scores up to this.
    pub up_to: f64,
    /// Number of predictions.
    pub items: u64,
    /// Their mean score.
    pub confidence: f64,
    /// Share of them that is right.
    pub accuracy: f64,
}

/// Predictions of a document by bin: items, right ones and the sum of their scores.
#[derive(Default)]
pub(super) struct Bins([[f64; 3]; BINS as usize]);

impl Bins {
    /// Counts a prediction.
    pub fn judge(&mut self, score: Probability, right: bool) {
        // In `f32`, where 0.8 times ten is 8 and not a little more.
        let bin = ((score.get() * f32::from(BINS)).ceil() as u8).clamp(1, BINS) - 1;
        let [items, rights, confidence] = &mut self.0[usize::from(bin)];
        *items += 1.0;
        *rights += f64::from(u8::from(right));
        *confidence += f64::from(score.get());
    }

    /// Adds the bins to the counts of the document.
    pub fn tally(self, what: Judged, tally: &mut Tally) {
        for (bin, sums) in (0..BINS).zip(self.0) {
            for (sum, n) in [Bin::Items, Bin::Right, Bin::Confidence].into_iter().zip(sums) {
                tally.add(Cell::Calibration(what, bin, sum), n);
            }
        }
    }
}

/// Reliability of what was counted, for the levels that the gold has.
pub(super) fn calibration(tally: &Tally, annotated: impl Fn(Judged) -> bool) -> Option<Calibration> {
    let of = |what| if annotated(what) { reliability(what, tally) } else { None };
    let found = Calibration {
        ner: of(Judged::Named),
        actors: of(Judged::Actor),
        relations: of(Judged::Relation),
        events: of(Judged::Event),
        statuses: of(Judged::Status),
    };
    (found != Calibration::default()).then_some(found)
}

/// How many predictions of a level were counted.
pub(super) fn judged(what: Judged, tally: &Tally) -> u64 {
    (0..BINS).map(|bin| tally.count(Cell::Calibration(what, bin, Bin::Items))).sum()
}

fn reliability(what: Judged, tally: &Tally) -> Option<Reliability> {
    let bins: Vec<_> = (0..BINS)
        .filter_map(|bin| {
            let of = |sum| tally.get(Cell::Calibration(what, bin, sum));
            let items = of(Bin::Items);
            (items > 0.0).then(|| ReliabilityBin {
                above: f64::from(bin) / f64::from(BINS),
                up_to: f64::from(bin + 1) / f64::from(BINS),
                items: items as u64,
                confidence: of(Bin::Confidence) / items,
                accuracy: of(Bin::Right) / items,
            })
        })
        .collect();
    let items = judged(what, tally);
    let mean = |distance: fn(&ReliabilityBin) -> f64| {
        ratio(bins.iter().map(|b| distance(b) * b.items as f64).sum(), items as f64)
    };
    let ece = mean(|b| (b.confidence - b.accuracy).abs());
    let chance_ece = mean(|b| mean_deviation(b.items, b.confidence.clamp(0.0, 1.0)));
    (items > 0).then_some(Reliability { ece, chance_ece, items, bins })
}

/// Mean distance between `p` and the share of `n` draws that succeed, when each does with probability `p` (De Moivre's
/// formula; Diaconis and Zabell 1991).
fn mean_deviation(n: u64, p: f64) -> f64 {
    let n = n as f64;
    let above = (n * p).floor() + 1.0;
    if above > n {
        return 0.0;
    }
    // The logarithm of a binomial coefficient, as a sum: `n` is a number of predictions.
    let ways: f64 = (1..=above as u64).map(|k| ((n - above + k as f64) / k as f64).ln()).sum();
    let powers = above * p.ln() + (n - above + 1.0) * (1.0 - p).ln();
    2.0 * above / n * (ways + powers).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ece_is_the_weighted_distance_of_confidence_and_accuracy() {
        let (mut bins, mut t) = (Bins::default(), Tally::default());
        for (score, right) in [(0.75, true), (0.75, false), (1.0, true), (0.0, false)] {
            bins.judge(Probability::new(score), right);
        }
        bins.tally(Judged::Named, &mut t);
        let ner = calibration(&t.seal(), |_| true).and_then(|c| c.ner).unwrap();
        // Bins: 0.0 (right 0 of 1), 0.75 (1 of 2, off by 0.25), 1.0 (1 of 1).
        assert_eq!((ner.items, ner.bins.len(), ner.ece), (4, 3, 0.125));
        assert_eq!((ner.bins[1].above, ner.bins[1].up_to, ner.bins[1].accuracy), (0.7, 0.8, 0.5));
    }

    #[test]
    fn chance_is_the_mean_over_all_that_could_come_out() {
        for (n, p) in [(1_u64, 0.3_f64), (4, 0.5), (7, 0.85), (12, 0.05)] {
            let ways = |k: u64| (1..=k).map(|i| (n - k + i) as f64 / i as f64).product::<f64>();
            let mean: f64 = (0..=n)
                .map(|k| {
                    let probability = ways(k) * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32);
                    probability * (k as f64 / n as f64 - p).abs()
                })
                .sum();
            assert!((mean_deviation(n, p) - mean).abs() < 1e-12, "{n} {p}");
        }
        assert_eq!([mean_deviation(3, 0.0), mean_deviation(3, 1.0)], [0.0, 0.0]);
        // A tenth of what it is for a hundredth of the predictions.
        assert!((mean_deviation(100_000, 0.9) * 10.0 - mean_deviation(1_000, 0.9)).abs() < 1e-4);
    }

    #[test]
    fn a_score_on_a_border_belongs_below_it() {
        let (mut bins, mut t) = (Bins::default(), Tally::default());
        bins.judge(Probability::new(0.5), true);
        bins.tally(Judged::Relation, &mut t);
        let bins = calibration(&t.seal(), |_| true).and_then(|c| c.relations).unwrap().bins;
        assert_eq!((bins[0].above, bins[0].up_to), (0.4, 0.5));
    }
}
