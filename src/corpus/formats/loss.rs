//! What a form cannot express of a document, found by reading what was written.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::Labelled;
use crate::document::{EntityIx, Mention, Relation};
use crate::labels::label_set;
use crate::text::Span;

label_set! {
    /// Something of a document that is not in the file any more.
    Loss as "loss" {
        Document = "document", "whole documents";
        Id = "id", "ids";
        Date = "date", "dates";
        Title = "title", "titles";
        Source = "source", "sources";
        Url = "url", "addresses";
        Field = "field", "other fields";
        Text = "text", "texts as they stand";
        Sentences = "sentences", "divisions into sentences";
        Tokens = "tokens", "divisions into tokens";
        Name = "name", "named mentions";
        Anaphor = "anaphor", "anaphors";
        MentionType = "mention_type", "types of mentions";
        Entity = "entity", "entities with all their mentions";
        EntityName = "entity_name", "names of entities";
        EntityType = "entity_type", "types of entities";
        Actor = "actor", "actor codes";
        Relation = "relation", "relations";
        RelationSentence = "relation_sentence", "sentences of relations";
        Act = "act", "acts";
        Stance = "stance", "stances";
        Modality = "modality", "modalities";
        Score = "score", "scores";
        EventScores = "event_scores", "scores of all events";
    }
}

/// What was lost, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses(BTreeMap<Loss, u64>);

impl Losses {
    /// How often something was lost.
    pub fn count(&self, loss: Loss) -> u64 {
        self.0.get(&loss).copied().unwrap_or(0)
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, loss: Loss, lost: bool) {
        if lost {
            *self.0.entry(loss).or_default() += 1;
        }
    }
}

impl fmt::Display for Losses {
    /// `2 dates, 5 relations`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(|(loss, n)| format!("{n} {}", loss.definition())).collect();
        f.write_str(&parts.join(", "))
    }
}

/// Places of a text as numbers of characters that are no white space, which some forms lay out anew.
struct Solid(Vec<usize>);

impl Solid {
    fn new(text: &str) -> Self {
        Solid(text.char_indices().filter(|(_, c)| !c.is_whitespace()).map(|(at, _)| at).collect())
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|&at| at < offset)
    }

    fn span(&self, span: Span) -> (usize, usize) {
        (self.at(span.start), self.at(span.end))
    }
}

/// A document that was read from what was written of another, as a whole or as a piece of it.
struct Piece<'a> {
    document: &'a Labelled,
    solid: Solid,
    /// Solid characters before it in the whole.
    base: usize,
}

impl Piece<'_> {
    fn span(&self, span: Span) -> (usize, usize) {
        let (start, end) = self.solid.span(span);
        (start + self.base, end + self.base)
    }
}

/// Counts what of `original` is not in `written`: the documents that were read again, each with the place in the
/// original's text where it begins.
pub(super) fn count(original: &Labelled, written: &[(usize, Labelled)], losses: &mut Losses) {
    let solid = Solid::new(&original.annotation.text);
    let piece = |(base, document): &'_ (usize, Labelled)| (solid.at(*base), Solid::new(&document.annotation.text));
    let pieces: Vec<Piece> = written
        .iter()
        .map(|whole| (whole, piece(whole)))
        .map(|((_, document), (base, solid))| Piece { document, solid, base })
        .collect();
    let Some(first) = pieces.first() else { return losses.add(Loss::Document, true) };
    frame(original, first.document, &solid, pieces.len(), losses);
    let found = mentions(original, &solid, &pieces, losses);
    let entities = entities(original, &found, &pieces, losses);
    relations(original, &entities, &solid, &pieces, losses);
}

/// What holds of the document as a whole.
fn frame(original: &Labelled, first: &Labelled, solid: &Solid, pieces: usize, losses: &mut Losses) {
    let (a, b) = (&original.annotation, &first.annotation);
    losses.add(Loss::Id, pieces > 1 || a.meta.id != b.meta.id);
    losses.add(Loss::Date, a.meta.date.is_some() && a.meta.date != b.meta.date);
    losses.add(Loss::Title, a.meta.title.is_some() && a.meta.title != b.meta.title);
    losses.add(Loss::Source, a.meta.source.is_some() && a.meta.source != b.meta.source);
    losses.add(Loss::Url, a.meta.url.is_some() && a.meta.url != b.meta.url);
    for (name, value) in &a.meta.extra {
        losses.add(Loss::Field, b.meta.extra.get(name) != Some(value));
    }
    losses.add(Loss::Text, pieces > 1 || a.text != b.text);
    let again = Solid::new(&b.text);
    let same = |one: &[Span], two: &[Span]| one.iter().map(|&s| solid.span(s)).eq(two.iter().map(|&s| again.span(s)));
    losses.add(Loss::Sentences, pieces == 1 && !same(&a.sentences, &b.sentences));
    losses.add(Loss::Tokens, !original.tokens.is_empty() && !same(&original.tokens, &first.tokens));
}

/// For each mention the ones that stand for it: number of the piece, and of the mention in it.
type Found = Vec<Vec<(usize, usize)>>;

