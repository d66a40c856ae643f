//! Everything that is wrong, with its sentence, ready to read.

mod mentions;
mod page;
mod records;
mod relations;

use serde::Serialize;

use super::align::{align, Aligned};
use super::score::ByLabel;
use crate::document::{Annotation, Probability};
use crate::text::Span;
pub use page::html;
pub use records::{event_mistakes, record_mistakes, GivenPair};

/// Something that gold and prediction do not agree on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// What is wrong.
    pub kind: Kind,
    /// The document; of a record, its pair.
    pub document: String,
    /// Index of the gold's sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<usize>,
    /// What the gold says.
    pub gold: Option<String>,
    /// What was predicted.
    pub predicted: Option<String>,
    /// Probability of the prediction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Probability>,
    /// Probability of each event, for pairs that were given.
    #[serde(skip_serializing_if = "ByLabel::is_empty")]
    pub scores: ByLabel<Probability>,
    /// The sentence, or the evidence of a record.
    pub sentence: String,
    /// Places in the sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// A place in a sentence, in characters, half-open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mark {
    /// First character.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Which side has it.
    pub side: Side,
    /// What it is there.
    pub label: String,
}

/// Gold or prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The gold.
    Gold,
    /// The prediction.
    Predicted,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A name that was not found.
    NameMissed,
    /// A name that is none.
    NameInvented,
    /// A name of another type.
    NameType,
    /// A name with other borders.
    NameBorders,
    /// An anaphor that was not found.
    AnaphorMissed,
    /// An anaphor that is none, or that the gold does not mark.
    AnaphorInvented,
    /// An anaphor that goes back to something else.
    Antecedent,
    /// A name of another actor.
    ActorWrong,
    /// A name of an actor, without a code.
    ActorUnknown,
    /// A name of no political actor, with a code.
    ActorInvented,
    /// A related pair that was not found.
    PairMissed,
    /// A pair that the gold does not relate in this sentence.
    PairInvented,
    /// A related pair with another event.
    Event,
    /// A related pair with another act.
    Act,
    /// A further act of a pair that was not found.
    ActMissed,
    /// A further act of a pair that the gold does not have.
    ActInvented,
    /// A related pair with another stance.
    Stance,
    /// A related pair with another modality.
    Modality,
    /// A given pair with another root class, or none.
    Root,
    /// A record with another status.
    StatusWrong,
    /// A record without the status.
    StatusMissing,
    /// A record with a status that the gold does not have.
    StatusInvented,
}

impl Kind {
    /// What is wrong, for a heading.
    pub const fn describe(self) -> &'static str {
        match self {
            Kind::NameMissed => "names not found",
            Kind::NameInvented => "names that are none",
            Kind::NameType => "names of another type",
            Kind::NameBorders => "names with other borders",
            Kind::AnaphorMissed => "anaphors not found",
            Kind::AnaphorInvented => "anaphors that the gold does not have",
            Kind::Antecedent => "anaphors that go back to something else",
            Kind::ActorWrong => "names of another actor",
            Kind::ActorUnknown => "names of an actor, without a code",
            Kind::ActorInvented => "names of no political actor, with a code",
            Kind::PairMissed => "related pairs not found",
            Kind::PairInvented => "pairs that the gold does not relate in the sentence",
            Kind::Event => "pairs with another event",
            Kind::Act => "pairs with another act",
            Kind::ActMissed => "further acts not found",
            Kind::ActInvented => "further acts that the gold does not have",
            Kind::Stance => "pairs with another stance",
            Kind::Modality => "pairs with another modality",
            Kind::Root => "given pairs of another root class",
            Kind::StatusWrong => "records with another status",
            Kind::StatusMissing => "records without the status",
            Kind::StatusInvented => "records with a status that the gold does not have",
        }
    }
}

