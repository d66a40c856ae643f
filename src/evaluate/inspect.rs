//! What is wrong with annotations before they are compared: spans that are none, references to nothing,
//! gold that overlaps or cuts words.

use super::align::{Warning, WarningKind};
use crate::document::{Annotation, Mention};
use crate::text::Span;

/// Warnings about the gold of a document.
pub(super) fn gold(a: &Annotation) -> Vec<Warning> {
    let mut warnings = either("gold", a);
    let mut names: Vec<&Mention> = a.mentions.iter().filter(|m| m.named && exists(a, m.span)).collect();
    names.sort_by_key(|m| (m.span, m.kind));
    let overlapping = names.windows(2).filter(|pair| pair[0].span.overlaps(pair[1].span));
    warnings.extend(overlapping.map(|pair| warning(a, WarningKind::Overlap, "gold", pair[1].span)));
    let cut = names.iter().filter(|m| cuts_word(&a.text, m.span.start) || cuts_word(&a.text, m.span.end));
    warnings.extend(cut.map(|m| warning(a, WarningKind::Misaligned, "gold", m.span)));
    warnings
}

/// Warnings about the prediction for a document.
pub(super) fn prediction(a: &Annotation) -> Vec<Warning> {
    either("prediction", a)
}

fn either(side: &str, a: &Annotation) -> Vec<Warning> {
    let bad = a.mentions.iter().filter(|m| !exists(a, m.span)).map(|m| warning(a, WarningKind::BadSpan, side, m.span));
    let loose = a.mentions.iter().filter(|m| m.entity.get() >= a.entities.len());
    let loose = loose.map(|m| warning(a, WarningKind::Dangling, side, m.span));
    let broken = a
        .relations
        .iter()
        .enumerate()
        .filter(|(_, r)| r.src.get().max(r.tgt.get()) >= a.entities.len() || r.sent >= a.sentences.len());
    let broken = broken.map(|(ix, _)| Warning {
        kind: WarningKind::Dangling,
        document: a.meta.id.clone(),
        detail: format!("{side}, relation {}", ix + 1),
    });
    bad.chain(loose).chain(broken).collect()
}

/// Whether the text has something at `span`.
fn exists(a: &Annotation, span: Span) -> bool {
    a.text.get(span.range()).is_some_and(|s| !s.is_empty())
}

/// Whether a border at `offset` lies between two letters or digits of a script that puts blanks between
/// words.
fn cuts_word(text: &str, offset: usize) -> bool {
    // Scripts from Thai on, and those of East Asia, write words without blanks.
    let in_word = |c: char| c.is_alphanumeric() && c < '\u{e00}';
    let (before, after) = text.split_at(offset);
    before.chars().next_back().is_some_and(in_word) && after.chars().next().is_some_and(in_word)
}

fn warning(a: &Annotation, kind: WarningKind, side: &str, span: Span) -> Warning {
    let bytes = a.text.as_bytes();
    let character = |offset: usize| bytes[..offset.min(bytes.len())].iter().filter(|&&b| b & 0xc0 != 0x80).count();
    let surface = a.text.get(span.range()).map_or(String::new(), |s| format!(" {s:?}"));
    let detail = format!("{side}, characters {}..{}{surface}", character(span.start), character(span.end));
    Warning { kind, document: a.meta.id.clone(), detail }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{annotation, related};
    use super::*;

    fn told(warnings: &[Warning]) -> Vec<(WarningKind, &str)> {
        warnings.iter().map(|w| (w.kind, w.detail.as_str())).collect()
    }

    #[test]
    fn sound_gold_has_no_warnings() {
        let a = related("Zoë: [Xi|PER:a]'s [東京|LOC:b]人.", &["a>b 0 AID aid.give favor actual"]);
        assert_eq!(gold(&a), []);
    }

    #[test]
    fn overlapping_and_cut_names_are_located() {
        let mut a = annotation("Zoë saw [New York|LOC] and [Russia|LOC]ns.");
        a.mentions.push(Mention { span: Span::new(13, 17), ..a.mentions[0].clone() });
        assert_eq!(
            told(&gold(&a)),
            [
                (WarningKind::Overlap, "gold, characters 12..16 \"York\""),
                (WarningKind::Misaligned, "gold, characters 21..27 \"Russia\""),
            ]
        );
    }

    #[test]
    fn spans_and_references_to_nothing_are_located() {
        let mut a = related("[Xi|PER:a] met [Zoë|PER:b].", &["a>b 0 CONSULT contact.meet neutral actual"]);
        a.mentions[0].span.end = 99;
        a.mentions[1].span.end -= 1;
        a.mentions[1].entity.0 = 7;
        a.relations[0].sent = 4;
        assert_eq!(
            told(&prediction(&a)),
            [
                (WarningKind::BadSpan, "prediction, characters 0..11"),
                (WarningKind::BadSpan, "prediction, characters 7..10"),
                (WarningKind::Dangling, "prediction, characters 7..10"),
                (WarningKind::Dangling, "prediction, relation 1"),
            ]
        );
    }
}
