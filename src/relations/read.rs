//! From the states of a chunk to its relations.

use std::ops::Range;

use tch::{Kind, Tensor};

use super::calibration::{sigmoid, Calibration, Temperature};
use super::candidates::{candidates, Candidate, PairMention};
use super::head::{PairStates, ProposalHead, RelationHead};
use super::rivals::{weigh, Standing};
use crate::document::{Act, EntityIx, Event, GivenPair, Modality, Probability, Relation, Stance};
use crate::encoder::numbers;

/// Most pairs of a chunk that are read with markers, the likeliest ones.
const MAX_PAIRS: usize = 512;

/// The mentions and sentences of a chunk, and the pairs to read. Positions count the chunk's pieces, `[CLS]` being 0.
#[derive(Debug)]
pub struct ChunkPairs {
    /// Mentions in order of their start.
    pub mentions: Vec<PairMention>,
    /// Position of each mention's first piece.
    pub positions: Vec<i64>,
    /// The chunk's own sentences, by their numbers in the document, and their pieces.
    pub sentences: Vec<(usize, Range<i64>)>,
    /// The pairs, indexing the mentions; `sent` counts the document's sentences.
    pub pairs: Vec<Candidate>,
    /// What the proposal head thinks of each pair, as log-odds.
    pub proposals: Vec<f32>,
    /// How sure each mention is to be one, and of the entity that it is said to be of; 1 where the input gives it.
    pub certainties: Vec<f32>,
    /// The chunk's states, `[pieces, hidden]`.
    pub states: Tensor,
    /// `[sentences, hidden]`, the maximum over each sentence's pieces.
    pub pooled: Option<Tensor>,
}

impl ChunkPairs {
    /// Pools the sentences' states out of the chunk's.
    pub fn pool(&mut self) {
        let pool = |(_, s): &(usize, Range<i64>)| self.states.narrow(0, s.start, s.end - s.start).amax([0], false);
        let pooled: Vec<Tensor> = self.sentences.iter().map(pool).collect();
        self.pooled = (!pooled.is_empty()).then(|| Tensor::stack(&pooled, 0));
    }

    /// Positions of the source's and the target's marker of each pair. A given mention that lies outside of the chunk
    /// has its marker at `[CLS]`.
    pub fn marker_positions(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let position = |mention: usize| self.positions.get(mention).copied().unwrap_or(0);
        self.pairs.iter().map(move |p| (position(p.src_mention), position(p.tgt_mention)))
    }

    /// How sure both mentions of a pair are.
    fn certainty(&self, pair: &Candidate) -> f32 {
        let of = |mention: usize| self.certainties.get(mention).copied().unwrap_or(1.0);
        of(pair.src_mention) * of(pair.tgt_mention)
    }

    /// Index of sentence `sent` among the chunk's own.
    fn sentence(&self, sent: usize) -> i64 {
        self.sentences.partition_point(|(s, _)| *s < sent) as i64
    }
}

/// How the relation head's numbers become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RelationScale {
    /// Of pair and act.
    pub relation: Calibration,
    /// Of the events of a given pair.
    pub events: Temperature,
}

impl ChunkPairs {
    /// Takes as pairs the candidates that the proposal head gives at least the probability `threshold`.
    pub fn propose(&mut self, head: &ProposalHead, threshold: f32) {
        let from = self.mentions.first().map_or(0, |m| m.span.start);
        let all = self.sentences.iter().flat_map(|(s, _)| candidates(&self.mentions, *s, from)).collect();
        self.take(head, all);
        let least = (threshold / (1.0 - threshold)).ln();
        let mut kept: Vec<usize> = (0..self.pairs.len()).filter(|&i| self.proposals[i] >= least).collect();
        if kept.len() > MAX_PAIRS {
            kept.sort_by(|&a, &b| self.proposals[b].total_cmp(&self.proposals[a]).then(a.cmp(&b)));
            kept.truncate(MAX_PAIRS);
            kept.sort_unstable();
        }
        self.keep(&kept);
    }

    /// Takes the given pairs whose sentence, as `sentences` tells for each, is the chunk's own.
    pub fn take_given(&mut self, head: &ProposalHead, given: &[GivenPair], sentences: &[Option<usize>]) {
        self.take(head, given_candidates(self, given, sentences));
    }

    /// Drops the pairs that are not `wanted`.
    pub fn retain(&mut self, wanted: impl Fn(&Candidate) -> bool) {
        let kept: Vec<usize> = (0..self.pairs.len()).filter(|&i| wanted(&self.pairs[i])).collect();
        self.keep(&kept);
    }

    fn keep(&mut self, kept: &[usize]) {
        self.pairs = kept.iter().map(|&i| self.pairs[i]).collect();
        self.proposals = kept.iter().map(|&i| self.proposals[i]).collect();
    }

