//! Measures how often the actor of a mention is right when mentions and entities are given, by type and cause.
//!
//! usage: actor_accuracy [--kb DIR] [--errors] [--features] CORPUS.jsonl...
//!
//! Reads the annotated corpus. `--errors` lists every entity that differs from gold;
//! `--features` prints, instead of a report, the choices that documents decided, for `scripts/fit_actor_context.py`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, Context, Result};
use demarche::actors::{choices, resolve, KnowledgeBase};
use demarche::corpus::inline;
use demarche::document::{Annotation, EntityIx, EntityType, Span};

/// Probabilities below which an actor might be held unknown: what each would give is told.
const LEAST: [f32; 5] = [0.5, 0.6, 0.7, 0.8, 0.9];

#[derive(Default, Clone, Copy)]
struct Tally {
    right: usize,
    wrong: usize,
    unknown: usize,
    /// No actor in gold, and none found.
    none: usize,
    /// No actor in gold, but one found.
    invented: usize,
}

impl Tally {
    fn add(&mut self, gold: Option<&str>, found: Option<&str>) {
        match (gold, found) {
            (Some(g), Some(f)) if g == f => self.right += 1,
            (Some(_), Some(_)) => self.wrong += 1,
            (Some(_), None) => self.unknown += 1,
            (None, Some(_)) => self.invented += 1,
            (None, None) => self.none += 1,
        }
    }

    fn print(&self, name: &str) {
        let n = (self.right + self.wrong + self.unknown).max(1) as f64;
        let share = |k: usize| 100.0 * k as f64 / n;
        println!(
            "{name:<14} {n:>6}  right {:6.2} %  wrong {:5.2} %  unknown {:5.2} %   no actor: {} rightly none, {} invented",
            share(self.right),
            share(self.wrong),
            share(self.unknown),
            self.none,
            self.invented
        );
    }
}

fn gold(d: &Annotation, entity: EntityIx) -> Option<&str> {
    d.entity(entity).actor.as_ref().map(|c| c.as_str())
}

fn main() -> Result<()> {
    let (mut dir, mut errors, mut features, mut paths) = (PathBuf::from("models/actors"), false, false, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--kb" => dir = args.next().context("--kb needs a folder")?.into(),
            "--errors" => errors = true,
            "--features" => features = true,
            path => paths.push(path.to_owned()),
        }
    }
    let start = std::time::Instant::now();
    let kb = KnowledgeBase::load(&dir)?;
    let loading = start.elapsed();
    let (mut tallies, mut linking, mut words) = (BTreeMap::<String, Tally>::new(), std::time::Duration::ZERO, 0);
    for path in &paths {
        for read in inline::read(Path::new(path)).map_err(|r| anyhow!("{}: {}", r.file, r.reason))? {
            let d = read.map_err(|r| anyhow!("{}:{}: {}", r.file, r.line.unwrap_or(0), r.reason))?;
            let mentions: Vec<(Span, EntityType, bool, EntityIx)> =
                d.mentions.iter().map(|m| (m.span, m.kind, m.named, m.entity)).collect();
            let n = d.entities.len();
            if features {
                for c in choices(&kb, &d.text, &d.sentences, d.meta.date, &mentions, n) {
                    let candidates: Vec<_> =
                        c.candidates.iter().map(|(code, f)| serde_json::json!([code, f])).collect();
                    println!(
                        "{}",
                        serde_json::json!({"document": d.meta.id, "gold": gold(&d, c.entity), "candidates": candidates})
                    );
                }
                continue;
            }
            words += d.text.split_whitespace().count();
            let start = std::time::Instant::now();
            let found = resolve(&kb, &d.text, &d.sentences, d.meta.date, &mentions, n);
            linking += start.elapsed();
            let named = |e: EntityIx| mentions.iter().any(|m| m.2 && m.3 == e);
            for &(span, kind, is_named, e) in &mentions {
                let (gold, code) = (gold(&d, e), found[e.get()].0.as_ref().map(|c| c.as_str()));
                let class = match (is_named, named(e)) {
                    (true, _) => format!("named {kind}"),
                    (false, true) => "anaphor".to_owned(),
                    (false, false) => "nominal".to_owned(),
                };
                tallies.entry(class).or_default().add(gold, code);
                if is_named {
                    tallies.entry("named".to_owned()).or_default().add(gold, code);
                    for least in LEAST {
                        let sure = code.filter(|_| found[e.get()].1.get() >= least);
                        tallies.entry(format!("named from {least}")).or_default().add(gold, sure);
                    }
                }
                if errors && gold != code {
                    let (a, b) = (span.start.saturating_sub(90), (span.end + 70).min(d.text.len()));
                    let a = (a..=span.start).find(|&i| d.text.is_char_boundary(i)).unwrap_or(span.start);
                    let b = (b..=d.text.len()).find(|&i| d.text.is_char_boundary(i)).unwrap_or(span.end);
                    let around = format!("{}[[{}]]{}", &d.text[a..span.start], span.of(&d.text), &d.text[span.end..b]);
                    println!(
                        "{} {} {} {kind}{} gold {} found {} {:.2} | {}",
                        d.meta.id,
                        d.entity(e).id,
                        d.meta.date.map_or(String::new(), |d| d.to_string()),
                        if is_named { "" } else { "~" },
                        gold.unwrap_or("-"),
                        code.unwrap_or("-"),
                        found[e.get()].1.get(),
                        around.replace('\n', " // ")
                    );
                }
            }
        }
    }
    if !features {
        for (name, t) in &tallies {
            t.print(name);
        }
        println!("loading {loading:.1?}; linking {linking:.1?} for {words} words");
    }
    Ok(())
}
