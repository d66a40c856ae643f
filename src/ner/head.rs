//! Heads that tag words: names and anaphors.

use tch::nn;
use tch::Tensor;

use super::tags::tag_count;
use crate::encoder::by_rows;

/// Scores every token with the tags of one BIO scheme.
#[derive(Debug)]
pub struct TagHead {
    linear: nn::Linear,
    classes: usize,
}

impl TagHead {
    /// A head for `classes` classes over hidden states of `hidden` dimensions.
    pub fn new(path: nn::Path, hidden: i64, classes: usize) -> Self {
        TagHead { linear: nn::linear(path, hidden, tag_count(classes) as i64, Default::default()), classes }
    }

    /// How many classes the tags tell apart.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Logits `[pieces, tags]` of hidden states `[pieces, hidden]`.
    pub fn forward(&self, hidden: &Tensor) -> Tensor {
        by_rows(&self.linear, hidden)
    }
}
