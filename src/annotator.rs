//! The neural annotator: sentences, mentions, actors and relations of documents, with one reading of each text.
//!
//! A group of documents is read in these steps:
//! 1. sentences, word pieces and chunks;
//! 2. the encoder reads all chunks, packed; the tag heads find names and anaphors, the antecedent head links these;
//! 3. the knowledge base tells who the mentions are, document by document;
//! 4. the proposal head picks the pairs that are worth it; two levitated markers a pair read the keys and values of
//!    step 2, and the relation head reads the markers.
//!
//! A document that is too long to keep its keys and values is read part by part, twice. Borrowed models may find the
//! names of step 2 and the relations of step 4.

mod embed;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{json, Value};
use tch::{no_grad, Device, Kind, Tensor};

pub use self::embed::Passages;
use crate::actors::{self, Antecedent, FoundMention, KnowledgeBase};
use crate::borrowed::{Entailment, Name, Names, Question};
use crate::document::{
    Annotation, Document, Entity, EntityIx, EntityType, Given, GivenPair, Mention, Probability, Relation, Span,
};
use crate::encoder::{batches, Encoder, Mode, Packed, Reading, Tokens, WordPieces};
use crate::model::{Labels, Model, Network};
use crate::ner::{add_anaphors, choose_antecedents, find_names, AnaphorCandidates, TaggedMention, MAX_CANDIDATES};
use crate::pipeline::Annotator;
use crate::pool::Pool;
use crate::relations::{classify, ChunkPairs, PairMention, RelationScale, Temperature};
use crate::text::{plan, sentences, Chunk};

/// Most pieces whose keys and values are kept at a time; each takes some 28 KB in fp32.
const KEPT_PIECES: usize = 8_192;

/// What of a document's own mentions to take as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeGiven {
    /// The mentions.
    Mentions,
    /// The mentions, and exactly the pairs.
    Pairs,
}

/// Encoder and heads of one worker; their variables are shared.
struct Reader {
    network: Network,
    encoder: Encoder,
}

/// Reads documents with a model and a knowledge base.
pub struct NeuralAnnotator {
    readers: Pool<Reader>,
    pieces: WordPieces,
    labels: Labels,
    knowledge: KnowledgeBase,
    given: Option<TakeGiven>,
    device: Device,
    kind: Kind,
    hidden_size: usize,
    split_sentences: AtomicUsize,
    names: Option<Names>,
    entailment: Option<Entailment>,
}

impl NeuralAnnotator {
    /// An annotator that computes in `kind`, for at most `threads` threads at a time.
    pub fn new(
        mut model: Model,
        knowledge: KnowledgeBase,
        kind: Kind,
        given: Option<TakeGiven>,
        threads: usize,
    ) -> Self {
        model.network.store.set_kind(kind);
        model.network.store.freeze();
        let device = model.network.store.device();
        let hidden_size = model.network.config.hidden_size as usize;
        let readers = (0..threads.max(1)).map(|_| {
            let network = model.network.share();
            Reader { encoder: no_grad(|| network.encoder(kind)), network }
        });
        NeuralAnnotator {
            readers: Pool::new(readers),
            pieces: model.pieces,
            labels: model.labels,
            knowledge,
            given,
            device,
            kind,
            hidden_size,
            split_sentences: AtomicUsize::new(0),
            names: None,
            entailment: None,
        }
    }

    /// Lets a borrowed model find the names, in the place of the model's own head.
    pub fn with_names(self, names: Names) -> Self {
        NeuralAnnotator { names: Some(names), ..self }
    }

    /// Lets a borrowed model find the relations, by hypotheses, in the place of the model's own head.
    pub fn with_entailment(self, entailment: Entailment) -> Self {
        NeuralAnnotator { entailment: Some(entailment), ..self }
    }

    fn draft(&self, document: Document) -> Result<Draft, String> {
        let sentences = sentences(&document.text);
        let tokens = self.pieces.tokenize(&document.text, &sentences);
        let plan = plan(&tokens.sentences, self.labels.window - 2, |t| tokens.starts_word[t]);
        self.split_sentences.fetch_add(plan.split_sentences, Ordering::Relaxed);
        let given = match (self.given, &document.given) {
            (None, _) => None,
            (Some(TakeGiven::Pairs), Some(given)) if given.pairs.is_none() => {
                return Err("--given pairs, but the document has no pairs".to_owned())
            }
            (Some(_), Some(given)) => Some(given.clone()),
            (Some(_), None) => return Err("--given, but the document has no mentions".to_owned()),
        };
        let mut draft = Draft { document, sentences, tokens, chunks: plan.chunks, given, ..Draft::default() };
        draft.take_given_mentions();
        Ok(draft)
    }
}

