//! Measures how long aggregation takes: documents that are made up, many of them copies, about few and many pairs.
//!
//! usage: aggregate_scale [RELATIONS]
//!
//! Prints seconds for folding documents, for the records, and for writing the aggregate, and how many copies were found.

use std::time::Instant;

use anyhow::{Context, Result};
use demarche::document::{
    Act, Annotation, Date, Entity, EntityIx, EntityType, Event, Metadata, Modality, Probability, Relation, Stance,
};
use demarche::records::{Aggregate, Part, Settings};
use demarche::text::sentences;

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

fn main() -> Result<()> {
    let relations: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse()).context("a number")?;
    let mut draw = Draw(3);
    let words: Vec<String> = (0..20_000).map(|w| format!("w{}", w * 7919 % 99_991)).collect();
    let (mut aggregate, mut folding, mut documents) = (Aggregate::new(Settings::default()), 0.0, 0);
    let mut batch = Vec::with_capacity(BATCH);
    let mut current = Vec::new();
    while documents * SENTENCES < relations {
        if documents % PRINTS == 0 {
            current = story(&mut draw, &words);
        }
        let day = documents / PRINTS % 3_650;
        let date = Date::day(2015 + (day / 365) as i16, 1 + (day % 365 / 31) as u8, 1 + (day % 28) as u8);
        let annotation = annotation(&mut draw, documents, date.context("a day")?, &current);
        batch.push(Part::Annotation(Box::new(annotation)));
        documents += 1;
        if batch.len() == BATCH {
            let start = Instant::now();
            aggregate.add_parts(std::mem::take(&mut batch));
            folding += start.elapsed().as_secs_f64();
        }
    }
    let start = Instant::now();
    aggregate.add_parts(batch);
    folding += start.elapsed().as_secs_f64();
    let start = Instant::now();
    let records = aggregate.records();
    let reckoning = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let bytes: usize = aggregate.stored().map(|d| serde_json::to_vec(&d).map_or(0, |line| line.len() + 1)).sum();
    let writing = start.elapsed().as_secs_f64();
    let evidence: usize = records.iter().map(|r| r.evidence.len()).sum();
    let duplicates: usize = records.iter().flat_map(|r| &r.evidence).map(|e| e.duplicates).sum();
    println!("{documents} documents, {} relations, {} records", documents * SENTENCES, records.len());
    println!("{evidence} pieces of evidence, {duplicates} copies of them");
    println!("folding {folding:.1} s, records {reckoning:.1} s, writing the aggregate {writing:.1} s ({bytes} bytes)");
    Ok(())
}
