//! The recipe of a training run, as TOML.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

/// A recipe that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// The file cannot be read.
    #[error("{path}: {cause}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is no recipe.
    #[error("{path}: {reason}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// What to train on what, and how. Paths are relative to the recipe's folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name of the model.
    pub name: String,
    /// Folder of the encoder to start from: a pretrained encoder as Hugging Face writes it, or a model that this
    /// program trained. Several such models, as a list: the mean of their weights (Wortsman et al. 2022, "Model
    /// soups").
    #[serde(deserialize_with = "one_or_more")]
    pub start: Vec<PathBuf>,
    /// Folder that the model, its checkpoints and its log are written to.
    pub out: PathBuf,
    /// Seed of everything random.
    #[serde(default = "one")]
    pub seed: u64,
    /// Most word pieces of a chunk, special ones counted.
    #[serde(default = "default_window")]
    pub window: usize,
    /// Passes over the data; without any, the start is judged and kept.
    pub epochs: usize,
    /// Most tokens of a batch, markers counted.
    #[serde(default = "default_batch_tokens")]
    pub batch_tokens: usize,
    /// Peak learning rate of the encoder.
    pub learning_rate: f64,
    /// How much faster the heads learn.
    #[serde(default = "default_head_factor")]
    pub head_factor: f64,
    /// Share of the steps in which the learning rate rises; after them it falls linearly to 0.
    #[serde(default = "default_warm_up")]
    pub warm_up: f64,
    /// Decoupled weight decay of matrices.
    #[serde(default = "default_weight_decay")]
    pub weight_decay: f64,
    /// Dropout in front of and inside the relation head.
    #[serde(default = "default_dropout")]
    pub dropout: f64,
    /// Unrelated pairs kept for each related one.
    #[serde(default = "default_unrelated")]
    pub unrelated: usize,
    /// Share of the unrelated pairs that are those which the model that training starts from finds the likeliest.
    #[serde(default)]
    pub hard: f64,
    /// Share of the names, in examples with pairs, that another of the same type and length in word pieces takes the
    /// place of.
    #[serde(default)]
    pub swap: f32,
    /// Share of the examples that are read all in small letters or all in capitals.
    #[serde(default)]
    pub case_noise: f32,
    /// Factor of the learning rate from one layer of the encoder to the one below it.
    #[serde(default = "default_layer_decay")]
    pub layer_decay: f64,
    /// Share of the running average of the weights that stays in a step; the average is judged and kept. 0 for none.
    #[serde(default)]
    pub average: f64,
    /// Folders of models with the same vocabulary whose opinion counts beside the labels.
    #[serde(default)]
    pub teachers: Vec<PathBuf>,
    /// Share of the loss of a head that is the teachers'.
    #[serde(default = "default_teaching")]
    pub teaching: f64,
    /// Epochs from one judgement on the dev sets to the next; the last epoch is always judged.
    #[serde(default = "default_judge_every")]
    pub judge_every: usize,
    /// Epochs without a better dev score after which training stops.
    #[serde(default = "default_patience")]
    pub patience: usize,
    /// What to learn from.
    pub train: Vec<DataSet>,
    /// What to choose epoch and thresholds on.
    pub dev: Vec<DataSet>,
}

/// One data set of a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// Its form, which also tells what it has labels for.
    pub form: Form,
    /// Files, or folders of files.
    pub paths: Vec<PathBuf>,
    /// Times that each document is seen in an epoch.
    #[serde(default = "one")]
    pub repeat: u64,
    /// Which lines to take.
    #[serde(default)]
    pub lines: Lines,
    /// Name under which dev scores are logged.
    #[serde(default)]
    pub name: Option<String>,
}

/// Form of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Labels for every head: our annotated corpus, or another form that has them all.
    Corpus,
    /// Names only, as in CoNLL columns, in whichever form.
    #[serde(rename = "conll", alias = "names")]
    Names,
    /// Given pairs as in `plv_train.jsonl`: an event only.
    Pairs,
}

/// A fixed split of a file's lines (or documents).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lines {
    /// All of them.
    #[default]
    All,
    /// The fifth, tenth, fifteenth …
    EveryFifth,
    /// All but those.
    NotEveryFifth,
}

