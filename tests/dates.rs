//! When things happened, as news sentences tell it.

use std::fmt::Write as _;

use demarche::corpus::inline;
use demarche::document::{Act, Date};
use demarche::records::{Aggregate, Record, Settings};
use demarche::text::{times, Sense};

/// Sentence, date of its document, and the times it tells: a date, `since`, `until` or `beside` (before or after
/// something else) and a date, `ahead` for what is to come, `past` for some time in the past.
const TIMES: &[(&str, &str, &str)] = &[
    // Days of the week; 2024-05-28 is a Tuesday.
    ("The envoy told Tass on Monday.", "2024-05-28", "2024-05-27"),
    ("The court ruled on Tuesday.", "2024-05-28", "2024-05-28"),
    ("Wednesday's talks ended late.", "2024-05-28", "2024-05-22"),
    ("They met last Tuesday.", "2024-05-28", "2024-05-21"),
    ("They met last Friday night.", "2024-05-28", "2024-05-24"),
    ("They will meet next Friday.", "2024-05-28", "ahead"),
    ("The embassy will open on Friday.", "2024-05-28", "ahead"),
    ("The ban has held since Sunday.", "2024-05-28", "since 2024-05-26"),
    ("Sunday came.", "2024-05", ""),
    // Yesterday and its like.
    ("Paris recognised it yesterday.", "2024-03-01", "2024-02-29"),
    ("He left the day before yesterday.", "2024-03-01", "2024-02-28"),
    ("The flag was raised today.", "2024-03-01", "2024-03-01"),
    ("Last night the minister resigned.", "2024-01-01", "2023-12-31"),
    ("This morning shells fell.", "2024-01-01", "2024-01-01"),
    ("The delegation arrives tomorrow.", "2024-01-01", "ahead"),
    ("Paris recognised it yesterday.", "2024", ""),
    ("They signed on New Year's Day.", "2024-01-03", "2024-01-01"),
    // Days of a month.
    ("It stopped aid on 29 July.", "2023-08-27", "2023-07-29"),
    ("It stopped aid on July 29.", "2023-08-27", "2023-07-29"),
    ("It stopped aid on 29 July.", "2023-07-28", "2022-07-29"),
    ("On 4 July it joined.", "2024-09-01", "2024-07-04"),
    ("On the 4th of July 2021 it joined.", "2024-09-01", "2021-07-04"),
    ("On July 4, 2021, it joined.", "2024-09-01", "2021-07-04"),
    ("It joined on 2021-07-04.", "2024-09-01", "2021-07-04"),
    ("The pact of 30 September 2021 holds.", "", "2021-09-30"),
    ("Elections are due on 30 April.", "2023-03-27", "ahead"),
    ("It acts from Sept. 5 on.", "2024-09-06", "2024-09-05"),
    ("The treaty enters into force on 1 January 2030.", "2024-09-06", "ahead"),
    // Months.
    ("In January Xi took the credentials.", "2024-05-28", "2024-01"),
    ("In December it deleted the movement.", "2024-05-28", "2023-12"),
    ("In May they met.", "2024-05-28", "2024-05"),
    ("They may march on the capital.", "2024-05-28", ""),
    ("The alliance was founded last September.", "2024-02-25", "2023-09"),
    ("The alliance was founded last September.", "2024-11-25", "2024-09"),
    ("It fell in May last year.", "2024-05-28", "2023-05"),
    ("It fell in May of this year.", "2024-09-28", "2024-05"),
    ("It fell in March 2019.", "", "2019-03"),
    ("In the last days of December it deleted them.", "2024-05-28", "2023-12"),
    ("The embassy has worked since March.", "2025-07-09", "since 2025-03"),
    ("It intends to recognise the state in September.", "2025-07-31", "ahead"),
    ("Gas is to start flowing in August.", "2025-07-09", "ahead"),
    ("It will open an embassy by June.", "2023-03-27", "ahead"),
    ("In January they met.", "2024", ""),
    // Years and decades.
    ("In 1996 three states recognised it.", "2024-05-28", "1996"),
    ("Washington has frozen the money since 2021.", "2024-01-31", "since 2021"),
    ("It had recognised the island until 2019.", "2024-01-31", "until 2019"),
    ("The measures stay in force until 2027.", "2024-01-31", "ahead"),
    ("The office opened in early 2020.", "2024-01-31", "2020"),
    ("It kept an embassy there from 1996 to 2001.", "2024-01-31", "until 2001"),
    ("The 2015 deal and the borders of 1967 count.", "2024-01-31", ""),
    ("The force of 2021 men left.", "2024-01-31", ""),
    ("It recognised them in the 1990s.", "2024-01-31", "past"),
    ("It froze the accounts last year.", "2024-01-31", "2023"),
    ("Three states followed this year.", "2024-10-31", "2024"),
    ("It will decide next year.", "2024-10-31", "ahead"),
    ("The last troops leave by the end of the year.", "2024-10-31", "ahead"),
    ("It has not done so since the group seized power in 2021.", "2024-12-23", "since 2021"),
    ("It came after the coup in July.", "2024-12-23", "beside 2024-07"),
    // Weeks, months, seasons.
    ("The envoy arrived last week.", "2023-08-27", "2023-08"),
    ("The envoy arrived last week.", "2023-08-02", "2023-07"),
    ("The envoy left last month.", "2024-01-15", "2023-12"),
    ("Bern reopened an office in the spring.", "2025-09-22", "2025"),
    ("The ambassador has been there since the summer.", "2024-12-18", "since 2024"),
    ("It broke off ties last autumn.", "2024-03-18", "2023"),
    ("In summer 2022 ties were restored.", "2024-03-18", "2022"),
    ("Nobody came after the fall of Kabul.", "2024-03-18", ""),
    // Counted from the document or from another time.
    ("Three days ago it recalled its envoy.", "2024-03-02", "2024-02-28"),
    ("It recalled its envoy two weeks ago.", "2024-03-20", "2024-03"),
    ("It put up the tariff a year ago.", "2019-11-12", "2018"),
    ("Ten months ago the ban was lifted.", "2024-03-02", "2023-05"),
    ("Two weeks earlier it had closed the border.", "2024-03-20", "2024-03"),
    ("The Taliban came in August 2021 and it returned ten months later.", "2025-10-11", "2021-08; 2022-06"),
    ("It was shut on 5 March and the staff had left two days earlier.", "2024-03-20", "2024-03-05; 2024-03-03"),
    ("The day before, the envoys had met.", "2024-03-20", "past"),
    ("The assembly has refused it for four years running.", "2025-07-04", "since 2021"),
    ("It has fought them for three years.", "2025-07-04", "since 2022"),
    ("It suspended the act for 180 days.", "2025-07-04", ""),
    ("It has been on the list for the past two years.", "2025-07-04", "since 2023"),
    ("It left the pact long ago.", "2025-07-04", "past"),
    ("He was previously the chargé in the Gulf.", "2024-08-22", "past"),
    ("It used to buy four in ten.", "2024-08-22", "past"),
    // Datelines are of the document, not of an act.
    ("MOSCOW, July 4 (ENW) - Russia on Thursday recognised them.", "2025-07-04", "2025-07-03"),
];

