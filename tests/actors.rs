//! Names in, actor codes out: the cases are the text files in `tests/actors`.
//!
//! A case is a line `DATE | TEXT`. In the text `[Macron|PER:FRA]` is a name with its type and the actor to find, `-`
//! for none; `[the rebels~PER:SYR]` an actor that the text never names; `[he~PER:FRA^1]` an anaphor of the first
//! mention of the line. With `=1` behind the code two mentions are of one entity if and only if they have the same
//! number.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use demarche::actors::{link, resolve, Antecedent, FoundMention, KnowledgeBase};
use demarche::corpus::inline::sentences;
use demarche::document::{Date, EntityIx, Probability, Span};
use regex::Regex;

static TABLES: LazyLock<KnowledgeBase> = LazyLock::new(|| KnowledgeBase::load(Path::new("models/actors")).unwrap());
static MENTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[([^\]|~]+)([|~])(PER|ORG|LOC|MISC):([A-Z/_0-9]+|-)(?:\^(\d+))?(?:=(\d+))?\]").unwrap()
});

/// What the linker says of a case that it should have said otherwise.
fn faults(case: &str) -> Vec<String> {
    let (date, marked) = case.split_once(" | ").unwrap_or_else(|| panic!("no date: {case}"));
    let date: Option<Date> = (date != "-").then(|| date.parse().unwrap());
    let (mut text, mut mentions, mut expected, mut last) = (String::new(), Vec::new(), Vec::new(), 0);
    for m in MENTION.captures_iter(marked) {
        let whole = m.get(0).unwrap();
        text.push_str(&marked[last..whole.start()]);
        last = whole.end();
        let span = Span::new(text.len(), text.len() + m[1].len());
        text.push_str(&m[1]);
        let of = m.get(5).map(|n| n.as_str().parse::<usize>().unwrap() - 1);
        mentions.push(FoundMention {
            span,
            kind: m[3].parse().unwrap(),
            named: &m[2] == "|",
            score: Probability::ONE,
            antecedent: of.map_or(Antecedent::None, |n| Antecedent::Of(n, Probability::ONE)),
        });
        expected.push((m[1].to_owned(), m[4].to_owned(), m.get(6).map(|n| n.as_str().to_owned())));
    }
    text.push_str(&marked[last..]);
    assert!(!mentions.is_empty() && !text.contains(['[', ']']), "badly marked: {case}");

    let linked = link(&TABLES, &text, &sentences(&text), date, &mentions);
    let mut faults = Vec::new();
    let (mut entities, mut numbers) = (HashMap::<String, EntityIx>::new(), HashMap::<EntityIx, String>::new());
    for ((surface, code, number), &ix) in expected.iter().zip(&linked.of_mention) {
        let found = linked.entities[ix.get()].actor.as_ref().map_or("-", |c| c.as_str());
        if found != code {
            faults.push(format!("{surface}: {found}, expected {code}"));
        }
        let Some(number) = number else { continue };
        if *entities.entry(number.clone()).or_insert(ix) != ix {
            faults.push(format!("{surface}: not of one entity with the others of ={number}"));
        }
        if numbers.entry(ix).or_insert_with(|| number.clone()) != number {
            faults.push(format!("{surface}: of one entity with those of ={}", numbers[&ix]));
        }
    }
    faults
}

#[test]
fn names_lead_to_their_actors() {
    let (mut cases, mut report) = (0, String::new());
    let mut paths: Vec<_> = fs::read_dir("tests/actors").unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        for (n, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            cases += 1;
            for fault in faults(line) {
                report.push_str(&format!("{}:{}: {fault}\n", path.display(), n + 1));
            }
        }
    }
    assert!(cases > 0 && report.is_empty(), "of {cases} cases:\n{report}");
}

