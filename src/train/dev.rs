//! Scores on development data, from which the epoch and the thresholds are chosen.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use tch::{no_grad, Kind, Tensor};

use super::batch::{Batch, ChosenPair, MAX_PAIRS};
use super::examples::{Example, PairExample, PairLabels, IGNORED};
use super::objective::{antecedent_scores, encode, pair_logits, proposal_logits};
use crate::document::{EntityType, Event};
use crate::encoder::{batches, numbers, Mode, WordPieces};
use crate::model::{Network, Thresholds};
use crate::ner::tags::{decode, tag_count};
use crate::relations::{sigmoid, weigh, Calibration, Standing, Temperature};

/// Shares of the related pairs that the proposal threshold may lose: each is tried.
const LOST: [f64; 14] = [0.0, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.13, 0.16, 0.2, 0.25];
/// What the three F1 together may lose by it: markers cost time, and most pairs that it loses are lost anyway.
const LOSS_ALLOWED: f64 = 0.006;

/// A development set in memory.
pub struct DevSet {
    /// Name in the log.
    pub name: String,
    /// Its chunks.
    pub examples: Vec<Example>,
    /// Gold relations: pairs, pairs with act, pairs with event (also those that no candidate reaches).
    pub gold: [usize; 3],
    /// Whether it tells related pairs from unrelated ones.
    pub complete: bool,
}

/// Scores of one development set; a score that its labels do not allow is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// F1 of names, exact span and type.
    pub names: Option<f64>,
    /// F1 of anaphors, exact span.
    pub anaphors: Option<f64>,
    /// Accuracy of antecedents, mentions given.
    pub antecedents: Option<f64>,
    /// F1 of related pairs, mentions given.
    pub detection: Option<f64>,
    /// F1 of pairs with act.
    pub act: Option<f64>,
    /// F1 of pairs with event.
    pub event: Option<f64>,
    /// Accuracy of the stance of gold pairs.
    pub stance: Option<f64>,
    /// Accuracy of the modality of gold pairs.
    pub modality: Option<f64>,
    /// Macro-F1 of the events of given pairs.
    pub roots: Option<f64>,
    /// Share of candidates that the proposal head lets through.
    pub proposed: Option<f64>,
    /// Thresholds that these scores were reached with.
    pub thresholds: Option<Thresholds>,
    /// From what the relation head says to how often pair and act are right, fitted on the reported pairs.
    pub calibration: Option<Calibration>,
    /// Of the names, fitted on their gold tags.
    pub name_temperature: Option<Temperature>,
    /// Of the events, fitted on related pairs.
    pub event_temperature: Option<Temperature>,
}

impl Scores {
    /// The mean of the scores that an epoch is chosen by.
    pub fn headline(all: &[(String, Scores)]) -> f64 {
        let scores = all.iter().flat_map(|(_, s)| [s.names, s.detection, s.act, s.event, s.roots]).flatten();
        let (sum, n) = scores.fold((0.0, 0.0), |(sum, n), s| (sum + s, n + 1.0));
        if n > 0.0 {
            sum / n
        } else {
            0.0
        }
    }
}

/// Probabilities of one candidate pair.
struct PairOutput<'a> {
    gold: &'a [PairLabels],
    /// Log-odds that the proposal head gives it.
    proposal: f64,
    /// How much speaks for it by itself, as log-odds.
    odds: f64,
    /// The number of its example and of its sentence there, and its entities.
    standing: Standing<(usize, usize)>,
    event: usize,
    /// Logits of the events.
    events: Vec<f32>,
    act: usize,
    stance: usize,
    modality: usize,
}

impl PairOutput<'_> {
    fn has_right_act(&self) -> bool {
        self.gold.iter().any(|g| g.act == self.act as i64 + 1)
    }
}

#[derive(Default)]
struct Counts {
    right: f64,
    found: f64,
    gold: f64,
}

/// Logits of words, and which class each has.
#[derive(Default)]
struct Seen {
    logits: Vec<f32>,
    right: Vec<usize>,
}

impl Counts {
    fn f1(&self) -> f64 {
        if self.found + self.gold > 0.0 {
            2.0 * self.right / (self.found + self.gold)
        } else {
            1.0
        }
    }
}

