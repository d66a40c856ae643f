//! What one document says of pairs of actors: its relations folded through the actors of its entities.

use std::cmp::Ordering;
use std::collections::btree_map::{BTreeMap, Entry};
use std::rc::Rc;
use std::sync::Arc;

use super::fingerprint::Fingerprint;
use super::when::{self, Times, When};
use crate::document::{
    Act, ActorCode, Annotation, Date, Entity, EntityIx, Event, Mention, Modality, Probability, Relation, Span, Stance,
};

/// What tells a document from others. Two annotations with one name, source and date are one document,
/// read twice or in two versions.
///
/// In the order in which evidence is listed: dated before undated, then by date.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct DocumentKey {
    pub(super) date: Option<Date>,
    pub(super) id: String,
    pub(super) source: Option<String>,
}

impl Ord for DocumentKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for DocumentKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A sentence that shows something. Offsets count Unicode scalar values, as files do.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sentence {
    pub(super) document: Arc<DocumentKey>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: Box<str>,
}

impl Sentence {
    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Sentence>() + self.text.len() + 2 * ALLOCATION
    }
}

/// What a document claims; one reading is kept for each claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClaimKey {
    pub(super) src: ActorCode,
    pub(super) tgt: ActorCode,
    /// First character of the sentence.
    pub(super) start: usize,
    pub(super) act: Act,
    pub(super) event: Event,
    pub(super) modality: Modality,
}

/// The best relation for a claim: the minister and his country in one sentence are one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) sentence: Arc<Sentence>,
    pub(super) src: Box<str>,
    pub(super) tgt: Box<str>,
    pub(super) stance: Stance,
    pub(super) when: When,
    pub(super) score: Probability,
}

impl Reading {
    /// A total order, so that the best of several does not depend on which was met first.
    fn rank(&self, other: &Self) -> Ordering {
        (self.score.get().total_cmp(&other.score.get()))
            .then_with(|| other.stance.cmp(&self.stance))
            .then_with(|| (&other.src, &other.tgt).cmp(&(&self.src, &self.tgt)))
            .then_with(|| other.when.cmp(&self.when))
            .then_with(|| other.sentence.cmp(&self.sentence))
    }

    /// About how much memory it and its claim take beside themselves and the sentence.
    pub(super) fn bytes(&self, claim: &ClaimKey) -> usize {
        let strings = [claim.src.as_str(), claim.tgt.as_str(), &self.src, &self.tgt];
        strings.iter().map(|s| s.len() + ALLOCATION).sum()
    }
}

/// What an allocation costs beside its bytes, about.
const ALLOCATION: usize = 24;

/// All that a document claims.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) fingerprint: Fingerprint,
    pub(super) claims: BTreeMap<ClaimKey, Reading>,
    /// Relations in the annotation.
    pub(super) relations: usize,
    /// Those with a side that is no known actor.
    pub(super) unlinked: usize,
    /// Those of an actor to itself.
    pub(super) internal: usize,
}

impl Document {
    /// Folds the relations of `annotation`.
    pub(super) fn of(annotation: &Annotation) -> (Arc<DocumentKey>, Document) {
        let meta = &annotation.meta;
        let key = Arc::new(DocumentKey { date: meta.date, id: meta.id.clone(), source: meta.source.clone() });
        let mut document = Document {
            fingerprint: Fingerprint::of(&annotation.text),
            claims: BTreeMap::new(),
            relations: annotation.relations.len(),
            unlinked: 0,
            internal: 0,
        };
        let mut sentences = Sentences::new(annotation, &key);
        for relation in &annotation.relations {
            let (src, tgt) = (annotation.entity(relation.src), annotation.entity(relation.tgt));
            match (&src.actor, &tgt.actor) {
                (Some(a), Some(b)) if a == b => document.internal += 1,
                (Some(a), Some(b)) => {
                    let sides = Sides::of(annotation, relation);
                    let shown = shown(annotation, relation.sent, sides.focus());
                    let sentence = sentences.get(shown);
                    let when = when::when(
                        &sentences.times(relation.sent, shown),
                        relation.act,
                        relation.modality,
                        &sentences.mentions(shown, relation.src),
                    );
                    let claim = ClaimKey {
                        src: a.clone(),
                        tgt: b.clone(),
                        start: sentence.start,
                        act: relation.act,
                        event: relation.event,
                        modality: relation.modality,
                    };
                    document.insert(
                        claim,
                        Reading {
                            sentence,
                            src: Sides::name(annotation, sides.src, relation.src).into(),
                            tgt: Sides::name(annotation, sides.tgt, relation.tgt).into(),
                            stance: relation.stance,
                            when,
                            score: score(relation, src, tgt),
                        },
                    );
                }
                _ => document.unlinked += 1,
            }
        }
        (key, document)
    }

