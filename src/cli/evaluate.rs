//! `demarche evaluate`: how good are annotations, events of given pairs, or records.

mod gold;

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{bail, Result};
use demarche::corpus::pairs::PairExample;
use demarche::document::{Annotation, Document};
use demarche::evaluate::events::SureEvent;
use demarche::evaluate::mistakes::{self, GivenPair, Mistake};
use demarche::evaluate::{self, Comparison, Format, Minimum, Options, Report};
use demarche::pipeline::{self, Located, Outcome, Settings};

use super::flags::{BorrowedFlags, DeviceFlags, GivenParts, ModelFlags, ThreadFlags};
use super::labelled::Remarks;
use super::models;
use super::output::Output;
use super::progress::Progress;
use super::Status;
use gold::Labels;

/// Compares annotations, events of given pairs, or records with gold
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Gold and predictions may have any form that `demarche convert` reads, or be records.jsonl; a folder stands for the
files in it. Without --pred the model reads the gold's texts; with --given, on the gold's mentions or pairs.

Examples:
  demarche evaluate --gold corpus/dev --pred out/annotations.jsonl
  demarche evaluate --gold corpus/dev --given mentions --format markdown
  demarche evaluate --gold gold/records.jsonl --pred out/records.jsonl --min records.facets.f1=0.9
  demarche evaluate --gold corpus/dev --pred new.jsonl --baseline old.jsonl --errors errors.html")]
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

    /// Another prediction to set it beside: differences, and how likely chance makes them
    #[arg(long, value_name = "FILE")]
    baseline: Vec<PathBuf>,

    /// File for every error, sorted by kind: a page to read if it ends in .html, JSON lines otherwise
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,

    /// Make a warning about the gold or the prediction an error
    #[arg(long)]
    strict: bool,

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
    borrowed: BorrowedFlags,

    #[command(flatten)]
    device: DeviceFlags,

    #[command(flatten)]
    threads: ThreadFlags,
}

/// The report, alone or beside that of a baseline.
enum Verdict {
    Alone(Box<Report>),
    Beside(Box<Comparison>),
}

impl Verdict {
    fn report(&self) -> &Report {
        match self {
            Verdict::Alone(report) => report,
            Verdict::Beside(comparison) => &comparison.report,
        }
    }

    fn render(&self, format: Format) -> String {
        match self {
            Verdict::Alone(report) => report.render(format),
            Verdict::Beside(comparison) => comparison.render(format),
        }
    }
}

/// Reads both sides, compares and reports.
pub fn run(args: &Args, quiet: bool) -> Result<Status> {
    let settings = Settings::for_threads(args.threads.claim()?);
    let mut remarks = Remarks::default();
    let (verdict, mistakes) = judge(args, settings, &mut remarks, quiet)?;
    if let Some(path) = &args.errors {
        let page = path.extension().is_some_and(|suffix| suffix == "html");
        let text = if page { mistakes::html(&mistakes) } else { mistakes::json_lines(&mistakes) };
        let mut file = Output::open(Some(path))?;
        file.write_with(|out| out.write_all(text.as_bytes()))?;
        file.finish()?;
    }
    let mut output = Output::open(args.out.as_deref())?;
    output.write_with(|out| out.write_all(verdict.render(args.format).as_bytes()))?;
    output.finish()?;
    let warnings = verdict.report().warning_lines();
    // The forms that are read by eye show the warnings themselves.
    if matches!(args.format, Format::Json | Format::Csv) {
        warnings.iter().for_each(|line| super::say(format_args!("warning: {line}")));
    }
    if !quiet {
        remarks.lines().iter().for_each(|line| super::say(format_args!("warning: {line}")));
    }
    if args.strict && (!warnings.is_empty() || remarks.faults() > 0) {
        let all: Vec<_> = warnings.into_iter().chain(remarks.lines()).collect();
        bail!("--strict, and there are warnings: {}", all.join("; "));
    }
    let short = verdict.report().shortfalls(&args.min)?;
    short.iter().for_each(|shortfall| super::say(format_args!("{shortfall}")));
    Ok(Status::of_rejects(short.len()))
}

