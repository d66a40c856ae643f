//! All figures of an evaluation, and each of them by its name.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use super::align::{Warning, WarningKind};
use super::bootstrap::Interval;
use super::calibration::{calibration, judged, Calibration, Judged};
use super::coreference::{coreference, Coreference};
use super::events::{events, Events};
use super::linking::{actors, Actors};
use super::mentions::{anaphors, named, Anaphors};
use super::records::{records, Records};
use super::relations::{relations, Level, Matching, Relations};
use super::score::Averages;
use super::semeval::{semeval, SemEval};
use super::tally::{Cell, Count, Link, Tally};
use crate::labels::EntityType;

/// Figures of every level. A level that the gold has nothing of is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// What was compared.
    pub documents: Documents,
    /// Named mentions: exact span and type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ner: Option<Averages>,
    /// Named mentions in the four modes of SemEval-2013.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub semeval: Option<SemEval>,
    /// Anaphors and their antecedents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anaphors: Option<Anaphors>,
    /// Which mentions speak of one entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coreference: Option<Coreference>,
    /// Actor codes of mentions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actors: Option<Actors>,
    /// Relations of directed pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relations: Option<Relations>,
    /// PLOVER roots and quad classes of given pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Events>,
    /// Aggregated records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<Records>,
    /// Whether scores mean what they say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// 95 % intervals of F1, accuracy and the like, by the name of the metric.
    pub intervals: BTreeMap<String, Interval>,
    /// What the reader should know before trusting the figures.
    pub warnings: Vec<Warning>,
}

/// How many documents, given pairs or records there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Documents {
    /// In the gold.
    pub gold: u64,
    /// In the prediction.
    pub predicted: u64,
    /// In both, with the same text.
    pub compared: u64,
}

/// A number of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Dotted name, as in `relations.by_entity.act.micro.f1`.
    pub name: String,
    /// A score in `[0, 1]`, or a count.
    pub value: f64,
    /// Which of the two it is.
    pub kind: MetricKind,
}

/// What the number of a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// A number of things.
    Count,
    /// A share or mean.
    Score,
    /// A share of nothing, which is given as 0.
    Undefined,
}

impl Metric {
    /// Whether an interval is computed for it: for summary scores, not for counts and their shares.
    pub(super) fn has_interval(&self) -> bool {
        let last = self.name.rsplit('.').next().unwrap_or_default();
        self.kind == MetricKind::Score
            && matches!(last, "f1" | "accuracy" | "macro_f1" | "weighted_f1" | "ece" | "conll")
    }
}

/// A name that no metric of the report has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no metric {name:?} in this report; {hint}")]
pub struct UnknownMetric {
    /// The name that was asked for.
    pub name: String,
    hint: String,
}

/// The least value that a metric may have: `METRIC=VALUE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum {
    /// Dotted name of the metric.
    pub metric: String,
    /// The least value.
    pub value: f64,
}

/// A string that is no minimum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no minimum; expected a metric and a number, as in ner.micro.f1=0.9")]
pub struct BadMinimum(String);

impl FromStr for Minimum {
    type Err = BadMinimum;

    fn from_str(s: &str) -> Result<Self, BadMinimum> {
        let bad = || BadMinimum(s.to_owned());
        let (metric, value) = s.split_once('=').ok_or_else(bad)?;
        let value: f64 = value.trim().parse().map_err(|_| bad())?;
        let metric = metric.trim();
        if metric.is_empty() || !value.is_finite() {
            return Err(bad());
        }
        Ok(Minimum { metric: metric.to_owned(), value })
    }
}

/// A metric that falls short of its minimum.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortfall {
    /// What was asked for.
    pub minimum: Minimum,
    /// What the report has.
    pub found: f64,
}

impl std::fmt::Display for Shortfall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is {:.4}, below the minimum of {}", self.minimum.metric, self.found, self.minimum.value)
    }
}

impl Report {
    /// The figures of summed counts, without intervals and warnings.
    pub(super) fn new(tally: &Tally) -> Self {
        let (actors, relations) = (actors(tally), relations(tally));
        let calibration = calibration(tally, |what| match what {
            Judged::Named | Judged::Event | Judged::Status => true,
            Judged::Actor => actors.is_some(),
            Judged::Relation => relations.is_some(),
        });
        Report {
            ner: named(tally),
            semeval: semeval(tally),
            anaphors: anaphors(tally),
            coreference: coreference(tally),
            actors,
            relations,
            events: events(tally),
            records: records(tally),
            calibration,
            ..Report::default()
        }
    }

