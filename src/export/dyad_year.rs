//! Directed dyad-years, as political scientists join them with other data: one row an actor, counterpart and year.
//!
//! A record gives a row for every year from the first to the last that any of its dates names, years
//! without news included: their counts are zero and their statuses go on. What is not dated is in no row.
//!
//! | column | what it holds |
//! | --- | --- |
//! | `actor`, `counterpart` | codes of the program, such as `RUS`, `AFG/TALIBAN`, `INT/UN` |
//! | `year` | the calendar year |
//! | `actor_iso3`, `counterpart_iso3` | ISO 3166-1 alpha-3 of the state that it is or belongs to; past states by ISO
//! 3166-3 (`SUN`), Kosovo as `XKX`; empty for `INT` |
//! | `actor_cow`, `counterpart_cow` | number of that state in the Correlates of War project, where it has one |
//! | `actor_gw`, `counterpart_gw` | the same by Gleditsch and Ward |
//! | `evidence` | pieces of evidence dated in the year, of whatever modality, copies not counted |
//! | `favor`, `neutral`, `against` | those of what happened, by stance |
//! | `stance` | their mean stance from -1 (against) to 1 (in favour), weighted by score; empty without evidence |
//! | `verbal_cooperation`, `material_cooperation`, `verbal_conflict`, `material_conflict` | happenings first told of in
//! the year, by quad class: what several sentences or sources tell counts once |
//! | `AGREE` … `ASSAULT` | the same by PLOVER event |
//! | `recognition` … `seat` | status of the facet on 31 December, empty where none is known |
//!
//! A row whose `actor` equals `actor_iso3` and whose `counterpart` equals `counterpart_iso3` is one of states
//! proper; among these the two numbers and the year occur once. The numbers are today's: Germany is 255 in
//! the Correlates of War of every year.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use super::flat::Value;
use super::{periods, Error};
use crate::actors::KnowledgeBase;
use crate::document::{ActorCode, Event, Facet, QuadClass};
use crate::records::{events, stance, Evidence, FacetState, Record, Status};

/// Writes the header and the rows, in the order of the records and of years.
pub fn write(
    records: impl IntoIterator<Item = impl Borrow<Record>>,
    known: &KnowledgeBase,
    out: &mut impl Write,
) -> Result<(), Error> {
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(header())?;
    for record in records {
        let record = record.borrow();
        let mut by_year: BTreeMap<i16, Vec<&Evidence>> = BTreeMap::new();
        for evidence in &record.evidence {
            if let Some(date) = evidence.date {
                by_year.entry(date.year()).or_default().push(evidence);
            }
        }
        let pair = [side(&record.actor, known), side(&record.counterpart, known)].concat();
        let Some((first, last)) = span(record, by_year.keys().copied()) else { continue };
        let mut told = BTreeSet::new();
        for year in first..=last {
            let evidence = by_year.get(&year).map_or(&[][..], Vec::as_slice);
            // What an earlier year has told of does not happen again.
            let news: Vec<&Evidence> = evidence.iter().copied().filter(|e| !told.contains(&e.happening)).collect();
            told.extend(evidence.iter().map(|e| e.happening));
            let statuses = Facet::ALL.iter().map(|&facet| {
                let status = record.facet(facet).and_then(|state| at_end_of(year, record, state));
                status.map_or("", Status::name).to_owned()
            });
            let row = pair.iter().cloned().chain([year.to_string()]).chain(counts(evidence, &news)).chain(statuses);
            csv.write_record(row)?;
        }
    }
    csv.flush()?;
    Ok(())
}

fn header() -> impl Iterator<Item = &'static str> {
    const PAIR: [&str; 9] = [
        "actor",
        "actor_iso3",
        "actor_cow",
        "actor_gw",
        "counterpart",
        "counterpart_iso3",
        "counterpart_cow",
        "counterpart_gw",
        "year",
    ];
    let counts = ["evidence", "favor", "neutral", "against", "stance"];
    let quads = QuadClass::ALL.iter().map(|q| q.name());
    let events = Event::ALL.iter().map(|e| e.name());
    let facets = Facet::ALL.iter().map(|f| f.name());
    PAIR.into_iter().chain(counts).chain(quads).chain(events).chain(facets)
}

/// An actor and the codes of its state.
fn side(actor: &ActorCode, known: &KnowledgeBase) -> [String; 4] {
    let state = actor.country();
    let iso = if known.has_state(state) { state } else { "" };
    let numbers = known.numbers(state);
    let number = |n: Option<u16>| n.map_or_else(String::new, |n| n.to_string());
    [actor.to_string(), iso.to_owned(), number(numbers.cow), number(numbers.gw)]
}

