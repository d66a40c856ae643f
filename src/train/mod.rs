//! Training of the model: multi-task over data sets with partial labels, from one recipe.

mod adamw;
mod batch;
mod checkpoint;
mod data;
mod dev;
mod examples;
mod log;
mod objective;
mod recipe;
mod schedule;

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use tch::{Device, Kind};

use crate::encoder::WordPieces;
use crate::model::{Labels, Model, ModelError, Network, Thresholds};
use adamw::AdamW;
use checkpoint::{Checkpoint, Progress};
use data::Data;
pub use dev::Scores;
use log::Log;
pub use recipe::{DataSet, Form, Lines, Recipe, RecipeError};

/// How a run is to be made, beside what the recipe says.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// Go on from the checkpoint in the output folder, where there is one.
    pub resume: bool,
    /// Another encoder to start from than the recipe's.
    pub encoder: Option<PathBuf>,
    /// Another output folder than the recipe's.
    pub out: Option<PathBuf>,
    /// Threads that libtorch computes with.
    pub threads: usize,
    /// Where to compute.
    pub device: Device,
    /// Numbers that the encoder computes with; variables and heads are kept in 32 bits.
    pub kind: Kind,
    /// Whether to draw a progress bar on stderr.
    pub progress: bool,
}

/// A training run that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The recipe cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The encoder to start from, or the model's folder, cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A data file cannot be used.
    #[error("{path}: {reason}")]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Log or checkpoint cannot be written or read.
    #[error("{path}: {reason}")]
    Output {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The loss is no longer a number.
    #[error(
        "the loss of step {step} is {loss}: lower learning_rate and start again from the last checkpoint with --resume"
    )]
    Diverged {
        /// The step.
        step: i64,
        /// What the loss was.
        loss: f64,
    },
}

/// What a finished run reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The epoch whose weights were kept, from 1.
    pub epoch: usize,
    /// Its dev scores, by name of the development set.
    pub scores: Vec<(String, Scores)>,
    /// The model's folder.
    pub folder: PathBuf,
}

/// Trains as the recipe at `path` says. The best epoch's model lies in the output folder at the end.
pub fn run(path: &Path, options: &TrainOptions) -> Result<Outcome, TrainError> {
    let mut recipe = Recipe::load(path)?;
    if let Some(out) = &options.out {
        recipe.out.clone_from(out);
    }
    if let Some(encoder) = &options.encoder {
        recipe.start.clone_from(encoder);
    }
    tch::set_num_threads(options.threads as i32);
    tch::manual_seed(recipe.seed as i64);
    let (network, pieces) = start(&recipe, options.device)?;
    let data = Data::load(&recipe, &pieces)?;
    Run { log: Log::open(&recipe.out, options.resume)?, recipe, options, pieces, network, data }.go()
}

/// What training starts from: a model of ours when the folder has labels, a pretrained encoder otherwise.
fn start(recipe: &Recipe, device: Device) -> Result<(Network, WordPieces), ModelError> {
    let folder = &recipe.start;
    let (network, pieces) = if folder.join("labels.json").exists() {
        let model = Model::load(folder, device)?;
        (model.network, model.pieces)
    } else {
        Network::pretrained(folder, device)?
    };
    let most = network.config.max_position_embeddings;
    if recipe.window as i64 > most {
        let reason = format!("the encoder reads at most {most} pieces, the recipe's window has {}", recipe.window);
        return Err(ModelError::Content { path: folder.join("config.json"), reason });
    }
    Ok((network, pieces))
}

struct Run<'a> {
    recipe: Recipe,
    options: &'a TrainOptions,
    pieces: WordPieces,
    network: Network,
    data: Data,
    log: Log,
}

