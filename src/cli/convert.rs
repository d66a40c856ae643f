//! `demarche convert`: labelled documents from one form into another.

use std::path::PathBuf;

use anyhow::{bail, Result};
use demarche::corpus::formats::Format;

use super::labelled::{self, Remarks};
use super::progress::Progress;
use super::sink::Sink;
use super::Status;

/// Turns labelled documents from one form into another
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Forms: annotations (annotations.jsonl), corpus (marks in the text, as in corpus/train), conll (CoNLL-2003 columns;
IOB1, IOB2 and BILUO are read), conllu, brat, doccano, prodigy, label-studio, spacy, displacy, pairs (PLV), plover.
What a form cannot express is told by number on standard error; so is what could not be taken as it stands.

Examples:
  demarche convert corpus/dev --to prodigy --out dev.jsonl
  demarche convert gold.json --from label-studio --to annotations --strict > gold.jsonl
  demarche convert corpus/dev/a1.jsonl --to brat --out brat/a1
  zcat news.conll.gz | demarche convert - --from conll --to spacy > news.jsonl")]
pub struct Args {
    /// Files, folders or `-` for standard input (with --from); of brat, a folder or .ann files
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// The form to write
    #[arg(long, value_name = "FORM")]
    to: Format,

    /// The form that the input has [default: what each file looks like]
    #[arg(long, value_name = "FORM")]
    from: Option<Format>,

    /// File to write, for brat a folder [default: standard output]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,

    /// Write nothing if a label or a document could not be taken as it stands
    #[arg(long)]
    strict: bool,
}

/// Reads, writes, and tells what was lost.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let files = labelled::files(&args.inputs)?;
    let mut progress = Progress::new(quiet);
    let mut remarks = Remarks::default();
    let mut sink = (!args.strict).then(|| Sink::open(args.to, args.out.as_deref())).transpose()?;
    let mut kept = Vec::new();
    for (path, found) in labelled::documents(files, args.from) {
        let found = match found {
            Ok(found) => found,
            Err(reject) => {
                progress.rejected(&reject);
                continue;
            }
        };
        remarks.extend(found.remarks);
        let Some(document) = found.document else { continue };
        remarks.inspect(&path, &document);
        progress.annotated(&document.annotation.text);
        match &mut sink {
            Some(sink) => sink.add(&document)?,
            None => kept.push(document),
        }
    }
    progress.finish();
    remarks.lines().iter().for_each(|line| progress.say(format_args!("warning: {line}")));
    if args.strict && remarks.faults() + progress.rejects() > 0 {
        bail!("--strict, and not all labels could be taken as they stand; nothing is written");
    }
    let mut sink = sink.map_or_else(|| Sink::open(args.to, args.out.as_deref()), Ok)?;
    kept.iter().try_for_each(|document| sink.add(document))?;
    let losses = sink.finish()?;
    if !losses.is_empty() {
        progress.say(format_args!("warning: {} cannot express {losses}", args.to));
    }
    progress.say(format_args!("{progress}"));
    Ok(Status::of_rejects(progress.rejects()))
}
