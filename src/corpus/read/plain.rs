//! Plain text: one document a file.

use super::{whole, Entry, Refusal, Settings};
use crate::corpus::source::Source;
use crate::document::{Document, Metadata};

/// Longest title, in characters: a longer line is a paragraph.
const LONGEST_TITLE: usize = 300;

/// The document of a text file; the text is the whole file, its title included, so that offsets are
/// those of the file.
pub(super) fn entry(name: String, source: Source, settings: Settings) -> Entry {
    let document = whole(source, settings).and_then(|text| {
        if text.trim().is_empty() {
            return Err(Refusal::Empty);
        }
        let meta = Metadata { id: name, title: title(&text), ..Metadata::default() };
        Ok(Document { meta, text, given: None })
    });
    Entry { line: None, document }
}

/// The first line, if it is in capitals or has no full stop at its end, and a blank line follows.
fn title(text: &str) -> Option<String> {
    let text = text.trim_start();
    let (line, rest) = text.split_at(text.find(['\n', '\r'])?);
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..))?;
    let next = rest.split(['\n', '\r']).next().unwrap_or_default();
    let line = line.trim();
    let capitals = line.chars().any(char::is_uppercase) && !line.chars().any(char::is_lowercase);
    let stop = line.trim_end_matches(['"', '”', '\'', '’', ')']).ends_with(['.', '。', '।', '۔']);
    let short = line.chars().nth(LONGEST_TITLE).is_none();
    (next.trim().is_empty() && short && (capitals || !stop)).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn the_first_line_may_be_a_title() {
        for (text, expected) in [
            ("Moscow weighs move\n\nIt is so.", Some("Moscow weighs move")),
            ("\r\nWill Kabul wait?\r\n \r\nIt is so.", Some("Will Kabul wait?")),
            ("TALKS IN DOHA.\r\rIt is so.", Some("TALKS IN DOHA.")),
            ("Moscow weighs it.\n\nIt is so.", None),
            ("He said “no.”\n\nIt is so.", None),
            ("Moscow weighs move\nIt is so.", None),
            ("Moscow weighs move", None),
            ("Moscow weighs move\n", Some("Moscow weighs move")),
            ("", None),
        ] {
            assert_eq!(title(text).as_deref(), expected, "{text:?}");
        }
    }
}
