//! Checkpoints: enough to go on after any epoch as if nothing had happened.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::nn::VarStore;
use tch::{Kind, Tensor};

use super::adamw::AdamW;
use super::average::Average;
use super::dev::Scores;
use super::TrainError;
use crate::encoder::weights;
use crate::model::ModelError;

/// How far a run has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Epochs that are done.
    pub epoch: usize,
    /// The best of them.
    pub best: Option<Best>,
}

/// The epoch whose model is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Its number, from 1.
    pub epoch: usize,
    /// The mean score that it was chosen by.
    pub headline: f64,
    /// Its scores.
    pub scores: Vec<(String, Scores)>,
}

impl Progress {
    /// Epochs since the best one.
    pub fn since_best(&self) -> usize {
        self.best.as_ref().map_or(0, |b| self.epoch - b.epoch)
    }

    /// Notes that the epoch just done is the best.
    pub fn improve(&mut self, headline: f64, scores: Vec<(String, Scores)>) {
        self.best = Some(Best { epoch: self.epoch, headline, scores });
    }
}

/// What a run carries from step to step beside the weights.
pub struct State {
    /// The optimizer.
    pub optimizer: AdamW,
    /// The average of the weights, where the recipe asks for one.
    pub average: Option<Average>,
}

impl State {
    fn tensors(&self) -> BTreeMap<String, Tensor> {
        let averages = self.average.as_ref().map(Average::state).unwrap_or_default();
        self.optimizer.state().into_iter().chain(averages).collect()
    }

    fn restore(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), String> {
        self.optimizer.restore(tensors)?;
        self.average.as_mut().map_or(Ok(()), |average| average.restore(tensors))
    }
}

/// The checkpoint of an output folder.
pub struct Checkpoint {
    folder: PathBuf,
}

impl Checkpoint {
    /// The checkpoint of the run that writes to `out`.
    pub fn new(out: &Path) -> Self {
        Checkpoint { folder: out.join("checkpoint") }
    }

    fn output(&self, reason: impl ToString) -> TrainError {
        TrainError::Output { path: self.folder.clone(), reason: reason.to_string() }
    }

    /// Writes a checkpoint beside the last one, then puts it in its place.
    pub fn save(&self, store: &VarStore, state: &State, progress: &Progress) -> Result<(), TrainError> {
        let fresh = self.folder.with_extension("partial");
        let old = self.folder.with_extension("old");
        let io = |e: std::io::Error| self.output(e);
        for folder in [&fresh, &old] {
            if folder.exists() {
                fs::remove_dir_all(folder).map_err(io)?;
            }
        }
        fs::create_dir_all(&fresh).map_err(io)?;
        weights::write(store, &fresh.join("weights.safetensors"), Kind::Float).map_err(ModelError::from)?;
        weights::write_tensors(&state.tensors(), &fresh.join("moments.safetensors")).map_err(ModelError::from)?;
        let text = serde_json::to_string_pretty(progress).map_err(|e| self.output(e))?;
        fs::write(fresh.join("progress.json"), text).map_err(io)?;
        if self.folder.exists() {
            fs::rename(&self.folder, &old).map_err(io)?;
        }
        fs::rename(&fresh, &self.folder).map_err(io)?;
        if old.exists() {
            fs::remove_dir_all(&old).map_err(io)?;
        }
        Ok(())
    }

    /// Where the last whole checkpoint lies, if there is one.
    fn last(&self) -> Option<PathBuf> {
        // A run that was killed between the two renames has left the last checkpoint under its other name.
        [self.folder.clone(), self.folder.with_extension("old")].into_iter().find(|folder| folder.exists())
    }

    /// How far the run has come by the checkpoint, if there is one.
    pub fn progress(&self) -> Result<Option<Progress>, TrainError> {
        let Some(folder) = self.last() else { return Ok(None) };
        let text = fs::read_to_string(folder.join("progress.json")).map_err(|e| self.output(e))?;
        serde_json::from_str(&text).map(Some).map_err(|e| self.output(e))
    }

    /// Puts weights and state back to what they were at the checkpoint, if there is one.
    pub fn restore(&self, store: &mut VarStore, state: &mut State) -> Result<(), TrainError> {
        let Some(folder) = self.last() else { return Ok(()) };
        weights::fill(store, &folder.join("weights.safetensors")).map_err(ModelError::from)?;
        let moments = weights::read_tensors(&folder.join("moments.safetensors")).map_err(ModelError::from)?;
        tch::no_grad(|| state.restore(&moments)).map_err(|name| self.output(format!("moments lack {name}")))
    }
}
