//! From sentences to word pieces: the tokenizer of a model.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use tokenizers::{AddedToken, Encoding, Tokenizer};

use super::tokens::{Tokens, WordShape};
use super::weights::rewritten;
use crate::text::Span;

/// The pieces that mark the source and the target of a pair: BERT's vocabularies hold them unused, others gain them.
const MARKERS: [&str; 2] = ["[unused0]", "[unused1]"];

/// A tokenizer that does not fit the model.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct TokenizerError {
    path: String,
    reason: String,
}

impl TokenizerError {
    fn new(path: &Path, reason: impl ToString) -> Self {
        TokenizerError { path: path.display().to_string(), reason: reason.to_string() }
    }
}

/// The tokenizer of a model, with the special pieces that the encoder needs.
#[derive(Debug)]
pub struct WordPieces {
    tokenizer: Tokenizer,
    /// Index of the piece before a text, `[CLS]` or `<s>`.
    pub cls: i64,
    /// Index of the piece behind a text, `[SEP]` or `</s>`.
    pub sep: i64,
    /// Index of the marker of a pair's source.
    pub source_marker: i64,
    /// Index of the marker of a pair's target.
    pub target_marker: i64,
}

impl WordPieces {
    /// Reads the `tokenizer.json` of a model folder.
    pub fn load(path: &Path) -> Result<Self, TokenizerError> {
        let tokenizer = Tokenizer::from_file(path);
        let unreadable = |e| TokenizerError::new(path, format!("no tokenizer.json that can be read: {e}"));
        Self::of(tokenizer.map_err(unreadable)?, path)
    }

    /// Reads the `tokenizer.json` of a base encoder and makes it one of a model: the first word of a sentence becomes
    /// the pieces that it would become inside, and the markers join a vocabulary that lacks them, behind its end. Also
    /// tells how many pieces the base encoder knows.
    pub fn adopt(path: &Path) -> Result<(Self, i64), TokenizerError> {
        let unreadable = |e: &dyn std::fmt::Display| {
            let way = rewritten(path.parent().unwrap_or(path), "AutoTokenizer");
            TokenizerError::new(path, format!("no tokenizer.json that can be read: {e}; {way}"))
        };
        let text = fs::read_to_string(path).map_err(|e| unreadable(&e))?;
        let mut json: Value = serde_json::from_str(&text).map_err(|e| unreadable(&e))?;
        begin_with_blank(&mut json);
        let mut tokenizer = Tokenizer::from_bytes(json.to_string()).map_err(|e| unreadable(&e))?;
        let known = vocabulary(&tokenizer);
        let markers = MARKERS.iter().filter(|marker| tokenizer.token_to_id(marker).is_none());
        let markers: Vec<AddedToken> = markers.map(|marker| AddedToken::from(*marker, true)).collect();
        let expected = known + markers.len() as i64;
        tokenizer.add_special_tokens(markers).map_err(|e| TokenizerError::new(path, e))?;
        if vocabulary(&tokenizer) != expected {
            return Err(TokenizerError::new(path, "its indices leave some out, so that no piece can join them"));
        }
        Ok((Self::of(tokenizer, path)?, known))
    }

    fn of(mut tokenizer: Tokenizer, path: &Path) -> Result<Self, TokenizerError> {
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| TokenizerError::new(path, e))?;
        // What a document says is text, also where it is the name of a special piece.
        tokenizer.set_encode_special_tokens(true);
        let around = tokenizer.encode("", true).map_err(|e| TokenizerError::new(path, e))?;
        let &[cls, sep] = around.get_ids() else {
            let pieces = around.get_tokens();
            let reason = format!("its post-processor puts {pieces:?} around a text, expected two like [CLS] and [SEP]");
            return Err(TokenizerError::new(path, reason));
        };
        let [source, target] = MARKERS.map(|marker| {
            let lacks = || format!("its vocabulary lacks {marker}, it belongs to another model");
            tokenizer.token_to_id(marker).map(i64::from).ok_or_else(|| TokenizerError::new(path, lacks()))
        });
        Ok(WordPieces { cls: cls.into(), sep: sep.into(), source_marker: source?, target_marker: target?, tokenizer })
    }

    /// Writes the tokenizer as a `tokenizer.json`.
    pub fn save(&self, path: &Path) -> Result<(), TokenizerError> {
        self.tokenizer.save(path, false).map_err(|e| TokenizerError::new(path, e))
    }

    /// Size of the vocabulary.
    pub fn vocabulary(&self) -> i64 {
        vocabulary(&self.tokenizer)
    }

    /// Whether `other` gives every piece the same index.
    pub fn has_vocabulary_of(&self, other: &WordPieces) -> bool {
        self.tokenizer.get_vocab(true) == other.tokenizer.get_vocab(true)
    }

    /// Of each entry of the vocabulary whether it has a letter.
    pub fn lettered(&self) -> Vec<bool> {
        let piece = |id: i64| self.tokenizer.id_to_token(id as u32).unwrap_or_default();
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
        // A tokenizer without truncation has no input that it refuses; were there one, the sentence would be left
        // without pieces, which every stage allows.
        let Ok(encoding) = self.tokenizer.encode(sentence.of(text), false) else { return };
        let spans = spans(&encoding, text, sentence);
        let starts = word_starts(&encoding, &spans, text);
        let mut from = 0;
        while from < spans.len() {
            let to = (from + 1..spans.len()).find(|&t| starts[t]).unwrap_or(spans.len());
            let shape = WordShape::of(Span::new(spans[from].start, spans[to - 1].end).of(text));
            let of_piece = |piece: &Span| if piece.is_empty() { WordShape::Lower } else { shape };
            tokens.shapes.extend(spans[from..to].iter().map(of_piece));
            from = to;
        }
        tokens.ids.extend(encoding.get_ids().iter().map(|&id| i64::from(id)));
        tokens.spans.extend(spans);
        tokens.starts_word.extend(starts);
    }
}

