//! The forms that records are written in.

use std::borrow::Borrow;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;
use demarche::actors::KnowledgeBase;
use demarche::document::{ActorCode, Annotation};
use demarche::export::parquet::{AnnotationTables, Embedding, RecordTables, Table};
use demarche::export::table::Layout;
use demarche::export::{csv, dyad_year, gexf, graphml, jsonl, sqlite, table, Error};
use demarche::records::{Evidence, Record};

use super::models;
use super::output::PartialFile;
use super::records_files::RecordLines;
use super::run_folder::RunFolder;

/// Columns of a table that does not go to a terminal.
pub const PAGE: usize = 120;

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// By counterpart, for a terminal
    Table,
    /// A line a pair, safe to open in spreadsheets
    Csv,
    /// As they were read
    Jsonl,
    /// A database with views, to ask in SQL
    Sqlite,
    /// Tables of records, evidence, history, mentions and relations, in a folder
    Parquet,
    /// A graph: an edge a pair
    Graphml,
    /// A graph in time, for Gephi: an edge a status while it held
    Gexf,
    /// CSV, a line an actor, counterpart and year, with ISO, COW and GW codes
    DyadYear,
}

impl Form {
    /// Name of its file beside `records.jsonl`; Parquet has several.
    pub const fn file_name(self) -> &'static str {
        match self {
            Form::Table => "records.txt",
            Form::Csv => "records.csv",
            Form::Jsonl => "records.jsonl",
            Form::Sqlite => "records.sqlite",
            Form::Parquet => Table::Records.file_name(),
            Form::Graphml => "records.graphml",
            Form::Gexf => "records.gexf",
            Form::DyadYear => "dyad-years.csv",
        }
    }

    /// What is known of actors. Names are for comfort: where the knowledge base is not at hand, codes do. Dyad-years
    /// are made for their codes.
    pub fn knowledge_base(self) -> Result<KnowledgeBase> {
        match self {
            Form::DyadYear => models::knowledge_base(&[]),
            _ => Ok(models::knowledge_base(&[]).unwrap_or_default()),
        }
    }
}

/// The name of an actor.
pub fn name(known: &KnowledgeBase) -> impl Fn(&ActorCode) -> Option<String> + '_ {
    |code| known.name_of(code).map(str::to_owned)
}

/// Writes records in a form that is a stream, tables for a terminal in `width` columns.
pub fn write<R: Borrow<Record>>(
    form: Form,
    records: impl Iterator<Item = R>,
    known: &KnowledgeBase,
    width: usize,
    mut out: &mut dyn Write,
) -> io::Result<()> {
    let name = name(known);
    let written = match form {
        Form::Csv => csv::write(records, &mut out),
        Form::Jsonl => jsonl::write(records, &mut out),
        Form::DyadYear => dyad_year::write(records, known, &mut out),
        // These say first who is there.
        _ => {
            let records: Vec<R> = records.collect();
            let records = records.iter().map(Borrow::borrow);
            match form {
                Form::Graphml => graphml::write(records, &name, out),
                Form::Gexf => gexf::write(records, &name, out),
                _ => table::write(records, &Layout { width, name: &name }, &mut out),
            }
        }
    };
    written.map_err(|error| match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    })
}

/// Writes records as a database, into a file that is empty.
pub fn write_database<R: Borrow<Record>>(
    records: impl Iterator<Item = R>,
    known: &KnowledgeBase,
    file: &PartialFile,
    path: &Path,
) -> Result<()> {
    sqlite::write(records, known, file.partial()).with_context(|| format!("cannot write {}", path.display()))
}

/// Begins the Parquet tables of annotations, with embeddings of `size` numbers if one is given.
pub fn annotation_tables(
    size: Option<i32>,
    open: impl Fn(Table) -> Result<PartialFile>,
) -> Result<AnnotationTables<PartialFile>> {
    let [mentions, relations] = Table::OF_ANNOTATIONS;
    Ok(AnnotationTables::new(size, [open(mentions)?, open(relations)?])?)
}

/// Writes the Parquet tables of records, with embeddings of `size` numbers if one is given.
pub fn write_record_tables<R: Borrow<Record>>(
    records: impl Iterator<Item = R>,
    known: &KnowledgeBase,
    size: Option<i32>,
    mut embedding: impl FnMut(&Evidence) -> io::Result<Embedding>,
    open: impl Fn(Table) -> Result<PartialFile>,
) -> Result<[PartialFile; 3]> {
    let name = name(known);
    let [of_records, evidence, history] = Table::OF_RECORDS;
    let mut tables = RecordTables::new(&name, size, [open(of_records)?, open(evidence)?, open(history)?])?;
    for record in records {
        tables.add(record.borrow(), |evidence| Ok(embedding(evidence)?))?;
    }
    Ok(tables.finish()?)
}

/// The forms that a run writes beside its records.
pub struct Exports {
    forms: Vec<Form>,
    annotations: Option<AnnotationTables<PartialFile>>,
}

impl Exports {
    /// Begins what is written while documents go by.
    pub fn begin(forms: &[Form], folder: &RunFolder) -> Result<Self> {
        // The records themselves are there anyway.
        let mut forms: Vec<Form> = forms.iter().copied().filter(|&form| form != Form::Jsonl).collect();
        forms.sort_unstable_by_key(|form| form.file_name());
        forms.dedup();
        let tables = forms.contains(&Form::Parquet);
        let annotations = tables.then(|| annotation_tables(None, |table| folder.file(table.file_name())));
        Ok(Exports { forms, annotations: annotations.transpose()? })
    }

    /// Takes a document in.
    pub fn add(&mut self, annotation: &Annotation) -> Result<()> {
        match &mut self.annotations {
            Some(tables) => Ok(tables.add(annotation, Vec::new())?),
            None => Ok(()),
        }
    }

    /// Writes the records, which `records` gives from the first one on; gives the files, which are finished together
    /// with the others of the run.
    pub fn finish(
        self,
        mut records: impl FnMut() -> Result<RecordLines>,
        folder: &RunFolder,
    ) -> Result<Vec<PartialFile>> {
        let mut files = Vec::new();
        if let Some(tables) = self.annotations {
            files.extend(tables.finish()?);
        }
        for form in self.forms {
            let known = form.knowledge_base()?;
            let mut records = records()?;
            if form == Form::Parquet {
                let open = |table: Table| folder.file(table.file_name());
                files.extend(write_record_tables(&mut records, &known, None, |_| Ok(None), open)?);
            } else {
                let mut file = folder.file(form.file_name())?;
                match form {
                    Form::Sqlite => write_database(&mut records, &known, &file, &folder.path(form.file_name()))?,
                    form => file.write_with(|out| write(form, &mut records, &known, PAGE, out))?,
                }
                files.push(file);
            }
            records.ended()?;
        }
        Ok(files)
    }
}
