//! Exports are whole files in which texts are data, and the questions in the README have answers.

mod workspace;

use std::fs::File;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};
use serde_json::json;
use workspace::{repository, Workspace};

/// What a text may try: a formula, markup, SQL, what XML forbids, commands to a terminal, a turn of direction.
const HOSTILE: &str =
    "=1+1|' /C calc'!A0 \"q\" <b>&amp;]]></b>'); DROP TABLE records; --\0\u{1b}[2J\u{7}\u{ffff} \u{202e}txet\u{202c}";

/// A line of annotations.jsonl from source, date, pair, act, event, stance, modality, score and text.
fn document(line: &str) -> String {
    let (head, text) = line.trim().split_once(" \"").unwrap();
    let text = text.trim_end_matches('"');
    let [source, date, pair, act, event, stance, modality, score] =
        head.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let (src, tgt) = pair.split_once('>').unwrap();
    let entity = |code: &str| json!({"name": code, "type": "LOC", "actor": code, "score": 1.0});
    let document = json!({
        "id": format!("{source}-{date}-{act}-{src}"), "date": date, "source": source, "text": text,
        "sentences": [[0, text.chars().count()]], "mentions": [], "entities": {"e1": entity(src), "e2": entity(tgt)},
        "relations": [{"src": "e1", "tgt": "e2", "sent": 0, "event": event, "act": act, "stance": stance,
            "modality": modality, "score": score.parse::<f64>().unwrap()}],
    });
    format!("{document}\n")
}

/// A workspace with records of these documents.
fn recorded(documents: &[String]) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("annotations.jsonl", documents.concat());
    workspace.demarche(&["aggregate", "annotations.jsonl", "--out", "out"]).with_status(0);
    workspace
}

fn export(workspace: &Workspace, format: &str, out: &str) -> Vec<u8> {
    workspace.demarche(&["export", "out/records.jsonl", "--format", format, "--out", out]).with_status(0);
    std::fs::read(workspace.path(out)).unwrap()
}

/// Rows of a query with its header, columns separated by `|`.
fn rows(statement: &mut Statement) -> String {
    let columns = statement.column_count();
    let mut rows = vec![statement.column_names().collect::<Vec<_>>().join("|")];
    let mut found = statement.query([]).unwrap();
    while let Some(row) = found.next().unwrap() {
        let cells: Vec<String> = (0..columns)
            .map(|c| match row.get_ref(c).unwrap() {
                ValueRef::Null => "-".to_owned(),
                ValueRef::Integer(n) => n.to_string(),
                ValueRef::Real(x) => x.to_string(),
                ValueRef::Text(t) | ValueRef::Blob(t) => String::from_utf8(t.to_vec()).unwrap(),
            })
            .collect();
        rows.push(cells.join("|"));
    }
    rows.join("\n")
}

#[test]
fn i8_hostile_text_is_data_in_every_form() {
    let mut line = document("=1+1 2024-05-27 RUS>CHN trade.expand COOPERATE favor actual 0.9 \"-\"");
    line = line.replace("\"text\":\"-\"", &format!("\"text\":{}", json!(HOSTILE)));
    line = line.replace("[0,1]", &format!("[0,{}]", HOSTILE.chars().count()));
    let workspace = recorded(&[line]);

    export(&workspace, "sqlite", "records.sqlite");
    let database = Connection::open(workspace.path("records.sqlite")).unwrap();
    let mut stored = database.prepare("SELECT text, source FROM evidence").unwrap();
    assert_eq!(rows(&mut stored), format!("text|source\n{HOSTILE}|=1+1"));
    let tables = "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name = 'records'";
    assert_eq!(rows(&mut database.prepare(tables).unwrap()), "n\n1");

    let legal = HOSTILE.replace(['\0', '\u{1b}', '\u{7}', '\u{ffff}'], "\u{fffd}");
    let graph = String::from_utf8(export(&workspace, "gexf", "records.gexf")).unwrap();
    let mut reader = quick_xml::Reader::from_str(&graph);
    let mut values = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Empty(element) => {
                let value = element.try_get_attribute("value").unwrap();
                values.extend(
                    value.map(|v| v.normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap().into_owned()),
                );
            }
            _ => {}
        }
    }
    assert!(values.contains(&legal) && values.contains(&"=1+1".to_owned()), "{values:?}");

    let graph = String::from_utf8(export(&workspace, "graphml", "records.graphml")).unwrap();
    assert!(graph.contains(&format!(">{}</data>", quick_xml::escape::escape(legal))), "{graph}");
    let dyads = String::from_utf8(export(&workspace, "dyad-year", "dyads.csv")).unwrap();
    assert!(!dyads.contains("1+1"), "{dyads}");
    let flat = String::from_utf8(export(&workspace, "csv", "records.csv")).unwrap();
    assert!(flat.contains(",'=1+1,") && flat.contains(",\"'=1+1|'"), "{flat}");
}

