//! Documents from fields with names, whether of a JSON object or of a table's row.

use serde_json::{Map, Value};

use super::{given, Refusal, Settings};
use crate::corpus::standoff::RESERVED;
use crate::document::{Date, Document, Metadata};

const TEXT: [&str; 4] = ["text", "event_text", "body", "content"];
const DATE: [&str; 3] = ["date", "pub_date", "published"];
const TITLE: [&str; 2] = ["title", "headline"];
const SOURCE: [&str; 2] = ["source", "publisher"];

/// Where a date that cannot be read is kept.
const UNPARSED_DATE: &str = "unparsed_date";

/// The names that a field with the text may have.
pub(super) fn is_text(name: &str) -> bool {
    TEXT.contains(&name)
}

/// The fields of a document.
pub(super) struct Fields {
    pub fields: Map<String, Value>,
    /// Its id, if no field gives one.
    pub default_id: String,
    pub settings: Settings,
}

impl Fields {
    /// Reads the known fields; all others are passed through, unless they bear a name that the
    /// output needs for itself.
    pub fn into_document(self) -> Result<Document, Refusal> {
        let Fields { mut fields, default_id, settings } = self;
        let text = match take(&mut fields, &TEXT) {
            Some((_, Value::String(text))) if text.trim().is_empty() => return Err(Refusal::Empty),
            Some((_, Value::String(text))) => text,
            Some((name, other)) => return Err(Refusal::NoString(name, kind(&other))),
            None => return Err(Refusal::NoText),
        };
        let id = match take(&mut fields, &["id"]) {
            Some((_, Value::String(id))) if !id.is_empty() => id,
            Some((_, Value::Number(id))) => id.to_string(),
            None | Some((_, Value::String(_))) => default_id,
            Some((name, other)) => return Err(Refusal::NoString(name, kind(&other))),
        };
        let given = if settings.given { given::parse(&fields, &text)? } else { None };
        let mut label = |names: &[&str]| take(&mut fields, names).and_then(|(_, value)| label(value));
        let (title, source, url) = (label(&TITLE), label(&SOURCE), label(&["url"]));
        let (date, unparsed) = take(&mut fields, &DATE).map_or((None, None), |(_, value)| date(value));
        let used = |name: &str| RESERVED.contains(&name) || (settings.given && name == "pairs");
        fields.retain(|name, _| !used(name));
        if let Some(value) = unparsed {
            fields.insert(UNPARSED_DATE.to_owned(), value);
        }
        Ok(Document { meta: Metadata { id, date, title, source, url, extra: fields }, text, given })
    }
}

/// Takes the first of the fields that has a value.
fn take(fields: &mut Map<String, Value>, names: &[&str]) -> Option<(String, Value)> {
    let name = names.iter().find(|&&name| fields.get(name).is_some_and(|value| !value.is_null()))?;
    fields.shift_remove_entry(*name)
}

/// A short text; what is no string is written as JSON, for it is no reason to lose a document.
fn label(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

/// The date, or the value if it is none.
fn date(value: Value) -> (Option<Date>, Option<Value>) {
    let parsed = match &value {
        Value::String(text) if text.trim().is_empty() => return (None, None),
        Value::String(text) => text.parse().ok(),
        Value::Number(year) => year.to_string().parse().ok(),
        _ => None,
    };
    match parsed {
        Some(date) => (Some(date), None),
        None => (None, Some(value)),
    }
}

/// What sort of JSON value it is, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
