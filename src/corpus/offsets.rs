//! Conversion between the byte offsets of the program and the character offsets of files.

use crate::text::Span;

/// Bytes between two entries of the table: a lookup reads at most so many bytes.
const STEP: usize = 64;

/// What the offsets of a file count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Unicode scalar values, as Python's strings do.
    Chars,
    /// UTF-16 code units, as JavaScript's strings do: a character beyond the first plane counts twice.
    Utf16,
}

/// Converts offsets of one text, after a single pass over it.
///
/// What is called a character here is the unit that the offsets count.
pub struct Offsets<'a> {
    text: &'a str,
    unit: Unit,
    /// Number of characters that begin before byte `STEP * i`; empty when the text is ASCII and
    /// all ways to count agree.
    before: Vec<usize>,
    chars: usize,
}

/// Offsets in a file that are no span of its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSpan {
    /// The end comes before the start.
    #[error("start {0} comes after end {1}")]
    Reversed(usize, usize),
    /// A span that has to cover something covers nothing.
    #[error("the span from {0} to {0} is empty")]
    Empty(usize),
    /// The end lies behind the end of the text.
    #[error("end {end} lies outside the text of {length} characters (offsets count Unicode scalar values)")]
    OutOfRange {
        /// The end.
        end: usize,
        /// The characters that the text has.
        length: usize,
    },
    /// An offset lies between the two halves of a character.
    #[error("offset {0} lies within a character")]
    Within(usize),
}

impl<'a> Offsets<'a> {
    /// Prepares the conversion of offsets that count the scalar values of `text`.
    pub fn new(text: &'a str) -> Self {
        Offsets::counting(Unit::Chars, text)
    }

    /// Prepares the conversion of offsets that count the units of `text`.
    pub fn counting(unit: Unit, text: &'a str) -> Self {
        if text.is_ascii() {
            return Offsets { text, unit, before: Vec::new(), chars: text.len() };
        }
        let mut before = Vec::with_capacity(text.len() / STEP + 1);
        let mut chars = 0;
        for block in text.as_bytes().chunks(STEP) {
            before.push(chars);
            chars += unit.count(block);
        }
        Offsets { text, unit, before, chars }
    }

    /// Characters in the text.
    pub fn chars(&self) -> usize {
        self.chars
    }

    /// The character offset of a byte offset; one inside a character counts that character.
    pub fn to_char(&self, byte: usize) -> usize {
        if self.before.is_empty() {
            return byte;
        }
        let block = (byte / STEP).min(self.before.len() - 1);
        self.before[block] + self.unit.count(&self.text.as_bytes()[block * STEP..byte])
    }

    /// The byte offset of a character offset, if the text has so many characters and one begins there.
    pub fn to_byte(&self, char: usize) -> Option<usize> {
        if char > self.chars {
            return None;
        }
        if self.before.is_empty() {
            return Some(char);
        }
        if char == self.chars {
            return Some(self.text.len());
        }
        // The last block before which no more than `char` characters begin holds the one sought.
        let block = self.before.partition_point(|&n| n <= char) - 1;
        let mut left = char - self.before[block];
        let from = block * STEP;
        for (i, &b) in self.text.as_bytes()[from..].iter().enumerate() {
            if left == 0 && is_start(b) {
                return Some(from + i);
            }
            left = left.checked_sub(self.unit.of(b))?;
        }
        Some(self.text.len())
    }

    /// The characters that `span` covers, as a half-open range.
    pub fn char_range(&self, span: Span) -> [usize; 2] {
        [self.to_char(span.start), self.to_char(span.end)]
    }

    /// The span of the characters from `start` to `end`, which has to lie in the text and to cover something.
    pub fn to_span(&self, start: usize, end: usize) -> Result<Span, BadSpan> {
        if end < start {
            return Err(BadSpan::Reversed(start, end));
        }
        if end > self.chars {
            return Err(BadSpan::OutOfRange { end, length: self.chars });
        }
        let last = self.to_byte(end).ok_or(BadSpan::Within(end))?;
        let first = self.to_byte(start).ok_or(BadSpan::Within(start))?;
        if first == last {
            return Err(BadSpan::Empty(start));
        }
        Ok(Span::new(first, last))
    }
}

/// Whether a character begins with this byte.
fn is_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

impl Unit {
    /// How many units begin with this byte.
    fn of(self, byte: u8) -> usize {
        match self {
            Unit::Utf16 if byte >= 0xF0 => 2,
            _ => usize::from(is_start(byte)),
        }
    }

    fn count(self, bytes: &[u8]) -> usize {
        bytes.iter().map(|&b| self.of(b)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let offsets = Offsets::new(text);
        let mut count = 0;
        for (byte, _) in text.char_indices() {
            assert_eq!(offsets.to_char(byte), count, "{text:?}");
            assert_eq!(offsets.to_byte(count), Some(byte), "{text:?}");
            count += 1;
        }
        assert_eq!((offsets.chars(), offsets.to_char(text.len())), (count, count));
        assert_eq!((offsets.to_byte(count), offsets.to_byte(count + 1)), (Some(text.len()), None));
    }

    #[test]
    fn both_ways_agree_with_counting() {
        for unit in ["a", "é", "e\u{301}", "中", "👩‍👩‍👧", "aé中👍", "שלום ", "\u{feff}"] {
            for n in [0, 1, 2, 15, 16, 17, 63, 64, 65, 200] {
                check(&unit.repeat(n));
                check(&("x".repeat(n) + unit));
            }
        }
    }

    #[test]
    fn utf16_counts_pairs_twice() {
        for text in ["aé中👍b", &"👩‍👩‍👧é".repeat(40)] {
            let offsets = Offsets::counting(Unit::Utf16, text);
            let mut count = 0;
            for (byte, c) in text.char_indices() {
                assert_eq!((offsets.to_char(byte), offsets.to_byte(count)), (count, Some(byte)));
                if c.len_utf16() == 2 {
                    assert_eq!(offsets.to_byte(count + 1), None);
                }
                count += c.len_utf16();
            }
            assert_eq!(offsets.chars(), count);
        }
        let offsets = Offsets::counting(Unit::Utf16, "👍b");
        assert_eq!(offsets.to_span(1, 3), Err(BadSpan::Within(1)));
        assert_eq!(offsets.to_span(2, 3), Ok(Span::new(4, 5)));
    }

    #[test]
    fn bad_spans_are_named() {
        let offsets = Offsets::new("Erdoğan");
        assert_eq!(offsets.to_span(0, 7).map(|s| s.end), Ok(8));
        assert_eq!(offsets.to_span(3, 2), Err(BadSpan::Reversed(3, 2)));
        assert_eq!(offsets.to_span(3, 3), Err(BadSpan::Empty(3)));
        assert_eq!(offsets.to_span(3, 8), Err(BadSpan::OutOfRange { end: 8, length: 7 }));
        assert_eq!(offsets.to_span(usize::MAX, usize::MAX), Err(BadSpan::OutOfRange { end: usize::MAX, length: 7 }));
    }
}
