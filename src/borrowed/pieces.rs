//! Texts in the pieces of a borrowed model's tokenizer.

use std::ops::Range;
use std::path::Path;

use tokenizers::Tokenizer;
use unicode_normalization::char::is_combining_mark;

use super::classifier::Sequence;
use super::folder::Folder;
use crate::model::ModelError;
use crate::text::Span;

/// The pieces of some sentences, in parallel lists.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Vocabulary index of each piece.
    pub ids: Vec<i64>,
    /// Where each piece stands in the text, without white space; empty where it is nothing else.
    pub spans: Vec<Span>,
    /// Whether the piece is the first of a word, with the white space before it: a run of letters and digits, a mark,
    /// or in scripts without spaces the piece itself.
    pub starts_word: Vec<bool>,
    /// The pieces of each sentence.
    pub sentences: Vec<Range<usize>>,
}

impl Cut {
    /// Where the pieces of `range` stand.
    pub fn span(&self, range: Range<usize>) -> Span {
        let mut inked = self.spans[range].iter().filter(|span| !span.is_empty());
        let first = inked.next().copied().unwrap_or_default();
        Span::new(first.start, inked.map(|span| span.end).fold(first.end, usize::max))
    }
}

/// A tokenizer, with the special pieces that it puts around texts.
pub(super) struct Pieces {
    tokenizer: Tokenizer,
    frame: Frame,
}

/// The special pieces around a text or around and between two, with their types, and the types of the texts.
#[derive(Debug, Default)]
struct Frame {
    special: [Vec<(i64, i64)>; 3],
    types: [i64; 2],
}

impl Pieces {
    /// Reads the tokenizer of a folder, for sequences of one text or two.
    pub fn load(folder: &Folder, texts: usize) -> Result<Self, ModelError> {
        let path = folder.path.join("tokenizer.json");
        Self::read(&path, folder, texts).map_err(|reason| ModelError::Content { path, reason })
    }

    fn read(path: &Path, folder: &Folder, texts: usize) -> Result<Self, String> {
        let tokenizer = Tokenizer::from_file(path).map_err(|e| format!("no tokenizer.json that can be read: {e}"))?;
        let pieces = Self::of(tokenizer, texts)?;
        let last = pieces.tokenizer.get_vocab(true).into_values().max().map_or(0, |id| id as usize + 1);
        if last > folder.vocabulary {
            return Err(format!(
                "{last} pieces, but config.json says vocab_size {}; it belongs to another model",
                folder.vocabulary
            ));
        }
        if folder.window < pieces.special() + LEAST_ROOM {
            let (special, window) = (pieces.special(), folder.window);
            return Err(format!("{special} special pieces in a window of {window} leave no room for texts"));
        }
        Ok(pieces)
    }