impl Annotator for NeuralAnnotator {
    fn enter_thread(&self) {
        // Workers share the thread budget out among themselves; libtorch must not multiply it.
        tch::set_num_threads(1);
    }

    fn annotate(&self, documents: Vec<Document>) -> Vec<Result<Annotation, String>> {
        let mut drafts: Vec<Result<Draft, String>> = documents.into_iter().map(|d| self.draft(d)).collect();
        let mut readable: Vec<&mut Draft> = drafts.iter_mut().flatten().collect();
        if let Err(reason) = self.readers.with(|reader| no_grad(|| self.read(reader, &mut readable))) {
            return drafts.iter().map(|_| Err(reason.clone())).collect();
        }
        drafts.into_iter().map(|draft| draft.and_then(Draft::finish)).collect()
    }

    fn describe(&self) -> Value {
        let mut description = json!({
            "name": self.labels.name,
            "window": self.labels.window,
            "thresholds": self.labels.thresholds,
            "device": format!("{:?}", self.device).to_lowercase(),
            "precision": if self.kind == Kind::BFloat16 { "bf16" } else { "fp32" },
        });
        if let Some(names) = &self.names {
            description["names"] = names.describe();
        }
        if let Some(entailment) = &self.entailment {
            description["relations"] = entailment.describe();
        }
        description
    }

    fn warnings(&self) -> Vec<String> {
        let split = self.split_sentences.load(Ordering::Relaxed);
        let warning = || {
            format!(
                "{split} sentences were longer than the model's window of {} word pieces and were read in parts",
                self.labels.window
            )
        };
        let own = (split > 0).then(warning).into_iter();
        let names = self.names.iter().flat_map(Names::warnings);
        own.chain(names).chain(self.entailment.iter().flat_map(Entailment::warnings)).collect()
    }
}

/// A chunk of a draft.
type Place = (usize, usize);

impl NeuralAnnotator {
    /// Steps 2 to 4 for all drafts.
    fn read(&self, reader: &Reader, drafts: &mut [&mut Draft]) {
        if let Some(names) = &self.names {
            drafts.iter_mut().filter(|draft| draft.given.is_none()).for_each(|draft| draft.borrow_names(names));
        }
        let parts = parts(drafts);
        let mut kept = None;
        for part in &parts {
            let reading = self.encode(reader, drafts, part);
            let mut at = 0;
            for &(d, c) in part {
                let length = drafts[d].chunks[c].tokens().len() as i64 + 2;
                let states = reading.hidden.narrow(0, at, length);
                drafts[d].find_mentions(reader, self.labels.temperatures.names, c, &states);
                at += length;
            }
            kept = (parts.len() == 1).then_some(reading);
        }
        drafts.iter_mut().for_each(|draft| draft.link(&self.knowledge));
        for part in &parts {
            let reading = kept.take().unwrap_or_else(|| self.encode(reader, drafts, part));
            self.relate(reader, drafts, part, &reading);
        }
    }

