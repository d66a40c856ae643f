//! CoNLL-U: ten columns, the tag as `ner` among the entries of the last, as Stanza writes it.
//!
//! `# newdoc id = ID` begins a document. The text is put together from the tokens, `SpaceAfter=No`, and UDPipe's
//! `SpacesAfter` and `SpacesBefore`, so that it comes back as it was.

use std::path::Path;

use serde_json::{Map, Value};

use super::conll::{parse_tag, tagged, Tag, Tagged};
use super::draft::metadata;
use super::remark::Place;
use super::rows::Grow;
use super::{Found, Labelled};
use crate::document::Metadata;

/// White space as `SpacesAfter` writes it.
const ESCAPES: [(char, &str); 6] =
    [('\\', "\\\\"), (' ', "\\s"), ('\t', "\\t"), ('\n', "\\n"), ('\r', "\\r"), ('|', "\\p")];

/// Comments that hold metadata.
const FIELDS: [&str; 4] = ["date", "title", "source", "url"];

/// The documents of a file.
#[derive(Default)]
pub(super) struct Universal {
    /// The document that is being read.
    next: Option<Builder>,
}

impl Grow for Universal {
    fn take(&mut self, line: usize, text: &str, path: &Path) -> Result<Option<Found>, String> {
        let comment = text.strip_prefix('#').map(str::trim_start);
        if let Some(rest) = comment.and_then(|comment| comment.strip_prefix("newdoc")) {
            let mut builder = Builder::new(Some(line));
            if let Some(id) = rest.trim_start().strip_prefix("id") {
                let id = id.trim_start_matches([' ', '=']).to_owned();
                builder.fields.insert("id".to_owned(), Value::String(id));
            }
            return Ok(self.next.replace(builder).and_then(|finished| finished.finish(path)));
        }
        let builder = self.next.get_or_insert_with(|| Builder::new(None));
        match comment {
            Some(comment) => builder.comment(comment),
            None if text.trim().is_empty() => builder.end_sentence()?,
            None => builder.row(text, line)?,
        }
        Ok(None)
    }

    fn end(&mut self, path: &Path) -> Option<Found> {
        self.next.take().and_then(|builder| builder.finish(path))
    }
}

/// A document that grows row by row.
struct Builder {
    line: Option<usize>,
    fields: Map<String, Value>,
    tagged: Tagged,
    /// What stands behind the last token, and whether the file says so.
    blank: (String, bool),
    /// A token of several words that is being read.
    several: Option<Several>,
}

/// A token of several words, such as `don't`, and the number of its last word.
struct Several {
    form: String,
    entries: String,
    tag: Option<String>,
    last: usize,
    line: usize,
}

impl Builder {
    fn new(line: Option<usize>) -> Self {
        let blank = (String::new(), false);
        Builder { line, fields: Map::new(), tagged: Tagged::new(line), blank, several: None }
    }

    fn comment(&mut self, comment: &str) {
        let Some((name, value)) = comment.split_once('=') else { return };
        if FIELDS.contains(&name.trim()) {
            self.fields.insert(name.trim().to_owned(), Value::String(value.trim().to_owned()));
        }
    }

    fn row(&mut self, row: &str, line: usize) -> Result<(), String> {
        let columns: Vec<&str> = row.split('\t').collect();
        let [number, form, _, _, _, _, _, _, _, entries] = columns[..] else {
            return Err(format!("has {} columns; expected ten, with tabs between them", columns.len()));
        };
        let tag = entry(entries, "ner");
        if let Some((_, last)) = number.split_once('-') {
            let last = last.parse().map_err(|_| format!("{number:?} is no range of words"))?;
            let (form, entries) = (form.to_owned(), entries.to_owned());
            self.several = Some(Several { form, entries, tag: tag.map(str::to_owned), last, line });
            return Ok(());
        }
        // A word that the text leaves out has a number such as 8.1.
        if number.contains('.') {
            return Ok(());
        }
        let number: usize = number.parse().map_err(|_| format!("{number:?} is no number of a word"))?;
        match &mut self.several {
            Some(several) => {
                several.tag = several.tag.take().or(tag.map(str::to_owned));
                if number >= several.last {
                    self.end_several()?;
                }
                Ok(())
            }
            None => self.token(form, entries, tag, line),
        }
    }