/// All that is wrong in annotations, by kind, document and place. Entities are matched by mention.
///
/// A level that the gold has nothing of is passed over, as in the report.
pub fn mistakes(gold: &[Annotation], pred: &[Annotation]) -> Vec<Mistake> {
    let has = |level: &dyn Fn(&Annotation) -> bool| gold.iter().any(level);
    let anaphors = has(&|a| a.mentions.iter().any(|m| !m.named));
    let actors = has(&|a| a.entities.iter().any(|e| e.actor.is_some()));
    let related = has(&|a| !a.relations.is_empty());
    let mut found = Vec::new();
    for aligned in align(gold, pred, &mut Vec::new()) {
        mentions::names(&aligned, &mut found);
        if anaphors {
            mentions::anaphors(&aligned, &mut found);
        }
        if actors {
            mentions::actors(&aligned, &mut found);
        }
        if related {
            relations::relations(&aligned, &mut found);
        }
    }
    sorted(found)
}

/// The mistakes as JSON Lines.
pub fn json_lines(mistakes: &[Mistake]) -> String {
    // A mistake is made of texts and numbers, which serialise always.
    mistakes.iter().map(|m| serde_json::to_string(m).unwrap_or_default() + "\n").collect()
}

fn sorted(mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
    // Stable, so that what is found in the order of the text stays in it.
    mistakes.sort_by(|a, b| (a.kind, &a.document, a.sent).cmp(&(b.kind, &b.document, b.sent)));
    mistakes
}

/// A sentence of the gold with the spans to mark in it.
struct Place<'a> {
    text: &'a str,
    sent: Option<usize>,
    span: Span,
}

impl<'a> Place<'a> {
    /// The sentence around `span`, or as many as it reaches into.
    fn around(aligned: &Aligned<'a>, span: Span) -> Self {
        let a = aligned.gold;
        let sent = a.sentence_at(span.start);
        let start = sent.map_or(span.start, |s| a.sentences[s].start.min(span.start));
        let end = sent.map_or(span.end, |s| a.sentences[s].end.max(span.end));
        Place { text: &a.text, sent, span: Span::new(start, end) }
    }

    /// The sentence of index `sent`.
    fn sentence(aligned: &Aligned<'a>, sent: usize) -> Self {
        let a = aligned.gold;
        Place { text: &a.text, sent: Some(sent), span: a.sentences.get(sent).copied().unwrap_or_default() }
    }

