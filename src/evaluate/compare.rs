//! Two predictions against one gold: how far apart they are, whether chance explains it, and where.
//!
//! The test is paired approximate randomisation (Noreen 1989; Yeh 2000): if the two systems were alike,
//! swapping their output for a document would change nothing. The p-value is the share of random
//! swappings with a difference at least as large as the one observed, the observed one included.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use serde::Serialize;

use super::bootstrap::SplitMix64;
use super::counted::Counted;
use super::relations::Matching;
use super::report::{Metric, Report};
use super::tally::{Cell, Count, FacetCount, Link, Matrix, Tally, LANES};
use super::Options;

/// How many documents and classes are listed.
const LISTED: usize = 20;

/// Differences that are closer than this are the same: sums of another order round otherwise.
const ROUNDING: f64 = 1e-12;

/// A prediction beside another one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Of the prediction.
    pub report: Report,
    /// Of the baseline.
    pub baseline: Report,
    /// Summary scores, in the order of the report.
    pub differences: Vec<Difference>,
    /// Scores of single classes that differ most, first.
    pub classes: Vec<Difference>,
    /// Documents whose numbers of errors differ most, first.
    pub documents: Vec<DocumentDifference>,
}

/// A score of the two.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Name of the metric.
    pub metric: String,
    /// Of the prediction.
    pub value: f64,
    /// Of the baseline.
    pub baseline: f64,
    /// The first less the second.
    pub difference: f64,
    /// How likely chance is to make so large a difference, in `(0, 1]`; `None` when not tested.
    pub p: Option<f64>,
}

/// Errors of the two in a document: what was missed, and what was predicted and is not so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentDifference {
    /// The document.
    pub document: String,
    /// Errors of the prediction less those of the baseline; below 0 where the prediction is better.
    pub difference: i64,
    /// Errors of the prediction.
    pub errors: Errors,
    /// Errors of the baseline.
    pub baseline: Errors,
}

/// Numbers of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Errors {
    /// Names: missed and invented ones.
    pub names: u64,
    /// Anaphors: missed, invented and wrongly resolved ones.
    pub anaphors: u64,
    /// Actor codes: wrong and unknown ones.
    pub actors: u64,
    /// Acts of related pairs, entities matched by mention: missed and invented ones.
    pub acts: u64,
    /// Root classes of given pairs: wrong ones.
    pub events: u64,
    /// Statuses of records: wrong, missing and invented ones.
    pub statuses: u64,
}

impl Errors {
    fn new(tally: &Tally) -> Self {
        let mut errors = Errors::default();
        for (cell, n) in tally.iter() {
            let n = n as u64;
            match cell {
                // What is in one side only: all of both less twice what is correct, which both have.
                Cell::Named(_, Count::Gold | Count::Predicted) => errors.names += n,
                Cell::Anaphor(Count::Gold | Count::Predicted) => errors.anaphors += n,
                Cell::ActOf(Matching::Entity, _, Count::Gold | Count::Predicted) => errors.acts += n,
                Cell::Linked(_, Link::Wrong | Link::Unknown) => errors.actors += n,
                Cell::Root(gold, pred) if pred != Some(gold) => errors.events += n,
                Cell::FacetOf(_, FacetCount::Wrong | FacetCount::Missing | FacetCount::Invented) => {
                    errors.statuses += n
                }
                _ => {}
            }
        }
        for (cell, n) in tally.iter() {
            let n = n as u64;
            match cell {
                Cell::Named(_, Count::Correct) => errors.names -= 2 * n,
                // One that was found and wrongly resolved is one error.
                Cell::Anaphor(Count::Correct) | Cell::Resolved => errors.anaphors -= n,
                Cell::ActOf(Matching::Entity, _, Count::Correct) => errors.acts -= 2 * n,
                _ => {}
            }
        }
        errors
    }

    fn total(self) -> u64 {
        self.names + self.anaphors + self.actors + self.acts + self.events + self.statuses
    }
}

impl Comparison {
    /// The figures of both, with the summary scores tested by `options.resamples` swappings.
    pub(super) fn new(pred: Counted, baseline: Counted, options: Options) -> Self {
        let units = Units::new(&pred, &baseline);
        let [report, baseline] = [pred, baseline].map(|side| side.report(options));
        let all = paired(&report.metrics(), &baseline.metrics());
        let (mut classes, mut differences): (Vec<_>, Vec<_>) = all.into_iter().partition(|d| is_of_class(&d.metric));
        units.test(&mut differences, options);
        classes.retain(|d| d.difference != 0.0);
        classes.sort_by(|x, y| y.difference.abs().total_cmp(&x.difference.abs()));
        classes.truncate(LISTED);
        Comparison { report, baseline, differences, classes, documents: units.differing() }
    }
}

