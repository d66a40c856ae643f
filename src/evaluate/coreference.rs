//! Which mentions speak of one entity: the metrics of the CoNLL shared tasks, and LEA.
//!
//! - MUC (Vilain et al. 1995) counts links, B³ (Bagga and Baldwin 1998) mentions, CEAF-e (Luo 2005)
//!   entities under the best one-to-one assignment; the CoNLL score (Pradhan et al. 2012) is the mean
//!   of their F1.
//! - LEA (Moosavi and Strube 2016) weighs entities by size and judges how well each is resolved; an
//!   entity with one mention is resolved when the other side has it alone, too.
//!
//! Mentions are compared by their exact span. Entities with one mention take part, as in the reference
//! scorers, which matters for B³, CEAF-e and LEA: in this corpus most names are such.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::align::Aligned;
use super::assignment::best_assignment;
use super::score::{ratio, Scores};
use super::tally::{Cell, Tally};
use crate::document::Annotation;
use crate::text::Span;

/// A way to compare two partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    Muc,
    B3,
    CeafE,
    Lea,
}

/// What precision and recall of a measure are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    FoundOfGold,
    Gold,
    FoundOfPredicted,
    Predicted,
}

/// Scores of coreference.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Coreference {
    /// Links.
    pub muc: Scores,
    /// Mentions.
    pub b3: Scores,
    /// Entities.
    pub ceaf_e: Scores,
    /// Entities by how well they are resolved.
    pub lea: Scores,
    /// Mean F1 of MUC, B³ and CEAF-e.
    pub conll: f64,
    /// How many entities the gold has.
    pub gold: u64,
    /// How many entities were predicted.
    pub predicted: u64,
}

/// Counts what `aligned` has of coreference.
pub(super) fn tally_coreference(aligned: &Aligned, tally: &mut Tally) {
    let gold = Partition::new(aligned.gold);
    let pred = aligned.pred.map(Partition::new).unwrap_or_default();
    let shared = gold.shared(&pred);
    let mut add = |measure, part, n: f64| tally.add(Cell::Coreference(measure, part), n);
    for (side, others, shared, found, total) in [
        (&gold, &pred, shared.clone(), Part::FoundOfGold, Part::Gold),
        (&pred, &gold, transposed(&shared), Part::FoundOfPredicted, Part::Predicted),
    ] {
        let mentions: usize = side.sizes.iter().sum();
        let entities = side.sizes.len();
        add(Measure::Muc, total, (mentions - entities) as f64);
        add(Measure::B3, total, mentions as f64);
        add(Measure::CeafE, total, entities as f64);
        add(Measure::Lea, total, mentions as f64);
        for (entity, parts) in by_entity(&shared) {
            let size = side.sizes[entity];
            let n: usize = parts.iter().map(|(_, n)| n).sum();
            add(Measure::Muc, found, (n - parts.len()) as f64);
            let squares: usize = parts.iter().map(|(_, n)| n * n).sum();
            add(Measure::B3, found, squares as f64 / size as f64);
            add(Measure::Lea, found, resolved(size, &parts, &others.sizes));
        }
    }
    let similarity =
        |&((g, p), n): &((usize, usize), usize)| (g, p, 2.0 * n as f64 / (gold.sizes[g] + pred.sizes[p]) as f64);
    let edges: Vec<_> = shared.iter().map(similarity).collect();
    let best = best_assignment(&edges);
    add(Measure::CeafE, Part::FoundOfGold, best);
    add(Measure::CeafE, Part::FoundOfPredicted, best);
}

/// LEA's share of the links of an entity of `size` that the other side has, times the size.
fn resolved(size: usize, parts: &[(usize, usize)], other_sizes: &[usize]) -> f64 {
    if size == 1 {
        return if parts.iter().any(|&(other, _)| other_sizes[other] == 1) { 1.0 } else { 0.0 };
    }
    let links = |n: usize| (n * (n - 1) / 2) as f64;
    size as f64 * parts.iter().map(|&(_, n)| links(n)).sum::<f64>() / links(size)
}

/// Pairs of entities of the two sides, by index, with how many mentions they share.
type Shared = Vec<((usize, usize), usize)>;

fn transposed(shared: &Shared) -> Shared {
    let mut turned: Shared = shared.iter().map(|&((g, p), n)| ((p, g), n)).collect();
    turned.sort_unstable();
    turned
}

/// The entities of the first side, each with those of the other side that it shares mentions with.
fn by_entity(shared: &Shared) -> impl Iterator<Item = (usize, Vec<(usize, usize)>)> + '_ {
    shared
        .chunk_by(|a, b| a.0 .0 == b.0 .0)
        .map(|run| (run[0].0 .0, run.iter().map(|&((_, other), n)| (other, n)).collect()))
}

/// The mentions of a document, each in one entity.
#[derive(Default)]
struct Partition {
    entity_of: HashMap<Span, usize>,
    /// Number of mentions of each entity, none of them 0.
    sizes: Vec<usize>,
}

