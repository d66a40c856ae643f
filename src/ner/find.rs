//! Names and anaphors of a chunk, read off its final states.

use std::ops::Range;

use tch::{Kind, Tensor};

use super::head::TagHead;
use super::tags::{decode, tag_count, TaggedRun};
use crate::document::{EntityType, Probability, Span};
use crate::encoder::{numbers, Tokens};
use crate::relations::Temperature;
use crate::text::Chunk;

/// A mention as the tag heads find it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaggedMention {
    /// Where it stands.
    pub span: Span,
    /// Its pieces, counted in the document.
    pub pieces: Range<usize>,
    /// Its type; none for an anaphor, which takes that of what it refers to.
    pub kind: Option<EntityType>,
    /// Mean probability of its tags.
    pub score: Probability,
}

/// The names in the chunk's own sentences, in order.
///
/// `states` `[pieces + 2, hidden]` are the chunk's, from `[CLS]` to `[SEP]`.
pub fn find_names(
    head: &TagHead,
    temperature: Temperature,
    states: &Tensor,
    tokens: &Tokens,
    chunk: &Chunk,
) -> Vec<TaggedMention> {
    let runs = runs(head, temperature, states, tokens, chunk).into_iter();
    runs.map(|run| mention(tokens, &run, EntityType::ALL.get(run.class).copied())).collect()
}

/// The names with the anaphors in the chunk's own sentences, in order of their start. Where a name and an anaphor
/// overlap the name stays. `states` are the chunk's, as in [`find_names`].
pub fn add_anaphors(
    names: Vec<TaggedMention>,
    head: &TagHead,
    states: &Tensor,
    tokens: &Tokens,
    chunk: &Chunk,
) -> Vec<TaggedMention> {
    let mut found = names;
    let named = found.len();
    for run in runs(head, Temperature::default(), states, tokens, chunk) {
        let anaphor = mention(tokens, &run, None);
        if !found[..named].iter().any(|name| name.span.overlaps(anaphor.span)) {
            found.push(anaphor);
        }
    }
    found.sort_by_key(|m| (m.span.start, m.span.end));
    found
}

/// Runs of one head, their words replaced by pieces of the document. None crosses the end of a sentence.
fn runs(head: &TagHead, temperature: Temperature, states: &Tensor, tokens: &Tokens, chunk: &Chunk) -> Vec<TaggedRun> {
    let tags = tag_count(head.classes());
    let scores = log_probabilities(&temperature.cool(&head.forward(states)));
    let first = tokens.sentence_of(chunk.body.start);
    let sentences = tokens.sentences[first..].iter().take_while(|s| s.start < chunk.body.end);
    sentences
        .flat_map(|sentence| {
            let range = sentence.start.max(chunk.body.start)..sentence.end.min(chunk.body.end);
            let words: Vec<usize> = range.clone().filter(|&t| tokens.starts_word[t]).collect();
            let rows = words.iter().flat_map(|&t| {
                let at = (t - chunk.context.start + 1) * tags;
                scores[at..at + tags].iter().copied()
            });
            let runs = decode(&rows.collect::<Vec<f32>>(), head.classes());
            runs.into_iter().map(move |run| {
                let end = words.get(run.words.end).copied().unwrap_or(range.end);
                TaggedRun { words: words[run.words.start]..end, ..run }
            })
        })
        .collect()
}

fn mention(tokens: &Tokens, run: &TaggedRun, kind: Option<EntityType>) -> TaggedMention {
    let span = Span::new(tokens.spans[run.words.start].start, tokens.spans[run.words.end - 1].end);
    TaggedMention { span, pieces: run.words.clone(), kind, score: Probability::new(run.score) }
}

fn log_probabilities(logits: &Tensor) -> Vec<f32> {
    numbers(&logits.log_softmax(-1, Kind::Float))
}