    fn encode(&self, reader: &Reader, drafts: &[&mut Draft], part: &[Place]) -> Reading {
        let (mut ids, mut shapes, mut positions, mut lengths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for &(d, c) in part {
            let (tokens, range) = (&drafts[d].tokens, drafts[d].chunks[c].tokens());
            let length = range.len() as i64 + 2;
            ids.push(self.pieces.cls);
            ids.extend(&tokens.ids[range.clone()]);
            ids.push(self.pieces.sep);
            shapes.push(0);
            shapes.extend(tokens.shapes[range].iter().map(|&s| s as i64));
            shapes.push(0);
            positions.extend(0..length);
            lengths.push(length);
        }
        reader.encoder.read(&Packed::new(&ids, &shapes, &positions, lengths, self.device), Mode::Read)
    }

    fn relate(&self, reader: &Reader, drafts: &mut [&mut Draft], part: &[Place], reading: &Reading) {
        // Hypotheses may be on what our own heads hold for unrelated.
        let threshold = if self.entailment.is_some() { 0.0 } else { self.labels.thresholds.proposal };
        let mut at = 0;
        let chunks: Vec<ChunkPairs> = part
            .iter()
            .map(|&(d, c)| {
                let length = drafts[d].chunks[c].tokens().len() as i64 + 2;
                let states = reading.hidden.narrow(0, at, length);
                at += length;
                drafts[d].pairs(reader, c, &states, threshold)
            })
            .collect();
        match &self.entailment {
            Some(entailment) => {
                part.iter().zip(&chunks).for_each(|(&(d, _), chunk)| drafts[d].entail(entailment, chunk));
            }
            None => self.read_markers(reader, drafts, part, reading, &chunks),
        }
    }

    /// Reads the pairs of the chunks of `part` with markers.
    fn read_markers(
        &self,
        reader: &Reader,
        drafts: &mut [&mut Draft],
        part: &[Place],
        reading: &Reading,
        chunks: &[ChunkPairs],
    ) {
        let lengths: Vec<i64> = chunks.iter().map(|c| 2 * c.pairs.len() as i64).collect();
        if lengths.iter().all(|&n| n == 0) {
            return;
        }
        let (mut ids, mut positions) = (Vec::new(), Vec::new());
        for (src, tgt) in chunks.iter().flat_map(ChunkPairs::marker_positions) {
            ids.extend([self.pieces.source_marker, self.pieces.target_marker]);
            positions.extend([src, tgt]);
        }
        let markers = Packed::new(&ids, &vec![0; ids.len()], &positions, lengths.clone(), self.device);
        let states = reader.encoder.read_markers(&markers, reading, Mode::Read);
        let scale = RelationScale { relation: self.labels.calibration, events: self.labels.temperatures.events };
        let mut at = 0;
        for ((&(d, _), chunk), &n) in part.iter().zip(chunks).zip(&lengths).filter(|(_, &n)| n > 0) {
            let least = if drafts[d].has_given_pairs() { None } else { Some(self.labels.thresholds.relation) };
            let related = classify(&reader.network.relations, scale, chunk, &states.narrow(0, at, n), least);
            drafts[d].relations.extend(related);
            at += n;
        }
    }
}

/// Chunks of all drafts in runs whose keys and values fit into memory.
fn parts(drafts: &[&mut Draft]) -> Vec<Vec<Place>> {
    let places = drafts.iter().enumerate().flat_map(|(d, draft)| (0..draft.chunks.len()).map(move |c| (d, c)));
    batches(places, KEPT_PIECES, |&(d, c)| drafts[d].chunks[c].tokens().len() + 2)
}

/// A document on its way to an annotation.
#[derive(Default)]
struct Draft {
    document: Document,
    sentences: Vec<Span>,
    tokens: Tokens,
    chunks: Vec<Chunk>,
    given: Option<Given>,
    /// Names that a borrowed model found, in order.
    names: Option<Vec<TaggedMention>>,
    mentions: Vec<FoundMention>,
    /// The pieces of each mention; empty for a given one that no piece covers.
    pieces: Vec<Range<usize>>,
    entities: Vec<Entity>,
    of_mention: Vec<EntityIx>,
    /// Whether the entities are those that the input gives.
    entities_given: bool,
    /// Of every entity whether it is but the source of the news.
    sources: Vec<bool>,
    relations: Vec<Relation>,
    /// Why a borrowed model could not read the document.
    failure: Option<String>,
}

impl Draft {
    fn take_given_mentions(&mut self) {
        for m in self.given.iter().flat_map(|g| &g.mentions) {
            let (span, kind, named) = (m.span, m.kind, m.named);
            self.mentions.push(FoundMention {
                span,
                kind,
                named,
                score: Probability::ONE,
                antecedent: Antecedent::None,
            });
            self.pieces.push(self.tokens.covering(span));
        }
    }

    fn has_given_pairs(&self) -> bool {
        self.given.as_ref().is_some_and(|g| g.pairs.is_some())
    }

    /// Entities that the input gives, when it gives one for every mention.
    fn given_entities(&self) -> Option<(&[Entity], Vec<EntityIx>)> {
        let given = self.given.as_ref().filter(|g| !g.entities.is_empty())?;
        let of_mention: Option<Vec<EntityIx>> = given.mentions.iter().map(|m| m.entity).collect();
        Some((&given.entities, of_mention?))
    }

    /// Takes the names that a borrowed model finds.
    fn borrow_names(&mut self, names: &Names) {
        let tagged = |name: Name| TaggedMention {
            span: name.span,
            pieces: self.tokens.covering(name.span),
            kind: Some(name.kind),
            score: name.score,
        };
        match names.find(&self.document.text, &self.sentences) {
            Ok(found) => self.names = Some(found.into_iter().map(tagged).collect()),
            Err(reason) => self.failure = Some(format!("the --ner-model failed: {reason}")),
        }
    }