impl Partition {
    /// A span that is marked for two entities goes to the one that comes first.
    fn new(a: &Annotation) -> Self {
        let mut first: BTreeMap<Span, u32> = BTreeMap::new();
        for m in &a.mentions {
            let entity = first.entry(m.span).or_insert(m.entity.0);
            *entity = (*entity).min(m.entity.0);
        }
        let mut index: HashMap<u32, usize> = HashMap::new();
        let mut partition = Partition::default();
        for (span, entity) in first {
            let next = index.len();
            let ix = *index.entry(entity).or_insert(next);
            if ix == partition.sizes.len() {
                partition.sizes.push(0);
            }
            partition.sizes[ix] += 1;
            partition.entity_of.insert(span, ix);
        }
        partition
    }

    fn shared(&self, other: &Partition) -> Shared {
        let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (span, &ix) in &self.entity_of {
            if let Some(&o) = other.entity_of.get(span) {
                *counts.entry((ix, o)).or_default() += 1;
            }
        }
        counts.into_iter().collect()
    }
}

/// Scores of coreference, unless the gold links no two mentions.
pub(super) fn coreference(tally: &Tally) -> Option<Coreference> {
    let of = |measure, part| tally.get(Cell::Coreference(measure, part));
    let scores = |measure| {
        Scores::new(
            ratio(of(measure, Part::FoundOfPredicted), of(measure, Part::Predicted)),
            ratio(of(measure, Part::FoundOfGold), of(measure, Part::Gold)),
        )
    };
    let (muc, b3, ceaf_e) = (scores(Measure::Muc), scores(Measure::B3), scores(Measure::CeafE));
    (of(Measure::Muc, Part::Gold) > 0.0).then(|| Coreference {
        muc,
        b3,
        ceaf_e,
        lea: scores(Measure::Lea),
        conll: (muc.f1 + b3.f1 + ceaf_e.f1) / 3.0,
        gold: of(Measure::CeafE, Part::Gold) as u64,
        predicted: of(Measure::CeafE, Part::Predicted) as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::annotation;
    use super::*;

    /// A document whose mentions are the letters of `order`, in the entities that `clusters` spells.
    fn document(order: &str, clusters: &str) -> Annotation {
        let marked: Vec<String> = order
            .chars()
            .map(|c| match clusters.split(' ').position(|k| k.contains(c)) {
                Some(k) => format!("[{c}|ORG:e{k}]"),
                None => c.to_string(),
            })
            .collect();
        annotation(&marked.join(" "))
    }

    fn scored(gold: &str, pred: &str) -> Coreference {
        let (gold, pred) = (document("abcdefghi", gold), document("abcdefghi", pred));
        let mut tally = Tally::default();
        tally_coreference(&Aligned { gold: &gold, pred: Some(&pred) }, &mut tally);
        coreference(&tally.seal()).unwrap()
    }

    fn near(scores: Scores, precision: f64, recall: f64) {
        let expected = Scores::new(precision, recall);
        let off =
            (scores.precision - precision).abs() + (scores.recall - recall).abs() + (scores.f1 - expected.f1).abs();
        assert!(off < 1e-12, "{scores:?} is not {expected:?}");
    }

    /// The example of Pradhan et al. 2014, section 4: key {a,b,c} {d,e,f,g}, response {a,b} {c,d}
    /// {f,g,h,i}.
    #[test]
    fn the_example_of_the_reference_implementation() {
        let c = scored("abc defg", "ab cd fghi");
        near(c.muc, 2.0 / 5.0, 2.0 / 5.0);
        near(c.b3, (4.0 / 2.0 + 2.0 / 2.0 + 4.0 / 4.0) / 8.0, (5.0 / 3.0 + 5.0 / 4.0) / 7.0);
        near(c.ceaf_e, (0.8 + 0.5) / 3.0, (0.8 + 0.5) / 2.0);
        // LEA: of three links of abc, ab is there; of six of defg, fg.
        near(c.lea, (2.0 * 1.0 + 4.0 / 6.0) / 8.0, (3.0 / 3.0 + 4.0 / 6.0) / 7.0);
        assert!((c.conll - (c.muc.f1 + c.b3.f1 + c.ceaf_e.f1) / 3.0).abs() < 1e-15);
        assert_eq!((c.gold, c.predicted), (2, 3));
    }

    #[test]
    fn single_mentions_take_part() {
        let c = scored("ab c d", "ab cd");
        near(c.muc, 0.5, 1.0);
        near(c.b3, 3.0 / 4.0, 1.0);
        near(c.ceaf_e, (1.0 + 2.0 / 3.0) / 2.0, (1.0 + 2.0 / 3.0) / 3.0);
        near(c.lea, 0.5, 0.5);
        near(scored("ab c", "ab c").lea, 1.0, 1.0);
    }

    #[test]
    fn no_links_have_no_scores() {
        let single = document("ab", "a b");
        let mut tally = Tally::default();
        tally_coreference(&Aligned { gold: &single, pred: None }, &mut tally);
        assert_eq!(coreference(&tally.seal()), None);
        near(scored("ab", "").b3, 0.0, 0.0);
    }
}
