//! From annotated documents to chunks that the network can learn from.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::document::{Act, Annotation, EntityIx, EntityType, Event, Modality, Stance};
use crate::encoder::{Tokens, WordPieces};
use crate::ner::tags::{begin, inside};
use crate::ner::MAX_CANDIDATES;
use crate::relations::{candidates, PairMention};
use crate::text::plan;

/// Label of what has none, which no loss counts.
pub const IGNORED: i64 = -100;

/// The classes of one related pair; [`IGNORED`] where the data says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairLabels {
    /// Event, 0 for "unrelated".
    pub event: i64,
    /// Act, 0 for "unrelated".
    pub act: i64,
    /// Stance.
    pub stance: i64,
    /// Modality.
    pub modality: i64,
}

impl PairLabels {
    const UNRELATED: PairLabels = PairLabels { event: 0, act: 0, stance: IGNORED, modality: IGNORED };

    /// The classes of a relation with all labels.
    pub fn of(event: Event, act: Act, stance: Stance, modality: Modality) -> Self {
        PairLabels {
            event: event.index() as i64 + 1,
            act: act.index() as i64 + 1,
            stance: stance.index() as i64,
            modality: modality.index() as i64,
        }
    }

    /// The classes of a pair of which only the event is known.
    pub fn event_only(event: Event) -> Self {
        PairLabels { event: event.index() as i64 + 1, act: IGNORED, stance: IGNORED, modality: IGNORED }
    }
}

/// A pair of mentions of a chunk with all relations that it has; none for an unrelated pair.
#[derive(Debug, Clone, PartialEq)]
pub struct PairExample {
    /// Index of the source's mention in the chunk's list.
    pub src: usize,
    /// Index of the target's mention.
    pub tgt: usize,
    /// Index of the sentence in the chunk's list.
    pub sentence: usize,
    /// What is right; of several relations of a pair, each.
    pub labels: Vec<PairLabels>,
}

impl PairExample {
    /// Whether the pair is related.
    pub fn related(&self) -> bool {
        !self.labels.is_empty()
    }

    /// The labels to learn in a pass: those of one relation, or of an unrelated pair.
    pub fn pick(&self, random: &mut fastrand::Rng) -> PairLabels {
        if self.labels.is_empty() {
            PairLabels::UNRELATED
        } else {
            self.labels[random.usize(..self.labels.len())]
        }
    }
}

/// An anaphor of a chunk, with the earlier mentions it may refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct AnaphorExample {
    /// Index of the anaphor in the chunk's mentions.
    pub mention: usize,
    /// Indices of earlier mentions, and whether they are of the same entity.
    pub candidates: Vec<(usize, bool)>,
}

/// A chunk with everything that its data set says of it. Positions count the chunk's pieces, `[CLS]` being 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Example {
    /// Word pieces with `[CLS]` and `[SEP]`.
    pub ids: Vec<i64>,
    /// Word shapes.
    pub shapes: Vec<i64>,
    /// Tags of names; [`IGNORED`] inside words and where the data set has none.
    pub names: Vec<i64>,
    /// Tags of anaphors, likewise.
    pub anaphors: Vec<i64>,
    /// First and last piece of each mention.
    pub mentions: Vec<(i64, i64)>,
    /// The entity of each mention.
    pub entities: Vec<EntityIx>,
    /// Type of each mention that is a name; `None` for an anaphor, and where the data does not say.
    pub kinds: Vec<Option<EntityType>>,
    /// Anaphors with their candidates.
    pub antecedents: Vec<AnaphorExample>,
    /// Pieces of each sentence.
    pub sentences: Vec<Range<usize>>,
    /// All pairs that the chunk's own sentences may relate.
    pub pairs: Vec<PairExample>,
    /// Whether unrelated pairs are known to be so.
    pub pairs_complete: bool,
    /// The pieces that are the chunk's own, not context.
    pub own: Range<usize>,
}

/// What a data set has labels for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supervision {
    /// Names only.
    Names,
    /// Everything.
    Everything,
}

/// Cuts an annotated document into examples of at most `window` pieces, special ones counted.
pub fn from_annotation(
    annotation: &Annotation,
    pieces: &WordPieces,
    window: usize,
    supervision: Supervision,
) -> Vec<Example> {
    let tokens = pieces.tokenize(&annotation.text, &annotation.sentences);
    let chunks = plan(&tokens.sentences, window - 2, |t| tokens.starts_word[t]).chunks;
    let related = relations_by_pair(annotation);
    let builder = Builder { annotation, tokens: &tokens, pieces, related: &related };
    chunks.into_iter().map(|c| builder.example(c.tokens(), c.body, supervision)).collect()
}

/// One example of a sentence with one given pair, of which only the event is known.
pub fn from_pair(pair: &crate::corpus::pairs::PairExample, pieces: &WordPieces, window: usize) -> Option<Example> {
    let whole = crate::document::Span::new(0, pair.text.len());
    let tokens = pieces.tokenize(&pair.text, &[whole]);
    let (src, tgt) = (tokens.covering(pair.src), tokens.covering(pair.tgt));
    if tokens.len() + 2 > window || src.is_empty() || tgt.is_empty() {
        return None;
    }
    let mut example = sequence(&tokens, 0..tokens.len(), pieces);
    example.mentions = [src, tgt].iter().map(|r| (r.start as i64 + 1, r.end as i64)).collect();
    example.entities = vec![EntityIx(0), EntityIx(1)];
    example.kinds = vec![None; 2];
    example.own = 1..tokens.len() + 1;
    example.sentences.push(example.own.clone());
    example.pairs = vec![PairExample { src: 0, tgt: 1, sentence: 0, labels: vec![PairLabels::event_only(pair.event)] }];
    Some(example)
}