/// Scores the network, its encoder computing in `kind`, on `set`.
pub fn score(network: &Network, pieces: &WordPieces, set: &DevSet, batch_tokens: usize, kind: Kind) -> Scores {
    let mut names = Counts::default();
    let mut anaphors = Counts::default();
    let mut words = Seen::default();
    let (mut antecedents_right, mut antecedents_all) = (0.0, 0.0);
    let mut pairs = Vec::new();
    let encoder = no_grad(|| network.encoder(kind));
    for rows in rows_of(&set.examples, batch_tokens) {
        let chosen = |row: &Row| row.pairs.clone().map(|i| (i, PairLabels::event_only(Event::Agree))).collect();
        let batch = Batch::new(rows.iter().map(|row| row.example).collect(), rows.iter().map(chosen).collect());
        no_grad(|| {
            let states = encode(&encoder, pieces, &batch, network.store.device(), Mode::Read);
            // An example with many pairs comes in several rows; only the first one counts for everything else.
            let first: Vec<bool> = rows.iter().map(|row| row.pairs.start == 0).collect();
            let logits = network.names.forward(&states.hidden);
            count_tags(&batch, &first, |e| &e.names, &logits, &mut names);
            words.see(&numbers(&logits), &batch.joined(|e| &e.names));
            count_tags(&batch, &first, |e| &e.anaphors, &network.anaphors.forward(&states.hidden), &mut anaphors);
            if let Some((scores, right)) = antecedent_scores(network, &batch, &states) {
                let best = scores.argmax(1, true);
                antecedents_right += right.gather(1, &best, false).sum(Kind::Float).double_value(&[]);
                antecedents_all += right.size()[0] as f64;
            }
            let proposals = proposal_logits(network, &batch, &states).map(|(logits, _)| numbers(&logits));
            pairs.extend(pair_outputs(network, &rows, &batch, &states, proposals.as_deref()));
        });
    }
    let mut scores = Scores {
        names: (names.gold > 0.0).then(|| names.f1()),
        anaphors: (anaphors.gold > 0.0).then(|| anaphors.f1()),
        antecedents: (antecedents_all > 0.0).then(|| antecedents_right / antecedents_all),
        ..Scores::default()
    };
    scores.event_temperature = (!pairs.is_empty()).then(|| event_temperature(&pairs));
    if set.complete {
        scores.name_temperature = Some(Temperature::fit(&words.logits, tag_count(EntityType::ALL.len()), &words.right));
        score_pairs(&pairs, set.gold, &mut scores);
    } else if !pairs.is_empty() {
        scores.roots = Some(macro_f1(&pairs));
    }
    scores
}

impl Seen {
    /// Takes in the rows of `logits` that have a label.
    fn see(&mut self, logits: &[f32], labels: &[i64]) {
        let classes = logits.len() / labels.len().max(1);
        for (row, &label) in logits.chunks_exact(classes.max(1)).zip(labels).filter(|(_, &label)| label != IGNORED) {
            self.logits.extend(row);
            self.right.push(label as usize);
        }
    }
}

fn event_temperature(pairs: &[PairOutput]) -> Temperature {
    let mut seen = Seen::default();
    for (pair, gold) in pairs.iter().filter_map(|pair| Some((pair, pair.gold.first()?))) {
        seen.see(&pair.events, &[gold.event - 1]);
    }
    Temperature::fit(&seen.logits, Event::ALL.len(), &seen.right)
}

/// An example, or some of its pairs.
struct Row<'a> {
    /// Number of the example.
    number: usize,
    example: &'a Example,
    pairs: Range<usize>,
}

/// Rows within a budget of tokens, an example with many pairs in several rows.
fn rows_of(examples: &[Example], batch_tokens: usize) -> Vec<Vec<Row<'_>>> {
    let rows = examples.iter().enumerate().flat_map(|(number, example)| {
        let parts = example.pairs.len().div_ceil(MAX_PAIRS).max(1);
        let pairs = |part: usize| part * MAX_PAIRS..example.pairs.len().min((part + 1) * MAX_PAIRS);
        (0..parts).map(move |part| Row { number, example, pairs: pairs(part) })
    });
    batches(rows, batch_tokens, |row| row.example.ids.len() + 2 * row.pairs.len())
}

