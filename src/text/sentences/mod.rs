//! Sentences.
//!
//! A rule-based splitter for news as it is found: edited text, wire copy, wrapped mail, scraped pages
//! and machine translation. It agrees with the splitter of the annotated corpus on clean text and
//! looks more closely at abbreviations, at full stops without a blank behind them, at scripts other
//! than Latin and at line ends. Time is linear in the text.

mod abbreviations;
mod paragraphs;

use super::span::{head, tail, Span};

/// How far a word or token is looked at, in bytes: text without blanks must not cost quadratic time.
const REACH: usize = 256;

/// The longest sentence, in bytes: far longer than any that is written. What follows works sentence by sentence and
/// shows whole sentences as proof, so none may be as long as a document.
const LONGEST: usize = 2048;

/// Top-level domains and the like that follow a full stop without a blank.
const NO_WORDS: &[&str] = &["com", "org", "net", "edu", "gov", "info", "html", "php", "pdf"];

/// The words of two letters that may begin a sentence after a missing blank; any other is a domain.
const SHORT_WORDS: &[&str] = &[
    "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my", "no", "of", "on", "or",
    "so", "to", "up", "us", "we",
];

/// The sentences of `text` in order, without surrounding white space.
///
/// Every character that is no white space lies in exactly one of them. Text without an end mark is
/// one sentence a paragraph, and what is longer than any sentence comes in parts, cut at white space where there is
/// some.
pub fn sentences(text: &str) -> Vec<Span> {
    let mut out = Vec::new();
    for paragraph in paragraphs::paragraphs(text) {
        Splitter { text, paragraph, start: paragraph.start, quotes: 0, counted: paragraph.start }.split(&mut out);
    }
    if out.iter().any(|s| s.len() > LONGEST) {
        out = out.into_iter().flat_map(|s| parts(text, s)).collect();
    }
    out
}

/// A sentence in parts of at most [`LONGEST`] bytes.
fn parts(text: &str, sentence: Span) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut at = sentence.start;
    while sentence.end - at > LONGEST {
        let limit = at + head(&text[at..], LONGEST).len();
        let cut = text[at..limit].rfind(char::is_whitespace).filter(|&n| n > 0).map_or(limit, |n| at + n);
        parts.extend(trimmed(text, at, cut));
        at = cut;
    }
    parts.extend(trimmed(text, at, sentence.end));
    parts
}

struct Splitter<'a> {
    text: &'a str,
    paragraph: Span,
    /// Where the current sentence begins.
    start: usize,
    /// Straight double quotes in the paragraph before `counted`.
    quotes: usize,
    counted: usize,
}

impl Splitter<'_> {
    fn split(mut self, out: &mut Vec<Span>) {
        let mut at = self.start;
        while let Some(found) = self.text[at..self.paragraph.end].find(is_mark) {
            let mark = at + found;
            at = mark + run(self.after(mark), |c| is_mark(c) || is_ignorable(c));
            if let Some(end) = self.boundary(mark, at) {
                out.extend(trimmed(self.text, self.start, end));
                self.start = end;
                at = end;
            }
        }
        out.extend(trimmed(self.text, self.start, self.paragraph.end));
    }

    /// The rest of the paragraph from `at` on.
    fn after(&self, at: usize) -> &str {
        &self.text[at..self.paragraph.end]
    }

    /// Where the sentence ends, if it ends with the marks from `mark` to `stop`.
    fn boundary(&mut self, mark: usize, stop: usize) -> Option<usize> {
        let marks = &self.text[mark..stop];
        let closed = stop + run(self.after(stop), |c| is_closer(c) || is_ignorable(c));
        if marks.contains(is_wide_mark) {
            return Some(closed);
        }
        let blanks = run(self.after(closed), is_blank);
        if blanks == 0 {
            return self.glued(mark, stop, closed);
        }
        let opened =
            closed + blanks + run(self.after(closed + blanks), |c| is_opener(c) || is_blank(c) || is_ignorable(c));
        let next = head(self.after(opened), REACH);
        let first = next.chars().next()?;
        let abbreviated = || {
            let before = &self.text[self.start..mark];
            marks.starts_with('.') && closed == stop && (abbreviations::goes_on(before, next) || is_item_number(before))
        };
        (begins_sentence(first, next) && !abbreviated()).then_some(closed)
    }

    /// The same where no blank follows: `problems.The` ends, `example.com`, `3.5` and `U.S.-backed` do not.
    fn glued(&mut self, mark: usize, stop: usize, closed: usize) -> Option<usize> {
        let closers = &self.text[stop..closed];
        let next = self.after(closed).trim_start_matches(['“', '‘', '«', '¿', '¡']);
        let next = head(next, REACH);
        let quote = match closers {
            "" => false,
            "\"" => true,
            _ if closers.ends_with('\'') || closers.contains('"') => return None,
            _ => false,
        };
        let before = tail(&self.text[self.start..mark], REACH);
        if !(ends_word(before) && begins_word(next)) || is_address(before, next) {
            return None;
        }
        // A straight quote between the two closes what an odd number of quotes has opened.
        Some(if quote && self.quotes_before(stop).is_multiple_of(2) { stop } else { closed })
    }

    /// Straight double quotes from the beginning of the paragraph to `at`, counted once only.
    fn quotes_before(&mut self, at: usize) -> usize {
        self.quotes += self.text[self.counted..at].bytes().filter(|&b| b == b'"').count();
        self.counted = at;
        self.quotes
    }
}

