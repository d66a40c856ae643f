//! A log-linear choice among the actors of a document, with weights fitted on the training corpus.
//!
//! Every candidate has binary features; its score is the sum of their weights, and the scores of all candidates
//! together with that of *none of them* become probabilities by a softmax (a conditional logit, McFadden 1974).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A feature by the FNV-1a hash of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Feature(u64);

impl Feature {
    /// The feature of that name.
    pub(crate) fn new(name: &str) -> Self {
        Feature(name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)))
    }
}

/// Features are hashes already.
#[derive(Debug, Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(b);
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// Weights of features; unknown ones weigh nothing.
#[derive(Debug, Default)]
pub(crate) struct Weights(HashMap<Feature, f32, BuildHasherDefault<Identity>>);

impl Weights {
    /// Reads a line `feature<TAB>weight`.
    pub(crate) fn read(&mut self, line: &str) -> Result<(), String> {
        let (name, weight) = line.split_once('\t').ok_or("expected a feature, a tab and a weight")?;
        let weight: f32 = weight.parse().map_err(|_| format!("weight {weight:?} is no number"))?;
        self.0.insert(Feature::new(name), weight);
        Ok(())
    }

    /// The sum of the weights of a candidate's features.
    pub(crate) fn score(&self, features: &FeatureSet) -> f32 {
        features.0.iter().filter_map(|f| self.0.get(f)).sum()
    }
}

/// The features of one candidate, each once; their names are kept only where somebody wants to read them.
#[derive(Debug, Default, Clone)]
pub(crate) struct FeatureSet(Vec<Feature>, Option<Vec<String>>);

impl FeatureSet {
    /// An empty set, which keeps names if `named`.
    pub(crate) fn new(named: bool) -> Self {
        FeatureSet(Vec::new(), named.then(Vec::new))
    }

    /// Adds a feature.
    pub(crate) fn add(&mut self, name: &str) {
        let feature = Feature::new(name);
        if !self.0.contains(&feature) {
            self.0.push(feature);
            if let Some(names) = &mut self.1 {
                names.push(name.to_owned());
            }
        }
    }

    /// The names, if they were kept.
    pub(crate) fn into_names(self) -> Vec<String> {
        self.1.unwrap_or_default()
    }
}

/// Probabilities from scores.
pub(crate) fn softmax(scores: &[f32]) -> Vec<f32> {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = scores.iter().map(|s| (s - top).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.into_iter().map(|e| e / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::{softmax, FeatureSet, Weights};

    #[test]
    fn a_feature_counts_once() {
        let mut weights = Weights::default();
        weights.read("a\t1.5").unwrap();
        weights.read("b\t-1").unwrap();
        assert!(weights.read("c 1").is_err());
        let mut set = FeatureSet::new(true);
        for f in ["a", "b", "a", "unknown"] {
            set.add(f);
        }
        assert_eq!(weights.score(&set), 0.5);
        assert_eq!(set.into_names(), ["a", "b", "unknown"]);
        assert_eq!(softmax(&[1.0, 1.0]), [0.5, 0.5]);
    }
}
