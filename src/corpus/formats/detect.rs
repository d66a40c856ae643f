//! Which form a file has.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::{json, Format};
use crate::corpus::source::{open, BOM, STDIN};
use crate::corpus::Reject;

/// How much of a file is looked at for a first line, in bytes.
const HEAD: u64 = 1 << 16;

/// The form of a file, by its suffix or by what it begins with; `Ok(None)` when it is none of those known. Of standard
/// input it must be told.
pub fn detect(path: &Path) -> Result<Option<Format>, Reject> {
    if path == Path::new(STDIN) {
        return Err(Reject::new(path, None, "standard input can be read only once; name its form with --from"));
    }
    match path.extension().map(|suffix| suffix.to_string_lossy().to_lowercase()).as_deref() {
        Some("ann") => return Ok(Some(Format::Brat)),
        Some("conllu") => return Ok(Some(Format::Conllu)),
        _ => {}
    }
    let source = open(path).map_err(|e| Reject::new(path, None, e))?;
    let mut head = Vec::new();
    source.take(HEAD).read_to_end(&mut head).map_err(|e| Reject::new(path, None, e))?;
    // A character may be cut at the end.
    let head = String::from_utf8_lossy(&head);
    let head = head.trim_start_matches(BOM).trim_start();
    if head.starts_with(['{', '[']) {
        let first = json::elements(path)?.next();
        return match first.map(|element| (element.line, element.value)) {
            Some((_, Ok(value))) => Ok(of_object(&value)),
            Some((line, Err(reason))) => Err(Reject::new(path, Some(line), reason)),
            None => Ok(None),
        };
    }
    let Some(row) = head.lines().find(|line| !line.starts_with("# ")) else {
        return Ok(None);
    };
    let columns = row.split('\t').count();
    Ok(match (columns, row.split([' ', '\t']).filter(|field| !field.is_empty()).count()) {
        (10, _) => Some(Format::Conllu),
        (_, 2..) => Some(Format::Conll),
        _ => None,
    })
}

/// The form of an object, by the fields that it has and no other form.
fn of_object(value: &Value) -> Option<Format> {
    let is = |name: &str, test: fn(&Value) -> bool| value.get(name).is_some_and(test);
    let all_lists = |name: &str| json::list(value, name).iter().all(Value::is_array);
    let with_offsets = |name: &str, field: &str| json::list(value, name).iter().all(|e| e.get(field).is_some());
    if is("data", Value::is_object) && (is("annotations", Value::is_array) || is("predictions", Value::is_array)) {
        return Some(Format::LabelStudio);
    }
    if !is("text", Value::is_string) {
        return None;
    }
    if is("source", Value::is_array) && is("event", Value::is_string) {
        Some(Format::Plover)
    } else if is("mentions", Value::is_array) {
        Some(Format::Annotations)
    } else if is("src", Value::is_array) && is("tgt", Value::is_array) {
        Some(Format::Pairs)
    } else if is("entities", Value::is_object) {
        Some(Format::Corpus)
    } else if is("spans", Value::is_array) {
        Some(Format::Prodigy)
    } else if is("ents", Value::is_array) {
        Some(if is("tokens", Value::is_array) { Format::Spacy } else { Format::Displacy })
    } else {
        let spans = ["label", "labels"].iter().any(|name| is(name, Value::is_array) && all_lists(name));
        let entities = is("entities", Value::is_array) && with_offsets("entities", "start_offset");
        (spans || entities).then_some(Format::Doccano)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_apart() {
        let check = |text: &str, expected: Option<Format>| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            assert_eq!(detect(file.path()).unwrap(), expected, "{text}");
        };
        check("\n-DOCSTART- -X- -X- O\n\n", Some(Format::Conll));
        check("Moscow B-LOC\n", Some(Format::Conll));
        check("# newdoc\n# sent_id = 1\n1\tOslo\t_\t_\t_\t_\t_\t_\t_\tner=B-LOC\n", Some(Format::Conllu));
        check("Moscow\n", None);
        check(r#"{"text":"Moscow"}"#, None);
        check("", None);
    }
}
