//! Aggregated records, facet by facet.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::align::{Warning, WarningKind};
use super::score::{Accuracy, ByLabel, Prf, Scores};
use super::tally::{Cell, Count, FacetCount, Tally};
use crate::labels::{Facet, Stance};

/// What is compared of a record: a line of `records.jsonl`, whose other fields are passed over.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct JudgedRecord {
    /// Code of the actor.
    pub actor: String,
    /// Code of the counterpart.
    pub counterpart: String,
    /// The stance, if the line has one.
    #[serde(default)]
    pub stance: Option<JudgedStance>,
    /// All other fields, among them the facets: an object with `status`, or null where no evidence speaks.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// Stance of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct JudgedStance {
    /// `favor`, `neutral` or `against`.
    pub label: Option<String>,
}

impl JudgedRecord {
    /// Status of a facet and since when; `None` where no evidence speaks.
    fn facet(&self, facet: Facet) -> Option<(&str, Option<&str>)> {
        let value = self.fields.get(facet.name())?;
        Some((value.get("status")?.as_str()?, value.get("since").and_then(|s| s.as_str())))
    }

    fn stance(&self) -> Option<Stance> {
        self.stance.as_ref()?.label.as_deref()?.parse().ok()
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
    /// Stance label of the pairs on both sides, where the gold has one.
    pub stance: Accuracy,
}

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

/// The tally of each pair that either side has, in the order of the codes.
pub(super) fn tally_records(gold: &[JudgedRecord], pred: &[JudgedRecord], warnings: &mut Vec<Warning>) -> Vec<Tally> {
    let gold = by_pair(gold, "gold", warnings);
    let pred = by_pair(pred, "prediction", warnings);
    let pairs: BTreeSet<_> = gold.keys().chain(pred.keys()).copied().collect();
    pairs.into_iter().map(|pair| tally_pair(gold.get(&pair).copied(), pred.get(&pair).copied())).collect()
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
    for &facet in Facet::ALL {
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
    if let (Some(g), Some(p)) = (gold.and_then(JudgedRecord::stance), pred) {
        tally.one(Cell::RecordStance(p.stance() == Some(g)));
    }
    tally.seal()
}

type Pair<'a> = (&'a str, &'a str);

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
            let document = format!("{} → {}", r.actor, r.counterpart);
            warnings.push(Warning { kind: WarningKind::Duplicate, document, detail });
        }
    }
    found
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
    let stance = [true, false].map(|right| tally.count(Cell::RecordStance(right)));
    (gold + predicted > 0).then(|| Records {
        pairs: Prf::new(gold, predicted, correct),
        facets: FacetScores::new(|what| Facet::ALL.iter().map(|&facet| of(facet, what)).sum()),
        by_facet: ByLabel(by_facet),
        macro_: Scores::mean(&parts),
        stance: Accuracy::new(stance[0], stance[0] + stance[1]),
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
        records(&Tally::sum(&tallies)).unwrap()
    }

    const GOLD: &[&str] = &[
        r#"{"actor":"RUS","counterpart":"AFG/TALIBAN","recognition":{"status":"considering","since":"2024-05-27"},
            "listing":{"status":"delisting","since":"2024-05-27"},"trade":null,"stance":{"label":"favor"},"first":"2024-05-01"}"#,
        r#"{"actor":"CHN","counterpart":"AFG/TALIBAN","representation":{"status":"ambassador","since":null},"stance":{"label":"neutral"}}"#,
    ];

    #[test]
    fn facets_are_right_wrong_missing_or_invented() {
        let r = scored(
            GOLD,
            &[
                r#"{"actor":"RUS","counterpart":"AFG/TALIBAN","recognition":{"status":"considering","since":"2024-05-28"},
                    "listing":{"status":"delisted","since":null},"trade":{"status":"expanding"},"stance":{"label":"favor"}}"#,
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
        assert_eq!((r.stance.right, r.stance.items), (1, 1));
    }

    #[test]
    fn gold_against_itself_is_perfect() {
        let r = scored(GOLD, GOLD);
        assert_eq!((r.pairs.f1, r.facets.f1, r.macro_.f1, r.stance.accuracy), (1.0, 1.0, 1.0, 1.0));
        assert_eq!((r.facets.since.right, r.facets.since.items), (2, 2));
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
