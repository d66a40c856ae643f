//! Prodigy: a task a line, with tokens, spans and relations of spans.
//!
//! Offsets count code points; `end` is exclusive and `token_end`, the number of the last token, inclusive. What Prodigy
//! has no field for stands in fields of our own, which it keeps: `named`, `entity`, `name`, `actor` and `score` of a
//! span, `act`, `stance` and `modality` of a relation.

use serde_json::{json, Map, Value};

use super::draft::{fields, metadata, Draft, DraftMention};
use super::json::{list, string, text};
use super::labels::RelationLabels;
use super::remark::{Place, RemarkKind};
use super::{choice, words, Found, Labelled};
use crate::corpus::offsets::{Offsets, Unit};
use crate::document::{Mention, Probability, Relation};
use crate::text::Span;

pub(super) fn parse(value: Value, place: Place) -> Result<Vec<Found>, String> {
    if let Some(answer) = string(&value, "answer").filter(|&answer| answer != "accept") {
        let remark = place.remark(RemarkKind::NotAccepted, format_args!("answer {answer:?}"));
        return Ok(vec![Found { document: None, remarks: vec![remark] }]);
    }
    let text = text(&value)?;
    let mut draft = Draft::new(&text, Unit::Chars, place);
    let mut tokens = Vec::new();
    for (number, token) in list(&value, "tokens").iter().enumerate() {
        tokens.extend(draft.span(&format_args!("token {number}"), token.get("start"), token.get("end")));
    }
    for (number, span) in list(&value, "spans").iter().enumerate() {
        mention(&mut draft, &format_args!("span {number}"), span);
    }
    for (number, relation) in list(&value, "relations").iter().enumerate() {
        let entry = format!("relation {number}");
        let ends = ["head", "child"].map(|end| find_end(&mut draft, &entry, relation, end, &tokens));
        let mut labels = RelationLabels::default();
        for label in ["label", "act", "stance", "modality"].map(|name| string(relation, name)).into_iter().flatten() {
            labels.take(label);
        }
        draft.relation(&entry, ends, labels, score(relation));
    }
    let mut meta = match value.get("meta") {
        Some(Value::Object(meta)) => meta.clone(),
        _ => Map::new(),
    };
    if let (Some(id), None) = (value.get("id"), meta.get("id")) {
        meta.insert("id".to_owned(), id.clone());
    }
    tokens.retain(|token| !token.of(&text).trim().is_empty());
    Ok(vec![draft.finish(metadata(meta, place), None, tokens)])
}

fn mention(draft: &mut Draft, entry: &dyn std::fmt::Display, span: &Value) {
    let Some(at) = draft.span(entry, span.get("start"), span.get("end")) else { return };
    draft.check_slice(entry, at, string(span, "text"));
    let Some(kind) = draft.kind(entry, string(span, "label")) else { return };
    let actor = draft.actor(entry, string(span, "actor"));
    draft.mention(DraftMention {
        named: span.get("named").and_then(Value::as_bool).unwrap_or(true),
        score: score(span),
        entity: string(span, "entity").map(str::to_owned),
        name: string(span, "name").map(str::to_owned),
        actor,
        ..DraftMention::name(at, kind)
    });
}

fn score(value: &Value) -> Probability {
    value.get("score").and_then(Value::as_f64).map_or(Probability::ONE, |score| Probability::new(score as f32))
}

/// The mention that a relation names by its span or, without that, by a token.
fn find_end(draft: &mut Draft, entry: &str, relation: &Value, end: &str, tokens: &[Span]) -> Option<usize> {
    let span = match relation.get(format!("{end}_span")) {
        Some(span) => draft.span(&entry, span.get("start"), span.get("end")),
        None => relation.get(end).and_then(Value::as_u64).and_then(|token| tokens.get(token as usize).copied()),
    };
    draft.mention_at(span?)
}

/// The line of a document.
pub(super) fn render(document: &Labelled) -> String {
    let a = &document.annotation;
    let offsets = Offsets::new(&a.text);
    let borders = a.mentions.iter().flat_map(|m| [m.span.start, m.span.end]);
    let tokens = words::tokens(&a.text, &document.tokens, borders);
    let covered = |span: Span| {
        let first = tokens.partition_point(|t| t.end <= span.start);
        (first, tokens.partition_point(|t| t.start < span.end).max(first + 1) - 1)
    };
    let token = |(number, t): (usize, &Span)| {
        let [start, end] = offsets.char_range(*t);
        let blank = a.text[t.end..].starts_with(char::is_whitespace);
        json!({"text": t.of(&a.text), "start": start, "end": end, "id": number, "ws": blank})
    };
    let place = |m: &Mention| {
        let [start, end] = offsets.char_range(m.span);
        let (first, last) = covered(m.span);
        json!({"start": start, "end": end, "token_start": first, "token_end": last, "label": m.kind})
    };
    let span = |m: &Mention| {
        let entity = a.entity(m.entity);
        let mut span = place(m);
        span["text"] = json!(m.span.of(&a.text));
        span["entity"] = json!(entity.id);
        span["name"] = json!(entity.name);
        if let Some(actor) = &entity.actor {
            span["actor"] = json!(actor);
        }
        if !m.named {
            span["named"] = json!(false);
        }
        if m.score != Probability::ONE {
            span["score"] = json!(m.score);
        }
        span
    };
    let relation = |r: &Relation| {
        let [src, tgt] = choice::ends(a, r, |_| true)?.map(|number| &a.mentions[number]);
        let mut relation = json!({
            "head": covered(src.span).1, "child": covered(tgt.span).1,
            "head_span": place(src), "child_span": place(tgt),
            "label": r.event, "act": r.act, "stance": r.stance, "modality": r.modality,
        });
        if r.score != Probability::ONE {
            relation["score"] = json!(r.score);
        }
        Some(relation)
    };
    json!({
        "text": a.text,
        "tokens": tokens.iter().enumerate().map(token).collect::<Vec<_>>(),
        "spans": a.mentions.iter().map(span).collect::<Vec<_>>(),
        "relations": a.relations.iter().filter_map(relation).collect::<Vec<_>>(),
        "meta": fields(&a.meta),
    })
    .to_string()
}