    fn of(mut tokenizer: Tokenizer, texts: usize) -> Result<Self, String> {
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| e.to_string())?;
        // A text that has "[SEP]" in it speaks of it (I8).
        tokenizer.set_encode_special_tokens(true);
        let frame = Frame::of(&tokenizer, texts)?;
        Ok(Pieces { tokenizer, frame })
    }

    /// Number of special pieces of a sequence.
    pub fn special(&self) -> usize {
        self.frame.special.iter().map(Vec::len).sum()
    }

    /// Number of special pieces before the first text.
    pub fn leading(&self) -> usize {
        self.frame.special[0].len()
    }

    /// The pieces of `text`, sentence by sentence, each in the form that it has within a text.
    pub fn cut(&self, text: &str, sentences: &[Span]) -> Cut {
        let mut cut = Cut::default();
        for sentence in sentences {
            let first = cut.ids.len();
            self.push_sentence(text, *sentence, &mut cut);
            cut.sentences.push(first..cut.ids.len());
        }
        cut
    }

    fn push_sentence(&self, text: &str, sentence: Span, cut: &mut Cut) {
        // Byte-level vocabularies write a word otherwise when no space stands before it.
        let lead = if sentence.start > 0 { " " } else { "" };
        // A tokenizer that refuses a text leaves the sentence without pieces, which every stage allows.
        let Ok(encoding) = self.tokenizer.encode(format!("{lead}{}", sentence.of(text)), false) else { return };
        let place = |at: usize| boundary(text, (sentence.start + at).saturating_sub(lead.len()).max(sentence.start));
        let (from_piece, mut end) = (cut.ids.len(), sentence.start);
        for (&id, &(from, to)) in encoding.get_ids().iter().zip(encoding.get_offsets()) {
            let whole = Span::new(place(from), place(to).min(sentence.end));
            let trimmed = whole.of(text).trim_start();
            let start = whole.end - trimmed.len();
            let span = if trimmed.is_empty() {
                Span::new(whole.start, whole.start)
            } else {
                Span::new(start, start + trimmed.trim_end().len())
            };
            let first = !span.is_empty() && span.start >= end && begins_word(text, span.start);
            // White space that is a piece of its own belongs to the word behind it, as its first piece.
            let blank = cut.spans[from_piece..].last().is_some_and(|before| before.is_empty());
            if let Some(before) = cut.starts_word.last_mut().filter(|_| first && blank) {
                *before = true;
            }
            cut.ids.push(i64::from(id));
            cut.spans.push(span);
            cut.starts_word.push(first && !blank);
            end = end.max(span.end);
        }
    }

    /// The pieces of a text that is no part of another.
    pub fn ids(&self, text: &str) -> Vec<i64> {
        let encoding = self.tokenizer.encode(text, false);
        encoding.map_or_else(|_| Vec::new(), |e| e.get_ids().iter().map(|&id| i64::from(id)).collect())
    }

    /// A text with the special pieces, or two.
    pub fn sequence(&self, texts: &[&[i64]]) -> Sequence {
        let mut sequence = Sequence { ids: Vec::new(), types: Vec::new() };
        for (n, special) in self.frame.special.iter().enumerate() {
            sequence.ids.extend(special.iter().map(|(id, _)| id));
            sequence.types.extend(special.iter().map(|(_, kind)| kind));
            if let Some(text) = texts.get(n) {
                sequence.ids.extend_from_slice(text);
                sequence.types.extend(std::iter::repeat_n(self.frame.types[n], text.len()));
            }
        }
        sequence
    }
}

/// Least number of pieces that must find room beside the special ones.
const LEAST_ROOM: usize = 8;

impl Frame {
    /// What the tokenizer puts around one text or two.
    fn of(tokenizer: &Tokenizer, texts: usize) -> Result<Frame, String> {
        let encoding = if texts == 1 { tokenizer.encode("a", true) } else { tokenizer.encode(("a", "a"), true) };
        let encoding = encoding.map_err(|e| format!("cannot read a letter: {e}"))?;
        let mut frame = Frame::default();
        let mut seen = 0;
        let pieces = encoding.get_sequence_ids().into_iter().zip(encoding.get_ids()).zip(encoding.get_type_ids());
        for ((text, &id), &kind) in pieces {
            match text {
                None => frame.special[seen].push((i64::from(id), i64::from(kind))),
                Some(text) => {
                    seen = text + 1;
                    frame.types[text] = i64::from(kind);
                }
            }
        }
        if seen != texts {
            return Err("it makes nothing of the letter a".to_owned());
        }
        if texts == 2 && frame.special[1].is_empty() {
            return Err("it puts nothing between two texts, as a model of pairs of texts needs".to_owned());
        }
        Ok(frame)
    }
}

/// The last character boundary up to `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Whether a word may begin at the byte `at`.
fn begins_word(text: &str, at: usize) -> bool {
    let part_of_word = |c: char| (c.is_alphanumeric() || is_combining_mark(c)) && !is_unspaced(c);
    let before = text[..at].chars().next_back();
    let here = text[at..].chars().next();
    !(before.is_some_and(part_of_word) && here.is_some_and(part_of_word))
}

