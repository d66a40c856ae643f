//! `demarche export`: records in a form for readers and other programs.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{bail, Result};
use console::Term;
use demarche::actors::KnowledgeBase;
use demarche::document::{ActorCode, Date, Facet};
use demarche::export::Selection;
use demarche::records::Record;

use super::embeddings::{self, Embedder};
use super::flags::{DeviceFlags, ModelFlags, ThreadFlags};
use super::forms::{self, Form};
use super::output::{create_folder, Output, PartialFile};
use super::records_files::RecordLines;
use super::Status;

/// Writes records as a table to read, for spreadsheets, as a database, as tables for data frames or as graphs
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  demarche export out/records.jsonl
  demarche export out/records.jsonl --counterpart AFG/TALIBAN
  demarche export out/records.jsonl --as-of 2024-06-30
  demarche export out/records.jsonl --format csv --out records.csv
  demarche export out/records.jsonl --format sqlite --out records.sqlite
  demarche export out/records.jsonl --format parquet --out tables --embeddings")]
pub struct Args {
    /// records.jsonl of a run, `-` for standard input
    #[arg(value_name = "RECORDS", default_value = "out/records.jsonl")]
    records: PathBuf,

    /// The form
    #[arg(long, value_name = "FORM", default_value = "table")]
    format: Form,

    /// Only records of this actor, such as RUS
    #[arg(long, value_name = "CODE")]
    actor: Option<ActorCode>,

    /// Only records on this counterpart, such as AFG/TALIBAN
    #[arg(long, value_name = "CODE")]
    counterpart: Option<ActorCode>,

    /// Only records that know a state of this facet, such as recognition
    #[arg(long, value_name = "FACET")]
    facet: Option<Facet>,

    /// The records as of this day (2024-05-28), or the end of this month or year: statuses that stood then, and
    /// what had happened by then, whenever it was told
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,

    /// File to write; a database must have one, and Parquet a folder [default: standard output]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,

    /// Parquet: annotations.jsonl of the same run, for the tables of all its mentions and relations [default: the one
    /// beside RECORDS, if there]
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,

    /// Parquet: what the model's encoder made of each mention and sentence, as a column of vectors
    #[arg(long)]
    embeddings: bool,

    #[command(flatten)]
    model: ModelFlags,

    #[command(flatten)]
    device: DeviceFlags,

    #[command(flatten)]
    threads: ThreadFlags,
}

/// Reads, selects and writes.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    if args.embeddings && args.format != Form::Parquet {
        bail!("--embeddings are columns of Parquet; give --format parquet with them");
    }
    let mut records = Records::open(args)?;
    let known = args.format.knowledge_base()?;
    let out = args.out.as_deref();
    match args.format {
        Form::Sqlite => write_database(&mut records, &known, out)?,
        Form::Parquet => write_tables(args, &mut records, &known, quiet)?,
        form => {
            let mut output = Output::open(out)?;
            output.write_with(|sink| forms::write(form, &mut records, &known, width(out), sink))?;
            records.ended()?;
            output.finish()?;
        }
    }
    Ok(Status::Done)
}

/// Writes a database, which SQLite must open by name.
fn write_database(records: &mut Records, known: &KnowledgeBase, out: Option<&Path>) -> Result<()> {
    let Some(path) = out.filter(|path| path.as_os_str() != "-") else {
        bail!("a database cannot go to standard output; give the file to write with --out FILE");
    };
    let file = PartialFile::create(path)?;
    forms::write_database(&mut *records, known, &file, path)?;
    records.ended()?;
    file.finish()
}

/// Writes the tables of Parquet into their folder.
fn write_tables(args: &Args, records: &mut Records, known: &KnowledgeBase, quiet: bool) -> Result<()> {
    let Some(folder) = args.out.as_deref().filter(|path| path.as_os_str() != "-") else {
        bail!("Parquet is a file a table; give the folder for them with --out DIR");
    };
    let beside = (args.records.as_os_str() != "-").then(|| args.records.with_file_name("annotations.jsonl"));
    let annotations = args.annotations.clone().or(beside.filter(|path| path.is_file()));
    if args.embeddings && annotations.is_none() {
        bail!("--embeddings are made of the texts in annotations.jsonl; name that of the run with --annotations FILE");
    }
    let embedder = args.embeddings.then(|| Embedder::new(&args.model, &args.device, &args.threads)).transpose()?;
    let size = embedder.as_ref().map(Embedder::size);
    create_folder(folder)?;
    let open = |table: demarche::export::parquet::Table| PartialFile::create(&folder.join(table.file_name()));
    let mut files = Vec::new();
    let mut sentences = None;
    if let Some(path) = annotations {
        let mut tables = forms::annotation_tables(size, open)?;
        sentences = embeddings::write(&path, embedder.as_ref(), &mut tables, quiet)?;
        files.extend(tables.finish()?);
    }
    let mut missing = 0;
    let tables = forms::write_record_tables(
        &mut *records,
        known,
        size,
        |evidence| {
            let embedding = sentences.as_mut().map_or(Ok(None), |sentences| sentences.of(evidence))?;
            missing += usize::from(args.embeddings && embedding.is_none());
            Ok(embedding)
        },
        open,
    )?;
    records.ended()?;
    if missing > 0 && !quiet {
        super::say(format_args!(
            "warning: {missing} sentences of the records are not in the annotations and have no embedding"
        ));
    }
    files.into_iter().chain(tables).try_for_each(PartialFile::finish)
}

/// The selected records of a file, one after the other.
struct Records {
    as_of: Option<Date>,
    selection: Selection,
    lines: RecordLines,
}

impl Records {
    fn open(args: &Args) -> Result<Self> {
        let path = args.records.clone();
        let lines = if path.as_os_str() == "-" {
            RecordLines::read(path, io::stdin().lock())
        } else {
            RecordLines::open(path)?
        };
        let (actor, counterpart) = (args.actor.clone(), args.counterpart.clone());
        let selection = Selection { actor, counterpart, facet: args.facet };
        Ok(Records { as_of: args.as_of, selection, lines })
    }

    /// Fails if not all could be read.
    fn ended(&mut self) -> Result<()> {
        self.lines.ended()
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            let record = self.lines.next()?;
            let record = match self.as_of {
                Some(day) => record.as_of(day),
                None => Some(record),
            };
            if let Some(record) = record.filter(|record| self.selection.contains(record)) {
                return Some(record);
            }
        }
    }
}

/// Columns of the terminal that the table goes to, or of a page.
fn width(out: Option<&Path>) -> usize {
    let terminal = Term::stdout();
    match terminal.size_checked() {
        Some((_, columns)) if out.is_none() && terminal.is_term() => usize::from(columns),
        _ => forms::PAGE,
    }
}
