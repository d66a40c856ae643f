//! What holds for every subcommand: exit status, messages, pipes, output folders.

mod workspace;

use std::fs::File;
use std::process::{Command, Stdio};

use workspace::{Ended, Workspace};

/// A line of annotations.jsonl in which Russia does something to the Taliban.
fn annotation(id: &str, date: &str, act: &str) -> String {
    let (event, stance) = if act == "listing.delist" { ("YIELD", "favor") } else { ("REJECT", "neutral") };
    format!(
        r#"{{"id":"{id}","date":"{date}","source":"{id}","text":"Moscow spoke of the Taliban in {id}.","sentences":[[0,{end}]],"mentions":[{{"entity":"e1","start":0,"end":6,"text":"Moscow","named":true,"type":"LOC","score":1.0}},{{"entity":"e2","start":20,"end":27,"text":"Taliban","named":true,"type":"ORG","score":1.0}}],"entities":{{"e1":{{"name":"Russia","type":"LOC","actor":"RUS","score":1.0}},"e2":{{"name":"Taliban","type":"ORG","actor":"AFG/TALIBAN","score":1.0}}}},"relations":[{{"src":"e1","tgt":"e2","sent":0,"event":"{event}","act":"{act}","stance":"{stance}","modality":"actual","score":0.9}}]}}
"#,
        end = 32 + id.len()
    )
}

/// A workspace with annotations of two papers.
fn annotated() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("day1.jsonl", annotation("taz", "2024-05-27", "recognition.withhold"));
    workspace.write("day2.jsonl", annotation("faz", "2024-05-28", "listing.delist"));
    workspace
}

#[test]
fn help_and_version_are_no_error() {
    let workspace = Workspace::new();
    let help = workspace.demarche(&["--help"]).with_status(0).stdout;
    for command in
        ["run", "annotate", "aggregate", "evaluate", "convert", "sample", "train", "export", "actors", "doctor"]
    {
        assert!(help.contains(&format!("  {command}")), "{help}");
    }
    let version = workspace.demarche(&["--version"]).with_status(0).stdout;
    assert!(version.starts_with(concat!("demarche ", env!("CARGO_PKG_VERSION"), " (libtorch 2.")), "{version}");
}

#[test]
fn wrong_flags_are_not_done() {
    let ended = Workspace::new().demarche(&["run", "news.jsonl"]).with_status(2);
    assert!(ended.stderr.contains("--out <DIR>"), "{}", ended.stderr);
}

#[test]
fn aggregate_writes_a_whole_folder() {
    let workspace = annotated();
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "out"]).with_status(0);
    assert_eq!(workspace.names("out"), ["aggregate.jsonl", "records.jsonl", "rejects.jsonl", "run.json"]);
    let records = workspace.read("out/records.jsonl");
    assert_eq!(records.lines().count(), 1);
    assert!(records.starts_with(r#"{"actor":"RUS","#), "{records}");
    let run: serde_json::Value = serde_json::from_str(&workspace.read("out/run.json")).unwrap();
    assert_eq!(run["counts"]["documents"], 2);
    assert_eq!(run["counts"]["records"], 1);
}

#[test]
fn i7_the_order_of_files_changes_nothing() {
    let workspace = annotated();
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "a"]).with_status(0);
    workspace.demarche(&["aggregate", "day2.jsonl", "day1.jsonl", "day2.jsonl", "--out", "b"]).with_status(0);
    assert_eq!(workspace.read("a/records.jsonl"), workspace.read("b/records.jsonl"));
}

#[test]
fn i5_memory_changes_nothing_and_what_a_dead_run_left_on_the_disk_goes() {
    let workspace = annotated();
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "much"]).with_status(0);
    workspace.write("little/aggregate.spill/documents-0.jsonl", "half a li");
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "little", "--memory", "0"]).with_status(0);
    assert_eq!(workspace.names("little"), workspace.names("much"));
    for name in ["records.jsonl", "aggregate.jsonl"] {
        assert_eq!(workspace.read(&format!("little/{name}")), workspace.read(&format!("much/{name}")));
    }
    let wrong = workspace.demarche(&["aggregate", "day1.jsonl", "--out", "x", "--memory", "1.5G"]).with_status(2);
    assert!(wrong.stderr.contains("as in 512M"), "{}", wrong.stderr);
}