    /// The names in the own sentences of chunk `c`, borrowed or of the model's own.
    fn names_in(&self, reader: &Reader, temperature: Temperature, c: usize, states: &Tensor) -> Vec<TaggedMention> {
        let body = &self.chunks[c].body;
        match &self.names {
            Some(names) => {
                let first = names.partition_point(|name| name.pieces.start < body.start);
                let own = names[first..].iter().take_while(|name| name.pieces.start < body.end);
                own.filter(|name| !name.pieces.is_empty()).cloned().collect()
            }
            None => find_names(&reader.network.names, temperature, states, &self.tokens, &self.chunks[c]),
        }
    }

    /// Names and anaphors of chunk `c` and the antecedents of these. `states` are the chunk's.
    fn find_mentions(&mut self, reader: &Reader, temperature: Temperature, c: usize, states: &Tensor) {
        let chunk = &self.chunks[c];
        let network = &reader.network;
        if self.given.is_none() {
            let names = self.names_in(reader, temperature, c, states);
            for found in add_anaphors(names, &network.anaphors, states, &self.tokens, chunk) {
                self.mentions.push(FoundMention {
                    span: found.span,
                    // An anaphor without antecedent is a body of people more often than anything else.
                    kind: found.kind.unwrap_or(EntityType::Org),
                    named: found.kind.is_some(),
                    score: found.score,
                    antecedent: Antecedent::None,
                });
                self.pieces.push(found.pieces);
            }
        }
        let inside = self.mentions_in(&chunk.tokens());
        let own = |i: &usize| self.pieces[*i].start >= chunk.body.start;
        let anaphors: Vec<AnaphorCandidates> = inside
            .clone()
            .filter(|i| own(i) && !self.mentions[*i].named)
            .map(|i| AnaphorCandidates {
                anaphor: i,
                candidates: inside.start.max(i.saturating_sub(MAX_CANDIDATES))..i,
            })
            .filter(|a| !a.candidates.is_empty())
            .collect();
        let first = chunk.context.start;
        let ends = |i: usize| {
            let pieces = &self.pieces[i];
            ((pieces.start + 1 - first) as i64, (pieces.end - first) as i64)
        };
        let chosen = choose_antecedents(&reader.network.antecedents, states, &anaphors, ends);
        for (anaphor, antecedent, probability) in chosen {
            self.mentions[anaphor].antecedent = Antecedent::Of(antecedent, probability);
            self.mentions[anaphor].kind = self.mentions[antecedent].kind;
        }
    }

    /// The mentions whose pieces lie within `range`. Mentions without pieces are never inside.
    fn mentions_in(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.pieces.partition_point(|p| p.start < range.start);
        let last = self.pieces.partition_point(|p| p.start < range.end);
        let whole = |i: &usize| !self.pieces[*i].is_empty() && self.pieces[*i].end <= range.end;
        // A mention that the chunk's end cuts can only be the last ones.
        let last = (first..last).rev().find(whole).map_or(first, |i| i + 1);
        first..last
    }

    fn link(&mut self, knowledge: &KnowledgeBase) {
        let (text, date) = (&self.document.text, self.document.meta.date);
        let given = self.given_entities();
        let entities_given = given.is_some();
        let linked = match given {
            None => {
                let linked = actors::link(knowledge, text, &self.sentences, date, &self.mentions);
                (linked.entities, linked.of_mention)
            }
            Some((entities, of_mention)) => {
                let mentions: Vec<_> =
                    self.mentions.iter().zip(&of_mention).map(|(m, &e)| (m.span, m.kind, m.named, e)).collect();
                let codes = actors::resolve(knowledge, text, &self.sentences, date, &mentions, entities.len());
                let mut entities = entities.to_vec();
                for (entity, (code, score)) in entities.iter_mut().zip(codes).filter(|(e, _)| e.actor.is_none()) {
                    (entity.actor, entity.score) = (code, score);
                }
                (entities, of_mention)
            }
        };
        (self.entities, self.of_mention) = linked;
        self.entities_given = entities_given;
        self.sources = actors::sources(knowledge, text, &self.mentions, &self.of_mention, self.entities.len());
    }

