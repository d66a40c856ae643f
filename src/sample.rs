//! Which documents are most worth labelling next.

use crate::document::{Annotation, Probability};
use crate::labels::{label_set, Act};

label_set! {
    /// How documents are picked.
    Strategy as "strategy" {
        Uncertainty = "uncertainty", "those of whose mentions, actors and relations the model is least sure";
        Random = "random", "any";
        Stratified = "stratified", "as many for each act as for any other, the rarest first, and some without a relation";
    }
}

/// The numbers of `count` documents, the one most worth labelling first.
///
/// What is picked depends on the documents and the seed, not on their order.
pub fn pick(documents: &[Annotation], by: Strategy, count: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..documents.len()).collect();
    order.sort_by_cached_key(|&number| (lot(seed, &documents[number].meta.id), documents[number].meta.id.clone()));
    match by {
        Strategy::Random => {}
        Strategy::Uncertainty => {
            // The sort is stable, so that lots decide between documents that are alike.
            order.sort_by_cached_key(|&number| std::cmp::Reverse(scaled(uncertainty(&documents[number]))));
        }
        Strategy::Stratified => order = stratified(documents, &order),
    }
    order.truncate(count);
    order
}

/// How unsure the model is of a document: the mean entropy in bits of its mentions, of its actors and of its relations,
/// and of the three the mean, so that many names do not drown few relations. In `[0, 1]`; 0 where it found nothing.
pub fn uncertainty(a: &Annotation) -> f64 {
    let levels = [
        mean(a.mentions.iter().map(|m| m.score)),
        mean(a.entities.iter().filter(|e| e.actor.is_some()).map(|e| e.score)),
        mean(a.relations.iter().map(|r| r.score)),
    ];
    let known: Vec<f64> = levels.into_iter().flatten().collect();
    known.iter().sum::<f64>() / known.len().max(1) as f64
}

fn mean(scores: impl Iterator<Item = Probability>) -> Option<f64> {
    let (sum, n) = scores.fold((0.0, 0), |(sum, n), score| (sum + entropy(f64::from(score.get())), n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// Entropy in bits of something that is so with probability `p`.
fn entropy(p: f64) -> f64 {
    let part = |p: f64| if p > 0.0 { -p * p.log2() } else { 0.0 };
    part(p) + part(1.0 - p)
}

/// A number to sort by; finer differences mean nothing.
fn scaled(uncertainty: f64) -> u64 {
    (uncertainty * 1e9) as u64
}

/// Takes turns between the acts: a document belongs to the rarest of its acts.
fn stratified(documents: &[Annotation], order: &[usize]) -> Vec<usize> {
    let mut frequency = [0_usize; Act::ALL.len()];
    for a in documents {
        let mut own: Vec<Act> = a.relations.iter().map(|r| r.act).collect();
        own.sort_unstable();
        own.dedup();
        own.into_iter().for_each(|act| frequency[act.index()] += 1);
    }
    let stratum = |a: &Annotation| a.relations.iter().map(|r| (frequency[r.act.index()], r.act)).min();
    let mut strata = std::collections::BTreeMap::<_, std::collections::VecDeque<usize>>::new();
    for &number in order {
        // Documents without a relation come after all acts.
        let key = stratum(&documents[number]).map_or((usize::MAX, None), |(n, act)| (n, Some(act)));
        strata.entry(key).or_default().push_back(number);
    }
    let mut picked = Vec::with_capacity(order.len());
    while picked.len() < order.len() {
        picked.extend(strata.values_mut().filter_map(std::collections::VecDeque::pop_front));
    }
    picked
}

/// The lot that a document draws: FNV-1a over the seed and its id.
fn lot(seed: u64, id: &str) -> u64 {
    let bytes = seed.to_le_bytes().into_iter().chain(id.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    // Ids that differ in their last letter alone differ in the low bits alone; this spreads them.
    (hash ^ (hash >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{EntityIx, EntityType, Event, Mention, Modality, Relation, Span, Stance};

    fn document(id: usize, score: f32, acts: &[Act]) -> Annotation {
        let mut a = Annotation::default();
        a.meta.id = format!("d{id}");
        let (entity, score) = (EntityIx(0), Probability::new(score));
        a.mentions.push(Mention { entity, span: Span::new(0, 1), kind: EntityType::Loc, named: true, score });
        a.relations.extend(acts.iter().map(|&act| Relation {
            src: entity,
            tgt: EntityIx(1),
            sent: 0,
            event: Event::Consult,
            act,
            stance: Stance::Neutral,
            modality: Modality::Actual,
            score,
            scores: None,
        }));
        a
    }

    fn picked(documents: &[Annotation], by: Strategy, count: usize, seed: u64) -> Vec<&str> {
        pick(documents, by, count, seed).into_iter().map(|number| documents[number].meta.id.as_str()).collect()
    }

    #[test]
    fn the_least_certain_come_first() {
        let documents: Vec<_> =
            [0.99, 0.5, 0.6, 1.0, 0.3].into_iter().zip(0..).map(|(s, id)| document(id, s, &[])).collect();
        assert_eq!(picked(&documents, Strategy::Uncertainty, 4, 1), ["d1", "d2", "d4", "d0"]);
        assert_eq!(uncertainty(&document(0, 0.5, &[Act::Other])), 1.0);
        assert_eq!(uncertainty(&Annotation::default()), 0.0);
    }

    #[test]
    fn lots_depend_on_ids_and_seed_alone() {
        let mut documents: Vec<_> = (0..50).map(|id| document(id, 1.0, &[])).collect();
        for by in Strategy::ALL {
            let first: Vec<String> = picked(&documents, *by, 10, 1).into_iter().map(str::to_owned).collect();
            documents.rotate_left(17);
            assert_eq!(picked(&documents, *by, 10, 1), first);
            assert_ne!(picked(&documents, *by, 10, 2), first);
        }
        assert_eq!(picked(&documents, Strategy::Random, 99, 1).len(), 50);
    }

    #[test]
    fn acts_take_turns() {
        let mut documents: Vec<_> = (0..40).map(|id| document(id, 1.0, &[Act::ContactMeet])).collect();
        documents.extend((40..43).map(|id| document(id, 1.0, &[Act::ContactMeet, Act::SeatOppose])));
        documents.extend((43..48).map(|id| document(id, 1.0, &[])));
        let numbers = pick(&documents, Strategy::Stratified, 9, 1);
        let count = |range: std::ops::Range<usize>| numbers.iter().filter(|n| range.contains(n)).count();
        assert_eq!((count(0..40), count(40..43), count(43..48)), (3, 3, 3));
    }
}
