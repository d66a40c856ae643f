//! spaCy's `Doc.to_json()`: text, tokens, sentences, names in `ents`.
//!
//! Names in `ents` do not overlap. An entity of several mentions, with an anaphor or with an actor is the span group
//! `coref_clusters_N`, named as spaCy's coreference component names it, with the actor as `kb_id`; a span of it that is
//! no name in `ents` is an anaphor. Metadata are read from custom attributes (`_`) and from `meta`, and written as
//! `meta`: spaCy does not load attributes that the program has not declared. Offsets count code points.

use serde_json::{json, Map, Value};

use super::choice::apart;
use super::draft::{fields, metadata, Draft, DraftMention};
use super::json::{list, string, text};
use super::remark::{Place, RemarkKind};
use super::{words, Found, Labelled};
use crate::corpus::offsets::{Offsets, Unit};
use crate::document::Mention;
use crate::text::Span;

/// What the names of groups of one entity begin with.
const CLUSTER: &str = "coref_clusters_";

pub(super) fn parse(value: Value, place: Place) -> Result<Vec<Found>, String> {
    let text = text(&value)?;
    let mut draft = Draft::new(&text, Unit::Chars, place);
    for (number, ent) in list(&value, "ents").iter().enumerate() {
        let entry = format!("ent {number}");
        let span = draft.span(&entry, ent.get("start"), ent.get("end"));
        let kind = span.and_then(|_| draft.kind(&entry, string(ent, "label")));
        if let (Some(span), Some(kind)) = (span, kind) {
            let actor = draft.actor(&entry, string(ent, "kb_id"));
            draft.mention(DraftMention { actor, ..DraftMention::name(span, kind) });
        }
    }
    for (group, spans) in value.get("spans").and_then(Value::as_object).into_iter().flatten() {
        match spans.as_array() {
            Some(spans) if group.starts_with(CLUSTER) => cluster(&mut draft, group, spans),
            _ => draft.remark(RemarkKind::Unread, format_args!("span group {group:?}")),
        }
    }
    let spans = |draft: &mut Draft, name: &str| -> Vec<Span> {
        let all = list(&value, name).iter().enumerate();
        all.filter_map(|(n, s)| draft.span(&format_args!("{name} {n}"), s.get("start"), s.get("end"))).collect()
    };
    let sentences = spans(&mut draft, "sents");
    let mut tokens = spans(&mut draft, "tokens");
    tokens.retain(|token| !token.of(&text).trim().is_empty());
    let own = ["_", "meta"].iter().filter_map(|key| value.get(key)?.as_object()).flatten();
    let own = own.map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(vec![draft.finish(metadata(own, place), (!sentences.is_empty()).then_some(sentences), tokens)])
}

/// The mentions of one entity.
fn cluster(draft: &mut Draft, group: &str, spans: &[Value]) {
    for (number, value) in spans.iter().enumerate() {
        let entry = format!("{group} {number}");
        let Some(span) = draft.span(&entry, value.get("start"), value.get("end")) else { continue };
        let known = draft.mention_at(span);
        let mention = match known {
            Some(mention) => mention,
            None => {
                let Some(kind) = draft.kind(&entry, string(value, "label")) else { continue };
                draft.mention(DraftMention { named: false, ..DraftMention::name(span, kind) })
            }
        };
        let actor = draft.actor(&entry, string(value, "kb_id"));
        let mention = draft.mention_mut(mention);
        mention.entity = Some(group.to_owned());
        mention.actor = mention.actor.take().or(actor);
    }
}

/// The line of a document.
pub(super) fn render(document: &Labelled) -> String {
    let a = &document.annotation;
    let offsets = Offsets::new(&a.text);
    let place = |span: Span| {
        let [start, end] = offsets.char_range(span);
        json!({"start": start, "end": end})
    };
    let names = apart(a.mentions.iter().filter(|m| m.named));
    let labelled = |m: &Mention| {
        let mut span = place(m.span);
        span["label"] = json!(m.kind);
        span["kb_id"] = json!(a.entity(m.entity).actor.as_ref().map_or("", |actor| actor.as_str()));
        span
    };
    let mut groups = Map::new();
    for (ix, entity) in a.entities.iter().enumerate() {
        // A span that stands twice would be one of them to the reader.
        let shown = |m: &&Mention| match names.iter().find(|n| n.span == m.span) {
            Some(name) => std::ptr::eq(*name, *m),
            None => !m.named,
        };
        let own: Vec<_> = a.mentions.iter().filter(|m| m.entity.get() == ix).filter(shown).collect();
        if own.len() > 1 || own.iter().any(|m| !m.named) || (entity.actor.is_some() && !own.is_empty()) {
            groups.insert(format!("{CLUSTER}{}", groups.len() + 1), own.into_iter().map(labelled).collect());
        }
    }
    let ent = |m: &&Mention| {
        let mut ent = place(m.span);
        ent["label"] = json!(m.kind);
        ent
    };
    let token = |(number, span): (usize, &Span)| {
        let mut token = json!({"id": number});
        let [start, end] = offsets.char_range(*span);
        (token["start"], token["end"]) = (json!(start), json!(end));
        token
    };
    // spaCy takes no span that begins or ends within a token.
    let borders = a.mentions.iter().map(|m| m.span).chain(a.sentences.iter().copied()).flat_map(|s| [s.start, s.end]);
    let tokens = with_blanks(&a.text, words::tokens(&a.text, &document.tokens, borders));
    json!({
        "text": a.text,
        "ents": names.iter().map(ent).collect::<Vec<_>>(),
        "sents": a.sentences.iter().map(|&s| place(s)).collect::<Vec<_>>(),
        "tokens": tokens.iter().enumerate().map(token).collect::<Vec<_>>(),
        "spans": groups,
        "meta": fields(&a.meta),
    })
    .to_string()
}

/// Tokens with those of white space between them: spaCy lets a token be followed by one blank, all else is a token.
fn with_blanks(text: &str, tokens: Vec<Span>) -> Vec<Span> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut done = 0;
    for token in tokens.into_iter().chain([Span::new(text.len(), text.len())]) {
        let gap = &text[done..token.start];
        let start = done + usize::from(done > 0 && gap.starts_with(' '));
        out.extend([Span::new(start, token.start), token].into_iter().filter(|span| !span.is_empty()));
        done = token.end;
    }
    out
}
