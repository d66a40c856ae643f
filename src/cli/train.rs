//! `demarche train`: a model from a recipe.

use std::path::PathBuf;

use anyhow::{Context, Result};
use demarche::train::{self, TrainOptions};

use super::flags::{DeviceFlags, ThreadFlags};
use super::models;
use super::output::print;
use super::Status;

/// Trains a model as a recipe says
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The recipe names the data, the model to start from and every setting; the model card of the shipped
model says which recipes made it. Log, checkpoints and the best epoch's model go to the output folder.

Examples:
  demarche train models/demarche-mini/recipe-1.toml
  demarche train own-labels.toml --out models/own --resume
  demarche train own-labels.toml --encoder roberta-base --out models/own")]
pub struct Args {
    /// The recipe
    #[arg(value_name = "RECIPE.toml")]
    recipe: PathBuf,

    /// Another start than the recipe's: a folder with an encoder as Hugging Face writes it, or with a model of ours
    ///
    /// The encoder can be a BERT, RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA, DistilBERT, ALBERT, MPNet or DeBERTa, with
    /// config.json, tokenizer.json and model.safetensors.
    #[arg(long, value_name = "DIR")]
    encoder: Option<PathBuf>,

    /// Another output folder than the recipe's
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    resume: bool,

    #[command(flatten)]
    device: DeviceFlags,

    #[command(flatten)]
    threads: ThreadFlags,
}

/// Trains and prints the development scores of the kept epoch.
pub fn run(args: Args, quiet: bool) -> Result<Status> {
    let device = models::device(args.device.device)?;
    let options = TrainOptions {
        resume: args.resume,
        encoder: args.encoder,
        out: args.out,
        threads: args.threads.claim()?.get(),
        device,
        kind: models::kind(args.device.precision, device),
        progress: !quiet,
    };
    let outcome = train::run(&args.recipe, &options)
        .with_context(|| format!("cannot train as {} says", args.recipe.display()))?;
    print([format!("epoch {} is the best, its model is in {}", outcome.epoch, outcome.folder.display())])?;
    print(outcome.scores.iter().map(|(name, scores)| format!("{name}: {scores:?}")))?;
    Ok(Status::Done)
}
