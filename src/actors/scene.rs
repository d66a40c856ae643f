//! What linking sees of a document: its mentions by entity and sentence, and the actors that are known so far.

use std::collections::BTreeMap;

use crate::document::{Date, EntityType, Span};

use super::extent::proper;
use super::knowledge::KnowledgeBase;

/// How an actor that is already known is named at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    State,
    Demonym,
    Place,
    Body,
    Media,
    Group,
    Organisation,
    Person,
    Anaphor,
}

impl Form {
    const ALL: [Form; 9] = [
        Form::State,
        Form::Demonym,
        Form::Place,
        Form::Body,
        Form::Media,
        Form::Group,
        Form::Organisation,
        Form::Person,
        Form::Anaphor,
    ];

    const fn bit(self) -> u16 {
        1 << self as u8
    }

    /// One letter for feature names.
    pub(crate) const fn letter(self) -> char {
        match self {
            Form::State => 'S',
            Form::Demonym => 'D',
            Form::Place => 'C',
            Form::Body => 'B',
            Form::Media => 'J',
            Form::Group => 'G',
            Form::Organisation => 'O',
            Form::Person => 'P',
            Form::Anaphor => 'A',
        }
    }
}

/// A mention as linking sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) span: Span,
    pub(crate) kind: EntityType,
    pub(crate) named: bool,
    /// The entity, an index of [`Scene::entities`].
    pub(crate) entity: usize,
    /// The sentence.
    pub(crate) sent: usize,
}

/// A place at which a known actor is named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anchor {
    pub(crate) span: Span,
    pub(crate) sent: usize,
    /// The actor, an index of the knowledge base's codes.
    pub(crate) code: u16,
    pub(crate) form: Form,
}

/// How much of the document is about one actor.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Standing {
    /// Number of anchors.
    pub(crate) anchors: usize,
    /// The forms in which it is named, a bit each.
    forms: u16,
    /// Its first anchor, an index of [`Scene::mentions`].
    pub(crate) first: usize,
}

impl Standing {
    /// The letters of the forms in which the actor is named, in alphabetical order.
    pub(crate) fn letters(self) -> String {
        let mut letters: Vec<char> =
            Form::ALL.iter().filter(|f| self.forms & f.bit() != 0).map(|f| f.letter()).collect();
        letters.sort_unstable();
        letters.into_iter().collect()
    }
}

/// At most that many mentions to either side of a place are its neighbourhood: a bound on the work that a very long
/// document without sentence ends makes.
const NEIGHBOURHOOD: usize = 200;

/// A document under linking.
pub(crate) struct Scene<'a> {
    pub(crate) kb: &'a KnowledgeBase,
    pub(crate) text: &'a str,
    pub(crate) date: Option<Date>,
    /// In order of their start.
    pub(crate) mentions: Vec<Seen>,
    /// Mentions of every entity, as indices of `mentions`.
    pub(crate) entities: Vec<Vec<usize>>,
    /// The actor that a mention names, where known so far; in the order of `mentions`.
    anchors: Vec<Option<(u16, Form)>>,
    standings: BTreeMap<u16, Standing>,
}

impl<'a> Scene<'a> {
    /// A document whose mentions are grouped already.
    pub(crate) fn new(
        kb: &'a KnowledgeBase,
        text: &'a str,
        sentences: &[Span],
        date: Option<Date>,
        mentions: impl Iterator<Item = (Span, EntityType, bool, usize)>,
        n_entities: usize,
    ) -> Self {
        let sent = |at: usize| sentences.partition_point(|s| s.start <= at).saturating_sub(1);
        let mut mentions: Vec<Seen> = mentions
            .map(|(span, kind, named, entity)| Seen {
                span: if named { proper(kb, text, span, kind) } else { span },
                kind,
                named,
                entity,
                sent: sent(span.start),
            })
            .collect();
        mentions.sort_by_key(|m| (m.span.start, m.span.end));
        let mut entities = vec![Vec::new(); n_entities];
        for (ix, m) in mentions.iter().enumerate() {
            if let Some(of) = entities.get_mut(m.entity) {
                of.push(ix);
            }
        }
        let anchors = vec![None; mentions.len()];
        Scene { kb, text, date, mentions, entities, anchors, standings: BTreeMap::new() }
    }

