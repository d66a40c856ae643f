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
                    let sentence = sentences.get(relation.sent);
                    let when = when::when(
                        &sentences.times(relation.sent),
                        relation.act,
                        relation.modality,
                        &sentences.mentions(relation.sent, relation.src),
                    );
                    let claim = ClaimKey {
                        src: a.clone(),
                        tgt: b.clone(),
                        start: sentence.start,
                        act: relation.act,
                        event: relation.event,
                        modality: relation.modality,
                    };
                    let (src_name, tgt_name) = surfaces(annotation, relation);
                    document.insert(
                        claim,
                        Reading {
                            sentence,
                            src: src_name.into(),
                            tgt: tgt_name.into(),
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

/// What a document takes in an aggregate beside its claims: its key and its place in the table, with what is free there.
const DOCUMENT_BYTES: usize = 600;

/// That the relation holds and that its two sides are the actors they are taken for. Rounded as in files, so
/// that annotations make the same records before they are written and when they are read.
fn score(relation: &Relation, src: &Entity, tgt: &Entity) -> Probability {
    let product = [relation.score, src.score, tgt.score].iter().map(|p| p.rounded().get()).product();
    Probability::new(product).rounded()
}

/// What the sentence calls the two sides: of the named mentions in it the pair that stands closest, and
/// the entity's name where the sentence only points to it or does not mention it.
fn surfaces<'a>(annotation: &'a Annotation, relation: &Relation) -> (&'a str, &'a str) {
    let sentence = annotation.sentences[relation.sent];
    let named = |ix: EntityIx| -> Vec<Span> {
        mentions_in(annotation, sentence).filter(|m| m.entity == ix && m.named).map(|m| m.span).collect()
    };
    let (srcs, tgts) = (named(relation.src), named(relation.tgt));
    let closest = srcs
        .iter()
        .flat_map(|&s| tgts.iter().map(move |&t| (s.distance(t), s, t)))
        .min()
        .map(|(_, s, t)| (s, t))
        .unzip();
    let name =
        |span: Option<Span>, ix: EntityIx| span.map_or(annotation.entity(ix).name.as_str(), |s| s.of(&annotation.text));
    (name(closest.0.or(srcs.first().copied()), relation.src), name(closest.1.or(tgts.first().copied()), relation.tgt))
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
    made: BTreeMap<usize, Arc<Sentence>>,
    /// Words and times of the last sentence that was asked for: its relations follow one another.
    times: Option<(usize, Rc<Times>)>,
}

impl<'a> Sentences<'a> {
    fn new(annotation: &'a Annotation, document: &Arc<DocumentKey>) -> Self {
        Sentences { annotation, document: Arc::clone(document), made: BTreeMap::new(), times: None }
    }

    /// The words and times of a sentence; "a week later" counts from what the two sentences before tell.
    fn times(&mut self, index: usize) -> Rc<Times> {
        match &self.times {
            Some((last, times)) if *last == index => Rc::clone(times),
            _ => {
                let sentence = |i: usize| self.annotation.sentences[i].of(&self.annotation.text);
                let before = (index.saturating_sub(2)..index).map(sentence);
                let times = Rc::new(Times::of(sentence(index), before, self.document.date));
                self.times = Some((index, Rc::clone(&times)));
                times
            }
        }
    }

    /// Where the sentence mentions an entity, in bytes of the sentence.
    fn mentions(&self, index: usize, entity: EntityIx) -> Vec<Span> {
        let sentence = self.annotation.sentences[index];
        mentions_in(self.annotation, sentence)
            .filter(|m| m.entity == entity)
            .map(|m| Span::new(m.span.start - sentence.start, m.span.end - sentence.start))
            .collect()
    }

    fn get(&mut self, index: usize) -> Arc<Sentence> {
        if let Some(made) = self.made.get(&index) {
            return Arc::clone(made);
        }
        let text = self.annotation.text.as_str();
        let span = self.annotation.sentences[index];
        // Count on from the nearest sentence before, so that a long document is walked once and not for every sentence.
        let (bytes, chars) = self
            .made
            .range(..index)
            .next_back()
            .map_or((0, 0), |(&i, s)| (self.annotation.sentences[i].start, s.start));
        let start = chars + text[bytes..span.start].chars().count();
        let sentence = Arc::new(Sentence {
            document: Arc::clone(&self.document),
            start,
            end: start + span.of(text).chars().count(),
            text: span.of(text).into(),
        });
        self.made.insert(index, Arc::clone(&sentence));
        sentence
    }
}