    /// Takes what another reading of the same document says.
    pub(super) fn merge(&mut self, other: Document) {
        for (claim, reading) in other.claims {
            self.insert(claim, reading);
        }
        self.fingerprint = self.fingerprint.clone().min(other.fingerprint);
        self.relations = self.relations.max(other.relations);
        self.unlinked = self.unlinked.max(other.unlinked);
        self.internal = self.internal.max(other.internal);
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        // Nodes of the tree have room for eleven and are little more than half full.
        let nodes = self.claims.len().div_ceil(6) * 11 * size_of::<(ClaimKey, Reading)>();
        let claims: usize = self.claims.iter().map(|(claim, reading)| reading.bytes(claim)).sum();
        let mut sentences: Vec<&Sentence> = self.claims.values().map(|r| &*r.sentence).collect();
        sentences.sort_unstable_by_key(|s| (s.start, s.end));
        sentences.dedup_by_key(|s| (s.start, s.end));
        DOCUMENT_BYTES + nodes + claims + sentences.into_iter().map(Sentence::bytes).sum::<usize>()
    }

    fn insert(&mut self, claim: ClaimKey, reading: Reading) {
        match self.claims.entry(claim) {
            Entry::Vacant(e) => {
                e.insert(reading);
            }
            Entry::Occupied(mut e) => {
                if reading.rank(e.get()).is_gt() {
                    e.insert(reading);
                }
            }
        }
    }
}

/// What a document takes in an aggregate beside its claims: its key and its place in the table, with what is free
/// there.
const DOCUMENT_BYTES: usize = 600;

/// That the relation holds and that its two sides are the actors they are taken for. Rounded as in files, so
/// that annotations make the same records before they are written and when they are read.
fn score(relation: &Relation, src: &Entity, tgt: &Entity) -> Probability {
    let product = [relation.score, src.score, tgt.score].iter().map(|p| p.rounded().get()).product();
    Probability::new(product).rounded()
}

/// Where the sentence names the two sides: of the named mentions in it the pair that stands closest.
#[derive(Debug, Default)]
struct Sides {
    src: Option<Span>,
    tgt: Option<Span>,
}

impl Sides {
    fn of(annotation: &Annotation, relation: &Relation) -> Self {
        let sentence = annotation.sentences[relation.sent];
        let named = |ix: EntityIx| -> Vec<Span> {
            mentions_in(annotation, sentence).filter(|m| m.entity == ix && m.named).map(|m| m.span).collect()
        };
        let (srcs, tgts) = (named(relation.src), named(relation.tgt));
        // Both are in the order of the text: the closest stands right before or behind.
        let neighbours = |s: Span| {
            let behind = tgts.partition_point(|t| t.start < s.start);
            tgts[behind.saturating_sub(1)..].iter().take(2).map(move |&t| (s.distance(t), s, t))
        };
        match srcs.iter().flat_map(|&s| neighbours(s)).min() {
            Some((_, src, tgt)) => Sides { src: Some(src), tgt: Some(tgt) },
            None => Sides { src: srcs.first().copied(), tgt: tgts.first().copied() },
        }
    }

    /// What the sentence calls a side, or the entity's name where it only points to it or does not mention it.
    fn name(annotation: &Annotation, side: Option<Span>, ix: EntityIx) -> &str {
        side.map_or(annotation.entity(ix).name.as_str(), |s| s.of(&annotation.text))
    }

    /// What evidence must show: both sides, or one where they stand far apart.
    fn focus(&self) -> Option<Span> {
        match (self.src, self.tgt) {
            (Some(s), Some(t)) if s.distance(t) < REACH => Some(Span::new(s.start.min(t.start), s.end.max(t.end))),
            (src, tgt) => src.or(tgt),
        }
    }
}