/// How many indices there are up to the last one that is taken.
fn vocabulary(tokenizer: &Tokenizer) -> i64 {
    tokenizer.get_vocab(true).into_values().max().map_or(0, |last| i64::from(last) + 1)
}

/// Has byte-level and SentencePiece tokenizers take the beginning of what they read for the beginning of a word. The
/// former would then take the first letter for the blank when they trim offsets, so they no longer do.
fn begin_with_blank(json: &mut Value) {
    if json["type"] == "Metaspace" && json["prepend_scheme"] == "never" {
        json["prepend_scheme"] = "always".into();
    }
    for (key, value) in [("add_prefix_space", true), ("trim_offsets", false)] {
        if json[key].is_boolean() {
            json[key] = value.into();
        }
    }
    for part in ["pre_tokenizer", "pretokenizers", "post_processor", "processors"] {
        match json.get_mut(part) {
            Some(Value::Array(parts)) => parts.iter_mut().for_each(begin_with_blank),
            Some(part) => begin_with_blank(part),
            None => {}
        }
    }
}

/// Where the pieces stand in `text`, without the blanks around them. A piece that is but a blank stands, empty, at the
/// end of the one before.
fn spans(encoding: &Encoding, text: &str, sentence: Span) -> Vec<Span> {
    const BLANKS: [char; 2] = ['▁', 'Ġ'];
    let mut end = sentence.start;
    let pieces = encoding.get_offsets().iter().zip(encoding.get_tokens());
    let span = |(&(from, to), piece): (&(usize, usize), &String)| {
        let raw = Span::new(sentence.start + from, sentence.start + to);
        let inside = text.get(raw.range()).unwrap_or_default().trim_start();
        // The blank that a tokenizer puts before the first word claims the place of its first letter.
        let put = piece.chars().all(|c| BLANKS.contains(&c)) && !inside.starts_with(BLANKS);
        if inside.is_empty() || put {
            return Span::new(end, end);
        }
        let start = raw.end - inside.len();
        end = start + inside.trim_end().len();
        Span::new(start, end)
    };
    pieces.map(span).collect()
}

static PUNCTUATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[[:punct:]\p{P}]").expect("the pattern is a constant"));

