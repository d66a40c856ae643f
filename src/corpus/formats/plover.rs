//! Gold standard records of PLOVER: a sentence, the actors of both sides, the event.
//!
//! `source` and `target` are lists of `{"actorText", "code", "sector"}`; where the sides act on one another, there are
//! sources alone and `textInfo.markup` calls them `SRC/TAR`. The markup tells where the actors stand; without it, their
//! text is looked for. A document becomes as many records as it has relations.

use serde_json::{json, Map, Value};

use super::draft::{metadata, Draft, DraftMention};
use super::json::{list, string, text};
use super::labels::RelationLabels;
use super::pairs::Piece;
use super::remark::{Place, RemarkKind};
use super::Found;
use crate::corpus::offsets::Unit;
use crate::document::{Annotation, EntityType, Probability};
use crate::text::Span;

/// Codes of actors that are no state and say no more.
const NO_STATE: [&str; 5] = ["IGO", "NGO", "MNC", "IMG", "INT"];
/// Roles in the markup.
const ROLES: [&str; 5] = ["SRC/TAR", "SRC", "TAR", "EVT", "LOC"];

pub(super) fn parse(value: Value, place: Place) -> Result<Vec<Found>, String> {
    let text = text(&value)?;
    let mut draft = Draft::new(&text, Unit::Chars, place);
    let markup = value.get("textInfo").and_then(|info| string(info, "markup")).unwrap_or_default();
    let marked = unmark(markup).filter(|(plain, _)| *plain == text).map_or_else(Vec::new, |(_, marked)| marked);
    let sources = actors(&mut draft, &value, "source", "SRC", &marked);
    let targets = actors(&mut draft, &value, "target", "TAR", &marked);
    let mut labels = RelationLabels::default();
    if !labels.take(string(&value, "event").unwrap_or_default()) {
        let event = value.get("event").map_or("no event".to_owned(), Value::to_string);
        draft.remark(RemarkKind::UnknownLabel, format_args!("the record has {event}"));
    } else if targets.is_empty() && !markup.contains("(SRC/TAR:") {
        draft.remark(RemarkKind::Unread, "an event without a target");
    } else {
        let mutual = targets.is_empty();
        let aims = if mutual { &sources } else { &targets };
        for (&src, &tgt) in sources.iter().flat_map(|src| aims.iter().map(move |tgt| (src, tgt))) {
            if src != tgt {
                draft.relation(&"the event", [Some(src), Some(tgt)], labels, Probability::ONE);
            }
        }
    }
    if !(sources.is_empty() && targets.is_empty()) {
        draft.remark(RemarkKind::Assumed, "type ORG of the actors");
    }
    let whole = Span::new(0, text.len());
    Ok(vec![draft.finish(meta(value, place), Some(vec![whole]), Vec::new())])
}

/// The metadata of a record; its publication is our source.
fn meta(value: Value, place: Place) -> crate::document::Metadata {
    let Value::Object(mut fields) = value else { return metadata(Map::new(), place) };
    let publication = fields.shift_remove("publication");
    for own in ["source", "target", "event", "text", "textInfo"] {
        fields.shift_remove(own);
    }
    fields.extend(publication.map(|publication| ("source".to_owned(), publication)));
    metadata(fields, place)
}

/// The mentions of the actors of a side.
fn actors(draft: &mut Draft, record: &Value, side: &str, role: &str, marked: &[(&str, Span)]) -> Vec<usize> {
    let mut found: Vec<(usize, Span)> = Vec::new();
    for actor in list(record, side) {
        let name = string(actor, "actorText").unwrap_or_default();
        let text = draft.text;
        let taken = |span: &Span| found.iter().any(|(_, other)| other == span);
        let by_markup = marked.iter().filter(|(r, span)| r.split('/').any(|r| r == role) && span.of(text) == name);
        let by_text = || text.match_indices(name).map(|(at, _)| Span::new(at, at + name.len()));
        let words = by_text().filter(|span| is_word(text, *span));
        let mut places = by_markup.map(|&(_, span)| span).chain(words).chain(by_text());
        let span = places.find(|span| !span.is_empty() && !taken(span));
        let Some(span) = span else {
            draft.remark(RemarkKind::BadSpan, format_args!("{side} {name:?} is not in the text"));
            continue;
        };
        let entry = format!("{side} {name:?}");
        let code = string(actor, "code").unwrap_or_default();
        let actor = if NO_STATE.contains(&code) {
            draft.remark(RemarkKind::UnknownLabel, format_args!("{entry}: the code {code} names no actor"));
            None
        } else {
            draft.actor(&entry, Some(code))
        };
        let mention = draft.mention(DraftMention { actor, ..DraftMention::name(span, EntityType::Org) });
        found.push((mention, span));
    }
    found.into_iter().map(|(mention, _)| mention).collect()
}

