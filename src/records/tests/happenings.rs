//! What several reports tell of is counted once, and nobody who tells of it is lost.

use std::fmt::Write as _;

use expect_test::{expect, Expect};

use super::super::{sketch, Record};

/// The happenings of each record, each with the evidence that tells of it.
fn outline(records: &[Record]) -> String {
    let mut out = String::new();
    for r in records {
        let _ = writeln!(out, "{} > {}, events {:?}", r.actor, r.counterpart, r.events);
        for (n, h) in r.happenings.iter().enumerate() {
            let told: Vec<usize> = (0..r.evidence.len()).filter(|&i| r.evidence[i].happening == n).collect();
            let day = h.day.map_or("-".to_owned(), |day| day.to_string());
            let _ = writeln!(
                out,
                "  {day} {} {} {:.2} documents {} sources {:?} evidence {told:?}",
                h.act,
                h.modality,
                h.confidence.get(),
                h.documents,
                h.sources
            );
        }
    }
    out
}

fn check(sketch: &str, expected: Expect) {
    expected.assert_eq(&outline(&sketch::records(&sketch::annotations(sketch))));
}

#[test]
fn an_event_that_sources_tell_in_their_own_words_is_one() {
    check(
        r#"
        day 2024-05-03 src=afp FRA>GEO recognition.grant SUPPORT favor actual 0.7 "Paris recognised the new government, the ministry said."
        day 2024-05-04 src=bbc FRA>GEO recognition.grant SUPPORT favor actual 0.6 "France has become the first to accept the rulers."
        day 2024-05-06 src=taz FRA>GEO recognition.grant SUPPORT favor actual 0.5 "The president signed the act on 3 May and spoke of a page turned."
        day 2024-09-01 src=afp FRA>GEO recognition.grant SUPPORT favor actual 0.5 "Months after a quarrel Paris recognised the cabinet anew.""#,
        expect![[r#"
            FRA > GEO, events {Support: 2}
              2024-05-03 recognition.grant actual 0.94 documents 3 sources ["afp", "bbc", "taz"] evidence [0, 1, 2]
              2024-09-01 recognition.grant actual 0.50 documents 1 sources ["afp"] evidence [3]
        "#]],
    );
}

#[test]
fn copies_do_not_make_a_happening_surer_and_their_papers_are_kept() {
    let story = "Kazakhstan has removed the Taliban from its list of banned terrorist organisations, the ministry said";
    check(
        &format!(
            "day 2024-06-03 src=afp KAZ>AFG/TALIBAN listing.delist YIELD favor actual 0.7 \"{story}.\"
             day 2024-06-04 src=taz KAZ>AFG/TALIBAN listing.delist YIELD favor actual 0.7 \"{story} on Monday.\"
             day 2024-06-04 KAZ>AFG/TALIBAN listing.delist YIELD favor actual 0.7 \"{story}.\"
             day 2024-06-05 src=bbc KAZ>AFG/TALIBAN listing.delist YIELD favor actual 0.5 \"Astana, too, struck the movement off.\""
        ),
        expect![[r#"
            KAZ > AFG/TALIBAN, events {Yield: 1}
              2024-06-03 listing.delist actual 0.85 documents 4 sources ["afp", "bbc", "taz"] evidence [0, 1]
        "#]],
    );
}

#[test]
fn deeds_that_can_be_done_daily_are_told_apart_by_day_or_wording() {
    check(
        r#"
        day 2024-05-01 src=a RUS>UKR security.confront ASSAULT against actual 0.5 "Drones hit a substation near the port of Odesa, wounding two guards."
        day 2024-05-02 src=b RUS>UKR security.confront ASSAULT against actual 0.5 "Overnight blasts were heard; the governor spoke of a fire."
        day 2024-05-04 src=c RUS>UKR security.confront ASSAULT against actual 0.5 "Two guards were wounded when drones hit a substation near the port."
        day 2024-05-04 src=d RUS>UKR security.confront ASSAULT against actual 0.5 "Shells fell on a market square in Kharkiv."
        day 2024-05-20 src=a RUS>UKR security.confront ASSAULT against actual 0.5 "Drones hit a substation near the port of Odesa once more, wounding guards.""#,
        expect![[r#"
            RUS > UKR, events {Assault: 3}
              2024-05-01 security.confront actual 0.88 documents 3 sources ["a", "b", "c"] evidence [0, 1, 2]
              2024-05-04 security.confront actual 0.50 documents 1 sources ["d"] evidence [3]
              2024-05-20 security.confront actual 0.50 documents 1 sources ["a"] evidence [4]
        "#]],
    );
}

#[test]
fn days_that_sentences_tell_keep_happenings_apart() {
    check(
        r#"
        day 2024-05-10 src=a QAT>ARE mission.open YIELD favor actual 0.5 "Doha reopened the embassy on 8 May."
        day 2024-05-10 src=b QAT>ARE mission.open YIELD favor actual 0.5 "Doha had opened a first office on 2 May."
        day 2024-05-10 src=c QAT>ARE mission.open YIELD favor actual 0.5 "The flag went up again, and the gates stand open."
        day 2024-05-11 src=c QAT>ARE mission.open YIELD favor planned 0.5 "A consulate will open as well.""#,
        expect![[r#"
            QAT > ARE, events {Yield: 3}
              2024-05-08 mission.open actual 0.75 documents 2 sources ["a", "c"] evidence [0, 2]
              2024-05-02 mission.open actual 0.50 documents 1 sources ["b"] evidence [1]
              2024-05-11 mission.open planned 0.50 documents 1 sources ["c"] evidence [3]
        "#]],
    );
}

#[test]
fn an_undated_report_is_of_what_its_document_tells() {
    check(
        r#"
        day - doc=1 ITA>LBY aid.give AID favor actual 0.5 "Rome sends tents."
        day - doc=1 ITA>LBY aid.give AID favor actual 0.5 "A ship with blankets and medicine has left Augusta."
        day - doc=2 ITA>LBY aid.give AID favor actual 0.5 "Flour for Benghazi, from Italian mills.""#,
        expect![[r#"
            ITA > LBY, events {Aid: 2}
              - aid.give actual 0.50 documents 1 sources [] evidence [0, 1]
              - aid.give actual 0.50 documents 1 sources [] evidence [2]
        "#]],
    );
}

#[test]
fn a_record_as_of_a_day_has_the_happenings_of_its_evidence() {
    let records = sketch::records(&sketch::annotations(
        r#"
        day 2024-05-03 src=afp FRA>GEO statement.support SUPPORT favor actual 0.7 "Paris praised the reforms."
        day 2024-07-03 src=afp FRA>GEO aid.give AID favor actual 0.7 "Paris sent tents after the flood."
        day 2024-07-03 src=bbc FRA>GEO aid.give AID favor actual 0.7 "Tents from France have arrived."
        day 2024-07-04 src=afp FRA>GEO statement.criticize ACCUSE against actual 0.7 "On 1 June Paris condemned the arrests.""#,
    ));
    expect![[r#"
        FRA > GEO, events {Support: 1, Aid: 1, Accuse: 1}
          2024-05-03 statement.support actual 0.70 documents 1 sources ["afp"] evidence [0]
          2024-07-03 aid.give actual 0.91 documents 2 sources ["afp", "bbc"] evidence [1, 2]
          2024-06-01 statement.criticize actual 0.70 documents 1 sources ["afp"] evidence [3]
    "#]]
    .assert_eq(&outline(&records));
    // What is left is numbered anew.
    expect![[r#"
        FRA > GEO, events {Support: 1, Accuse: 1}
          2024-05-03 statement.support actual 0.70 documents 1 sources ["afp"] evidence [0]
          2024-06-01 statement.criticize actual 0.70 documents 1 sources ["afp"] evidence [1]
    "#]]
    .assert_eq(&outline(&[records[0].as_of("2024-06-30".parse().unwrap()).unwrap()]));
}