/// Whether a metric is that of one class, type or facet.
fn is_of_class(metric: &str) -> bool {
    [".classes.", ".types.", ".by_facet."].iter().any(|part| metric.contains(part))
}

/// The summary scores that both have, in the order of the first.
fn paired(pred: &[Metric], baseline: &[Metric]) -> Vec<Difference> {
    let other: HashMap<&str, f64> =
        baseline.iter().filter(|m| m.has_interval()).map(|m| (m.name.as_str(), m.value)).collect();
    let difference = |m: &Metric| {
        let baseline = *other.get(m.name.as_str())?;
        Some(Difference { metric: m.name.clone(), value: m.value, baseline, difference: m.value - baseline, p: None })
    };
    pred.iter().filter(|m| m.has_interval()).filter_map(difference).collect()
}

/// Which of `differences` the sums `a` and `b` differ by at least as much in.
fn at_least(differences: &[Difference], a: &Tally, b: &Tally) -> Vec<bool> {
    let swapped = paired(&Report::new(a).metrics(), &Report::new(b).metrics());
    let by_name: HashMap<&str, f64> = swapped.iter().map(|d| (d.metric.as_str(), d.difference)).collect();
    // A score that this swapping leaves undefined on one side is as extreme as can be.
    let found = |d: &Difference| by_name.get(d.metric.as_str()).map_or(f64::INFINITY, |x| x.abs());
    differences.iter().map(|d| found(d) >= d.difference.abs() - ROUNDING).collect()
}

/// The units of both sides; one that only one side has is empty on the other.
struct Units {
    names: Vec<String>,
    pairs: Vec<[Tally; 2]>,
}

impl Units {
    fn new(pred: &Counted, baseline: &Counted) -> Self {
        let mut by_name: BTreeMap<(usize, &str), [Tally; 2]> = BTreeMap::new();
        for (side, counted) in [pred, baseline].into_iter().enumerate() {
            for (name, tally) in counted.names.iter().zip(&counted.tallies) {
                // Numbers, which name given pairs, sort by their length first.
                let length = if name.bytes().all(|b| b.is_ascii_digit()) { name.len() } else { 0 };
                by_name.entry((length, name)).or_default()[side] = tally.clone();
            }
        }
        let (names, pairs) = by_name.into_iter().map(|((_, name), pair)| (name.to_owned(), pair)).unzip();
        Units { names, pairs }
    }

    fn test(&self, differences: &mut [Difference], options: Options) {
        if options.resamples == 0 {
            return;
        }
        let matrix = Matrix::new(self.pairs.iter().flatten());
        let exceeded = |block: usize| {
            let lanes = LANES.min(options.resamples - block * LANES);
            let [pred, baseline] = self.swapped(block, options.seed).map(|weights| matrix.sums(&weights));
            let sums = pred.iter().zip(&baseline).take(lanes);
            sums.map(|(a, b)| at_least(differences, a, b)).collect::<Vec<_>>()
        };
        let blocks: Vec<Vec<Vec<bool>>> =
            (0..options.resamples.div_ceil(LANES)).into_par_iter().map(exceeded).collect();
        let exceeded: Vec<Vec<bool>> = blocks.into_iter().flatten().collect();
        for (ix, difference) in differences.iter_mut().enumerate() {
            let at_least = exceeded.iter().filter(|swapping| swapping[ix]).count();
            difference.p = Some((at_least + 1) as f64 / (options.resamples + 1) as f64);
        }
    }

    /// Weights of the rows of both sides, alternating, in the two sums of every swapping of a block.
    fn swapped(&self, block: usize, seed: u64) -> [Vec<[f64; LANES]>; 2] {
        let rows = 2 * self.pairs.len();
        let mut weights = [vec![[0.0; LANES]; rows], vec![[0.0; LANES]; rows]];
        (0..LANES).for_each(|lane| {
            let mut random = SplitMix64::new(seed, (block * LANES + lane) as u64);
            for unit in 0..self.pairs.len() {
                let swap = random.below(2);
                weights[0][2 * unit + swap][lane] = 1.0;
                weights[1][2 * unit + 1 - swap][lane] = 1.0;
            }
        });
        weights
    }

