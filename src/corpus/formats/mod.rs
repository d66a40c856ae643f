//! Labelled documents in the forms of other tools.
//!
//! A file a form; each reads documents from what its tool writes and writes what the tool reads. What they share:
//!
//! | module | concern |
//! |---|---|
//! | `files` | the files of a folder |
//! | `detect` | which form a file has |
//! | `json` | the objects of a JSON file |
//! | `draft` | an annotation that grows from spans and labels |
//! | `rows` | the documents of a file that has a token a line |
//! | `labels` | names that others give to our labels |
//! | `words` | tokens, for the forms that need them |
//! | `pairs` | a relation on the sentences that show it |
//! | `choice` | which mentions stand for an entity in a form that relates mentions |
//! | `remark` | what a reader could not take as it stands |
//! | `loss` | what a form cannot express of a document, found by reading what was written |
//! | `write` | files of documents |

mod brat;
mod choice;
mod conll;
mod conllu;
mod corpus;
mod detect;
mod displacy;
mod doccano;
mod draft;
mod files;
mod json;
mod label_studio;
mod labels;
mod loss;
mod pairs;
mod plover;
mod prodigy;
mod remark;
mod rows;
mod spacy;
mod words;
mod write;

use std::path::Path;

use self::remark::Place;
pub use brat::{configuration as brat_configuration, Files as BratFiles};
pub use detect::detect;
pub use files::files;
pub(crate) use labels::entity_type;
pub use loss::{Loss, Losses};
pub use remark::{Remark, RemarkKind};
pub use write::{Rendering, Writer};

use super::lines::read_lines;
use super::{inline, standoff, Reject};
use crate::document::Annotation;
use crate::labels::label_set;
use crate::text::Span;

label_set! {
    /// A form of labelled documents.
    Format as "format" {
        Annotations = "annotations", "JSON Lines, the text and its annotation apart: annotations.jsonl";
        Corpus = "corpus", "JSON Lines with the mentions marked in the text, as in corpus/train";
        Conll = "conll", "CoNLL-2003 columns: a token first, its tag last";
        Conllu = "conllu", "CoNLL-U with the tag in the last column, as in ner=B-PER";
        Brat = "brat", "brat stand-off: a .txt and an .ann file for each document";
        Doccano = "doccano", "JSON Lines of doccano";
        Prodigy = "prodigy", "JSON Lines of Prodigy";
        LabelStudio = "label-studio", "JSON of Label Studio";
        Spacy = "spacy", "spaCy's Doc as JSON, one a line";
        Displacy = "displacy", "what displaCy renders with manual=True";
        Pairs = "pairs", "JSON Lines of sentences with one directed pair and its event, as PLV";
        Plover = "plover", "gold standard records of PLOVER";
    }
}

/// A document with its labels.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labelled {
    /// The document.
    pub annotation: Annotation,
    /// Its tokens in order, where the form has tokens.
    pub tokens: Vec<Span>,
    /// The line of its file that it begins in, where a file holds several.
    pub line: Option<usize>,
}

/// What a reader found: a document, remarks or both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The document; none where there are only remarks.
    pub document: Option<Labelled>,
    /// What could not be taken as it stands.
    pub remarks: Vec<Remark>,
}

impl Found {
    fn whole(annotation: Annotation, line: Option<usize>) -> Self {
        Found { document: Some(Labelled { annotation, tokens: Vec::new(), line }), remarks: Vec::new() }
    }
}

/// The documents of a file.
pub type Documents = Box<dyn Iterator<Item = Result<Found, Reject>> + Send>;

/// Reads the documents of a file one after the other. Of brat, the file is the one with the annotations.
pub fn read(path: &Path, format: Format) -> Result<Documents, Reject> {
    Ok(match format {
        Format::Annotations => {
            Box::new(read_lines(path, |line, text| Ok(Found::whole(standoff::parse(text)?, Some(line))))?)
        }
        Format::Corpus => Box::new(read_lines(path, |line, text| Ok(Found::whole(inline::parse(text)?, Some(line))))?),
        Format::Conll => Box::new(rows::read(path, conll::Columns::default())?),
        Format::Conllu => Box::new(rows::read(path, conllu::Universal::default())?),
        Format::Brat => Box::new(std::iter::once(brat::read(path)?).map(Ok)),
        Format::Doccano => Box::new(json::read(path, doccano::parse)?),
        Format::Prodigy => Box::new(json::read(path, prodigy::parse)?),
        Format::LabelStudio => Box::new(json::read(path, label_studio::parse)?),
        Format::Spacy => Box::new(json::read(path, spacy::parse)?),
        Format::Displacy => Box::new(json::read(path, displacy::parse)?),
        Format::Pairs => {
            let file = path.to_owned();
            let place = move |line, text: &str| {
                Ok(pairs::found(super::pairs::parse(text)?, Place { file: &file, line: Some(line) }))
            };
            Box::new(read_lines(path, place)?)
        }
        Format::Plover => Box::new(json::read(path, plover::parse)?),
    })
}
