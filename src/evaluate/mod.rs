//! Comparison of annotations, given pairs and records with gold.
//!
//! Documents are matched by their identifier, spans by their exact position. Each document gives a
//! sparse vector of counts ([`tally`]); figures are functions of the sum of these vectors, which makes
//! intervals and tests a matter of other sums. Nothing here reads or writes files.
//!
//! | level | module | what is right |
//! |---|---|---|
//! | named mentions | [`mentions`] | span and type are the gold's |
//! | the same, more leniently | [`semeval`] | the four modes of SemEval-2013 |
//! | anaphors | [`mentions`] | the span is, and the antecedent belongs to the gold entity |
//! | coreference | [`coreference`] | MUC, B³, CEAF-e, LEA |
//! | actors | [`linking`] | the actor code is, at a span that both sides have |
//! | relations | [`relations`] | source, target, sentence; with event or act; with stance and modality |
//! | events | [`events`] | root or quad class of a given pair |
//! | records | [`records`] | status of a facet |
//! | scores | [`calibration`] | confidence agrees with accuracy |
//!
//! [`compare()`] sets a prediction beside a baseline, [`mistakes`] lists what is wrong, with its sentence.
//!
//! A score with nothing to divide by is 0, as in the tools that the field uses; the counts beside it
//! tell that there was nothing.

pub mod align;
mod assignment;
pub mod bootstrap;
pub mod calibration;
pub mod compare;
pub mod coreference;
mod counted;
pub mod events;
mod inspect;
pub mod linking;
pub mod mentions;
pub mod mistakes;
pub mod records;
pub mod relations;
pub mod render;
pub mod report;
pub mod score;
pub mod semeval;
mod tables;
mod tally;
#[cfg(test)]
mod testing;

use crate::document::Annotation;
use crate::labels::Event;
pub use align::{Warning, WarningKind};
pub use bootstrap::Interval;
pub use compare::Comparison;
use counted::Counted;
use events::SureEvent;
pub use records::JudgedRecord;
pub use render::Format;
pub use report::{BadMinimum, Documents, Metric, MetricKind, Minimum, Report, Shortfall, UnknownMetric};

/// Settings of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many times the documents are resampled for the intervals, and swapped for the test of a
    /// difference; 0 for neither.
    pub resamples: usize,
    /// Seed of both.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { resamples: 1000, seed: 20_240_528 }
    }
}

/// Compares annotations with gold, document by document.
pub fn evaluate(gold: &[Annotation], pred: &[Annotation], options: Options) -> Report {
    Counted::annotations(gold, pred).report(options)
}

/// What is wrong with gold by itself: spans that are none, references to nothing, names that overlap or cut words.
pub fn inspect_gold(gold: &Annotation) -> Vec<Warning> {
    inspect::gold(gold)
}

/// Compares the predicted root class of given pairs with gold; `None` where nothing was predicted.
pub fn evaluate_events(pairs: &[(Event, Option<SureEvent>)], options: Options) -> Report {
    Counted::events(pairs).report(options)
}

/// Compares records with gold, pair by pair. A pair that only one side has counts with all its facets.
pub fn evaluate_records(gold: &[JudgedRecord], pred: &[JudgedRecord], options: Options) -> Report {
    Counted::records(gold, pred).report(options)
}

/// Sets annotations beside those of a baseline, document by document.
pub fn compare(gold: &[Annotation], pred: &[Annotation], baseline: &[Annotation], options: Options) -> Comparison {
    Comparison::new(Counted::annotations(gold, pred), Counted::annotations(gold, baseline), options)
}

/// Sets the predicted root classes of given pairs beside those of a baseline; both have the gold's order.
pub fn compare_events(
    pairs: &[(Event, Option<SureEvent>)],
    baseline: &[(Event, Option<SureEvent>)],
    options: Options,
) -> Comparison {
    Comparison::new(Counted::events(pairs), Counted::events(baseline), options)
}

/// Sets records beside those of a baseline, pair by pair.
pub fn compare_records(
    gold: &[JudgedRecord],
    pred: &[JudgedRecord],
    baseline: &[JudgedRecord],
    options: Options,
) -> Comparison {
    Comparison::new(Counted::records(gold, pred), Counted::records(gold, baseline), options)
}

#[cfg(test)]
mod tests {
    use super::testing::related;
    use super::*;
    use crate::document::Probability;

    const QUICK: Options = Options { resamples: 20, seed: 1 };

    fn named(id: &str, mut a: Annotation) -> Annotation {
        a.meta.id = id.to_owned();
        a
    }

