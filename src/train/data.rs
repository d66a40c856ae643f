//! The data of a run: read once, cut into examples, dealt out in batches.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use tch::{no_grad, Kind};

use super::augment::Augmentation;
use super::batch::{Batch, MAX_PAIRS};
use super::dev::DevSet;
use super::examples::{from_annotation, from_pair, Example, PairLabels, Supervision};
use super::objective::{encode, proposal_logits};
use super::recipe::{DataSet, Form, Recipe};
use super::TrainError;
use crate::corpus::formats::{self, Format, RemarkKind};
use crate::corpus::{self, Reject};
use crate::document::Annotation;
use crate::encoder::{batches, numbers, Mode, WordPieces};
use crate::model::Network;

/// Unrelated pairs of a chunk that has no related one.
const UNRELATED_AT_LEAST: usize = 4;

/// Shares of the window that epochs cut documents by, in turn: a sentence is not always read in the same company.
const WINDOWS: [f64; 3] = [1.0, 0.875, 0.75];

/// All examples of a run.
pub struct Data {
    /// Cut by each of [`WINDOWS`].
    train: [Vec<Example>; WINDOWS.len()],
    augmentation: Augmentation,
    /// The log-odds that a proposal head gives the pairs of each example, where it was asked.
    proposals: [Vec<Vec<f32>>; WINDOWS.len()],
    /// Development sets.
    pub dev: Vec<DevSet>,
}

/// Examples that are learned in one step, each with the pairs to learn of it.
#[derive(Debug)]
pub struct Deal {
    examples: Vec<usize>,
    /// Indices into each example's pairs, with labels.
    pub chosen: Vec<Vec<(usize, PairLabels)>>,
}

impl Data {
    /// Reads the data sets that the recipe names.
    pub fn load(recipe: &Recipe, pieces: &WordPieces) -> Result<Self, TrainError> {
        let mut train: [Vec<Example>; WINDOWS.len()] = Default::default();
        for set in &recipe.train {
            let content = Content::read(set)?;
            for (cut, share) in train.iter_mut().zip(WINDOWS) {
                let examples = content.examples(pieces, (recipe.window as f64 * share) as usize);
                for _ in 0..set.repeat {
                    cut.extend(examples.iter().cloned());
                }
            }
        }
        let mut dev = Vec::new();
        for set in &recipe.dev {
            let content = Content::read(set)?;
            let name = set.name.clone().unwrap_or_else(|| format!("{:?}", set.form).to_lowercase());
            let examples = content.examples(pieces, recipe.window);
            dev.push(DevSet { name, examples, gold: content.gold(), complete: set.form == Form::Corpus });
        }
        let proposals = train.each_ref().map(|cut| vec![Vec::new(); cut.len()]);
        Ok(Data { augmentation: Augmentation::new(recipe, &train[0], pieces), train, proposals, dev })
    }

    /// Asks the proposal head of `network`, whose encoder computes in `kind`, about all pairs that `epoch` deals from.
    pub fn ask(
        &mut self,
        network: &Network,
        pieces: &WordPieces,
        recipe: &Recipe,
        kind: Kind,
        epoch: u64,
        bar: &ProgressBar,
    ) {
        let number = cut(epoch);
        let encoder = no_grad(|| network.encoder(kind));
        let examples = self.train[number].iter().zip(&mut self.proposals[number]);
        let unknown = examples.filter(|(example, known)| example.pairs_complete && known.len() < example.pairs.len());
        let asked = batches(unknown, recipe.batch_tokens, |(example, _)| example.ids.len());
        bar.set_length(asked.len() as u64);
        for batch in asked {
            let logits = no_grad(|| {
                let batch = Batch::new(batch.iter().map(|(example, _)| *example).collect(), Vec::new());
                let states = encode(&encoder, pieces, &batch, network.store.device(), Mode::Consult);
                proposal_logits(network, &batch, &states).map_or_else(Vec::new, |(logits, _)| numbers(&logits))
            });
            let mut logits = logits.into_iter();
            for (example, proposals) in batch {
                *proposals = logits.by_ref().take(example.pairs.len()).collect();
            }
            bar.inc(1);
        }
    }

    /// How the steps of an epoch divide the examples: a function of the recipe's seed, the epoch's number and, where it
    /// was asked, what the proposal head thought.
    pub fn deal(&self, recipe: &Recipe, epoch: u64) -> Vec<Deal> {
        let mut random = fastrand::Rng::with_seed(recipe.seed.wrapping_mul(7_919).wrapping_add(epoch));
        let number = cut(epoch);
        let (cut, proposals) = (&self.train[number], &self.proposals[number]);
        let mut order: Vec<usize> = (0..cut.len()).collect();
        random.shuffle(&mut order);
        let chosen = order.into_iter().map(|i| (i, choose(&cut[i], &proposals[i], recipe, &mut random)));
        let deals =
            batches(chosen, recipe.batch_tokens, |(i, chosen)| cut[*i].ids.len() + 2 * chosen.len()).into_iter();
        deals
            .map(IntoIterator::into_iter)
            .map(Iterator::unzip)
            .map(|(examples, chosen)| Deal { examples, chosen })
            .collect()
    }

