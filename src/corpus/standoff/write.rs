//! Writing.

use std::io::{self, Write};

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::RESERVED;
use crate::corpus::offsets::Offsets;
use crate::document::{
    Act, ActorCode, Annotation, Entity, EntityType, Event, Mention, Modality, Probability, Relation, Stance,
};

/// Writes `annotation` as one line, with its line end.
pub fn write(annotation: &Annotation, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line { annotation, offsets: Offsets::new(&annotation.text) })?;
    out.write_all(b"\n")
}

struct Line<'a> {
    annotation: &'a Annotation,
    offsets: Offsets<'a>,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let a = self.annotation;
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("id", &a.meta.id)?;
        map.serialize_entry("date", &a.meta.date)?;
        for (name, value) in [("title", &a.meta.title), ("source", &a.meta.source), ("url", &a.meta.url)] {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        // A field that the form itself has would stand twice on the line.
        for (name, value) in a.meta.extra.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str())) {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("text", &a.text)?;
        map.serialize_entry("sentences", &List(&a.sentences, |&s| self.offsets.char_range(s)))?;
        map.serialize_entry("mentions", &List(&a.mentions, |m| self.mention(m)))?;
        map.serialize_entry("entities", &Entities(&a.entities))?;
        map.serialize_entry("relations", &List(&a.relations, |r| self.relation(r)))?;
        map.end()
    }
}

impl<'a> Line<'a> {
    fn mention(&self, m: &Mention) -> MentionEntry<'a> {
        let [start, end] = self.offsets.char_range(m.span);
        MentionEntry {
            entity: &self.annotation.entity(m.entity).id,
            start,
            end,
            text: m.span.of(&self.annotation.text),
            named: m.named,
            kind: m.kind,
            score: m.score,
        }
    }

    fn relation(&self, r: &'a Relation) -> RelationEntry<'a> {
        RelationEntry {
            src: &self.annotation.entity(r.src).id,
            tgt: &self.annotation.entity(r.tgt).id,
            sent: r.sent,
            event: r.event,
            act: r.act,
            stance: r.stance,
            modality: r.modality,
            score: r.score,
            scores: r.scores.as_deref().map(Scores),
        }
    }
}

#[derive(Serialize)]
struct MentionEntry<'a> {
    entity: &'a str,
    start: usize,
    end: usize,
    text: &'a str,
    named: bool,
    #[serde(rename = "type")]
    kind: EntityType,
    score: Probability,
}

#[derive(Serialize)]
struct RelationEntry<'a> {
    src: &'a str,
    tgt: &'a str,
    sent: usize,
    event: Event,
    act: Act,
    stance: Stance,
    modality: Modality,
    score: Probability,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<Scores<'a>>,
}

#[derive(Serialize)]
struct EntityEntry<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: EntityType,
    actor: &'a Option<ActorCode>,
    score: Probability,
}

/// A list whose entries are made one at a time, so that no second copy of all is held.
struct List<'a, T, F>(&'a [T], F);

impl<'a, T, U: Serialize, F: Fn(&'a T) -> U> Serialize for List<'a, T, F> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut list = s.serialize_seq(Some(self.0.len()))?;
        for entry in self.0 {
            list.serialize_element(&self.1(entry))?;
        }
        list.end()
    }
}

/// The entities by their ids.
struct Entities<'a>(&'a [Entity]);

impl Serialize for Entities<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(
            self.0
                .iter()
                .map(|e| (&e.id, EntityEntry { name: &e.name, kind: e.kind, actor: &e.actor, score: e.score })),
        )
    }
}

/// The scores of all events by their names.
struct Scores<'a>(&'a [Probability]);

impl Serialize for Scores<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(Event::ALL.iter().zip(self.0))
    }
}