    /// All numbers of the report in its order, beside intervals and reliability bins.
    pub fn metrics(&self) -> Vec<Metric> {
        let mut metrics = Vec::new();
        // The report is made of maps with text keys and of numbers, which serialise always.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(levels) = &mut value {
            levels.remove("intervals");
            flatten(&mut String::new(), &value, &mut metrics);
        }
        metrics
    }

    /// The metric of this dotted name.
    pub fn metric(&self, name: &str) -> Result<f64, UnknownMetric> {
        let metrics = self.metrics();
        if let Some(found) = metrics.iter().find(|m| m.name == name) {
            return Ok(found.value);
        }
        let scores: Vec<&str> =
            metrics.iter().filter(|m| m.has_interval() && !m.name.contains(".classes.")).map(|m| &*m.name).collect();
        let last = name.rsplit('.').next().unwrap_or(name);
        let near: Vec<&str> = scores.iter().copied().filter(|n| n.contains(last)).collect();
        let offered = if near.is_empty() || last.is_empty() { scores } else { near };
        let hint = if offered.is_empty() { "it is empty".into() } else { format!("it has {}", offered.join(", ")) };
        Err(UnknownMetric { name: name.to_owned(), hint })
    }

    /// Those of `minima` that the report does not reach.
    pub fn shortfalls(&self, minima: &[Minimum]) -> Result<Vec<Shortfall>, UnknownMetric> {
        let mut short = Vec::new();
        for minimum in minima {
            let found = self.metric(&minimum.metric)?;
            if found < minimum.value {
                short.push(Shortfall { minimum: minimum.clone(), found });
            }
        }
        Ok(short)
    }
}

/// A warning for each level of which the gold has nothing and the prediction something.
pub(super) fn not_annotated(tally: &Tally) -> Vec<Warning> {
    let links = [Link::Right, Link::Wrong, Link::Unknown, Link::Unmatched];
    let linked = EntityType::ALL.iter().flat_map(|&kind| links.map(|how| tally.count(Cell::Linked(kind, how)))).sum();
    let anaphor = |count| tally.count(Cell::Anaphor(count));
    let pair = |count| tally.count(Cell::Relation(Matching::Entity, Level::Pair, count));
    let levels: [(&str, u64, u64); 3] = [
        ("anaphors", anaphor(Count::Gold), anaphor(Count::Predicted)),
        ("actor codes", linked, judged(Judged::Actor, tally)),
        ("related pairs", pair(Count::Gold), pair(Count::Predicted)),
    ];
    let empty = levels.into_iter().filter(|&(_, gold, predicted)| gold == 0 && predicted > 0);
    let warning = |(what, _, n)| Warning {
        kind: WarningKind::NotAnnotated,
        document: String::new(),
        detail: format!("{n} {what}"),
    };
    empty.map(warning).collect()
}

/// Appends the numbers below `value`; returns the sum of the counts among them, if there are any.
///
/// Scores are undefined when all counts beside and below them are 0.
fn flatten(path: &mut String, value: &Value, metrics: &mut Vec<Metric>) -> Option<f64> {
    match value {
        Value::Object(fields) => {
            let from = metrics.len();
            let mut counted: Option<f64> = None;
            for (key, value) in fields {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                let below = flatten(path, value, metrics);
                counted = counted.map_or(below, |n| Some(n + below.unwrap_or(0.0)));
                path.truncate(length);
            }
            if counted == Some(0.0) {
                for metric in metrics[from..].iter_mut().filter(|m| m.kind == MetricKind::Score) {
                    metric.kind = MetricKind::Undefined;
                }
            }
            counted
        }
        Value::Number(n) => {
            let kind = if n.is_f64() { MetricKind::Score } else { MetricKind::Count };
            let value = n.as_f64().unwrap_or_default();
            metrics.push(Metric { name: path.clone(), value, kind });
            (kind == MetricKind::Count).then_some(value)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::score::Prf;

    fn report() -> Report {
        Report { ner: Some(Averages::new([("PER", Prf::new(4, 5, 2))])), ..Report::default() }
    }

    #[test]
    fn metrics_have_dotted_names() {
        let r = report();
        assert_eq!(r.metric("ner.micro.recall"), Ok(0.5));
        assert_eq!(r.metric("ner.classes.PER.gold"), Ok(4.0));
        let unknown = r.metric("ner.f1").unwrap_err().to_string();
        assert_eq!(unknown, r#"no metric "ner.f1" in this report; it has ner.micro.f1, ner.macro.f1, ner.weighted.f1"#);
    }

    #[test]
    fn a_share_of_nothing_is_undefined() {
        let mut r = report();
        r.anaphors = Some(Anaphors { mentions: Prf::new(0, 2, 0), ..Anaphors::default() });
        let kind = |name: &str| r.metrics().into_iter().find(|m| m.name == name).map(|m| m.kind);
        assert_eq!(kind("ner.macro.f1"), Some(MetricKind::Score));
        assert_eq!(kind("anaphors.mentions.recall"), Some(MetricKind::Score));
        assert_eq!(kind("anaphors.antecedents.accuracy"), Some(MetricKind::Undefined));
        assert_eq!(kind("anaphors.antecedents.items"), Some(MetricKind::Count));
    }

    #[test]
    fn a_report_falls_short_of_a_minimum() {
        let minima = ["ner.micro.precision=0.4", "ner.micro.recall = 0.51"].map(|m| m.parse().unwrap());
        let short = report().shortfalls(&minima).unwrap();
        assert_eq!(short.len(), 1);
        assert_eq!(short[0].to_string(), "ner.micro.recall is 0.5000, below the minimum of 0.51");
        for bad in ["ner", "ner=", "=1", "ner=x", "ner=NaN"] {
            assert!(bad.parse::<Minimum>().is_err(), "{bad}");
        }
    }
}
