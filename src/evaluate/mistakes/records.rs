//! Mistakes in the root classes of given pairs and in the statuses of records.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{sorted, Kind, Mistake, Place, Side};
use crate::document::{Annotation, Probability};
use crate::evaluate::align::Aligned;
use crate::evaluate::records::JudgedRecord;
use crate::evaluate::score::ByLabel;
use crate::labels::{Event, Facet};
use crate::text::Span;

/// A pair in a sentence with its root class and the predicted one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GivenPair<'a> {
    /// Name of the example.
    pub id: &'a str,
    /// The sentence.
    pub text: &'a str,
    /// Who acts.
    pub src: Span,
    /// At whom the act is aimed.
    pub tgt: Span,
    /// Root class in the gold.
    pub gold: Event,
    /// Predicted root class with its probability.
    pub predicted: Option<(Event, Probability)>,
}

/// Given pairs of another root class, or without one.
pub fn event_mistakes(pairs: &[GivenPair]) -> Vec<Mistake> {
    let wrong = pairs.iter().filter(|p| p.predicted.map(|(e, _)| e) != Some(p.gold));
    let mistake = |p: &GivenPair| {
        let a = Annotation {
            text: p.text.to_owned(),
            sentences: vec![Span::new(0, p.text.len())],
            ..Annotation::default()
        };
        let place = Place::sentence(&Aligned { gold: &a, pred: None }, 0);
        let marks = [place.mark(p.src, Side::Gold, "source"), place.mark(p.tgt, Side::Gold, "target")];
        Mistake {
            kind: Kind::Root,
            document: p.id.to_owned(),
            sent: None,
            gold: Some(p.gold.to_string()),
            predicted: p.predicted.map(|(e, _)| e.to_string()),
            score: p.predicted.map(|(_, score)| score),
            scores: ByLabel::default(),
            sentence: p.text.to_owned(),
            marks: marks.into_iter().flatten().collect(),
        }
    };
    sorted(wrong.map(mistake).collect())
}

/// Statuses of records that differ.
pub fn record_mistakes(gold: &[JudgedRecord], pred: &[JudgedRecord]) -> Vec<Mistake> {
    let by_pair = |records: &'_ [JudgedRecord]| -> BTreeMap<(String, String), JudgedRecord> {
        records.iter().rev().map(|r| ((r.actor.clone(), r.counterpart.clone()), r.clone())).collect()
    };
    let (gold, pred) = (by_pair(gold), by_pair(pred));
    let pairs: BTreeSet<_> = gold.keys().chain(pred.keys()).collect();
    let mut found = Vec::new();
    for pair in pairs {
        for &facet in Facet::ALL {
            found.extend(status_mistake(pair, facet, gold.get(pair), pred.get(pair)));
        }
    }
    sorted(found)
}

fn status_mistake(
    (actor, counterpart): &(String, String),
    facet: Facet,
    gold: Option<&JudgedRecord>,
    pred: Option<&JudgedRecord>,
) -> Option<Mistake> {
    let status = |r: Option<&JudgedRecord>| r.and_then(|r| r.facet(facet)).map(|(status, _)| status.to_owned());
    let (g, p) = (status(gold), status(pred));
    let kind = match (&g, &p) {
        (Some(g), Some(p)) if g != p => Kind::StatusWrong,
        (Some(_), None) => Kind::StatusMissing,
        (None, Some(_)) => Kind::StatusInvented,
        _ => return None,
    };
    let told = |status: Option<String>| status.map(|s| format!("{facet}: {s}"));
    let confidence = pred.and_then(|r| r.fields.get(facet.name())?.get("confidence")?.as_f64());
    // The prediction's evidence tells why it is wrong; the gold's, where it has some, what was missed.
    let sentence = [pred, gold].into_iter().flatten().find_map(|r| evidence(r, facet)).unwrap_or_default();
    Some(Mistake {
        kind,
        document: format!("{actor} → {counterpart}"),
        sent: None,
        gold: told(g),
        predicted: told(p),
        score: confidence.map(|c| Probability::new(c as f32)),
        scores: ByLabel::default(),
        sentence,
        marks: Vec::new(),
    })
}

/// The first sentence that a facet of a record rests on.
fn evidence(record: &JudgedRecord, facet: Facet) -> Option<String> {
    let ix = record.fields.get(facet.name())?.get("evidence")?.get(0)?.as_u64()?;
    let text = record.fields.get("evidence")?.get(usize::try_from(ix).ok()?)?.get("text").and_then(Value::as_str)?;
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_pairs_of_another_class_are_listed() {
        let pair = |predicted| GivenPair {
            id: "p1",
            text: "Zoë hit Bob.",
            src: Span::new(0, 4),
            tgt: Span::new(9, 12),
            gold: Event::Assault,
            predicted,
        };
        let right = pair(Some((Event::Assault, Probability::ONE)));
        let found = event_mistakes(&[right, pair(Some((Event::Aid, Probability::new(0.5)))), pair(None)]);
        let told: Vec<_> = found.iter().map(|m| (m.gold.as_deref(), m.predicted.as_deref())).collect();
        assert_eq!(told, [(Some("ASSAULT"), Some("AID")), (Some("ASSAULT"), None)]);
        let marks: Vec<_> = found[0].marks.iter().map(|m| (m.start, m.end, m.label.as_str())).collect();
        assert_eq!(marks, [(0, 3, "source"), (8, 11, "target")]);
    }

    #[test]
    fn statuses_come_with_their_evidence() {
        let read = |line: &str| -> JudgedRecord { serde_json::from_str(line).unwrap() };
        let gold =
            read(r#"{"actor":"RUS","counterpart":"CHN","trade":{"status":"expanding"},"aid":{"status":"giving"}}"#);
        let pred = read(
            r#"{"actor":"RUS","counterpart":"CHN","trade":{"status":"restricted","confidence":0.5,"evidence":[1]},
                "seat":{"status":"opposed"},"evidence":[{"text":"No."},{"text":"Russia taxed timber."}]}"#,
        );
        let found = record_mistakes(&[gold], &[pred]);
        let told: Vec<_> =
            found.iter().map(|m| (m.kind, m.gold.as_deref(), m.predicted.as_deref(), m.sentence.as_str())).collect();
        assert_eq!(
            told,
            [
                (Kind::StatusWrong, Some("trade: expanding"), Some("trade: restricted"), "Russia taxed timber."),
                (Kind::StatusMissing, Some("aid: giving"), None, ""),
                (Kind::StatusInvented, None, Some("seat: opposed"), ""),
            ]
        );
        assert_eq!(found[0].score, Some(Probability::new(0.5)));
    }
}