#[test]
fn expressions_of_time() {
    assert!(TIMES.len() >= 60);
    let mut wrong = String::new();
    for (text, written, expected) in TIMES {
        let date = |d: Option<Date>| d.map_or("past".to_owned(), |d| d.to_string());
        let found: Vec<String> = times(text, written.parse().ok(), None)
            .iter()
            .map(|t| match t.sense {
                Sense::On => date(t.date),
                Sense::Since => format!("since {}", date(t.date)),
                Sense::Until => format!("until {}", date(t.date)),
                Sense::Beside => format!("beside {}", date(t.date)),
                Sense::Ahead => "ahead".to_owned(),
            })
            .collect();
        if found.join("; ") != *expected {
            let _ = writeln!(wrong, "{text:?} of {written}: {} instead of {expected}", found.join("; "));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_later_sentence_counts_from_what_was_told_before() {
    let anchor = "2025-09-13".parse().ok();
    let found = times("A week later he demanded the base back.", "2025-09-22".parse().ok(), anchor);
    assert_eq!(found[0].day, "2025-09-20".parse().ok());
}

/// The record of A on B from sentences about them: date of the document, act, modality, sentence.
fn record(evidence: &[(&str, Act, &str, &str)]) -> Record {
    let mut aggregate = Aggregate::new(Settings::default());
    for (i, (written, act, modality, sentence)) in evidence.iter().enumerate() {
        let event = if act.name().starts_with("mission.reduce") { "SANCTION" } else { "SUPPORT" };
        let document = serde_json::json!({
            "id": format!("d{i}"), "date": written, "text": sentence,
            "entities": {"e1": {"name": "A", "type": "LOC", "actor": "FRA"}, "e2": {"name": "B", "type": "LOC", "actor": "TWN"}},
            "relations": [{"src": "e1", "tgt": "e2", "sent": 0, "event": event, "act": act.name(), "stance": "favor", "modality": modality}],
        });
        aggregate.add(&inline::parse(&document.to_string()).unwrap());
    }
    aggregate.records().remove(0)
}

/// Document date, act, modality, sentence; since when the status holds, and when the evidence says it was.
type ActCase = (&'static str, Act, &'static str, &'static str, Option<&'static str>, Option<&'static str>);

const ACTS: &[ActCase] = &[
    (
        "2024-05-28",
        Act::RecognitionGrant,
        "actual",
        "{e1|Arcadia} on Monday recognised {e2|Bovia}.",
        Some("2024-05-27"),
        Some("2024-05-27"),
    ),
    (
        "2024-05-28",
        Act::RecognitionGrant,
        "actual",
        "{e1|Arcadia} has recognised {e2|Bovia}.",
        Some("2024-05-28"),
        None,
    ),
    (
        "2024-05-28",
        Act::RecognitionGrant,
        "actual",
        "{e1|Arcadia}, which recognised {e2|Bovia} in 1996, sent grain in March.",
        Some("1996"),
        Some("1996"),
    ),
    ("2024-05-28", Act::MissionAmbassador, "actual", "{e1|Arcadia} keeps an ambassador in {e2|Bovia}.", None, None),
    (
        "2024-05-28",
        Act::MissionAmbassador,
        "actual",
        "{e1|Arcadia} keeps an ambassador in {e2|Bovia}, he said on Monday.",
        None,
        Some("2024-05-27"),
    ),
    (
        "2024-05-28",
        Act::MissionAmbassador,
        "actual",
        "{e1|Arcadia} has had an ambassador in {e2|Bovia} since September.",
        Some("2023-09"),
        Some("2023-09"),
    ),
    (
        "2025-01-12",
        Act::MissionReduce,
        "actual",
        "In April {e1|Arcadia} expelled the ambassador of {e2|Bovia}; in August it signed a pact with Elis.",
        Some("2024-04"),
        Some("2024-04"),
    ),
    (
        "2025-01-12",
        Act::TreatyJoin,
        "actual",
        "In April {e2|Bovia} expelled an ambassador; in August {e1|Arcadia} signed a pact with {e2~it}.",
        Some("2024-08"),
        Some("2024-08"),
    ),
    (
        "2024-02-25",
        Act::MissionReduce,
        "actual",
        "The envoy flew out in September, and on 2 January {e1|Arcadia} closed its embassy in {e2|Bovia}.",
        Some("2024-01-02"),
        Some("2024-01-02"),
    ),
    (
        "2025-07-31",
        Act::RecognitionGrant,
        "planned",
        "{e1|Arcadia} intends to recognise {e2|Bovia} in September.",
        Some("2025-07-31"),
        None,
    ),
    (
        "2025-08-09",
        Act::TreatyJoin,
        "planned",
        "{e1|Arcadia} and {e2|Bovia} initialled a peace treaty on Friday.",
        Some("2025-08-08"),
        Some("2025-08-08"),
    ),
    (
        "2025-08-09",
        Act::SanctionsLift,
        "actual",
        "{e1|Arcadia} waived the sanctions on {e2|Bovia} that it had imposed in 1992.",
        Some("2025-08-09"),
        None,
    ),
];

#[test]
fn an_act_has_the_time_that_its_sentence_gives_it() {
    for (written, act, modality, sentence, since, when) in ACTS {
        let record = record(&[(written, *act, modality, sentence)]);
        let state = record.facet(act.facet().unwrap()).unwrap();
        let text = |d: Option<Date>| d.map(|d| d.to_string());
        assert_eq!(text(state.since).as_deref(), *since, "{sentence}");
        assert_eq!(text(record.evidence[0].when).as_deref(), *when, "{sentence}");
        assert_eq!(text(record.evidence[0].date).as_deref(), Some(*written), "the document keeps its date");
    }
}

#[test]
fn background_is_neither_news_nor_later() {
    let record = record(&[
        ("2024-05-01", Act::MissionReduce, "actual", "{e1|Arcadia} has closed its embassy in {e2|Bovia}."),
        ("2024-06-01", Act::MissionOpen, "actual", "{e1|Arcadia} opened its embassy in {e2|Bovia} in 1998."),
        ("2024-06-02", Act::MissionNonresident, "actual", "{e1|Arcadia} previously covered {e2|Bovia} from Elis."),
    ]);
    let state = record.representation.as_ref().unwrap();
    assert_eq!((state.status.name(), state.since), ("reduced", "2024-05-01".parse().ok()));
    let history: Vec<String> = state.history.iter().map(|p| format!("{} {:?} {:?}", p.status, p.from, p.to)).collect();
    assert_eq!(history.len(), 2, "{history:?}");
    assert_eq!(state.history[1].from, "1998".parse().ok());
    let months: Vec<String> = record.timeline.iter().map(|m| m.month.to_string()).collect();
    assert_eq!(months, ["2024-05", "2024-06"], "what is dated by its year has no month");
}

#[test]
fn a_meeting_that_is_told_twice_is_one() {
    let met = |written, sentence| (written, Act::ContactMeet, "actual", sentence);
    let record = record(&[
        met("2024-05-28", "{e1|Arcadia} met {e2|Bovia} on Monday."),
        met("2024-05-29", "{e1|Arcadia}'s envoys and {e2|Bovia} met in Elis two days ago."),
        met("2024-06-03", "{e1|Arcadia} and {e2|Bovia} have met again."),
    ]);
    assert_eq!((record.contact.meetings, record.contact.last), (2, "2024-06-03".parse().ok()));
}

#[test]
fn what_lasted_until_a_year_has_ended_then() {
    let until = ("2024-01-31", Act::RecognitionGrant, "actual", "{e1|Arcadia} had recognised {e2|Bovia} until 2019.");
    let state = record(&[until]).recognition.unwrap();
    assert_eq!((state.status.name(), state.since), ("withdrawn", "2019".parse().ok()));
    assert_eq!(state.history[0].status.name(), "recognized");
    let again = ("2022-03-01", Act::RecognitionGrant, "actual", "{e1|Arcadia} recognised {e2|Bovia}.");
    let state = record(&[until, again]).recognition.unwrap();
    assert_eq!((state.status.name(), state.since), ("recognized", "2022-03-01".parse().ok()));
}

#[test]
fn a_record_as_of_a_day_knows_what_stood_then() {
    let record = record(&[
        ("2021-09-01", Act::RecognitionWithhold, "actual", "{e1|Arcadia} does not recognise {e2|Bovia}."),
        ("2024-05-27", Act::RecognitionConsider, "actual", "{e1|Arcadia} is weighing recognition of {e2|Bovia}."),
        ("2025-07-04", Act::RecognitionGrant, "actual", "{e1|Arcadia} on Thursday recognised {e2|Bovia}."),
        ("2025-08-01", Act::MissionOpen, "actual", "{e1|Arcadia} opened an embassy in {e2|Bovia} in July 2024."),
    ]);
    let on = |day: &str| record.as_of(day.parse().unwrap());
    let status = |day: &str| on(day).and_then(|r| r.recognition).map(|s| s.status.name());
    assert_eq!(on("2021-08-31"), None);
    assert_eq!(status("2021"), Some("withheld"));
    assert_eq!(status("2024-05-26"), Some("withheld"));
    assert_eq!(status("2024-05-27"), Some("considering"));
    assert_eq!(status("2025-07-02"), Some("considering"));
    assert_eq!(status("2025-07-03"), Some("recognized"));
    let then = on("2024-12-31").unwrap();
    assert_eq!(then.representation.as_ref().unwrap().since, "2024-07".parse().ok(), "told later, known now");
    assert_eq!((then.documents, then.last), (3, "2024-07".parse().ok()));
    assert!(then.representation.unwrap().evidence.iter().all(|&i| then.evidence[i].act == Act::MissionOpen));
    assert_eq!(then.recognition.unwrap().history.len(), 1);
    assert_eq!(on("2026").as_ref(), Some(&record), "nothing is cut after the last news");
    let proof: Vec<&str> = then.evidence.iter().map(|e| e.document.as_str()).collect();
    assert_eq!(proof, ["d0", "d1", "d3"]);
}
