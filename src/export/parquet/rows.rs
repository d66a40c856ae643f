//! Rows of the tables, as JSON values with the names of the schema's keys.

use serde_json::{json, Value};

use crate::corpus::offsets::Offsets;
use crate::document::{ActorCode, Annotation, Facet, Metadata};
use crate::export::Names;
use crate::records::{Evidence, FacetState, Record};

/// `into` with the fields of `more`.
fn with(mut into: Value, more: Value) -> Value {
    if let (Value::Object(into), Value::Object(more)) = (&mut into, more) {
        into.extend(more);
    }
    into
}

fn document(meta: &Metadata) -> Value {
    json!({ "document": meta.id, "source": meta.source, "date": meta.date })
}

/// The mentions of a document.
pub(super) fn mentions(a: &Annotation) -> Vec<Value> {
    let offsets = Offsets::new(&a.text);
    let rows = a.mentions.iter().enumerate().map(|(n, m)| {
        let (entity, [start, end]) = (a.entity(m.entity), offsets.char_range(m.span));
        let mention = json!({
            "mention": n, "sentence": a.sentence_at(m.span.start), "start": start, "end": end,
            "text": m.span.of(&a.text), "named": m.named, "type": m.kind, "score": m.score, "entity": entity.id,
            "name": entity.name, "actor": entity.actor, "actor_score": entity.score,
        });
        with(document(&a.meta), mention)
    });
    rows.collect()
}

/// The relations of a document.
pub(super) fn relations(a: &Annotation) -> Vec<Value> {
    let offsets = Offsets::new(&a.text);
    let rows = a.relations.iter().enumerate().map(|(n, r)| {
        let (src, tgt, sentence) = (a.entity(r.src), a.entity(r.tgt), a.sentences[r.sent]);
        let [start, end] = offsets.char_range(sentence);
        let relation = json!({
            "relation": n, "sentence": r.sent, "start": start, "end": end, "text": sentence.of(&a.text),
            "src": src.id, "src_name": src.name, "src_actor": src.actor,
            "tgt": tgt.id, "tgt_name": tgt.name, "tgt_actor": tgt.actor,
            "event": r.event, "quad": r.event.quad(), "act": r.act, "stance": r.stance, "modality": r.modality,
            "score": r.score,
        });
        with(document(&a.meta), relation)
    });
    rows.collect()
}

fn pair(r: &Record, names: Names) -> Value {
    let name = |code: &ActorCode| names(code).unwrap_or_else(|| code.to_string());
    json!({
        "actor": r.actor, "actor_name": name(&r.actor),
        "counterpart": r.counterpart, "counterpart_name": name(&r.counterpart),
    })
}

fn piece(e: &Evidence) -> Value {
    with(json!(e), json!({ "quad": e.event.quad() }))
}

/// The evidence of a record.
pub(super) fn evidence(r: &Record, names: Names) -> Vec<Value> {
    let place = |n: usize| with(pair(r, names), json!({ "position": n }));
    r.evidence.iter().enumerate().map(|(n, e)| with(place(n), piece(e))).collect()
}

/// The statuses that the facets of a record had and have.
pub(super) fn history(r: &Record, names: Names) -> Vec<Value> {
    let states = Facet::ALL.iter().filter_map(|&facet| Some((facet, r.facet(facet)?)));
    states.flat_map(|(facet, state)| periods(r, names, facet, state)).collect()
}

fn periods(r: &Record, names: Names, facet: Facet, state: &FacetState) -> Vec<Value> {
    let now = json!({
        "status": state.status, "from": state.since, "confidence": state.confidence, "evidence": state.evidence,
    });
    let past = state.history.iter().map(|past| json!(past));
    let last = state.history.len();
    let place = |n: usize| json!({ "facet": facet, "position": n, "current": n == last });
    let rows = past.chain([now]).enumerate();
    rows.map(|(n, period)| with(with(pair(r, names), place(n)), period)).collect()
}

/// A record: what its line in JSON says, with lists where that has objects whose keys vary.
pub(super) fn record(r: &Record, names: Names) -> Value {
    let lists = json!({
        "events": r.events.iter().map(|(event, n)| json!({ "event": event, "count": n })).collect::<Vec<_>>(),
        "acts": r.acts.iter().map(|(act, n)| with(json!({ "act": act }), json!(n))).collect::<Vec<_>>(),
        "evidence": r.evidence.iter().map(piece).collect::<Vec<_>>(),
    });
    with(with(json!(r), pair(r, names)), lists)
}