impl Lines {
    /// Whether line `index`, counted from 0, is taken.
    pub fn takes(self, index: usize) -> bool {
        match self {
            Lines::All => true,
            Lines::EveryFifth => index % 5 == 4,
            Lines::NotEveryFifth => index % 5 != 4,
        }
    }
}

/// A value, or a list of them.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(PathBuf),
        More(Vec<PathBuf>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(path) => vec![path],
        OneOrMore::More(paths) => paths,
    })
}

fn one() -> u64 {
    1
}
fn default_window() -> usize {
    512
}
fn default_batch_tokens() -> usize {
    4096
}
fn default_head_factor() -> f64 {
    5.0
}
fn default_warm_up() -> f64 {
    0.06
}
fn default_weight_decay() -> f64 {
    0.01
}
fn default_dropout() -> f64 {
    0.1
}
fn default_unrelated() -> usize {
    5
}
fn default_layer_decay() -> f64 {
    1.0
}
fn default_teaching() -> f64 {
    0.5
}
fn default_judge_every() -> usize {
    1
}
fn default_patience() -> usize {
    3
}

impl Recipe {
    /// Reads the recipe at `path` and makes its paths those of the file system.
    pub fn load(path: &Path) -> Result<Self, RecipeError> {
        let text = fs::read_to_string(path).map_err(|cause| RecipeError::Read { path: path.into(), cause })?;
        let content = |reason: String| RecipeError::Content { path: path.into(), reason };
        let mut recipe: Recipe = toml::from_str(&text).map_err(|e| content(e.to_string()))?;
        if let Some(reason) = recipe.problem() {
            return Err(content(reason));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let place = |p: &mut PathBuf| *p = folder.join(&p);
        recipe.start.iter_mut().for_each(place);
        place(&mut recipe.out);
        recipe.teachers.iter_mut().for_each(place);
        recipe.train.iter_mut().chain(&mut recipe.dev).flat_map(|d| &mut d.paths).for_each(place);
        Ok(recipe)
    }

    /// What is wrong with the numbers, if anything is.
    fn problem(&self) -> Option<String> {
        let checks = [
            (!self.start.is_empty(), "start names no folder"),
            ((8..=512).contains(&self.window), "window must be 8 to 512"),
            (self.judge_every > 0, "judge_every must be at least 1"),
            (self.batch_tokens >= self.window, "batch_tokens must be at least window"),
            (self.learning_rate > 0.0, "learning_rate must be above 0"),
            ((0.0..1.0).contains(&self.warm_up), "warm_up must be 0 to below 1"),
            ((0.0..1.0).contains(&self.dropout), "dropout must be 0 to below 1"),
            ((0.0..=1.0).contains(&self.hard), "hard must be 0 to 1"),
            ((0.0..=1.0).contains(&self.swap), "swap must be 0 to 1"),
            ((0.0..=1.0).contains(&self.case_noise), "case_noise must be 0 to 1"),
            (0.0 < self.layer_decay && self.layer_decay <= 1.0, "layer_decay must be above 0 and at most 1"),
            ((0.0..1.0).contains(&self.average), "average must be 0 to below 1"),
            ((0.0..=1.0).contains(&self.teaching), "teaching must be 0 to 1"),
            (!self.train.is_empty(), "train names no data set"),
            (!self.dev.is_empty(), "dev names no data set, so no epoch can be chosen"),
        ];
        checks.iter().find(|(fine, _)| !fine).map(|(_, reason)| (*reason).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_in_one_part_of_the_split() {
        let fifth: Vec<usize> = (0..12).filter(|&i| Lines::EveryFifth.takes(i)).collect();
        assert_eq!(fifth, [4, 9]);
        assert!((0..100).all(|i| Lines::EveryFifth.takes(i) != Lines::NotEveryFifth.takes(i)));
    }

    #[test]
    fn a_recipe_says_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.toml");
        fs::write(&path, "name='x'\nstart='b'\nout='o'\nepochs=1\nlearning_rate=0\ntrain=[]\ndev=[]\n").unwrap();
        assert!(Recipe::load(&path).unwrap_err().to_string().ends_with("learning_rate must be above 0"));
        fs::write(&path, "name='x'\nepoch=1").unwrap();
        assert!(Recipe::load(&path).unwrap_err().to_string().contains("epoch"));
    }
}