fn count_tags(batch: &Batch, first: &[bool], gold: impl Fn(&Example) -> &[i64], logits: &Tensor, counts: &mut Counts) {
    let tags = logits.size()[1] as usize;
    let classes = (tags - 1) / 2;
    let log_probabilities = numbers(&logits.log_softmax(-1, Kind::Float));
    for (row, example) in batch.examples.iter().enumerate().filter(|(row, _)| first[*row]) {
        let own = gold(example);
        let words: Vec<usize> = (0..own.len()).filter(|&t| own[t] != IGNORED).collect();
        let rows = |t: usize| {
            let at = (batch.flat(row, t as i64) as usize) * tags;
            &log_probabilities[at..at + tags]
        };
        let predicted: Vec<f32> = words.iter().flat_map(|&t| rows(t).iter().copied()).collect();
        let right: Vec<f32> = words
            .iter()
            .flat_map(|&t| (0..tag_count(classes)).map(move |k| if k as i64 == own[t] { 0.0 } else { -1e4 }))
            .collect();
        let spans = |scores: &[f32]| -> BTreeSet<(usize, usize, usize)> {
            let runs = decode(scores, classes).into_iter();
            let inside = runs.filter(|r| example.own.contains(&words[r.words.start]));
            inside.map(|r| (r.words.start, r.words.end, r.class)).collect()
        };
        let (found, gold) = (spans(&predicted), spans(&right));
        counts.right += found.intersection(&gold).count() as f64;
        counts.found += found.len() as f64;
        counts.gold += gold.len() as f64;
    }
}

fn pair_outputs<'a>(
    network: &Network,
    rows: &[Row<'a>],
    batch: &Batch<'a>,
    states: &super::objective::States,
    proposals: Option<&[f32]>,
) -> Vec<PairOutput<'a>> {
    let Some(logits) = pair_logits(network, batch, states, 0.0, false) else { return Vec::new() };
    let best = |logits: &Tensor, skip: i64| -> Vec<i64> {
        let best = logits.narrow(1, skip, logits.size()[1] - skip).argmax(1, false).to_device(tch::Device::Cpu);
        Vec::<i64>::try_from(&best).unwrap_or_default()
    };
    let (event, act) = (best(&logits.event, 1), best(&logits.act, 1));
    let (stance, modality) = (best(&logits.stance, 0), best(&logits.modality, 0));
    let events = numbers(&logits.event.narrow(1, 1, Event::ALL.len() as i64));
    // Proposals are in the order of all pairs of all rows; a row's chosen pairs are a run of its example's.
    let mut first = 0;
    let offsets: Vec<usize> = batch
        .examples
        .iter()
        .map(|e| {
            let at = first;
            first += e.pairs.len();
            at
        })
        .collect();
    // Where no pair is known to be unrelated there are no proposals, and all pairs are.
    let proposal = |chosen: &ChosenPair| proposals.map_or(0.0, |p| p[offsets[chosen.row] + chosen.pair]);
    let proposals: Vec<f32> = batch.pairs.iter().map(proposal).collect();
    let odds = numbers(&logits.odds(&Tensor::from_slice(&proposals).to_device(logits.event.device())));
    let standing = |chosen: &ChosenPair| {
        let Row { number, example, .. } = rows[chosen.row];
        let PairExample { src, tgt, sentence, .. } = example.pairs[chosen.pair];
        let [src, tgt] = [src, tgt].map(|mention| example.entities[mention]);
        Standing { sentence: (number, sentence), src, tgt }
    };
    let outputs = batch.pairs.iter().enumerate().map(|(i, chosen)| PairOutput {
        gold: &batch.examples[chosen.row].pairs[chosen.pair].labels,
        proposal: f64::from(proposals[i]),
        odds: f64::from(odds[i]),
        standing: standing(chosen),
        event: event[i] as usize,
        events: events[i * Event::ALL.len()..(i + 1) * Event::ALL.len()].to_vec(),
        act: act[i] as usize,
        stance: stance[i] as usize,
        modality: modality[i] as usize,
    });
    outputs.collect()
}

/// A pair that the proposal head lets through, and how much speaks for it from 0 to 1, weighed against its rivals.
type Kept<'a, 'b> = (&'b PairOutput<'a>, f64);

