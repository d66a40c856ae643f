//! `demarche aggregate`: from annotations, and from earlier aggregates, to records.

use std::path::PathBuf;

use anyhow::Result;
use demarche::corpus;
use demarche::document::Date;
use demarche::records::{self, Aggregate, Part};
use serde_json::json;

use super::flags::ThreadFlags;
use super::progress::Progress;
use super::run_folder::{versions, RunFolder};
use super::Status;

/// Folds annotations and earlier aggregates of any number of runs into records
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Writes records.jsonl (who stands how to whom) and aggregate.jsonl (what the documents claim, much smaller than their
annotations and as good for aggregating again), rejects.jsonl and run.json.
The order of files and lines changes nothing, and a document that is given twice counts once.

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
}

/// Lines that are folded at a time.
const PARTS: usize = 1024;

/// Reads, folds and writes the folder.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let threads = args.threads.claim()?;
    let folder = RunFolder::open(&args.out, &args.annotations)?;
    let mut rejects = folder.file("rejects.jsonl")?;
    let mut lines = folder.file("records.jsonl")?;
    let mut stored = folder.file("aggregate.jsonl")?;
    let mut progress = Progress::new(quiet);
    let mut aggregate = Aggregate::new(records::Settings::default());
    let mut parts = Vec::with_capacity(PARTS);
    for path in &args.annotations {
        // A file that cannot be opened must not pass for an empty one: nothing is done then.
        for part in corpus::read_lines(path, |_, line| Part::parse(line))? {
            match part {
                Ok(part) => {
                    progress.annotated(match &part {
                        Part::Annotation(annotation) => &annotation.text,
                        Part::Stored(_) => "",
                    });
                    parts.push(part);
                    if parts.len() == PARTS {
                        aggregate.add_parts(std::mem::take(&mut parts));
                    }
                }
                Err(reject) => {
                    rejects.write_json_line(&reject)?;
                    progress.rejected(&reject);
                }
            }
        }
    }
    aggregate.add_parts(parts);
    let mut records = aggregate.records();
    if let Some(day) = args.as_of {
        records = records.iter().filter_map(|record| record.as_of(day)).collect();
    }
    aggregate.stored().try_for_each(|document| stored.write_json_line(&document))?;
    records.iter().try_for_each(|record| lines.write_json_line(record))?;
    progress.finish();

    let (diagnostics, rejected) = (aggregate.diagnostics(), progress.rejects());
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
            "records": records.len(),
        },
        "machine": { "threads": threads, "seconds": progress.elapsed().as_secs() },
    });
    let place = folder.path("records.jsonl");
    folder.finish([rejects, lines, stored], &manifest)?;
    progress.say(format_args!("{progress}; {} records in {}", records.len(), place.display()));
    Ok(Status::of_rejects(rejected))
}
