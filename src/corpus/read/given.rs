//! Mentions, entities and pairs that a document brings along.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::fields::kind;
use super::Refusal;
use crate::corpus::offsets::Offsets;
use crate::document::{ActorCode, Entity, EntityIx, EntityType, Given, GivenMention, GivenPair, Probability};

#[derive(Deserialize)]
struct MentionEntry {
    start: usize,
    end: usize,
    #[serde(rename = "type")]
    kind: EntityType,
    #[serde(default = "yes")]
    named: bool,
    entity: Option<String>,
}

#[derive(Deserialize)]
struct EntityEntry {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<EntityType>,
    actor: Option<ActorCode>,
    score: Option<Probability>,
}

#[derive(Deserialize)]
struct PairEntry {
    src: String,
    tgt: String,
}

fn yes() -> bool {
    true
}

/// Reads `mentions`, `entities` and `pairs`, where a document has them. Offsets count characters;
/// mentions may overlap.
pub(super) fn parse(fields: &Map<String, Value>, text: &str) -> Result<Option<Given>, Refusal> {
    let given = |name| fields.get(name).filter(|value| !value.is_null());
    let Some(mentions) = given("mentions") else {
        return if given("pairs").is_some() { Err(Refusal::PairsAlone) } else { Ok(None) };
    };
    let mut table = Table::new(given("entities"))?;
    let offsets = Offsets::new(text);
    let mut found = Vec::new();
    for (i, value) in list("mentions", mentions)?.iter().enumerate() {
        let m: MentionEntry = entry("mention", i, value)?;
        let span = offsets.to_span(m.start, m.end).map_err(|error| Refusal::Span(i, error))?;
        let entity = m.entity.map(|id| table.index(i, id)).transpose()?;
        found.push(GivenMention { span, kind: m.kind, named: m.named, entity });
    }
    found.sort_by_key(|m| (m.span.start, m.span.end));
    let pairs = given("pairs").map(|pairs| table.pairs(list("pairs", pairs)?, &found)).transpose()?;
    let entities = table.finish(text, &found)?;
    Ok(Some(Given { mentions: found, entities, pairs }))
}

fn list<'a>(name: &'static str, value: &'a Value) -> Result<&'a [Value], Refusal> {
    value.as_array().map(Vec::as_slice).ok_or(Refusal::Given(name, kind(value), "a list"))
}

fn entry<'a, T: Deserialize<'a>>(of: &'static str, number: impl ToString, value: &'a Value) -> Result<T, Refusal> {
    T::deserialize(value).map_err(|error| Refusal::Entry(of, number.to_string(), error))
}

/// The entities by their ids.
struct Table {
    entries: Vec<(String, Option<EntityEntry>)>,
    indices: HashMap<String, EntityIx>,
    /// Whether the document lists its entities, so that no mention may refer to another one.
    listed: bool,
}

impl Table {
    fn new(entities: Option<&Value>) -> Result<Table, Refusal> {
        let mut table = Table { entries: Vec::new(), indices: HashMap::new(), listed: entities.is_some() };
        let Some(value) = entities else { return Ok(table) };
        let object =
            value.as_object().ok_or(Refusal::Given("entities", kind(value), "an object of entities by their ids"))?;
        for (id, value) in object {
            let fields = entry("entity", id, value)?;
            table.insert(id.clone(), Some(fields));
        }
        Ok(table)
    }

    fn insert(&mut self, id: String, fields: Option<EntityEntry>) -> EntityIx {
        let ix = EntityIx(self.entries.len() as u32);
        self.indices.insert(id.clone(), ix);
        self.entries.push((id, fields));
        ix
    }

    /// The entity that mention `i` refers to; without a list, mentions of one id make up an entity.
    fn index(&mut self, i: usize, id: String) -> Result<EntityIx, Refusal> {
        match self.indices.get(&id) {
            Some(&ix) => Ok(ix),
            None if self.listed => Err(Refusal::NoEntity("mention", i, id)),
            None => Ok(self.insert(id, None)),
        }
    }

    fn pairs(&self, entries: &[Value], mentions: &[GivenMention]) -> Result<Vec<GivenPair>, Refusal> {
        let mut mentioned = vec![false; self.entries.len()];
        for ix in mentions.iter().filter_map(|m| m.entity) {
            mentioned[ix.get()] = true;
        }
        let mut pairs = Vec::with_capacity(entries.len());
        for (i, value) in entries.iter().enumerate() {
            let PairEntry { src, tgt } = entry("pair", i, value)?;
            let find = |id: &str| match self.indices.get(id) {
                Some(ix) if mentioned[ix.get()] => Ok(*ix),
                Some(_) => Err(Refusal::NoMention(i, id.to_owned())),
                None => Err(Refusal::NoEntity("pair", i, id.to_owned())),
            };
            let pair = GivenPair { src: find(&src)?, tgt: find(&tgt)?, sentence: None };
            if pair.src == pair.tgt {
                return Err(Refusal::SelfPair(i, src));
            }
            pairs.push(pair);
        }
        Ok(pairs)
    }

    /// The entities; one that gives no name or type takes them from its mentions.
    fn finish(self, text: &str, mentions: &[GivenMention]) -> Result<Vec<Entity>, Refusal> {
        let mut best: Vec<Option<&GivenMention>> = vec![None; self.entries.len()];
        for m in mentions {
            if let Some(ix) = m.entity {
                let known = &mut best[ix.get()];
                // The longest name, as a rule the fullest; an anaphor only where there is no name.
                if known.is_none_or(|k| (k.named, k.span.len()) < (m.named, m.span.len())) {
                    *known = Some(m);
                }
            }
        }
        let entities = self.entries.into_iter().zip(best).map(|((id, fields), mention)| {
            let fields = fields.unwrap_or(EntityEntry { name: None, kind: None, actor: None, score: None });
            let name =
                fields.name.or_else(|| mention.map(|m| m.span.of(text).to_owned())).unwrap_or_else(|| id.clone());
            let Some(kind) = fields.kind.or_else(|| mention.map(|m| m.kind)) else { return Err(Refusal::NoType(id)) };
            Ok(Entity { name, kind, actor: fields.actor, score: fields.score.unwrap_or(Probability::ONE), id })
        });
        entities.collect()
    }
}
