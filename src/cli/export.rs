//! `demarche export`: records in a form for readers and other programs.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use demarche::document::ActorCode;
use demarche::export;
use demarche::records::Record;

use super::output::Output;
use super::Status;

/// Writes records as a table to read, as CSV or as JSON lines
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  demarche export out/records.jsonl
  demarche export out/records.jsonl --counterpart AFG/TALIBAN
  demarche export out/records.jsonl --format csv --out records.csv")]
pub struct Args {
    /// records.jsonl of a run, `-` for standard input
    #[arg(value_name = "RECORDS", default_value = "out/records.jsonl")]
    records: PathBuf,

    /// The form
    #[arg(long, value_name = "FORM", default_value = "table")]
    format: Format,

    /// Only records of this actor, such as RUS (repeatable)
    #[arg(long, value_name = "CODE")]
    actor: Vec<ActorCode>,

    /// Only records on this counterpart, such as AFG/TALIBAN (repeatable)
    #[arg(long, value_name = "CODE")]
    counterpart: Vec<ActorCode>,

    /// File to write [default: standard output]
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
}

/// Reads, filters and writes.
pub fn run(args: &Args) -> Result<Status> {
    let wanted = |codes: &[ActorCode], code: &ActorCode| codes.is_empty() || codes.contains(code);
    let mut records = read(&args.records)?;
    records.retain(|r| wanted(&args.actor, &r.actor) && wanted(&args.counterpart, &r.counterpart));
    let mut output = Output::open(args.out.as_deref())?;
    output.write_with(|mut out| match args.format {
        Format::Table => export::table(&records, width(args.out.as_deref()), &mut out),
        Format::Csv => export::csv(&records, &mut out),
        Format::Jsonl => export::json_lines(&records, &mut out),
    })?;
    output.finish()?;
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
    let mut records = Vec::new();
    for (number, line) in (1..).zip(reader.lines()) {
        let line = line.with_context(|| format!("cannot read {name}, line {number}"))?;
        if !line.trim().is_empty() {
            let record = serde_json::from_str(&line)
                .with_context(|| format!("{name}:{number} is no record of a `demarche run`"))?;
            records.push(record);
        }
    }
    Ok(records)
}

/// Columns of the terminal, or of a page when the table goes elsewhere.
fn width(out: Option<&Path>) -> usize {
    match out {
        None => terminal_width(),
        Some(_) => PAGE,
    }
}

/// Columns of a table that does not go to a terminal.
const PAGE: usize = 120;

/// Columns of the terminal that standard output is.
fn terminal_width() -> usize {
    use std::io::IsTerminal;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    match columns {
        Some(columns) if io::stdout().is_terminal() => columns,
        _ => PAGE,
    }
}
