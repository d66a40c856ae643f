//! Which predicted document, sentence and entity stands for which of the gold.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::document::{Annotation, EntityIx};
use crate::text::Span;

/// Something about the two sides that the user should know before trusting a figure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Warning {
    /// What is wrong.
    pub kind: WarningKind,
    /// The document or record that it was seen in; empty when it concerns all.
    pub document: String,
    /// Details, such as the place in the text.
    pub detail: String,
}

/// What can be wrong with gold or prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningKind {
    /// The gold has a document that the prediction lacks; all that is in it counts as missed.
    NotPredicted,
    /// The prediction has a document that the gold lacks; it is left out.
    NotInGold,
    /// An identifier occurs twice on one side; the first is used.
    Duplicate,
    /// The two texts differ, so that no span can be compared; all that is in the gold counts as missed.
    TextDiffers,
    /// A span is empty, out of range or within a character.
    BadSpan,
    /// A relation or mention names an entity or sentence that does not exist; it is left out.
    Dangling,
    /// A field holds something that is not understood; it is left out.
    Unknown,
    /// The gold has nothing at all of a level; what was predicted there is not judged.
    NotAnnotated,
}

impl WarningKind {
    /// What the kind means, for a message.
    pub const fn describe(self) -> &'static str {
        match self {
            WarningKind::NotPredicted => "in the gold, not in the prediction: counted as missed",
            WarningKind::NotInGold => "in the prediction, not in the gold: left out",
            WarningKind::Duplicate => "twice under one name: the first is used",
            WarningKind::TextDiffers => "the texts differ: counted as missed",
            WarningKind::BadSpan => "a span that is not one of the text",
            WarningKind::Dangling => "refers to something that does not exist: left out",
            WarningKind::Unknown => "not understood: left out",
            WarningKind::NotAnnotated => "predicted, but not annotated in the gold at all: not judged",
        }
    }
}

/// A gold document and what was predicted for it.
pub(super) struct Aligned<'a> {
    pub gold: &'a Annotation,
    /// `None` when nothing usable was predicted.
    pub pred: Option<&'a Annotation>,
}

/// Pairs the documents of the two sides by their identifier, and those that are left by equal text, since
/// some formats have no identifiers. They come in the order of the identifiers, so that no score depends
/// on the order of the input.
pub(super) fn align<'a>(
    gold: &'a [Annotation],
    pred: &'a [Annotation],
    warnings: &mut Vec<Warning>,
) -> Vec<Aligned<'a>> {
    let gold = by_id(gold, "gold", warnings);
    let mut pred = by_id(pred, "prediction", warnings);
    let same_id: Vec<_> = gold.keys().map(|id| pred.remove(id)).collect();
    let mut by_text: HashMap<&str, Vec<&Annotation>> = HashMap::new();
    for annotation in pred.into_values().rev() {
        by_text.entry(&annotation.text).or_default().push(annotation);
    }
    let mut aligned = Vec::with_capacity(gold.len());
    for ((id, gold), same_id) in gold.into_iter().zip(same_id) {
        let warn = |kind, detail: String| Warning { kind, document: id.to_owned(), detail };
        let found = same_id.or_else(|| by_text.get_mut(gold.text.as_str()).and_then(Vec::pop));
        let pred = match found {
            None => {
                warnings.push(warn(WarningKind::NotPredicted, String::new()));
                None
            }
            Some(p) if p.text != gold.text => {
                warnings.push(warn(WarningKind::TextDiffers, difference(&gold.text, &p.text)));
                None
            }
            found => found,
        };
        aligned.push(Aligned { gold, pred });
    }
    let mut left: Vec<&str> = by_text.into_values().flatten().map(|a| a.meta.id.as_str()).collect();
    left.sort_unstable();
    warnings.extend(left.into_iter().map(|id| Warning {
        kind: WarningKind::NotInGold,
        document: id.to_owned(),
        detail: String::new(),
    }));
    aligned
}

