//! Tokens, for the forms that need them.

use crate::text::Span;

/// Marks that stand before a word.
const BEFORE: &[char] = &['"', '\'', '“', '‘', '„', '«', '(', '[', '{', '<', '$', '€', '£', '#'];

/// Marks that stand behind a word.
const BEHIND: &[char] = &['"', '\'', '”', '’', '»', ')', ']', '}', '>', '.', ',', ':', ';', '!', '?', '…', '%'];

/// The tokens of a text: those given or, without them, words and marks; none has white space in it, and none crosses a
/// border.
pub(super) fn tokens(text: &str, given: &[Span], borders: impl IntoIterator<Item = usize>) -> Vec<Span> {
    let mut borders: Vec<usize> = borders.into_iter().collect();
    borders.sort_unstable();
    borders.dedup();
    let mut out = Vec::new();
    let mut done = 0;
    for token in given.iter().filter(|token| !token.is_empty()) {
        // Tokens may leave text out, and none may come twice.
        if token.start >= done {
            between(text, Span::new(done, token.start), &borders, &mut out);
            pieces(token.of(text), token.start, |piece| cut(piece, &borders, &mut |part| out.push(part)));
            done = token.end;
        }
    }
    between(text, Span::new(done, text.len()), &borders, &mut out);
    out
}

/// The words and marks of a part of the text.
fn between(text: &str, part: Span, borders: &[usize], out: &mut Vec<Span>) {
    pieces(part.of(text), part.start, |piece| cut(piece, borders, &mut |part| marks_apart(text, part, out)));
}

/// The pieces of a text between white space.
fn pieces(text: &str, offset: usize, mut take: impl FnMut(Span)) {
    for piece in text.split_whitespace() {
        // A piece is a part of the text, so that its address tells where it stands.
        let start = offset + (piece.as_ptr() as usize - text.as_ptr() as usize);
        take(Span::new(start, start + piece.len()));
    }
}

/// Cuts a piece at the borders in it.
fn cut(piece: Span, borders: &[usize], take: &mut impl FnMut(Span)) {
    let mut start = piece.start;
    let from = borders.partition_point(|&border| border <= piece.start);
    for &border in borders[from..].iter().take_while(|&&border| border < piece.end) {
        take(Span::new(start, border));
        start = border;
    }
    take(Span::new(start, piece.end));
}

/// Sets the marks around a word apart. The full stop of `U.S.` or of an initial is the word's.
fn marks_apart(text: &str, piece: Span, out: &mut Vec<Span>) {
    let (mut start, mut end) = (piece.start, piece.end);
    while let Some(rest) = text[start..end].strip_prefix(BEFORE).filter(|rest| !rest.is_empty()) {
        let next = end - rest.len();
        out.push(Span::new(start, next));
        start = next;
    }
    let mut behind = Vec::new();
    while let Some(word) = text[start..end].strip_suffix(BEHIND).filter(|rest| !rest.is_empty()) {
        let abbreviated = text[start..end].ends_with('.')
            && word.ends_with(char::is_alphanumeric)
            && (word.contains('.') || (word.len() == 1 && word.chars().all(char::is_uppercase)));
        if abbreviated {
            break;
        }
        behind.push(Span::new(start + word.len(), end));
        end = start + word.len();
    }
    let word = &text[start..end];
    let genitive = ["'s", "’s"].iter().find_map(|s| word.strip_suffix(s)).filter(|word| !word.is_empty());
    let split = start + genitive.unwrap_or(word).len();
    out.push(Span::new(start, split));
    if split < end {
        out.push(Span::new(split, end));
    }
    out.extend(behind.into_iter().rev());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_apart_and_borders_cut() {
        let check = |text: &str, borders: &[usize], expected: &str| {
            let found: Vec<_> = tokens(text, &[], borders.iter().copied()).iter().map(|t| t.of(text)).collect();
            assert_eq!(found.join(" "), expected);
        };
        check("“Zoë’s” (U.S.) men,\nJ. X's: 5%.", &[], "“ Zoë ’s ” ( U.S. ) men , J. X 's : 5 % .");
        check("pro-Russian \"...\" .", &[4], "pro- Russian \" . . . \" .");
        check(" \n ", &[], "");
    }

    #[test]
    fn given_tokens_are_kept_and_what_they_leave_out_is_added() {
        let text = "can not. 10 000 (x";
        let given = [Span::new(0, 3), Span::new(4, 8), Span::new(9, 15)];
        let found: Vec<_> = tokens(text, &given, [7]).iter().map(|t| t.of(text)).collect();
        assert_eq!(found, ["can", "not", ".", "10", "000", "(", "x"]);
    }
}
