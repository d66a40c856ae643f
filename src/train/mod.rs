//! Training of the model: multi-task over data sets with partial labels, from one recipe.

mod adamw;
mod augment;
mod average;
mod batch;
mod checkpoint;
mod data;
mod dev;
mod examples;
mod log;
mod objective;
mod recipe;
mod schedule;
mod teachers;

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use tch::{Device, Kind};

use crate::encoder::WordPieces;
use crate::model::{Fitted, Labels, Model, ModelError, Network, Temperatures, Thresholds};
use adamw::AdamW;
use average::Average;
use batch::Batch;
use checkpoint::{Checkpoint, Progress, State};
use data::{Data, Deal};
pub use dev::Scores;
use log::Log;
use objective::Objective;
pub use recipe::{DataSet, Form, Lines, Recipe, RecipeError};
use teachers::Teachers;

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
        recipe.start = vec![encoder.clone()];
    }
    tch::set_num_threads(options.threads as i32);
    tch::manual_seed(recipe.seed as i64);
    let (network, pieces) = start(&recipe, options.device)?;
    let data = Data::load(&recipe, &pieces)?;
    let teachers = Teachers::load(&recipe, &pieces, options.kind, options.device)?;
    Run { log: Log::open(&recipe.out, options.resume)?, recipe, options, pieces, network, teachers, data }.go()
}

/// What training starts from: a model of ours where the folder has labels, a pretrained encoder otherwise; of several
/// models of ours the mean.
fn start(recipe: &Recipe, device: Device) -> Result<(Network, WordPieces), TrainError> {
    let (network, pieces) = match &recipe.start[..] {
        [folder] if !folder.join("labels.json").exists() => Network::pretrained(folder, device)?,
        folders => mean(folders, device)?,
    };
    let most = network.config.max_position_embeddings;
    if recipe.window as i64 > most {
        let reason = format!("the encoder reads at most {most} pieces, the recipe's window has {}", recipe.window);
        return Err(ModelError::Content { path: recipe.start[0].join("config.json"), reason }.into());
    }
    Ok((network, pieces))
}

/// The mean of models, and the tokenizer of the first.
fn mean(folders: &[PathBuf], device: Device) -> Result<(Network, WordPieces), TrainError> {
    let models = folders.iter().map(|folder| Model::load(folder, device));
    let (networks, mut pieces): (Vec<_>, Vec<_>) =
        models.map(|model| model.map(|m| (m.network, m.pieces))).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    let refused = |what: &str| TrainError::Data {
        path: folders[0].clone(),
        reason: format!("the models that start names have different {what}, so there is no mean of them"),
    };
    if pieces.iter().any(|other| !other.has_vocabulary_of(&pieces[0])) {
        return Err(refused("vocabularies"));
    }
    Ok((Network::mean(networks).ok_or_else(|| refused("shapes"))?, pieces.swap_remove(0)))
}

struct Run<'a> {
    recipe: Recipe,
    options: &'a TrainOptions,
    pieces: WordPieces,
    network: Network,
    teachers: Teachers,
    data: Data,
    log: Log,
}

