//! A report as tables.

use super::calibration::{Calibration, Reliability};
use super::compare::{Comparison, Difference};
use super::coreference::Coreference;
use super::linking::{Actors, Linking};
use super::mentions::Anaphors;
use super::records::{FacetScores, Records};
use super::relations::{RelationScores, Relations};
use super::render::escape_controls;
use super::report::Report;
use super::score::{Averages, Classification, Prf, Scores};
use super::semeval::SemEval;

/// A table with a title; the first column is of names, the others are of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub title: String,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

/// What stands where there is nothing to score.
const NOTHING: &str = "–";

const PRF: &[&str] = &["", "precision", "recall", "F1", "95 % of F1", "gold", "predicted", "correct"];
const SEMEVAL: &[&str] =
    &["", "precision", "recall", "F1", "95 % of F1", "correct", "incorrect", "partial", "missed", "spurious"];
const COREFERENCE: &[&str] = &["", "precision", "recall", "F1", "95 % of F1"];
const CLASSIFICATION: &[&str] = &["", "accuracy", "95 % of accuracy", "macro-F1", "kappa", "alpha", "items"];
const LINKING: &[&str] = &["", "accuracy", "95 % of accuracy", "right", "wrong", "unknown", "not found"];
const FACETS: &[&str] =
    &["", "precision", "recall", "F1", "95 % of F1", "right", "wrong", "missing", "invented", "since right"];
const DIFFERENCES: &[&str] = &["", "prediction", "baseline", "difference", "p"];
const ERRORS: &[&str] = &["", "difference", "names", "anaphors", "actors", "acts", "events", "statuses"];
const BINS: &[&str] = &["score", "items", "confidence", "accuracy"];

/// The tables of `report`, in the order of the pipeline.
pub(super) fn tables(report: &Report) -> Vec<Table> {
    let writer = Writer { report };
    let mut tables = Vec::new();
    tables.extend(report.ner.iter().map(|n| writer.averages("Named mentions (exact span and type)", "ner", n)));
    tables.extend(report.semeval.iter().map(|s| writer.semeval(s)));
    tables.extend(report.anaphors.iter().map(|a| writer.anaphors(a)));
    tables.extend(report.coreference.iter().map(|c| writer.coreference(c)));
    tables.extend(report.actors.iter().map(|a| writer.actors(a)));
    tables.extend(report.relations.iter().flat_map(|r| writer.relations(r)));
    if let Some(e) = &report.events {
        let rows = vec![
            writer.classification("root", "events.roots", &e.roots),
            writer.classification("quad", "events.quad", &e.quad),
        ];
        tables.push(table("Events of given pairs", CLASSIFICATION, rows));
        tables.push(writer.classes("Root classes", "events.roots", &e.roots));
    }
    tables.extend(report.records.iter().flat_map(|r| writer.records(r)));
    tables.extend(report.calibration.iter().flat_map(calibration));
    tables
}

fn table(title: &str, columns: &[&'static str], rows: Vec<Vec<String>>) -> Table {
    Table { title: title.to_owned(), columns: columns.to_vec(), rows }
}

fn score(value: f64) -> String {
    format!("{value:.4}")
}

/// Writes rows, with the intervals of the report.
struct Writer<'a> {
    report: &'a Report,
}

