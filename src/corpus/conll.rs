//! CoNLL columns: a token first, its tag last, a blank line between sentences.
//!
//! IOB2, IOB1, BIOES and BILUO tags are read alike. `-DOCSTART-` begins a document; a file without
//! it is one document. Tokens are joined by single blanks, sentences by line ends.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::lines::{Line, Lines};
use super::source::{open, LINE_LIMIT};
use super::Reject;
use crate::document::{Annotation, Entity, EntityIx, EntityType, Mention, Probability};
use crate::text::Span;

/// Names that corpora give to types, in small letters, and ours; CrossNER's for politics among them.
const TYPES: [(&str, EntityType); 20] = [
    ("per", EntityType::Per),
    ("person", EntityType::Per),
    ("politician", EntityType::Per),
    ("org", EntityType::Org),
    ("organisation", EntityType::Org),
    ("organization", EntityType::Org),
    ("politicalparty", EntityType::Org),
    ("loc", EntityType::Loc),
    ("location", EntityType::Loc),
    ("country", EntityType::Loc),
    ("gpe", EntityType::Loc),
    ("fac", EntityType::Loc),
    ("misc", EntityType::Misc),
    ("miscellaneous", EntityType::Misc),
    ("norp", EntityType::Misc),
    ("event", EntityType::Misc),
    ("election", EntityType::Misc),
    ("language", EntityType::Misc),
    ("law", EntityType::Misc),
    ("work_of_art", EntityType::Misc),
];

/// Why a line is no token with its tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadColumns {
    /// There is only one column.
    #[error("{0:?} has no tag; expected a token, white space and a tag in the last column")]
    NoTag(String),
    /// The tag has no known form.
    #[error("{0:?} is no tag; expected O or a prefix of B, I, E, S, L or U, a hyphen and a type")]
    Tag(String),
    /// The type is unknown.
    #[error("{0:?} is no known entity type; known are {known}", known = known_types())]
    Type(String),
}

fn known_types() -> String {
    TYPES.map(|(name, _)| name).join(", ")
}

/// Reads the documents of a file one after the other; the first error ends the file.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Result<Annotation, Reject>> + Send, Reject> {
    let reader = open(path).map_err(|e| Reject::new(path, None, e))?;
    Ok(Documents { path: path.to_owned(), lines: Lines::new(reader, LINE_LIMIT), next: None, done: false })
}

struct Documents<R> {
    path: PathBuf,
    lines: Lines<R>,
    /// The document that is being read.
    next: Option<Builder>,
    done: bool,
}

