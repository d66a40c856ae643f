//! `demarche annotate`: from documents to annotations.

use std::path::PathBuf;

use anyhow::Result;
use demarche::pipeline::{self, Outcome, Settings};

use super::flags::{BorrowedFlags, DeviceFlags, InputFlags, ModelFlags, ThreadFlags};
use super::input;
use super::models;
use super::output::{Output, PartialFile};
use super::progress::Progress;
use super::Status;

/// Reads documents and writes what each of them says
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  demarche annotate corpus/sample > annotations.jsonl
  demarche annotate day1/ --out day1.jsonl --rejects day1.rejects.jsonl
  demarche annotate labelled.jsonl --given mentions --out relations.jsonl
  demarche annotate brat/ --from brat --given mentions --out relations.jsonl
  cat article.txt | demarche annotate -")]
pub struct Args {
    #[command(flatten)]
    input: InputFlags,

    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// File for what could not be read, and why [default: a few on standard error]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    #[command(flatten)]
    model: ModelFlags,

    #[command(flatten)]
    borrowed: BorrowedFlags,

    #[command(flatten)]
    device: DeviceFlags,

    #[command(flatten)]
    threads: ThreadFlags,
}

/// Annotates and writes a line a document.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let threads = args.threads.claim()?;
    let mut output = Output::open(args.out.as_deref())?;
    let mut rejects = args.rejects.as_deref().map(PartialFile::create).transpose()?;
    let documents = input::documents(&args.input, quiet)?;
    let annotator = models::annotator(&args.model, &args.borrowed, &args.device, args.input.given, threads)?;
    let mut progress = Progress::new(quiet);
    let counts = pipeline::annotate(documents, &*annotator, Settings::for_threads(threads), |outcome| {
        match outcome {
            Outcome::Annotated { annotation, line } => {
                output.write_with(|out| out.write_all(&line))?;
                progress.annotated(&annotation.text);
            }
            Outcome::Rejected(reject) => {
                if let Some(rejects) = &mut rejects {
                    rejects.write_json_line(&reject)?;
                }
                progress.rejected(&reject);
            }
        }
        anyhow::Ok(())
    })?;
    progress.finish();
    annotator.warnings().iter().for_each(|warning| progress.say(format_args!("warning: {warning}")));
    output.finish()?;
    rejects.map_or(Ok(()), PartialFile::finish)?;
    progress.say(format_args!("{progress}"));
    Ok(Status::of_rejects(counts.rejected))
}
