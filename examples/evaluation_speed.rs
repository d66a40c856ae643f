//! Measures how long the evaluation of many mentions takes, intervals counted.
//!
//! usage: cargo run --release --example evaluation_speed [MENTIONS]
//!
//! Gold are documents of fifty mentions, of which a prediction finds nine in ten at the right place; there are as many
//! mentions as asked for, a million if nothing is. Every level is scored: names, anaphors, coreference, actor codes,
//! relations, calibration.

use std::time::Instant;

use anyhow::{ensure, Context, Result};
use demarche::document::{
    Act, Annotation, Entity, EntityIx, EntityType, Event, Mention, Modality, Probability, Relation, Span, Stance,
};
use demarche::evaluate::{evaluate, Options};

/// Mentions of a document.
const MENTIONS: usize = 50;
/// Mentions of an entity.
const OF_AN_ENTITY: usize = 5;
/// Mentions of a sentence.
const IN_A_SENTENCE: usize = 5;

fn main() -> Result<()> {
    let asked: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse()).context("MENTIONS is a number")?;
    let gold: Vec<Annotation> = (0..asked.div_ceil(MENTIONS)).map(document).collect();
    let mut random = fastrand::Rng::with_seed(1);
    let pred: Vec<Annotation> = gold.iter().map(|a| prediction(a, &mut random)).collect();
    let started = Instant::now();
    let report = evaluate(&gold, &pred, Options::default());
    let seconds = started.elapsed().as_secs_f64();
    let mentions: usize = gold.iter().map(|a| a.mentions.len()).sum();
    ensure!(report.documents.compared == gold.len() as u64, "some documents were not compared");
    println!(
        "{mentions} mentions in {} documents, {} resamples: {seconds:.2} s on {} threads, F1 of names {:.4}",
        gold.len(),
        Options::default().resamples,
        rayon::current_num_threads(),
        report.metric("ner.micro.f1")?
    );
    Ok(())
}

/// A gold document: five mentions a sentence, each entity mentioned five times, once by an anaphor.
fn document(number: usize) -> Annotation {
    let word = "Ruritania said so. ";
    let mut a = Annotation { text: word.repeat(MENTIONS), ..Annotation::default() };
    a.meta.id = format!("d{number}");
    a.sentences = (0..MENTIONS / IN_A_SENTENCE)
        .map(|s| Span::new(s * IN_A_SENTENCE * word.len(), (s + 1) * IN_A_SENTENCE * word.len() - 1))
        .collect();
    a.entities = (0..MENTIONS / OF_AN_ENTITY)
        .map(|e| Entity {
            id: format!("e{e}"),
            name: "Ruritania".to_owned(),
            kind: EntityType::ALL[e % EntityType::ALL.len()],
            actor: ["RUS", "AFG/TALIBAN", "INT/UN"].get((number + e) % 4).and_then(|code| code.parse().ok()),
            score: Probability::ONE,
        })
        .collect();
    let mention = |m: usize| {
        let entity = EntityIx((m % a.entities.len()) as u32);
        let start = m * word.len();
        let kind = a.entity(entity).kind;
        Mention { entity, span: Span::new(start, start + 9), kind, named: m < 40, score: Probability::ONE }
    };
    a.mentions = (0..MENTIONS).map(mention).collect();
    let relation = |sent: usize| Relation {
        src: EntityIx((sent % a.entities.len()) as u32),
        tgt: EntityIx(((sent + 1) % a.entities.len()) as u32),
        sent,
        event: Event::ALL[(number + sent) % Event::ALL.len()],
        act: Act::ALL[(number + sent) % Act::ALL.len()],
        stance: Stance::ALL[sent % Stance::ALL.len()],
        modality: Modality::ALL[sent % Modality::ALL.len()],
        score: Probability::ONE,
        scores: None,
    };
    a.relations = (0..a.sentences.len()).map(relation).collect();
    a
}

/// What a system might make of it: a mention in ten lost, a few of another type or entity, every score less than one.
fn prediction(gold: &Annotation, random: &mut fastrand::Rng) -> Annotation {
    let mut a = gold.clone();
    a.mentions.retain(|_| random.u8(..10) > 0);
    let entities = a.entities.len() as u32;
    for m in &mut a.mentions {
        m.score = Probability::new(0.5 + random.f32() / 2.0);
        if random.u8(..20) == 0 {
            m.kind = EntityType::Misc;
            m.entity = EntityIx(random.u32(..entities));
        }
    }
    for r in &mut a.relations {
        r.score = Probability::new(0.5 + random.f32() / 2.0);
        if random.u8(..3) == 0 {
            r.act = Act::Other;
        }
    }
    a
}