#[test]
fn i4_a_database_is_whole_or_not_there() {
    let workspace = recorded(&[document("taz 2024-05-27 RUS>CHN trade.expand COOPERATE favor actual 0.9 \"Trade.\"")]);
    let sqlite = ["export", "out/records.jsonl", "--format", "sqlite"];
    let to = |place: &str| workspace.demarche(&[&sqlite[..], &["--out", place]].concat());
    workspace.demarche(&sqlite).refused(&["--out FILE"]);
    to("-").refused(&["--out FILE"]);
    to("none/records.sqlite").refused(&["none/records.sqlite"]);

    workspace.write("db/records.sqlite", "what an earlier run left");
    let other = File::create(workspace.write("db/records.sqlite.partial", "of another run")).unwrap();
    other.lock().unwrap();
    to("db/records.sqlite").refused(&["db/records.sqlite: another run is writing this file"]);
    assert_eq!(workspace.read("db/records.sqlite"), "what an earlier run left");
    drop(other);
    to("db/records.sqlite").with_status(0);
    assert_eq!(workspace.names("db"), ["records.sqlite"]);
    let database = Connection::open(workspace.path("db/records.sqlite")).unwrap();
    assert_eq!(rows(&mut database.prepare("PRAGMA integrity_check").unwrap()), "integrity_check\nok");

    workspace.write("broken.jsonl", "{}");
    let broken = ["export", "broken.jsonl", "--format", "sqlite", "--out", "db/broken.sqlite"];
    workspace.demarche(&broken).refused(&["broken.jsonl"]);
    assert_eq!(workspace.names("db"), ["records.sqlite"]);
}

#[test]
fn i4_tables_are_whole_or_not_there() {
    let workspace = recorded(&[document("taz 2024-05-27 RUS>CHN trade.expand COOPERATE favor actual 0.9 \"Trade.\"")]);
    let parquet = ["export", "out/records.jsonl", "--format", "parquet"];
    let with = |more: &[&str]| workspace.demarche(&[&parquet[..], more].concat());
    with(&[]).refused(&["--out DIR"]);
    with(&["--out", "-"]).refused(&["--out DIR"]);
    with(&["--out", "tables", "--embeddings"]).refused(&["--annotations FILE"]);
    let csv = ["export", "out/records.jsonl", "--format", "csv", "--embeddings"];
    workspace.demarche(&csv).refused(&["--format parquet"]);
    assert!(!workspace.path("tables").exists());

    with(&["--out", "tables"]).with_status(0);
    assert_eq!(workspace.names("tables"), ["evidence.parquet", "history.parquet", "records.parquet"]);
    with(&["--out", "all", "--annotations", "annotations.jsonl"]).with_status(0);
    let names = ["evidence", "history", "mentions", "records", "relations"].map(|name| format!("{name}.parquet"));
    assert_eq!(workspace.names("all"), names);
    let records = std::fs::read(workspace.path("all/records.parquet")).unwrap();

    let half = workspace.read("out/records.jsonl") + "{}\n";
    workspace.write("broken.jsonl", half);
    for format in ["parquet", "sqlite", "csv", "gexf"] {
        let out = if format == "parquet" { "all" } else { "all/records" };
        let broken = ["export", "broken.jsonl", "--format", format, "--out", out];
        workspace.demarche(&broken).refused(&["cannot read broken.jsonl: line 2 is no record"]);
    }
    assert_eq!(workspace.names("all"), names);
    assert_eq!(std::fs::read(workspace.path("all/records.parquet")).unwrap(), records);
}

#[test]
fn a_run_writes_the_forms_that_it_is_asked_for() {
    let workspace = Workspace::new();
    let text = "Russia on Thursday recognised the Taliban government of Afghanistan.";
    workspace.write("news.jsonl", json!({"id": "d1", "date": "2025-07-04", "text": text}).to_string());
    let run = ["run", "news.jsonl", "--out", "out", "--format", "csv,parquet,sqlite,graphml,jsonl"];
    workspace.demarche(&[&run[..], &["--format", "gexf,dyad-year,table"]].concat()).with_status(0);
    let tables = ["evidence", "history", "mentions", "relations"].map(|name| format!("{name}.parquet"));
    let records = ["csv", "gexf", "graphml", "jsonl", "parquet", "sqlite", "txt"].map(|form| format!("records.{form}"));
    let others = ["annotations.jsonl", "dyad-years.csv", "rejects.jsonl", "run.json"].map(str::to_owned);
    let mut names = [&tables[..], &records, &others].concat();
    names.sort();
    assert_eq!(workspace.names("out"), names);
    let files = [("csv", "records.csv"), ("sqlite", "records.sqlite"), ("dyad-year", "dyad-years.csv")];
    for (form, name) in files.into_iter().chain([("graphml", "records.graphml"), ("gexf", "records.gexf")]) {
        let written = std::fs::read(workspace.path(&format!("out/{name}"))).unwrap();
        assert!(export(&workspace, form, "again") == written, "{name}");
    }
    let parquet = ["export", "out/records.jsonl", "--format", "parquet", "--out", "tables"];
    workspace.demarche(&parquet).with_status(0);
    for name in workspace.names("tables") {
        let of = |folder: &str| std::fs::read(workspace.path(&format!("{folder}/{name}"))).unwrap();
        assert!(of("tables") == of("out"), "{name}");
    }
}

