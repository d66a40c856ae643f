//! The project's annotated corpus, written; [`crate::corpus::inline`] reads it.
//!
//! Marks do not nest, so that of mentions that overlap the longer is written, and braces of the text become
//! parentheses.

use serde_json::{json, Map, Value};

use super::choice::{apart, ends};
use super::draft::fields;
use super::Labelled;
use crate::corpus::inline::sentences;
use crate::document::{Annotation, EntityType, Relation};
use crate::text::Span;

/// The line of a document.
pub(super) fn render(document: &Labelled) -> String {
    let a = &document.annotation;
    let ids = ids(a);
    let plain = a.text.replace('{', "(").replace('}', ")");
    let mut text = String::with_capacity(a.text.len() * 2);
    let mut done = 0;
    for m in apart(a.mentions.iter()) {
        let surface = m.span.of(&plain);
        text.push_str(&plain[done..m.span.start]);
        let sign = if m.named { '|' } else { '~' };
        text.push_str(&format!("{{{}{sign}{surface}", ids[m.entity.get()]));
        // A surface that ends like a type of its own would be cut.
        if m.kind != a.entity(m.entity).kind || ends_in_type(surface) {
            text.push_str(&format!("#{}", m.kind));
        }
        text.push('}');
        done = m.span.end;
    }
    text.push_str(&plain[done..]);
    let entity = |(id, e): (&String, &crate::document::Entity)| {
        (id.clone(), json!({"name": e.name, "type": e.kind, "actor": e.actor}))
    };
    let numbered = sentences(&plain);
    let relation = |r: &Relation| {
        json!({
            "src": ids[r.src.get()], "tgt": ids[r.tgt.get()], "sent": sentence(a, r, &numbered),
            "event": r.event, "act": r.act, "stance": r.stance, "modality": r.modality,
        })
    };
    let mut line = fields(&a.meta);
    line.insert("text".to_owned(), json!(text));
    line.insert("entities".to_owned(), Value::Object(ids.iter().zip(&a.entities).map(entity).collect::<Map<_, _>>()));
    line.insert("relations".to_owned(), a.relations.iter().map(relation).collect());
    Value::Object(line).to_string()
}

/// The ids of the entities; new ones if any of theirs cannot stand in a mark.
fn ids(a: &Annotation) -> Vec<String> {
    let word = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || c == '_');
    if a.entities.iter().all(|e| word(&e.id)) {
        a.entities.iter().map(|e| e.id.clone()).collect()
    } else {
        (1..=a.entities.len()).map(|number| format!("e{number}")).collect()
    }
}

fn ends_in_type(surface: &str) -> bool {
    EntityType::ALL.iter().any(|kind| surface.strip_suffix(kind.name()).is_some_and(|rest| rest.ends_with('#')))
}

/// The number of a relation's sentence among those of the annotation guide.
fn sentence(a: &Annotation, r: &Relation, numbered: &[Span]) -> usize {
    let own = a.sentences[r.sent];
    let later = ends(a, r, |_| true).map(|both| both.map(|n| a.mentions[n].span.start)).map(|[s, t]| s.max(t));
    let at = later.filter(|at| own.range().contains(at)).unwrap_or(own.start);
    numbered.partition_point(|s| s.start <= at).saturating_sub(1)
}