fn by_id<'a>(side: &'a [Annotation], name: &str, warnings: &mut Vec<Warning>) -> BTreeMap<&'a str, &'a Annotation> {
    let mut found = BTreeMap::new();
    for annotation in side {
        let id = annotation.meta.id.as_str();
        if let Entry::Vacant(free) = found.entry(id) {
            free.insert(annotation);
        } else {
            let (kind, detail) = (WarningKind::Duplicate, format!("on the side of the {name}"));
            warnings.push(Warning { kind, document: id.to_owned(), detail });
        }
    }
    found
}

fn difference(gold: &str, pred: &str) -> String {
    let at = gold.chars().zip(pred.chars()).take_while(|(g, p)| g == p).count();
    format!("from character {at} on")
}

/// The gold sentence that each predicted sentence overlaps most, the earlier of two alike.
pub(super) fn sentences(gold: &[Span], pred: &[Span]) -> Vec<Option<usize>> {
    let mut from = 0;
    pred.iter()
        .map(|p| {
            while from < gold.len() && gold[from].end <= p.start {
                from += 1;
            }
            let mut best: Option<(usize, usize)> = None;
            for (ix, g) in gold.iter().enumerate().skip(from).take_while(|(_, g)| g.start < p.end) {
                let shared = g.end.min(p.end).saturating_sub(g.start.max(p.start));
                if shared > 0 && best.is_none_or(|(most, _)| shared > most) {
                    best = Some((shared, ix));
                }
            }
            best.map(|(_, ix)| ix)
        })
        .collect()
}

/// The gold entity that each predicted entity stands for, one to one.
///
/// Two entities match by the number of mention spans that they share, most first, ties in the order of
/// the gold and then of the prediction. When mentions and entities were given, that is identity.
/// Entities without a mention match by their identifier.
pub(super) fn entities(gold: &Annotation, pred: &Annotation) -> Vec<Option<EntityIx>> {
    let mut at: HashMap<Span, Vec<u32>> = HashMap::new();
    for m in gold.mentions.iter().filter(|m| m.entity.get() < gold.entities.len()) {
        at.entry(m.span).or_default().push(m.entity.0);
    }
    let mut shared: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for m in pred.mentions.iter().filter(|m| m.entity.get() < pred.entities.len()) {
        for &g in at.get(&m.span).into_iter().flatten() {
            *shared.entry((g, m.entity.0)).or_default() += 1;
        }
    }
    let mut ranked: Vec<_> = shared.into_iter().collect();
    let same_id = |g: u32, p: u32| gold.entities[g as usize].id == pred.entities[p as usize].id;
    ranked.sort_by_key(|&((g, p), n)| (std::cmp::Reverse(n), !same_id(g, p), g, p));
    let mut taken = vec![false; gold.entities.len()];
    let mut matched = vec![None; pred.entities.len()];
    for ((g, p), _) in ranked {
        if !taken[g as usize] && matched[p as usize].is_none() {
            taken[g as usize] = true;
            matched[p as usize] = Some(EntityIx(g));
        }
    }
    match_unmentioned(gold, pred, &mut matched, &mut taken);
    matched
}