/// The verdict and, where they are asked for, all mistakes.
fn judge(args: &Args, settings: Settings, remarks: &mut Remarks, quiet: bool) -> Result<(Verdict, Vec<Mistake>)> {
    let options = Options { resamples: args.resamples, ..Options::default() };
    let gold = gold::read(&args.gold, remarks)?;
    let baseline = (!args.baseline.is_empty()).then(|| gold::read(&args.baseline, remarks)).transpose()?;
    let wanted = args.errors.is_some();
    let alone = |report| Verdict::Alone(Box::new(report));
    let beside = |comparison| Verdict::Beside(Box::new(comparison));
    Ok(match (gold, baseline) {
        (Labels::Annotations(gold), baseline) => {
            let documents = || gold.iter().map(|a| gold::document(a, args.given)).collect();
            let pred = predictions(args, documents, settings, remarks, quiet)?;
            let verdict = match baseline {
                None => alone(evaluate::evaluate(&gold, &pred, options)),
                Some(Labels::Annotations(base)) => beside(evaluate::compare(&gold, &pred, &base, options)),
                Some(_) => bail!("--baseline needs annotations, such as the annotations.jsonl of a `demarche run`"),
            };
            (verdict, if wanted { mistakes::mistakes(&gold, &pred) } else { Vec::new() })
        }
        (Labels::Pairs(gold), baseline) => {
            let documents = || gold.iter().map(gold::pair_document).collect();
            // Pairs are given by their nature.
            let pred = best_events(&gold, &predictions(args, documents, settings, remarks, quiet)?);
            let events = |best: &[Option<SureEvent>]| -> Vec<_> {
                gold.iter().zip(best).map(|(p, best)| (p.event, *best)).collect()
            };
            let verdict = match baseline {
                None => alone(evaluate::evaluate_events(&events(&pred), options)),
                Some(Labels::Annotations(base)) => {
                    let base = events(&best_events(&gold, &base));
                    beside(evaluate::compare_events(&events(&pred), &base, options))
                }
                Some(_) => bail!("--baseline needs annotations, such as `demarche annotate --given pairs` writes"),
            };
            let pairs: Vec<_> = gold.iter().zip(pred).map(|(pair, predicted)| given_pair(pair, predicted)).collect();
            (verdict, if wanted { mistakes::event_mistakes(&pairs) } else { Vec::new() })
        }
        (Labels::Records(gold), baseline) => {
            let Labels::Records(pred) = gold::read(&args.pred, remarks)? else {
                bail!("--gold has records, so --pred needs records too, such as the records.jsonl of a `demarche run`")
            };
            let verdict = match baseline {
                None => alone(evaluate::evaluate_records(&gold, &pred, options)),
                Some(Labels::Records(base)) => beside(evaluate::compare_records(&gold, &pred, &base, options)),
                Some(_) => bail!("--gold has records, so --baseline needs records too"),
            };
            (verdict, if wanted { mistakes::record_mistakes(&gold, &pred) } else { Vec::new() })
        }
    })
}

/// For each pair the event that the prediction of its sentence gives, if any, and how probable it is among the events.
fn best_events(gold: &[PairExample], pred: &[Annotation]) -> Vec<Option<SureEvent>> {
    let best = |annotation: &Annotation| {
        let best = annotation.relations.iter().max_by(|a, b| a.score.get().total_cmp(&b.score.get()));
        best.map(|relation| {
            let of_events = relation.scores.as_ref().and_then(|scores| scores.get(relation.event.index()));
            (relation.event, of_events.copied().unwrap_or(relation.score))
        })
    };
    let by_id: HashMap<_, _> = pred.iter().map(|a| (a.meta.id.as_str(), best(a))).collect();
    gold.iter().map(|pair| by_id.get(pair.id.as_str()).copied().flatten()).collect()
}

fn given_pair(pair: &PairExample, predicted: Option<SureEvent>) -> GivenPair<'_> {
    GivenPair { id: &pair.id, text: &pair.text, src: pair.src, tgt: pair.tgt, gold: pair.event, predicted }
}

/// The predictions of --pred or, without it, of the model.
fn predictions(
    args: &Args,
    documents: impl FnOnce() -> Vec<Document>,
    settings: Settings,
    remarks: &mut Remarks,
    quiet: bool,
) -> Result<Vec<Annotation>> {
    if !args.pred.is_empty() {
        return match gold::read(&args.pred, remarks)? {
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
    let annotator = models::annotator(&args.model, &args.borrowed, &args.device, given, settings.threads)?;
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
    annotator.warnings().iter().for_each(|warning| progress.say(format_args!("warning: {warning}")));
    Ok(pred)
}
