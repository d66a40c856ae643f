//! What the network is asked of a batch, and how wrong it is.

use tch::{Device, Kind, Reduction, Tensor};

use super::batch::Batch;
use super::examples::{PairLabels, IGNORED};
use super::teachers::Teachers;
use crate::encoder::{numbers, Encoder, Mode, WordPieces};
use crate::model::Network;
use crate::ner::{distance_bucket, marginal_loss, TagHead};
use crate::relations::{PairLogits, PairStates};

/// Final states of a batch and what pairs need of them.
pub struct States {
    /// `[pieces, hidden]`.
    pub hidden: Tensor,
    /// `[markers, hidden]`, where there are pairs.
    pub markers: Option<Tensor>,
    /// `[sentences, hidden]`, the maximum over each sentence's pieces.
    pub sentences: Option<Tensor>,
    /// Number of the first sentence of each row.
    pub first_sentence: Vec<usize>,
}

/// Runs the encoder over a batch.
pub fn encode(encoder: &Encoder, pieces: &WordPieces, batch: &Batch, device: Device, mode: Mode) -> States {
    let reading = encoder.read(&batch.texts(device), mode);
    let markers =
        (!batch.pairs.is_empty()).then(|| encoder.read_markers(&batch.markers(pieces, device), &reading, mode));
    // The heads compute in what their variables are kept in.
    let markers = markers.map(|m| m.to_kind(Kind::Float));
    let hidden = reading.hidden.to_kind(Kind::Float);
    let (sentences, first_sentence) = batch.sentences();
    let pooled = pool(&hidden, sentences.iter().map(|(row, s)| (batch.flat(*row, s.start as i64), s.len() as i64)));
    let sentences = (!pooled.is_empty()).then(|| Tensor::stack(&pooled, 0));
    States { hidden, markers, sentences, first_sentence }
}

/// The maximum over each of the ranges `(first, length)`, which follow one another with gaps between.
fn pool(hidden: &Tensor, ranges: impl Iterator<Item = (i64, i64)>) -> Vec<Tensor> {
    let (mut at, mut sizes) = (0, Vec::new());
    for (first, length) in ranges {
        sizes.extend([first - at, length]);
        at = first + length;
    }
    sizes.push(hidden.size()[0] - at);
    // One split has one gradient, where a slice for each range would make each its own, as large as the whole.
    hidden.split_with_sizes(sizes, 0).iter().skip(1).step_by(2).map(|s| s.amax([0], false)).collect()
}

/// Logits of the batch's chosen pairs.
pub fn pair_logits(network: &Network, batch: &Batch, states: &States, dropout: f64, train: bool) -> Option<PairLogits> {
    let (sentences, markers) = (states.sentences.as_ref()?, states.markers.as_ref()?);
    let sentence = Tensor::from_slice(&batch.pair_sentences(&states.first_sentence)).to_device(markers.device());
    let places = Tensor::from_slice(&batch.pair_mentions()).to_device(markers.device());
    let states = PairStates {
        markers: markers.shallow_clone(),
        mentions: states.hidden.index_select(0, &places),
        sentences: sentences.index_select(0, &sentence),
    };
    Some(network.relations.forward(&states, dropout, train))
}

/// Logits of the proposal head for all pairs of the rows whose pairs are complete, with whether each is related.
pub fn proposal_logits(network: &Network, batch: &Batch, states: &States) -> Option<(Tensor, Vec<f32>)> {
    let sentences = states.sentences.as_ref()?;
    let (mut src, mut tgt, mut sent, mut right) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (row, example) in batch.examples.iter().enumerate().filter(|(_, e)| e.pairs_complete) {
        for pair in &example.pairs {
            src.push(batch.flat(row, example.mentions[pair.src].0));
            tgt.push(batch.flat(row, example.mentions[pair.tgt].0));
            sent.push((states.first_sentence[row] + pair.sentence) as i64);
            right.push(if pair.related() { 1.0 } else { 0.0 });
        }
    }
    if right.is_empty() {
        return None;
    }
    let device = states.hidden.device();
    let index = |places: &[i64]| Tensor::from_slice(places).to_device(device);
    let logits = network.proposals.forward(&states.hidden, sentences, &index(&src), &index(&tgt), &index(&sent));
    Some((logits, right))
}