impl Writer<'_> {
    fn interval(&self, metric: &str) -> String {
        let interval = self.report.intervals.get(metric);
        interval.map_or(NOTHING.to_owned(), |i| format!("{:.3}–{:.3}", i.low, i.high))
    }

    fn prf(&self, name: &str, path: &str, p: &Prf) -> Vec<String> {
        let mut row = vec![name.to_owned()];
        if p.is_empty() {
            row.extend([NOTHING; 4].map(str::to_owned));
        } else {
            row.extend([p.precision, p.recall, p.f1].map(score));
            row.push(self.interval(&format!("{path}.f1")));
        }
        row.extend([p.gold, p.predicted, p.correct].map(|n| n.to_string()));
        row
    }

    fn mean(&self, name: &str, path: &str, s: &Scores, columns: usize) -> Vec<String> {
        let mut row = vec![name.to_owned()];
        row.extend([s.precision, s.recall, s.f1].map(score));
        row.push(self.interval(&format!("{path}.f1")));
        row.resize(columns, String::new());
        row
    }

    fn averages(&self, title: &str, path: &str, a: &Averages) -> Table {
        let mut rows = vec![
            self.prf("micro", &format!("{path}.micro"), &a.micro),
            self.mean("macro", &format!("{path}.macro"), &a.macro_, PRF.len()),
            self.mean("weighted", &format!("{path}.weighted"), &a.weighted, PRF.len()),
        ];
        rows.extend(a.classes.iter().map(|(label, p)| self.prf(label, &format!("{path}.classes.{label}"), p)));
        table(title, PRF, rows)
    }

    fn anaphors(&self, a: &Anaphors) -> Table {
        let mut found = self.prf("found", "anaphors.mentions", &a.mentions);
        let mut resolved = self.prf("found and resolved", "anaphors.resolved", &a.resolved);
        found.push(String::new());
        resolved.push(format!("{} of {}", score(a.antecedents.accuracy), a.antecedents.items));
        let mut columns = PRF.to_vec();
        columns.push("antecedent right");
        table("Anaphors and nominals (exact span)", &columns, vec![found, resolved])
    }

    fn semeval(&self, s: &SemEval) -> Table {
        let rows = s.overall.iter().map(|(mode, m)| {
            let mut row = vec![mode.to_owned()];
            row.extend([m.precision, m.recall, m.f1].map(score));
            row.push(self.interval(&format!("semeval.overall.{mode}.f1")));
            row.extend([m.correct, m.incorrect, m.partial, m.missed, m.spurious].map(|n| n.to_string()));
            row
        });
        table("Named mentions by the modes of SemEval-2013", SEMEVAL, rows.collect())
    }

    fn coreference(&self, c: &Coreference) -> Table {
        let measures =
            [("MUC", "muc", &c.muc), ("B³", "b3", &c.b3), ("CEAF-e", "ceaf_e", &c.ceaf_e), ("LEA", "lea", &c.lea)];
        let mut rows: Vec<_> = measures
            .into_iter()
            .map(|(name, key, s)| self.mean(name, &format!("coreference.{key}"), s, COREFERENCE.len()))
            .collect();
        let interval = self.interval("coreference.conll");
        rows.push(vec!["CoNLL (MUC, B³, CEAF-e)".to_owned(), String::new(), String::new(), score(c.conll), interval]);
        table(&format!("Coreference: {} entities in the gold, {} predicted", c.gold, c.predicted), COREFERENCE, rows)
    }

    fn linking(&self, name: &str, path: &str, l: &Linking) -> Vec<String> {
        let counts = [l.right, l.wrong, l.unknown, l.unmatched].map(|n| n.to_string());
        let mut row = vec![name.to_owned(), score(l.accuracy), self.interval(&format!("{path}.accuracy"))];
        row.extend(counts);
        row
    }

    fn actors(&self, a: &Actors) -> Table {
        let mut rows = vec![self.linking("names", "actors.named", &a.named)];
        rows.extend(a.types.iter().map(|(t, l)| self.linking(t, &format!("actors.types.{t}"), l)));
        rows.push(self.linking("anaphors of related entities", "actors.anaphors", &a.anaphors));
        let title = format!(
            "Actor codes at spans found (no actor: precision {:.4}, recall {:.4}, F1 {:.4})",
            a.null.precision, a.null.recall, a.null.f1
        );
        table(&title, LINKING, rows)
    }

    fn relations(&self, r: &Relations) -> Vec<Table> {
        let matchings = [
            ("by_entity", "entities matched by mention", &r.by_entity),
            ("by_actor", "entities matched by actor code", &r.by_actor),
        ];
        matchings
            .into_iter()
            .flat_map(|(key, how, scores)| self.matching(how, &format!("relations.{key}"), scores))
            .collect()
    }

    fn matching(&self, how: &str, path: &str, r: &RelationScores) -> Vec<Table> {
        let levels = vec![
            self.prf("pair in sentence", &format!("{path}.pair"), &r.pair),
            self.prf("+ event", &format!("{path}.event.micro"), &r.event.micro),
            self.prf("+ act", &format!("{path}.act.micro"), &r.act.micro),
            self.prf("+ event, act, stance, modality", &format!("{path}.all"), &r.all),
            self.mean("+ event, macro", &format!("{path}.event.macro"), &r.event.macro_, PRF.len()),
            self.mean("+ act, macro", &format!("{path}.act.macro"), &r.act.macro_, PRF.len()),
        ];
        let on = &r.on_gold_pairs;
        let path = format!("{path}.on_gold_pairs");
        let act = vec![
            "act".to_owned(),
            score(on.act.accuracy),
            self.interval(&format!("{path}.act.accuracy")),
            String::new(),
            String::new(),
            String::new(),
            on.act.items.to_string(),
        ];
        let labels = vec![
            self.classification("stance", &format!("{path}.stance"), &on.stance),
            self.classification("modality", &format!("{path}.modality"), &on.modality),
            self.classification("event", &format!("{path}.event"), &on.event),
            act,
        ];
        let out = r.left_out;
        let left_out = match (out.gold_without_code + out.gold_self, out.predicted_without_code + out.predicted_self) {
            (0, 0) => String::new(),
            (gold, pred) => format!("; left out without code or within one actor: {gold} gold, {pred} predicted"),
        };
        vec![
            table(&format!("Relations, {how}{left_out}"), PRF, levels),
            table(
                &format!("Labels of the {} of gold pairs found, {how}", percent(on.coverage)),
                CLASSIFICATION,
                labels,
            ),
        ]
    }

    fn classification(&self, name: &str, path: &str, c: &Classification) -> Vec<String> {
        if c.items == 0 {
            return [name, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, "0"].map(str::to_owned).to_vec();
        }
        let mut row = vec![name.to_owned(), score(c.accuracy), self.interval(&format!("{path}.accuracy"))];
        row.extend([c.macro_f1, c.kappa, c.alpha].map(score));
        row.push(c.items.to_string());
        row
    }

    fn classes(&self, title: &str, path: &str, c: &Classification) -> Table {
        let rows = c.classes.iter().map(|(label, p)| self.prf(label, &format!("{path}.classes.{label}"), p));
        table(title, PRF, rows.collect())
    }

    fn facet(&self, name: &str, path: &str, f: &FacetScores) -> Vec<String> {
        let mut row = vec![name.to_owned()];
        row.extend([f.precision, f.recall, f.f1].map(score));
        row.push(self.interval(&format!("{path}.f1")));
        row.extend([f.right, f.wrong, f.missing, f.invented].map(|n| n.to_string()));
        row.push(if f.since.items == 0 {
            NOTHING.to_owned()
        } else {
            format!("{} of {}", f.since.right, f.since.items)
        });
        row
    }

    fn records(&self, r: &Records) -> Vec<Table> {
        let mut rows = vec![
            self.facet("all facets", "records.facets", &r.facets),
            self.mean("macro", "records.macro", &r.macro_, FACETS.len()),
        ];
        rows.extend(r.by_facet.iter().map(|(name, f)| self.facet(name, &format!("records.by_facet.{name}"), f)));
        let evidence = Some(("evidence", &r.evidence)).filter(|(_, a)| a.items > 0);
        let right =
            r.details.iter().chain(evidence).map(|(name, a)| format!("; {name} right: {} of {}", a.right, a.items));
        vec![
            table(
                &format!("Records{}", right.collect::<String>()),
                PRF,
                vec![self.prf("directed pairs", "records.pairs", &r.pairs)],
            ),
            table("Statuses of records", FACETS, rows),
        ]
    }
}

