//! Label Studio: a list of tasks, each with its data and the results of its annotators or of a model.
//!
//! Offsets count UTF-16 code units, as the browser does. A result has one label; what it has no field for stands in the
//! notes of a region: `entity=e1`, `name=Russia`, `actor=RUS`, `named=false`. A relation has the four labels of ours.
//! The project needs `<Labels name="label" toName="text">` over `<Text name="text" value="$text"/>`.
//!
//! What a model says goes to `predictions`, which Label Studio shows as a proposal; gold to `annotations`.

use std::collections::HashMap;

use serde_json::{json, Map, Value};

use super::draft::{fields, metadata, Draft, DraftMention};
use super::json::{list, string, text};
use super::labels::RelationLabels;
use super::remark::{Place, RemarkKind};
use super::{choice, Found, Labelled};
use crate::corpus::offsets::{Offsets, Unit};
use crate::document::{Mention, Probability, Relation};

pub(super) fn parse(mut value: Value, place: Place) -> Result<Vec<Found>, String> {
    let Some(Value::Object(mut data)) = value.get_mut("data").map(Value::take) else {
        return Err("has no field `data` that is an object".to_owned());
    };
    let text = text(&Value::Object(data.clone())).map_err(|reason| format!("its data {reason}"))?;
    data.shift_remove("text");
    if let (Some(id), None) = (value.get("id"), data.get("id")) {
        data.insert("id".to_owned(), id.clone());
    }
    let mut draft = Draft::new(&text, Unit::Utf16, place);
    let mut mentions = HashMap::new();
    let results = results(&value, &mut draft);
    for (number, result) in results.iter().enumerate() {
        let entry = string(result, "id").map_or_else(|| format!("result {number}"), |id| format!("result {id}"));
        match string(result, "type") {
            Some("labels") => {
                let found = mention(&mut draft, &entry, result);
                mentions.extend(string(result, "id").zip(found));
            }
            Some("relation") => {}
            other => {
                let sort = other.unwrap_or("without a type");
                draft.remark(RemarkKind::Unread, format_args!("{entry} is {sort}"));
            }
        }
    }
    for (number, result) in results.iter().enumerate().filter(|(_, r)| string(r, "type") == Some("relation")) {
        let entry = format!("result {number}");
        let end = |name| string(result, name).and_then(|id| mentions.get(id).copied());
        let (from, to) = (end("from_id"), end("to_id"));
        let mut labels = RelationLabels::default();
        for label in list(result, "labels").iter().filter_map(Value::as_str) {
            if !labels.take(label) {
                draft.remark(RemarkKind::UnknownLabel, format_args!("{entry} is {label:?}"));
            }
        }
        let direction = string(result, "direction").unwrap_or("right");
        if direction != "left" {
            draft.relation(&entry, [from, to], labels, score(result));
        }
        if direction != "right" {
            draft.relation(&entry, [to, from], labels, score(result));
        }
    }
    Ok(vec![draft.finish(metadata(data, place), None, Vec::new())])
}

/// The results of the version that counts: the ground truth, the first one that was submitted, or a model's.
fn results<'a>(task: &'a Value, draft: &mut Draft) -> &'a [Value] {
    let is = |version: &Value, flag| version.get(flag).and_then(Value::as_bool).unwrap_or(false);
    let all = list(task, "annotations");
    let submitted: Vec<_> = all.iter().filter(|version| !is(version, "was_cancelled")).collect();
    let chosen = submitted.iter().find(|version| is(version, "ground_truth")).or(submitted.first());
    let others = all.len() - usize::from(chosen.is_some());
    if others > 0 {
        draft.remark(RemarkKind::NotAccepted, format_args!("{others} other annotations of the task"));
    }
    let version = chosen.copied().or_else(|| list(task, "predictions").first());
    version.map_or(&[], |version| list(version, "result"))
}

fn mention(draft: &mut Draft, entry: &str, result: &Value) -> Option<usize> {
    let value = result.get("value")?;
    let span = draft.span(&entry, value.get("start"), value.get("end"))?;
    draft.check_slice(&entry, span, string(value, "text"));
    let kind = draft.kind(&entry, list(value, "labels").first().and_then(Value::as_str))?;
    let notes = result.get("meta").map_or(&[][..], |meta| list(meta, "text"));
    let note = |name: &str| {
        let mut values =
            notes.iter().filter_map(Value::as_str).filter_map(|note| note.strip_prefix(name)?.strip_prefix('='));
        values.next().map(str::to_owned)
    };
    let actor = draft.actor(&entry, note("actor").as_deref());
    Some(draft.mention(DraftMention {
        named: note("named").as_deref() != Some("false"),
        score: score(result),
        entity: note("entity"),
        name: note("name"),
        actor,
        ..DraftMention::name(span, kind)
    }))
}

fn score(value: &Value) -> Probability {
    value.get("score").and_then(Value::as_f64).map_or(Probability::ONE, |score| Probability::new(score as f32))
}

/// The task of a document.
pub(super) fn render(document: &Labelled) -> String {
    let a = &document.annotation;
    let offsets = Offsets::counting(Unit::Utf16, &a.text);
    let region = |(number, m): (usize, &Mention)| {
        let entity = a.entity(m.entity);
        let [start, end] = offsets.char_range(m.span);
        let mut notes = vec![format!("entity={}", entity.id), format!("name={}", entity.name)];
        notes.extend(entity.actor.as_ref().map(|actor| format!("actor={actor}")));
        notes.extend((!m.named).then(|| "named=false".to_owned()));
        let value = json!({"start": start, "end": end, "text": m.span.of(&a.text), "labels": [m.kind]});
        let mut region = json!({
            "id": format!("m{}", number + 1), "type": "labels", "from_name": "label", "to_name": "text",
            "value": value, "meta": {"text": notes},
        });
        put_score(&mut region, m.score);
        region
    };
    let relation = |r: &Relation| {
        let [src, tgt] = choice::ends(a, r, |_| true)?.map(|number| format!("m{}", number + 1));
        let labels = RelationLabels::names(r);
        let mut relation =
            json!({"type": "relation", "from_id": src, "to_id": tgt, "direction": "right", "labels": labels});
        put_score(&mut relation, r.score);
        Some(relation)
    };
    let mut results: Vec<_> = a.mentions.iter().enumerate().map(region).collect();
    results.extend(a.relations.iter().filter_map(relation));
    let mut data: Map<String, Value> = fields(&a.meta);
    data.insert("text".to_owned(), json!(a.text));
    let task = if is_gold(document) {
        json!({"data": data, "annotations": [{"result": results}]})
    } else {
        json!({"data": data, "predictions": [{"model_version": "demarche", "result": results}]})
    };
    task.to_string()
}

fn put_score(result: &mut Value, score: Probability) {
    if score != Probability::ONE {
        result["score"] = json!(score);
    }
}

/// Whether everything in a document is certain, as what people say is.
fn is_gold(document: &Labelled) -> bool {
    let a = &document.annotation;
    let mut scores = a.mentions.iter().map(|m| m.score).chain(a.relations.iter().map(|r| r.score));
    scores.all(|score| score == Probability::ONE)
}
