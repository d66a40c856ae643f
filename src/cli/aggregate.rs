//! `demarche aggregate`: from annotations, and from earlier aggregates, to records.

use std::path::{Path, PathBuf};

use anyhow::Result;
use demarche::corpus::{self, Reject};
use demarche::document::Date;
use demarche::records::Part;
use rayon::prelude::*;
use serde_json::json;

use super::flags::{MemoryFlags, ThreadFlags};
use super::output::cannot_spill;
use super::progress::Progress;
use super::records_files::{self, RecordsFiles};
use super::run_folder::{versions, RunFolder};
use super::Status;

/// Folds annotations and earlier aggregates of any number of runs into records
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Writes records.jsonl (who stands how to whom) and aggregate.jsonl (what the documents claim, much smaller than their
annotations and as good for aggregating again), rejects.jsonl and run.json.
The order of files and lines changes nothing, nor does the memory, and a document that is given twice counts once.

Examples:
  demarche aggregate day1.jsonl day2.jsonl --out out
  demarche aggregate out/aggregate.jsonl day3.jsonl --out new
  demarche aggregate out/annotations.jsonl --out then --as-of 2024-06-30")]
pub struct Args {
    /// annotations.jsonl of a run, gold in that form, or aggregate.jsonl of an earlier aggregation
    #[arg(required = true, value_name = "ANNOTATIONS")]
    annotations: Vec<PathBuf>,

    /// Folder for records.jsonl, aggregate.jsonl, rejects.jsonl and run.json
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Write the records as of this day (2024-05-28), or the end of this month or year: statuses that stood then,
    /// and what had happened by then, whenever it was told
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,

    #[command(flatten)]
    threads: ThreadFlags,

    #[command(flatten)]
    memory: MemoryFlags,
}

/// Most lines that are folded at a time.
const LINES: usize = 1024;
/// What part of the memory they may take before they are read; once read they take a few times as much.
const LINES_PART: usize = 16;

/// Reads, folds and writes the folder.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let threads = args.threads.claim()?;
    let folder = RunFolder::open(&args.out, &args.annotations)?;
    let mut rejects = folder.file("rejects.jsonl")?;
    let mut results = RecordsFiles::create(&folder, true)?;
    let mut aggregation = records_files::aggregation(&folder, &args.memory)?;
    let mut progress = Progress::new(quiet);
    for path in &args.annotations {
        let mut fold = |lines: Vec<Line>| -> Result<()> {
            let mut parts = Vec::with_capacity(lines.len());
            for part in lines.into_par_iter().map(|line| parse(path, line)).collect::<Vec<_>>() {
                match part {
                    Ok(part) => {
                        progress.annotated(match &part {
                            Part::Annotation(annotation) => &annotation.text,
                            Part::Stored(_) => "",
                        });
                        parts.push(part);
                    }
                    Err(reject) => {
                        rejects.write_json_line(&reject)?;
                        progress.rejected(&reject);
                    }
                }
            }
            aggregation.add_parts(parts).map_err(cannot_spill)
        };
        let (mut lines, mut bytes) = (Vec::new(), 0);
        // A file that cannot be opened must not pass for an empty one: nothing is done then.
        for line in corpus::read_lines(path, |number, text| Ok((number, text.to_owned())))? {
            bytes += line.as_ref().map_or(0, |(_, text)| text.len());
            lines.push(line);
            if lines.len() == LINES || bytes > args.memory.memory.0 / LINES_PART {
                fold(std::mem::take(&mut lines))?;
                bytes = 0;
            }
        }
        fold(lines)?;
    }
    let (records, diagnostics) = results.write(aggregation, args.as_of)?;
    progress.finish();

    let rejected = progress.rejects();
    let manifest = json!({
        "versions": versions(),
        "inputs": args.annotations.iter().map(|input| input.to_string_lossy()).collect::<Vec<_>>(),
        "as_of": args.as_of,
        "counts": {
            "documents": diagnostics.documents,
            "rejected": rejected,
            "relations": diagnostics.relations,
            "relations_unlinked": diagnostics.unlinked,
            "relations_internal": diagnostics.internal,
            "records": records,
        },
        "machine": { "threads": threads, "seconds": progress.elapsed().as_secs() },
    });
    let place = folder.path("records.jsonl");
    folder.finish(std::iter::once(rejects).chain(results.files()), &manifest)?;
    progress.say(format_args!("{progress}; {records} records in {}", place.display()));
    Ok(Status::of_rejects(rejected))
}

/// A line with its number, or why it could not be read.
type Line = Result<(usize, String), Reject>;

fn parse(path: &Path, line: Line) -> Result<Part, Reject> {
    let (number, text) = line?;
    Part::parse(&text).map_err(|reason| Reject::new(path, Some(number), reason))
}
