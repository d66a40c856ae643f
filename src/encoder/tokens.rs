//! Word pieces of a text, in parallel lists.

use std::ops::Range;

use crate::text::Span;

/// Shape of a word, which an uncased vocabulary loses; given to the encoder as token type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum WordShape {
    /// No capital letter, or no letter at all.
    Lower = 0,
    /// A capital letter followed by something else than only capitals.
    Capital = 1,
    /// Capitals only.
    Upper = 2,
    /// Capitals inside.
    Other = 3,
}

impl WordShape {
    /// How many shapes there are: the size of the token-type vocabulary.
    pub const COUNT: i64 = 4;

    /// The shape of `word`.
    pub fn of(word: &str) -> Self {
        let mut letters = word.chars().filter(|c| c.is_alphabetic());
        let Some(first) = letters.next() else { return WordShape::Lower };
        let (upper, all) = letters.fold((0, 0), |(u, n), c| (u + usize::from(c.is_uppercase()), n + 1));
        match (first.is_uppercase(), upper) {
            (true, u) if u == all && all > 0 => WordShape::Upper,
            (true, 0) => WordShape::Capital,
            (false, 0) => WordShape::Lower,
            _ => WordShape::Other,
        }
    }
}

/// The word pieces of a document, in parallel lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tokens {
    /// Vocabulary index of each piece.
    pub ids: Vec<i64>,
    /// Shape of the word that each piece belongs to.
    pub shapes: Vec<WordShape>,
    /// Where each piece stands in the document.
    pub spans: Vec<Span>,
    /// Whether the piece is the first of its word.
    pub starts_word: Vec<bool>,
    /// The pieces of each sentence.
    pub sentences: Vec<Range<usize>>,
}

impl Tokens {
    /// Number of pieces.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no piece.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Index of the first piece that ends after the byte `offset`.
    pub fn at(&self, offset: usize) -> usize {
        self.spans.partition_point(|s| s.end <= offset)
    }

    /// The pieces that `span` touches.
    pub fn covering(&self, span: Span) -> Range<usize> {
        let first = self.at(span.start);
        let last = self.spans.partition_point(|s| s.start < span.end);
        first..last.max(first)
    }

    /// Index of the sentence that holds piece `token`.
    pub fn sentence_of(&self, token: usize) -> usize {
        self.sentences.partition_point(|s| s.end <= token)
    }
}

#[cfg(test)]
mod tests {
    use super::WordShape;

    #[test]
    fn shapes_of_words() {
        let shapes = ["the", "Taliban", "NATO", "McDonald", "2024", "I", "é", "Éa", "iPhone", "U"].map(WordShape::of);
        use WordShape::*;
        assert_eq!(shapes, [Lower, Capital, Upper, Other, Lower, Capital, Lower, Capital, Other, Capital]);
    }
}
