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
//! A score with nothing to divide by is 0, as in the tools that the field uses; the counts beside it
//! tell that there was nothing.

pub mod align;
mod assignment;
pub mod bootstrap;
pub mod calibration;
pub mod coreference;
pub mod events;
pub mod linking;
pub mod mentions;
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

use rayon::prelude::*;

use crate::document::Annotation;
use crate::labels::Event;
pub use align::{Warning, WarningKind};
pub use bootstrap::Interval;
pub use records::JudgedRecord;
pub use render::Format;
pub use report::{BadMinimum, Documents, Metric, MetricKind, Minimum, Report, Shortfall, UnknownMetric};
use tally::{Matrix, Tally};

/// Settings of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many times the documents are resampled for the intervals; 0 for none.
    pub resamples: usize,
    /// Seed of the resampling.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { resamples: 1000, seed: 20_240_528 }
    }
}

/// Compares annotations with gold, document by document.
pub fn evaluate(gold: &[Annotation], pred: &[Annotation], options: Options) -> Report {
    let mut warnings = Vec::new();
    let aligned = align::align(gold, pred, &mut warnings);
    let compared = aligned.iter().filter(|a| a.pred.is_some()).count();
    let tallies: Vec<Tally> = aligned
        .par_iter()
        .map(|aligned| {
            let mut tally = Tally::default();
            mentions::tally_named(aligned, &mut tally);
            semeval::tally_semeval(aligned, &mut tally);
            mentions::tally_anaphors(aligned, &mut tally);
            coreference::tally_coreference(aligned, &mut tally);
            linking::tally_actors(aligned, &mut tally);
            relations::tally_relations(aligned, &mut tally);
            tally.seal()
        })
        .collect();
    let documents = Documents { gold: gold.len() as u64, predicted: pred.len() as u64, compared: compared as u64 };
    report(&tallies, documents, warnings, options)
}

/// Compares the predicted root class of given pairs with gold; `None` where nothing was predicted.
pub fn evaluate_events(pairs: &[(Event, Option<Event>)], options: Options) -> Report {
    let tallies: Vec<Tally> = pairs.iter().map(|&(gold, pred)| events::tally_event(gold, pred)).collect();
    let predicted = pairs.iter().filter(|(_, p)| p.is_some()).count() as u64;
    let documents = Documents { gold: pairs.len() as u64, predicted, compared: predicted };
    report(&tallies, documents, Vec::new(), options)
}

/// Compares records with gold, pair by pair. A pair that only one side has counts with all its facets.
pub fn evaluate_records(gold: &[JudgedRecord], pred: &[JudgedRecord], options: Options) -> Report {
    let mut warnings = Vec::new();
    let tallies = records::tally_records(gold, pred, &mut warnings);
    let sum = Tally::sum(&tallies);
    let compared = sum.count(tally::Cell::Record(tally::Count::Correct));
    let documents = Documents { gold: gold.len() as u64, predicted: pred.len() as u64, compared };
    report(&tallies, documents, warnings, options)
}

fn report(tallies: &[Tally], documents: Documents, mut warnings: Vec<Warning>, options: Options) -> Report {
    let sum = Tally::sum(tallies);
    warnings.extend(report::not_annotated(&sum));
    let intervals =
        bootstrap::intervals(&Matrix::new(tallies), options.resamples, options.seed, |t| Report::new(t).metrics());
    Report { documents, intervals, warnings, ..Report::new(&sum) }
}

#[cfg(test)]
mod tests {
    use super::testing::related;
    use super::*;

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
        let pairs: Vec<_> =
            (0..200).map(|i| (Event::ALL[i % 15], Some(Event::ALL[if i % 4 == 0 { 0 } else { i % 15 }]))).collect();
        let options = Options { resamples: 200, seed: 7 };
        let report = evaluate_events(&pairs, options);
        let accuracy = report.metric("events.roots.accuracy").unwrap();
        let interval = report.intervals["events.roots.accuracy"];
        assert!(interval.low < accuracy && accuracy < interval.high);
        // A share of some 0.77 of 200 has a standard error of 0.03, so the interval is some 0.12 wide.
        assert!((0.08..0.16).contains(&(interval.high - interval.low)), "{interval:?}");
        assert_eq!(evaluate_events(&pairs, options), report);
    }

    #[test]
    fn a_report_is_written_in_every_format() {
        let mut pred = corpus();
        pred[1].mentions.truncate(1);
        pred[2].meta.id = "x\u{1b}[31m<b>".to_owned();
        pred[2].text = "Another text.".to_owned();
        let report = evaluate(&corpus(), &pred, QUICK);
        let table = report.render(Format::Table);
        assert!(table.starts_with("3 in the gold, 3 predicted, 2 compared\n"), "{table}");
        assert!(table.contains("\n\nNamed mentions (exact span and type)\n"), "{table}");
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
