//! An annotation that grows from the spans and labels of a file.

use std::collections::HashMap;
use std::fmt::Display;

use serde_json::{Map, Value};

use super::labels::{entity_type, RelationLabels};
use super::remark::{Place, Remark, RemarkKind};
use super::{Found, Labelled};
use crate::corpus::malformed::sort_relations;
use crate::corpus::offsets::{Offsets, Unit};
use crate::document::{
    Act, ActorCode, Annotation, Entity, EntityIx, EntityType, Mention, Metadata, Modality, Probability, Relation,
    Stance,
};
use crate::text::{sentences, Span};

/// A mention as far as a file tells it.
#[derive(Debug, Clone)]
pub(super) struct DraftMention {
    pub span: Span,
    pub kind: EntityType,
    pub named: bool,
    pub score: Probability,
    /// What mentions of one entity share; none for an entity of its own.
    pub entity: Option<String>,
    /// The actor that its entity is.
    pub actor: Option<ActorCode>,
    /// The name of its entity.
    pub name: Option<String>,
}

impl DraftMention {
    /// A name of which no more is known.
    pub fn name(span: Span, kind: EntityType) -> Self {
        DraftMention { span, kind, named: true, score: Probability::ONE, entity: None, actor: None, name: None }
    }
}

/// A relation between two mentions of the draft.
struct DraftRelation {
    src: usize,
    tgt: usize,
    labels: RelationLabels,
    score: Probability,
}

/// Collects what a file says of one text.
pub(super) struct Draft<'a> {
    pub text: &'a str,
    offsets: Offsets<'a>,
    place: Place<'a>,
    mentions: Vec<DraftMention>,
    relations: Vec<DraftRelation>,
    remarks: Vec<Remark>,
}

impl<'a> Draft<'a> {
    pub fn new(text: &'a str, unit: Unit, place: Place<'a>) -> Self {
        let offsets = Offsets::counting(unit, text);
        Draft { text, offsets, place, mentions: Vec::new(), relations: Vec::new(), remarks: Vec::new() }
    }

    pub fn remark(&mut self, kind: RemarkKind, detail: impl Display) {
        self.remarks.push(self.place.remark(kind, detail));
    }

    /// A remark on another line than the one that the document begins in.
    pub fn remark_at(&mut self, line: usize, kind: RemarkKind, detail: impl Display) {
        self.remarks.push(Place { line: Some(line), ..self.place }.remark(kind, detail));
    }

    /// The span between two offsets, which may be missing or no whole numbers.
    pub fn span(&mut self, entry: &dyn Display, start: Option<&Value>, end: Option<&Value>) -> Option<Span> {
        let number = |value: Option<&Value>| value.and_then(Value::as_u64).map(|n| n as usize);
        let (Some(first), Some(last)) = (number(start), number(end)) else {
            let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            self.remark(RemarkKind::BadSpan, format_args!("{entry} is from {} to {}", show(start), show(end)));
            return None;
        };
        self.offsets
            .to_span(first, last)
            .map_err(|error| {
                self.remarks.push(self.place.remark(RemarkKind::BadSpan, format_args!("{entry}: {error}")))
            })
            .ok()
    }

    /// Compares the text that a file gives for a span with the one that it covers.
    pub fn check_slice(&mut self, entry: &dyn Display, span: Span, said: Option<&str>) {
        let covered = span.of(self.text);
        // Tools show line ends as blanks, and some cut blanks off.
        let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(said) = said.filter(|said| blanks(said) != blanks(covered)) {
            self.remark(RemarkKind::Slice, format_args!("{entry} says {said:?} but covers {covered:?}"));
        }
    }

    /// The type of this name.
    pub fn kind(&mut self, entry: &dyn Display, label: Option<&str>) -> Option<EntityType> {
        let kind = label.and_then(entity_type);
        if kind.is_none() {
            let label = label.map_or("no label".to_owned(), |label| format!("{label:?}"));
            self.remark(RemarkKind::UnknownLabel, format_args!("{entry} has {label}"));
        }
        kind
    }

