//! The documents of a JSON file: a line each, or the objects of an array or of a whole file.

use std::path::Path;

use serde_json::Value;

use super::remark::Place;
use super::Found;
use crate::corpus::lines::{Line, Lines};
use crate::corpus::malformed::json_reason;
use crate::corpus::source::{open, BOM, LINE_LIMIT};
use crate::corpus::Reject;

/// An object of a file.
pub(super) struct Element {
    /// The line that it begins in.
    pub line: usize,
    /// The object, or why there is none.
    pub value: Result<Value, String>,
}

/// Reads the documents of a file one after the other, each from the object that it is.
pub(super) fn read(
    path: &Path,
    parse: fn(Value, Place) -> Result<Vec<Found>, String>,
) -> Result<impl Iterator<Item = Result<Found, Reject>> + Send, Reject> {
    let path = path.to_owned();
    Ok(elements(&path)?.flat_map(move |element| {
        let line = Some(element.line);
        let found = element.value.and_then(|value| parse(value, Place { file: &path, line }));
        match found {
            Ok(found) => found.into_iter().map(Ok).collect(),
            Err(reason) => vec![Err(Reject::new(&path, line, reason))],
        }
    }))
}

/// The objects of a file. Where the first line is a whole object, each line is one and a broken line costs only
/// itself; otherwise the file is read whole.
pub(super) fn elements(path: &Path) -> Result<Box<dyn Iterator<Item = Element> + Send>, Reject> {
    let reader = open(path).map_err(|e| Reject::new(path, None, e))?;
    let mut lines = Lines::new(reader, LINE_LIMIT);
    let Some(first) = lines.find(|line| !matches!(&line.text, Ok(text) if text.trim().is_empty())) else {
        return Ok(Box::new(std::iter::empty()));
    };
    let whole = matches!(&first.text, Ok(text) if is_whole_object(text));
    if whole || first.text.is_err() {
        return Ok(Box::new(std::iter::once(first).chain(lines).filter_map(element)));
    }
    let number = first.number;
    let mut text = String::new();
    for line in std::iter::once(first).chain(lines) {
        text.push_str(&line.text.map_err(|e| Reject::new(path, Some(line.number), e))?);
        text.push('\n');
    }
    Ok(Box::new(split(&text, number).into_iter()))
}

/// The object of a line, unless it is blank.
fn element(line: Line) -> Option<Element> {
    let value = match line.text {
        Ok(text) if text.trim().is_empty() => return None,
        Ok(text) => parse(text.trim_start_matches(BOM)),
        Err(error) => Err(error.to_string()),
    };
    Some(Element { line: line.number, value })
}

fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("no JSON: {}", json_reason(&error)))
}

/// Whether a line begins with an object and no bracket of it is left open at the end.
fn is_whole_object(line: &str) -> bool {
    let line = line.trim_start_matches(BOM).trim();
    let mut scanner = Scanner::default();
    line.starts_with('{') && line.bytes().fold(0, |_, byte| scanner.depth_after(byte)) == 0
}

/// Follows the brackets of JSON, those in strings left aside.
#[derive(Default)]
struct Scanner {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Scanner {
    fn depth_after(&mut self, byte: u8) -> usize {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            _ if self.in_string => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.depth
    }
}

/// The outermost objects of a text, be they in an array or not. A comma before a closing bracket, which JSON does not
/// allow and the gold standard records of PLOVER have, is passed over.
fn split(text: &str, first_line: usize) -> Vec<Element> {
    let mut found = Vec::new();
    let mut scanner = Scanner::default();
    let base = usize::from(text.trim_start_matches(BOM).trim_start().starts_with('['));
    let mut line = first_line;
    let (mut begun, mut object) = (first_line, Vec::new());
    for byte in text.bytes() {
        line += usize::from(byte == b'\n');
        let before = scanner.depth;
        let quoted = scanner.in_string;
        let after = scanner.depth_after(byte);
        if before == base && after == base + 1 && byte == b'{' {
            begun = line;
            object.clear();
        }
        if before > base || after > base {
            if !quoted && matches!(byte, b'}' | b']') {
                drop_last_comma(&mut object);
            }
            object.push(byte);
        }
        if before == base + 1 && after == base {
            // Cut at brackets, which are single bytes, the pieces are as sound as the whole.
            found.push(Element { line: begun, value: parse(&String::from_utf8_lossy(&object)) });
            object.clear();
        }
    }
    let no_objects = text.split_whitespace().collect::<String>() == "[]";
    if scanner.depth > 0 || (found.is_empty() && !no_objects) {
        let value = Err("no JSON: expected objects, a line each or in an array, and every bracket closed".to_owned());
        found.push(Element { line: if object.is_empty() { first_line } else { begun }, value });
    }
    found
}

fn drop_last_comma(object: &mut Vec<u8>) {
    let end = object.trim_ascii_end().len();
    if object[..end].ends_with(b",") {
        object.truncate(end - 1);
    }
}

/// The string in a field.
pub(super) fn string<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

/// The list in a field; empty when there is none.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text of a document, without which it is none.
pub(super) fn text(value: &Value) -> Result<String, String> {
    string(value, "text").map(str::to_owned).ok_or_else(|| "has no field `text` that is a string".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let found: Vec<_> = elements(file.path())
            .unwrap()
            .map(|e| (e.line, e.value.map_or_else(|error| error[..7].to_owned(), |value| value.to_string())))
            .collect();
        let found: Vec<_> = found.iter().map(|(line, value)| (*line, value.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn objects_are_found_in_lines_arrays_and_files() {
        check("", &[]);
        check("\n{\"a\":\"}\\\"\"}\n\n{\"a\":2}\n", &[(2, "{\"a\":\"}\\\"\"}"), (4, "{\"a\":2}")]);
        check("{\"a\":1}\n{\"a\":\n{\"a\":3}", &[(1, "{\"a\":1}"), (2, "no JSON"), (3, "{\"a\":3}")]);
        check("[{\"a\":1},\n {\"a\":[{}]}]", &[(1, "{\"a\":1}"), (2, "{\"a\":[{}]}")]);
        check("{\n \"a\": \",}\"\n}\n", &[(1, "{\"a\":\",}\"}")]);
        check("\u{feff}{\n \"a\": [1,],\n},\n{\n \"a\": 2,\n},\n", &[(1, "{\"a\":[1]}"), (4, "{\"a\":2}")]);
        check("[\n{\"a\":1},\n{\"a\":", &[(2, "{\"a\":1}"), (3, "no JSON")]);
        check("[\n]\n", &[]);
        check("[1]", &[(1, "no JSON")]);
    }
}
