//! What scores are made of: counts, precision and recall, classes with their confusion.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// `numerator / denominator`, and 0 where the denominator is 0, as conlleval, seqeval, nervaluate and
/// scikit-learn print it. The counts beside a score tell whether there was anything to score.
pub fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator == 0.0 {
        0.0
    } else {
        numerator / denominator
    }
}

/// Harmonic mean of precision and recall, and 0 where both are 0.
pub fn harmonic(precision: f64, recall: f64) -> f64 {
    ratio(2.0 * precision * recall, precision + recall)
}

/// Precision, recall and F1, each in `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Scores {
    /// Share of what was predicted that is right.
    pub precision: f64,
    /// Share of what is in the gold that was found.
    pub recall: f64,
    /// Harmonic mean of the two; of an average over classes, the average of their F1.
    pub f1: f64,
}

impl Scores {
    /// Scores of which F1 is the harmonic mean.
    pub fn new(precision: f64, recall: f64) -> Self {
        Scores { precision, recall, f1: harmonic(precision, recall) }
    }

    /// Average of `parts` with their weights; all 0 when the weights are.
    pub(super) fn mean(parts: &[(Scores, f64)]) -> Self {
        let weight: f64 = parts.iter().map(|(_, w)| w).sum();
        let of = |field: fn(&Scores) -> f64| ratio(parts.iter().map(|(s, w)| field(s) * w).sum(), weight);
        Scores { precision: of(|s| s.precision), recall: of(|s| s.recall), f1: of(|s| s.f1) }
    }
}

/// Precision, recall and F1 with the counts that they come from.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Prf {
    /// Share of what was predicted that is right.
    pub precision: f64,
    /// Share of what is in the gold that was found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// How many the gold has.
    pub gold: u64,
    /// How many were predicted.
    pub predicted: u64,
    /// How many are in both.
    pub correct: u64,
}

impl Prf {
    /// Scores of these counts.
    pub fn new(gold: u64, predicted: u64, correct: u64) -> Self {
        let Scores { precision, recall, f1 } =
            Scores::new(ratio(correct as f64, predicted as f64), ratio(correct as f64, gold as f64));
        Prf { precision, recall, f1, gold, predicted, correct }
    }

    /// The three scores without the counts.
    pub fn scores(&self) -> Scores {
        Scores { precision: self.precision, recall: self.recall, f1: self.f1 }
    }

    /// Whether neither side has any.
    pub fn is_empty(&self) -> bool {
        self.gold == 0 && self.predicted == 0
    }
}

/// Something for each label of a set, in the order of the set; written as an object.
#[derive(Debug, Clone, PartialEq)]
pub struct ByLabel<T>(pub Vec<(&'static str, T)>);

impl<T> Default for ByLabel<T> {
    fn default() -> Self {
        ByLabel(Vec::new())
    }
}

impl<T> ByLabel<T> {
    /// What `label` has.
    pub fn get(&self, label: &str) -> Option<&T> {
        self.0.iter().find(|(l, _)| *l == label).map(|(_, t)| t)
    }

    /// The labels with what they have.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.0.iter().map(|(l, t)| (*l, t))
    }
}

impl<T: Serialize> Serialize for ByLabel<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.iter())
    }
}

/// Micro, macro and weighted averages over classes of which an item may have several or none.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Averages {
    /// Over all items alike.
    pub micro: Prf,
    /// Mean over the classes that occur in gold or prediction.
    #[serde(rename = "macro")]
    pub macro_: Scores,
    /// Mean over the same classes, weighted by how often the gold has them.
    pub weighted: Scores,
    /// Of each class that occurs.
    pub classes: ByLabel<Prf>,
}

impl Averages {
    /// Averages over `classes`, leaving out those that occur nowhere.
    pub fn new(classes: impl IntoIterator<Item = (&'static str, Prf)>) -> Self {
        let classes: Vec<_> = classes.into_iter().filter(|(_, c)| !c.is_empty()).collect();
        let sum = |field: fn(&Prf) -> u64| classes.iter().map(|(_, c)| field(c)).sum();
        let weigh = |weight: fn(&Prf) -> f64| {
            Scores::mean(&classes.iter().map(|(_, c)| (c.scores(), weight(c))).collect::<Vec<_>>())
        };
        Averages {
            micro: Prf::new(sum(|c| c.gold), sum(|c| c.predicted), sum(|c| c.correct)),
            macro_: weigh(|_| 1.0),
            weighted: weigh(|c| c.gold as f64),
            classes: ByLabel(classes),
        }
    }
}

/// Scores of a classification in which every item has one class.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Classification {
    /// Share of the items whose class is right.
    pub accuracy: f64,
    /// Mean F1 over the classes that occur in gold or prediction.
    pub macro_f1: f64,
    /// Mean F1 over the same classes, weighted by how often the gold has them.
    pub weighted_f1: f64,
    /// How many items were classified.
    pub items: u64,
    /// Of each class that occurs.
    pub classes: ByLabel<Prf>,
    /// How often the gold's class (outer) was given the predicted one (inner); zeros are left out.
    pub confusion: ByLabel<ByLabel<u64>>,
}

