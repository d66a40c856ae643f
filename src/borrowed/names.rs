//! Names that a borrowed model finds.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use serde_json::{Map, Value};
use tch::Device;

use super::architecture::Task;
use super::classifier::Classifier;
use super::folder::Folder;
use super::pieces::{Cut, Pieces};
use super::tags::Tags;
use crate::document::{EntityType, Probability};
use crate::model::ModelError;
use crate::pool::Pool;
use crate::text::{plan, Chunk, Span};

/// A name in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Name {
    /// Where it stands.
    pub span: Span,
    /// Its type.
    pub kind: EntityType,
    /// Mean probability of its labels.
    pub score: Probability,
}

/// A model for token classification that finds names, for several threads.
pub struct Names {
    folder: Arc<Folder>,
    pieces: Pieces,
    tags: Tags,
    readers: Pool<Classifier>,
    /// How many names of each class were found that have no type of ours.
    left_out: Vec<AtomicUsize>,
    split_sentences: AtomicUsize,
}

impl Names {
    /// Loads and checks the model in `folder`, for at most `threads` threads at a time.
    pub fn load(folder: &Path, device: Device, threads: usize) -> Result<Self, ModelError> {
        let folder = Arc::new(Folder::open(folder, Task::Tokens)?);
        let tags = Tags::of(&folder.labels)
            .map_err(|reason| ModelError::Content { path: folder.path.join("config.json"), reason })?;
        Ok(Names {
            pieces: Pieces::load(&folder, 1)?,
            readers: Pool::new(Classifier::load(&folder, device, threads)?),
            left_out: tags.classes.iter().map(|_| AtomicUsize::new(0)).collect(),
            split_sentences: AtomicUsize::new(0),
            folder,
            tags,
        })
    }

    /// The names in the sentences of a text, in order. A name lies within a sentence, and begins and ends with words;
    /// the first piece of a word decides on it.
    ///
    /// # Errors
    /// When more threads call than the model was loaded for, or the model cannot compute.
    pub fn find(&self, text: &str, sentences: &[Span]) -> Result<Vec<Name>, String> {
        let cut = self.pieces.cut(text, sentences);
        let plan = plan(&cut.sentences, self.folder.window - self.pieces.special(), |t| cut.starts_word[t]);
        self.split_sentences.fetch_add(plan.split_sentences, Ordering::Relaxed);
        let sequence = |c: usize| self.pieces.sequence(&[&cut.ids[plan.chunks[c].tokens()]]);
        let lengths: Vec<usize> = plan.chunks.iter().map(|c| c.tokens().len() + self.pieces.special()).collect();
        let mut names = Vec::new();
        let take = |c: usize, rows: &[f32]| names.extend(self.names_of(&cut, &plan.chunks[c], rows));
        self.readers.with(|reader| reader.read(&lengths, sequence, take))??;
        names.sort_by_key(|name: &Name| name.span);
        Ok(names)
    }

    /// The names in the chunk's own sentences. `rows` has a row of log-probabilities for each piece of the sequence.
    fn names_of(&self, cut: &Cut, chunk: &Chunk, rows: &[f32]) -> Vec<Name> {
        let labels = self.folder.labels.len();
        let lead = self.pieces.leading();
        let first = cut.sentences.partition_point(|s| s.end <= chunk.body.start);
        let own = cut.sentences[first..].iter().take_while(|s| s.start < chunk.body.end);
        let mut names = Vec::new();
        for sentence in own {
            let range = sentence.start.max(chunk.body.start)..sentence.end.min(chunk.body.end);
            let words: Vec<usize> = range.clone().filter(|&t| cut.starts_word[t]).collect();
            let row = |t: usize| &rows[(lead + t - chunk.context.start) * labels..][..labels];
            let of_words: Vec<f32> = words.iter().flat_map(|&t| row(t)).copied().collect();
            for run in self.tags.decode(&of_words) {
                let end = words.get(run.words.end).copied().unwrap_or(range.end);
                match self.tags.classes[run.class].1 {
                    None => _ = self.left_out[run.class].fetch_add(1, Ordering::Relaxed),
                    Some(kind) => names.push(Name {
                        span: cut.span(words[run.words.start]..end),
                        kind,
                        score: Probability::new(run.score),
                    }),
                }
            }
        }
        names
    }

    /// What the model is, for the manifest of a run.
    pub fn describe(&self) -> Value {
        let types = self.tags.classes.iter();
        let types: Map<String, Value> =
            types.map(|(name, kind)| (name.clone(), kind.map_or(Value::Null, |kind| kind.name().into()))).collect();
        let mut description = self.folder.describe();
        description["types"] = types.into();
        description
    }

    /// What was left out or split so far.
    pub fn warnings(&self) -> Vec<String> {
        let counts = self.left_out.iter().map(|count| count.load(Ordering::Relaxed));
        let left_out: Vec<(usize, &str)> =
            counts.zip(&self.tags.classes).filter(|(n, _)| *n > 0).map(|(n, (class, _))| (n, &class[..])).collect();
        let split = self.split_sentences.load(Ordering::Relaxed);
        let all: usize = left_out.iter().map(|(n, _)| n).sum();
        let by_class: Vec<String> = left_out.iter().map(|(n, class)| format!("{class} {n}")).collect();
        let left_out = (all > 0).then(|| {
            let by_class = by_class.join(", ");
            format!("{all} names of types that have no counterpart here were left out ({by_class})")
        });
        let split = (split > 0).then(|| {
            let window = self.folder.window;
            format!(
                "{split} sentences were longer than the --ner-model's window of {window} pieces and were read in parts"
            )
        });
        left_out.into_iter().chain(split).collect()
    }
}