#[test]
fn i1_one_run_or_several_over_parts_of_the_input_write_the_same() {
    let workspace = Workspace::new();
    let story = "Russia recognised the Taliban on Thursday. China welcomed it. Moscow's envoy met Amir Khan Muttaqi.";
    for (id, text) in [("a", story.to_owned()), ("b", story.replace("Russia", "India")), ("c", story.repeat(3))] {
        let line = serde_json::json!({"id": id, "date": "2025-07-04", "source": id, "text": text});
        workspace.write(&format!("{id}.jsonl"), format!("{line}\n"));
    }
    let done = |args: &[&str]| workspace.demarche(args).with_status(0);
    done(&["run", "a.jsonl", "b.jsonl", "c.jsonl", "--out", "whole", "--threads", "2"]);
    done(&["annotate", "a.jsonl", "--out", "1.jsonl", "--threads", "1"]);
    done(&["annotate", "b.jsonl", "c.jsonl", "--out", "2.jsonl", "--threads", "1"]);
    let annotations = workspace.read("1.jsonl") + &workspace.read("2.jsonl");
    assert_eq!(annotations, workspace.read("whole/annotations.jsonl"));
    done(&["aggregate", "2.jsonl", "1.jsonl", "--out", "parts"]);
    assert_eq!(workspace.read("parts/records.jsonl"), workspace.read("whole/records.jsonl"));
    assert!(annotations.contains("\"relations\":[{"), "{annotations}");
}

#[test]
fn i7_an_aggregate_aggregates_again() {
    let workspace = annotated();
    workspace.demarche(&["aggregate", "day1.jsonl", "--out", "one"]).with_status(0);
    workspace.demarche(&["aggregate", "one/aggregate.jsonl", "day2.jsonl", "--out", "sum"]).with_status(0);
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "whole"]).with_status(0);
    for name in ["records.jsonl", "aggregate.jsonl"] {
        assert_eq!(workspace.read(&format!("sum/{name}")), workspace.read(&format!("whole/{name}")));
    }
}

#[test]
fn records_as_of_a_day_are_the_same_at_once_and_later() {
    let workspace = annotated();
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "now"]).with_status(0);
    let day1 = ["aggregate", "day1.jsonl", "day2.jsonl", "--out", "then", "--as-of", "2024-05-27"];
    workspace.demarche(&day1).with_status(0);
    let then = workspace.read("then/records.jsonl");
    assert!(then.contains("withheld") && !then.contains("delisted"), "{then}");
    let export = ["export", "now/records.jsonl", "--format", "jsonl", "--as-of", "2024-05-27"];
    assert_eq!(workspace.demarche(&export).with_status(0).stdout, then);
    let before = ["export", "now/records.jsonl", "--format", "jsonl", "--as-of", "2023"];
    assert_eq!(workspace.demarche(&before).with_status(0).stdout, "");
    workspace.demarche(&["export", "now/records.jsonl", "--as-of", "yesterday"]).with_status(2);
}

#[test]
fn i2_bad_lines_are_rejected_with_their_place() {
    let workspace = annotated();
    let lines = format!("{}no JSON\n{}", workspace.read("day1.jsonl"), workspace.read("day2.jsonl"));
    workspace.write("both.jsonl", lines);
    let ended = workspace.demarche(&["aggregate", "both.jsonl", "--out", "out"]).with_status(1);
    assert!(ended.stderr.contains("demarche: rejected both.jsonl:2: "), "{}", ended.stderr);
    let rejects = workspace.read("out/rejects.jsonl");
    assert!(rejects.starts_with(r#"{"file":"both.jsonl","line":2,"reason":""#), "{rejects}");
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "good"]).with_status(0);
    assert_eq!(workspace.read("out/records.jsonl"), workspace.read("good/records.jsonl"));
    assert_eq!(workspace.demarche(&["--quiet", "aggregate", "both.jsonl", "--out", "out"]).with_status(1).stderr, "");
}

#[test]
fn a_missing_input_leaves_the_folder_as_it_was() {
    let workspace = annotated();
    workspace.demarche(&["aggregate", "day1.jsonl", "--out", "out"]).with_status(0);
    let before = workspace.read("out/records.jsonl");
    workspace.demarche(&["aggregate", "day1.jsonl", "gone.jsonl", "--out", "out"]).refused(&["gone.jsonl"]);
    assert_eq!(workspace.names("out"), ["aggregate.jsonl", "records.jsonl", "rejects.jsonl", "run.json"]);
    assert_eq!(workspace.read("out/records.jsonl"), before);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let workspace = annotated();
    workspace.write("file", "");
    workspace.demarche(&["aggregate", "day1.jsonl", "--out", "file/out"]).refused(&["file/out", "--out"]);
    workspace.demarche(&["aggregate", "day1.jsonl", "--out", "out"]).with_status(0);
    workspace.demarche(&["export", "out/records.jsonl", "--out", "none/table.txt"]).refused(&["none/table.txt"]);
}