/// Marks that end a sentence in some script.
fn is_mark(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '‼' | '⁇' | '⁈' | '⁉') || is_wide_mark(c)
}

/// Marks of scripts that write no blank after them, or that mean nothing but an end.
fn is_wide_mark(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '।' | '॥' | '؟' | '۔' | '։' | '።' | '፧' | '။' | '។')
}

fn is_closer(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | ')' | ']' | '»' | '›' | '」' | '』' | '）' | '】' | '》' | '〉' | '＂' | '｣')
}

/// What may stand before the first word of a sentence: quotes, brackets, bullets, emoji and other signs.
fn is_opener(c: char) -> bool {
    match c {
        '"' | '\'' | '(' | '[' | '*' | '$' => true,
        // A dash ties what follows to what was said, as in a dateline.
        '\u{2010}'..='\u{2015}' => false,
        _ => !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace() && !is_mark(c),
    }
}

/// White space, and the space of no width that some scripts and web pages have.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{200b}'
}

/// Characters without a shape: soft hyphens, joiners, directions, the byte-order mark.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a sentence may begin with the word that `next` begins with.
fn begins_sentence(first: char, next: &str) -> bool {
    if first.is_lowercase() {
        // `al-Shabaab` and `iPhone` begin sentences as they are.
        return next
            .chars()
            .take_while(|&c| c.is_alphanumeric() || c == '-' || c == '’' || c == '\'')
            .any(char::is_uppercase);
    }
    first.is_alphanumeric()
}

/// Whether the sentence so far is the number of a list's item: `2. Russia will`.
fn is_item_number(sentence: &str) -> bool {
    let number = sentence.trim_start();
    (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
}

/// Whether `before` ends in a word or number that is no part of an abbreviation.
fn ends_word(before: &str) -> bool {
    let before = before.trim_end_matches(|c| is_closer(c) || is_ignorable(c));
    let word = &before[before
        .rfind(|c: char| !c.is_alphanumeric())
        .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8))..];
    let dotted = before[..before.len() - word.len()].ends_with('.');
    let long = word.chars().nth(1).is_some();
    let last = word.chars().next_back();
    long && !dotted
        && last.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit() || word.chars().all(char::is_uppercase))
}

/// Whether `next` begins with a capitalised word, or with `I` or `A`.
fn begins_word(next: &str) -> bool {
    let mut chars = next.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    match second {
        Some(c) if first.is_uppercase() && c.is_lowercase() => true,
        Some(' ' | '\'' | '’') => first == 'I' || (first == 'A' && second == Some(' ')),
        _ => false,
    }
}

/// Whether the full stop between the two stands in the address of a page, a person or a machine.
fn is_address(before: &str, next: &str) -> bool {
    let token = before.rsplit(char::is_whitespace).next().unwrap_or(before);
    let rest = next.split(char::is_whitespace).next().unwrap_or(next);
    let word = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(rest).to_lowercase();
    let domain = NO_WORDS.contains(&word.as_str()) || (word.len() == 2 && !SHORT_WORDS.contains(&word.as_str()));
    domain || token.contains("://") || token.starts_with("www.") || token.contains('@') || rest.contains('@')
}