/// The tables of a comparison, beside those of its report.
pub(super) fn difference_tables(c: &Comparison) -> Vec<Table> {
    let row = |d: &Difference| {
        let p = d.p.map_or(NOTHING.to_owned(), |p| format!("{p:.4}"));
        vec![d.metric.clone(), score(d.value), score(d.baseline), format!("{:+.4}", d.difference), p]
    };
    let documents = c.documents.iter().map(|d| {
        let mut row = vec![escape_controls(&d.document), format!("{:+}", d.difference)];
        let [a, b] = [d.errors, d.baseline].map(|e| [e.names, e.anaphors, e.actors, e.acts, e.events, e.statuses]);
        row.extend(a.iter().zip(b).map(|(a, b)| format!("{a}/{b}")));
        row
    });
    let found = vec![
        table(
            "Differences from the baseline (p by approximate randomisation)",
            DIFFERENCES,
            c.differences.iter().map(row).collect(),
        ),
        table("Classes that differ most", DIFFERENCES, c.classes.iter().map(row).collect()),
        table("Units whose errors differ most (prediction/baseline)", ERRORS, documents.collect()),
    ];
    found.into_iter().filter(|t| !t.rows.is_empty()).collect()
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn calibration(c: &Calibration) -> Vec<Table> {
    let levels = [
        ("named mentions", &c.ner),
        ("actor codes", &c.actors),
        ("relations (pair and act)", &c.relations),
        ("events of given pairs", &c.events),
        ("statuses of records", &c.statuses),
    ];
    levels.into_iter().filter_map(|(name, level)| level.as_ref().map(|r| reliability(name, r))).collect()
}

fn reliability(name: &str, r: &Reliability) -> Table {
    let rows = r.bins.iter().map(|b| {
        vec![format!("{:.1}–{:.1}", b.above, b.up_to), b.items.to_string(), score(b.confidence), score(b.accuracy)]
    });
    let (error, chance) = (score(r.ece), score(r.chance_ece));
    let title = format!("Calibration of {name}: expected calibration error {error}, {chance} if all scores were true");
    table(&title, BINS, rows.collect())
}