#[test]
fn dyad_years_need_the_codes_of_states() {
    let workspace = recorded(&[document("taz 2024-05-27 RUS>CHN trade.expand COOPERATE favor actual 0.9 \"Trade.\"")]);
    let dyads = ["export", "out/records.jsonl", "--format", "dyad-year"];
    let rows = workspace.demarche(&dyads).with_status(0).stdout;
    assert!(rows.lines().nth(1).unwrap().starts_with("RUS,RUS,365,365,CHN,CHN,710,710,2024,1,1,0,0,1.0000,"), "{rows}");
    let mut command = workspace.command(&dyads);
    command.env("DEMARCHE_MODELS", workspace.path("none"));
    workspace::Ended::of(command.output().unwrap()).refused(&["no folder actors found"]);
}

#[test]
fn the_questions_of_the_readme_have_answers() {
    let questions = std::fs::read_to_string(repository().join("scripts/questions.sql")).unwrap();
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(readme.contains(&format!("```sql\n{questions}```")), "README.md and scripts/questions.sql differ");

    let documents = "
        taz 2023-01-10 RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9 \"Moscow lists the movement as terrorists.\"
        taz 2024-05-27 RUS>AFG/TALIBAN recognition.withhold REJECT against actual 0.9 \"Moscow does not recognise the Taliban.\"
        afp 2024-06-01 RUS>AFG/TALIBAN listing.delist YIELD favor actual 0.8 \"A court struck the group off the roll.\"
        afp 2025-07-03 RUS>AFG/TALIBAN recognition.grant SUPPORT favor actual 0.95 \"The Kremlin recognises the Taliban.\"
        enw 2025-07-04 RUS>AFG/TALIBAN recognition.grant SUPPORT favor actual 0.7 \"So ends a long wait for the men in Kabul.\"
        afp 2024-08-22 KAZ>AFG/TALIBAN mission.lower SUPPORT favor actual 0.9 \"Astana accredits a diplomat of lower rank.\"
        afp 2024-08-22 UZB>AFG/TALIBAN mission.lower SUPPORT favor actual 0.9 \"Tashkent has a man at its mission.\"
        afp 2024-01-30 CHN>AFG/TALIBAN mission.ambassador SUPPORT favor actual 0.9 \"Beijing accepts the credentials of an envoy.\"
        glf 2023-02-06 SAU>AFG/TALIBAN mission.reduce SANCTION against actual 0.8 \"Riyadh closes its embassy.\"
        hkd 2023-02-06 SAU>AFG/TALIBAN mission.reduce REJECT neutral denied 0.7 \"The kingdom denies to have left.\"";
    let documents: Vec<String> = documents.trim().lines().map(document).collect();
    let workspace = recorded(&documents);
    export(&workspace, "sqlite", "records.sqlite");
    let database = Connection::open(workspace.path("records.sqlite")).unwrap();
    let answers: Vec<String> =
        questions.trim_end().split_inclusive(";\n").map(|q| rows(&mut database.prepare(q).unwrap())).collect();
    assert_eq!(answers.len(), 5);
    expect_test::expect![[r#"
        actor_name|since|confidence|source|score|text
        Russia|2025-07-03|0.985|afp|0.95|The Kremlin recognises the Taliban.

        status|states|who
        lower|2|Kazakhstan, Uzbekistan
        ambassador|1|China
        reduced|1|Saudi Arabia

        day|actor_name|counterpart_name|facet|old_status|new_status
        2024-06-01|Russia|Taliban|listing|designated|delisted

        conflict|actor_name|counterpart_name|facet|statuses|source|date|text
        1|Saudi Arabia|Taliban|representation|reduced|glf|2023-02-06|Riyadh closes its embassy.
        1|Saudi Arabia|Taliban|representation|reduced|hkd|2023-02-06|The kingdom denies to have left.

        actor_name|counterpart_name|first|last|best|worst
        Russia|Taliban|2023-01|2025-07|1|-1"#]]
    .assert_eq(&answers.join("\n\n"));
}
