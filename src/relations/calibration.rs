//! From what the relation head says of a pair and its act to how often it is right.

use serde::{Deserialize, Serialize};

/// Scores are kept this far from 0 and 1, where their logits would be infinite.
const EDGE: f64 = 1e-6;
/// Newton's method on two parameters is done long before.
const ROUNDS: usize = 50;
/// Pull towards the untouched score, so that data that can be separated has a finite curve.
const PULL: f64 = 1e-2;

/// A logistic curve over the logit of a score (Platt 1999, "Probabilistic Outputs for Support Vector Machines").
///
/// The relation head learns from a few unrelated pairs for each related one and therefore says "related" too
/// readily; the curve sees the pairs as often as they are reported.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Factor of the logit.
    pub slope: f64,
    /// What is added to it.
    pub shift: f64,
}

impl Default for Calibration {
    /// The curve that changes nothing.
    fn default() -> Self {
        Calibration { slope: 1.0, shift: 0.0 }
    }
}

impl Calibration {
    /// The share of what has the score `score` that is right.
    pub fn apply(&self, score: f64) -> f64 {
        sigmoid(self.slope * logit(score) + self.shift)
    }

    /// The curve that makes what was seen, scores and whether they were right, the likeliest.
    pub fn fit(seen: &[(f64, bool)]) -> Self {
        if seen.iter().all(|s| s.1) || !seen.iter().any(|s| s.1) {
            return Calibration::default();
        }
        let mut curve = Calibration::default();
        for _ in 0..ROUNDS {
            // Gradient and Hessian of the log loss in slope and shift.
            let (mut by_slope, mut by_shift) = (PULL * (curve.slope - 1.0), PULL * curve.shift);
            let (mut aa, mut ab, mut bb) = (PULL, 0.0, PULL);
            for &(score, right) in seen {
                let (x, p) = (logit(score), curve.apply(score));
                let (error, weight) = (p - f64::from(u8::from(right)), p * (1.0 - p));
                by_slope += error * x;
                by_shift += error;
                aa += weight * x * x;
                ab += weight * x;
                bb += weight;
            }
            let determinant = aa * bb - ab * ab;
            curve.slope -= (bb * by_slope - ab * by_shift) / determinant;
            curve.shift -= (aa * by_shift - ab * by_slope) / determinant;
        }
        // A falling curve would turn the order of the scores around.
        if curve.slope > 0.0 && curve.shift.is_finite() {
            curve
        } else {
            Calibration::default()
        }
    }
}

fn logit(p: f64) -> f64 {
    let p = p.clamp(EDGE, 1.0 - EDGE);
    (p / (1.0 - p)).ln()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_found_again() {
        let truth = Calibration { slope: 0.6, shift: -1.4 };
        let mut random = fastrand::Rng::with_seed(5);
        let seen: Vec<(f64, bool)> = (0..40_000)
            .map(|_| {
                let score = random.f64();
                (score, random.f64() < truth.apply(score))
            })
            .collect();
        let found = Calibration::fit(&seen);
        assert!((found.slope - truth.slope).abs() < 0.03, "{found:?}");
        assert!((found.shift - truth.shift).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn the_order_of_scores_stays_and_they_stay_probabilities() {
        let curve = Calibration::fit(&[(0.0, false), (0.4, false), (0.6, true), (1.0, true)]);
        let scores: Vec<f64> = (0..=100).map(|i| curve.apply(f64::from(i) / 100.0)).collect();
        assert!(scores.windows(2).all(|w| w[0] < w[1]), "{scores:?}");
        assert!(scores.iter().all(|s| (0.0..=1.0).contains(s)), "{scores:?}");
    }

    #[test]
    fn scores_that_tell_nothing_or_lead_astray_are_left_alone() {
        assert_eq!(Calibration::fit(&[]), Calibration::default());
        assert_eq!(Calibration::fit(&[(0.3, true), (0.9, true)]), Calibration::default());
        let astray: Vec<(f64, bool)> = (0..100).map(|i| (f64::from(i) / 100.0, i < 50)).collect();
        assert_eq!(Calibration::fit(&astray), Calibration::default());
    }
}