    fn anchor_at(&self, mention: usize) -> Option<Anchor> {
        let (code, form) = self.anchors[mention]?;
        let Seen { span, sent, .. } = self.mentions[mention];
        Some(Anchor { span, sent, code, form })
    }

    /// The anchors before a mention, nearest first.
    pub(crate) fn before(&self, mention: usize) -> impl Iterator<Item = Anchor> + '_ {
        let from = mention.saturating_sub(NEIGHBOURHOOD);
        (from..mention).rev().filter_map(|m| self.anchor_at(m))
    }

    /// The anchors after a mention, nearest first.
    pub(crate) fn after(&self, mention: usize) -> impl Iterator<Item = Anchor> + '_ {
        let to = (mention + 1 + NEIGHBOURHOOD).min(self.mentions.len());
        (mention + 1..to).filter_map(|m| self.anchor_at(m))
    }

    /// The actors that the document names so far, those named most often first.
    pub(crate) fn standings(&self) -> Vec<(u16, Standing)> {
        let mut all: Vec<(u16, Standing)> = self.standings.iter().map(|(&c, &s)| (c, s)).collect();
        all.sort_by_key(|(_, s)| (std::cmp::Reverse(s.anchors), s.first));
        all
    }

    /// The text of a mention.
    pub(crate) fn surface(&self, mention: usize) -> &'a str {
        self.mentions[mention].span.of(self.text)
    }

    /// Whether some mention of the entity is a name.
    pub(crate) fn is_named(&self, entity: usize) -> bool {
        self.entities[entity].iter().any(|&m| self.mentions[m].named)
    }

    /// The type that most named mentions of the entity have, or else all mentions.
    pub(crate) fn kind(&self, entity: usize) -> EntityType {
        let named = self.is_named(entity);
        let mut counts = [0_usize; 4];
        for &m in &self.entities[entity] {
            if self.mentions[m].named || !named {
                counts[self.mentions[m].kind.index()] += 1;
            }
        }
        // Of equally frequent types the first in the order PER, ORG, LOC, MISC: a name that is an adjective only at
        // times is no adjective.
        let top = counts.iter().copied().max().unwrap_or(0);
        EntityType::ALL[counts.iter().position(|&c| c == top).unwrap_or(0)]
    }

    /// Enters all mentions of an entity as places at which `code` is named.
    pub(crate) fn anchor(&mut self, entity: usize, code: u16, form: Form) {
        for &m in &self.entities[entity] {
            let seen = self.mentions[m];
            let form = match (seen.named, seen.kind, form) {
                (false, ..) => Form::Anaphor,
                (true, EntityType::Misc, Form::State) => Form::Demonym,
                (true, _, f) => f,
            };
            self.anchors[m] = Some((code, form));
            let standing = self.standings.entry(code).or_insert(Standing { first: m, ..Standing::default() });
            standing.anchors += 1;
            standing.forms |= form.bit();
            standing.first = standing.first.min(m);
        }
    }

    /// The last word before a mention, in lower case, if no sentence border lies between.
    pub(crate) fn word_before(&self, span: Span) -> Option<String> {
        let before = self.text.get(..span.start)?;
        let trimmed = before.trim_end_matches([' ', '"', '“', '‘', '(']);
        if trimmed.ends_with(|c: char| c.is_alphanumeric()) {
            let at = trimmed.rfind(|c: char| !c.is_alphanumeric() && c != '-').map_or(0, |i| i + 1);
            let at = (at..trimmed.len()).find(|&i| trimmed.is_char_boundary(i)).unwrap_or(trimmed.len());
            return Some(trimmed[at..].to_lowercase());
        }
        trimmed.chars().next_back().map(|c| if c == '\n' { "//".to_owned() } else { c.to_string() })
    }

    /// The first word or mark after a mention, in lower case.
    pub(crate) fn word_after(&self, span: Span) -> Option<String> {
        let after = self.text.get(span.end..)?.trim_start_matches([' ', '"', '”']);
        if let Some(rest) = after.strip_prefix("'s").or_else(|| after.strip_prefix("’s")) {
            if !rest.starts_with(|c: char| c.is_alphanumeric()) {
                return Some("'s".to_owned());
            }
        }
        let end = after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len());
        if end > 0 {
            return Some(after[..end].to_lowercase());
        }
        after.chars().next().map(|c| if c == '\n' { "//".to_owned() } else { c.to_string() })
    }
}
