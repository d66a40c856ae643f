//! Batches: examples as tensors, with a pair of levitated markers for each pair that is learned.
//!
//! The markers of a pair stand behind the text with the positions of their mentions. They see the text, themselves
//! and one another; the text sees no marker (Ye et al. 2022, "Packed Levitated Marker for Entity and Relation
//! Extraction"; Zhong and Chen 2021, "A Frustratingly Easy Approach for Entity and Relation Extraction").

use std::ops::Range;

use tch::{Device, Kind, Tensor};

use super::examples::{Example, PairExample, PairLabels, IGNORED};
use crate::encoder::{Pieces, WordPieces};

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
    /// Place of each pair's source marker among the markers of its row; the target's is the next one.
    places: Vec<usize>,
    /// Length that texts are padded to.
    text: usize,
    /// Number that the markers of a row are padded to.
    markers: usize,
}

/// Tensors that the encoder reads.
pub struct EncoderInput {
    /// The texts.
    pub text: Pieces,
    /// `[rows, 1, 1, text]`, 0 where there is a piece and -inf at padding.
    pub text_visible: Tensor,
    /// The markers.
    pub markers: Pieces,
    /// `[rows, 1, markers, text + markers]`, 0 where the marker sees and -inf where it does not.
    pub marker_visible: Tensor,
}

impl<'a> Batch<'a> {
    /// A batch of `examples` with `chosen` pairs (indices into each example's pairs, with labels) in each row.
    pub fn new(examples: Vec<&'a Example>, chosen: Vec<Vec<(usize, PairLabels)>>) -> Self {
        let text = examples.iter().map(|e| e.ids.len()).max().unwrap_or(0);
        let markers = 2 * chosen.iter().map(Vec::len).max().unwrap_or(0);
        let (mut pairs, mut places) = (Vec::new(), Vec::new());
        for (row, of_row) in chosen.into_iter().enumerate() {
            for (n, (pair, labels)) in of_row.into_iter().enumerate() {
                places.push(2 * n);
                pairs.push(ChosenPair { row, pair, labels });
            }
        }
        Batch { examples, pairs, places, text, markers }
    }

    /// Pieces of a row, padding counted.
    pub fn text_width(&self) -> usize {
        self.text
    }

    fn example_pair(&self, chosen: &ChosenPair) -> &PairExample {
        &self.examples[chosen.row].pairs[chosen.pair]
    }

    /// What the encoder reads.
    pub fn encoder_input(&self, pieces: &WordPieces, device: Device) -> EncoderInput {
        let (rows, text, markers) = (self.examples.len(), self.text, self.markers);
        let mut ids = vec![0_i64; rows * text];
        let mut shapes = vec![0_i64; rows * text];
        let mut text_visible = vec![f32::NEG_INFINITY; rows * text];
        let mut marker_ids = vec![0_i64; rows * markers];
        let mut marker_positions = vec![0_i64; rows * markers];
        let width = text + markers;
        let mut marker_visible = vec![f32::NEG_INFINITY; rows * markers * width];
        for (row, example) in self.examples.iter().enumerate() {
            let n = example.ids.len();
            ids[row * text..row * text + n].copy_from_slice(&example.ids);
            shapes[row * text..row * text + n].copy_from_slice(&example.shapes);
            text_visible[row * text..row * text + n].fill(0.0);
            for m in 0..markers {
                let line = (row * markers + m) * width;
                marker_visible[line..line + n].fill(0.0);
            }
        }
        for (chosen, &place) in self.pairs.iter().zip(&self.places) {
            let pair = self.example_pair(chosen);
            let ends = [(pieces.source_marker, pair.src), (pieces.target_marker, pair.tgt)];
            for (k, (id, mention)) in ends.into_iter().enumerate() {
                let at = chosen.row * markers + place + k;
                marker_ids[at] = id;
                marker_positions[at] = self.examples[chosen.row].mentions[mention].0;
                let line = at * width + text + place;
                marker_visible[line..line + 2].fill(0.0);
            }
        }
        let (rows, text, markers) = (rows as i64, text as i64, markers as i64);
        let matrix = |values: &[i64]| Tensor::from_slice(values).view([rows, -1]).to_device(device);
        let positions = Tensor::arange(text, (Kind::Int64, device)).expand([rows, text], false);
        let marker_ids = matrix(&marker_ids);
        EncoderInput {
            text: Pieces { ids: matrix(&ids), shapes: matrix(&shapes), positions },
            text_visible: Tensor::from_slice(&text_visible).view([rows, 1, 1, text]).to_device(device),
            markers: Pieces {
                shapes: marker_ids.zeros_like(),
                ids: marker_ids,
                positions: matrix(&marker_positions),
            },
            marker_visible: Tensor::from_slice(&marker_visible).view([rows, 1, markers, text + markers]).to_device(device),
        }
    }

    /// `[rows, text]` tags of names or anaphors.
    pub fn tags(&self, of: impl Fn(&Example) -> &[i64], device: Device) -> Tensor {
        let mut tags = vec![IGNORED; self.examples.len() * self.text];
        for (row, example) in self.examples.iter().enumerate() {
            let own = of(example);
            tags[row * self.text..row * self.text + own.len()].copy_from_slice(own);
        }
        Tensor::from_slice(&tags).view([self.examples.len() as i64, self.text as i64]).to_device(device)
    }

    /// Index of piece `place` of row `row` in the flattened states `[rows * text, hidden]`.
    pub fn flat(&self, row: usize, place: i64) -> i64 {
        (row * self.text) as i64 + place
    }

    /// Indices of the source markers in the flattened marker states; those of the target markers are the next ones.
    pub fn source_markers(&self) -> Vec<i64> {
        let places = self.pairs.iter().zip(&self.places);
        places.map(|(c, &place)| (c.row * self.markers + place) as i64).collect()
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
