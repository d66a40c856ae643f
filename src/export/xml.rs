//! What the graph formats share: XML 1.0, in which whatever a text says is data.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::events::{BytesDecl, Event};
use quick_xml::Writer;

/// A writer that has written the XML declaration.
pub(super) fn begin<W: Write>(out: W) -> io::Result<Writer<W>> {
    let mut xml = Writer::new_with_indent(out, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    Ok(xml)
}

/// Ends the file with a line end.
pub(super) fn end<W: Write>(xml: Writer<W>) -> io::Result<()> {
    xml.into_inner().write_all(b"\n")
}

/// The text with U+FFFD for each character that XML 1.0 has no way to write, escaped or not. The others are
/// escaped by the writer where they must be.
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    let illegal =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    match text.contains(illegal) {
        true => Cow::Owned(text.replace(illegal, "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::legal;

    #[test]
    fn i8_characters_that_xml_forbids_are_replaced() {
        assert_eq!(legal("a\0b\u{1b}c\u{b}d\u{ffff}e\u{fffe}"), "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}");
        let legal_text = "\t\r\n <&>\"' \u{7f}\u{85}\u{202e}\u{d7ff}\u{e000}\u{10ffff}";
        assert_eq!(legal(legal_text), legal_text);
    }
}
