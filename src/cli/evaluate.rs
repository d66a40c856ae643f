//! `demarche evaluate`: how good are annotations, events of given pairs, or records.

mod gold;

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{bail, Result};
use demarche::document::{Annotation, Document, Event};
use demarche::evaluate::{self, Format, Minimum, Options, Report};
use demarche::pipeline::{self, Located, Outcome, Settings};

use super::flags::{DeviceFlags, GivenParts, ModelFlags, ThreadFlags};
use super::models;
use super::output::Output;
use super::progress::Progress;
use super::Status;
use gold::Labels;

/// Compares annotations, events of given pairs, or records with gold
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Gold may be annotations.jsonl, the project's corpus with marks in the text, CoNLL columns, sentences with one
pair and its event, or records.jsonl; a folder stands for the files in it. Without --pred the model reads the
gold's texts; with --given, on the gold's mentions or pairs.

Examples:
  demarche evaluate --gold corpus/dev --pred out/annotations.jsonl
  demarche evaluate --gold corpus/dev --given mentions --format markdown
  demarche evaluate --gold gold/records.jsonl --pred out/records.jsonl --min records.facets.micro.f1=0.9")]
pub struct Args {
    /// What is right: a file, or a folder of files
    #[arg(long, value_name = "PATH", required = true)]
    gold: Vec<PathBuf>,

    /// What to judge [default: what the model makes of the gold's texts]
    #[arg(long, value_name = "FILE")]
    pred: Vec<PathBuf>,

    /// Without --pred: let the model have these of the gold
    #[arg(long, value_name = "WHAT", conflicts_with = "pred")]
    given: Option<GivenParts>,

    /// The form of the report: table, json, markdown or csv
    #[arg(long, value_name = "FORM", default_value = "table")]
    format: Format,

    /// A metric and the least value it must have, or the exit status is 1 (repeatable)
    #[arg(long, value_name = "METRIC=VALUE")]
    min: Vec<Minimum>,

    /// How many times to resample the documents for confidence intervals, 0 for none
    #[arg(long, value_name = "N", default_value_t = Options::default().resamples)]
    resamples: usize,

    /// File for the report [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    model: ModelFlags,

    #[command(flatten)]
    device: DeviceFlags,

    #[command(flatten)]
    threads: ThreadFlags,
}

/// Reads both sides, compares and reports.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let settings = Settings::for_threads(args.threads.claim()?);
    let report = compare(args, settings, quiet)?;
    let mut output = Output::open(args.out.as_deref())?;
    output.write_with(|out| out.write_all(report.render(args.format).as_bytes()))?;
    output.finish()?;
    report.warning_lines().iter().for_each(|line| super::say(format_args!("warning: {line}")));
    let short = report.shortfalls(&args.min)?;
    short.iter().for_each(|shortfall| super::say(format_args!("{shortfall}")));
    Ok(Status::of_rejects(short.len()))
}

fn compare(args: &Args, settings: Settings, quiet: bool) -> Result<Report> {
    let options = Options { resamples: args.resamples, ..Options::default() };
    let gold = gold::read(&args.gold)?;
    match gold {
        Labels::Annotations(gold) => {
            let documents = || gold.iter().map(|a| gold::document(a, args.given)).collect();
            let pred = predictions(args, documents, settings, quiet)?;
            Ok(evaluate::evaluate(&gold, &pred, options))
        }
        Labels::Pairs(gold) => {
            let documents = || gold.iter().map(gold::pair_document).collect();
            // Pairs are given by their nature.
            let pred = predictions(args, documents, settings, quiet)?;
            let events: HashMap<_, _> = pred.iter().map(|a| (a.meta.id.as_str(), best_event(a))).collect();
            let events: Vec<_> = gold.iter().map(|p| (p.event, events.get(p.id.as_str()).copied().flatten())).collect();
            Ok(evaluate::evaluate_events(&events, options))
        }
        Labels::Records(gold) => match gold::read(&args.pred)? {
            Labels::Records(pred) => Ok(evaluate::evaluate_records(&gold, &pred, options)),
            _ => {
                bail!("--gold has records, so --pred needs records too, such as the records.jsonl of a `demarche run`")
            }
        },
    }
}

/// The event of a sentence with one given pair.
fn best_event(annotation: &Annotation) -> Option<Event> {
    let best = annotation.relations.iter().max_by(|a, b| a.score.get().total_cmp(&b.score.get()));
    best.map(|relation| relation.event)
}

/// The predictions of --pred or, without it, of the model.
fn predictions(
    args: &Args,
    documents: impl FnOnce() -> Vec<Document>,
    settings: Settings,
    quiet: bool,
) -> Result<Vec<Annotation>> {
    if !args.pred.is_empty() {
        return match gold::read(&args.pred)? {
            Labels::Annotations(pred) => Ok(pred),
            _ => bail!("--pred needs annotations, such as the annotations.jsonl of a `demarche run`"),
        };
    }
    let documents = documents();
    let given = match documents.first().and_then(|d| d.given.as_ref()) {
        Some(given) if given.pairs.is_some() => Some(GivenParts::Pairs),
        Some(_) => Some(GivenParts::Mentions),
        None => None,
    };
    let annotator = models::annotator(&args.model, &args.device, given, settings.threads)?;
    let located = documents.into_iter().map(|document| {
        let file = document.meta.id.clone();
        Ok(Located { document, file, line: None })
    });
    let mut progress = Progress::new(quiet);
    let mut pred = Vec::new();
    pipeline::annotate(located, &*annotator, settings, |outcome| {
        match outcome {
            Outcome::Annotated { annotation, .. } => {
                progress.annotated(&annotation.text);
                pred.push(*annotation);
            }
            Outcome::Rejected(reject) => progress.rejected(&reject),
        }
        anyhow::Ok(())
    })?;
    progress.finish();
    Ok(pred)
}
