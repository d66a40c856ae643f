//! How statuses come about, rule by rule.

use expect_test::{expect, Expect};

use super::super::sketch;

fn check(sketch: &str, expected: Expect) {
    expected.assert_eq(&sketch::outline(&sketch::records(&sketch::annotations(sketch))));
}

#[test]
fn later_evidence_replaces_earlier() {
    check(
        r#"
        day 2021-09-01 src=a RUS>AFG/TALIBAN recognition.withhold REJECT against actual 0.9
        day 2024-05-27 src=b RUS>AFG/TALIBAN recognition.consider SUPPORT favor actual 0.8
        day 2024-06-02 src=c RUS>AFG/TALIBAN recognition.grant SUPPORT favor planned 0.7
        day 2025-07-03 src=a RUS>AFG/TALIBAN recognition.grant SUPPORT favor actual 0.9"#,
        expect![[r#"
            RUS > AFG/TALIBAN 2021-09-01..2025-07-03 documents 4 sources 3 evidence 4 duplicates 0
              recognition: recognized since 2025-07-03 0.90 [3], withheld 2021-09-01..2024-05-27, considering 2024-05-27..2025-07-03
              stance favor 0.45 (3 0 1)
        "#]],
    );
}

#[test]
fn the_order_of_input_is_not_the_order_of_time() {
    check(
        r#"
        day 2024-03-02 QAT>ARE mission.open YIELD favor actual 0.9
        day 2024-03-01 QAT>ARE mission.reduce SANCTION against actual 0.9
        day 2024-03-03 QAT>ARE mission.ambassador SUPPORT favor actual 0.9"#,
        expect![[r#"
            QAT > ARE 2024-03-01..2024-03-03 documents 3 sources 3 evidence 3 duplicates 0
              representation: ambassador since 2024-03-03 0.90 [2], reduced 2024-03-01..2024-03-02, open 2024-03-02..2024-03-03
              stance favor 0.33 (2 0 1)
        "#]],
    );
}

#[test]
fn undated_evidence_has_the_lowest_precedence() {
    check(
        r#"
        day - RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9
        day 2024-05-27 RUS>AFG/TALIBAN listing.delist YIELD favor planned 0.9
        day - KAZ>AFG/TALIBAN mission.ambassador SUPPORT favor actual 0.88"#,
        expect![[r#"
            KAZ > AFG/TALIBAN -..- documents 1 sources 1 evidence 1 duplicates 0
              representation: ambassador since - 0.88 [0]
              stance favor 1.00 (1 0 0)
            RUS > AFG/TALIBAN 2024-05-27..2024-05-27 documents 2 sources 2 evidence 2 duplicates 0
              listing: delisting since 2024-05-27 0.90 [0], designated -..2024-05-27
              stance neutral 0.00 (1 0 1)
        "#]],
    );
}

#[test]
fn who_is_taken_off_a_list_was_on_it() {
    check(
        r#"
        day 2024-05-27 doc=1 RUS>AFG/TALIBAN listing.designate COERCE against actual 0.95
        day 2024-05-27 doc=1 RUS>AFG/TALIBAN listing.delist YIELD favor planned 0.9
        day 2024-06-10 RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9
        day 2025-06-10 IRN>AFG/TALIBAN listing.delist YIELD favor planned 0.9
        day 2025-12-30 IRN>AFG/TALIBAN listing.designate COERCE against actual 0.9"#,
        expect![[r#"
            IRN > AFG/TALIBAN 2025-06-10..2025-12-30 documents 2 sources 2 evidence 2 duplicates 0
              listing: designated since 2025-12-30 0.90 [1], delisting 2025-06-10..2025-12-30
              stance neutral 0.00 (1 0 1)
            RUS > AFG/TALIBAN 2024-05-27..2024-06-10 documents 2 sources 2 evidence 3 duplicates 0
              listing: delisting since 2024-05-27 0.90 [1], designated -..2024-05-27
              stance against -0.35 (1 0 2)
        "#]],
    );
}

#[test]
fn not_yet_leaves_a_step_towards_recognition_standing_and_a_refusal_does_not() {
    check(
        r#"
        day 2024-05-27 src=a RUS>AFG/TALIBAN recognition.consider SUPPORT favor actual 0.9
        day 2024-05-28 src=b RUS>AFG/TALIBAN recognition.withhold REJECT neutral actual 0.9
        day 2024-05-27 src=a CHN>AFG/TALIBAN recognition.consider SUPPORT favor actual 0.9
        day 2024-05-28 src=b CHN>AFG/TALIBAN recognition.withhold REJECT against actual 0.9"#,
        expect![[r#"
            CHN > AFG/TALIBAN 2024-05-27..2024-05-28 documents 2 sources 2 evidence 2 duplicates 0
              recognition: withheld since 2024-05-28 0.90 [1], considering 2024-05-27..2024-05-28
              stance neutral 0.00 (1 0 1)
            RUS > AFG/TALIBAN 2024-05-27..2024-05-28 documents 2 sources 2 evidence 2 duplicates 0
              recognition: considering since 2024-05-27 0.90 [0], withheld -..2024-05-27
              conflict of recognition: considering / withheld [0, 1]
              stance favor 0.50 (1 1 0)
        "#]],
    );
}

#[test]
fn hypothetical_sets_nothing_and_a_plan_only_the_way_there() {
    check(
        r#"
        day 2024-01-01 USA>IRN sanctions.impose THREATEN against hypothetical 0.9
        day 2024-01-01 USA>RUS sanctions.impose SANCTION against planned 0.9
        day 2024-01-01 USA>SYR sanctions.lift YIELD favor planned 0.9
        day 2024-01-01 USA>UKR aid.give AID favor planned 0.9
        day 2024-01-01 FIN>INT/NATO treaty.join AGREE favor planned 0.9
        day 2024-01-01 DEU>SYR mission.open AGREE favor planned 0.9
        day 2024-01-01 BRA>IND seat.support SUPPORT favor planned 0.9"#,
        expect![[r#"
            BRA > IND 2024-01-01..2024-01-01 documents 1 sources 1 evidence 1 duplicates 0
              seat: supported since 2024-01-01 0.90 [0]
              stance favor 1.00 (1 0 0)
            DEU > SYR 2024-01-01..2024-01-01 documents 1 sources 1 evidence 1 duplicates 0
              stance favor 1.00 (1 0 0)
            FIN > INT/NATO 2024-01-01..2024-01-01 documents 1 sources 1 evidence 1 duplicates 0
              treaty: pending since 2024-01-01 0.90 [0]
              stance favor 1.00 (1 0 0)
            USA > IRN 2024-01-01..2024-01-01 documents 1 sources 1 evidence 1 duplicates 0
              stance against -1.00 (0 0 1)
            USA > RUS 2024-01-01..2024-01-01 documents 1 sources 1 evidence 1 duplicates 0
              sanctions: threatened since 2024-01-01 0.90 [0]
              stance against -1.00 (0 0 1)
            USA > SYR 2024-01-01..2024-01-01 documents 1 sources 1 evidence 1 duplicates 0
              sanctions: easing since 2024-01-01 0.90 [0]
              stance favor 1.00 (1 0 0)
            USA > UKR 2024-01-01..2024-01-01 documents 1 sources 1 evidence 1 duplicates 0
              aid: pledged since 2024-01-01 0.90 [0]
              stance favor 1.00 (1 0 0)
        "#]],
    );
}

#[test]
fn a_claim_and_its_denial_on_one_day() {
    check(
        r#"
        day 2024-01-01 src=a IRN>YEM/HOUTHI aid.give AID favor actual 0.9
        day 2024-01-01 src=b IRN>YEM/HOUTHI aid.give AID favor denied 0.8
        day 2024-01-01 src=a PRK>RUS aid.give AID favor actual 0.5
        day 2024-01-01 src=b PRK>RUS aid.give AID favor denied 0.8"#,
        expect![[r#"
            IRN > YEM/HOUTHI 2024-01-01..2024-01-01 documents 2 sources 2 evidence 2 duplicates 0
              aid: giving since 2024-01-01 0.64 [0]
              conflict of aid: giving [0, 1]
              stance favor 1.00 (1 0 0)
            PRK > RUS 2024-01-01..2024-01-01 documents 2 sources 2 evidence 2 duplicates 0
              conflict of aid: giving [0, 1]
              stance favor 1.00 (1 0 0)
        "#]],
    );
}

#[test]
fn a_later_denial_strikes_a_single_report_and_not_many() {
    check(
        r#"
        day 2014-03-01 src=a USA>RUS sanctions.impose SANCTION against actual 0.9
        day 2024-01-01 src=a USA>RUS sanctions.lift YIELD favor planned 0.6
        day 2024-01-05 src=b USA>RUS sanctions.lift REJECT against denied 0.9
        day 2024-01-01 src=a USA>VEN sanctions.lift YIELD favor actual 0.9
        day 2024-01-01 src=b USA>VEN sanctions.lift YIELD favor actual 0.9
        day 2024-01-01 src=c USA>VEN sanctions.lift YIELD favor actual 0.9
        day 2024-01-05 src=d USA>VEN sanctions.lift REJECT against denied 0.9"#,
        expect![[r#"
            USA > RUS 2014-03-01..2024-01-05 documents 3 sources 2 evidence 3 duplicates 0
              sanctions: imposed since 2014-03-01 0.90 [0]
              conflict of sanctions: easing [1, 2]
              stance against -0.50 (1 0 2)
            USA > VEN 2024-01-01..2024-01-05 documents 4 sources 4 evidence 4 duplicates 0
              sanctions: lifted since 2024-01-01 0.99 [0, 1, 2]
              conflict of sanctions: lifted [0, 1, 2, 3]
              stance favor 0.50 (3 0 1)
        "#]],
    );
}

#[test]
fn who_corrects_himself_takes_back_what_nobody_else_told() {
    check(
        r#"
        day 2024-01-01 src=a SAU>AFG mission.ambassador SUPPORT favor actual 0.9
        day 2024-02-01 src=b SAU>AFG mission.reduce SANCTION against actual 0.9
        day 2024-02-02 src=b SAU>AFG mission.reduce SANCTION against denied 0.6
        day 2024-02-01 src=b QAT>AFG mission.reduce SANCTION against actual 0.9
        day 2024-02-01 src=c QAT>AFG mission.reduce SANCTION against actual 0.9
        day 2024-02-02 src=b QAT>AFG mission.reduce SANCTION against denied 0.6"#,
        expect![[r#"
            QAT > AFG 2024-02-01..2024-02-02 documents 3 sources 2 evidence 3 duplicates 0
              representation: reduced since 2024-02-01 0.98 [0, 1]
              conflict of representation: reduced [0, 1, 2]
              stance against -1.00 (0 0 2)
            SAU > AFG 2024-01-01..2024-02-02 documents 3 sources 2 evidence 3 duplicates 0
              representation: ambassador since 2024-01-01 0.90 [0]
              conflict of representation: reduced [1, 2]
              stance neutral 0.00 (1 0 1)
        "#]],
    );
}

#[test]
fn sources_that_disagree_on_one_day() {
    check(
        r#"
        day 2024-01-01 src=a IND>CHN security.cooperate COOPERATE favor actual 0.9
        day 2024-01-01 src=b IND>CHN security.confront ASSAULT against actual 0.8
        day 2024-01-01 src=a SAU>IRN mission.reduce SANCTION against actual 0.9
        day 2024-01-01 src=b SAU>IRN mission.ambassador SUPPORT favor actual 0.9"#,
        expect![[r#"
            IND > CHN 2024-01-01..2024-01-01 documents 2 sources 2 evidence 2 duplicates 0
              security: cooperating since 2024-01-01 0.64 [0]
              conflict of security: cooperating / confronting [0, 1]
              stance neutral 0.06 (1 0 1)
            SAU > IRN 2024-01-01..2024-01-01 documents 2 sources 2 evidence 2 duplicates 0
              representation: reduced since 2024-01-01 0.47 [0]
              conflict of representation: ambassador / reduced [0, 1]
              stance neutral 0.00 (1 0 1)
        "#]],
    );
}

#[test]
fn severed_and_restored_on_one_day_keeps_both() {
    check(
        r#"
        day 2024-01-01 src=a NIC>TWN mission.ambassador SUPPORT favor actual 0.9
        day 2024-02-01 src=a NIC>TWN mission.reduce SANCTION against actual 0.9
        day 2024-02-01 src=b NIC>TWN mission.open YIELD favor actual 0.9"#,
        expect![[r#"
            NIC > TWN 2024-01-01..2024-02-01 documents 3 sources 2 evidence 3 duplicates 0
              representation: reduced since 2024-02-01 0.47 [1], ambassador 2024-01-01..2024-02-01
              conflict of representation: open / reduced [1, 2]
              stance favor 0.33 (2 0 1)
        "#]],
    );
}

#[test]
fn one_source_many_times_does_not_outweigh_five() {
    let mut sketch = String::new();
    for i in 0..500 {
        sketch += &format!(
            "day 2024-01-01 src=loud IND>CHN security.confront ASSAULT against actual 0.9 \"Shots at post {i} in sector {}.\"\n",
            i * 7919
        );
    }
    for i in 0..5 {
        sketch += &format!("day 2024-01-01 src=s{i} IND>CHN security.cooperate COOPERATE favor actual 0.7\n");
    }
    let records = sketch::records(&sketch::annotations(&sketch));
    assert_eq!(records[0].security.as_ref().unwrap().status.name(), "cooperating");
}

#[test]
fn a_doubtful_reading_does_not_overturn_many_sure_ones() {
    let sure: String = (0..10)
        .map(|i| {
            format!(
                "day 2024-01-0{} src=s{i} RUS>AFG/TALIBAN recognition.withhold REJECT against actual 0.9\n",
                i % 7 + 1
            )
        })
        .collect();
    check(
        &format!("{sure}day 2024-01-08 src=x RUS>AFG/TALIBAN recognition.grant SUPPORT favor actual 0.4"),
        expect![[r#"
            RUS > AFG/TALIBAN 2024-01-01..2024-01-08 documents 11 sources 11 evidence 11 duplicates 0
              recognition: withheld since - 1.00 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
              conflict of recognition: recognized / withheld [9, 10]
              stance against -0.91 (1 0 10)
        "#]],
    );
    // A second report from elsewhere confirms it.
    check(
        &format!(
            "{sure}day 2024-01-08 src=x RUS>AFG/TALIBAN recognition.grant SUPPORT favor actual 0.4
            day 2024-01-09 src=y RUS>AFG/TALIBAN recognition.grant SUPPORT favor actual 0.4"
        ),
        expect![[r#"
            RUS > AFG/TALIBAN 2024-01-01..2024-01-09 documents 12 sources 12 evidence 12 duplicates 0
              recognition: recognized since 2024-01-08 0.64 [10, 11], withheld 2024-01-01..2024-01-08
              conflict of recognition: recognized / withheld [9, 10]
              stance against -0.84 (2 0 10)
        "#]],
    );
    // One sure report is enough: the state has changed.
    check(
        &format!("{sure}day 2024-01-08 src=x RUS>AFG/TALIBAN recognition.grant SUPPORT favor actual 0.9"),
        expect![[r#"
            RUS > AFG/TALIBAN 2024-01-01..2024-01-08 documents 11 sources 11 evidence 11 duplicates 0
              recognition: recognized since 2024-01-08 0.90 [10], withheld 2024-01-01..2024-01-08
              stance against -0.82 (1 0 10)
        "#]],
    );
}

#[test]
fn copies_count_once_and_their_sources_still_count() {
    let story =
        "Kazakhstan has removed the Taliban from its list of banned terrorist organisations, the foreign ministry said";
    check(
        &format!(
            "day 2024-06-03 src=afp KAZ>AFG/TALIBAN listing.delist YIELD favor actual 0.7 \"{story}.\"
             day 2024-06-04 src=taz KAZ>AFG/TALIBAN listing.delist YIELD favor actual 0.8 \"{story} on Monday.\"
             day 2024-06-05 src=bbc KAZ>AFG/TALIBAN listing.delist YIELD favor actual 0.7 \"{}.\"",
            story.to_uppercase()
        ),
        expect![[r#"
            KAZ > AFG/TALIBAN 2024-06-03..2024-06-05 documents 3 sources 3 evidence 1 duplicates 2
              listing: delisted since 2024-06-03 0.80 [0]
              stance favor 1.00 (1 0 0)
        "#]],
    );
}

#[test]
fn what_a_copy_of_a_document_says_in_other_words_is_its_story_still() {
    let article = |id: &str, date: &str, source: &str, sentence: &str| {
        let lines = [
            "It had stood there for more than twenty years, since the days of the first emirate and its guests.",
            "A proposal to that effect had been put before the president by two ministries in the spring.",
            "Traders in the bazaars along the border spoke of lorries that no longer wait for their papers.",
            "No other state in the region has gone that far, though several are said to weigh the step.",
            sentence,
        ];
        let relation = |(n, line): (usize, &&str)| {
            let pair = if n == 4 { "KAZ>AFG/TALIBAN listing.delist YIELD" } else { "KAZ>? other YIELD" };
            format!("day {date} src={source} doc={id} {pair} favor actual 0.7 \"{line}\"\n")
        };
        lines.iter().enumerate().map(relation).collect::<String>()
    };
    let first = article("1", "2024-06-03", "afp", "Kazakhstan has removed the Taliban from its list of terrorists.");
    let again = "Astana, a spokesman confirmed, struck the movement off its register.";
    check(
        &(first.clone() + &article("2", "2024-06-04", "taz", again)),
        expect![[r#"
        KAZ > AFG/TALIBAN 2024-06-03..2024-06-04 documents 2 sources 2 evidence 1 duplicates 1
          listing: delisted since 2024-06-03 0.70 [0]
          stance favor 1.00 (1 0 0)
    "#]],
    );
    check(
        &(first
            + &format!(
                "day 2024-06-04 src=taz doc=2 KAZ>AFG/TALIBAN listing.delist YIELD favor actual 0.7 \"{again}\""
            )),
        expect![[r#"
            KAZ > AFG/TALIBAN 2024-06-03..2024-06-04 documents 2 sources 2 evidence 2 duplicates 0
              listing: delisted since 2024-06-03 0.91 [0, 1]
              stance favor 1.00 (2 0 0)
        "#]],
    );
}

#[test]
fn a_sentence_told_by_minister_and_country_is_one_piece_of_evidence() {
    let mut documents = sketch::annotations(
        r#"day 2024-06-03 doc=1 FRA>GEO statement.support SUPPORT favor actual 0.6 "Paris, said the minister, backs Tbilisi."
           day 2024-06-03 doc=1 ESP>GEO statement.support SUPPORT favor actual 0.8 "Paris, said the minister, backs Tbilisi.""#,
    );
    // The second actor turns out to be a person who acts for the first.
    documents[0].entities[2].actor = Some("FRA".parse().unwrap());
    expect![[r#"
        FRA > GEO 2024-06-03..2024-06-03 documents 1 sources 1 evidence 1 duplicates 0
          stance favor 1.00 (1 0 0)
    "#]]
    .assert_eq(&sketch::outline(&sketch::records(&documents)));
}

#[test]
fn pairs_within_one_actor_and_unknown_sides_are_counted_and_not_recorded() {
    let mut aggregate = super::super::Aggregate::new(Default::default());
    for a in sketch::annotations(
        "day 2024-06-03 RUS>RUS other COERCE against actual 0.6
         day 2024-06-03 RUS>? other COERCE against actual 0.6
         day 2024-06-03 RUS>RUS/WAGNER other COERCE against actual 0.6",
    ) {
        aggregate.add(&a);
        aggregate.add(&a);
    }
    expect![[r#"
        Diagnostics { documents: 3, relations: 3, unlinked: 1, internal: 1 }
        RUS > RUS/WAGNER 2024-06-03..2024-06-03 documents 1 sources 1 evidence 1 duplicates 0
          stance against -1.00 (0 0 1)
    "#]]
    .assert_eq(&format!("{:?}\n{}", aggregate.diagnostics(), sketch::outline(&aggregate.records())));
}

#[test]
fn meetings_are_dates_and_mediators_deal_with_both_sides() {
    let records = sketch::records(&sketch::annotations(
        "day 2024-06-03 doc=1 RUS>UKR contact.meet CONSULT neutral actual 0.9
         day 2024-06-03 doc=1 TUR>UKR contact.mediate CONSULT favor actual 0.9
         day 2024-06-03 doc=1 TUR>RUS contact.mediate CONSULT favor actual 0.9
         day 2024-06-03 doc=1 CHE>RUS contact.mediate CONSULT favor actual 0.9
         day 2024-06-03 doc=2 RUS>UKR contact.meet CONSULT neutral actual 0.9
         day 2024-06-05 doc=3 RUS>UKR contact.meet CONSULT neutral actual 0.9
         day 2024-06-06 doc=4 RUS>UKR contact.meet CONSULT neutral planned 0.9
         day 2024-06-07 doc=5 RUS>UKR contact.meet REJECT against denied 0.9
         day - doc=6 RUS>UKR contact.meet CONSULT neutral actual 0.9
         day 2024-06-08 doc=7 SAU>RUS contact.mediate CONSULT favor actual 0.9
         day 2024-06-08 doc=7 SAU>UKR contact.mediate CONSULT favor actual 0.9",
    ));
    let pair = records.iter().find(|r| r.actor.as_str() == "RUS").unwrap();
    expect![[r#"{"meetings":3,"last":"2024-06-05","mediators":["TUR"]}"#]]
        .assert_eq(&serde_json::to_string(&pair.contact).unwrap());
}

#[test]
fn what_did_not_happen_is_no_stance_and_no_event() {
    let records = sketch::records(&sketch::annotations(
        "day 2024-06-03 IRN>YEM/HOUTHI aid.give AID favor denied 0.9
         day 2024-06-03 IRN>YEM/HOUTHI aid.give AID favor hypothetical 0.9
         day 2024-07-03 IRN>YEM/HOUTHI aid.suspend THREATEN against hypothetical 0.5
         day 2024-07-03 IRN>YEM/HOUTHI contact.meet REJECT against denied 0.5
         day 2024-07-04 IRN>YEM/HOUTHI statement.support SUPPORT favor actual 0.5",
    ));
    let r = &records[0];
    expect![[r#"
        {"label":"against","score":-0.3333,"favor":1,"neutral":0,"against":2}
        {"SUPPORT":1,"REJECT":1,"THREATEN":1}
        {"verbal_cooperation":1,"material_cooperation":0,"verbal_conflict":2,"material_conflict":0}
        {"contact.meet":{"actual":0,"planned":0,"hypothetical":0,"denied":1},"aid.give":{"actual":0,"planned":0,"hypothetical":1,"denied":1},"aid.suspend":{"actual":0,"planned":0,"hypothetical":1,"denied":0},"statement.support":{"actual":1,"planned":0,"hypothetical":0,"denied":0}}
        [{"month":"2024-07","favor":1,"neutral":0,"against":2}]"#]].assert_eq(
        &[
            serde_json::to_string(&r.stance).unwrap(),
            serde_json::to_string(&r.events).unwrap(),
            serde_json::to_string(&r.quad).unwrap(),
            serde_json::to_string(&r.acts).unwrap(),
            serde_json::to_string(&r.timeline).unwrap(),
        ]
        .join("\n"),
    );
}

#[test]
fn the_file_has_the_fields_of_the_contract_in_their_order() {
    let mut documents = sketch::annotations(
        r#"day 2024-05-28 src=taz doc=taz-1 RUS>AFG/TALIBAN recognition.withhold REJECT neutral actual 0.91 "Kabulow findet: It is too early, Kabulov told the Taliban.""#,
    );
    // An emoji before the sentence: offsets count characters and not bytes.
    let document = &mut documents[0];
    document.text.insert_str(0, "😀 ");
    document.sentences[0] = crate::document::Span::new(5, document.text.len());
    for (name, entity) in [("Kabulov", 0), ("Taliban", 1)] {
        let start = document.text.find(name).unwrap();
        document.mentions.push(crate::document::Mention {
            entity: crate::document::EntityIx(entity),
            span: crate::document::Span::new(start, start + name.len()),
            kind: crate::document::EntityType::Per,
            named: true,
            score: crate::document::Probability::ONE,
        });
    }
    let record = sketch::records(&documents).remove(0);
    let e = &record.evidence[0];
    let cut: String = documents[0].text.chars().skip(e.start).take(e.end - e.start).collect();
    assert_eq!(cut, e.text, "I3");
    expect![[r#"
        {
          "actor": "RUS",
          "country": "RUS",
          "counterpart": "AFG/TALIBAN",
          "counterpart_country": "AFG",
          "first": "2024-05-28",
          "last": "2024-05-28",
          "documents": 1,
          "sources": 1,
          "recognition": {
            "status": "withheld",
            "since": null,
            "confidence": 0.91,
            "evidence": [
              0
            ],
            "history": []
          },
          "representation": null,
          "listing": null,
          "sanctions": null,
          "trade": null,
          "security": null,
          "treaty": null,
          "aid": null,
          "seat": null,
          "contact": {
            "meetings": 0,
            "last": null,
            "mediators": []
          },
          "stance": {
            "label": "neutral",
            "score": 0.0,
            "favor": 0,
            "neutral": 1,
            "against": 0
          },
          "events": {
            "REJECT": 1
          },
          "quad": {
            "verbal_cooperation": 0,
            "material_cooperation": 0,
            "verbal_conflict": 1,
            "material_conflict": 0
          },
          "acts": {
            "recognition.withhold": {
              "actual": 1,
              "planned": 0,
              "hypothetical": 0,
              "denied": 0
            }
          },
          "timeline": [
            {
              "month": "2024-05",
              "favor": 0,
              "neutral": 1,
              "against": 0
            }
          ],
          "happenings": [
            {
              "event": "REJECT",
              "act": "recognition.withhold",
              "modality": "actual",
              "day": "2024-05-28",
              "confidence": 0.91,
              "documents": 1,
              "sources": [
                "taz"
              ]
            }
          ],
          "conflicts": [],
          "evidence": [
            {
              "document": "taz-1",
              "source": "taz",
              "date": "2024-05-28",
              "when": null,
              "start": 2,
              "end": 60,
              "text": "Kabulow findet: It is too early, Kabulov told the Taliban.",
              "src": "Kabulov",
              "tgt": "Taliban",
              "event": "REJECT",
              "act": "recognition.withhold",
              "stance": "neutral",
              "modality": "actual",
              "score": 0.91,
              "happening": 0,
              "duplicates": 0
            }
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&record).unwrap());
}