#[test]
fn two_runs_into_one_folder_are_refused() {
    let workspace = annotated();
    let other = File::create(workspace.write("out/run.json.partial", "")).unwrap();
    other.lock().unwrap();
    let aggregate = ["aggregate", "day1.jsonl", "--out", "out"];
    workspace.demarche(&aggregate).refused(&["out/run.json: another run is writing this file", "--out"]);
    drop(other);
    workspace.demarche(&aggregate).with_status(0);
    assert_eq!(workspace.names("out"), ["aggregate.jsonl", "records.jsonl", "rejects.jsonl", "run.json"]);
}

/// Starts a `run` that has written and waits for more input, ends it by a signal and checks what it leaves.
#[cfg(unix)]
fn killed_and_started_again(signal: &str) {
    use std::os::unix::process::ExitStatusExt;
    let workspace = annotated();
    workspace.demarche(&["run", "day1.jsonl", "--out", "out"]).with_status(0);
    let finished = ["annotations.jsonl", "records.jsonl", "rejects.jsonl", "run.json"];
    let before = finished.map(|name| workspace.read(&format!("out/{name}")));

    let mut child = workspace.command(&["run", "-", "--out", "out"]).stdin(Stdio::piped()).spawn().unwrap();
    let held = child.stdin.take().unwrap();
    // The program has begun to write once its unfinished file is there.
    while !workspace.path("out/annotations.jsonl.partial").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the run ended without input");
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    drop(held);
    assert!(status.signal().is_some(), "{status}");
    assert_eq!(finished.map(|name| workspace.read(&format!("out/{name}"))), before);

    workspace.demarche(&["run", "day1.jsonl", "day2.jsonl", "--out", "out"]).with_status(0);
    workspace.demarche(&["run", "day1.jsonl", "day2.jsonl", "--out", "fresh"]).with_status(0);
    assert_eq!(workspace.names("out"), finished);
    for name in &finished[..3] {
        assert_eq!(workspace.read(&format!("out/{name}")), workspace.read(&format!("fresh/{name}")));
    }
}

#[test]
#[cfg(unix)]
fn i4_a_killed_run_leaves_no_half_file_and_can_be_started_again() {
    for signal in ["-KILL", "-TERM"] {
        killed_and_started_again(signal);
    }
}

#[test]
fn a_table_has_a_block_for_each_counterpart() {
    let workspace = annotated();
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "out"]).with_status(0);
    let export = ["export", "out/records.jsonl"];
    let table = workspace.demarche(&export).with_status(0).stdout;
    assert!(table.contains("AFG/TALIBAN") && table.contains("withheld") && table.contains("delisted"), "{table}");
    let none = workspace.demarche(&[&export[..], &["--counterpart", "XKX"]].concat()).with_status(0).stdout;
    assert_eq!(none, "");
    let ended = workspace.demarche(&[&export[..], &["--actor", "Russia"]].concat()).with_status(2);
    assert!(ended.stderr.contains("no actor code"), "{}", ended.stderr);
}

#[test]
fn actors_are_looked_up_by_date() {
    let workspace = Workspace::new();
    let found = workspace.demarche(&["actors", "lookup", "Soviet Union", "--date", "1985"]).with_status(0).stdout;
    assert!(found.starts_with("SUN "), "{found}");
    let ended = workspace.demarche(&["actors", "lookup", "Ruritania Xyzzy"]).with_status(1);
    assert!(ended.stdout.is_empty() && ended.stderr.contains("--actors"), "{}", ended.stderr);
}

