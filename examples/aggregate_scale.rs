//! Measures how long aggregation takes: documents that are made up, many of them copies, about few and many pairs.
//!
//! usage: aggregate_scale [RELATIONS [MEGABYTES]]
//!
//! Prints seconds for reading lines of annotations, for folding them, and for aggregate and records, how many copies
//! were found, and the memory that was held, of which MEGABYTES (1024) may be documents and what they tell.

use std::time::Instant;

use anyhow::{Context, Result};
use demarche::aggregation::{Aggregation, Sink};
use demarche::corpus::standoff;
use demarche::document::{
    Act, Annotation, Date, Entity, EntityIx, EntityType, Event, Metadata, Modality, Probability, Relation, Stance,
};
use demarche::records::{Part, Record, Settings, StoredDocument};
use demarche::text::sentences;
use rayon::prelude::*;

/// Relations of a document, one a sentence.
const SENTENCES: usize = 8;
/// Every story is printed so often.
const PRINTS: usize = 4;
/// Documents that are folded at a time, as `demarche aggregate` does it.
const BATCH: usize = 1024;

struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    /// A number below `n` of which the small ones are much likelier, as actors in the news are.
    fn skewed(&mut self, n: usize) -> usize {
        let a = self.below(n);
        let b = self.below(a + 1);
        self.below(b + 1)
    }
}

/// Capitals that make the codes of made-up states.
fn code(n: usize) -> String {
    let letter = |k: usize| char::from(b'A' + (k % 26) as u8);
    [letter(n / 676), letter(n / 26), letter(n)].iter().collect()
}

fn story(draw: &mut Draw, words: &[String]) -> Vec<String> {
    let sentence = |draw: &mut Draw| {
        let mut text: Vec<&str> = (0..22).map(|_| words[draw.skewed(words.len())].as_str()).collect();
        text.insert(6, ["on Monday", "last year", "in March", "since 2021"][draw.below(4)]);
        format!("A{}.", text.join(" "))
    };
    (0..SENTENCES).map(|_| sentence(draw)).collect()
}

fn annotation(draw: &mut Draw, id: usize, day: Date, story: &[String]) -> Annotation {
    let mut parts = story.to_vec();
    let changed = draw.below(parts.len());
    parts[changed].insert_str(1, &format!(" edit {id} "));
    let text = parts.join(" ");
    let sentences = sentences(&text);
    // The actors and acts of a story are those of its words.
    let mut facts = Draw(story[0].bytes().fold(7, |h, b| h * 31 % 1_000_003 + u64::from(b)));
    let entities: Vec<Entity> = (0..4)
        .map(|i| {
            let name = code(facts.skewed(200) * 4 + i);
            let actor = name.parse().ok();
            Entity { id: format!("e{i}"), name, kind: EntityType::Loc, actor, score: Probability::ONE }
        })
        .collect();
    let relations = (0..sentences.len())
        .map(|sent| {
            let src = facts.below(4) as u32;
            Relation {
                src: EntityIx(src),
                tgt: EntityIx((src + 1) % 4),
                sent,
                event: Event::ALL[facts.below(Event::ALL.len())],
                act: Act::ALL[facts.below(Act::ALL.len())],
                stance: Stance::ALL[facts.below(3)],
                modality: Modality::ALL[facts.below(4)],
                score: Probability::new(0.5 + facts.below(50) as f32 / 100.0),
                scores: None,
            }
        })
        .collect();
    let source = Some(format!("paper {}", draw.below(50)));
    let meta = Metadata { id: format!("d{id}"), date: Some(day), source, ..Metadata::default() };
    Annotation { meta, text, sentences, mentions: Vec::new(), entities, relations }
}

/// Counts what comes out and writes it nowhere.
#[derive(Default)]
struct Counted {
    documents: usize,
    records: usize,
    evidence: usize,
    duplicates: usize,
    bytes: usize,
}

impl Sink for Counted {
    type Error = anyhow::Error;

    fn document(&mut self, document: &StoredDocument) -> Result<()> {
        self.documents += 1;
        self.bytes += serde_json::to_vec(document)?.len() + 1;
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Result<()> {
        self.records += 1;
        self.evidence += record.evidence.len();
        self.duplicates += record.evidence.iter().map(|e| e.duplicates).sum::<usize>();
        self.bytes += serde_json::to_vec(record)?.len() + 1;
        Ok(())
    }
}

/// The most memory that this process has held, in MB, where the system tells.
fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<usize>().ok().map(|kb| kb / 1024)
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).map(|n| n.parse::<usize>().context("a number"));
    let relations = arguments.next().unwrap_or(Ok(1_000_000))?;
    let memory = arguments.next().unwrap_or(Ok(1024))? << 20;
    let spill = std::env::temp_dir().join(format!("aggregate_scale-{}", std::process::id()));
    let mut draw = Draw(3);
    let words: Vec<String> = (0..20_000).map(|w| format!("w{}", w * 7919 % 99_991)).collect();
    let mut aggregation = Aggregation::new(Settings::default(), memory, spill)?;
    let (mut reading, mut folding, mut documents) = (0.0, 0.0, 0);
    let mut current = Vec::new();
    while documents * SENTENCES < relations {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH && documents * SENTENCES < relations {
            if documents % PRINTS == 0 {
                current = story(&mut draw, &words);
            }
            let day = documents / PRINTS % 3_650;
            let date = Date::day(2015 + (day / 365) as i16, 1 + (day % 365 / 31) as u8, 1 + (day % 28) as u8);
            let mut line = Vec::new();
            let annotation = annotation(&mut draw, documents, date.context("a day")?, &current);
            standoff::write(&annotation, &mut line)?;
            batch.push(String::from_utf8(line)?);
            documents += 1;
        }
        let start = Instant::now();
        let parts: Vec<Part> = batch.par_iter().map(|line| Part::parse(line.trim_end())).collect::<Result<_, _>>()?;
        reading += start.elapsed().as_secs_f64();
        let start = Instant::now();
        aggregation.add_parts(parts)?;
        folding += start.elapsed().as_secs_f64();
    }
    let start = Instant::now();
    let mut counted = Counted::default();
    aggregation.finish(None, &mut counted)?;
    let reckoning = start.elapsed().as_secs_f64();
    let Counted { documents, records, evidence, duplicates, bytes } = counted;
    println!("{documents} documents, {} relations, {records} records, {bytes} bytes", documents * SENTENCES);
    println!("{evidence} pieces of evidence, {duplicates} copies of them");
    println!("reading {reading:.1} s, folding {folding:.1} s, records {reckoning:.1} s");
    println!("memory allowed {} MB, most held {} MB", memory >> 20, peak().map_or("?".to_owned(), |mb| mb.to_string()));
    Ok(())
}
