//! Batches: examples as tensors, with a pair of levitated markers for each pair that is learned.
//!
//! The markers of a pair stand behind the text with the positions of their mentions. They see the text, themselves
//! and one another; the text sees no marker (Ye et al. 2022, "Packed Levitated Marker for Entity and Relation
//! Extraction"; Zhong and Chen 2021, "A Frustratingly Easy Approach for Entity and Relation Extraction").

use std::ops::Range;

use tch::Device;

use super::examples::{Example, PairExample, PairLabels};
use crate::encoder::{Packed, WordPieces};

/// Most pairs of one example in a batch.
pub const MAX_PAIRS: usize = 320;

/// A pair that a batch carries, with the labels to learn.
#[derive(Debug, Clone, Copy)]
pub struct ChosenPair {
    /// Row of the batch.
    pub row: usize,
    /// Index in the example's pairs.
    pub pair: usize,
    /// What to learn.
    pub labels: PairLabels,
}

/// Examples packed one behind the other.
pub struct Batch<'a> {
    /// The examples.
    pub examples: Vec<&'a Example>,
    /// Pairs in the order of their examples, which is that of their markers.
    pub pairs: Vec<ChosenPair>,
    /// Where the pieces of each example begin.
    offsets: Vec<i64>,
}

impl<'a> Batch<'a> {
    /// A batch of `examples` with `chosen` pairs (indices into each example's pairs, with labels).
    pub fn new(examples: Vec<&'a Example>, chosen: Vec<Vec<(usize, PairLabels)>>) -> Self {
        let offsets = examples.iter().scan(0, |at, e| {
            let offset = *at;
            *at += e.ids.len() as i64;
            Some(offset)
        });
        let pairs = chosen
            .into_iter()
            .enumerate()
            .flat_map(|(row, of_row)| of_row.into_iter().map(move |(pair, labels)| ChosenPair { row, pair, labels }));
        Batch { offsets: offsets.collect(), pairs: pairs.collect(), examples }
    }

    fn example_pair(&self, chosen: &ChosenPair) -> &PairExample {
        &self.examples[chosen.row].pairs[chosen.pair]
    }

    /// The texts.
    pub fn texts(&self, device: Device) -> Packed {
        let lengths: Vec<i64> = self.examples.iter().map(|e| e.ids.len() as i64).collect();
        let positions: Vec<i64> = lengths.iter().flat_map(|&n| 0..n).collect();
        Packed::new(&self.joined(|e| &e.ids), &self.joined(|e| &e.shapes), &positions, lengths, device)
    }

    /// The markers, two for each chosen pair.
    pub fn markers(&self, pieces: &WordPieces, device: Device) -> Packed {
        let mut lengths = vec![0; self.examples.len()];
        let (mut ids, mut positions) = (Vec::new(), Vec::new());
        for chosen in &self.pairs {
            let pair = self.example_pair(chosen);
            let mentions = &self.examples[chosen.row].mentions;
            lengths[chosen.row] += 2;
            ids.extend([pieces.source_marker, pieces.target_marker]);
            positions.extend([mentions[pair.src].0, mentions[pair.tgt].0]);
        }
        Packed::new(&ids, &vec![0; ids.len()], &positions, lengths, device)
    }

    /// Lists of all examples one behind the other: tags, for instance, `[pieces]`.
    pub fn joined(&self, of: impl Fn(&Example) -> &[i64]) -> Vec<i64> {
        self.examples.iter().flat_map(|e| of(e)).copied().collect()
    }

    /// Index of piece `place` of row `row` among all pieces.
    pub fn flat(&self, row: usize, place: i64) -> i64 {
        self.offsets[row] + place
    }

    /// All sentences of the rows, as `(row, pieces)`, and the number of the first one of each row.
    pub fn sentences(&self) -> (Vec<(usize, Range<usize>)>, Vec<usize>) {
        let mut all = Vec::new();
        let first = self
            .examples
            .iter()
            .enumerate()
            .map(|(row, e)| {
                let first = all.len();
                all.extend(e.sentences.iter().map(|s| (row, s.clone())));
                first
            })
            .collect();
        (all, first)
    }

    /// Indices, among all pieces, of the first pieces of each chosen pair's mentions, source and target in turn.
    pub fn pair_mentions(&self) -> Vec<i64> {
        let place = |c: &ChosenPair, mention: usize| self.flat(c.row, self.examples[c.row].mentions[mention].0);
        let both = |c: &ChosenPair| [place(c, self.example_pair(c).src), place(c, self.example_pair(c).tgt)];
        self.pairs.iter().flat_map(both).collect()
    }

    /// For each chosen pair the number of its sentence in [`Batch::sentences`].
    pub fn pair_sentences(&self, first: &[usize]) -> Vec<i64> {
        self.pairs.iter().map(|c| (first[c.row] + self.example_pair(c).sentence) as i64).collect()
    }
}