    /// The actor code that a file gives, if it is one.
    pub fn actor(&mut self, entry: &dyn Display, code: Option<&str>) -> Option<ActorCode> {
        let code = code.filter(|code| !code.is_empty())?;
        match code.parse() {
            Ok(actor) => Some(actor),
            Err(error) => {
                self.remark(RemarkKind::UnknownLabel, format_args!("{entry}: {error}"));
                None
            }
        }
    }

    /// Takes a mention in; its number serves to refer to it.
    pub fn mention(&mut self, mention: DraftMention) -> usize {
        self.mentions.push(mention);
        self.mentions.len() - 1
    }

    pub fn mention_mut(&mut self, number: usize) -> &mut DraftMention {
        &mut self.mentions[number]
    }

    /// The mention of exactly this span, a name first.
    pub fn mention_at(&self, span: Span) -> Option<usize> {
        let mut at = self.mentions.iter().enumerate().filter(|(_, m)| m.span == span);
        let first = at.next()?.0;
        let named = at.find(|(_, m)| m.named).map(|(number, _)| number);
        Some(if self.mentions[first].named { first } else { named.unwrap_or(first) })
    }

    /// Takes a relation in, unless it lacks an event or one of its ends.
    pub fn relation(
        &mut self,
        entry: &dyn Display,
        ends: [Option<usize>; 2],
        labels: RelationLabels,
        score: Probability,
    ) {
        let [Some(src), Some(tgt)] = ends else {
            return self.remark(RemarkKind::Dangling, format_args!("{entry} lacks one of its spans"));
        };
        if labels.event.is_none() {
            return self.remark(RemarkKind::UnknownLabel, format_args!("{entry} has no event"));
        }
        self.relations.push(DraftRelation { src, tgt, labels, score });
    }

    /// The document. Sentences are found where the file does not tell them.
    pub fn finish(mut self, meta: Metadata, sentences_given: Option<Vec<Span>>, tokens: Vec<Span>) -> Found {
        // A relation refers to mentions by number, so that these are put in order through their numbers.
        let mut order: Vec<usize> = (0..self.mentions.len()).collect();
        order.sort_by_key(|&number| (self.mentions[number].span, number));
        let groups = self.groups(&order);
        let entities = self.entities(&groups);
        let mention = |&number: &usize| {
            let m = &self.mentions[number];
            Mention { entity: groups[number], span: m.span, kind: m.kind, named: m.named, score: m.score }
        };
        let mut out = Annotation {
            meta,
            text: self.text.to_owned(),
            sentences: sentences_given.unwrap_or_else(|| sentences(self.text)),
            mentions: order.iter().map(mention).collect(),
            entities,
            relations: Vec::new(),
        };
        for r in std::mem::take(&mut self.relations) {
            let [src, tgt] = [r.src, r.tgt].map(|number| (groups[number], self.mentions[number].span));
            if let Some(relation) = self.place_relation(&out, src, tgt, &r) {
                out.relations.push(relation);
            }
        }
        sort_relations(&mut out.relations);
        Found { document: Some(Labelled { annotation: out, tokens, line: self.place.line }), remarks: self.remarks }
    }

    /// The relation in the sentence of the later of its mentions.
    fn place_relation(
        &mut self,
        out: &Annotation,
        src: (EntityIx, Span),
        tgt: (EntityIx, Span),
        r: &DraftRelation,
    ) -> Option<Relation> {
        let RelationLabels { event, act, stance, modality } = r.labels;
        let sent = out.sentence_at(src.1.start.max(tgt.1.start));
        let (Some(event), Some(sent)) = (event, sent) else {
            self.remark(RemarkKind::Dangling, "a relation outside of all sentences");
            return None;
        };
        let missing = [
            (act.is_none(), "act other"),
            (stance.is_none(), "stance neutral"),
            (modality.is_none(), "modality actual"),
        ];
        let missing: Vec<_> = missing.into_iter().filter(|(missing, _)| *missing).map(|(_, label)| label).collect();
        if !missing.is_empty() {
            let ends = [src, tgt].map(|(ix, _)| &out.entity(ix).name);
            let detail = format!("{} of {event}, {} to {}", missing.join(", "), ends[0], ends[1]);
            self.remark(RemarkKind::Assumed, detail);
        }
        Some(Relation {
            src: src.0,
            tgt: tgt.0,
            sent,
            event,
            act: act.unwrap_or(Act::Other),
            stance: stance.unwrap_or(Stance::Neutral),
            modality: modality.unwrap_or(Modality::Actual),
            score: r.score,
            scores: None,
        })
    }

