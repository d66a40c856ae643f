//! News agencies and papers that a text names only as its source: they are nobody's counterpart.

use super::extent::proper;
use super::folding::fold;
use super::knowledge::KnowledgeBase;
use super::link::FoundMention;
use super::tables::Kind;
use crate::document::{EntityIx, EntityType, Span};
use crate::text::{head, tail};

/// How far around a name is looked, in bytes: text without full stops must not cost quadratic time.
const REACH: usize = 256;

/// Words before a source, the articles and the kinds of media left out.
const BEFORE: &[&str] =
    &["told", "tell", "tells", "telling", "to", "by", "from", "with", "in", "on", "via", "as", "and", "(", "quoted"];
/// Words after a source, auxiliaries and adverbs left out.
const AFTER: &[&str] = &[
    "reported",
    "reports",
    "report",
    "said",
    "says",
    "wrote",
    "writes",
    "quoted",
    "quotes",
    "cited",
    "cites",
    "learned",
    "learns",
    "hears",
    "heard",
    "noted",
    "notes",
    "revealed",
    "published",
    "carried",
    "called",
    "calls",
    "asked",
    "put",
    "correspondent",
    "reporter",
    "interview",
    ")",
    "'s",
    "’s",
    "that",
];
/// Words that stand between and tell nothing.
const BETWEEN: &[&str] = &[
    "the",
    "a",
    "an",
    "agency",
    "news",
    "newspaper",
    "daily",
    "weekly",
    "paper",
    "magazine",
    "broadcaster",
    "station",
    "television",
    "radio",
    "has",
    "had",
    "have",
    "first",
    "also",
    "later",
    "state",
];

/// Of every entity whether it is a news medium that the text names as a source and no more.
pub fn sources(
    kb: &KnowledgeBase,
    text: &str,
    mentions: &[FoundMention],
    of_mention: &[EntityIx],
    n_entities: usize,
) -> Vec<bool> {
    let mut named = vec![false; n_entities];
    let mut other = vec![false; n_entities];
    for (m, e) in mentions.iter().zip(of_mention) {
        named[e.get()] = true;
        let span = proper(kb, text, m.span, m.kind);
        other[e.get()] |= !m.named || m.kind != EntityType::Org || !is_medium(kb, text, span) || !is_quoted(text, span);
    }
    named.iter().zip(other).map(|(&named, other)| named && !other).collect()
}

fn is_medium(kb: &KnowledgeBase, text: &str, span: Span) -> bool {
    let rows = kb.named(&fold(span.of(text)));
    !rows.is_empty() && rows.iter().all(|&r| kb.rows[r as usize].kind == Kind::Media)
}

/// Whether the words around a name make it a source: `told the agency EFE`, `(Reuters)`, `Der Spiegel reported`.
fn is_quoted(text: &str, span: Span) -> bool {
    let words = |text: &str| -> Vec<String> {
        let separate = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '“' | '”');
        text.split(separate).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
    };
    let tells = |w: &String| !BETWEEN.contains(&w.as_str());
    let before =
        tail(&text[..span.start], REACH).rsplit(['.', '\n', ';', ':']).next().unwrap_or("").replace('(', " ( ");
    let after = head(&text[span.end..], REACH).split(['.', '\n', ';', ':']).next().unwrap_or("");
    let after = after.replace(')', " ) ").replace("'s", " 's").replace("’s", " ’s");
    words(&before).iter().rev().find(|w| tells(w)).is_some_and(|w| BEFORE.contains(&w.as_str()))
        || words(&after).iter().find(|w| tells(w)).is_some_and(|w| AFTER.contains(&w.as_str()))
}

#[cfg(test)]
mod tests {
    use super::is_quoted;
    use crate::document::Span;

    #[test]
    fn sources_are_told_from_actors() {
        let check = |marked: &str| {
            let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
            is_quoted(&marked.replace(['[', ']'], ""), Span::new(start, end))
        };
        for source in [
            "she told the agency [EFE].",
            "KABUL ([Reuters]) - Ministers met.",
            "[Der Spiegel] reported on Friday",
            "in an interview with [Al Jazeera], he",
            "“Nothing,” the daily [Kommersant] wrote.",
        ] {
            assert!(check(source), "{source}");
        }
        for actor in ["Niger suspended the [BBC] for three months.", "Russia fined [Meduza].", "[RT] sued Germany."] {
            assert!(!check(actor), "{actor}");
        }
    }
}