    fn text(&self) -> &'a str {
        self.text.get(self.span.range()).unwrap_or_default()
    }

    /// A mark at `span`, unless that lies elsewhere.
    fn mark(&self, span: Span, side: Side, label: impl Into<String>) -> Option<Mark> {
        if !self.span.contains(span) {
            return None;
        }
        let before = self.text.get(self.span.start..span.start)?.chars().count();
        let length = self.text.get(span.range())?.chars().count();
        Some(Mark { start: before, end: before + length, side, label: label.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::related;
    use super::*;

    const GOLD: &str = "Zoë: [Moscow|LOC:a=RUS] praised the [Taliban|ORG:b=AFG/TALIBAN].\n\
        [It|~a] met [them|~b] in [New York|LOC:c=USA] with [Fifa|ORG:d].";

    /// Kind, gold, prediction, and the marked parts of the sentence.
    fn listed(mistakes: &[Mistake]) -> Vec<String> {
        let part = |m: &Mistake, k: &Mark| m.sentence.chars().skip(k.start).take(k.end - k.start).collect::<String>();
        let line = |m: &Mistake| {
            let marks: Vec<String> = m.marks.iter().map(|k| format!("{:?} {}", k.side, part(m, k))).collect();
            let side = |s: &Option<String>| s.clone().unwrap_or("-".into());
            format!("{:?}: {} / {} [{}]", m.kind, side(&m.gold), side(&m.predicted), marks.join(", "))
        };
        mistakes.iter().map(line).collect()
    }

    #[test]
    fn what_is_right_is_no_mistake() {
        let gold = [related(GOLD, &["a>b 0 SUPPORT statement.support favor actual"])];
        assert_eq!(mistakes(&gold, &gold), []);
        assert_eq!(mistakes(&[], &gold), []);
    }

    #[test]
    fn every_level_is_listed() {
        let gold = related(
            GOLD,
            &[
                "a>b 0 SUPPORT statement.support favor actual",
                "a>b 1 CONSULT contact.meet neutral actual",
                "b>a 1 CONSULT contact.meet neutral actual",
            ],
        );
        let pred = related(
            "[Zoë|PER:z]: [Moscow|ORG:a=UKR@0.75] praised the [Taliban|ORG:b=AFG/TALIBAN].\n\
             [It|~b] met them in New [York|LOC:c] with [Fifa|ORG:d=CHE].",
            &[
                "a>b 0 YIELD listing.delist favor planned 0.5",
                "b>a 0 AID aid.give favor actual",
                "a>b 1 CONSULT contact.meet neutral actual",
            ],
        );
        let found = mistakes(&[gold], &[pred]);
        assert_eq!(
            listed(&found),
            [
                "NameInvented: - / PER Zoë [Predicted Zoë]",
                "NameType: LOC Moscow / ORG Moscow [Gold Moscow, Predicted Moscow]",
                "NameBorders: LOC New York / LOC York [Gold New York, Predicted York]",
                "AnaphorMissed: them = Taliban / - [Gold them]",
                "Antecedent: It = Moscow / It → Taliban [Gold It, Predicted It]",
                "ActorWrong: RUS Moscow / UKR Moscow [Gold Moscow, Predicted Moscow]",
                "ActorInvented: no code Fifa / CHE Fifa [Gold Fifa, Predicted Fifa]",
                "PairMissed: Taliban → Moscow: CONSULT contact.meet neutral actual / - [Gold them, Gold It]",
                "PairInvented: - / Taliban → Moscow: AID aid.give favor actual [Predicted Taliban, Predicted Moscow]",
                "Event: Moscow → Taliban: SUPPORT statement.support favor actual / Moscow → Taliban: YIELD listing.delist favor planned [Gold Moscow, Gold Taliban, Predicted Moscow, Predicted Taliban]",
                "Act: Moscow → Taliban: SUPPORT statement.support favor actual / Moscow → Taliban: YIELD listing.delist favor planned [Gold Moscow, Gold Taliban, Predicted Moscow, Predicted Taliban]",
                "Modality: Moscow → Taliban: SUPPORT statement.support favor actual / Moscow → Taliban: YIELD listing.delist favor planned [Gold Moscow, Gold Taliban, Predicted Moscow, Predicted Taliban]",
            ]
        );
        let line = json_lines(&found).lines().nth(1).unwrap().to_owned();
        assert!(line.starts_with(r#"{"kind":"name_type","document":"d","sent":0,"gold":"LOC Moscow","predicted":"ORG Moscow","score":0.75,"sentence":"Zoë: Moscow"#), "{line}");
        assert!(line.ends_with(r#""marks":[{"start":5,"end":11,"side":"gold","label":"LOC"},{"start":5,"end":11,"side":"predicted","label":"ORG"}]}"#), "{line}");
    }

    #[test]
    fn a_second_act_of_a_pair_is_told_apart() {
        let gold = related(
            GOLD,
            &["a>b 0 SUPPORT statement.support favor actual", "a>b 0 YIELD listing.delist favor planned"],
        );
        let pred =
            related(GOLD, &["a>b 0 SUPPORT statement.support favor actual 0.9", "a>b 0 AID aid.give favor actual 0.4"]);
        let kinds: Vec<_> = mistakes(&[gold], &[pred]).iter().map(|m| m.kind).collect();
        assert_eq!(kinds, [Kind::ActMissed, Kind::ActInvented]);
    }
}
