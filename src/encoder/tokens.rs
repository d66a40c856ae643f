//! From sentences to word pieces.

use std::ops::Range;
use std::path::Path;

use tokenizers::Tokenizer;

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

/// A tokenizer that does not fit the model.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct TokenizerError {
    path: String,
    reason: String,
}

/// The word-piece tokenizer of a model, with the special pieces that the encoder needs.
#[derive(Debug)]
pub struct WordPieces {
    tokenizer: Tokenizer,
    /// Index of `[CLS]`.
    pub cls: i64,
    /// Index of `[SEP]`.
    pub sep: i64,
    /// Index of the marker of a pair's source.
    pub source_marker: i64,
    /// Index of the marker of a pair's target.
    pub target_marker: i64,
}

impl WordPieces {
    /// Reads a `tokenizer.json` in the format of Hugging Face tokenizers.
    pub fn load(path: &Path) -> Result<Self, TokenizerError> {
        let error = |reason: String| TokenizerError { path: path.display().to_string(), reason };
        let mut tokenizer =
            Tokenizer::from_file(path).map_err(|e| error(format!("no tokenizer.json that can be read: {e}")))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| error(e.to_string()))?;
        let id = |piece: &str| {
            let id = tokenizer.token_to_id(piece);
            id.map(i64::from).ok_or_else(|| error(format!("its vocabulary lacks {piece}, it belongs to another model")))
        };
        let (cls, sep) = (id("[CLS]")?, id("[SEP]")?);
        let (source_marker, target_marker) = (id("[unused0]")?, id("[unused1]")?);
        Ok(WordPieces { cls, sep, source_marker, target_marker, tokenizer })
    }

    /// Number of entries of the vocabulary.
    pub fn vocabulary(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// Of each entry of the vocabulary whether it has a letter.
    pub fn lettered(&self) -> Vec<bool> {
        let piece = |id: usize| self.tokenizer.id_to_token(id as u32).unwrap_or_default();
        (0..self.vocabulary()).map(|id| piece(id).chars().any(char::is_alphabetic)).collect()
    }

    /// The pieces of `text`, sentence by sentence. What lies between sentences is not read.
    pub fn tokenize(&self, text: &str, sentences: &[Span]) -> Tokens {
        let mut tokens = Tokens::default();
        for sentence in sentences {
            let first = tokens.len();
            self.push_sentence(text, *sentence, &mut tokens);
            tokens.sentences.push(first..tokens.len());
        }
        tokens
    }

    fn push_sentence(&self, text: &str, sentence: Span, tokens: &mut Tokens) {
        // A word-piece tokenizer without truncation has no input that it refuses; were there one, the sentence
        // would be left without pieces, which every stage allows.
        let Ok(encoding) = self.tokenizer.encode(sentence.of(text), false) else { return };
        let words = encoding.get_word_ids();
        let spans: Vec<Span> =
            encoding.get_offsets().iter().map(|&(s, e)| Span::new(sentence.start + s, sentence.start + e)).collect();
        let mut from = 0;
        while from < spans.len() {
            let mut to = from + 1;
            while to < spans.len() && words[to].is_some() && words[to] == words[from] {
                to += 1;
            }
            let shape = WordShape::of(Span::new(spans[from].start, spans[to - 1].end).of(text));
            tokens.ids.extend(encoding.get_ids()[from..to].iter().map(|&id| i64::from(id)));
            tokens.shapes.extend(std::iter::repeat_n(shape, to - from));
            tokens.spans.extend(&spans[from..to]);
            tokens.starts_word.extend((from..to).map(|t| t == from));
            from = to;
        }
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