/// Which pieces begin a word: a punctuation mark is a word of its own, as BERT has it, also where the tokenizer takes
/// it for a part of the word before. A blank never begins one.
fn word_starts(encoding: &Encoding, spans: &[Span], text: &str) -> Vec<bool> {
    let words = encoding.get_word_ids();
    let mark = |c: Option<char>| c.is_some_and(|c| PUNCTUATION.is_match(c.encode_utf8(&mut [0; 4])));
    let mut before: Option<usize> = None;
    let begins = |(t, span): (usize, &Span)| {
        if span.is_empty() {
            return false;
        }
        let Some(b) = before.replace(t) else { return true };
        let same = words[b].is_some() && words[b] == words[t];
        // Pieces that share a letter, as those of its bytes do, are never apart.
        let apart = spans[b].end <= span.start;
        !same || (apart && (mark(spans[b].of(text).chars().next_back()) || mark(span.of(text).chars().next())))
    };
    spans.iter().enumerate().map(begins).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The pieces of a text of one sentence and how the tokenizer of `json` has read it: pieces of a word joined by
    /// `-`, words by blanks.
    fn read(json: &Value, text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokenizer.json");
        fs::write(&path, json.to_string()).unwrap();
        let (pieces, known) = WordPieces::adopt(&path).unwrap();
        assert_eq!([pieces.source_marker, pieces.target_marker], [known, known + 1]);
        // What is saved and loaded again is the same.
        pieces.save(&path).unwrap();
        let loaded = WordPieces::load(&path).unwrap();
        let tokens = loaded.tokenize(text, &[Span::new(0, text.len())]);
        assert_eq!(tokens, pieces.tokenize(text, &[Span::new(0, text.len())]));
        assert_eq!((loaded.cls, loaded.sep, loaded.vocabulary()), (0, 1, known + 2));
        assert!(tokens.spans.is_sorted_by_key(|s| s.start) && tokens.spans.is_sorted_by_key(|s| s.end));
        let words = tokens.spans.iter().zip(&tokens.starts_word);
        words.map(|(span, &starts)| format!("{}{}", if starts { " " } else { "-" }, span.of(text))).collect()
    }

    /// Pieces around a text.
    fn around() -> [Value; 2] {
        let special = |id, content| {
            json!({"id": id, "content": content, "special": true, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false})
        };
        let added = json!([special(0, "<s>"), special(1, "</s>")]);
        [
            added,
            json!({"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": true,
            "add_prefix_space": false}),
        ]
    }

    fn byte_level(pre_tokenizer: Value) -> Value {
        let [added, processor] = around();
        let mut pieces = vec!["<s>".to_owned(), "</s>".to_owned()];
        let mut letters: Vec<char> =
            tokenizers::pre_tokenizers::byte_level::ByteLevel::alphabet().into_iter().collect();
        letters.sort_unstable();
        pieces.extend(letters.into_iter().map(String::from));
        pieces.extend(["ĠK", "ab", "ul", "ĠKab", "ĠKabul"].map(str::to_owned));
        let vocabulary: serde_json::Map<_, _> = pieces.into_iter().enumerate().map(|(i, p)| (p, i.into())).collect();
        let merges = [["Ġ", "K"], ["a", "b"], ["u", "l"], ["ĠK", "ab"], ["ĠKab", "ul"]];
        json!({"version": "1.0", "added_tokens": added, "pre_tokenizer": pre_tokenizer, "post_processor": processor,
            "model": {"type": "BPE", "vocab": vocabulary, "merges": merges}})
    }

    #[test]
    fn byte_level_pieces_stand_where_their_letters_do() {
        let plain = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true});
        let tokenizer = byte_level(plain.clone());
        assert_eq!(read(&tokenizer, "Kabul, Kabul."), " Kabul , Kabul .");
        assert_eq!(read(&tokenizer, "Kab  Kabul"), " Kab- Kabul");
        assert_eq!(read(&tokenizer, "ab é 🙂"), "- ab- é-é- 🙂-🙂-🙂-🙂");
        // What a text says is no special piece.
        assert_eq!(read(&tokenizer, "<s>"), "- < s >");
        let nested = json!({"type": "Sequence", "pretokenizers": [plain]});
        assert_eq!(read(&byte_level(nested), "Kabul"), " Kabul");
    }

    #[test]
    fn sentencepiece_pieces_stand_where_their_letters_do() {
        let [added, processor] = around();
        let letters = ('!'..='~').map(|c| json!([c.to_string(), -9.0]));
        let words = [json!(["▁Kabul", -3.0]), json!(["▁", -4.0]), json!(["ab", -3.0])];
        let specials = ["<s>", "</s>", "<unk>"].map(|piece| json!([piece, 0.0]));
        let vocabulary: Vec<Value> = specials.into_iter().chain(letters).chain(words).collect();
        for scheme in ["always", "never"] {
            let tokenizer = json!({"version": "1.0", "added_tokens": added, "post_processor": processor,
                "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": true},
                "model": {"type": "Unigram", "unk_id": 2, "vocab": vocabulary}});
            assert_eq!(read(&tokenizer, "Kabul, Kabul's «ab»"), " Kabul , Kabul ' s- « ab »");
            assert_eq!(read(&tokenizer, "ab x"), "- ab- x");
        }
    }

    #[test]
    fn shapes_are_those_of_whole_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokenizer.json");
        let plain = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true});
        fs::write(&path, byte_level(plain).to_string()).unwrap();
        let tokens = WordPieces::adopt(&path).unwrap().0.tokenize("Kab NATO, a", &[Span::new(0, 11)]);
        use WordShape::*;
        let shapes = [Capital, Lower, Upper, Upper, Upper, Upper, Lower, Lower, Lower];
        assert_eq!(tokens.shapes[..], shapes[..], "{:?}", tokens.spans);
    }
}