    /// The examples of a deal, as this pass sees them.
    pub fn examples(&self, deal: &Deal, epoch: u64, random: &mut fastrand::Rng) -> Vec<Cow<'_, Example>> {
        let cut = &self.train[cut(epoch)];
        deal.examples.iter().map(|&example| self.augmentation.vary(&cut[example], random)).collect()
    }
}

/// The number of the cut that an epoch deals from.
fn cut(epoch: u64) -> usize {
    epoch as usize % WINDOWS.len()
}

/// The pairs of an example that an epoch learns: the related ones, and `unrelated` times as many others. A share of
/// `hard` of these are those that are the likeliest by `proposals`, if it is known.
fn choose(
    example: &Example,
    proposals: &[f32],
    recipe: &Recipe,
    random: &mut fastrand::Rng,
) -> Vec<(usize, PairLabels)> {
    let (mut related, mut others): (Vec<usize>, Vec<usize>) =
        (0..example.pairs.len()).partition(|&i| example.pairs[i].related());
    random.shuffle(&mut others);
    random.shuffle(&mut related);
    related.truncate(MAX_PAIRS);
    let wanted = (related.len() * recipe.unrelated).max(UNRELATED_AT_LEAST).min(MAX_PAIRS - related.len());
    if !proposals.is_empty() {
        // The likeliest come first, the others stay in their random order.
        let hard = ((wanted as f64 * recipe.hard) as usize).min(others.len());
        let mut ranks: Vec<usize> = (0..others.len()).collect();
        ranks.sort_by(|&a, &b| proposals[others[b]].total_cmp(&proposals[others[a]]));
        ranks[hard..].sort_unstable();
        others = ranks.into_iter().map(|rank| others[rank]).collect();
    }
    others.truncate(wanted);
    related.extend(others);
    related.into_iter().map(|i| (i, example.pairs[i].pick(random))).collect()
}

/// The files of a data set, those of folders in the order of their names.
fn files(set: &DataSet) -> Result<Vec<PathBuf>, TrainError> {
    let mut files = Vec::new();
    for path in &set.paths {
        let error = |e: std::io::Error| TrainError::Data { path: path.clone(), reason: e.to_string() };
        files.extend(formats::files(path).map_err(error)?);
    }
    Ok(files)
}

/// What the files of a data set hold, as far as the set takes it.
enum Content {
    Pairs(Vec<corpus::pairs::PairExample>),
    Documents(Vec<Annotation>, Supervision),
}

impl Content {
    fn read(set: &DataSet) -> Result<Self, TrainError> {
        let documents = |supervision| {
            let annotations = taken(set, |path| annotations(path, set.form))?;
            Ok(Content::Documents(annotations, supervision))
        };
        match set.form {
            Form::Pairs => Ok(Content::Pairs(taken(set, |path| collected(path, corpus::pairs::read(path)))?)),
            Form::Corpus => documents(Supervision::Everything),
            Form::Names => documents(Supervision::Names),
        }
    }

    /// Cut into examples of at most `window` pieces.
    fn examples(&self, pieces: &WordPieces, window: usize) -> Vec<Example> {
        match self {
            Content::Pairs(pairs) => pairs.iter().filter_map(|pair| from_pair(pair, pieces, window)).collect(),
            Content::Documents(documents, supervision) => {
                documents.iter().flat_map(|d| from_annotation(d, pieces, window, *supervision)).collect()
            }
        }
    }

    /// How many gold pairs, acts and events there are in documents.
    fn gold(&self) -> [usize; 3] {
        let mut gold = [0; 3];
        if let Content::Documents(documents, _) = self {
            documents.iter().for_each(|document| count_gold(document, &mut gold));
        }
        gold
    }
}

/// What a data set takes of what `read` finds in each of its files.
fn taken<T>(set: &DataSet, read: impl Fn(&Path) -> Result<Vec<T>, TrainError>) -> Result<Vec<T>, TrainError> {
    let mut all = Vec::new();
    for path in files(set)? {
        let found = read(&path)?.into_iter().enumerate();
        all.extend(found.filter(|(i, _)| set.lines.takes(*i)).map(|(_, item)| item));
    }
    Ok(all)
}