/// Bytes at the beginning of `text` that satisfy `is`.
fn run(text: &str, is: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

fn trimmed(text: &str, start: usize, end: usize) -> Option<Span> {
    let inner = text[start..end].trim_start();
    let start = end - inner.len();
    (!inner.is_empty()).then(|| Span::new(start, start + inner.trim_end().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `marked` is the text with a bar wherever a sentence ends and another begins.
    fn check(marked: &str) {
        let text = marked.replace('|', "");
        let found: Vec<_> = sentences(&text).iter().map(|s| s.of(&text)).collect();
        let expected: Vec<_> = marked.split('|').map(str::trim).filter(|s| !s.is_empty()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn nothing_has_no_sentence() {
        for text in ["", " ", "\n\r\n\r", "\u{a0}\u{2028}"] {
            check(text);
        }
    }

    #[test]
    fn no_sentence_is_longer_than_the_longest() {
        for word in ["word ", "é", "世", "🎉\u{a0}"] {
            let text = word.repeat(5 * LONGEST / word.len());
            let found = sentences(&text);
            assert!((5..9).contains(&found.len()), "{} parts of {word:?}", found.len());
            assert!(found.iter().all(|s| s.len() <= LONGEST));
            let kept: usize = found.iter().map(|s| s.of(&text).chars().filter(|c| !c.is_whitespace()).count()).sum();
            assert_eq!(kept, text.chars().filter(|c| !c.is_whitespace()).count());
            assert!(found.iter().all(|s| word != "word " || s.of(&text).split(' ').all(|w| w == "word")));
        }
    }

    #[test]
    fn sentences_end_at_their_marks() {
        check("Moscow is weighing it.| Kabul waits!| Will it come?| Nobody knows… | 5 states wait.");
        check("no mark at all");
        check("He asked “Why?” and left.| “Because,” she said.| \"They will not!\"| (Nor will we.)| [Applause.]| Then");
        check("He “left.”| 'Then' it was over.| Was it?!| It was...| The end");
        check("We waited ... and waited.| iPhone sales fell.| al-Shabaab claimed it. then nothing");
        check("It costs more.| $5 million was paid.| €3 was not.| 🎉 Great.");
        check("Yes .| He met Mr. Lavrov .| \" Then he left . \"");
    }

    #[test]
    fn abbreviations_and_initials_do_not_end_sentences() {
        check("The U.S. Senate met Gen. David H. Petraeus, Lt. Col. J. R. Smith and Mr. X.| It was over.");
        check("He lives in the U.S.| The house is in Washington, D.C.| He is at home.");
        check("Resolution No. 5 was passed on Sept. 11 by 5 votes vs. 3, e.g. Russia's.| No.| We abstained.");
        check("They met at 5 p.m. Moscow time.| At 9 a.m.| Putin left.| At 7 p.m. GMT it ended.");
        check("Apple Inc. said so.| He bought Apple Inc.| The price fell.| St. Petersburg and Ft. Bragg.");
        check("1. Russia recognises Kabul.| 2. China will follow.");
        check("MR. PUTIN MET GEN. DOSTUM.| TALKS GO ON.");
        check("U.S.-backed forces paid 3.5 million for Yahoo! shares.| W. said so.");
    }

    #[test]
    fn missing_blanks_do_not_join_sentences() {
        check("These are problems.|The policy failed.|I'm sorry.|A pity?|No!|We go on.");
        check("He said it in 2019.|Then NATO.|The rest (of it).|Putin left.”|He lied");
        check("He \"left.\"|She came.|\"It is over.\"|They went.|\"It");
        check("See example.com, Example.Com, Mail.Ru, www.site.Info.Page, http://a.de/Some.Thing or a@Host.Domain now");
        check("Ph.D. students of U.S.The and e.V. in v2.1 of 3.5.| End");
    }

    #[test]
    fn other_scripts_end_their_sentences_too() {
        check("俄罗斯正在考虑。|塔利班欢迎“此举。”|真的吗？|是！");
        check("روسيا تدرس الأمر.| هل توافق كابول؟| نعم.| انتهى");
        check("पहला वाक्य।| दूसरा वाक्य॥| तीसरा");
        check("Россия думает.| Кабул ждёт.| Ждёт ли?| Çavuşoğlu said so.| Élysée denied.");
        check("یہ پہلا ہے۔| دوسرا");
    }

    #[test]
    fn invisible_characters_change_nothing() {
        check("It is over.|\u{200b}The end.\u{a0}| No\u{ad}body came.\u{feff}| \u{200e}Then");
        check("👩‍👩‍👧 met 👍🏽.| E\u{301}lysée denied.");
    }

    #[test]
    fn line_ends_separate_paragraphs_and_headlines() {
        for end in ["\n", "\r\n", "\r", "\n\n", "\r\n \r\n"] {
            check(
                &"RUSSIA WEIGHS MOVE|;KABUL (Reuters) - The Taliban said so.|;MOSCOW, May 28 — It is so."
                    .replace(';', end),
            );
        }
    }

    #[test]
    fn every_visible_character_lies_in_one_sentence() {
        let alphabet = [
            "a",
            "B",
            "The ",
            "Gen",
            "U",
            ".",
            ". ",
            "! ",
            "?",
            "…",
            "\"",
            "”",
            "(",
            ")",
            " ",
            "\n",
            "\r",
            "\r\n",
            "\n\n",
            "5",
            "。",
            "؟ ",
            "é",
            "e\u{301}",
            "中",
            "👩‍👧",
            "\u{200b}",
            "\u{a0}",
            "\u{ad}",
            "com",
            "@",
            "-",
            "شبكة",
        ];
        let mut state = 1_u64;
        for _ in 0..1000 {
            let mut text = String::new();
            for _ in 0..40 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text += alphabet[(state >> 33) as usize % alphabet.len()];
            }
            let (mut last, mut covered) = (0, 0);
            for s in sentences(&text) {
                assert!(last <= s.start && s.start < s.end, "{text:?}");
                assert!(text[last..s.start].trim().is_empty(), "{text:?}");
                assert_eq!(s.of(&text).trim(), s.of(&text), "{text:?}");
                (last, covered) = (s.end, covered + s.len());
            }
            assert!(text[last..].trim().is_empty() && covered <= text.len(), "{text:?}");
        }
    }

    #[test]
    fn a_text_without_an_end_is_read_in_linear_time() {
        for unit in ["word ", "x", ".", ". ", "a.B", "a.\"B", "(\"", "M. ", "A\n", ".\n", "\n", "e.g. \"“", "@.Com"] {
            let text = unit.repeat(60_000 / unit.len());
            let found = sentences(&text);
            assert!(found.iter().map(|s| s.len()).sum::<usize>() <= text.len());
        }
    }
}