/// First and last year of the evidence and of what is known of the facets.
fn span(record: &Record, evidence: impl Iterator<Item = i16>) -> Option<(i16, i16)> {
    let states = Facet::ALL.iter().filter_map(|&facet| record.facet(facet));
    let periods = states.flat_map(|state| periods(record, state)).flat_map(|p| [p.from, p.to]);
    let years: Vec<i16> = evidence.chain(periods.flatten().map(|d| d.year())).collect();
    Some((*years.iter().min()?, *years.iter().max()?))
}

/// Numbers of pieces of evidence and their stance, and of the happenings that the `news` among it tell of.
fn counts(evidence: &[&Evidence], news: &[&Evidence]) -> Vec<String> {
    let (stance, events) = (stance(evidence.iter().copied()), events(news.iter().copied()));
    let happened = stance.favor + stance.neutral + stance.against;
    let mut row = [evidence.len(), stance.favor, stance.neutral, stance.against].map(|n| n.to_string()).to_vec();
    row.push(if happened > 0 { Value::Decimal(stance.score).to_string() } else { String::new() });
    let of_class = |q: QuadClass| events.iter().filter(|(e, _)| e.quad() == q).map(|(_, n)| n).sum::<usize>();
    row.extend(QuadClass::ALL.iter().map(|&q| of_class(q).to_string()));
    row.extend(Event::ALL.iter().map(|e| events.get(e).copied().unwrap_or(0).to_string()));
    row
}

/// The status that held when the year ended.
fn at_end_of(year: i16, record: &Record, state: &FacetState) -> Option<Status> {
    let held = |p: &crate::records::Past| {
        p.from.is_none_or(|from| from.year() <= year) && p.to.is_none_or(|to| to.year() > year)
    };
    periods(record, state).into_iter().rfind(held).map(|p| p.status)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::records::sketch;

    fn rows(lines: &str) -> Vec<BTreeMap<String, String>> {
        let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/actors");
        let mut file = Vec::new();
        let records = sketch::records(&sketch::annotations(lines));
        write(&records, &KnowledgeBase::load(&known).unwrap(), &mut file).unwrap();
        ::csv::Reader::from_reader(file.as_slice()).deserialize().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn years_without_news_keep_their_status() {
        let rows = rows(
            "day 2021-03-01 RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9
             day 2021-05-01 RUS>AFG/TALIBAN contact.meet CONSULT neutral actual 0.6
             day 2021-06-01 RUS>AFG/TALIBAN recognition.grant SUPPORT favor hypothetical 0.6
             day 2023-05-27 RUS>AFG/TALIBAN listing.delist YIELD favor actual 0.9
             day - RUS>AFG/TALIBAN statement.criticize ACCUSE against actual 0.9",
        );
        let columns = [
            "year",
            "actor_iso3",
            "actor_cow",
            "counterpart",
            "counterpart_iso3",
            "counterpart_gw",
            "evidence",
            "favor",
            "neutral",
            "against",
            "stance",
            "verbal_cooperation",
            "material_conflict",
            "CONSULT",
            "ACCUSE",
            "listing",
        ];
        let shown: Vec<String> = rows.iter().map(|row| columns.map(|c| row[c].as_str()).join(" ")).collect();
        assert_eq!(
            shown,
            [
                "2021 RUS 365 AFG/TALIBAN AFG 700 3 0 1 1 -0.6000 1 1 1 0 designated",
                "2022 RUS 365 AFG/TALIBAN AFG 700 0 0 0 0  0 0 0 0 designated",
                "2023 RUS 365 AFG/TALIBAN AFG 700 1 1 0 0 1.0000 0 0 0 0 delisted",
            ]
        );
    }

    #[test]
    fn codes_of_states_and_of_what_is_none() {
        let rows = rows(
            "day 2024-05-27 INT/UN>XKX other CONSULT neutral actual 0.9
             day 2024-05-27 DEU>SRB other CONSULT neutral actual 0.9",
        );
        let codes: Vec<String> = rows
            .iter()
            .map(|row| ["actor", "actor_iso3", "actor_cow", "actor_gw"].map(|c| row[c].as_str()).join(","))
            .collect();
        assert_eq!(codes, ["DEU,DEU,255,260", "INT/UN,,,"]);
        assert_eq!((rows[0]["counterpart_gw"].as_str(), rows[1]["counterpart_iso3"].as_str()), ("340", "XKX"));
    }

    #[test]
    fn what_has_no_date_has_no_row() {
        assert_eq!(rows("day - USA>RUS statement.criticize ACCUSE against actual 0.9"), []);
    }
}