    /// The entity of each mention, numbered in the order of the text.
    fn groups(&self, order: &[usize]) -> Vec<EntityIx> {
        let mut known: HashMap<&str, EntityIx> = HashMap::new();
        let mut groups = vec![EntityIx(0); order.len()];
        let mut next = 0;
        for &number in order {
            let fresh = EntityIx(next);
            let group = match &self.mentions[number].entity {
                Some(key) => *known.entry(key).or_insert(fresh),
                None => fresh,
            };
            next += u32::from(group == fresh);
            groups[number] = group;
        }
        groups
    }

    /// The entities, each with what its mentions say of it.
    fn entities(&self, groups: &[EntityIx]) -> Vec<Entity> {
        let count = groups.iter().map(|ix| ix.get() + 1).max().unwrap_or(0);
        let mut members = vec![Vec::new(); count];
        for (m, ix) in self.mentions.iter().zip(groups) {
            members[ix.get()].push(m);
        }
        let entity = |(number, mut own): (usize, Vec<&DraftMention>)| {
            own.sort_by_key(|m| m.span);
            let spans = || own.iter().map(|m| (m.span, m.kind, m.named));
            Entity {
                id: format!("e{}", number + 1),
                name: own.iter().find_map(|m| m.name.clone()).unwrap_or_else(|| default_name(self.text, spans())),
                kind: default_kind(spans()),
                actor: own.iter().find_map(|m| m.actor.clone()),
                score: Probability::ONE,
            }
        };
        members.into_iter().enumerate().map(entity).collect()
    }
}

/// A span with its type, and whether it is a name.
pub(super) type Kinded = (Span, EntityType, bool);

/// The name of an entity that is not told: its longest name, the first of them.
pub(super) fn default_name(text: &str, mentions: impl Iterator<Item = Kinded>) -> String {
    let mut best: Option<(bool, Span)> = None;
    for (span, _, named) in mentions {
        if best.is_none_or(|(known, longest)| (known, longest.len()) < (named, span.len())) {
            best = Some((named, span));
        }
    }
    best.map_or_else(String::new, |(_, span)| span.of(text).to_owned())
}

/// The type of an entity that is not told: that of its first name, but an adjective is a name of its noun.
pub(super) fn default_kind(mentions: impl Iterator<Item = Kinded>) -> EntityType {
    let rank = |&(_, kind, named): &Kinded| (!named, kind == EntityType::Misc);
    mentions.min_by_key(rank).map_or(EntityType::Misc, |(_, kind, _)| kind)
}

/// The metadata in a table of fields; what is not ours is kept beside it.
pub(super) fn metadata(mut fields: Map<String, Value>, place: Place) -> Metadata {
    let mut take = |name: &str| match fields.get(name) {
        Some(Value::String(_)) => fields.shift_remove(name).and_then(|v| v.as_str().map(str::to_owned)),
        Some(Value::Number(_)) => fields.shift_remove(name).map(|v| v.to_string()),
        Some(Value::Null) => fields.shift_remove(name).and(None),
        _ => None,
    };
    let id = take("id").filter(|id| !id.is_empty()).unwrap_or_else(|| place.default_id());
    let date = take("date");
    let [title, source, url] = ["title", "source", "url"].map(take);
    let parsed = date.as_ref().and_then(|date| date.parse().ok());
    if let Some(date) = date.filter(|_| parsed.is_none()) {
        fields.insert("unparsed_date".to_owned(), Value::String(date));
    }
    Metadata { id, date: parsed, title, source, url, extra: fields }
}

/// The metadata as a table of fields, which [`metadata`] reads.
pub(super) fn fields(meta: &Metadata) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), Value::String(meta.id.clone()));
    let date = meta.date.map(|date| date.to_string());
    for (name, value) in [("date", &date), ("title", &meta.title), ("source", &meta.source), ("url", &meta.url)] {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::String(value.clone()));
        }
    }
    fields.extend(meta.extra.iter().map(|(name, value)| (name.clone(), value.clone())));
    fields
}
