//! A record as one row of named values: what CSV and GraphML say of a pair.

use std::fmt;

use super::best_evidence;
use crate::document::{Date, Facet};
use crate::records::Record;

/// A value that is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A code, a date, a label, or words of a text.
    Text(String),
    /// How many.
    Count(usize),
    /// A probability or a score.
    Decimal(f64),
}

/// Decimals have four places, as in the JSON form.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Count(n) => write!(f, "{n}"),
            Value::Decimal(x) => write!(f, "{:.4}", four_decimals(*x)),
        }
    }
}

/// As in the JSON form; adding zero turns a negative zero into zero.
pub(super) fn four_decimals(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0 + 0.0
}

/// What kind of values a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Count,
    Decimal,
}

/// A column of the row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// Columns that say which pair it is: the first of all.
pub(super) const PAIR: usize = 4;

/// The columns, in the order of [`row`].
pub(super) fn columns() -> Vec<Column> {
    let column = |name: &str, kind| Column { name: name.to_owned(), kind };
    let texts = |names: &[&str]| names.iter().map(|n| column(n, Kind::Text)).collect::<Vec<_>>();
    let counts = |names: &[&str]| names.iter().map(|n| column(n, Kind::Count)).collect::<Vec<_>>();
    let facets = Facet::ALL.iter().flat_map(|f| {
        [
            column(f.name(), Kind::Text),
            column(&format!("{f}_since"), Kind::Text),
            column(&format!("{f}_confidence"), Kind::Decimal),
        ]
    });
    [
        texts(&["actor", "country", "counterpart", "counterpart_country", "first", "last"]),
        counts(&["documents", "sources"]),
        facets.collect(),
        counts(&["meetings"]),
        texts(&["last_meeting", "mediators", "stance"]),
        vec![column("stance_score", Kind::Decimal)],
        counts(&["favor", "neutral", "against", "conflicts"]),
        texts(&["evidence_document", "evidence_source", "evidence_date", "evidence"]),
    ]
    .concat()
}

/// The values of a record by column; none where nothing is known.
pub(super) fn row(r: &Record) -> Vec<Option<Value>> {
    let text = |t: &str| Some(Value::Text(t.to_owned()));
    let date = |d: Option<Date>| d.map(|d| Value::Text(d.to_string()));
    let count = |n: usize| Some(Value::Count(n));
    let mut row = vec![
        text(r.actor.as_str()),
        text(&r.country),
        text(r.counterpart.as_str()),
        text(&r.counterpart_country),
        date(r.first),
        date(r.last),
        count(r.documents),
        count(r.sources),
    ];
    for &facet in Facet::ALL {
        row.extend(r.facet(facet).map_or([None, None, None], |f| {
            [text(f.status.name()), date(f.since), Some(Value::Decimal(f.confidence.four_decimals()))]
        }));
    }
    let mediators: Vec<&str> = r.contact.mediators.iter().map(|m| m.as_str()).collect();
    row.extend([
        count(r.contact.meetings),
        date(r.contact.last),
        (!mediators.is_empty()).then(|| Value::Text(mediators.join(" "))),
        text(r.stance.label.name()),
        Some(Value::Decimal(r.stance.score)),
        count(r.stance.favor),
        count(r.stance.neutral),
        count(r.stance.against),
        count(r.conflicts.len()),
    ]);
    row.extend(best_evidence(r).map_or([None, None, None, None], |e| {
        [text(&e.document), e.source.as_deref().and_then(text), date(e.date), text(&e.text)]
    }));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::sketch;

    #[test]
    fn values_stand_in_their_columns() {
        let records = sketch::records(&sketch::annotations(
            "day 2024-05-27 src=taz RUS>AFG/TALIBAN listing.delist YIELD against planned 0.93 \"Moscow weighs it.\"",
        ));
        let (columns, row) = (columns(), row(&records[0]));
        assert_eq!(columns.len(), row.len());
        for (column, value) in columns.iter().zip(&row) {
            let kind = match value {
                None => continue,
                Some(Value::Text(_)) => Kind::Text,
                Some(Value::Count(_)) => Kind::Count,
                Some(Value::Decimal(_)) => Kind::Decimal,
            };
            assert_eq!(kind, column.kind, "{}", column.name);
        }
        assert_eq!(columns[PAIR].name, "first");
    }

    #[test]
    fn decimals_have_four_places_and_no_negative_zero() {
        assert_eq!(Value::Decimal(-0.000_01).to_string(), "0.0000");
        assert_eq!(Value::Decimal(-0.5).to_string(), "-0.5000");
    }
}
