//! Reading.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::corpus::lines::read_lines;
use crate::corpus::malformed::sort_relations;
use crate::corpus::offsets::Offsets;
use crate::corpus::{Malformed, Reject};
use crate::document::{
    Act, ActorCode, Annotation, Date, Entity, EntityIx, EntityType, Event, Mention, Metadata, Modality, Probability,
    Relation, Stance,
};

#[derive(Deserialize)]
struct Line {
    id: String,
    #[serde(default)]
    date: Option<Date>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    url: Option<String>,
    text: String,
    sentences: Vec<[usize; 2]>,
    mentions: Vec<Value>,
    entities: Map<String, Value>,
    relations: Vec<Value>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Deserialize)]
struct MentionEntry {
    entity: String,
    start: usize,
    end: usize,
    text: Option<String>,
    #[serde(default = "yes")]
    named: bool,
    #[serde(rename = "type")]
    kind: EntityType,
    #[serde(default = "certain")]
    score: Probability,
}

#[derive(Deserialize)]
struct EntityEntry {
    name: String,
    #[serde(rename = "type")]
    kind: EntityType,
    actor: Option<ActorCode>,
    #[serde(default = "certain")]
    score: Probability,
}

#[derive(Deserialize)]
struct RelationEntry {
    src: String,
    tgt: String,
    sent: usize,
    event: Event,
    act: Act,
    stance: Stance,
    modality: Modality,
    #[serde(default = "certain")]
    score: Probability,
    scores: Option<BTreeMap<Event, Probability>>,
}

fn yes() -> bool {
    true
}

fn certain() -> Probability {
    Probability::ONE
}

/// Reads the annotations of a file one after the other.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Result<Annotation, Reject>> + Send, Reject> {
    read_lines(path, |_, line| parse(line))
}

/// Reads one annotation from its line.
///
/// Scores may be missing, as they are in gold: what is stated without one is certain. Entities keep
/// the order of the line; mentions and relations are put into the order of [`Annotation`].
pub fn parse(line: &str) -> Result<Annotation, Malformed> {
    let line: Line = serde_json::from_str(line)?;
    let entities = line.entities.iter().map(|(id, value)| entity(id, value)).collect::<Result<Vec<_>, _>>()?;
    let ids = Ids(entities.iter().zip(0..).map(|(e, i)| (e.id.as_str(), EntityIx(i))).collect());
    let offsets = Offsets::new(&line.text);
    let mut sentences = Vec::with_capacity(line.sentences.len());
    for (i, &[start, end]) in line.sentences.iter().enumerate() {
        let span = offsets.to_span(start, end);
        sentences.push(span.map_err(|error| Malformed::Span { entry: format!("sentence {i}"), error })?);
    }
    let mut mentions = Vec::with_capacity(line.mentions.len());
    for (i, value) in line.mentions.iter().enumerate() {
        mentions.push(mention(i, value, &line.text, &offsets, &ids)?);
    }
    mentions.sort_by_key(|m| (m.span.start, m.span.end));
    let mut relations = Vec::with_capacity(line.relations.len());
    for (i, value) in line.relations.iter().enumerate() {
        relations.push(relation(i, value, sentences.len(), &ids)?);
    }
    sort_relations(&mut relations);
    let meta = Metadata {
        id: line.id,
        date: line.date,
        title: line.title,
        source: line.source,
        url: line.url,
        extra: line.extra,
    };
    Ok(Annotation { meta, text: line.text, sentences, mentions, entities, relations })
}

struct Ids<'a>(HashMap<&'a str, EntityIx>);

impl Ids<'_> {
    fn find(&self, id: &str, entry: impl FnOnce() -> String) -> Result<EntityIx, Malformed> {
        self.0.get(id).copied().ok_or_else(|| Malformed::Entity { entry: entry(), id: id.to_owned() })
    }
}

/// Reads an entry, naming it when it does not fit.
fn entry<'a, T: Deserialize<'a>>(name: impl FnOnce() -> String, value: &'a Value) -> Result<T, Malformed> {
    T::deserialize(value).map_err(|error| Malformed::Entry { entry: name(), error })
}

fn entity(id: &str, value: &Value) -> Result<Entity, Malformed> {
    let e: EntityEntry = entry(|| format!("entity {id}"), value)?;
    Ok(Entity { id: id.to_owned(), name: e.name, kind: e.kind, actor: e.actor, score: e.score })
}

fn mention(i: usize, value: &Value, text: &str, offsets: &Offsets, ids: &Ids) -> Result<Mention, Malformed> {
    let name = || format!("mention {i}");
    let m: MentionEntry = entry(name, value)?;
    let span = offsets.to_span(m.start, m.end).map_err(|error| Malformed::Span { entry: name(), error })?;
    match m.text {
        Some(said) if said != span.of(text) => {
            let covered = span.of(text).chars().take(said.chars().count() + 20).collect();
            Err(Malformed::Slice { mention: i, said, covered })
        }
        _ => {
            let entity = ids.find(&m.entity, name)?;
            Ok(Mention { entity, span, kind: m.kind, named: m.named, score: m.score })
        }
    }
}

fn relation(i: usize, value: &Value, sentences: usize, ids: &Ids) -> Result<Relation, Malformed> {
    let name = || format!("relation {i}");
    let r: RelationEntry = entry(name, value)?;
    if r.sent >= sentences {
        return Err(Malformed::Sentence { relation: i, sent: r.sent, sentences });
    }
    let complete = |scores: BTreeMap<Event, Probability>| {
        let score = |e: &Event| scores.get(e).copied().ok_or(Malformed::Scores { relation: i, event: e.name() });
        Event::ALL.iter().map(score).collect::<Result<Vec<_>, _>>()
    };
    Ok(Relation {
        src: ids.find(&r.src, name)?,
        tgt: ids.find(&r.tgt, name)?,
        sent: r.sent,
        event: r.event,
        act: r.act,
        stance: r.stance,
        modality: r.modality,
        score: r.score,
        scores: r.scores.map(complete).transpose()?,
    })
}
