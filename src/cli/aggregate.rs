//! `demarche aggregate`: from annotations to records.

use std::path::PathBuf;

use anyhow::Result;
use demarche::corpus::standoff;
use demarche::records::{self, Aggregate};
use serde_json::json;

use super::flags::ThreadFlags;
use super::progress::Progress;
use super::run_folder::{versions, RunFolder};
use super::Status;

/// Folds annotations of any number of runs into records
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The order of files and lines changes nothing, and a document that is given twice counts once.

Examples:
  demarche aggregate day1.jsonl day2.jsonl --out out
  demarche aggregate out/annotations.jsonl --out again")]
pub struct Args {
    /// annotations.jsonl of a run, or gold in that form
    #[arg(required = true, value_name = "ANNOTATIONS")]
    annotations: Vec<PathBuf>,

    /// Folder for records.jsonl, rejects.jsonl and run.json
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    #[command(flatten)]
    threads: ThreadFlags,
}

/// Reads, folds and writes the folder.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let threads = args.threads.claim()?;
    let folder = RunFolder::open(&args.out, &args.annotations)?;
    let mut rejects = folder.file("rejects.jsonl")?;
    let mut lines = folder.file("records.jsonl")?;
    let mut progress = Progress::new(quiet);
    let mut aggregate = Aggregate::new(records::Settings::default());
    for path in &args.annotations {
        // A file that cannot be opened must not pass for an empty one: nothing is done then.
        for annotation in standoff::read(path)? {
            match annotation {
                Ok(annotation) => {
                    aggregate.add(&annotation);
                    progress.annotated(&annotation.text);
                }
                Err(reject) => {
                    rejects.write_json_line(&reject)?;
                    progress.rejected(&reject);
                }
            }
        }
    }
    let records = aggregate.records();
    records.iter().try_for_each(|record| lines.write_json_line(record))?;
    progress.finish();

    let (diagnostics, rejected) = (aggregate.diagnostics(), progress.rejects());
    let manifest = json!({
        "versions": versions(),
        "inputs": args.annotations.iter().map(|input| input.to_string_lossy()).collect::<Vec<_>>(),
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
    folder.finish([rejects, lines], &manifest)?;
    progress.say(format_args!("{progress}; {} records in {}", records.len(), place.display()));
    Ok(Status::of_rejects(rejected))
}