    fn end_several(&mut self) -> Result<(), String> {
        match self.several.take() {
            Some(Several { form, entries, tag, line, .. }) => self.token(&form, &entries, tag.as_deref(), line),
            None => Ok(()),
        }
    }

    fn token(&mut self, form: &str, entries: &str, tag: Option<&str>, line: usize) -> Result<(), String> {
        let tag = match tag {
            None | Some("_") => Tag::Outside,
            Some(tag) => parse_tag(tag).map_err(|error| error.to_string())?,
        };
        let before = entry(entries, "SpacesBefore").map(unescape).unwrap_or_default();
        let blank = std::mem::take(&mut self.blank.0) + &before;
        self.tagged.push(form, &blank, tag, line);
        self.blank = match (entry(entries, "SpacesAfter"), entry(entries, "SpaceAfter")) {
            (Some(spaces), _) => (unescape(spaces), true),
            (None, Some("No")) => (String::new(), true),
            (None, _) => (" ".to_owned(), false),
        };
        Ok(())
    }

    fn end_sentence(&mut self) -> Result<(), String> {
        self.end_several()?;
        self.tagged.end_sentence();
        Ok(())
    }

    /// The document, unless it has no token.
    fn finish(self, path: &Path) -> Option<Found> {
        let (blank, said) = self.blank;
        let meta = metadata(self.fields, Place { file: path, line: self.line });
        self.tagged.into_found(meta, if said { &blank } else { "" }, path)
    }
}

/// The value of an entry of the last column.
fn entry<'a>(entries: &'a str, name: &str) -> Option<&'a str> {
    let mut all = entries.split('|').filter_map(|entry| entry.split_once('='));
    all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn escape(blank: &str) -> String {
    let of = |c| ESCAPES.iter().find(|(plain, _)| *plain == c).map_or(c.to_string(), |(_, code)| (*code).to_owned());
    blank.chars().map(of).collect()
}

fn unescape(mut code: &str) -> String {
    let mut out = String::new();
    while let Some(c) = code.chars().next() {
        let known = ESCAPES.iter().find(|(_, escape)| code.starts_with(escape));
        out.push(known.map_or(c, |(plain, _)| *plain));
        code = &code[known.map_or(c.len_utf8(), |(_, escape)| escape.len())..];
    }
    out
}

/// The lines of a document.
pub(super) fn render(document: &Labelled) -> String {
    let text = &document.annotation.text;
    let mut out = comments(&document.annotation.meta);
    let sentences = tagged(document);
    let mut starts = sentences.iter().flatten().map(|(token, _)| token.start).skip(1).chain([text.len()]);
    let mut at = 0;
    for (number, sentence) in sentences.iter().enumerate() {
        let (first, last) = (sentence[0].0.start, sentence[sentence.len() - 1].0.end);
        out += &format!("# sent_id = {}\n# text = {}\n", number + 1, one_line(&text[first..last]));
        for (word, (token, tag)) in sentence.iter().enumerate() {
            let mut entries = format!("ner={tag}");
            if at == 0 && token.start > 0 {
                entries += &format!("|SpacesBefore={}", escape(&text[..token.start]));
            }
            at = token.end;
            match &text[token.end..starts.next().unwrap_or(text.len())] {
                "" if token.end == text.len() => {}
                "" => entries += "|SpaceAfter=No",
                " " if token.end + 1 < text.len() => {}
                blank => entries += &format!("|SpacesAfter={}", escape(blank)),
            }
            out += &format!("{}\t{}\t_\t_\t_\t_\t_\t_\t_\t{entries}\n", word + 1, token.of(text));
        }
        out.push('\n');
    }
    out
}

fn comments(meta: &Metadata) -> String {
    let mut out = format!("# newdoc id = {}\n", one_line(&meta.id));
    let date = meta.date.map(|date| date.to_string());
    for (name, value) in FIELDS.into_iter().zip([&date, &meta.title, &meta.source, &meta.url]) {
        if let Some(value) = value {
            out += &format!("# {name} = {}\n", one_line(value));
        }
    }
    out
}

/// Text without line ends.
fn one_line(text: &str) -> String {
    text.split(['\n', '\r']).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_comes_back() {
        for blank in ["", " ", "\n\n", "\t\\s |\r\n", "\u{a0}"] {
            assert_eq!(unescape(&escape(blank)), blank);
        }
        assert_eq!(escape(" \n"), "\\s\\n");
    }
}