/// Scores of all anaphors, `[anaphors, candidates + 1]` with "none" first, and which of them are right.
pub fn antecedent_scores(network: &Network, batch: &Batch, states: &States) -> Option<(Tensor, Tensor)> {
    let anaphors =
        || batch.examples.iter().enumerate().flat_map(|(row, e)| e.antecedents.iter().map(move |a| (row, a)));
    let width = anaphors().map(|(_, a)| a.candidates.len()).max()?;
    let (mut ends, mut anaphor, mut candidate, mut distance) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut places, mut right) = (Vec::new(), Vec::new());
    let mut first = Vec::with_capacity(batch.examples.len());
    for (row, example) in batch.examples.iter().enumerate() {
        first.push((ends.len() / 2) as i64);
        ends.extend(example.mentions.iter().flat_map(|m| [batch.flat(row, m.0), batch.flat(row, m.1)]));
    }
    for (n, (row, a)) in anaphors().enumerate() {
        right.extend((0..=width).map(|k| match k.checked_sub(1) {
            None => i64::from(!a.candidates.iter().any(|c| c.1)),
            Some(k) => a.candidates.get(k).map_or(0, |c| i64::from(c.1)),
        }));
        for (k, (c, _)) in a.candidates.iter().enumerate() {
            anaphor.push(first[row] + a.mention as i64);
            candidate.push(first[row] + *c as i64);
            distance.push(distance_bucket(a.mention - c));
            places.push((n * (width + 1) + k + 1) as i64);
        }
    }
    let device = states.hidden.device();
    let index = |v: &[i64]| Tensor::from_slice(v).to_device(device);
    let mentions = states.hidden.index_select(0, &index(&ends)).view([-1, 2 * network.config.hidden_size]);
    let scores = network.antecedents.forward(&mentions, &index(&anaphor), &index(&candidate), &index(&distance));
    let rows = right.len() as i64 / (width as i64 + 1);
    let grid = Tensor::full([rows * (width as i64 + 1)], f64::NEG_INFINITY, (Kind::Float, device));
    let none: Vec<i64> = (0..rows).map(|n| n * (width as i64 + 1)).collect();
    let grid = grid.index_fill(0, &index(&none), 0.0).index_copy(0, &index(&places), &scores);
    Some((grid.view([rows, -1]), index(&right).view([rows, -1])))
}

/// The loss of a batch, and its parts by name for the log.
pub struct Loss {
    /// What is minimised.
    pub total: Tensor,
    /// Values of the parts.
    pub parts: Vec<(&'static str, f64)>,
}

/// How the loss of a batch is computed.
pub struct Objective<'a> {
    /// The tokenizer.
    pub pieces: &'a WordPieces,
    /// Dropout in front of and inside the relation head.
    pub dropout: f64,
    /// Numbers that the encoder computes with.
    pub kind: Kind,
    /// Whose opinion counts beside the labels.
    pub teachers: &'a Teachers,
}

