//! What displaCy renders with `manual=True`: text, names in `ents`, and a title. Offsets count code points.

use serde_json::{json, Map, Value};

use super::choice::apart;
use super::draft::{metadata, Draft, DraftMention};
use super::json::{list, string, text};
use super::remark::Place;
use super::{Found, Labelled};
use crate::corpus::offsets::{Offsets, Unit};

pub(super) fn parse(value: Value, place: Place) -> Result<Vec<Found>, String> {
    let text = text(&value)?;
    let mut draft = Draft::new(&text, Unit::Chars, place);
    for (number, ent) in list(&value, "ents").iter().enumerate() {
        let entry = format!("ent {number}");
        let Some(span) = draft.span(&entry, ent.get("start"), ent.get("end")) else { continue };
        let Some(kind) = draft.kind(&entry, string(ent, "label")) else { continue };
        let actor = draft.actor(&entry, string(ent, "kb_id"));
        draft.mention(DraftMention { actor, ..DraftMention::name(span, kind) });
    }
    let title = value.get("title").map(|title| ("title".to_owned(), title.clone()));
    Ok(vec![draft.finish(metadata(title.into_iter().collect::<Map<_, _>>(), place), None, Vec::new())])
}

/// The object of a document.
pub(super) fn render(document: &Labelled) -> String {
    let a = &document.annotation;
    let offsets = Offsets::new(&a.text);
    let ents = apart(a.mentions.iter().filter(|m| m.named)).into_iter().map(|m| {
        let [start, end] = offsets.char_range(m.span);
        let mut ent = json!({"start": start, "end": end, "label": m.kind});
        if let Some(actor) = &a.entity(m.entity).actor {
            ent["kb_id"] = json!(actor);
        }
        ent
    });
    let ents: Vec<Value> = ents.collect();
    json!({"text": a.text, "ents": ents, "title": a.meta.title}).to_string()
}