    fn differing(self) -> Vec<DocumentDifference> {
        let named = self.names.into_iter().zip(self.pairs);
        let mut documents: Vec<_> = named
            .map(|(document, [pred, baseline])| {
                let (errors, baseline) = (Errors::new(&pred), Errors::new(&baseline));
                let difference = errors.total() as i64 - baseline.total() as i64;
                DocumentDifference { document, difference, errors, baseline }
            })
            .filter(|d| d.difference != 0)
            .collect();
        documents.sort_by_key(|d| Reverse(d.difference.abs()));
        documents.truncate(LISTED);
        documents
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::related;
    use super::super::{compare, compare_events, Format};
    use super::*;
    use crate::document::{Annotation, Probability};
    use crate::labels::Event;

    const QUICK: Options = Options { resamples: 99, seed: 3 };

    fn documents(n: usize, wrong: impl Fn(usize) -> bool) -> Vec<Annotation> {
        let document = |ix: usize| {
            let kind = if wrong(ix) { "ORG" } else { "LOC" };
            let text = format!("[Oslo|{kind}:a=NOR] met [Rome|LOC:b=ITA].");
            let mut a = related(&text, &["a>b 0 CONSULT contact.meet neutral actual"]);
            a.meta.id = format!("d{ix}");
            a
        };
        (0..n).map(document).collect()
    }

    fn difference<'a>(c: &'a Comparison, metric: &str) -> &'a Difference {
        c.differences.iter().find(|d| d.metric == metric).unwrap()
    }

    #[test]
    fn a_prediction_does_not_differ_from_itself() {
        let (gold, pred) = (documents(8, |_| false), documents(8, |ix| ix == 2));
        let c = compare(&gold, &pred, &pred, QUICK);
        assert!(c.differences.len() > 30);
        assert!(c.differences.iter().all(|d| d.difference == 0.0 && d.p == Some(1.0)));
        assert_eq!((c.classes, c.documents), (vec![], vec![]));
    }

    #[test]
    fn many_consistent_differences_are_no_chance_and_one_may_be() {
        let gold = documents(12, |_| false);
        let (good, bad) = (documents(12, |_| false), documents(12, |_| true));
        let c = compare(&gold, &good, &bad, QUICK);
        let d = difference(&c, "ner.micro.f1");
        assert_eq!((d.value, d.baseline), (1.0, 0.5));
        // Only the swappings of no document and of all of the 4096 make as large a difference.
        assert!(d.p.unwrap() <= 0.03, "{d:?}");
        let c = compare(&gold, &good, &documents(12, |ix| ix == 4), QUICK);
        assert_eq!(difference(&c, "ner.micro.f1").p, Some(1.0));
        assert_eq!(difference(&c, "relations.by_actor.pair.f1").difference, 0.0);
    }

    #[test]
    fn classes_and_documents_that_differ_are_listed() {
        let gold = documents(3, |_| false);
        let c = compare(&gold, &gold, &documents(3, |ix| ix == 1), QUICK);
        let classes: Vec<_> = c.classes.iter().map(|d| d.metric.as_str()).collect();
        assert!(classes.contains(&"ner.classes.LOC.f1"), "{classes:?}");
        let names = |errors: Errors| errors.names;
        let listed: Vec<_> = c
            .documents
            .iter()
            .map(|d| (d.document.as_str(), d.difference, names(d.errors), names(d.baseline)))
            .collect();
        assert_eq!(listed, [("d1", -2, 0, 2)]);
        let table = c.render(Format::Table);
        assert!(table.contains("\nUnits whose errors differ most (prediction/baseline)\n"), "{table}");
        assert!(c.render(Format::Csv).starts_with("metric,value,baseline,difference,p\nner.micro.f1,1,"));
    }

    #[test]
    fn given_pairs_are_compared_in_their_order() {
        let pairs: Vec<_> = Event::ALL.iter().map(|&e| (e, Some((e, Probability::ONE)))).collect();
        let mut other = pairs.clone();
        other[11].1 = Some((Event::Aid, Probability::ONE));
        let c = compare_events(&pairs, &other, QUICK);
        let listed: Vec<_> = c.documents.iter().map(|d| (d.document.as_str(), d.baseline.events)).collect();
        assert_eq!(listed, [("12", 1)]);
    }
}
