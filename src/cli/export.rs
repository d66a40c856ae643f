//! `demarche export`: records in a form for readers and other programs.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use clap::ValueEnum;
use console::Term;
use demarche::actors::KnowledgeBase;
use demarche::document::{ActorCode, Date, Facet};
use demarche::export::table::Layout;
use demarche::export::{csv, dyad_year, gexf, graphml, jsonl, sqlite, table, Error, Selection};
use demarche::records::Record;

use super::models;
use super::output::{Output, PartialFile};
use super::Status;

/// Writes records as a table to read, for spreadsheets, as a database or as graphs
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  demarche export out/records.jsonl
  demarche export out/records.jsonl --counterpart AFG/TALIBAN
  demarche export out/records.jsonl --as-of 2024-06-30
  demarche export out/records.jsonl --format csv --out records.csv
  demarche export out/records.jsonl --format sqlite --out records.sqlite")]
pub struct Args {
    /// records.jsonl of a run, `-` for standard input
    #[arg(value_name = "RECORDS", default_value = "out/records.jsonl")]
    records: PathBuf,

    /// The form
    #[arg(long, value_name = "FORM", default_value = "table")]
    format: Format,

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

    /// File to write; a database must have one [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// By counterpart, for a terminal
    Table,
    /// A line a pair, safe to open in spreadsheets
    Csv,
    /// As they were read
    Jsonl,
    /// A database with views, to ask in SQL
    Sqlite,
    /// A graph: an edge a pair
    Graphml,
    /// A graph in time, for Gephi: an edge a status while it held
    Gexf,
    /// CSV, a line an actor, counterpart and year, with ISO, COW and GW codes
    DyadYear,
}

/// Writes the records in a form.
type WriteForm<'a> = Box<dyn FnOnce(&mut dyn Write) -> Result<(), Error> + 'a>;

/// Reads, selects and writes.
pub fn run(args: &Args) -> Result<Status> {
    let selection = Selection { actor: args.actor.clone(), counterpart: args.counterpart.clone(), facet: args.facet };
    let mut records = read(&args.records)?;
    if let Some(day) = args.as_of {
        records = records.iter().filter_map(|record| record.as_of(day)).collect();
    }
    records.retain(|record| selection.contains(record));
    // Names are for comfort: where the knowledge base is not at hand, codes do. Dyad-years are made for their codes.
    let known = match args.format {
        Format::DyadYear => models::knowledge_base(&[])?,
        _ => models::knowledge_base(&[]).unwrap_or_default(),
    };
    let name = |code: &ActorCode| known.name_of(code).map(str::to_owned);
    let layout = Layout { width: width(args.out.as_deref()), name: &name };
    let write: WriteForm = match args.format {
        Format::Table => Box::new(|mut out| table::write(&records, &layout, &mut out)),
        Format::Csv => Box::new(|mut out| csv::write(&records, &mut out)),
        Format::Jsonl => Box::new(|mut out| jsonl::write(&records, &mut out)),
        Format::Sqlite => return write_database(&records, &known, args.out.as_deref()),
        Format::Graphml => Box::new(|out| graphml::write(&records, &name, out)),
        Format::Gexf => Box::new(|out| gexf::write(&records, &name, out)),
        Format::DyadYear => Box::new(|mut out| dyad_year::write(&records, &known, &mut out)),
    };
    let mut output = Output::open(args.out.as_deref())?;
    output.write_with(|out| {
        write(out).map_err(|error| match error {
            Error::Io(error) => error,
            other => io::Error::other(other),
        })
    })?;
    output.finish()?;
    Ok(Status::Done)
}

/// Writes a database, which SQLite must open by name.
fn write_database(records: &[Record], known: &KnowledgeBase, out: Option<&Path>) -> Result<Status> {
    let Some(path) = out.filter(|path| path.as_os_str() != "-") else {
        bail!("a database cannot go to standard output; give the file to write with --out FILE");
    };
    let file = PartialFile::create(path)?;
    sqlite::write(records, known, file.partial()).with_context(|| format!("cannot write {}", path.display()))?;
    file.finish()?;
    Ok(Status::Done)
}

/// Reads the records of a file.
fn read(path: &Path) -> Result<Vec<Record>> {
    let name = path.display();
    let reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(path)
            .with_context(|| format!("cannot read {name}; give the records.jsonl of a `demarche run`"))?;
        Box::new(BufReader::new(file))
    };
    jsonl::read(reader).collect::<Result<_, _>>().with_context(|| format!("cannot read {name}"))
}

/// Columns of a table that does not go to a terminal.
const PAGE: usize = 120;

/// Columns of the terminal that the table goes to, or of a page.
fn width(out: Option<&Path>) -> usize {
    let terminal = Term::stdout();
    match terminal.size_checked() {
        Some((_, columns)) if out.is_none() && terminal.is_term() => usize::from(columns),
        _ => PAGE,
    }
}