impl Run<'_> {
    fn go(mut self) -> Result<Outcome, TrainError> {
        let mut optimizer = AdamW::new(&self.network.store, self.recipe.weight_decay, self.recipe.head_factor);
        let checkpoint = Checkpoint::new(&self.recipe.out);
        let mut progress = Progress::default();
        if self.options.resume {
            if let Some(found) = checkpoint.load(&mut self.network.store, &mut optimizer)? {
                progress = found;
            }
        }
        let steps = (0..self.recipe.epochs).map(|epoch| self.data.batches(&self.recipe, epoch as u64).len());
        let total = steps.sum::<usize>() as i64;
        let resumed = progress.epoch;
        while progress.epoch < self.recipe.epochs && progress.since_best() < self.recipe.patience.max(1) {
            self.epoch(progress.epoch, total, &mut optimizer)?;
            progress.epoch += 1;
            if progress.epoch % self.recipe.judge_every == 0 || progress.epoch == self.recipe.epochs {
                self.judge(&mut progress)?;
            }
            checkpoint.save(&self.network.store, &optimizer, &progress)?;
        }
        // A run that was finished before is judged again, so that its thresholds can be chosen anew.
        if resumed > 0 && progress.epoch == resumed {
            self.judge(&mut progress)?;
        }
        let best = progress.best.unwrap_or_default();
        Ok(Outcome { epoch: best.epoch, scores: best.scores, folder: self.recipe.out })
    }

    fn epoch(&mut self, epoch: usize, total: i64, optimizer: &mut AdamW) -> Result<(), TrainError> {
        let seed = self.recipe.seed.wrapping_mul(1_000_003).wrapping_add(epoch as u64);
        tch::manual_seed(seed as i64);
        let batches = self.data.batches(&self.recipe, epoch as u64);
        let bar = if self.options.progress { ProgressBar::new(batches.len() as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("epoch {prefix} [{bar:30}] {pos}/{len} {eta} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(format!("{}/{}", epoch + 1, self.recipe.epochs));
        for batch in &batches {
            let rate = schedule::learning_rate(&self.recipe, optimizer.steps(), total);
            let loss = objective::loss(&self.network, &self.pieces, batch, self.recipe.dropout, self.options.kind);
            let value = loss.total.double_value(&[]);
            if !value.is_finite() {
                return Err(TrainError::Diverged { step: optimizer.steps() + 1, loss: value });
            }
            loss.total.backward();
            let norm = optimizer.step(rate);
            self.log.step(optimizer.steps(), rate, value, norm, &loss.parts)?;
            bar.set_message(format!("loss {value:.3}"));
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Scores the epoch that is done, and keeps its model when none was better.
    fn judge(&mut self, progress: &mut Progress) -> Result<(), TrainError> {
        let scores = self.score();
        self.log.epoch(progress.epoch, &scores)?;
        let headline = Scores::headline(&scores);
        if progress.best.as_ref().is_none_or(|b| headline > b.headline || b.epoch == progress.epoch) {
            self.keep(&scores)?;
            progress.improve(headline, scores);
        }
        Ok(())
    }

    fn score(&self) -> Vec<(String, Scores)> {
        let sets = self.data.dev.iter();
        let (tokens, kind) = (self.recipe.batch_tokens * 2, self.options.kind);
        sets.map(|set| (set.name.clone(), dev::score(&self.network, &self.pieces, set, tokens, kind))).collect()
    }

    /// Writes the model as it is now to the output folder, in bf16, with the thresholds and the calibration of these scores.
    fn keep(&self, scores: &[(String, Scores)]) -> Result<(), TrainError> {
        let default = Thresholds { proposal: 0.0, relation: 0.5 };
        let thresholds = scores.iter().find_map(|(_, s)| s.thresholds).unwrap_or(default);
        let calibration = scores.iter().find_map(|(_, s)| s.calibration).unwrap_or_default();
        let labels = Labels::current(&self.recipe.name, self.recipe.window, thresholds, calibration);
        Model::save(&self.network, &self.pieces, &labels, &self.recipe.out, Kind::BFloat16)?;
        Ok(())
    }
}
