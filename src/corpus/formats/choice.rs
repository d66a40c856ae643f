//! Which mentions a form shows that relates mentions and not entities, or has no place for two that overlap.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::document::{Annotation, EntityIx, Mention, Relation};

/// The numbers of the mentions, among those that `written` admits, that show a relation best: in its sentence, and near
/// one another.
pub(super) fn ends(a: &Annotation, r: &Relation, written: impl Fn(usize) -> bool) -> Option<[usize; 2]> {
    let of = |ix: EntityIx| {
        let own = a.mentions.iter().enumerate().filter(move |(_, m)| m.entity == ix);
        own.map(|(number, _)| number).filter(|&number| written(number)).collect::<Vec<_>>()
    };
    let (sources, targets) = (of(r.src), of(r.tgt));
    let pairs = sources.iter().flat_map(|&src| targets.iter().map(move |&tgt| [src, tgt]));
    pairs.min_by_key(|&[src, tgt]| {
        let [src, tgt] = [src, tgt].map(|number| a.mentions[number].span);
        // Readers place a relation in the sentence of the later one.
        let elsewhere = a.sentence_at(src.start.max(tgt.start)) != Some(r.sent);
        (elsewhere, src.distance(tgt), src.start.max(tgt.start))
    })
}

/// Those of some mentions that do not overlap, in order; of two that do, the longer, or the earlier.
pub(super) fn apart<'a>(mentions: impl Iterator<Item = &'a Mention>) -> Vec<&'a Mention> {
    let mut by_length: Vec<&Mention> = mentions.collect();
    by_length.sort_by_key(|m| (Reverse(m.span.len()), m.span.start));
    let mut kept = BTreeMap::new();
    for m in by_length {
        let before =
            kept.range(..m.span.end).next_back().is_none_or(|(_, k): (_, &&Mention)| k.span.end <= m.span.start);
        if before {
            kept.insert(m.span.start, m);
        }
    }
    kept.into_values().collect()
}
