//! From what the relation head says of a pair and its act to how often it is right.

use serde::{Deserialize, Serialize};
use tch::Tensor;

/// Scores are kept this far from 0 and 1, where their logits would be infinite.
const EDGE: f64 = 1e-6;
/// Newton's method on two parameters is done long before.
const ROUNDS: usize = 50;
/// How often a step is halved at most.
const HALVINGS: i32 = 40;
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

    /// The log loss of the curve, and how far it is pulled away from the untouched score.
    fn loss(&self, seen: &[(f64, bool)]) -> f64 {
        let pull = PULL / 2.0 * ((self.slope - 1.0).powi(2) + self.shift.powi(2));
        let log_loss = |&(score, right): &(f64, bool)| {
            let x = self.slope * logit(score) + self.shift;
            // -ln(sigmoid(x)) without overflow.
            let x = if right { -x } else { x };
            x.max(0.0) + (-x.abs()).exp().ln_1p()
        };
        pull + seen.iter().map(log_loss).sum::<f64>()
    }

    /// What Newton's method takes off slope and shift.
    fn newton_step(&self, seen: &[(f64, bool)]) -> (f64, f64) {
        // Gradient and Hessian.
        let (mut by_slope, mut by_shift) = (PULL * (self.slope - 1.0), PULL * self.shift);
        let (mut aa, mut ab, mut bb) = (PULL, 0.0, PULL);
        for &(score, right) in seen {
            let (x, p) = (logit(score), self.apply(score));
            let (error, weight) = (p - f64::from(u8::from(right)), p * (1.0 - p));
            by_slope += error * x;
            by_shift += error;
            aa += weight * x * x;
            ab += weight * x;
            bb += weight;
        }
        let determinant = aa * bb - ab * ab;
        ((bb * by_slope - ab * by_shift) / determinant, (aa * by_shift - ab * by_slope) / determinant)
    }

    /// The curve that makes what was seen, scores and whether they were right, the likeliest.
    pub fn fit(seen: &[(f64, bool)]) -> Self {
        if seen.iter().all(|s| s.1) || !seen.iter().any(|s| s.1) {
            return Calibration::default();
        }
        let mut curve = Calibration::default();
        let mut loss = curve.loss(seen);
        for _ in 0..ROUNDS {
            let (by_slope, by_shift) = curve.newton_step(seen);
            // A whole step can lead astray where all scores are near 1; half of it, or of that, never does.
            let shorter = (0..HALVINGS)
                .map(|n| 0.5_f64.powi(n))
                .map(|part| Calibration { slope: curve.slope - part * by_slope, shift: curve.shift - part * by_shift });
            let Some((next, less)) = shorter.map(|c| (c, c.loss(seen))).find(|(_, l)| *l < loss) else { break };
            (curve, loss) = (next, less);
        }
        // A falling curve would turn the order of the scores around.
        if curve.slope > 0.0 && curve.shift.is_finite() {
            curve
        } else {
            Calibration::default()
        }
    }
}

/// What the logits of a softmax are divided by so that its probabilities are as often right as they say (Guo et al.
/// 2017, "On Calibration of Modern Neural Networks").
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Temperature(f64);

impl Default for Temperature {
    /// The temperature that changes nothing.
    fn default() -> Self {
        Temperature(1.0)
    }
}

impl Temperature {
    /// Between these a temperature is sought.
    const RANGE: (f64, f64) = (0.2, 8.0);
    /// Steps of the search, each of which leaves 0.62 of the range.
    const STEPS: usize = 40;

    /// Logits that give calibrated probabilities.
    pub fn cool(self, logits: &Tensor) -> Tensor {
        logits / self.0
    }

    /// The temperature that makes what was seen the likeliest: the logits of each row, and the class that was right.
    pub fn fit(logits: &[f32], classes: usize, right: &[usize]) -> Self {
        if right.is_empty() {
            return Temperature::default();
        }
        let loss = |temperature: f64| -> f64 {
            let rows = logits.chunks_exact(classes).zip(right);
            rows.map(|(row, &right)| {
                let row = |class: usize| f64::from(row[class]) / temperature;
                let top = (0..classes).map(row).fold(f64::NEG_INFINITY, f64::max);
                top + (0..classes).map(|class| (row(class) - top).exp()).sum::<f64>().ln() - row(right)
            })
            .sum()
        };
        // The loss has one minimum in 1 / temperature: the golden section closes in on it.
        let golden = (5_f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (Self::RANGE.0.ln(), Self::RANGE.1.ln());
        for _ in 0..Self::STEPS {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if loss(left.exp()) < loss(right.exp()) {
                high = right;
            } else {
                low = left;
            }
        }
        Temperature(((low + high) / 2.0).exp())
    }
}

fn logit(p: f64) -> f64 {
    let p = p.clamp(EDGE, 1.0 - EDGE);
    (p / (1.0 - p)).ln()
}

/// The probability that has the log-odds `x`.
pub fn sigmoid(x: f64) -> f64 {
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
    fn scores_that_are_all_too_sure_are_brought_down() {
        let seen: Vec<(f64, bool)> =
            (0..1000).map(|i| (1.0 - 1e-4 * f64::from(i % 10) - 1e-5, i % 20 < 7 + i % 2)).collect();
        let found = Calibration::fit(&seen);
        let mean = seen.iter().map(|s| found.apply(s.0)).sum::<f64>() / 1000.0;
        let right = seen.iter().filter(|s| s.1).count() as f64 / 1000.0;
        assert!((mean - right).abs() < 0.01, "{found:?}: {mean}, {right}");
    }

    #[test]
    fn the_order_of_scores_stays_and_they_stay_probabilities() {
        let curve = Calibration::fit(&[(0.0, false), (0.4, false), (0.6, true), (1.0, true)]);
        let scores: Vec<f64> = (0..=100).map(|i| curve.apply(f64::from(i) / 100.0)).collect();
        assert!(scores.windows(2).all(|w| w[0] < w[1]), "{scores:?}");
        assert!(scores.iter().all(|s| (0.0..=1.0).contains(s)), "{scores:?}");
    }

    #[test]
    fn a_temperature_is_found_again() {
        // Odds of 4 to 1, said to be 4 ** 2.5 to 1.
        let logits: Vec<f32> = (0..1000).flat_map(|_| [0.0, 4_f32.ln() * 2.5, -30.0]).collect();
        let right: Vec<usize> = (0..1000).map(|i| usize::from(i % 5 != 0)).collect();
        let Temperature(found) = Temperature::fit(&logits, 3, &right);
        assert!((found - 2.5).abs() < 0.01, "{found}");
        assert_eq!(Temperature::fit(&[], 3, &[]), Temperature::default());
    }

    #[test]
    fn scores_that_tell_nothing_or_lead_astray_are_left_alone() {
        assert_eq!(Calibration::fit(&[]), Calibration::default());
        assert_eq!(Calibration::fit(&[(0.3, true), (0.9, true)]), Calibration::default());
        let astray: Vec<(f64, bool)> = (0..100).map(|i| (f64::from(i) / 100.0, i < 50)).collect();
        assert_eq!(Calibration::fit(&astray), Calibration::default());
    }
}