/// The annotated documents of a file, in whichever form it is.
fn annotations(path: &Path, form: Form) -> Result<Vec<Annotation>, TrainError> {
    let refused = |reason: String| TrainError::Data { path: path.into(), reason };
    let format = formats::detect(path).map_err(|reject| refused(reject.to_string()))?;
    let format = format.ok_or_else(|| refused("is in no known form".to_owned()))?;
    if form == Form::Corpus && !says_everything(format) {
        let reason = format!("is in the form {format}, which has no labels for every head; use form = \"names\"");
        return Err(refused(reason));
    }
    let mut annotations = Vec::new();
    for found in collected(path, formats::read(path, format))? {
        // What a form does not say must not be taught as if it had been said.
        let flaw = |kind: RemarkKind| kind.is_fault() || (form == Form::Corpus && kind == RemarkKind::Assumed);
        if let Some(remark) = found.remarks.iter().find(|remark| flaw(remark.kind)) {
            return Err(refused(format!("{}: {remark}", remark.kind.describe())));
        }
        annotations.extend(found.document.map(|document| document.annotation));
    }
    Ok(annotations)
}

/// Whether a form has labels for every head.
fn says_everything(format: Format) -> bool {
    use Format::{Annotations, Brat, Corpus, LabelStudio, Prodigy};
    matches!(format, Annotations | Brat | Corpus | LabelStudio | Prodigy)
}

/// All that a reader yields; training data with a flaw is refused, not skipped.
fn collected<T>(
    path: &Path,
    reader: Result<impl Iterator<Item = Result<T, Reject>>, Reject>,
) -> Result<Vec<T>, TrainError> {
    let error = |e: Reject| TrainError::Data { path: path.into(), reason: e.to_string() };
    reader.map_err(error)?.collect::<Result<Vec<T>, Reject>>().map_err(error)
}

fn count_gold(annotation: &Annotation, gold: &mut [usize; 3]) {
    let mut keys: [std::collections::BTreeSet<_>; 3] = Default::default();
    for r in &annotation.relations {
        keys[0].insert((r.src, r.tgt, r.sent, 0));
        keys[1].insert((r.src, r.tgt, r.sent, r.act.index()));
        keys[2].insert((r.src, r.tgt, r.sent, r.event.index()));
    }
    for (count, keys) in gold.iter_mut().zip(keys) {
        *count += keys.len();
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::PairExample;
    use super::*;
    use std::collections::BTreeSet;

    fn recipe(hard: f64) -> Recipe {
        let set = "form = 'corpus'\npaths = ['p']";
        let toml = format!(
            "name = 'x'\nstart = 'b'\nout = 'o'\nepochs = 1\nlearning_rate = 1e-4\nunrelated = 4\nhard = {hard}\n\
             [[train]]\n{set}\n[[dev]]\n{set}\n"
        );
        toml::from_str(&toml).unwrap()
    }

    /// Pair 3 is related, the others are not.
    fn example() -> Example {
        let labels = |i| if i == 3 { vec![PairLabels::event_only(crate::document::Event::Aid)] } else { Vec::new() };
        let pairs = (0..40).map(|i| PairExample { src: 0, tgt: 1, sentence: 0, labels: labels(i) });
        Example { pairs: pairs.collect(), pairs_complete: true, ..Example::default() }
    }

    #[test]
    fn half_of_the_unrelated_pairs_are_the_hardest_and_the_others_are_drawn() {
        let proposals: Vec<f32> = (0..40).map(|i| if i == 20 || i == 7 { 1.0 } else { -(i as f32) }).collect();
        let mut seen = BTreeSet::new();
        for seed in 0..50 {
            let chosen = choose(&example(), &proposals, &recipe(0.5), &mut fastrand::Rng::with_seed(seed));
            let pairs: Vec<usize> = chosen.iter().map(|c| c.0).collect();
            assert_eq!(pairs.len(), 5);
            assert_eq!(pairs[0], 3);
            assert_eq!(BTreeSet::from([pairs[1], pairs[2]]), BTreeSet::from([7, 20]));
            seen.extend(&pairs[3..]);
        }
        assert!(seen.len() > 25 && seen.is_disjoint(&BTreeSet::from([3, 7, 20])), "{seen:?}");
    }

    #[test]
    fn where_no_proposals_are_known_all_unrelated_pairs_are_drawn() {
        let mut seen = BTreeSet::new();
        for seed in 0..50 {
            let chosen = choose(&example(), &[], &recipe(0.5), &mut fastrand::Rng::with_seed(seed));
            assert_eq!(chosen.len(), 5);
            seen.extend(chosen[1..].iter().map(|c| c.0));
        }
        assert!(seen.len() > 35, "{seen:?}");
    }
}
