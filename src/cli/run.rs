//! `demarche run`: from documents to records.

use std::path::PathBuf;

use anyhow::Result;
use demarche::pipeline::{self, Counts, Outcome, Settings};
use demarche::records::Diagnostics;
use serde_json::{json, Value};

use super::flags::{BorrowedFlags, DeviceFlags, InputFlags, MemoryFlags, ModelFlags, ThreadFlags};
use super::forms::{Exports, Form};
use super::input;
use super::models;
use super::output::cannot_spill;
use super::progress::Progress;
use super::records_files::{self, RecordsFiles};
use super::run_folder::{versions, RunFolder};
use super::Status;

/// Reads documents and writes who stands how to whom
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Writes annotations.jsonl (what was found in each document), records.jsonl (who stands how to whom),
rejects.jsonl (what could not be read, and why) and run.json (versions, settings, counts).

Examples:
  demarche run corpus/sample --out out
  demarche run corpus/sample --out out --format parquet,sqlite
  demarche run news.jsonl.gz more/ --out out --threads 8
  zcat news.jsonl.gz | demarche run - --out out")]
pub struct Args {
    #[command(flatten)]
    input: InputFlags,

    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Write the records in these forms as well, as `demarche export` does (repeatable, or with commas between)
    #[arg(long, value_name = "FORM", value_delimiter = ',')]
    format: Vec<Form>,

    #[command(flatten)]
    model: ModelFlags,

    #[command(flatten)]
    borrowed: BorrowedFlags,

    #[command(flatten)]
    device: DeviceFlags,

    #[command(flatten)]
    threads: ThreadFlags,

    #[command(flatten)]
    memory: MemoryFlags,
}

/// Annotates, aggregates and writes the folder.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let threads = args.threads.claim()?;
    let folder = RunFolder::open(&args.out, &args.input.inputs)?;
    let mut annotations = folder.file("annotations.jsonl")?;
    let mut rejects = folder.file("rejects.jsonl")?;
    let mut results = RecordsFiles::create(&folder, false)?;
    let mut aggregation = records_files::aggregation(&folder, &args.memory)?;
    let mut exports = Exports::begin(&args.format, &folder)?;
    let documents = input::documents(&args.input, quiet)?;
    let annotator = models::annotator(&args.model, &args.borrowed, &args.device, args.input.given, threads)?;

    let mut progress = Progress::new(quiet);
    let counts = pipeline::annotate(documents, &*annotator, Settings::for_threads(threads), |outcome| {
        match outcome {
            Outcome::Annotated { annotation, line } => {
                annotations.write_with(|out| out.write_all(&line))?;
                exports.add(&annotation)?;
                aggregation.add(&annotation).map_err(cannot_spill)?;
                progress.annotated(&annotation.text);
            }
            Outcome::Rejected(reject) => {
                rejects.write_json_line(&reject)?;
                progress.rejected(&reject);
            }
        }
        anyhow::Ok(())
    })?;
    let (records, diagnostics) = results.write(aggregation, None)?;
    let exported = exports.finish(|| results.records(), &folder)?;
    progress.finish();
    annotator.warnings().iter().for_each(|warning| progress.say(format_args!("warning: {warning}")));

    let mut manifest = manifest(args, counts, diagnostics, records);
    manifest["model"] = annotator.describe();
    manifest["machine"] = json!({
        "threads": threads,
        "seconds": progress.elapsed().as_secs(),
        "words_per_second": progress.words_per_second(),
    });
    let place = folder.path("records.jsonl");
    folder.finish([annotations, rejects].into_iter().chain(results.files()).chain(exported), &manifest)?;
    progress.say(format_args!("{progress}; {records} records in {}", place.display()));
    Ok(Status::of_rejects(counts.rejected))
}

/// What the results are of: all of it the same for any number of threads.
fn manifest(args: &Args, counts: Counts, diagnostics: Diagnostics, records: usize) -> Value {
    json!({
        "versions": versions(),
        "inputs": args.input.inputs.iter().map(|input| input.to_string_lossy()).collect::<Vec<_>>(),
        "given": args.input.given.map(|given| given.name()),
        "counts": {
            "documents": counts.documents,
            "annotated": counts.annotated,
            "rejected": counts.rejected,
            "relations": diagnostics.relations,
            "relations_unlinked": diagnostics.unlinked,
            "relations_internal": diagnostics.internal,
            "records": records,
        },
    })
}