/// Bytes of the longest sentence that is shown as a whole, and how far beside its focus one is shown that is longer:
/// a text without full stops, or a table. So evidence does not take more memory than it is worth (I5).
const LONGEST: usize = 4000;
const REACH: usize = 1000;

/// The sentence, or the words around `focus` of one that is too long.
fn shown(annotation: &Annotation, sentence: usize, focus: Option<Span>) -> Span {
    let (text, sentence) = (annotation.text.as_str(), annotation.sentences[sentence]);
    if sentence.end - sentence.start <= LONGEST {
        return sentence;
    }
    let focus = focus.unwrap_or(Span::new(sentence.start, sentence.start));
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    let start = boundary(focus.start.saturating_sub(REACH).max(sentence.start)).min(focus.start);
    let end = boundary((focus.end + REACH).min(sentence.end));
    let (before, behind) = (&text[start..focus.start], &text[focus.end..end]);
    // Words are not cut, unless there is nothing but one.
    let skipped = if start == sentence.start { 0 } else { before.find(char::is_whitespace).unwrap_or(0) };
    let kept =
        if end == sentence.end { behind.len() } else { behind.rfind(char::is_whitespace).unwrap_or(behind.len()) };
    let start = start + skipped + (before[skipped..].len() - before[skipped..].trim_start().len());
    Span::new(start, focus.end + behind[..kept].trim_end().len())
}

/// The mentions that lie in a sentence.
fn mentions_in(annotation: &Annotation, sentence: Span) -> impl Iterator<Item = &Mention> {
    let from = annotation.mentions.partition_point(|m| m.span.start < sentence.start);
    let reach = annotation.mentions[from..].iter().take_while(move |m| m.span.start < sentence.end);
    reach.filter(move |m| sentence.contains(m.span))
}

/// The sentences of an annotation that show something, each made once, with offsets in characters.
struct Sentences<'a> {
    annotation: &'a Annotation,
    document: Arc<DocumentKey>,
    /// By their bytes.
    made: BTreeMap<Span, Arc<Sentence>>,
    /// Words and times of the last sentence that was asked for: its relations follow one another.
    times: Option<(Span, Rc<Times>)>,
}

impl<'a> Sentences<'a> {
    fn new(annotation: &'a Annotation, document: &Arc<DocumentKey>) -> Self {
        Sentences { annotation, document: Arc::clone(document), made: BTreeMap::new(), times: None }
    }

    /// The words and times of what is shown of a sentence; "a week later" counts from what the two sentences before
    /// tell, of which the ends are read.
    fn times(&mut self, index: usize, shown: Span) -> Rc<Times> {
        match &self.times {
            Some((last, times)) if *last == shown => Rc::clone(times),
            _ => {
                let text = self.annotation.text.as_str();
                let before = (index.saturating_sub(2)..index).map(|i| {
                    let end = self.annotation.sentences[i].end;
                    self::shown(self.annotation, i, Some(Span::new(end, end))).of(text)
                });
                let times = Rc::new(Times::of(shown.of(text), before, self.document.date));
                self.times = Some((shown, Rc::clone(&times)));
                times
            }
        }
    }

    /// Where what is shown mentions an entity, in bytes of it.
    fn mentions(&self, shown: Span, entity: EntityIx) -> Vec<Span> {
        mentions_in(self.annotation, shown)
            .filter(|m| m.entity == entity)
            .map(|m| Span::new(m.span.start - shown.start, m.span.end - shown.start))
            .collect()
    }

    fn get(&mut self, shown: Span) -> Arc<Sentence> {
        if let Some(made) = self.made.get(&shown) {
            return Arc::clone(made);
        }
        let text = self.annotation.text.as_str();
        // Count on from the nearest sentence before, so that a long document is walked once and not for every sentence.
        let before = self.made.range(..shown).next_back();
        let (bytes, chars) = before.map_or((0, 0), |(span, s)| (span.start, s.start));
        let start = chars + text[bytes..shown.start].chars().count();
        let sentence = Arc::new(Sentence {
            document: Arc::clone(&self.document),
            start,
            end: start + shown.of(text).chars().count(),
            text: shown.of(text).into(),
        });
        self.made.insert(shown, Arc::clone(&sentence));
        sentence
    }
}