    fn corpus() -> Vec<Annotation> {
        let taliban = related(
            "[Moscow|LOC:a=RUS] praised the [Taliban|ORG:b=AFG/TALIBAN].\n[It|~a] met [them|~b] in [Oslo|LOC:c=NOR].",
            &[
                "a>b 0 SUPPORT statement.support favor actual",
                "a>b 1 CONSULT contact.meet neutral actual",
                "b>a 1 CONSULT contact.meet neutral planned",
            ],
        );
        let kosovo = related(
            "[Serbia|LOC:a=SRB] warned [Kosovo|LOC:b=XKX] and [Fifa|ORG:c].",
            &["a>b 0 THREATEN security.confront against actual"],
        );
        vec![named("taliban", taliban), named("kosovo", kosovo), named("empty", Annotation::default())]
    }

    #[test]
    fn gold_against_itself_has_every_score_at_one() {
        let report = evaluate(&corpus(), &corpus(), QUICK);
        let summary: Vec<_> = report.metrics().into_iter().filter(Metric::has_interval).collect();
        assert!(summary.len() > 40);
        for m in summary {
            let expected = if m.name.ends_with(".ece") { 0.0 } else { 1.0 };
            assert_eq!(m.value, expected, "{}", m.name);
            assert_eq!(
                report.intervals.get(&m.name).map(|i| (i.low, i.high)),
                Some((expected, expected)),
                "{}",
                m.name
            );
        }
        assert_eq!(report.warnings, []);
    }

    #[test]
    fn the_order_of_documents_changes_nothing() {
        let mut pred = corpus();
        pred[0].relations.truncate(1);
        pred[1].mentions.truncate(1);
        let report = evaluate(&corpus(), &pred, QUICK);
        let mut gold = corpus();
        gold.rotate_left(1);
        pred.reverse();
        assert_eq!(evaluate(&gold, &pred, QUICK), report);
    }

    #[test]
    fn nothing_predicted_is_all_missed() {
        let report = evaluate(&corpus(), &[], QUICK);
        assert_eq!(report.metric("ner.micro.recall"), Ok(0.0));
        assert_eq!(report.metric("ner.micro.gold"), Ok(6.0));
        assert_eq!(report.metric("relations.by_actor.pair.gold"), Ok(4.0));
        assert_eq!(report.warnings.len(), 3);
        assert_eq!(report.documents, Documents { gold: 3, predicted: 0, compared: 0 });
    }

    #[test]
    fn no_gold_leaves_nothing_to_score() {
        let report = evaluate(&[], &corpus(), QUICK);
        assert_eq!((report.ner, report.relations, report.intervals.len()), (None, None, 0));
        assert!(evaluate(&[], &[], QUICK).metric("ner.micro.f1").is_err());
    }

    #[test]
    fn intervals_hold_the_score_and_depend_on_nothing_but_the_seed() {
        let found = |i: usize| Event::ALL[if i.is_multiple_of(4) { 0 } else { i % 15 }];
        let pairs: Vec<_> = (0..200).map(|i| (Event::ALL[i % 15], Some((found(i), Probability::new(0.5))))).collect();
        let options = Options { resamples: 100, seed: 7 };
        let report = evaluate_events(&pairs, options);
        let accuracy = report.metric("events.roots.accuracy").unwrap();
        let interval = report.intervals["events.roots.accuracy"];
        assert!(interval.low < accuracy && accuracy < interval.high);
        // A share of some 0.77 of 200 has a standard error of 0.03, so the interval is some 0.12 wide.
        assert!((0.07..0.18).contains(&(interval.high - interval.low)), "{interval:?}");
        assert_eq!(evaluate_events(&pairs, options), report);
    }

    #[test]
    fn a_report_is_written_in_every_format() {
        let mut pred = corpus();
        pred[1].mentions.truncate(1);
        pred.push(named("x\u{1b}[31m<b>", related("Another text.", &[])));
        let report = evaluate(&corpus(), &pred, QUICK);
        let table = report.render(Format::Table);
        assert!(table.starts_with("3 in the gold, 4 predicted, 3 compared\n\nNamed mentions (exact span and type)\n"));
        let micro = table.lines().find(|l| l.starts_with("micro")).unwrap();
        assert!(micro.contains("1.0000  0.6667  0.8000") && micro.ends_with("6          4        4"), "{micro}");
        assert!(table.contains("x\\u{1b}[31m<b>") && !table.contains('\u{1b}'));
        let markdown = report.render(Format::Markdown);
        assert!(markdown.contains("\n### Named mentions (exact span and type)\n\n|  | precision | recall |"));
        assert!(markdown.contains("&lt;b&gt;") && !markdown.contains("<b>"));
        let csv = report.render(Format::Csv);
        assert!(csv.starts_with("metric,value,low,high\ndocuments.gold,3,,\n"));
        assert!(csv.lines().any(|l| l.starts_with("ner.micro.recall,0.66666")));
        assert!(csv.lines().all(|l| l.split(',').count() == 4));
        let json: serde_json::Value = serde_json::from_str(&report.render(Format::Json)).unwrap();
        assert_eq!(json["ner"]["micro"]["correct"], 4);
        assert!(json["intervals"]["ner.micro.f1"]["low"].is_number());
    }
}
