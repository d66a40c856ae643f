//! Files with labels, in any form, for the commands that take them.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use demarche::corpus::formats::{self, Format, Found, Labelled, Remark};
use demarche::corpus::Reject;
use demarche::document::{Annotation, Document, Given, GivenMention, GivenPair, Relation};
use demarche::evaluate::inspect_gold;
use demarche::pipeline::Located;

use super::flags::GivenParts;

/// So many remarks of a kind are shown; the rest is told by number.
const SHOWN: usize = 5;

/// What was said of labels, by kind and counted.
#[derive(Debug, Default)]
pub struct Remarks(BTreeMap<&'static str, Said>);

/// Remarks of a kind.
#[derive(Debug, Default)]
struct Said {
    count: usize,
    shown: Vec<String>,
    fault: bool,
}

impl Remarks {
    /// Takes the remarks of a reader in.
    pub fn extend(&mut self, remarks: impl IntoIterator<Item = Remark>) {
        for remark in remarks {
            self.add(remark.kind.describe(), remark.kind.is_fault(), || remark.to_string());
        }
    }

    /// Looks a document over: names that overlap or cut words, references to nothing.
    pub fn inspect(&mut self, path: &Path, document: &Labelled) {
        for warning in inspect_gold(&document.annotation) {
            let place = document.line.map_or(String::new(), |line| format!(":{line}"));
            self.add(warning.kind.describe(), true, || format!("{}{place}: {}", path.display(), warning.detail));
        }
    }

    fn add(&mut self, kind: &'static str, fault: bool, show: impl FnOnce() -> String) {
        let said = self.0.entry(kind).or_default();
        said.count += 1;
        said.fault = fault;
        if said.shown.len() < SHOWN {
            said.shown.push(show());
        }
    }

    /// A line for each kind: how many there are, and the first of them with their places.
    pub fn lines(&self) -> Vec<String> {
        let line = |(kind, said): (&&str, &Said)| {
            let more = if said.count > said.shown.len() { "; …" } else { "" };
            format!("{} {kind}: {}{more}", said.count, said.shown.join("; "))
        };
        self.0.iter().map(line).collect()
    }

    /// How many tell of a fault of a file.
    pub fn faults(&self) -> usize {
        self.0.values().filter(|said| said.fault).map(|said| said.count).sum()
    }
}

/// The files at `paths`, those of folders in the order of their names.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(formats::files(path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(files)
}

/// The form of a file: the one asked for, or the one it seems to have.
pub fn format(path: &Path, asked: Option<Format>) -> Result<Format, Reject> {
    if let Some(format) = asked {
        return Ok(format);
    }
    let known: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
    let unknown = || format!("is in no known form; name one of {}", known.join(", "));
    formats::detect(path)?.ok_or_else(|| Reject::new(path, None, unknown()))
}

/// The documents of some files; a file that cannot be read is an item too.
pub fn documents(
    files: Vec<PathBuf>,
    asked: Option<Format>,
) -> impl Iterator<Item = (PathBuf, Result<Found, Reject>)> + Send {
    files.into_iter().flat_map(move |path| {
        let found: formats::Documents = match format(&path, asked).and_then(|format| formats::read(&path, format)) {
            Ok(found) => found,
            Err(reject) => Box::new(std::iter::once(Err(reject))),
        };
        found.map(move |found| (path.clone(), found))
    })
}

/// The document of an annotation, with the parts of it that are given.
pub fn document(a: &Annotation, given: Option<GivenParts>) -> Document {
    let given = given.map(|parts| Given {
        mentions: a
            .mentions
            .iter()
            .map(|m| GivenMention { span: m.span, kind: m.kind, named: m.named, entity: Some(m.entity) })
            .collect(),
        entities: a.entities.clone(),
        pairs: (parts == GivenParts::Pairs).then(|| {
            let sentence = |r: &Relation| a.sentences.get(r.sent).copied();
            let pair = |r: &Relation| GivenPair { src: r.src, tgt: r.tgt, sentence: sentence(r) };
            let mut pairs: Vec<_> = a.relations.iter().map(pair).collect();
            pairs.sort_unstable();
            pairs.dedup();
            pairs
        }),
    });
    Document { meta: a.meta.clone(), text: a.text.clone(), given }
}

/// Labelled files as documents of a run. What their forms leave open is told at the end.
pub struct Inputs<I> {
    documents: I,
    given: Option<GivenParts>,
    ids: HashSet<String>,
    remarks: Remarks,
    quiet: bool,
}

/// The documents of some files, with the parts of their labels that are given.
pub fn inputs(
    files: Vec<PathBuf>,
    from: Format,
    given: Option<GivenParts>,
    quiet: bool,
) -> Inputs<impl Iterator<Item = (PathBuf, Result<Found, Reject>)> + Send> {
    Inputs { documents: documents(files, Some(from)), given, ids: HashSet::new(), remarks: Remarks::default(), quiet }
}

impl<I: Iterator<Item = (PathBuf, Result<Found, Reject>)>> Iterator for Inputs<I> {
    type Item = Result<Located, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        for (path, found) in self.documents.by_ref() {
            let found = match found {
                Ok(found) => found,
                Err(reject) => return Some(Err(reject)),
            };
            self.remarks.extend(found.remarks);
            let Some(labelled) = found.document else { continue };
            let id = &labelled.annotation.meta.id;
            if !self.ids.insert(id.clone()) {
                let reason = format_args!("the id {id:?} was already used by an earlier document").to_string();
                return Some(Err(Reject::new(&path, labelled.line, reason)));
            }
            let document = document(&labelled.annotation, self.given);
            return Some(Ok(Located { document, file: path.to_string_lossy().into_owned(), line: labelled.line }));
        }
        let remarks = std::mem::take(&mut self.remarks);
        if !self.quiet {
            remarks.lines().iter().for_each(|line| super::say(format_args!("warning: {line}")));
        }
        None
    }
}
