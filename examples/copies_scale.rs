//! Measures how well copies are found: 2,000 distinct texts, parts of the project's own articles, each printed ten
//! times with small edits, all about one pair of actors within one week, which is as hard as it gets.
//!
//! usage: copies_scale [WORDS_PER_SECOND]
//!
//! Prints the copies that were missed, the distinct documents that were taken for copies, and the time that all of
//! aggregation takes against that of a run which annotates so many words a second (4800).

#[path = "../tests/reprints/mod.rs"]
mod reprints;

use std::time::Instant;

use anyhow::{Context, Result};
use demarche::records::{Aggregate, Settings};
use reprints::{printed, texts, words, Draw, Found};

/// Distinct texts, and how often each is printed.
const DISTINCT: usize = 2_000;
const PRINTS: usize = 10;

fn main() -> Result<()> {
    let speed: usize = std::env::args().nth(1).map_or(Ok(4_800), |n| n.parse()).context("words a second")?;
    let texts: Vec<String> = texts().into_iter().take(DISTINCT).collect();
    let documents = printed(&texts, PRINTS, &mut Draw(5));
    let read: usize = documents.iter().map(|d| words(&d.text)).sum();
    let start = Instant::now();
    let mut aggregate = Aggregate::new(Settings::default());
    documents.iter().for_each(|d| aggregate.add(d));
    let record = aggregate.records().pop().context("a record")?;
    let seconds = start.elapsed().as_secs_f64();
    let Found { copies, missed, merged } = Found::of(&record, texts.len(), PRINTS);
    println!("{} documents of {} words on average, {} texts", documents.len(), read / documents.len(), texts.len());
    println!("copies found: {:.2} % of {copies}", 100.0 - 100.0 * missed as f64 / copies as f64);
    println!("distinct documents merged: {merged} of {}", texts.len());
    let run = read as f64 / speed as f64;
    println!("aggregation {seconds:.2} s, {:.2} % of {run:.0} s of annotation", 100.0 * seconds / run);
    Ok(())
}