#[test]
fn the_knowledge_base_is_written_out_with_a_users_own_rows() {
    let workspace = Workspace::new();
    workspace.write("own.tsv", "code\tkind\tname\nFRA\tgroup\tTaliban\n");
    workspace.demarche(&["actors", "export", "--actors", "own.tsv", "--out", "actors.jsonl"]).with_status(0);
    let rows: Vec<serde_json::Value> =
        workspace.read("actors.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(named("Soviet Union")["to"], "1991-12-25");
    assert!(rows.iter().any(|row| row["code"] == "FRA" && row["name"] == "Taliban"));
}

#[test]
fn tables_of_a_users_own_are_checked() {
    let workspace = Workspace::new();
    workspace.write("own.tsv", "code\tkind\tname\tfrom\tto\nRUS\tperson\tIvan Examplov\t2020\t2010\n");
    let found = workspace.demarche(&["actors", "lint", "--actors", "own.tsv"]).with_status(1).stdout;
    assert!(found.contains("own.tsv:2: Ivan Examplov ends on 2010"), "{found}");
    workspace.demarche(&["actors", "lint", "--actors", "gone.tsv"]).refused(&["gone.tsv"]);
}

#[test]
fn the_doctor_names_what_is_missing_and_how_to_mend_it() {
    let workspace = Workspace::new();
    let found = workspace.demarche(&["doctor", "--model", "gone"]).with_status(1).stdout;
    assert!(found.contains("ok   libtorch") && found.contains("BAD  model"), "{found}");
    assert!(found.contains("to mend it: "), "{found}");
}

#[test]
fn the_output_folder_must_not_lie_in_the_input() {
    let workspace = annotated();
    workspace.demarche(&["run", ".", "--out", "out"]).refused(&["out", "lies in the input", "--out"]);
}

#[test]
fn a_reader_who_has_enough_is_no_error() {
    let workspace = annotated();
    workspace.demarche(&["aggregate", "day1.jsonl", "day2.jsonl", "--out", "out"]).with_status(0);
    let record = workspace.read("out/records.jsonl");
    workspace.write("many.jsonl", record.repeat(2000));
    let mut export = workspace.command(&["export", "many.jsonl", "--format", "jsonl"]);
    let mut child = export.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = Ended::of(child.wait_with_output().unwrap()).with_status(0);
    assert_eq!(ended.stderr, "");
}

#[test]
fn evaluation_against_itself_is_perfect_and_a_minimum_is_held() {
    let workspace = annotated();
    let evaluate = |pred| {
        let sides = ["evaluate", "--resamples", "0", "--gold", "day1.jsonl", "--pred", pred];
        workspace.demarche(&[&sides[..], &["--min", "ner.micro.f1=0.9"]].concat())
    };
    let report = evaluate("day1.jsonl").with_status(0).stdout;
    assert!(report.contains("1.000"), "{report}");
    let ended = evaluate("day2.jsonl").with_status(1);
    assert!(ended.stderr.contains("ner.micro.f1"), "{}", ended.stderr);
}

#[test]
fn a_baseline_is_set_beside_and_every_error_is_written() {
    let workspace = annotated();
    let worse = workspace.read("day1.jsonl").replace("\"REJECT\"", "\"ACCUSE\"");
    workspace.write("worse.jsonl", worse);
    let sides = ["evaluate", "--resamples", "0", "--gold", "day1.jsonl", "--pred", "worse.jsonl"];
    let evaluate = |more: &[&str]| workspace.demarche(&[&sides[..], more].concat());
    evaluate(&["--baseline", "day1.jsonl", "--errors", "errors.jsonl", "--format", "json", "--out", "r.json"])
        .with_status(0);
    let report: serde_json::Value = serde_json::from_str(&workspace.read("r.json")).unwrap();
    let differences = report["differences"].as_array().unwrap();
    let event = differences.iter().find(|d| d["metric"] == "relations.by_entity.event.micro.f1").unwrap();
    assert_eq!((event["value"].as_f64(), event["baseline"].as_f64()), (Some(0.0), Some(1.0)));
    let errors = workspace.read("errors.jsonl");
    assert!(errors.contains("REJECT") && errors.contains("ACCUSE"), "{errors}");
    evaluate(&["--errors", "errors.html"]).with_status(0);
    assert!(workspace.read("errors.html").starts_with("<!"), "{}", workspace.read("errors.html"));
    // A gold document without a prediction is warned of.
    let strict = ["evaluate", "--gold", "day1.jsonl", "--pred", "day2.jsonl", "--strict"];
    workspace.demarche(&strict).refused(&["--strict"]);
}

#[test]
fn an_input_that_is_not_there_is_refused() {
    let workspace = Workspace::new();
    workspace.demarche(&["run", "gone.jsonl", "--out", "out"]).refused(&["cannot read gone.jsonl"]);
    assert_eq!(workspace.names("out"), [""; 0]);
}

#[test]
fn a_model_folder_that_does_not_fit_is_refused() {
    let workspace = Workspace::new();
    workspace.write("news.jsonl", r#"{"text":"Moscow praised Kabul."}"#);
    workspace.write("own/config.json", "{}");
    let run = ["run", "news.jsonl", "--out", "out", "--model"];
    workspace.demarche(&[&run[..], &["gone"]].concat()).refused(&["gone", "no such folder"]);
    workspace.demarche(&[&run[..], &["own"]].concat()).refused(&["own/"]);
    assert_eq!(workspace.names("out"), [""; 0]);
}