fn match_unmentioned(gold: &Annotation, pred: &Annotation, matched: &mut [Option<EntityIx>], taken: &mut [bool]) {
    let unmentioned = |a: &Annotation| {
        let mut bare = vec![true; a.entities.len()];
        for m in &a.mentions {
            if let Some(b) = bare.get_mut(m.entity.get()) {
                *b = false;
            }
        }
        bare
    };
    let bare_gold: HashMap<&str, usize> = unmentioned(gold)
        .into_iter()
        .enumerate()
        .filter(|(_, bare)| *bare)
        .map(|(ix, _)| (gold.entities[ix].id.as_str(), ix))
        .collect();
    for (p, _) in unmentioned(pred).into_iter().enumerate().filter(|(_, bare)| *bare) {
        if let Some(&g) = bare_gold.get(pred.entities[p].id.as_str()) {
            if !taken[g] {
                taken[g] = true;
                matched[p] = Some(EntityIx(g as u32));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::annotation;
    use super::*;

    fn spans(ends: &[(usize, usize)]) -> Vec<Span> {
        ends.iter().map(|&(s, e)| Span::new(s, e)).collect()
    }

    #[test]
    fn a_sentence_goes_to_the_one_it_overlaps_most() {
        let gold = spans(&[(0, 10), (11, 20), (21, 30)]);
        assert_eq!(sentences(&gold, &spans(&[(0, 20), (21, 30)])), [Some(0), Some(2)]);
        assert_eq!(sentences(&gold, &spans(&[(0, 5), (6, 10), (11, 30)])), [Some(0), Some(0), Some(1)]);
        assert_eq!(sentences(&gold, &spans(&[(8, 20), (40, 50)])), [Some(1), None]);
        assert_eq!(sentences(&[], &spans(&[(0, 4)])), [None]);
    }

    #[test]
    fn entities_match_by_shared_mentions_and_once() {
        let gold = annotation("[Russia|LOC:a=RUS] says [it|~a] and [China|LOC:b=CHN] met.");
        let pred = annotation("[Russia|LOC:b=RUS] says [it|~b] and [China|LOC:a=CHN] met.");
        assert_eq!(entities(&gold, &pred), [Some(EntityIx(0)), Some(EntityIx(1))]);
        let split = annotation("[Russia|LOC:x=RUS] says [it|LOC:y=RUS] and [China|LOC:b=CHN] met.");
        assert_eq!(entities(&gold, &split), [Some(EntityIx(0)), None, Some(EntityIx(1))]);
    }

    #[test]
    fn documents_are_paired_by_id_with_a_warning_for_what_does_not_fit() {
        let named = |id: &str, text: &str| {
            let mut a = annotation(text);
            a.meta.id = id.to_owned();
            a
        };
        let gold = [named("b", "B."), named("a", "A."), named("c", "C."), named("a", "A.")];
        let pred = [named("c", "C!"), named("a", "A."), named("z", "Z."), named("y", "Y.")];
        let mut warnings = Vec::new();
        let aligned = align(&gold, &pred, &mut warnings);
        let seen: Vec<_> = aligned.iter().map(|a| (a.gold.meta.id.as_str(), a.pred.is_some())).collect();
        assert_eq!(seen, [("a", true), ("b", false), ("c", false)]);
        let kinds: Vec<_> = warnings.iter().map(|w| (w.kind, w.document.as_str(), w.detail.as_str())).collect();
        assert_eq!(
            kinds,
            [
                (WarningKind::Duplicate, "a", "on the side of the gold"),
                (WarningKind::NotPredicted, "b", ""),
                (WarningKind::TextDiffers, "c", "from character 1 on"),
                (WarningKind::NotInGold, "y", ""),
                (WarningKind::NotInGold, "z", ""),
            ]
        );
    }

    #[test]
    fn documents_without_a_common_id_are_paired_by_text() {
        let named = |id: &str, text: &str| {
            let mut a = annotation(text);
            a.meta.id = id.to_owned();
            a
        };
        let gold = [named("gold.txt:1", "A."), named("gold.txt:9", "A."), named("gold.txt:17", "B.")];
        let pred = [named("pred.txt:17", "B."), named("pred.txt:1", "A."), named("pred.txt:9", "A.")];
        let mut warnings = Vec::new();
        let aligned = align(&gold, &pred, &mut warnings);
        let seen: Vec<_> =
            aligned.iter().map(|a| (a.gold.meta.id.as_str(), a.pred.map(|p| p.meta.id.as_str()))).collect();
        assert_eq!(
            seen,
            [
                ("gold.txt:1", Some("pred.txt:1")),
                ("gold.txt:17", Some("pred.txt:17")),
                ("gold.txt:9", Some("pred.txt:9")),
            ]
        );
        assert_eq!(warnings, []);
    }
}
