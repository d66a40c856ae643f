//! Where a name proper begins and ends inside a span that a model has found.

use crate::document::{EntityType, Span};

use super::folding::fold;
use super::knowledge::KnowledgeBase;

/// At most that many words before a person's name are tried as titles.
const TITLES: usize = 6;

/// The span without quotation marks, stops and possessive at its ends, with the rest of a word that it cuts, and of a
/// person without titles before the name.
pub(crate) fn proper(kb: &KnowledgeBase, text: &str, span: Span, kind: EntityType) -> Span {
    let span = whole_words(text, span);
    let mut name = span.of(text);
    name = name.trim_start_matches(|c: char| c.is_whitespace() || "\"'“”‘’«»()[],;:-–—.".contains(c));
    name = name.trim_end_matches(|c: char| c.is_whitespace() || "\"“”‘«»([,;:-–—".contains(c));
    name = name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name);
    name = name.trim_end_matches(['\'', '’']);
    if name.ends_with(')') && !name.contains('(') || name.ends_with(']') && !name.contains('[') {
        name = &name[..name.len() - 1];
    }
    // The full stop of U.S. belongs to it, that of a sentence does not.
    if let Some(rest) = name.strip_suffix('.') {
        if !rest.contains('.') && rest.chars().count() > 3 {
            name = rest;
        }
    }
    if kind == EntityType::Per {
        name = without_titles(kb, name);
    }
    if name.is_empty() {
        return span;
    }
    let start = name.as_ptr() as usize - text.as_ptr() as usize;
    Span::new(start, start + name.len())
}

fn whole_words(text: &str, span: Span) -> Span {
    let word = |c: char| c.is_alphanumeric();
    let (mut start, mut end) = (span.start, span.end);
    // A missing blank makes no word of two (`whichNATO`).
    let joined = span.of(text).starts_with(char::is_uppercase) && text[..start].ends_with(char::is_lowercase);
    if span.of(text).starts_with(word) && !joined {
        start -= text[..start].chars().rev().take_while(|&c| word(c)).take(40).map(char::len_utf8).sum::<usize>();
    }
    if span.of(text).ends_with(word) {
        end += text[end..].chars().take_while(|&c| word(c)).take(40).map(char::len_utf8).sum::<usize>();
    }
    Span::new(start, end)
}

/// `President Macron` without `President`; a name that the tables know with its title (`Mullah Omar`) keeps it.
fn without_titles<'a>(kb: &KnowledgeBase, name: &'a str) -> &'a str {
    let mut rest = name;
    for _ in 0..TITLES {
        let Some((word, after)) = rest.split_once(' ') else { break };
        let title = kb.is_title(&word.trim_end_matches('.').to_lowercase());
        if !title || !after.starts_with(char::is_uppercase) || !kb.named(&fold(rest)).is_empty() {
            break;
        }
        rest = after;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::proper;
    use crate::actors::KnowledgeBase;
    use crate::document::{EntityType, Span};

    fn check(marked: &str, kind: EntityType, expected: &str) {
        let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
        let text = marked.replace(['[', ']'], "");
        assert_eq!(proper(&KnowledgeBase::default(), &text, Span::new(start, end), kind).of(&text), expected);
    }

    #[test]
    fn spans_slightly_off_are_mended() {
        check("met [Macron,] who", EntityType::Per, "Macron");
        check("the [“Taliban”]", EntityType::Org, "Taliban");
        check("[Erdoğ]an's men", EntityType::Per, "Erdoğan");
        check("[China’s] foreign ministry", EntityType::Loc, "China");
        check("the [U.S.] said", EntityType::Loc, "U.S.");
        check("in [Minsk.]", EntityType::Loc, "Minsk");
        check("a [—] b", EntityType::Org, "—");
        check("[PKK)] and", EntityType::Org, "PKK");
        check("over which[NATO] sends", EntityType::Org, "NATO");
    }
}
