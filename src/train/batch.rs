//! Batches: examples as tensors, with a pair of levitated markers for each pair that is learned.
//!
//! The markers of a pair stand behind the text with the positions of their mentions. They see the text, themselves
//! and one another; the text sees no marker (Ye et al. 2022, "Packed Levitated Marker for Entity and Relation
//! Extraction"; Zhong and Chen 2021, "A Frustratingly Easy Approach for Entity and Relation Extraction").

use std::ops::Range;

use tch::{Device, Kind, Tensor};

use super::examples::{Example, PairExample, PairLabels, IGNORED};
use crate::encoder::WordPieces;

/// Most pairs of one example in a batch.
pub const MAX_PAIRS: usize = 80;

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

/// Examples side by side, padded to one length.
pub struct Batch<'a> {
    /// The examples, a row each.
    pub examples: Vec<&'a Example>,
    /// Pairs in the order of their markers.
    pub pairs: Vec<ChosenPair>,
    /// Length that texts are padded to.
    text: usize,
    /// Row and first marker position of each pair.
    places: Vec<usize>,
    /// Length of a row, markers counted.
    width: usize,
}

/// Tensors that the encoder reads.
pub struct EncoderInput {
    /// `[rows, width]` word pieces and markers.
    pub ids: Tensor,
    /// `[rows, width, width]`, 1 where the row's position sees the column's.
    pub mask: Tensor,
    /// `[rows, width]` word shapes.
    pub shapes: Tensor,
    /// `[rows, width]` positions.
    pub positions: Tensor,
}

impl<'a> Batch<'a> {
    /// A batch of `examples` with `pairs` (indices into each example's pairs, with labels) in each row.
    pub fn new(examples: Vec<&'a Example>, chosen: Vec<Vec<(usize, PairLabels)>>) -> Self {
        let text = examples.iter().map(|e| e.ids.len()).max().unwrap_or(0);
        let markers = 2 * chosen.iter().map(Vec::len).max().unwrap_or(0);
        let (mut pairs, mut places) = (Vec::new(), Vec::new());
        for (row, of_row) in chosen.into_iter().enumerate() {
            for (n, (pair, labels)) in of_row.into_iter().enumerate() {
                places.push(text + 2 * n);
                pairs.push(ChosenPair { row, pair, labels });
            }
        }
        Batch { examples, pairs, text, places, width: text + markers }
    }

    /// Positions of the batch, padding and markers counted.
    pub fn size(&self) -> usize {
        self.examples.len() * self.width
    }

    fn example_pair(&self, chosen: &ChosenPair) -> &PairExample {
        &self.examples[chosen.row].pairs[chosen.pair]
    }

    /// What the encoder reads.
    pub fn encoder_input(&self, pieces: &WordPieces, device: Device) -> EncoderInput {
        let (rows, width) = (self.examples.len(), self.width);
        let mut ids = vec![0_i64; rows * width];
        let mut shapes = vec![0_i64; rows * width];
        let mut positions = vec![0_i64; rows * width];
        let mut mask = vec![0_i8; rows * width * width];
        for (row, example) in self.examples.iter().enumerate() {
            let n = example.ids.len();
            ids[row * width..row * width + n].copy_from_slice(&example.ids);
            shapes[row * width..row * width + n].copy_from_slice(&example.shapes);
            for p in 0..width {
                positions[row * width + p] = if p < n { p as i64 } else { 0 };
                let line = (row * width + p) * width;
                mask[line..line + n].fill(1);
            }
        }
        for (chosen, &place) in self.pairs.iter().zip(&self.places) {
            let example = self.examples[chosen.row];
            let pair = self.example_pair(chosen);
            let ends = [(pieces.source_marker, pair.src), (pieces.target_marker, pair.tgt)];
            for (k, (id, mention)) in ends.into_iter().enumerate() {
                let at = chosen.row * width + place + k;
                ids[at] = id;
                positions[at] = example.mentions[mention].0;
                mask[at * width + place..at * width + place + 2].fill(1);
            }
        }
        let shape = [rows as i64, width as i64];
        let matrix = |values: &[i64]| Tensor::from_slice(values).view(shape).to_device(device);
        EncoderInput {
            ids: matrix(&ids),
            mask: Tensor::from_slice(&mask).view([rows as i64, width as i64, width as i64]).to_device(device),
            shapes: matrix(&shapes),
            positions: matrix(&positions),
        }
    }

    /// `[rows, width]` tags of names or anaphors.
    pub fn tags(&self, of: impl Fn(&Example) -> &[i64], device: Device) -> Tensor {
        let mut tags = vec![IGNORED; self.size()];
        for (row, example) in self.examples.iter().enumerate() {
            let own = of(example);
            tags[row * self.width..row * self.width + own.len()].copy_from_slice(own);
        }
        Tensor::from_slice(&tags).view([self.examples.len() as i64, self.width as i64]).to_device(device)
    }

    /// Index of piece `place` of row `row` in the flattened states `[rows * width, hidden]`.
    pub fn flat(&self, row: usize, place: i64) -> i64 {
        (row * self.width) as i64 + place
    }

    /// Flat indices of the source markers and of the target markers.
    pub fn marker_places(&self) -> (Vec<i64>, Vec<i64>) {
        let at = |k: i64| move |(c, &place): (&ChosenPair, &usize)| self.flat(c.row, place as i64 + k);
        (self.pairs.iter().zip(&self.places).map(at(0)).collect(), self.pairs.iter().zip(&self.places).map(at(1)).collect())
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

    /// For each chosen pair the number of its sentence in [`Batch::sentences`].
    pub fn pair_sentences(&self, first: &[usize]) -> Vec<i64> {
        self.pairs.iter().map(|c| (first[c.row] + self.example_pair(c).sentence) as i64).collect()
    }
}
