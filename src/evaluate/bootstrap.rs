//! Confidence intervals by resampling documents.
//!
//! Documents, not mentions, are drawn with replacement, since errors within one document hang together
//! (Efron and Tibshirani 1993, chapter 13: the percentile interval). Every resample has a generator of
//! its own, so that the interval does not depend on the number of threads.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::report::Metric;
use super::tally::{Matrix, Tally};

/// Range that holds a score with a confidence of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, fast, and the same on every machine.
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    /// The generator of stream `stream` under `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        // Two steps apart by the golden gamma would give overlapping streams; mixing the number first does not.
        let mut number = SplitMix64(stream);
        SplitMix64(seed ^ number.next())
    }

    /// The next 64 random bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, by multiplication; for `n` below 2^32 the bias is less than one in 2^32.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

/// Intervals of the scores that `score` computes of a sum of `units`, by name.
///
/// There are none for fewer than two units, since they would say nothing.
pub(super) fn intervals(
    units: &Matrix,
    resamples: usize,
    seed: u64,
    score: impl Fn(&Tally) -> Vec<Metric> + Sync,
) -> BTreeMap<String, Interval> {
    let n = units.len();
    if n < 2 {
        return BTreeMap::new();
    }
    let drawn: Vec<Vec<Metric>> = (0..resamples as u64)
        .into_par_iter()
        .map(|stream| {
            let mut random = SplitMix64::new(seed, stream);
            score(&units.sum((0..n).map(|_| random.below(n))))
        })
        .collect();
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for metric in drawn.into_iter().flatten().filter(Metric::has_interval) {
        values.entry(metric.name).or_default().push(metric.value);
    }
    values.into_iter().map(|(name, mut values)| (name, interval(&mut values))).collect()
}

fn interval(values: &mut [f64]) -> Interval {
    values.sort_unstable_by(f64::total_cmp);
    Interval { low: percentile(values, 0.025), high: percentile(values, 0.975) }
}

/// Percentile of sorted values, with linear interpolation.
fn percentile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_the_reference_numbers() {
        let mut r = SplitMix64(1_234_567);
        assert_eq!([r.next(), r.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn numbers_stay_below_the_limit_and_cover_it() {
        let mut r = SplitMix64::new(7, 0);
        let mut seen = [0; 5];
        for _ in 0..1000 {
            seen[r.below(5)] += 1;
        }
        assert!(seen.iter().all(|&n| n > 150), "{seen:?}");
    }

    #[test]
    fn percentiles_are_interpolated() {
        assert_eq!(percentile(&[0.0, 1.0, 2.0, 3.0, 4.0], 0.5), 2.0);
        assert_eq!(percentile(&[0.0, 1.0], 0.25), 0.25);
        assert_eq!(percentile(&[3.0], 0.975), 3.0);
    }
}
