//! Relations from hypotheses that the text entails, zero-shot.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use serde_json::{json, Value};
use tch::Device;

use super::architecture::Task;
use super::classifier::Classifier;
use super::folder::Folder;
use super::hypotheses::{Hypotheses, Hypothesis};
use super::pieces::{Cut, Pieces};
use crate::document::{Entity, Event, Probability, Relation};
use crate::model::ModelError;
use crate::pool::Pool;
use crate::relations::ChunkPairs;
use crate::text::{Span, CONTEXT_SENTENCES};

/// What to read relations off.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The document's text.
    pub text: &'a str,
    /// Its sentences.
    pub sentences: &'a [Span],
    /// Its entities, whose names go into the hypotheses.
    pub entities: &'a [Entity],
    /// The pairs of a chunk.
    pub pairs: &'a ChunkPairs,
    /// Whether every pair is reported, with the scores of all events.
    pub given: bool,
}

/// A model for natural-language inference with hypotheses, for several threads.
pub struct Entailment {
    folder: Arc<Folder>,
    pieces: Pieces,
    hypotheses: Hypotheses,
    /// Index of the label that says that the second text follows from the first.
    entails: usize,
    readers: Pool<Classifier>,
    shortened: AtomicUsize,
    cut: AtomicUsize,
}

/// What is read for a pair: the premise, as a range of the chunk's pieces, and the pieces of each hypothesis.
struct Reading {
    premise: std::ops::Range<usize>,
    hypotheses: Vec<Vec<i64>>,
}

impl Entailment {
    /// Loads and checks the model in `folder`, for at most `threads` threads at a time.
    pub fn load(folder: &Path, hypotheses: Hypotheses, device: Device, threads: usize) -> Result<Self, ModelError> {
        let folder = Arc::new(Folder::open(folder, Task::Sequences)?);
        let entails = entailing(&folder.labels)
            .map_err(|reason| ModelError::Content { path: folder.path.join("config.json"), reason })?;
        Ok(Entailment {
            pieces: Pieces::load(&folder, 2)?,
            readers: Pool::new(Classifier::load(&folder, device, threads)?),
            folder,
            hypotheses,
            entails,
            shortened: AtomicUsize::new(0),
            cut: AtomicUsize::new(0),
        })
    }

    /// The relations of a chunk's pairs: for each the hypotheses that are as likely as their thresholds ask, of each
    /// event and act the likeliest. The premise is the sentence with the two before it, as far as they fit.
    ///
    /// # Errors
    /// When more threads call than the model was loaded for, or the model cannot compute.
    pub fn relations(&self, question: &Question) -> Result<Vec<Relation>, String> {
        let pairs = &question.pairs.pairs;
        let (Some(first), Some(last)) = (pairs.iter().map(|p| p.sent).min(), pairs.iter().map(|p| p.sent).max()) else {
            return Ok(Vec::new());
        };
        let first = first.saturating_sub(CONTEXT_SENTENCES);
        let cut = self.pieces.cut(question.text, &question.sentences[first..=last]);
        let readings: Vec<Reading> = (0..pairs.len()).map(|pair| self.reading(question, pair, &cut, first)).collect();
        let count = self.hypotheses.all.len();
        let of = |i: usize| (&cut.ids[readings[i / count].premise.clone()], &readings[i / count].hypotheses[i % count]);
        let lengths: Vec<usize> =
            (0..readings.len() * count).map(|i| of(i).0.len() + of(i).1.len() + self.pieces.special()).collect();
        let sequence = |i: usize| self.pieces.sequence(&[of(i).0, of(i).1]);
        let mut scores = vec![0.0; lengths.len()];
        let take = |i: usize, row: &[f32]| scores[i] = row[self.entails].exp();
        self.readers.with(|reader| reader.read(&lengths, sequence, take))??;
        let of_pairs = (0..pairs.len()).zip(scores.chunks_exact(count));
        Ok(of_pairs.flat_map(|(pair, scores)| self.report(question, pair, scores)).collect())
    }

    /// What is read for a pair. `cut` has the pieces of the sentences from `first`.
    fn reading(&self, question: &Question, pair: usize, cut: &Cut, first: usize) -> Reading {
        let candidate = &question.pairs.pairs[pair];
        // A name that goes over a line's end is one name.
        let name = |entity: &Entity| entity.name.split_whitespace().collect::<Vec<_>>().join(" ");
        let [src, tgt] = [candidate.src, candidate.tgt].map(|entity| name(&question.entities[entity.get()]));
        let room = self.folder.window - self.pieces.special();
        let pieces = |hypothesis: &Hypothesis| self.pieces.ids(&hypothesis.with_names(&src, &tgt));
        let mut hypotheses: Vec<Vec<i64>> = self.hypotheses.all.iter().map(pieces).collect();
        let longest = hypotheses.iter().map(Vec::len).max().unwrap_or(0);
        // Names of any length leave the premise half of the window.
        hypotheses.iter_mut().for_each(|ids| ids.truncate(room / 2));
        let (cut_names, room) = (longest > room / 2, room - longest.min(room / 2));
        let sentences = &cut.sentences[..=candidate.sent - first];
        let own = sentences[candidate.sent - first].clone();
        let wanted = &sentences[sentences.len().saturating_sub(CONTEXT_SENTENCES + 1)..];
        let fitting = wanted.iter().position(|s| own.end - s.start <= room);
        if cut_names || fitting.is_none() {
            self.cut.fetch_add(1, Ordering::Relaxed);
        } else if fitting != Some(0) {
            self.shortened.fetch_add(1, Ordering::Relaxed);
        }
        let premise = match fitting {
            Some(skipped) => wanted[skipped].start..own.end,
            None => {
                let start = self.earlier_mention(question, pair, cut, &own).min(own.end - room);
                start..start + room
            }
        };
        Reading { premise, hypotheses }
    }

