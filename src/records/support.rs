//! How much speaks for a claim: noisy-or over independent reports, and the weighing of for and against.

use std::collections::BTreeMap;

use super::course::Claim;

/// No number of reports makes a claim certain.
const CERTAINTY: f64 = 0.999;

/// Supports that differ by less are equal: sums of the same numbers in another order differ by rounding.
pub(super) const EPSILON: f64 = 1e-9;

/// The probability that at least one of some reports is right.
///
/// Reports are independent when they share neither story nor source. Reckoned once over stories, each
/// with its best score, and once over sources, the lower of the two is what holds; unlike a choice
/// of independent reports this never falls when a report is added.
#[derive(Debug, Clone, Default)]
pub(super) struct Support {
    stories: Doubt,
    sources: Doubt,
}

impl Support {
    /// Adds what a report says.
    pub(super) fn add(&mut self, claim: &Claim) {
        let score = claim.score.clamp(0.0, CERTAINTY);
        self.stories.add(claim.story, score);
        self.sources.add(claim.source, score);
    }

    /// The probability, in `[0, 1)`.
    pub(super) fn get(&self) -> f64 {
        // The logarithms are negative: the larger is the greater doubt.
        let doubt = self.stories.log.max(self.sources.log).min(0.0);
        (1.0 - doubt.exp()).min(CERTAINTY)
    }
}

/// The probability that every group of reports is wrong, each group as wrong as its best report.
#[derive(Debug, Clone, Default)]
struct Doubt {
    best: BTreeMap<usize, f64>,
    /// Natural logarithm of the product of `1 - best`.
    log: f64,
}

impl Doubt {
    fn add(&mut self, group: usize, score: f64) {
        let best = self.best.entry(group).or_insert(0.0);
        if score > *best {
            self.log += (1.0 - score).ln() - (1.0 - *best).ln();
            *best = score;
        }
    }
}

/// Belief in a claim with support `p` against which speaks a support of `q`.
///
/// Dempster's rule for two simple support functions on a claim and its opposite (Shafer 1976, A
/// Mathematical Theory of Evidence, chapter 4); noisy-or is the same rule for two on one claim.
pub(super) fn weigh(p: f64, q: f64) -> f64 {
    // Both stay below CERTAINTY, so the denominator stays above zero.
    p * (1.0 - q) / (1.0 - p * q)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn support(reports: &[(usize, usize, f64)]) -> f64 {
        let mut s = Support::default();
        for &(story, source, score) in reports {
            s.add(&Claim { story, source, score, ..Claim::default() });
        }
        s.get()
    }

    #[test]
    fn neither_copies_nor_repetition_raise_support() {
        assert!((support(&[(0, 0, 0.5), (1, 1, 0.5)]) - 0.75).abs() < EPSILON);
        assert!((support(&[(0, 0, 0.5), (0, 1, 0.5)]) - 0.5).abs() < EPSILON, "one story in two papers");
        assert!((support(&[(0, 0, 0.5), (1, 0, 0.5)]) - 0.5).abs() < EPSILON, "two stories of one paper");
        let one_paper: Vec<_> = (0..500).map(|i| (i, 0, 0.9)).collect();
        let five_papers: Vec<_> = (0..5).map(|i| (i, i, 0.9)).collect();
        assert!(support(&five_papers) > support(&one_paper));
    }

    #[test]
    fn certainty_is_never_reached() {
        let sure: Vec<_> = (0..100).map(|i| (i, i, 1.0)).collect();
        assert_eq!(support(&sure), CERTAINTY);
        assert!(weigh(CERTAINTY, CERTAINTY).is_finite());
    }

    #[test]
    fn what_speaks_against_lowers_belief_and_nothing_leaves_it() {
        assert_eq!(weigh(0.9, 0.0), 0.9);
        assert!((weigh(0.9, 0.9) - 0.4737).abs() < 1e-4);
        assert!(weigh(0.99, 0.9) > 0.9, "one denial does not undo many reports");
    }
}