fn mentions(original: &Labelled, solid: &Solid, pieces: &[Piece], losses: &mut Losses) -> Found {
    let mut free: HashMap<(usize, (usize, usize), bool), Vec<usize>> = HashMap::new();
    for (number, piece) in pieces.iter().enumerate() {
        for (m, mention) in piece.document.annotation.mentions.iter().enumerate() {
            free.entry((number, piece.span(mention.span), mention.named)).or_default().push(m);
        }
    }
    let mention = |&(piece, m): &(usize, usize)| &pieces[piece].document.annotation.mentions[m];
    let mut found = Vec::new();
    for m in &original.annotation.mentions {
        let mut own = Vec::new();
        // One that is there as a name and was none is lost as what it was, but what refers to it is not.
        let mut turned = true;
        for number in 0..pieces.len() {
            for named in [m.named, !m.named] {
                let Some(free) = free.get_mut(&(number, solid.span(m.span), named)) else { continue };
                let same = free.iter().position(|&f| mention(&(number, f)).kind == m.kind);
                if let Some(at) = same.or((!free.is_empty()).then_some(0)) {
                    own.push((number, free.remove(at)));
                    turned &= named != m.named;
                    break;
                }
            }
        }
        let any = |like: fn(&Mention, &Mention) -> bool| own.is_empty() || own.iter().any(|f| like(mention(f), m));
        losses.add(if m.named { Loss::Name } else { Loss::Anaphor }, turned);
        losses.add(Loss::MentionType, !any(|f, m| f.kind == m.kind));
        losses.add(Loss::Score, !any(|f, m| f.score.rounded() == m.score.rounded()));
        found.push(own);
    }
    found
}

/// For each entity those that stand for it: number of the piece, and of the entity in it.
type Entities = Vec<HashSet<(usize, EntityIx)>>;

fn entities(original: &Labelled, found: &Found, pieces: &[Piece], losses: &mut Losses) -> Entities {
    let a = &original.annotation;
    let mut all: Entities = vec![HashSet::new(); a.entities.len()];
    let mut mentioned = vec![false; a.entities.len()];
    for (m, own) in a.mentions.iter().zip(found) {
        mentioned[m.entity.get()] = true;
        let of = |&(piece, m): &(usize, usize)| (piece, pieces[piece].document.annotation.mentions[m].entity);
        all[m.entity.get()].extend(own.iter().map(of));
    }
    let mut uses: HashMap<(usize, EntityIx), usize> = HashMap::new();
    for entity in all.iter().flatten() {
        *uses.entry(*entity).or_default() += 1;
    }
    for ((e, own), mentioned) in a.entities.iter().zip(&mut all).zip(mentioned) {
        if !mentioned {
            // One that the text does not mention is there again if a list of entities has it.
            let listed = |(number, piece): (usize, &Piece)| {
                let again = &piece.document.annotation;
                let ix = EntityIx(again.entities.iter().position(|other| other.id == e.id)? as u32);
                again.mentions.iter().all(|m| m.entity != ix).then_some((number, ix))
            };
            own.extend(pieces.iter().enumerate().filter_map(listed));
            losses.add(Loss::Entity, own.is_empty());
        } else if !own.is_empty() {
            let in_pieces: HashSet<usize> = own.iter().map(|(piece, _)| *piece).collect();
            losses.add(Loss::Entity, own.len() > in_pieces.len() || own.iter().any(|entity| uses[entity] > 1));
        }
        let again = |&(piece, ix): &(usize, EntityIx)| pieces[piece].document.annotation.entity(ix);
        if !own.is_empty() {
            losses.add(Loss::EntityName, !own.iter().any(|o| again(o).name == e.name));
            losses.add(Loss::EntityType, !own.iter().any(|o| again(o).kind == e.kind));
            losses.add(Loss::Actor, e.actor.is_some() && !own.iter().any(|o| again(o).actor == e.actor));
            losses.add(Loss::Score, !own.iter().any(|o| again(o).score.rounded() == e.score.rounded()));
        }
    }
    all
}

fn relations(original: &Labelled, entities: &Entities, solid: &Solid, pieces: &[Piece], losses: &mut Losses) {
    let a = &original.annotation;
    let mut used: HashSet<(usize, usize)> = HashSet::new();
    for r in &a.relations {
        let sentence = solid.at(a.sentences[r.sent].start);
        let next = a.sentences.get(r.sent + 1).map_or(usize::MAX, |s| solid.at(s.start));
        let likeness = |piece: &Piece, again: &Relation| {
            let start = piece.span(piece.document.annotation.sentences[again.sent]).0;
            [
                again.act == r.act,
                again.stance == r.stance,
                again.modality == r.modality,
                // A piece may begin with an earlier sentence; what it shows is the relation's all the same.
                (sentence..next).contains(&start) || pieces.len() > 1,
                again.score.rounded() == r.score.rounded(),
                again.scores.is_some() || r.scores.is_none(),
            ]
        };
        let candidates = pieces.iter().enumerate().flat_map(|(number, piece)| {
            let all = piece.document.annotation.relations.iter().enumerate();
            let own = move |ix: EntityIx, of: EntityIx| entities[of.get()].contains(&(number, ix));
            all.filter(move |(_, again)| own(again.src, r.src) && own(again.tgt, r.tgt) && again.event == r.event)
                .map(move |(at, again)| ((number, at), likeness(piece, again)))
        });
        let free = candidates.filter(|(place, _)| !used.contains(place));
        let best = free.max_by_key(|(_, like)| like.iter().filter(|same| **same).count());
        losses.add(Loss::Relation, best.is_none());
        if let Some((place, like)) = best {
            used.insert(place);
            let kinds =
                [Loss::Act, Loss::Stance, Loss::Modality, Loss::RelationSentence, Loss::Score, Loss::EventScores];
            kinds.into_iter().zip(like).for_each(|(kind, same)| losses.add(kind, !same));
        }
    }
}
