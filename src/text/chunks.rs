//! Chunks: the units that the encoder reads.

use std::ops::Range;

/// How many sentences before a chunk are read along as its left context.
pub const CONTEXT_SENTENCES: usize = 2;

/// A run of tokens that the encoder reads at once.
///
/// The two ranges count the document's tokens and touch: `context.end == body.start`. The bodies of a document's
/// chunks cover every token exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Tokens that are read but belong to an earlier chunk.
    pub context: Range<usize>,
    /// Tokens that are this chunk's own.
    pub body: Range<usize>,
}

impl Chunk {
    /// Context and body together.
    pub fn tokens(&self) -> Range<usize> {
        self.context.start..self.body.end
    }
}

/// The chunks of a document, and how many of its sentences had to be cut.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChunkPlan {
    /// Chunks in the order of the text.
    pub chunks: Vec<Chunk>,
    /// Sentences longer than the window, which were split at a token boundary.
    pub split_sentences: usize,
}

/// Plans chunks of at most `window` tokens over sentences that are the token ranges `sentences`.
///
/// A body is as many whole sentences as fit beside the two sentences before it. Where a sentence and its context do
/// not fit together the context gives way, the farther sentence first; a sentence longer than the window is cut into
/// pieces of a window each, and `starts_word` moves each cut back to the start of a word where it can.
pub fn plan(sentences: &[Range<usize>], window: usize, starts_word: impl Fn(usize) -> bool) -> ChunkPlan {
    assert!(window > 0, "a window holds at least one token");
    let mut plan = ChunkPlan::default();
    let mut next = 0;
    while next < sentences.len() {
        let start = sentences[next].start;
        if sentences[next].len() > window {
            plan.split_sentences += 1;
            cut_sentence(sentences[next].clone(), window, &starts_word, &mut plan.chunks);
            next += 1;
            continue;
        }
        let context = (next.saturating_sub(CONTEXT_SENTENCES)..next)
            .map(|s| sentences[s].start)
            .find(|&from| sentences[next].end - from <= window)
            .unwrap_or(start);
        let mut last = next;
        while last + 1 < sentences.len() && sentences[last + 1].end - context <= window {
            last += 1;
        }
        plan.chunks.push(Chunk { context: context..start, body: start..sentences[last].end });
        next = last + 1;
    }
    plan
}

/// Cuts one long sentence into bodies without context.
fn cut_sentence(sentence: Range<usize>, window: usize, starts_word: &impl Fn(usize) -> bool, chunks: &mut Vec<Chunk>) {
    let mut at = sentence.start;
    while at < sentence.end {
        let limit = sentence.end.min(at + window);
        let cut = if limit == sentence.end {
            limit
        } else {
            (at + 1..=limit).rev().find(|&t| starts_word(t)).unwrap_or(limit)
        };
        chunks.push(Chunk { context: at..at, body: at..cut });
        at = cut;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(lengths: &[usize]) -> Vec<Range<usize>> {
        lengths
            .iter()
            .scan(0, |at, &n| {
                let range = *at..*at + n;
                *at += n;
                Some(range)
            })
            .collect()
    }

    fn show(lengths: &[usize], window: usize) -> Vec<(Range<usize>, Range<usize>)> {
        plan(&ranges(lengths), window, |_| true).chunks.into_iter().map(|c| (c.context, c.body)).collect()
    }

    #[test]
    fn a_short_document_is_one_chunk() {
        assert_eq!(show(&[3, 4], 10), [(0..0, 0..7)]);
        assert_eq!(show(&[], 10), []);
    }

    #[test]
    fn the_two_sentences_before_are_context_and_give_way_when_too_long() {
        assert_eq!(show(&[4, 4, 4, 4], 12), [(0..0, 0..12), (4..12, 12..16)]);
        assert_eq!(show(&[4, 4, 4, 8], 12), [(0..0, 0..12), (8..12, 12..20)]);
        assert_eq!(show(&[4, 8, 10], 12), [(0..0, 0..12), (12..12, 12..22)]);
    }

    #[test]
    fn a_long_sentence_is_cut_at_words_and_counted() {
        let plan = plan(&ranges(&[2, 7, 2]), 3, |t| t != 5);
        assert_eq!(plan.split_sentences, 1);
        let bodies: Vec<_> = plan.chunks.iter().map(|c| c.body.clone()).collect();
        assert_eq!(bodies, [0..2, 2..4, 4..7, 7..9, 9..11]);
    }

    #[test]
    fn bodies_cover_every_token_once_within_the_window() {
        for seed in 1..200_usize {
            let lengths: Vec<usize> = (0..seed % 9).map(|i| (seed * 7919 + i * 104_729) % 23 + 1).collect();
            let window = seed % 11 + 5;
            let plan = plan(&ranges(&lengths), window, |t| t % 3 != 0);
            let mut at = 0;
            for chunk in &plan.chunks {
                assert_eq!(chunk.body.start, at);
                assert_eq!(chunk.context.end, chunk.body.start);
                assert!(chunk.tokens().len() <= window && !chunk.body.is_empty());
                at = chunk.body.end;
            }
            assert_eq!(at, lengths.iter().sum::<usize>());
        }
    }
}
