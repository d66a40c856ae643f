//! `demarche sample`: the documents most worth labelling next.

use std::path::PathBuf;

use anyhow::{bail, Result};
use demarche::corpus::formats::{Format, Labelled};
use demarche::document::Annotation;
use demarche::sample::{pick, Strategy};
use std::collections::HashSet;

use super::labelled::{self, Remarks};
use super::progress::Progress;
use super::sink::Sink;
use super::Status;

/// Picks the documents most worth labelling next, with the labels that the model gave them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
uncertainty: those of whose mentions, actors and relations the model is least sure; random: any; stratified: as many
for each act as for any other, and some without a relation. The forms are those of `demarche convert`.

Examples:
  demarche annotate news/ --out news.jsonl
  demarche sample news.jsonl --by uncertainty --count 50 --to label-studio --out tasks.json
  demarche sample news.jsonl --by stratified --count 50 --without labelled.jsonl --to prodigy > tasks.jsonl")]
pub struct Args {
    /// Annotated documents: annotations.jsonl, or another form with scores
    #[arg(required = true, value_name = "ANNOTATIONS")]
    inputs: Vec<PathBuf>,

    /// What makes a document worth labelling: uncertainty, random or stratified
    #[arg(long, value_name = "WHAT", default_value = "uncertainty")]
    by: Strategy,

    /// How many documents to pick
    #[arg(long, value_name = "N", default_value_t = 50)]
    count: usize,

    /// Leave out documents that are labelled already: those with the id or the text of one in this file or folder
    #[arg(long, value_name = "PATH")]
    without: Vec<PathBuf>,

    /// Draws other lots
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// The form to write
    #[arg(long, value_name = "FORM", default_value = "annotations")]
    to: Format,

    /// File to write, for brat a folder [default: standard output]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

/// Reads, picks and writes.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let mut progress = Progress::new(quiet);
    let mut remarks = Remarks::default();
    let mut read = |paths: &[PathBuf]| -> Result<Vec<Labelled>> {
        let mut documents = Vec::new();
        for (_, found) in labelled::documents(labelled::files(paths)?, None) {
            match found {
                Ok(found) => {
                    remarks.extend(found.remarks);
                    documents.extend(found.document);
                }
                Err(reject) => progress.rejected(&reject),
            }
        }
        Ok(documents)
    };
    let labelled = read(&args.without)?;
    let done: HashSet<&str> = labelled.iter().flat_map(|d| [&*d.annotation.meta.id, &*d.annotation.text]).collect();
    let mut documents = read(&args.inputs)?;
    let all = documents.len();
    let is_done = |a: &Annotation| done.contains(a.meta.id.as_str()) || done.contains(a.text.as_str());
    documents.retain(|document| !is_done(&document.annotation));
    if documents.is_empty() {
        bail!("none of {all} documents is left to pick from; give the annotations of more texts");
    }
    let (annotations, lines): (Vec<_>, Vec<_>) =
        documents.into_iter().map(|document| (document.annotation, (document.tokens, document.line))).unzip();
    let picked = pick(&annotations, args.by, args.count, args.seed);
    let mut sink = Sink::open(args.to, args.out.as_deref())?;
    for number in &picked {
        let (tokens, line) = lines[*number].clone();
        sink.add(&Labelled { annotation: annotations[*number].clone(), tokens, line })?;
    }
    let losses = sink.finish()?;
    progress.finish();
    remarks.lines().iter().for_each(|line| progress.say(format_args!("warning: {line}")));
    if !losses.is_empty() {
        progress.say(format_args!("warning: {} cannot express {losses}", args.to));
    }
    let left_out = all - annotations.len();
    progress.say(format_args!("{} picked of {}, {left_out} left out", picked.len(), annotations.len()));
    Ok(Status::of_rejects(progress.rejects()))
}