impl<R: BufRead> Documents<R> {
    /// Takes a line in; gives a document when the line begins the next one.
    fn take(&mut self, line: Line) -> Result<Option<Annotation>, Reject> {
        let reject = |reason: &dyn std::fmt::Display| Reject::new(&self.path, Some(line.number), reason);
        let text = line.text.map_err(|e| reject(&e))?;
        if text.starts_with("-DOCSTART-") {
            let id = format!("{}:{}", self.path.display(), line.number);
            return Ok(self.next.replace(Builder::new(id)).and_then(Builder::finish));
        }
        let doc = self.next.get_or_insert_with(|| Builder::new(self.path.display().to_string()));
        if text.trim().is_empty() {
            doc.end_sentence();
        } else {
            let (token, tag) = columns(&text).map_err(|e| reject(&e))?;
            doc.push(token, tag);
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for Documents<R> {
    type Item = Result<Annotation, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            let Some(line) = self.lines.next() else {
                self.done = true;
                return self.next.take().and_then(Builder::finish).map(Ok);
            };
            match self.take(line) {
                Ok(None) => {}
                Ok(Some(document)) => return Some(Ok(document)),
                Err(reject) => {
                    self.done = true;
                    return Some(Err(reject));
                }
            }
        }
        None
    }
}

/// What a tag says of the mention that its token may belong to.
#[derive(Clone, Copy, PartialEq)]
enum Tag {
    Outside,
    /// `B` begins one, `S` and `U` are whole ones.
    First {
        kind: EntityType,
        last: bool,
    },
    /// `I` goes on, `E` and `L` end; without one to go on with they begin one, as IOB1 has it.
    Inside {
        kind: EntityType,
        last: bool,
    },
}

fn columns(line: &str) -> Result<(&str, Tag), BadColumns> {
    let mut fields = line.split([' ', '\t']).filter(|f| !f.is_empty());
    match (fields.next(), fields.next_back()) {
        (Some(token), Some(tag)) => Ok((token, parse_tag(tag)?)),
        _ => Err(BadColumns::NoTag(line.to_owned())),
    }
}

fn parse_tag(tag: &str) -> Result<Tag, BadColumns> {
    if tag == "O" {
        return Ok(Tag::Outside);
    }
    let (prefix, name) = tag.split_once('-').ok_or_else(|| BadColumns::Tag(tag.to_owned()))?;
    let lower = name.to_lowercase();
    let found = TYPES.iter().find(|(known, _)| *known == lower);
    let kind = found.map(|&(_, kind)| kind).ok_or_else(|| BadColumns::Type(name.to_owned()))?;
    match prefix {
        "B" => Ok(Tag::First { kind, last: false }),
        "S" | "U" => Ok(Tag::First { kind, last: true }),
        "I" => Ok(Tag::Inside { kind, last: false }),
        "E" | "L" => Ok(Tag::Inside { kind, last: true }),
        _ => Err(BadColumns::Tag(tag.to_owned())),
    }
}

/// A document that grows token by token.
struct Builder {
    out: Annotation,
    /// Where the sentence began, when it has a token.
    sentence: Option<usize>,
    /// Whether the last mention may go on.
    open: bool,
}

impl Builder {
    fn new(id: String) -> Self {
        let mut out = Annotation::default();
        out.meta.id = id;
        Builder { out, sentence: None, open: false }
    }

    fn push(&mut self, token: &str, tag: Tag) {
        let text = &mut self.out.text;
        match self.sentence {
            Some(_) => text.push(' '),
            None if !text.is_empty() => text.push('\n'),
            None => {}
        }
        let span = Span::new(text.len(), text.len() + token.len());
        self.sentence.get_or_insert(span.start);
        text.push_str(token);
        match tag {
            Tag::Outside => self.open = false,
            Tag::First { kind, last } => self.begin(span, kind, last),
            Tag::Inside { kind, last } => match self.out.mentions.last_mut() {
                Some(mention) if self.open && mention.kind == kind => {
                    mention.span.end = span.end;
                    self.open = !last;
                }
                _ => self.begin(span, kind, last),
            },
        }
    }

    fn begin(&mut self, span: Span, kind: EntityType, last: bool) {
        let entity = EntityIx(self.out.mentions.len() as u32);
        self.out.mentions.push(Mention { entity, span, kind, named: true, score: Probability::ONE });
        self.open = !last;
    }

    fn end_sentence(&mut self) {
        self.open = false;
        if let Some(start) = self.sentence.take() {
            self.out.sentences.push(Span::new(start, self.out.text.len()));
        }
    }

    /// The document, unless it has no token.
    fn finish(mut self) -> Option<Annotation> {
        self.end_sentence();
        let Annotation { text, mentions, entities, .. } = &mut self.out;
        entities.extend(mentions.iter().enumerate().map(|(i, m)| Entity {
            id: format!("e{}", i + 1),
            name: m.span.of(text).to_owned(),
            kind: m.kind,
            actor: None,
            score: Probability::ONE,
        }));
        (!text.is_empty()).then_some(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expected: &[&str]) {
        let lines = Lines::new(file.as_bytes(), LINE_LIMIT);
        let documents = Documents { path: "f".into(), lines, next: None, done: false };
        let show = |a: Annotation| {
            let mut marked = a.text.clone();
            for m in a.mentions.iter().rev() {
                marked.replace_range(m.span.range(), &format!("[{}|{}]", m.span.of(&a.text), m.kind));
            }
            let ends: Vec<_> = a.sentences.iter().map(|s| s.of(&a.text).split(' ').count()).collect();
            format!("{} {ends:?} {marked}", a.meta.id)
        };
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
        let types = known_types();
        check("a B-DRUG\n", &[&format!("f:1: \"DRUG\" is no known entity type; known are {types}")]);
    }
}
