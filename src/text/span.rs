//! Positions in text.

use std::fmt;
use std::ops::Range;

/// A half-open range of UTF-8 byte offsets in a document's text.
///
/// Both ends lie on character boundaries. Files count Unicode scalar values instead; the conversion
/// happens at the edge, in [`crate::corpus`], and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`; an end before the start gives an empty span at `start`.
    pub const fn new(start: usize, end: usize) -> Self {
        Span { start, end: if end < start { start } else { end } }
    }

    /// Length in bytes.
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds nothing.
    pub const fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// Whether `other` lies wholly inside.
    pub const fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share at least one byte.
    pub const fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The bytes from here to `other`, or 0 when they touch or overlap.
    pub const fn distance(self, other: Span) -> usize {
        if self.end <= other.start {
            other.start - self.end
        } else {
            self.start.saturating_sub(other.end)
        }
    }

    /// The text that the span covers.
    ///
    /// # Panics
    /// When the span is not one of `text`.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    /// The span as a range.
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// The first `most` bytes of `text`, or a little less.
pub(crate) fn head(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

/// The last `most` bytes of `text`, or a little less.
pub(crate) fn tail(text: &str, most: usize) -> &str {
    let start = (text.len().saturating_sub(most)..=text.len()).find(|&at| text.is_char_boundary(at));
    &text[start.unwrap_or(text.len())..]
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn distance_is_symmetric_and_zero_on_overlap() {
        let (a, b) = (Span::new(0, 3), Span::new(7, 9));
        assert_eq!((a.distance(b), b.distance(a)), (4, 4));
        assert_eq!(a.distance(Span::new(2, 5)), 0);
        assert!(!a.overlaps(Span::new(3, 4)));
    }
}
