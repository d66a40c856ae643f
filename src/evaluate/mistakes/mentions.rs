//! Mistakes in names, anaphors and actor codes.

use std::collections::BTreeMap;

use super::{Kind, Mark, Mistake, Place, Side};
use crate::document::{Annotation, Entity, Mention, Probability};
use crate::evaluate::align::{Aligned, Overlaps};
use crate::evaluate::linking::BySpan;
use crate::evaluate::mentions::{typed_spans, Chains};
use crate::evaluate::score::ByLabel;
use crate::labels::EntityType;
use crate::text::Span;

/// A name: where it stands, and its type.
type Name = (Span, EntityType);

/// Names that only one side has. One that overlaps a name of the other side is told together with it.
pub(super) fn names(aligned: &Aligned, found: &mut Vec<Mistake>) {
    let (gold, pred) = (typed_spans(aligned.gold), aligned.pred.map(typed_spans).unwrap_or_default());
    let only = |these: &[Name], others: &[Name]| -> Vec<Name> {
        these.iter().copied().filter(|name| others.binary_search(name).is_err()).collect()
    };
    let (missed, invented) = (only(&gold, &pred), only(&pred, &gold));
    let overlaps = Overlaps::new(invented.iter().map(|(span, _)| *span));
    let mut taken = vec![false; invented.len()];
    let mut partner = |(span, _): Name| {
        let near = || overlaps.around(span).filter(|&ix| !taken[ix] && invented[ix].0.overlaps(span));
        let ix = near().find(|&ix| invented[ix].0 == span).or_else(|| near().next())?;
        taken[ix] = true;
        Some(invented[ix])
    };
    let pairs: Vec<_> = missed.iter().map(|&name| (Some(name), partner(name))).collect();
    let left = invented.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(&name, _)| (None, Some(name)));
    let all: Vec<(Option<Name>, Option<Name>)> = pairs.into_iter().chain(left).collect();
    found.extend(all.into_iter().filter_map(|(gold, pred)| name_mistake(aligned, gold, pred)));
}

fn name_mistake(aligned: &Aligned, gold: Option<Name>, pred: Option<Name>) -> Option<Mistake> {
    let kind = match (gold, pred) {
        (Some(g), Some(p)) if g.0 == p.0 => Kind::NameType,
        (Some(_), Some(_)) => Kind::NameBorders,
        (Some(_), None) => Kind::NameMissed,
        (None, _) => Kind::NameInvented,
    };
    let span = gold.or(pred)?.0;
    let place =
        Place::around(aligned, pred.map_or(span, |p| Span::new(span.start.min(p.0.start), span.end.max(p.0.end))));
    let told = |name: Option<Name>| name.map(|(span, kind)| format!("{kind} {}", surface(aligned.gold, span)));
    let mark = |name: Option<Name>, side| name.and_then(|(span, kind)| place.mark(span, side, kind.name()));
    let marks = [mark(gold, Side::Gold), mark(pred, Side::Predicted)].into_iter().flatten().collect();
    let score = pred.and_then(|name| {
        let same = |m: &&Mention| m.named && (m.span, m.kind) == name;
        aligned.pred?.mentions.iter().find(same).map(|m| m.score)
    });
    Some(mistake(kind, aligned, &place, (told(gold), told(pred)), score, marks))
}

/// Anaphors that only one side has, or that go back to something else.
pub(super) fn anaphors(aligned: &Aligned, found: &mut Vec<Mistake>) {
    let gold = Chains::new(aligned.gold);
    let pred = aligned.pred.map(Chains::new);
    let predicted: BTreeMap<Span, u32> = pred.iter().flat_map(|p| p.anaphors.iter().copied()).collect();
    let name = |a: Option<&Annotation>, entity: u32| {
        a.and_then(|a| a.entities.get(entity as usize)).map_or(String::new(), |e| e.name.clone())
    };
    let told = |span: Span| surface(aligned.gold, span);
    for &(span, entity) in &gold.anaphors {
        let expected = format!("{} = {}", told(span), name(Some(aligned.gold), entity));
        let place = Place::around(aligned, span);
        let mark = |side, label: &str| place.mark(span, side, label);
        let Some((p, chains)) = predicted.get(&span).zip(pred.as_ref()) else {
            let marks = mark(Side::Gold, "anaphor").into_iter().collect();
            found.push(mistake(Kind::AnaphorMissed, aligned, &place, (Some(expected), None), None, marks));
            continue;
        };
        let antecedent = chains.antecedent(*p, span);
        if gold.accepts(entity, span, antecedent) {
            continue;
        }
        let resolved = format!("{} → {}", told(span), antecedent.map_or("nothing", told));
        let marks = [mark(Side::Gold, "anaphor"), mark(Side::Predicted, "anaphor")].into_iter().flatten().collect();
        let sides = (Some(expected), Some(resolved));
        found.push(mistake(Kind::Antecedent, aligned, &place, sides, None, marks));
    }
    for (&span, &entity) in &predicted {
        if gold.anaphors.binary_search_by_key(&span, |&(s, _)| s).is_err() {
            let place = Place::around(aligned, span);
            let marks = place.mark(span, Side::Predicted, "anaphor").into_iter().collect();
            let resolved = format!("{} = {}", told(span), name(aligned.pred, entity));
            let score =
                aligned.pred.and_then(|p| p.mentions.iter().find(|m| m.span == span && !m.named)).map(|m| m.score);
            found.push(mistake(Kind::AnaphorInvented, aligned, &place, (None, Some(resolved)), score, marks));
        }
    }
}

/// Names that both sides have with another actor code.
pub(super) fn actors(aligned: &Aligned, found: &mut Vec<Mistake>) {
    let predicted = aligned.pred.map(BySpan::new).unwrap_or_default();
    for m in aligned.gold.mentions.iter().filter(|m| m.named) {
        let pair = aligned.gold.entities.get(m.entity.get()).zip(predicted.get(m.span));
        let Some((gold, pred)) = pair.filter(|(g, p)| g.actor != p.actor) else { continue };
        let kind = match (&gold.actor, &pred.actor) {
            (None, _) => Kind::ActorInvented,
            (_, None) => Kind::ActorUnknown,
            _ => Kind::ActorWrong,
        };
        let place = Place::around(aligned, m.span);
        let code = |e: &Entity| e.actor.as_ref().map_or("no code".to_owned(), ToString::to_string);
        let told = |e: &Entity| Some(format!("{} {}", code(e), surface(aligned.gold, m.span)));
        let mark = |side, e| place.mark(m.span, side, code(e));
        let marks = [mark(Side::Gold, gold), mark(Side::Predicted, pred)].into_iter().flatten().collect();
        found.push(mistake(kind, aligned, &place, (told(gold), told(pred)), Some(pred.score), marks));
    }
}

fn surface(a: &Annotation, span: Span) -> &str {
    a.text.get(span.range()).unwrap_or_default()
}

fn mistake(
    kind: Kind,
    aligned: &Aligned,
    place: &Place,
    (gold, predicted): (Option<String>, Option<String>),
    score: Option<Probability>,
    marks: Vec<Mark>,
) -> Mistake {
    let (document, sentence) = (aligned.gold.meta.id.clone(), place.text().to_owned());
    Mistake { kind, document, sent: place.sent, gold, predicted, score, scores: ByLabel::default(), sentence, marks }
}
