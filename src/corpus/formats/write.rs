//! Files of documents.

use std::path::Path;

use super::loss::{count, Losses};
use super::remark::Place;
use super::{brat, conll, conllu, corpus, displacy, doccano, label_studio, pairs, plover, prodigy, rows, spacy};
use super::{BratFiles, Format, Found, Labelled};
use crate::corpus::{inline, standoff};

/// What a document becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendering {
    /// The next part of a file.
    Part(String),
    /// Two files of its own.
    Files(BratFiles),
}

/// Writes documents in a form, and counts what the form cannot express of them.
#[derive(Debug, Clone)]
pub struct Writer {
    format: Format,
    written: usize,
    losses: Losses,
}

impl Writer {
    /// A writer of this form.
    pub fn new(format: Format) -> Self {
        Writer { format, written: 0, losses: Losses::default() }
    }

    /// The document as it is to be written next.
    pub fn add(&mut self, document: &Labelled) -> Rendering {
        if self.format == Format::Brat {
            let files = brat::render(document);
            let again = brat::parse(&files.name, &files.text, &files.annotations, Path::new("")).ok();
            self.count(document, again.into_iter().map(|found| (0, found)));
            return Rendering::Files(files);
        }
        let pieces = pieces(self.format, document);
        let again: Vec<_> =
            pieces.iter().flat_map(|(base, text)| reread(self.format, text).map(|found| (*base, found))).collect();
        self.count(document, again);
        let mut part = String::new();
        for (_, piece) in &pieces {
            part.push_str(self.before());
            part.push_str(piece);
            part.push_str(if self.is_list() || piece.ends_with('\n') { "" } else { "\n" });
            self.written += 1;
        }
        Rendering::Part(part)
    }

    /// What closes the file.
    pub fn end(&self) -> &'static str {
        match (self.is_list(), self.written) {
            (false, _) => "",
            (true, 0) => "[]\n",
            (true, _) => "\n]\n",
        }
    }

    /// What the form could not express of all documents so far.
    pub fn losses(&self) -> &Losses {
        &self.losses
    }

    fn is_list(&self) -> bool {
        matches!(self.format, Format::LabelStudio | Format::Displacy | Format::Plover)
    }

    fn before(&self) -> &'static str {
        match (self.is_list(), self.written) {
            (false, _) => "",
            (true, 0) => "[\n",
            (true, _) => ",\n",
        }
    }

    fn count(&mut self, document: &Labelled, again: impl IntoIterator<Item = (usize, Found)>) {
        let again = again.into_iter().filter_map(|(base, found)| Some((base, found.document?)));
        count(document, &again.collect::<Vec<_>>(), &mut self.losses);
    }
}

/// The texts that a document becomes, each with the place in the document's text where it begins.
fn pieces(format: Format, document: &Labelled) -> Vec<(usize, String)> {
    let a = &document.annotation;
    let whole = |text: String| vec![(0, text)];
    match format {
        Format::Annotations => {
            let mut line = Vec::new();
            // Writing to memory does not fail, and what is written is UTF-8.
            let _ = standoff::write(a, &mut line);
            whole(String::from_utf8_lossy(&line).into_owned())
        }
        Format::Corpus => whole(corpus::render(document)),
        Format::Conll => whole(conll::render(document)),
        Format::Conllu => whole(conllu::render(document)),
        Format::Doccano => whole(doccano::render(document)),
        Format::Prodigy => whole(prodigy::render(document)),
        Format::LabelStudio => whole(label_studio::render(document)),
        Format::Spacy => whole(spacy::render(document)),
        Format::Displacy => whole(displacy::render(document)),
        Format::Pairs => pairs::pieces(a).iter().map(|piece| (piece.base, pairs::render(piece))).collect(),
        Format::Plover => pairs::pieces(a).iter().map(|piece| (piece.base, plover::render(a, piece))).collect(),
        // A document of brat is two files.
        Format::Brat => Vec::new(),
    }
}

/// Reads a text that was written, which holds one document.
fn reread(format: Format, text: &str) -> Option<Found> {
    let place = Place { file: Path::new(""), line: None };
    let json = |parse: fn(serde_json::Value, Place) -> Result<Vec<Found>, String>| {
        let value = serde_json::from_str(text).ok()?;
        parse(value, place).ok()?.pop()
    };
    match format {
        Format::Annotations => Some(Found::whole(standoff::parse(text).ok()?, None)),
        Format::Corpus => Some(Found::whole(inline::parse(text).ok()?, None)),
        Format::Conll => rows::documents(place.file, text.as_bytes(), conll::Columns::default()).next()?.ok(),
        Format::Conllu => rows::documents(place.file, text.as_bytes(), conllu::Universal::default()).next()?.ok(),
        Format::Doccano => json(doccano::parse),
        Format::Prodigy => json(prodigy::parse),
        Format::LabelStudio => json(label_studio::parse),
        Format::Spacy => json(spacy::parse),
        Format::Displacy => json(displacy::parse),
        Format::Plover => json(plover::parse),
        Format::Pairs => Some(pairs::found(crate::corpus::pairs::parse(text).ok()?, place)),
        Format::Brat => None,
    }
}
