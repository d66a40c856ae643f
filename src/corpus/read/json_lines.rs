//! JSON Lines: one document a line.

use serde_json::Value;

use super::fields::{self, Fields};
use super::{Entry, Refusal, Settings};
use crate::corpus::lines::Lines;
use crate::corpus::source::Source;
use crate::document::Document;

pub(super) fn entries(name: String, source: Source, settings: Settings) -> impl Iterator<Item = Entry> + Send {
    Lines::new(source, settings.max_bytes).filter_map(move |line| {
        let document = match line.text {
            Ok(text) if text.trim().is_empty() => return None,
            Ok(text) => document(&text, format!("{name}:{}", line.number), settings),
            Err(error) => Err(error.into()),
        };
        Some(Entry { line: Some(line.number), document })
    })
}

fn document(line: &str, default_id: String, settings: Settings) -> Result<Document, Refusal> {
    match serde_json::from_str(line)? {
        Value::Object(fields) => Fields { fields, default_id, settings }.into_document(),
        other => Err(Refusal::NoObject(fields::kind(&other))),
    }
}