impl Run<'_> {
    fn go(mut self) -> Result<Outcome, TrainError> {
        let checkpoint = Checkpoint::new(&self.recipe.out);
        let mut progress =
            if self.options.resume { checkpoint.progress()?.unwrap_or_default() } else { Progress::default() };
        if self.recipe.hard > 0.0 {
            // The model that training starts from is asked, not what it becomes: a run that goes on after a stop deals
            // the same. Epochs that are done need no answers: how many pairs an example gives does not depend on them,
            // and so neither does how many steps those epochs had.
            for epoch in progress.epoch..self.recipe.epochs {
                let dealt = self.dealt(epoch);
                let bar = self.bar(format!("hard pairs {}/{}", epoch + 1, self.recipe.epochs));
                self.data.ask(&self.network, &self.pieces, &self.recipe, self.options.kind, dealt, &bar);
                bar.finish_and_clear();
            }
        }
        let averaged = self.recipe.average > 0.0;
        let mut state = State {
            optimizer: AdamW::new(&self.network, &self.recipe),
            average: averaged.then(|| Average::new(&self.network.store, self.recipe.average)),
        };
        if self.options.resume {
            checkpoint.restore(&mut self.network.store, &mut state)?;
        }
        let steps = (0..self.recipe.epochs).map(|epoch| self.data.deal(&self.recipe, self.dealt(epoch)).len());
        let total = steps.sum::<usize>() as i64;
        let resumed = progress.epoch;
        while progress.epoch < self.recipe.epochs && progress.since_best() < self.recipe.patience.max(1) {
            self.epoch(progress.epoch, total, &mut state)?;
            progress.epoch += 1;
            if progress.epoch % self.recipe.judge_every == 0 || progress.epoch == self.recipe.epochs {
                self.judge(&mut progress, &mut state)?;
            }
            checkpoint.save(&self.network.store, &state, &progress)?;
        }
        // A run that was finished before, or has no epochs, is judged, so that its thresholds can be chosen anew.
        if progress.epoch == resumed {
            self.judge(&mut progress, &mut state)?;
            checkpoint.save(&self.network.store, &state, &progress)?;
        }
        let best = progress.best.unwrap_or_default();
        Ok(Outcome { epoch: best.epoch, scores: best.scores, folder: self.recipe.out })
    }

    /// The epoch whose batches an epoch has: teachers are asked once about each batch, so that with them all epochs
    /// have those of the first, in another order.
    fn dealt(&self, epoch: usize) -> u64 {
        if self.recipe.teachers.is_empty() {
            epoch as u64
        } else {
            0
        }
    }

    /// A progress bar of `what`, where one is wanted.
    fn bar(&self, what: String) -> ProgressBar {
        let bar = if self.options.progress { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {eta} {msg}") {
            bar.set_style(style);
        }
        bar.with_prefix(what)
    }

    fn epoch(&mut self, epoch: usize, total: i64, state: &mut State) -> Result<(), TrainError> {
        let seed = |number: u64| self.recipe.seed.wrapping_mul(1_000_003).wrapping_add(number);
        let own = seed(epoch as u64);
        tch::manual_seed(own as i64);
        let dealt = self.dealt(epoch);
        let mut deals: Vec<(usize, Deal)> = self.data.deal(&self.recipe, dealt).into_iter().enumerate().collect();
        fastrand::Rng::with_seed(own).shuffle(&mut deals);
        let bar = self.bar(format!("epoch {}/{}", epoch + 1, self.recipe.epochs));
        bar.set_length(deals.len() as u64);
        let objective = Objective {
            pieces: &self.pieces,
            dropout: self.recipe.dropout,
            kind: self.options.kind,
            teachers: &self.teachers,
        };
        for (number, deal) in deals {
            let mut random = fastrand::Rng::with_seed(seed(dealt) ^ ((number as u64 + 1) << 32));
            let examples = self.data.examples(&deal, dealt, &mut random);
            let batch = Batch::new(examples.iter().map(AsRef::as_ref).collect(), deal.chosen);
            let rate = schedule::learning_rate(&self.recipe, state.optimizer.steps(), total);
            let loss = objective.loss(&self.network, &batch, number);
            let value = loss.total.double_value(&[]);
            if !value.is_finite() {
                return Err(TrainError::Diverged { step: state.optimizer.steps() + 1, loss: value });
            }
            loss.total.backward();
            let norm = state.optimizer.step(rate);
            state.average.iter_mut().for_each(Average::add);
            self.log.step(state.optimizer.steps(), rate, value, norm, &loss.parts)?;
            bar.set_message(format!("loss {value:.3}"));
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Scores the epoch that is done, and keeps its model when none was better. With an average it is the average's.
    fn judge(&mut self, progress: &mut Progress, state: &mut State) -> Result<(), TrainError> {
        state.average.iter_mut().for_each(Average::exchange);
        let judged = self.judge_weights(progress);
        state.average.iter_mut().for_each(Average::exchange);
        judged
    }

    fn judge_weights(&mut self, progress: &mut Progress) -> Result<(), TrainError> {
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

    /// Writes the model as it is now to the output folder, in bf16, with the thresholds and the calibration of these
    /// scores.
    fn keep(&self, scores: &[(String, Scores)]) -> Result<(), TrainError> {
        let fitted = Fitted {
            thresholds: scores
                .iter()
                .find_map(|(_, s)| s.thresholds)
                .unwrap_or(Thresholds { proposal: 0.0, relation: 0.5 }),
            calibration: scores.iter().find_map(|(_, s)| s.calibration).unwrap_or_default(),
            temperatures: Temperatures {
                names: scores.iter().find_map(|(_, s)| s.name_temperature).unwrap_or_default(),
                // The scores of events are told of given pairs: the sets that give them stand behind the corpus.
                events: scores.iter().rev().find_map(|(_, s)| s.event_temperature).unwrap_or_default(),
            },
        };
        let labels = Labels::current(&self.recipe.name, self.recipe.window, fitted);
        Model::save(&self.network, &self.pieces, &labels, &self.recipe.out, Kind::BFloat16)?;
        Ok(())
    }
}
