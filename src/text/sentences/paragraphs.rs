//! Paragraphs: what a line break means.
//!
//! A blank line always separates. A single line end separates too, unless the text was wrapped by
//! hand or by a mail program at some width and the sentence just goes on in the next line.

use crate::text::Span;

/// Widths at which texts are wrapped, in characters.
const NARROWEST: usize = 40;
const WIDEST: usize = 120;

/// The parts of `text` that no sentence crosses, without surrounding white space.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = Span> + '_ {
    let wrapping = Wrapping::of(text);
    let mut lines = lines(text).peekable();
    std::iter::from_fn(move || {
        let first = lines.next()?;
        let (mut last, mut end) = (first, first.span.end);
        while let Some(next) = lines.next_if(|next| wrapping.as_ref().is_some_and(|w| w.goes_on(text, last, *next))) {
            (last, end) = (next, next.span.end);
        }
        Some(Span::new(first.span.start, end))
    })
}

/// A line that has more than white space.
#[derive(Clone, Copy)]
struct Line {
    /// The line without surrounding white space.
    span: Span,
    /// Whether it is indented, as the first line of a paragraph often is.
    indented: bool,
    /// Whether it comes right after another one, with no blank line or page break between.
    adjacent: bool,
}

/// Line ends: also the form feed and Unicode's separators, which end a paragraph.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn lines(text: &str) -> impl Iterator<Item = Line> + '_ {
    let (mut at, mut adjacent) = (0, false);
    std::iter::from_fn(move || {
        while at < text.len() {
            let rest = &text[at..];
            let length = rest.find(is_line_end).unwrap_or(rest.len());
            let (line, end) = (&rest[..length], line_end(&rest[length..]));
            let inner = line.trim();
            let start = at + (line.len() - line.trim_start().len());
            let after = std::mem::replace(&mut adjacent, !inner.is_empty() && !matches!(end, "\u{c}" | "\u{2029}"));
            at += length + end.len();
            if !inner.is_empty() {
                let span = Span::new(start, start + inner.len());
                return Some(Line { span, indented: line.starts_with(['\t', ' ', '\u{3000}']), adjacent: after });
            }
        }
        None
    })
}

/// The line end that `rest` begins with.
fn line_end(rest: &str) -> &str {
    let length = if rest.starts_with("\r\n") { 2 } else { rest.chars().next().map_or(0, char::len_utf8) };
    &rest[..length]
}

/// The width at which a text is wrapped.
struct Wrapping {
    width: usize,
}

impl Wrapping {
    /// Looks for the signs of wrapping; `None` when each line stands for itself.
    ///
    /// In wrapped text most line ends come where the next word would not have fitted, many fall into
    /// the middle of a sentence, and hardly any line is longer than the width.
    fn of(text: &str) -> Option<Wrapping> {
        let mut lengths = [0_usize; WIDEST + 2];
        let mut needed = [0_usize; WIDEST + 2];
        let (mut breaks, mut within, mut all, mut long) = (0_usize, 0, 0, 0);
        let mut last: Option<Line> = None;
        for line in lines(text) {
            if let Some(last) = last.filter(|_| line.adjacent) {
                breaks += 1;
                lengths[length(text, last.span)] += 1;
                needed[with_next_word(text, last, line)] += 1;
                within += usize::from(within_sentence(text, last, line));
            }
            all += line.span.len();
            if length(text, line.span) > WIDEST {
                long += line.span.len();
            }
            last = Some(line);
        }
        let width = percentile(&lengths, breaks - breaks / 10)?;
        let overflowing: usize = needed[width + 1..].iter().sum();
        let wrapped = (NARROWEST..=WIDEST).contains(&width)
            && within * 10 >= breaks * 4
            && overflowing * 10 >= breaks * 6
            && long * 10 < all * 3;
        wrapped.then_some(Wrapping { width })
    }

    /// Whether the sentence of `last` may go on in `next`.
    fn goes_on(&self, text: &str, last: Line, next: Line) -> bool {
        let (this, following) = (last.span.of(text), next.span.of(text));
        let indent = next.indented && !last.indented && !is_item(this);
        let headline = is_capitals(this) && !is_capitals(following);
        let starts_anew = indent || headline || is_item(following);
        next.adjacent
            && !starts_anew
            && (with_next_word(text, last, next) > self.width || within_sentence(text, last, next))
    }
}

/// The least index up to which the counts add up to `rank`.
fn percentile(counts: &[usize], rank: usize) -> Option<usize> {
    let mut sum = 0;
    counts.iter().position(|n| {
        sum += n;
        sum >= rank.max(1)
    })
}

/// Characters of a line, no more than one above [`WIDEST`].
fn length(text: &str, line: Span) -> usize {
    line.of(text).chars().take(WIDEST + 1).count()
}

/// How long the line would be with the first word of the next one behind it.
fn with_next_word(text: &str, last: Line, next: Line) -> usize {
    let word = next.span.of(text).chars().take(WIDEST).take_while(|c| !c.is_whitespace()).count();
    (length(text, last.span) + 1 + word).min(WIDEST + 1)
}

/// Whether the break falls into a sentence for sure: no end mark before it, a small letter after it.
fn within_sentence(text: &str, last: Line, next: Line) -> bool {
    !last.span.of(text).ends_with(['.', '!', '?', '…', ':', ';', '"', '”'])
        && next.span.of(text).starts_with(char::is_lowercase)
}

fn is_item(line: &str) -> bool {
    line.starts_with(['•', '▪', '●', '■', '*']) || line.starts_with("- ") || line.starts_with("– ")
}

/// Whether the line is in capitals, as headlines are.
fn is_capitals(line: &str) -> bool {
    line.chars().any(char::is_uppercase) && !line.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = paragraphs(text).map(|p| p.of(text)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_of_unwrapped_text_stand_for_themselves() {
        check("", &[]);
        check(" \r\n\t\n", &[]);
        check(
            "Head\nfirst\r\nsecond\rthird\u{2028}fourth\u{c}fifth",
            &["Head", "first", "second", "third", "fourth", "fifth"],
        );
        check("one\n\n\n  two  \n", &["one", "two"]);
    }

    const WRAPPED: &str = "\
MOSCOW WEIGHS DELISTING OF THE TALIBAN AS ENVOYS MEET IN THE CAPITAL
Russia's foreign ministry said on Monday that it was weighing whether to
take the Taliban off its list of terrorist organisations, a step that
officials in Kabul had long called for. Talks would go on, it said, and
Moscow would take its time.
Kazakhstan has already done so, and envoys of both sides met last week in
Astana to talk about trade.

- The first item of a list, which is longer than a line of this text and
  goes on";

    #[test]
    fn wrapped_text_goes_on_over_line_ends() {
        for end in ["\n", "\r\n", "\r"] {
            let text = WRAPPED.replace('\n', end);
            let starts: Vec<_> = paragraphs(&text).map(|p| p.of(&text).split(' ').next().unwrap()).collect();
            assert_eq!(starts, ["MOSCOW", "Russia's", "Kazakhstan", "-"]);
        }
    }

    #[test]
    fn lists_and_verses_are_not_taken_for_wrapped_text() {
        let names = "Foreign Minister of the Republic of Kazakhstan\nDeputy Prime Minister of the Kyrgyz Republic\nMinister of Trade of Uzbekistan";
        assert_eq!(paragraphs(names).count(), 3);
        assert_eq!(paragraphs(&"word\n".repeat(1000)).count(), 1000);
    }
}
