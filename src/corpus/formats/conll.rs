//! CoNLL-2003 columns: a token first, its tag last, a blank line between sentences.
//!
//! IOB2, IOB1, BIOES and BILUO tags are read alike, as conlleval and seqeval do; an `I-` that nothing precedes is what
//! IOB1 writes, and a slip in a file that begins names with `B-`. `-DOCSTART-` begins a document; a file without it is
//! one document. Tokens are joined by single blanks, sentences by line ends. Written is IOB2 in four columns, those of
//! part of speech and chunk left open.

use std::path::Path;

use super::choice::apart;
use super::draft::{Draft, DraftMention};
use super::labels::{entity_type, known_types};
use super::remark::{Place, Remark, RemarkKind};
use super::rows::Grow;
use super::{words, Found, Labelled};
use crate::corpus::offsets::Unit;
use crate::document::{EntityType, Metadata};
use crate::text::Span;

/// Why a line is no token with its tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadColumns {
    /// There is only one column.
    #[error("{0:?} has no tag; expected a token, white space and a tag in the last column")]
    NoTag(String),
    /// The tag has no known form.
    #[error("{0:?} is no tag; expected O or a prefix of B, I, E, S, L or U, a hyphen and a type")]
    Tag(String),
}

/// The documents of a file.
#[derive(Default)]
pub(super) struct Columns {
    /// The document that is being read.
    next: Option<Tagged>,
    scheme: Scheme,
}

/// What the tags of a file tell of their scheme.
#[derive(Default)]
struct Scheme {
    /// Whether a `B-` begins a mention where IOB1 would write `I-`.
    begins: bool,
    /// Lines with an `I-` that nothing precedes.
    loose: Vec<usize>,
}

impl Grow for Columns {
    fn take(&mut self, line: usize, text: &str, path: &Path) -> Result<Option<Found>, String> {
        if text.starts_with("-DOCSTART-") {
            let next = self.next.replace(Tagged::new(Some(line)));
            return Ok(next.and_then(|tagged| tagged.finish(path)));
        }
        let document = self.next.get_or_insert_with(|| Tagged::new(None));
        if text.trim().is_empty() {
            document.end_sentence();
        } else {
            let tagged = columns(text).and_then(|(token, tag)| Ok((token, parse_tag(tag)?)));
            let (token, tag) = tagged.map_err(|error| error.to_string())?;
            self.scheme.loose.extend(document.is_loose(&tag).then_some(line));
            self.scheme.begins |= document.is_free(&tag);
            document.push(token, document.joint(), tag, line);
        }
        Ok(None)
    }

    fn end(&mut self, path: &Path) -> Option<Found> {
        let last = self.next.take().and_then(|tagged| tagged.finish(path));
        let loose = if self.scheme.begins { std::mem::take(&mut self.scheme.loose) } else { Vec::new() };
        let place = |line| Place { file: path, line: Some(line) };
        let remarks: Vec<Remark> =
            loose.into_iter().map(|line| place(line).remark(RemarkKind::LooseTag, "I- without B-")).collect();
        match last {
            Some(mut found) => {
                found.remarks.extend(remarks);
                Some(found)
            }
            None => (!remarks.is_empty()).then_some(Found { document: None, remarks }),
        }
    }
}

/// What a tag says of the mention that its token may belong to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tag {
    Outside,
    /// `B` begins one, `S` and `U` are whole ones.
    First {
        kind: Kind,
        last: bool,
    },
    /// `I` goes on, `E` and `L` end; without one to go on with they begin one, as IOB1 has it.
    Inside {
        kind: Kind,
        last: bool,
    },
}

/// A type, or the name of one that is not known.
pub(super) type Kind = Result<EntityType, String>;

fn columns(line: &str) -> Result<(&str, &str), BadColumns> {
    let mut fields = line.split([' ', '\t']).filter(|f| !f.is_empty());
    match (fields.next(), fields.next_back()) {
        (Some(token), Some(tag)) => Ok((token, tag)),
        _ => Err(BadColumns::NoTag(line.to_owned())),
    }
}