/// Whether a span begins and ends at the borders of words.
fn is_word(text: &str, span: Span) -> bool {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !inside(text[..span.start].chars().next_back()) && !inside(text[span.end..].chars().next())
}

/// The text of a markup such as `(SRC: Libya) has (EVT: offered)`, and what is marked in it.
fn unmark(markup: &str) -> Option<(String, Vec<(&'static str, Span)>)> {
    let (mut plain, mut marked) = (String::new(), Vec::new());
    let mut rest = markup;
    while let Some(at) = rest.find('(') {
        let behind = &rest[at + 1..];
        let role = ROLES.into_iter().find_map(|role| Some((role, behind.strip_prefix(role)?.strip_prefix(": ")?)));
        let Some((role, content)) = role else {
            plain.push_str(&rest[..=at]);
            rest = behind;
            continue;
        };
        let (surface, behind) = content.split_once(')')?;
        plain.push_str(&rest[..at]);
        let start = plain.len();
        plain.push_str(surface);
        marked.push((role, Span::new(start, plain.len())));
        rest = behind;
    }
    plain.push_str(rest);
    Some((plain, marked))
}

/// The record of a piece of a document.
pub(super) fn render(a: &Annotation, piece: &Piece) -> String {
    let r = piece.relation;
    let side = |span: Span, ix| {
        let mut actor = json!({"actorText": span.of(piece.text)});
        if let Some(code) = &a.entity(ix).actor {
            actor["code"] = json!(code);
        }
        json!([actor])
    };
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
    put("id", json!(piece.id));
    a.meta.date.map(|date| put("date", json!(date.to_string())));
    put("source", side(piece.src, r.src));
    put("target", side(piece.tgt, r.tgt));
    put("event", json!(r.event));
    put("text", json!(piece.text));
    mark(piece).map(|markup| put("textInfo", json!({"markup": markup})));
    a.meta.source.as_ref().map(|source| put("publication", json!(source)));
    for (name, value) in a.meta.extra.iter().filter(|(name, _)| name.as_str() != "target") {
        put(name, value.clone());
    }
    Value::Object(record).to_string()
}

/// The text with the actors marked, unless they overlap.
fn mark(piece: &Piece) -> Option<String> {
    let mut ends = [("SRC", piece.src), ("TAR", piece.tgt)];
    ends.sort_by_key(|(_, span)| *span);
    let [(first, before), (second, behind)] = ends;
    let text = piece.text;
    (before.end <= behind.start).then(|| {
        format!(
            "{}({first}: {}){}({second}: {}){}",
            &text[..before.start],
            before.of(text),
            &text[before.end..behind.start],
            behind.of(text),
            &text[behind.end..]
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_tells_where_the_actors_stand() {
        let (plain, marked) = unmark("The (SRC: APEC) (21) has (EVT: agreed) with (SRC/TAR: Oslo).").unwrap();
        assert_eq!(plain, "The APEC (21) has agreed with Oslo.");
        let marked: Vec<_> = marked.iter().map(|(role, span)| (*role, span.of(&plain))).collect();
        assert_eq!(marked, [("SRC", "APEC"), ("EVT", "agreed"), ("SRC/TAR", "Oslo")]);
        assert!(unmark("(SRC: open").is_none());
    }
}
