//! Aggregated records, facet by facet.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::align::{Warning, WarningKind};
use super::calibration::{Bins, Judged};
use super::score::{Accuracy, ByLabel, Prf, Scores};
use super::tally::{Cell, Count, FacetCount, Tally};
use crate::document::Probability;
use crate::labels::Facet;

/// What is compared of a record: a line of `records.jsonl`, whose other fields are passed over.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct JudgedRecord {
    /// Code of the actor.
    pub actor: String,
    /// Code of the counterpart.
    pub counterpart: String,
    /// All other fields, among them the facets: an object with `status`, or null where no evidence speaks.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl JudgedRecord {
    /// Status of a facet and since when; `None` where no evidence speaks.
    pub(super) fn facet(&self, facet: Facet) -> Option<(&str, Option<&str>)> {
        let value = self.fields.get(facet.name())?;
        Some((value.get("status")?.as_str()?, value.get("since").and_then(Value::as_str)))
    }

    /// How sure the status of a facet is, where the record says so.
    fn confidence(&self, facet: Facet) -> Option<Probability> {
        let value = self.fields.get(facet.name())?.get("confidence")?.as_f64()?;
        Some(Probability::new(value as f32))
    }

    /// What stands at `path`, unless it is null.
    fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        let value = rest.iter().try_fold(self.fields.get(*first)?, |value, key| value.get(key))?;
        (!value.is_null()).then_some(value)
    }

    /// Document, start and end of each piece of evidence.
    fn evidence(&self) -> Vec<(&str, u64, u64)> {
        let all = self.fields.get("evidence").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        all.iter()
            .filter_map(|e| Some((e.get("document")?.as_str()?, e.get("start")?.as_u64()?, e.get("end")?.as_u64()?)))
            .collect()
    }
}

/// Scores of records.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Records {
    /// The directed pairs themselves.
    pub pairs: Prf,
    /// All facets together.
    pub facets: FacetScores,
    /// Each facet that occurs.
    pub by_facet: ByLabel<FacetScores>,
    /// Mean over the facets that occur.
    #[serde(rename = "macro")]
    pub macro_: Scores,
    /// Of the pairs on both sides, how many have the right stance, first and last date, number of
    /// documents and of meetings, where the gold says so.
    pub details: ByLabel<Accuracy>,
    /// How many of the gold's pieces of evidence the prediction of the pair rests on, too.
    pub evidence: Accuracy,
}

/// What else is compared of a record, and where it stands in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    Stance,
    First,
    Last,
    Documents,
    Meetings,
}

const DETAILS: [(Detail, &str, &[&str]); 5] = [
    (Detail::Stance, "stance", &["stance", "label"]),
    (Detail::First, "first", &["first"]),
    (Detail::Last, "last", &["last"]),
    (Detail::Documents, "documents", &["documents"]),
    (Detail::Meetings, "meetings", &["contact", "meetings"]),
];

/// How the statuses of a facet compare.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct FacetScores {
    /// Share of the predicted statuses that are right.
    pub precision: f64,
    /// Share of the gold statuses that were predicted.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// The same status on both sides.
    pub right: u64,
    /// Another status than the gold's.
    pub wrong: u64,
    /// The gold has a status, the prediction none.
    pub missing: u64,
    /// The prediction has a status, the gold none.
    pub invented: u64,
    /// Of the right statuses that the gold dates, how many hold since the right date.
    pub since: Accuracy,
}

impl FacetScores {
    fn new(count: impl Fn(FacetCount) -> u64) -> Self {
        let [right, wrong, missing, invented] =
            [FacetCount::Right, FacetCount::Wrong, FacetCount::Missing, FacetCount::Invented].map(&count);
        let Prf { precision, recall, f1, .. } = Prf::new(right + wrong + missing, right + wrong + invented, right);
        let since = Accuracy::new(count(FacetCount::Since), count(FacetCount::Dated));
        FacetScores { precision, recall, f1, right, wrong, missing, invented, since }
    }

    fn scores(&self) -> Scores {
        Scores { precision: self.precision, recall: self.recall, f1: self.f1 }
    }

    /// Whether neither side has a status.
    pub fn is_empty(&self) -> bool {
        self.right + self.wrong + self.missing + self.invented == 0
    }
}

/// Name and tally of each pair that either side has, in the order of the codes.
pub(super) fn tally_records(
    gold: &[JudgedRecord],
    pred: &[JudgedRecord],
    warnings: &mut Vec<Warning>,
) -> Vec<(String, Tally)> {
    let gold = by_pair(gold, "gold", warnings);
    let pred = by_pair(pred, "prediction", warnings);
    let pairs: BTreeSet<_> = gold.keys().chain(pred.keys()).copied().collect();
    let tally = |pair| tally_pair(gold.get(&pair).copied(), pred.get(&pair).copied());
    pairs.into_iter().map(|pair| (name(pair), tally(pair))).collect()
}