pub(super) fn parse_tag(tag: &str) -> Result<Tag, BadColumns> {
    if tag == "O" {
        return Ok(Tag::Outside);
    }
    let (prefix, name) = tag.split_once('-').ok_or_else(|| BadColumns::Tag(tag.to_owned()))?;
    let kind = entity_type(name).ok_or_else(|| name.to_owned());
    match prefix {
        "B" => Ok(Tag::First { kind, last: false }),
        "S" | "U" => Ok(Tag::First { kind, last: true }),
        "I" => Ok(Tag::Inside { kind, last: false }),
        "E" | "L" => Ok(Tag::Inside { kind, last: true }),
        _ => Err(BadColumns::Tag(tag.to_owned())),
    }
}

/// A text that grows token by token, with tags.
pub(super) struct Tagged {
    line: Option<usize>,
    text: String,
    tokens: Vec<Span>,
    sentences: Vec<Span>,
    /// Where the sentence began, when it has a token.
    sentence: Option<usize>,
    mentions: Vec<(Span, Kind, usize)>,
    /// Whether the last mention may go on.
    open: bool,
}

impl Tagged {
    pub fn new(line: Option<usize>) -> Self {
        Tagged {
            line,
            text: String::new(),
            tokens: Vec::new(),
            sentences: Vec::new(),
            sentence: None,
            mentions: Vec::new(),
            open: false,
        }
    }

    /// What stands before the next token where columns alone tell it.
    fn joint(&self) -> &'static str {
        match (self.sentence, self.text.is_empty()) {
            (Some(_), _) => " ",
            (None, false) => "\n",
            (None, true) => "",
        }
    }

    /// Whether the tag is an `I-` that nothing precedes.
    fn is_loose(&self, tag: &Tag) -> bool {
        matches!(tag, Tag::Inside { kind, .. } if !self.goes_on(kind))
    }

    /// Whether the tag begins a mention with a `B-` that IOB1 would not write.
    fn is_free(&self, tag: &Tag) -> bool {
        matches!(tag, Tag::First { kind, last: false } if !self.goes_on(kind))
    }

    fn goes_on(&self, kind: &Kind) -> bool {
        self.open && self.mentions.last().is_some_and(|(_, last, _)| last == kind)
    }

    /// Appends a token behind `blank`, which is what stands between it and the token before it.
    pub fn push(&mut self, token: &str, blank: &str, tag: Tag, line: usize) {
        self.text.push_str(blank);
        let span = Span::new(self.text.len(), self.text.len() + token.len());
        self.sentence.get_or_insert(span.start);
        self.text.push_str(token);
        self.tokens.push(span);
        match tag {
            Tag::Outside => self.open = false,
            Tag::Inside { kind, last } if self.goes_on(&kind) => {
                if let Some((mention, ..)) = self.mentions.last_mut() {
                    mention.end = span.end;
                }
                self.open = !last;
            }
            Tag::First { kind, last } | Tag::Inside { kind, last } => {
                self.mentions.push((span, kind, line));
                self.open = !last;
            }
        }
    }

    pub fn end_sentence(&mut self) {
        self.open = false;
        if let Some(start) = self.sentence.take() {
            self.sentences.push(Span::new(start, self.text.len()));
        }
    }

    /// The document, unless it has no token.
    fn finish(self, path: &Path) -> Option<Found> {
        let place = Place { file: path, line: self.line };
        let meta = Metadata { id: place.default_id(), ..Metadata::default() };
        self.into_found(meta, "", path)
    }

    /// The document with its metadata and what stands behind its last token, unless it has none.
    pub fn into_found(mut self, meta: Metadata, behind: &str, path: &Path) -> Option<Found> {
        self.end_sentence();
        self.text.push_str(behind);
        if self.tokens.is_empty() {
            return None;
        }
        let mut draft = Draft::new(&self.text, Unit::Chars, Place { file: path, line: self.line });
        for (span, kind, line) in self.mentions {
            match kind {
                Ok(kind) => {
                    draft.mention(DraftMention::name(span, kind));
                }
                Err(name) => draft.remark_at(
                    line,
                    RemarkKind::UnknownLabel,
                    format_args!("{name:?} is no known entity type; known are {}", known_types()),
                ),
            }
        }
        Some(draft.finish(meta, Some(self.sentences), self.tokens))
    }
}

