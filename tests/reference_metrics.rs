//! Figures equal those of seqeval, nervaluate, scikit-learn, scorch, coreference-eval and krippendorff.
//!
//! What these tools say of some odd cases and a few random ones is kept in
//! `fixtures/reference_metrics.jsonl`. `scripts/test_metrics.sh` installs them, makes a thousand more
//! cases and runs this test on those, which it finds through `DEMARCHE_METRIC_CASES`.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;

use demarche::corpus::formats::{self, Format};
use demarche::document::{Annotation, Entity, EntityIx, EntityType, Event, Mention, Probability, Span};
use demarche::evaluate::{evaluate, evaluate_events, Options, Report};
use serde::Deserialize;

const QUICK: Options = Options { resamples: 0, seed: 0 };
const TOLERANCE: f64 = 1e-9;

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    data: Data,
    /// By the name of the metric; null where there is nothing to score.
    expected: BTreeMap<String, Option<f64>>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Data {
    /// CoNLL columns.
    Tags { gold: String, pred: String },
    /// Start, end and type of mentions, in characters.
    Spans { text: String, gold: Vec<(usize, usize, EntityType)>, pred: Vec<(usize, usize, EntityType)> },
    /// Of each document, the mentions of each entity, by number below `length`.
    Clusters { length: usize, gold: Vec<Vec<Vec<usize>>>, pred: Vec<Vec<Vec<usize>>> },
    /// Gold and predicted event of each pair.
    Events { gold: Vec<Event>, pred: Vec<Option<Event>> },
}

fn report(data: &Data) -> Report {
    match data {
        Data::Tags { gold, pred } => evaluate(&columns(gold), &columns(pred), QUICK),
        Data::Spans { text, gold, pred } => evaluate(&[marked(text, gold)], &[marked(text, pred)], QUICK),
        Data::Clusters { length, gold, pred } => evaluate(&clustered(*length, gold), &clustered(*length, pred), QUICK),
        Data::Events { gold, pred } => {
            let pairs: Vec<_> =
                gold.iter().zip(pred).map(|(&g, p)| (g, p.map(|event| (event, Probability::ONE)))).collect();
            evaluate_events(&pairs, QUICK)
        }
    }
}

fn columns(lines: &str) -> Vec<Annotation> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines.as_bytes()).unwrap();
    let found = formats::read(file.path(), Format::Conll).unwrap();
    found.filter_map(|found| Some(found.unwrap().document?.annotation)).collect()
}

fn marked(text: &str, spans: &[(usize, usize, EntityType)]) -> Annotation {
    let bytes: Vec<usize> = text.char_indices().map(|(ix, _)| ix).chain([text.len()]).collect();
    let mut a = Annotation { text: text.to_owned(), ..Annotation::default() };
    for &(start, end, kind) in spans {
        let entity = entity(&mut a, kind);
        a.mentions.push(mention(entity, Span::new(bytes[start], bytes[end]), kind));
    }
    a
}

fn clustered(length: usize, documents: &[Vec<Vec<usize>>]) -> Vec<Annotation> {
    let document = |(number, clusters): (usize, &Vec<Vec<usize>>)| {
        let mut a = Annotation { text: "x".repeat(length), ..Annotation::default() };
        a.meta.id = number.to_string();
        for cluster in clusters {
            let entity = entity(&mut a, EntityType::Org);
            a.mentions.extend(cluster.iter().map(|&m| mention(entity, Span::new(m, m + 1), EntityType::Org)));
        }
        a
    };
    documents.iter().enumerate().map(document).collect()
}

fn entity(a: &mut Annotation, kind: EntityType) -> EntityIx {
    let ix = EntityIx(a.entities.len() as u32);
    let id = format!("e{}", ix.0);
    a.entities.push(Entity { name: id.clone(), id, kind, actor: None, score: Probability::ONE });
    ix
}

fn mention(entity: EntityIx, span: Span, kind: EntityType) -> Mention {
    Mention { entity, span, kind, named: true, score: Probability::ONE }
}

fn check(path: &Path) -> usize {
    let lines = std::fs::read_to_string(path).unwrap();
    let mut compared = 0;
    for line in lines.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let metrics: HashMap<String, f64> =
            report(&case.data).metrics().into_iter().map(|m| (m.name, m.value)).collect();
        for (name, expected) in case.expected {
            let found = metrics.get(&name).copied();
            let same = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < TOLERANCE,
                (found, expected) => found.is_none() && expected.is_none(),
            };
            assert!(same, "{}: {name} is {found:?}, not {expected:?}\n{line}", case.name);
            compared += 1;
        }
    }
    compared
}

#[test]
fn figures_equal_those_of_the_tools_of_the_field() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reference_metrics.jsonl");
    assert!(check(&fixture) > 1000);
    if let Some(more) = std::env::var_os("DEMARCHE_METRIC_CASES") {
        assert!(check(Path::new(&more)) > 10_000);
    }
}