fn tally_pair(gold: Option<&JudgedRecord>, pred: Option<&JudgedRecord>) -> Tally {
    let mut tally = Tally::default();
    for (holds, count) in [
        (gold.is_some(), Count::Gold),
        (pred.is_some(), Count::Predicted),
        (gold.is_some() && pred.is_some(), Count::Correct),
    ] {
        if holds {
            tally.one(Cell::Record(count));
        }
    }
    let mut statuses = Bins::default();
    for &facet in Facet::ALL {
        if let (Some(found), Some(confidence)) = (status(pred, facet), pred.and_then(|r| r.confidence(facet))) {
            statuses.judge(confidence, status(gold, facet) == Some(found));
        }
        let mut count = |what| tally.one(Cell::FacetOf(facet, what));
        match (gold.and_then(|r| r.facet(facet)), pred.and_then(|r| r.facet(facet))) {
            (None, None) => {}
            (Some(_), None) => count(FacetCount::Missing),
            (None, Some(_)) => count(FacetCount::Invented),
            (Some((g, _)), Some((p, _))) if g != p => count(FacetCount::Wrong),
            (Some((_, since)), Some((_, found))) => {
                count(FacetCount::Right);
                if since.is_some() {
                    count(FacetCount::Dated);
                    if since == found {
                        count(FacetCount::Since);
                    }
                }
            }
        }
    }
    statuses.tally(Judged::Status, &mut tally);
    if let (Some(gold), Some(pred)) = (gold, pred) {
        for (detail, _, path) in DETAILS {
            if let Some(expected) = gold.at(path) {
                tally.one(Cell::RecordDetail(detail, pred.at(path) == Some(expected)));
            }
        }
    }
    let found = pred.map(JudgedRecord::evidence).unwrap_or_default();
    for (document, start, end) in gold.map(JudgedRecord::evidence).unwrap_or_default() {
        let same = |&(d, s, e): &(&str, u64, u64)| d == document && s < end && start < e;
        tally.one(Cell::Evidence(found.iter().any(same)));
    }
    tally.seal()
}

type Pair<'a> = (&'a str, &'a str);

fn name((actor, counterpart): Pair) -> String {
    format!("{actor} → {counterpart}")
}

fn by_pair<'a>(
    records: &'a [JudgedRecord],
    side: &str,
    warnings: &mut Vec<Warning>,
) -> BTreeMap<Pair<'a>, &'a JudgedRecord> {
    let mut found = BTreeMap::new();
    for r in records {
        let pair = (r.actor.as_str(), r.counterpart.as_str());
        if let Entry::Vacant(free) = found.entry(pair) {
            free.insert(r);
        } else {
            let detail = format!("on the side of the {side}");
            warnings.push(Warning { kind: WarningKind::Duplicate, document: name(pair), detail });
        }
        let unread = Facet::ALL.iter().filter(|f| r.at(&[f.name()]).is_some() && r.facet(**f).is_none());
        warnings.extend(unread.map(|facet| Warning {
            kind: WarningKind::Unknown,
            document: name(pair),
            detail: format!("{facet} on the side of the {side}: expected null or an object with a status"),
        }));
    }
    found
}

/// Status of a facet, where there is a record and it has one.
fn status(record: Option<&JudgedRecord>, facet: Facet) -> Option<&str> {
    record.and_then(|r| r.facet(facet)).map(|(status, _)| status)
}