/// The tokens of a document by sentence, each with its tag in IOB2.
///
/// Tokens end where names and sentences do. Of names that overlap the longer counts.
pub(super) fn tagged(document: &Labelled) -> Vec<Vec<(Span, String)>> {
    let a = &document.annotation;
    let names = apart(a.mentions.iter().filter(|m| m.named));
    let ends = |span: Span| [span.start, span.end];
    let borders = names.iter().flat_map(|m| ends(m.span)).chain(a.sentences.iter().flat_map(|&s| ends(s)));
    let mut sentences: Vec<Vec<(Span, String)>> = vec![Vec::new(); a.sentences.len().max(1)];
    let (mut next, mut begun) = (0, None);
    for token in words::tokens(&a.text, &document.tokens, borders) {
        while next < names.len() && names[next].span.end <= token.start {
            next += 1;
        }
        let sentence = a.sentence_at(token.start).unwrap_or(0);
        let tag = match names.get(next).filter(|m| m.span.overlaps(token)) {
            None => "O".to_owned(),
            Some(m) if begun == Some((next, sentence)) => format!("I-{}", m.kind),
            Some(m) => format!("B-{}", m.kind),
        };
        begun = (tag != "O").then_some((next, sentence));
        sentences[sentence].push((token, tag));
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// The lines of a document.
pub(super) fn render(document: &Labelled) -> String {
    let text = &document.annotation.text;
    let mut out = "-DOCSTART- -X- -X- O\n\n".to_owned();
    for sentence in tagged(document) {
        for (token, tag) in sentence {
            out += &format!("{} -X- -X- {tag}\n", token.of(text));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::rows::documents;
    use super::*;

    fn check(file: &str, expected: &[&str]) {
        let show = |found: Found| {
            let Labelled { annotation: a, .. } = found.document.unwrap_or_default();
            let mut marked = a.text.clone();
            for m in a.mentions.iter().rev() {
                marked.replace_range(m.span.range(), &format!("[{}|{}]", m.span.of(&a.text), m.kind));
            }
            let ends: Vec<_> = a.sentences.iter().map(|s| s.of(&a.text).split(' ').count()).collect();
            let remarks: Vec<_> =
                found.remarks.iter().map(|r| format!(" ({:?} {})", r.kind, r.line.unwrap())).collect();
            format!("{} {ends:?} {marked}{}", a.meta.id, remarks.concat())
        };
        let documents = documents(Path::new("f"), file.as_bytes(), Columns::default());
        let found: Vec<_> = documents.map(|d| d.map_or_else(|e| e.to_string(), show)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_scheme_gives_the_same_mentions() {
        let same = ["f [4, 1] [New York|LOC] [Paris|LOC] met\n[Macron|PER]"];
        check("New B-LOC\nYork I-LOC\nParis B-LOC\nmet O\n\nMacron B-PER\n", &same);
        check("New I-LOC\nYork I-LOC\nParis B-LOC\nmet O\n\nMacron I-PER", &same);
        check("\nNew B-LOC\nYork E-LOC\nParis S-LOC\nmet O\n\n\nMacron S-PER\n\n", &same);
        check(
            "New\tNNP\tB-LOC\r\nYork\tNNP\tL-LOC\r\nParis NNP U-country\r\nmet VB O\r\n\r\nMacron NNP U-politician",
            &same,
        );
        check("New I-LOC\nYork L-LOC\nParis I-LOC\nmet O\n\nMacron I-PER\n", &same);
    }

    #[test]
    fn documents_begin_at_their_marks() {
        check("-DOCSTART- -X- -X- O\n\na O\n\n-DOCSTART- O\n\nB I-ORG\n", &["f:1 [1] a", "f:5 [1] [B|ORG]"]);
        check("", &[]);
        check("\n\n", &[]);
        check("-DOCSTART- O\n", &[]);
    }

    #[test]
    fn errors_name_line_and_remedy() {
        check("a O\nb\n", &["f:2: \"b\" has no tag; expected a token, white space and a tag in the last column"]);
        check(
            "a X-PER\n",
            &["f:1: \"X-PER\" is no tag; expected O or a prefix of B, I, E, S, L or U, a hyphen and a type"],
        );
        check("a O\nb B-DRUG\nc I-DRUG\nd B-PER\n", &["f [4] a b c [d|PER] (UnknownLabel 2)"]);
    }

    #[test]
    fn an_i_without_b_is_a_slip_only_where_names_begin_with_b() {
        check("a B-PER\nb O\nc I-ORG\n", &["f [3] [a|PER] b [c|ORG] (LooseTag 3)"]);
        check("a I-PER\nb B-PER\nc I-ORG\n", &["f [3] [a|PER] [b|PER] [c|ORG]"]);
    }
}
