//! doccano: a document a line, its other columns beside the text.
//!
//! Read are spans as `label` or `labels` (`[start, end, label]`) and as `entities` with `relations`, which is how
//! projects with relations are exported and what is written. Offsets count code points.

use std::collections::HashMap;

use serde_json::{json, Map, Value};

use super::draft::{fields, metadata, Draft, DraftMention};
use super::json::{list, string, text};
use super::labels::RelationLabels;
use super::remark::Place;
use super::{choice, Found, Labelled};
use crate::corpus::offsets::{Offsets, Unit};
use crate::document::{Mention, Probability, Relation};

/// Columns that doccano fills itself.
const OWN: [&str; 8] = ["text", "label", "labels", "entities", "relations", "cats", "Comments", "comments"];

pub(super) fn parse(value: Value, place: Place) -> Result<Vec<Found>, String> {
    let text = text(&value)?;
    let mut draft = Draft::new(&text, Unit::Chars, place);
    for (number, label) in list(&value, "label").iter().chain(list(&value, "labels")).enumerate() {
        let entry = format!("label {number}");
        let span = draft.span(&entry, label.get(0), label.get(1));
        let kind = span.and_then(|_| draft.kind(&entry, label.get(2).and_then(Value::as_str)));
        if let (Some(span), Some(kind)) = (span, kind) {
            draft.mention(DraftMention::name(span, kind));
        }
    }
    let mut mentions: HashMap<String, usize> = HashMap::new();
    for (number, entity) in list(&value, "entities").iter().enumerate() {
        let entry = format!("entity {number}");
        let span = draft.span(&entry, entity.get("start_offset"), entity.get("end_offset"));
        let kind = span.and_then(|_| draft.kind(&entry, string(entity, "label")));
        if let (Some(span), Some(kind)) = (span, kind) {
            let mention = draft.mention(DraftMention::name(span, kind));
            mentions.extend(entity.get("id").map(|id| (id.to_string(), mention)));
        }
    }
    for (number, relation) in list(&value, "relations").iter().enumerate() {
        let end = |name| relation.get(name).and_then(|id| mentions.get(&id.to_string()).copied());
        let mut labels = RelationLabels::default();
        string(relation, "type").map(|label| labels.take(label));
        let ends = [end("from_id"), end("to_id")];
        draft.relation(&format_args!("relation {number}"), ends, labels, Probability::ONE);
    }
    let mut columns = match &value {
        Value::Object(columns) => columns.clone(),
        _ => Map::new(),
    };
    columns.retain(|name, _| !OWN.contains(&name.as_str()));
    // Older versions keep the other columns in a table of their own.
    if let Some(Value::Object(meta)) = columns.get("meta").cloned() {
        columns.shift_remove("meta");
        columns.extend(meta);
    }
    Ok(vec![draft.finish(metadata(columns, place), None, Vec::new())])
}

/// The line of a document. Anaphors would be names to doccano and are left out.
pub(super) fn render(document: &Labelled) -> String {
    let a = &document.annotation;
    let offsets = Offsets::new(&a.text);
    let names = a.mentions.iter().enumerate().filter(|(_, m)| m.named);
    let entity = |(number, m): (usize, &Mention)| {
        let [start, end] = offsets.char_range(m.span);
        json!({"id": number, "label": m.kind, "start_offset": start, "end_offset": end})
    };
    let relation = |(number, r): (usize, &Relation)| {
        let [src, tgt] = choice::ends(a, r, |m| a.mentions[m].named)?;
        Some(json!({"id": number, "from_id": src, "to_id": tgt, "type": r.event}))
    };
    let mut line = fields(&a.meta);
    line.insert("text".to_owned(), json!(a.text));
    line.insert("entities".to_owned(), names.map(entity).collect());
    line.insert("relations".to_owned(), a.relations.iter().enumerate().filter_map(relation).collect());
    line.insert("Comments".to_owned(), json!([]));
    Value::Object(line).to_string()
}