/// Scores of records.
pub(super) fn records(tally: &Tally) -> Option<Records> {
    let [gold, predicted, correct] =
        [Count::Gold, Count::Predicted, Count::Correct].map(|count| tally.count(Cell::Record(count)));
    let of = |facet, what| tally.count(Cell::FacetOf(facet, what));
    let by_facet: Vec<_> = Facet::ALL
        .iter()
        .map(|&facet| (facet.name(), FacetScores::new(|what| of(facet, what))))
        .filter(|(_, scores)| !scores.is_empty())
        .collect();
    let parts: Vec<_> = by_facet.iter().map(|(_, f)| (f.scores(), 1.0)).collect();
    let of_two = |cell: &dyn Fn(bool) -> Cell| {
        let [right, wrong] = [true, false].map(|right| tally.count(cell(right)));
        Accuracy::new(right, right + wrong)
    };
    let details = DETAILS.map(|(detail, name, _)| (name, of_two(&|right| Cell::RecordDetail(detail, right))));
    (gold + predicted > 0).then(|| Records {
        pairs: Prf::new(gold, predicted, correct),
        facets: FacetScores::new(|what| Facet::ALL.iter().map(|&facet| of(facet, what)).sum()),
        by_facet: ByLabel(by_facet),
        macro_: Scores::mean(&parts),
        details: ByLabel(details.into_iter().filter(|(_, a)| a.items > 0).collect()),
        evidence: of_two(&Cell::Evidence),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<JudgedRecord> {
        lines.iter().map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    fn scored(gold: &[&str], pred: &[&str]) -> Records {
        let mut warnings = Vec::new();
        let tallies = tally_records(&read(gold), &read(pred), &mut warnings);
        assert_eq!(warnings, []);
        records(&Tally::sum(tallies.iter().map(|(_, t)| t))).unwrap()
    }

    const GOLD: &[&str] = &[
        r#"{"actor":"RUS","counterpart":"AFG/TALIBAN","recognition":{"status":"considering","since":"2024-05-27"},
            "listing":{"status":"delisting","since":"2024-05-27"},"trade":null,"stance":{"label":"favor"},"first":"2024-05-01",
            "evidence":[{"document":"a","start":0,"end":50},{"document":"b","start":9,"end":50}]}"#,
        r#"{"actor":"CHN","counterpart":"AFG/TALIBAN","representation":{"status":"ambassador","since":null},"stance":{"label":"neutral"}}"#,
    ];

    #[test]
    fn facets_are_right_wrong_missing_or_invented() {
        let r = scored(
            GOLD,
            &[
                r#"{"actor":"RUS","counterpart":"AFG/TALIBAN","recognition":{"status":"considering","since":"2024-05-28"},
                    "listing":{"status":"delisted","since":null},"trade":{"status":"expanding"},"stance":{"label":"favor"},"evidence":[{"document":"a","start":40,"end":60}]}"#,
                r#"{"actor":"USA","counterpart":"AFG/TALIBAN","sanctions":{"status":"imposed"}}"#,
            ],
        );
        assert_eq!((r.pairs.gold, r.pairs.predicted, r.pairs.correct), (2, 2, 1));
        let f = r.facets;
        assert_eq!((f.right, f.wrong, f.missing, f.invented), (1, 1, 1, 2));
        assert_eq!((f.precision, f.recall), (0.25, 1.0 / 3.0));
        assert_eq!((f.since.right, f.since.items), (0, 1));
        assert_eq!(r.by_facet.get("listing").map(|f| f.wrong), Some(1));
        assert_eq!(r.by_facet.get("aid"), None);
        // Recognition 1, the other four 0.
        assert!((r.macro_.f1 - 0.2).abs() < 1e-12);
        let detail = |name| r.details.get(name).map(|a| (a.right, a.items));
        assert_eq!((detail("stance"), detail("first"), detail("last")), (Some((1, 1)), Some((0, 1)), None));
        assert_eq!((r.evidence.right, r.evidence.items), (1, 2));
    }

    #[test]
    fn confidence_is_compared_with_how_often_statuses_are_right() {
        let pred =
            [r#"{"actor":"RUS","counterpart":"AFG/TALIBAN","recognition":{"status":"considering","confidence":0.75},
                "trade":{"status":"expanding","confidence":0.75},"listing":{"status":"delisting"}}"#];
        let tallies = tally_records(&read(GOLD), &read(&pred), &mut Vec::new());
        let sum = Tally::sum(tallies.iter().map(|(_, t)| t));
        let statuses = super::super::calibration::calibration(&sum, |_| true).and_then(|c| c.statuses).unwrap();
        // One of two is right at 0.75; the status without a confidence is not judged.
        assert_eq!((statuses.items, statuses.ece), (2, 0.25));
    }

    #[test]
    fn gold_against_itself_is_perfect() {
        let r = scored(GOLD, GOLD);
        assert_eq!((r.pairs.f1, r.facets.f1, r.macro_.f1, r.evidence.accuracy), (1.0, 1.0, 1.0, 1.0));
        assert!(r.details.iter().all(|(_, a)| a.accuracy == 1.0));
        assert_eq!((r.facets.since.right, r.facets.since.items), (2, 2));
    }

    #[test]
    fn a_facet_that_is_not_understood_is_told() {
        let mut warnings = Vec::new();
        let gold = read(&[r#"{"actor":"RUS","counterpart":"CHN","aid":"giving","trade":{"status":null},"seat":null}"#]);
        tally_records(&gold, &[], &mut warnings);
        let told: Vec<_> = warnings.iter().map(|w| (w.kind, w.detail.split(' ').next())).collect();
        assert_eq!(told, [(WarningKind::Unknown, Some("trade")), (WarningKind::Unknown, Some("aid"))]);
    }

    #[test]
    fn a_pair_that_comes_twice_is_told() {
        let mut warnings = Vec::new();
        let twice = read(&[GOLD[1], GOLD[1]]);
        let tallies = tally_records(&twice, &twice, &mut warnings);
        assert_eq!((tallies.len(), warnings.len()), (1, 2));
        assert_eq!(warnings[0].document, "CHN → AFG/TALIBAN");
    }
}