impl Objective<'_> {
    /// The loss of batch `number`: the weighted sum of the losses of all heads that it has labels for.
    pub fn loss(&self, network: &Network, batch: &Batch, number: usize) -> Loss {
        let device = network.store.device();
        let states = encode(&network.encoder(self.kind), self.pieces, batch, device, Mode::Train);
        let opinion = self.teachers.opinion(self.pieces, batch, number);
        let mut parts: Vec<(&'static str, f64, Tensor)> = Vec::new();
        let mut add = |name, weight, part: Option<Tensor>| parts.extend(part.map(|p| (name, weight, p)));
        let tags = |head: &TagHead| head.forward(&states.hidden);
        let names = batch.joined(|e| &e.names);
        let thought = opinion.as_ref().map(|o| &o.names);
        add("names", 2.0, self.classes(&tags(&network.names), &names, &names, thought));
        add("anaphors", 1.0, cross_entropy(&tags(&network.anaphors), &batch.joined(|e| &e.anaphors)));
        add("antecedents", 0.3, antecedent_scores(network, batch, &states).map(|(s, r)| marginal_loss(&s, &r)));
        add(
            "proposals",
            1.0,
            proposal_logits(network, batch, &states).map(|(logits, right)| {
                let right = Tensor::from_slice(&right).to_device(device);
                logits.binary_cross_entropy_with_logits::<Tensor>(&right, None, None, Reduction::Mean)
            }),
        );
        if let Some(logits) = pair_logits(network, batch, &states, self.dropout, true) {
            let labels =
                |of: fn(&PairLabels) -> i64| -> Vec<i64> { batch.pairs.iter().map(|p| of(&p.labels)).collect() };
            let thought = opinion.as_ref().and_then(|o| o.pairs.as_ref());
            // Teachers also tell what a data set has no labels for; an unrelated pair has no stance and no modality.
            let event = labels(|l| l.event);
            let related = labels(|l| if l.event == 0 { IGNORED } else { l.event });
            add("event", 1.0, self.classes(&logits.event, &event, &event, thought.map(|t| &t.event)));
            add("act", 1.0, self.classes(&logits.act, &labels(|l| l.act), &event, thought.map(|t| &t.act)));
            add(
                "stance",
                0.5,
                self.classes(&logits.stance, &labels(|l| l.stance), &related, thought.map(|t| &t.stance)),
            );
            add(
                "modality",
                0.5,
                self.classes(&logits.modality, &labels(|l| l.modality), &related, thought.map(|t| &t.modality)),
            );
        }
        let weighted: Vec<Tensor> = parts.iter().map(|(_, weight, part)| part * *weight).collect();
        let total = Tensor::stack(&weighted, 0).sum(Kind::Float);
        // All at once: a graphics card is waited for with each value that is asked of it.
        let values = Tensor::stack(&parts.iter().map(|(_, _, part)| part.detach()).collect::<Vec<_>>(), 0);
        let values = numbers(&values).into_iter().map(f64::from);
        Loss { total, parts: parts.iter().map(|(name, _, _)| *name).zip(values).collect() }
    }

    /// Cross-entropy with the labels and, where there are teachers, with what they hold for likely of the rows that
    /// `asked` does not leave out.
    fn classes(&self, logits: &Tensor, labels: &[i64], asked: &[i64], thought: Option<&Tensor>) -> Option<Tensor> {
        let by_label = cross_entropy(logits, labels);
        let rows: Vec<i64> = (0..asked.len() as i64).filter(|&row| asked[row as usize] != IGNORED).collect();
        let (Some(thought), false) = (thought, rows.is_empty()) else { return by_label };
        let rows = Tensor::from_slice(&rows).to_device(logits.device());
        let likely = logits.index_select(0, &rows).log_softmax(-1, Kind::Float);
        let by_teachers =
            -(thought.index_select(0, &rows) * likely).sum_dim_intlist([-1_i64].as_slice(), false, Kind::Float);
        let by_teachers = by_teachers.mean(Kind::Float) * self.teachers.weight;
        Some(by_label.map_or_else(|| by_teachers.shallow_clone(), |l| l * (1.0 - self.teachers.weight) + &by_teachers))
    }
}

/// Cross-entropy of the rows that have a label.
fn cross_entropy(logits: &Tensor, labels: &[i64]) -> Option<Tensor> {
    labels.iter().any(|&l| l != IGNORED).then(|| {
        let labels = Tensor::from_slice(labels).to_device(logits.device());
        logits.cross_entropy_loss::<Tensor>(&labels, None, Reduction::Mean, IGNORED, 0.0)
    })
}