#[test]
fn the_tables_are_clean() {
    let findings: Vec<String> = TABLES.lint().iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn lookup_goes_by_date() {
    let first = |name: &str, date: &str| {
        let found = TABLES.lookup(name, Some(date.parse().unwrap()));
        found.first().and_then(|c| c.code.as_ref()).map_or("-".to_owned(), |c| c.to_string())
    };
    assert_eq!(first("Moscow", "1985"), "SUN");
    assert_eq!(first("Moscow", "2024"), "RUS");
    assert_eq!(first("Prague", "1991-05-01"), "CSK");
    assert_eq!(first("Türkiye", "2024"), "TUR");
    assert_eq!(first("Zelenskiy", "2023-01-01"), "UKR");
    assert_eq!(first("Solana", "1997-01-01"), "INT/NATO");
    assert_eq!(first("Solana", "2003-01-01"), "INT/EU");
    assert_eq!(first("Samara", "1985"), "SUN");
    assert_eq!(first("Manosque", "2018"), "FRA");
}

#[test]
fn an_entity_of_several_names_is_whom_the_plainest_means() {
    let text = "Brussels urged calm. Belgium called home its envoy.";
    let mentions = [(0, 8), (21, 28)].map(|(a, b)| (Span::new(a, b), "LOC".parse().unwrap(), true, EntityIx(0)));
    let found = resolve(&TABLES, text, &sentences(text), Some("2025-03-18".parse().unwrap()), &mentions, 1);
    assert_eq!(found[0].0.as_ref().map(|c| c.as_str()), Some("BEL"));
}

#[test]
fn members_are_told_by_date() {
    let members = |code: &str, date: &str| -> Vec<String> {
        let found = TABLES.memberships(&code.parse().unwrap(), Some(date.parse().unwrap()));
        found.iter().filter(|m| m.organisation.as_str() == code).map(|m| m.member.to_string()).collect()
    };
    for (organisation, date, n) in [
        ("INT/EU", "1985-06-01", 10),
        ("INT/EU", "2019-06-01", 28),
        ("INT/EU", "2021-06-01", 27),
        ("INT/NATO", "1999-03-12", 19),
        ("INT/NATO", "2024-03-07", 32),
        ("INT/ECOWAS", "2025-03-01", 12),
    ] {
        assert_eq!(members(organisation, date).len(), n, "{organisation} on {date}");
    }
    let sat = |date| members("INT/UN", date).contains(&"SUN".to_owned());
    assert!(sat("1985-01-01") && !sat("1995-01-01"));
    let france = TABLES.memberships(&"FRA".parse().unwrap(), Some("1960".parse().unwrap()));
    let organisations: Vec<&str> = france.iter().map(|m| m.organisation.as_str()).collect();
    assert_eq!(organisations, ["INT/COE", "INT/EU", "INT/NATO", "INT/UN"]);
    assert_eq!(TABLES.memberships(&"INT/NOBODY".parse().unwrap(), None), []);
}

#[test]
fn own_rows_push_out_those_of_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.tsv");
    fs::write(&own, "code\tkind\tname\nFRA\tgroup\tTaliban\n").unwrap();
    let kb = KnowledgeBase::load_with(Path::new("models/actors"), &[&own]).unwrap();
    let found = kb.lookup("Taliban", None);
    assert_eq!(found.iter().map(|c| c.code.as_ref().unwrap().as_str()).collect::<Vec<_>>(), ["FRA"]);

    fs::write(&own, "code\tkind\tname\nFRA\tgroup\n").unwrap();
    let error = KnowledgeBase::load_with(Path::new("models/actors"), &[&own]).unwrap_err().to_string();
    assert!(error.ends_with("own.tsv:2: 2 columns; the header has 3"), "{error}");
}

#[test]
fn mentions_that_point_nowhere_cost_nothing() {
    let text = "They met.";
    let mention = |antecedent| FoundMention {
        span: Span::new(0, 4),
        kind: "PER".parse().unwrap(),
        named: false,
        score: Probability::ONE,
        antecedent,
    };
    for at in [0, 1, 99] {
        let mentions = [mention(Antecedent::Of(at, Probability::ONE))];
        let linked = link(&TABLES, text, &[Span::new(0, 9)], None, &mentions);
        assert_eq!((linked.entities.len(), linked.entities[0].actor.clone()), (1, None));
    }
    assert_eq!(link(&TABLES, "", &[], None, &[]).entities, []);
}