    fn take(&mut self, head: &ProposalHead, pairs: Vec<Candidate>) {
        self.proposals = match self.pooled.as_ref().filter(|_| !pairs.is_empty()) {
            None => vec![0.0; pairs.len()],
            Some(pooled) => {
                let index = |values: &[i64]| Tensor::from_slice(values).to_device(pooled.device());
                let list = |of: &dyn Fn(&Candidate) -> i64| index(&pairs.iter().map(of).collect::<Vec<_>>());
                // A given mention that lies outside of the chunk is looked for at `[CLS]`, as its marker is: the last
                // row.
                let places: Vec<i64> = self.positions.iter().copied().chain([0]).collect();
                let mentions = self.states.index_select(0, &index(&places));
                let row = |mention: usize| mention.min(self.positions.len()) as i64;
                let (src, tgt) = (list(&|c| row(c.src_mention)), list(&|c| row(c.tgt_mention)));
                let sent = list(&|c| self.sentence(c.sent));
                numbers(&head.forward(&mentions, pooled, &src, &tgt, &sent))
            }
        };
        self.pairs = pairs;
    }
}

/// Given pairs have their markers where a candidate has them. A pair that is no candidate because its mentions are too
/// far apart has them at the last mentions up to the sentence.
fn given_candidates(chunk: &ChunkPairs, given: &[GivenPair], sentences: &[Option<usize>]) -> Vec<Candidate> {
    let from = chunk.mentions.first().map_or(0, |m| m.span.start);
    let mut found = Vec::new();
    for &(sent, _) in &chunk.sentences {
        let candidates = candidates(&chunk.mentions, sent, from);
        let last = |entity: EntityIx| {
            let of = chunk.mentions.iter().enumerate().filter(|(_, m)| m.entity == entity && m.sent <= sent);
            of.map(|(i, _)| i).next_back().unwrap_or(usize::MAX)
        };
        let asked = given.iter().zip(sentences).filter(|(_, s)| **s == Some(sent)).map(|(pair, _)| pair);
        found.extend(asked.map(|&GivenPair { src, tgt, .. }| {
            let candidate = candidates.iter().find(|c| c.src == src && c.tgt == tgt);
            let far = || Candidate { src, tgt, sent, src_mention: last(src), tgt_mention: last(tgt) };
            candidate.copied().unwrap_or_else(far)
        }));
    }
    found
}

/// The relations of the chunk's pairs, from the states of their markers `[2 * pairs, hidden]`.
///
/// A pair is reported when at least `least` speaks for its being related, weighed against its rivals; without a
/// threshold every pair is, each read for itself, with the probabilities of all events, which then add up to 1. A
/// relation is right when pair and act are and both mentions as well, which is what its score tells.
pub fn classify(
    head: &RelationHead,
    scale: RelationScale,
    chunk: &ChunkPairs,
    markers: &Tensor,
    least: Option<f32>,
) -> Vec<Relation> {
    let Some(pooled) = &chunk.pooled else { return Vec::new() };
    let index = |values: &[i64]| Tensor::from_slice(values).to_device(pooled.device());
    let mentions: Vec<i64> = chunk.marker_positions().flat_map(|(src, tgt)| [src, tgt]).collect();
    let sentences: Vec<i64> = chunk.pairs.iter().map(|p| chunk.sentence(p.sent)).collect();
    let states = PairStates {
        markers: markers.shallow_clone(),
        mentions: chunk.states.index_select(0, &index(&mentions)),
        sentences: pooled.index_select(0, &index(&sentences)),
    };
    let logits = head.forward(&states, 0.0, false);
    let odds = numbers(&logits.odds(&Tensor::from_slice(&chunk.proposals).to_device(pooled.device())));
    let odds: Vec<f64> = odds.into_iter().map(f64::from).collect();
    let standing = |pair: &Candidate| Standing { sentence: pair.sent, src: pair.src, tgt: pair.tgt };
    let odds = if least.is_some() { weigh(&odds, &chunk.pairs.iter().map(standing).collect::<Vec<_>>()) } else { odds };
    let related: Vec<f64> = odds.into_iter().map(sigmoid).collect();
    let probabilities =
        |logits: &Tensor, skip: i64| numbers(&logits.narrow(1, skip, logits.size()[1] - skip).softmax(-1, Kind::Float));
    let events = probabilities(&scale.events.cool(&logits.event), 1);
    let acts = probabilities(&logits.act, 1);
    let stances = probabilities(&logits.stance, 0);
    let modalities = probabilities(&logits.modality, 0);
    let reported =
        chunk.pairs.iter().enumerate().filter(|(i, _)| least.is_none_or(|least| related[*i] >= f64::from(least)));
    reported
        .map(|(i, pair)| {
            let act = best(Act::ALL, &acts[i * Act::ALL.len()..]);
            let of_events = &events[i * Event::ALL.len()..(i + 1) * Event::ALL.len()];
            Relation {
                src: pair.src,
                tgt: pair.tgt,
                sent: pair.sent,
                event: best(Event::ALL, of_events),
                act,
                stance: best(Stance::ALL, &stances[i * Stance::ALL.len()..]),
                modality: best(Modality::ALL, &modalities[i * Modality::ALL.len()..]),
                score: Probability::new(scale.relation.apply(related[i]) as f32 * chunk.certainty(pair)),
                scores: least.is_none().then(|| of_events.iter().map(|&p| Probability::new(p)).collect()),
            }
        })
        .collect()
}

/// The label with the highest score; `scores` may go on behind the last label.
fn best<T: Copy>(labels: &[T], scores: &[f32]) -> T {
    let top = (0..labels.len()).fold(0, |top, i| if scores[i] > scores[top] { i } else { top });
    labels[top]
}