    /// First piece of the pair's earlier mention in its sentence.
    fn earlier_mention(&self, question: &Question, pair: usize, cut: &Cut, own: &std::ops::Range<usize>) -> usize {
        let candidate = &question.pairs.pairs[pair];
        let mentions = [candidate.src_mention, candidate.tgt_mention].into_iter();
        let mentions = mentions.filter_map(|mention| question.pairs.mentions.get(mention));
        let start = mentions.filter(|mention| mention.sent == candidate.sent).map(|mention| mention.span.start).min();
        let piece = start.map(|start| own.start + cut.spans[own.clone()].partition_point(|span| span.end <= start));
        piece.unwrap_or(own.start)
    }

    /// The relations of a pair whose hypotheses have these scores.
    fn report(&self, question: &Question, pair: usize, scores: &[f32]) -> Vec<Relation> {
        let candidate = &question.pairs.pairs[pair];
        let relation = |hypothesis: usize, of_events: Option<Vec<Probability>>| {
            let labels = &self.hypotheses.all[hypothesis];
            Relation {
                src: candidate.src,
                tgt: candidate.tgt,
                sent: candidate.sent,
                event: labels.event,
                act: labels.act,
                stance: labels.stance,
                modality: labels.modality,
                score: Probability::new(scores[hypothesis]),
                scores: of_events,
            }
        };
        // Likeliest first; the sort keeps the file's order where two are as likely.
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        if question.given {
            return vec![relation(order[0], Some(self.of_events(scores)))];
        }
        let mut seen = Vec::new();
        order.retain(|&h| {
            let labels = &self.hypotheses.all[h];
            let new = scores[h] >= labels.threshold && !seen.contains(&(labels.event, labels.act));
            seen.extend(new.then_some((labels.event, labels.act)));
            new
        });
        order.into_iter().map(|h| relation(h, None)).collect()
    }

    /// The likeliest hypothesis of each event; all events together have 1.
    fn of_events(&self, scores: &[f32]) -> Vec<Probability> {
        let mut best = vec![0.0_f32; Event::ALL.len()];
        for (hypothesis, &score) in self.hypotheses.all.iter().zip(scores) {
            let event = &mut best[hypothesis.event.index()];
            *event = event.max(score);
        }
        let all = best.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        best.into_iter().map(|score| Probability::new(score / all)).collect()
    }

    /// What the model and its hypotheses are, for the manifest of a run.
    pub fn describe(&self) -> Value {
        let hypothesis = |h: &Hypothesis| {
            json!({
                "text": h.text,
                "event": h.event,
                "act": h.act,
                "stance": h.stance,
                "modality": h.modality,
                "threshold": f64::from(h.threshold),
            })
        };
        let mut description = self.folder.describe();
        description["file"] = self.hypotheses.path.to_string_lossy().into();
        description["hypotheses"] = self.hypotheses.all.iter().map(hypothesis).collect();
        description
    }

    /// What was left out so far.
    pub fn warnings(&self) -> Vec<String> {
        let (shortened, cut) = (self.shortened.load(Ordering::Relaxed), self.cut.load(Ordering::Relaxed));
        let window = self.folder.window;
        let shortened = (shortened > 0).then(|| {
            format!(
                "{shortened} pairs were read without all of the two sentences before theirs, \
                 for which the --nli-model's window of {window} pieces has no room"
            )
        });
        let cut = (cut > 0).then(|| {
            format!(
                "{cut} pairs were read with a part of their sentence or their names, \
                 which are longer than the --nli-model's window of {window} pieces"
            )
        });
        shortened.into_iter().chain(cut).collect()
    }
}

/// Index of the one label that says "entailment", or "entails".
fn entailing(labels: &[String]) -> Result<usize, String> {
    let mut found = labels.iter().enumerate().filter(|(_, label)| label.to_lowercase().starts_with("entail"));
    match (found.next(), found.next()) {
        (Some((entails, _)), None) if labels.len() > 1 => Ok(entails),
        _ => Err(format!("no label \"entailment\" in id2label, only {}; it is no model for NLI", labels.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::entailing;

    #[test]
    fn the_label_for_entailment_is_found_by_its_name() {
        let index = |labels: &str| entailing(&labels.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(index("contradiction neutral entailment"), Ok(2));
        assert_eq!(index("ENTAILMENT NOT_ENTAILMENT"), Ok(0));
        for bad in ["LABEL_0 LABEL_1", "entailment", "not_entailment other", "entailment entailed"] {
            assert!(index(bad).unwrap_err().contains(bad.split(' ').next().unwrap()), "{bad}");
        }
    }
}