type Related = BTreeMap<(EntityIx, EntityIx, usize), Vec<PairLabels>>;

fn relations_by_pair(annotation: &Annotation) -> Related {
    let mut related = Related::new();
    for r in &annotation.relations {
        let labels = PairLabels::of(r.event, r.act, r.stance, r.modality);
        related.entry((r.src, r.tgt, r.sent)).or_default().push(labels);
    }
    related
}

/// Pieces `range` between `[CLS]` and `[SEP]`, without labels.
fn sequence(tokens: &Tokens, range: Range<usize>, pieces: &WordPieces) -> Example {
    let n = range.len() + 2;
    let mut example = Example { names: vec![IGNORED; n], anaphors: vec![IGNORED; n], ..Example::default() };
    example.ids =
        [pieces.cls].into_iter().chain(tokens.ids[range.clone()].iter().copied()).chain([pieces.sep]).collect();
    example.shapes = [0].into_iter().chain(tokens.shapes[range].iter().map(|&s| s as i64)).chain([0]).collect();
    example
}

struct Builder<'a> {
    annotation: &'a Annotation,
    tokens: &'a Tokens,
    pieces: &'a WordPieces,
    related: &'a Related,
}

impl Builder<'_> {
    fn example(&self, range: Range<usize>, body: Range<usize>, supervision: Supervision) -> Example {
        let mut example = sequence(self.tokens, range.clone(), self.pieces);
        let everything = supervision == Supervision::Everything;
        for t in range.clone().filter(|&t| self.tokens.starts_word[t]) {
            example.names[t - range.start + 1] = 0;
            if everything {
                example.anaphors[t - range.start + 1] = 0;
            }
        }
        let place = |t: usize| t - range.start + 1;
        example.own = place(body.start)..place(body.end);
        let mut inside_chunk = Vec::new();
        let bytes = match (self.tokens.spans.get(range.start), self.tokens.spans.get(range.end.saturating_sub(1))) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => return example,
        };
        let mentions = &self.annotation.mentions;
        let near = mentions.partition_point(|m| m.span.start < bytes.start)
            ..mentions.partition_point(|m| m.span.start < bytes.end);
        for mention in &mentions[near] {
            let covered = self.tokens.covering(mention.span);
            if covered.is_empty() || covered.start < range.start || covered.end > range.end {
                continue;
            }
            let (tags, class) =
                if mention.named { (&mut example.names, mention.kind.index()) } else { (&mut example.anaphors, 0) };
            if mention.named || everything {
                for t in covered.clone().filter(|&t| self.tokens.starts_word[t]) {
                    tags[place(t)] = if t == covered.start { begin(class) } else { inside(class) } as i64;
                }
            }
            example.mentions.push((place(covered.start) as i64, place(covered.end - 1) as i64));
            example.entities.push(mention.entity);
            example.kinds.push(mention.named.then_some(mention.kind));
            let sent = self.tokens.sentence_of(covered.start);
            inside_chunk.push((PairMention { entity: mention.entity, span: mention.span, sent }, mention.named));
        }
        if everything {
            self.add_antecedents(&inside_chunk, &mut example);
            self.add_pairs(&inside_chunk, range, body, &mut example);
        }
        example
    }

    fn add_antecedents(&self, mentions: &[(PairMention, bool)], example: &mut Example) {
        for (i, (mention, named)) in mentions.iter().enumerate() {
            let earlier = i.saturating_sub(MAX_CANDIDATES)..i;
            let same = |j: usize| mentions[j].0.entity == mention.entity;
            let known_before =
                self.annotation.mentions.iter().any(|m| m.entity == mention.entity && m.span < mention.span);
            // An anaphor whose antecedent lies outside the chunk would teach "none" where there is one.
            if *named || earlier.is_empty() || (known_before && !earlier.clone().any(same)) {
                continue;
            }
            let candidates = earlier.map(|j| (j, same(j))).collect();
            example.antecedents.push(AnaphorExample { mention: i, candidates });
        }
    }

    fn add_pairs(
        &self,
        mentions: &[(PairMention, bool)],
        range: Range<usize>,
        body: Range<usize>,
        example: &mut Example,
    ) {
        let plain: Vec<PairMention> = mentions.iter().map(|(m, _)| *m).collect();
        let Some(first_byte) = self.tokens.spans.get(range.start).map(|s| s.start) else { return };
        let sentences = self.tokens.sentences.iter().enumerate();
        for (sent, pieces) in sentences.filter(|(_, r)| r.start < body.end && r.end > body.start && !r.is_empty()) {
            let from = pieces.start.max(range.start) - range.start + 1;
            let to = pieces.end.min(range.end) - range.start + 1;
            let sentence = example.sentences.len();
            example.sentences.push(from..to);
            for c in candidates(&plain, sent, first_byte) {
                let labels = self.related.get(&(c.src, c.tgt, sent)).cloned().unwrap_or_default();
                example.pairs.push(PairExample { src: c.src_mention, tgt: c.tgt_mention, sentence, labels });
            }
        }
        example.pairs_complete = true;
    }
}