    /// The pairs of chunk `c` that are worth their markers, or that are given.
    fn pairs(&self, reader: &Reader, c: usize, states: &Tensor, threshold: f32) -> ChunkPairs {
        let chunk = &self.chunks[c];
        let range = chunk.tokens();
        let inside = self.mentions_in(&range);
        let mentions: Vec<PairMention> = inside
            .clone()
            .map(|i| PairMention {
                entity: self.of_mention[i],
                span: self.mentions[i].span,
                sent: self.tokens.sentence_of(self.pieces[i].start),
            })
            .collect();
        let place = |t: usize| (t.max(range.start) - range.start + 1) as i64;
        let positions = inside.clone().map(|i| place(self.pieces[i].start)).collect();
        let certainties = inside.map(|i| self.certainty(i)).collect();
        let first = self.tokens.sentence_of(chunk.body.start);
        let own = self.tokens.sentences[first..].iter().take_while(|s| s.start < chunk.body.end);
        let sentences: Vec<(usize, Range<i64>)> = own
            .enumerate()
            .filter(|(_, s)| !s.is_empty())
            .map(|(n, s)| (first + n, place(s.start)..place(s.end.min(range.end) - 1) + 1))
            .collect();
        let states = states.shallow_clone();
        let mut pairs = ChunkPairs {
            mentions,
            positions,
            certainties,
            sentences,
            pairs: Vec::new(),
            proposals: Vec::new(),
            states,
            pooled: None,
        };
        pairs.pool();
        let head = &reader.network.proposals;
        match self.given.as_ref().and_then(|g| g.pairs.as_ref()) {
            Some(given) => pairs.take_given(head, given, &self.sentences_of(given)),
            None => {
                pairs.propose(head, threshold);
                let source = |e: EntityIx| self.sources[e.get()];
                pairs.retain(|pair| !source(pair.src) && !source(pair.tgt));
            }
        }
        pairs
    }

    /// How sure mention `i` is, and what it refers to if it is an anaphor; an entity that the input gives is certain.
    fn certainty(&self, i: usize) -> f32 {
        let FoundMention { score, antecedent, .. } = &self.mentions[i];
        match antecedent {
            Antecedent::Of(_, probability) if !self.entities_given => score.get() * probability.get(),
            _ => score.get(),
        }
    }

    /// Adds the relations of a chunk's pairs that a borrowed model finds.
    fn entail(&mut self, entailment: &Entailment, pairs: &ChunkPairs) {
        let (text, given) = (&self.document.text, self.has_given_pairs());
        let question = Question { text, sentences: &self.sentences, entities: &self.entities, pairs, given };
        match entailment.relations(&question) {
            Ok(related) => self.relations.extend(related),
            Err(reason) => self.failure = Some(format!("the --nli-model failed: {reason}")),
        }
    }

    /// For each given pair its sentence: the one that is given, or that of its nearest mentions, the later one.
    fn sentences_of(&self, given: &[GivenPair]) -> Vec<Option<usize>> {
        let of = |entity: EntityIx| {
            (0..self.mentions.len()).filter(move |&i| self.of_mention[i] == entity && !self.pieces[i].is_empty())
        };
        let sentence = |pair: &GivenPair| match pair.sentence {
            Some(span) => Some(self.tokens.sentence_of(self.tokens.covering(span).start)),
            None => {
                let pairs = of(pair.src).flat_map(|i| of(pair.tgt).map(move |j| (i, j)));
                let nearest = pairs.min_by_key(|&(i, j)| self.mentions[i].span.distance(self.mentions[j].span));
                nearest.map(|(i, j)| self.tokens.sentence_of(self.pieces[i.max(j)].start))
            }
        };
        given.iter().map(sentence).collect()
    }

    fn finish(self) -> Result<Annotation, String> {
        if let Some(reason) = self.failure {
            return Err(reason);
        }
        let mentions = self.mentions.iter().zip(&self.of_mention).map(|(m, &entity)| Mention {
            entity,
            span: m.span,
            kind: m.kind,
            named: m.named,
            score: m.score,
        });
        let mut relations = self.relations;
        relations.sort_by_key(|r| (r.sent, r.src, r.tgt, r.event, r.act));
        relations.dedup_by_key(|r| (r.sent, r.src, r.tgt, r.event, r.act));
        Ok(Annotation {
            mentions: mentions.collect(),
            meta: self.document.meta,
            text: self.document.text,
            sentences: self.sentences,
            entities: self.entities,
            relations,
        })
    }
}
