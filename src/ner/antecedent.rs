//! Which earlier mention an anaphor refers to (after Lee et al. 2017, "End-to-end Neural Coreference Resolution").

use std::ops::Range;

use tch::nn::{self, Module};
use tch::{Kind, Tensor};

use crate::document::Probability;
use crate::encoder::{by_rows, numbers};

/// How many earlier mentions are considered for an anaphor, the nearest ones.
pub const MAX_CANDIDATES: usize = 40;
const INNER: i64 = 128;
/// Distance buckets in mentions: 1, 2, 3, 4, 5-7, 8-15, 16-31, 32 and more.
const DISTANCES: i64 = 8;

/// Scores pairs of an anaphor and an earlier mention; the score of "none of them" is 0.
#[derive(Debug)]
pub struct AntecedentHead {
    mention: nn::Linear,
    distance: nn::Embedding,
    inner: nn::Linear,
    score: nn::Linear,
}

impl AntecedentHead {
    /// A head over hidden states of `hidden` dimensions.
    pub fn new(path: nn::Path, hidden: i64) -> Self {
        AntecedentHead {
            mention: nn::linear(&path / "mention", 2 * hidden, INNER, Default::default()),
            distance: nn::embedding(&path / "distance", DISTANCES, INNER, Default::default()),
            inner: nn::linear(&path / "inner", 3 * INNER, INNER, Default::default()),
            score: nn::linear(&path / "score", INNER, 1, Default::default()),
        }
    }

    /// Scores `[pairs]` from the mentions' first and last hidden states.
    ///
    /// `mentions` is `[mentions, 2 * hidden]`; `anaphors` and `candidates` index its rows, pair by pair, and
    /// `distances` holds the [`distance_bucket`] of each pair.
    pub fn forward(&self, mentions: &Tensor, anaphors: &Tensor, candidates: &Tensor, distances: &Tensor) -> Tensor {
        let projected = by_rows(&self.mention, mentions).gelu("none");
        let anaphor = projected.index_select(0, anaphors);
        let candidate = projected.index_select(0, candidates);
        let product = &anaphor * &candidate;
        let joined = Tensor::cat(&[anaphor, candidate, product], 1);
        let inner = by_rows(&self.inner, &joined) + self.distance.forward(distances);
        by_rows(&self.score, &inner.gelu("none")).squeeze_dim(1)
    }
}

/// An anaphor and the earlier mentions that it may refer to, by their indices in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnaphorCandidates {
    /// The anaphor.
    pub anaphor: usize,
    /// The earlier mentions.
    pub candidates: Range<usize>,
}

/// For each anaphor that has one the likeliest antecedent, as `(anaphor, antecedent, probability)`.
///
/// `states` `[pieces, hidden]` are the chunk's; `ends` tells the first and last piece of a mention among them.
pub fn choose_antecedents(
    head: &AntecedentHead,
    states: &Tensor,
    anaphors: &[AnaphorCandidates],
    ends: impl Fn(usize) -> (i64, i64),
) -> Vec<(usize, usize, Probability)> {
    let (Some(first), Some(last)) =
        (anaphors.iter().map(|a| a.candidates.start).min(), anaphors.iter().map(|a| a.anaphor).max())
    else {
        return Vec::new();
    };
    let index = |values: &[i64]| Tensor::from_slice(values).to_device(states.device());
    let pieces: Vec<i64> = (first..=last).map(ends).flat_map(|(a, b)| [a, b]).collect();
    let mentions = states.index_select(0, &index(&pieces)).view([-1, 2 * states.size()[1]]);
    let pairs: Vec<(usize, usize)> =
        anaphors.iter().flat_map(|a| a.candidates.clone().map(|c| (a.anaphor, c))).collect();
    let list = |of: &dyn Fn(&(usize, usize)) -> i64| index(&pairs.iter().map(of).collect::<Vec<_>>());
    let scores = head.forward(
        &mentions,
        &list(&|p| (p.0 - first) as i64),
        &list(&|p| (p.1 - first) as i64),
        &list(&|p| distance_bucket(p.0 - p.1)),
    );
    let scores = numbers(&scores);
    let mut at = 0;
    anaphors
        .iter()
        .filter_map(|a| {
            let own = &scores[at..at + a.candidates.len()];
            at += a.candidates.len();
            // The score of "none" is 0.
            let top = own.iter().copied().fold(0.0, f32::max);
            let sum = own.iter().map(|s| (s - top).exp()).sum::<f32>() + (-top).exp();
            let (best, score) = own.iter().copied().enumerate().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
            (score > 0.0).then(|| (a.anaphor, a.candidates.start + best, Probability::new((score - top).exp() / sum)))
        })
        .collect()
}

/// The bucket of a distance of `mentions` mentions, at least 1.
pub fn distance_bucket(mentions: usize) -> i64 {
    match mentions {
        0..=1 => 0,
        2..=4 => mentions as i64 - 1,
        5..=7 => 4,
        8..=15 => 5,
        16..=31 => 6,
        _ => 7,
    }
}

/// Negative log of the probability that the scores give to all right candidates together.
///
/// `scores` is `[anaphors, candidates + 1]` with "none" first and -inf where there is no candidate;
/// `right` is 1 at every right choice.
pub fn marginal_loss(scores: &Tensor, right: &Tensor) -> Tensor {
    let log_probabilities = scores.log_softmax(-1, Kind::Float);
    let masked = log_probabilities.masked_fill(&right.eq(0), f64::NEG_INFINITY);
    -masked.logsumexp([-1], false).mean(Kind::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marginal_loss_adds_up_right_candidates() {
        let scores = Tensor::from_slice(&[0.0_f32, 0.0, 0.0, f32::NEG_INFINITY]).view([1, 4]);
        let right = Tensor::from_slice(&[0_i64, 1, 1, 0]).view([1, 4]);
        let loss = marginal_loss(&scores, &right).double_value(&[]);
        assert!((loss - (1.5_f64).ln()).abs() < 1e-6, "{loss}");
    }

    #[test]
    fn distance_buckets_grow() {
        let buckets: Vec<i64> = [1, 2, 4, 5, 8, 16, 32, 1000].map(distance_bucket).to_vec();
        assert_eq!(buckets, [0, 1, 3, 4, 5, 6, 7, 7]);
    }
}