/// Whether the script of the letter sets no spaces between words: Thai, Lao, Khmer, Burmese, Chinese, Japanese.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{31FF}'
        | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tokenizer whose pieces are the letters of the text in this form.
    fn letters(pre_tokenizer: serde_json::Value, alphabet: &str) -> Pieces {
        let special = ["<s>", "</s>", "<unk>"].map(str::to_owned);
        let vocabulary = special.into_iter().chain(alphabet.chars().map(String::from)).enumerate();
        let tokenizer = serde_json::json!({
            "version": "1.0", "added_tokens": [], "normalizer": null, "decoder": null,
            "pre_tokenizer": pre_tokenizer,
            "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0],
                               "trim_offsets": true, "add_prefix_space": false},
            "model": {"type": "BPE", "unk_token": "<unk>", "merges": [],
                      "vocab": vocabulary.map(|(id, piece)| (piece, id)).collect::<std::collections::HashMap<_, _>>()},
        });
        Pieces::of(Tokenizer::from_bytes(tokenizer.to_string()).unwrap(), 2).unwrap()
    }

    /// The pieces of the sentences of a text, `|` before those that begin a word.
    fn show(pieces: &Pieces, text: &str) -> String {
        let cut = pieces.cut(text, &crate::text::sentences(text));
        assert_eq!(cut.sentences.last().unwrap().end, cut.ids.len());
        let piece = |t: usize| format!("{}{}", if cut.starts_word[t] { "|" } else { "" }, cut.spans[t].of(text));
        let show = |sentence: &Range<usize>| sentence.clone().map(piece).collect::<Vec<_>>().join(" ");
        cut.sentences.iter().map(show).collect::<Vec<_>>().join(" / ")
    }

    #[test]
    fn pieces_stand_where_their_letters_are_in_byte_level_and_in_sentence_piece_vocabularies() {
        let byte_level = serde_json::json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true});
        let byte_level = letters(byte_level, "abZoÃ«Ġ.");
        // A letter of two bytes is two pieces at one place; a space is an empty piece, the first of the word behind it.
        assert_eq!(show(&byte_level, "Zoë ab. Zo."), "|Z o ë ë | a b |. / | Z o |.");
        // Within a text a word has a space before it, whatever stands there.
        let cut = byte_level.cut("ab.\nab.", &[Span::new(0, 3), Span::new(4, 7)]);
        assert_eq!(cut.ids[cut.sentences[1].clone()], [&[9], &cut.ids[cut.sentences[0].clone()]].concat());
        let metaspace =
            serde_json::json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true});
        let metaspace = letters(metaspace, "abZoë▁.");
        assert_eq!(show(&metaspace, "Zoë ab. Zo."), "|Z Z o ë | a b |. / | Z o |.");
    }

    #[test]
    fn two_texts_have_special_pieces_around_and_between() {
        let metaspace =
            serde_json::json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true});
        let pieces = letters(metaspace, "ab▁");
        let sequence = pieces.sequence(&[&[3, 4], &[5]]);
        assert_eq!((sequence.ids, sequence.types), (vec![0, 3, 4, 1, 1, 5, 1], vec![0; 7]));
        assert_eq!((pieces.special(), pieces.leading()), (4, 1));
    }

    #[test]
    fn words_begin_at_letters_behind_none_at_marks_and_at_every_letter_of_unspaced_scripts() {
        let begins = |text: &str| {
            text.char_indices().map(|(at, _)| if begins_word(text, at) { '^' } else { '.' }).collect::<String>()
        };
        for (text, expected) in
            [("Iran's 2nd U.S.", "^...^^^^..^^^^^"), ("e\u{301}te\u{301}", "^...."), ("中国と", "^^^")]
        {
            assert_eq!(begins(text), expected, "{text}");
        }
    }
}