impl Classification {
    /// Scores of a confusion matrix, read through `count(gold, predicted)`, over `labels`.
    ///
    /// A label that no item can truly have, such as that of a missing prediction, goes to `absent`: it
    /// lowers recall and has no class of its own.
    pub fn new(labels: &[&'static str], absent: Option<&'static str>, count: impl Fn(usize, usize) -> u64) -> Self {
        let columns = labels.len() + usize::from(absent.is_some());
        let row = |g: usize| (0..columns).map(|p| count(g, p)).sum::<u64>();
        let column = |p: usize| (0..labels.len()).map(|g| count(g, p)).sum::<u64>();
        let classes: Vec<_> =
            (0..labels.len()).map(|k| (labels[k], Prf::new(row(k), column(k), count(k, k)))).collect();
        let averages = Averages::new(classes);
        let name = |p: usize| labels.get(p).copied().or(absent).unwrap_or("");
        let confusion = (0..labels.len()).filter(|&g| row(g) > 0).map(|g| {
            let cells = (0..columns).filter(|&p| count(g, p) > 0).map(|p| (name(p), count(g, p)));
            (labels[g], ByLabel(cells.collect()))
        });
        Classification {
            accuracy: averages.micro.recall,
            macro_f1: averages.macro_.f1,
            weighted_f1: averages.weighted.f1,
            items: averages.micro.gold,
            confusion: ByLabel(confusion.collect()),
            classes: averages.classes,
        }
    }

    /// Scores of pairs of gold and predicted class index over `labels`; see [`Classification::new`].
    pub fn of_pairs(labels: &[&'static str], pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = BTreeMap::new();
        for pair in pairs {
            *counts.entry(pair).or_insert(0) += 1;
        }
        Classification::new(labels, None, |g, p| counts.get(&(g, p)).copied().unwrap_or(0))
    }
}

/// How many of the items that were judged are right.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Accuracy {
    /// Share that is right.
    pub accuracy: f64,
    /// How many are right.
    pub right: u64,
    /// How many were judged.
    pub items: u64,
}

impl Accuracy {
    /// `right` of `items`.
    pub fn new(right: u64, items: u64) -> Self {
        Accuracy { accuracy: ratio(right as f64, items as f64), right, items }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_give_precision_recall_and_f1() {
        let s = Prf::new(4, 5, 2);
        assert_eq!((s.precision, s.recall), (0.4, 0.5));
        assert!((s.f1 - 4.0 / 9.0).abs() < 1e-12);
        assert_eq!(Prf::new(0, 0, 0).f1, 0.0);
    }

    /// Three items are of class a (two found, one taken for b), one of class b (taken for a).
    #[test]
    fn a_confusion_matrix_gives_accuracy_and_macro_f1() {
        let c = Classification::of_pairs(&["a", "b", "c"], [(0, 0), (0, 0), (0, 1), (1, 0)]);
        assert_eq!((c.accuracy, c.items), (0.5, 4));
        // a: P = R = 2/3. b: 0. c occurs nowhere and is no part of the mean.
        assert!((c.macro_f1 - 1.0 / 3.0).abs() < 1e-12);
        assert!((c.weighted_f1 - 0.5).abs() < 1e-12);
        assert_eq!(c.confusion.get("a").and_then(|row| row.get("b")), Some(&1));
        assert!(c.classes.get("c").is_none());
    }

    #[test]
    fn a_missing_prediction_lowers_recall_and_is_no_class() {
        let c = Classification::new(&["a"], Some("none"), |_, p| [3, 1][p]);
        assert_eq!((c.accuracy, c.items), (0.75, 4));
        assert_eq!(c.classes.get("a").map(|a| (a.precision, a.recall)), Some((1.0, 0.75)));
        assert_eq!(c.classes.0.len(), 1);
    }
}
