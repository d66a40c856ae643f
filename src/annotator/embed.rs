//! Embeddings: what the encoder made of words and sentences, for search and clusters.

use tch::no_grad;

use super::{parts, Draft, NeuralAnnotator};
use crate::encoder::numbers;
use crate::text::{plan, Span};

/// A text, and the places in it whose embeddings are asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Passages {
    /// The text.
    pub text: String,
    /// Its sentences, in order.
    pub sentences: Vec<Span>,
    /// The places.
    pub spans: Vec<Span>,
}

impl NeuralAnnotator {
    /// How many numbers an embedding has: the encoder's hidden size.
    pub fn embedding_size(&self) -> usize {
        self.hidden_size
    }

    /// For each place of each text the mean of the encoder's final states of its word pieces, each read with its
    /// sentence and what stands around it; none where no piece lies. The texts beside it change nothing.
    ///
    /// # Errors
    /// When more threads call than the annotator was made for.
    pub fn embed(&self, texts: &[Passages]) -> Result<Vec<Vec<Option<Vec<f32>>>>, String> {
        let mut drafts: Vec<Draft> = texts.iter().map(|text| self.outline(text)).collect();
        let mut means: Vec<Vec<Mean>> = Vec::with_capacity(texts.len());
        for (text, draft) in texts.iter().zip(&drafts) {
            let mean = |&span: &Span| Mean { pieces: draft.tokens.covering(span), sum: vec![0.0; self.hidden_size] };
            means.push(text.spans.iter().map(mean).collect());
        }
        let drafts: Vec<&mut Draft> = drafts.iter_mut().collect();
        self.readers.with(|reader| {
            for part in parts(&drafts) {
                let hidden = no_grad(|| self.encode(reader, &drafts, &part).hidden);
                let states = numbers(&hidden);
                let mut at = 0;
                for &(d, c) in &part {
                    let (chunk, range) = (&drafts[d].chunks[c], drafts[d].chunks[c].tokens());
                    let own = states[at..].chunks_exact(self.hidden_size).skip(1 + chunk.body.start - range.start);
                    let own: Vec<&[f32]> = own.take(chunk.body.len()).collect();
                    means[d].iter_mut().for_each(|mean| mean.add(chunk.body.start, &own));
                    at += (range.len() + 2) * self.hidden_size;
                }
            }
        })?;
        drop(drafts);
        Ok(means.into_iter().map(|of_text| of_text.into_iter().map(Mean::finish).collect()).collect())
    }

    /// The chunks of a text.
    fn outline(&self, text: &Passages) -> Draft {
        let tokens = self.pieces.tokenize(&text.text, &text.sentences);
        let plan = plan(&tokens.sentences, self.labels.window - 2, |t| tokens.starts_word[t]);
        Draft { tokens, chunks: plan.chunks, ..Draft::default() }
    }
}

/// A mean of the states of some pieces, which may come in several chunks.
struct Mean {
    pieces: std::ops::Range<usize>,
    sum: Vec<f32>,
}

impl Mean {
    /// Adds the states of those pieces that are in a chunk, whose own begin with piece `first`.
    fn add(&mut self, first: usize, states: &[&[f32]]) {
        let last = self.pieces.end.min(first + states.len());
        for piece in self.pieces.start.max(first)..last {
            self.sum.iter_mut().zip(states[piece - first]).for_each(|(sum, x)| *sum += x);
        }
    }

    fn finish(mut self) -> Option<Vec<f32>> {
        let count = self.pieces.len() as f32;
        self.sum.iter_mut().for_each(|x| *x /= count);
        (count > 0.0).then_some(self.sum)
    }
}