/// Detection, act and event F1 of the pairs that pass both thresholds, the relation threshold being the best one.
fn best_relation_threshold(pairs: &[Kept], gold: [usize; 3]) -> (f64, [f64; 3]) {
    let at = |threshold: f64| {
        let mut counts = gold.map(|g| Counts { gold: g as f64, ..Counts::default() });
        for (pair, _) in pairs.iter().filter(|(_, related)| *related >= threshold) {
            let hits = [
                !pair.gold.is_empty(),
                pair.has_right_act(),
                pair.gold.iter().any(|g| g.event == pair.event as i64 + 1),
            ];
            for (count, hit) in counts.iter_mut().zip(hits) {
                count.found += 1.0;
                count.right += f64::from(u8::from(hit));
            }
        }
        counts.map(|c| c.f1())
    };
    let tried = (1..=99).map(|t| f64::from(t) / 100.0).map(|t| (t, at(t)));
    tried.fold((0.5, [0.0; 3]), |best, next| if sum(next.1) > sum(best.1) { next } else { best })
}

fn sum(f1: [f64; 3]) -> f64 {
    f1.iter().sum()
}

fn score_pairs(pairs: &[PairOutput], gold: [usize; 3], scores: &mut Scores) {
    let mut of_related: Vec<f64> = pairs.iter().filter(|p| !p.gold.is_empty()).map(|p| p.proposal).collect();
    of_related.sort_by(f64::total_cmp);
    let kept = |proposal: f64| -> Vec<Kept> {
        let kept: Vec<&PairOutput> = pairs.iter().filter(|p| p.proposal >= proposal).collect();
        let standing: Vec<Standing<_>> = kept.iter().map(|p| p.standing).collect();
        let odds = weigh(&kept.iter().map(|p| p.odds).collect::<Vec<_>>(), &standing);
        kept.into_iter().zip(odds.into_iter().map(sigmoid)).collect()
    };
    let tried: Vec<(f64, (f64, [f64; 3]))> = LOST
        .iter()
        .map(|lost| {
            let proposal =
                of_related.get((lost * of_related.len() as f64) as usize).copied().unwrap_or(f64::NEG_INFINITY);
            (proposal, best_relation_threshold(&kept(proposal), gold))
        })
        .collect();
    let top = tried.iter().map(|t| sum(t.1 .1)).fold(0.0, f64::max);
    let Some(&(proposal, best)) = tried.iter().rev().find(|t| sum(t.1 .1) >= top - LOSS_ALLOWED) else { return };
    let kept = kept(proposal);
    scores.proposed = Some(kept.len() as f64 / pairs.len().max(1) as f64);
    let reported = kept.iter().filter(|(_, related)| *related >= best.0);
    let seen: Vec<(f64, bool)> = reported.map(|(p, related)| (*related, p.has_right_act())).collect();
    scores.calibration = Some(Calibration::fit(&seen));
    let [detection, act, event] = best.1;
    (scores.detection, scores.act, scores.event) = (Some(detection), Some(act), Some(event));
    scores.thresholds = Some(Thresholds { proposal: sigmoid(proposal) as f32, relation: best.0 as f32 });
    let related: Vec<&PairOutput> = pairs.iter().filter(|p| !p.gold.is_empty()).collect();
    let accuracy = |hit: &dyn Fn(&PairOutput) -> bool| {
        (!related.is_empty()).then(|| related.iter().filter(|p| hit(p)).count() as f64 / related.len() as f64)
    };
    scores.stance = accuracy(&|p| p.gold.iter().any(|g| g.stance == p.stance as i64));
    scores.modality = accuracy(&|p| p.gold.iter().any(|g| g.modality == p.modality as i64));
}

fn macro_f1(pairs: &[PairOutput]) -> f64 {
    let classes: BTreeSet<usize> = pairs.iter().flat_map(|p| p.gold).map(|g| g.event as usize - 1).collect();
    let f1 = |class: usize| {
        let gold = |p: &PairOutput| p.gold.iter().any(|g| g.event as usize == class + 1);
        let right = pairs.iter().filter(|p| p.event == class && gold(p)).count() as f64;
        let found = pairs.iter().filter(|p| p.event == class).count() as f64;
        Counts { right, found, gold: pairs.iter().filter(|p| gold(p)).count() as f64 }.f1()
    };
    classes.iter().map(|&c| f1(c)).sum::<f64>() / classes.len().max(1) as f64
}
