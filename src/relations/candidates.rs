//! Which pairs of actors a sentence may relate.

use std::collections::BTreeMap;

use crate::document::{EntityIx, Span};
use crate::text::CONTEXT_SENTENCES;

/// Mentions that make an entity one that a text goes on about, so that a sentence may mean it without a word for it.
const OFTEN: usize = 2;

/// A mention as far as pairing needs it, in order of its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairMention {
    /// The entity it refers to.
    pub entity: EntityIx,
    /// Where it stands.
    pub span: Span,
    /// The sentence that holds it.
    pub sent: usize,
}

/// An ordered pair of entities in a sentence, with the mentions that stand for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Who may act.
    pub src: EntityIx,
    /// At whom it may be aimed.
    pub tgt: EntityIx,
    /// The sentence in question.
    pub sent: usize,
    /// Index of the mention that stands for the source.
    pub src_mention: usize,
    /// Index of the mention that stands for the target.
    pub tgt_mention: usize,
}

/// All candidates of sentence `sent`, both directions of each pair next to one another.
///
/// Two entities are a candidate when one is mentioned in the sentence and the other in it, in the two sentences before,
/// or [`OFTEN`] times anywhere before; all at or after byte `from` (where the chunk begins). Mentioned in the sentence,
/// an entity is represented by the mention nearest to the other entity; otherwise by its last mention before.
pub fn candidates(mentions: &[PairMention], sent: usize, from: usize) -> Vec<Candidate> {
    let mut here: BTreeMap<EntityIx, Vec<usize>> = BTreeMap::new();
    // The last mention of each entity and how many there were.
    let mut before: BTreeMap<EntityIx, (usize, usize)> = BTreeMap::new();
    let first = mentions.partition_point(|m| m.span.start < from);
    for (i, m) in mentions.iter().enumerate().skip(first).take_while(|(_, m)| m.sent <= sent) {
        if m.sent == sent {
            here.entry(m.entity).or_default().push(i);
        } else {
            let (last, times) = before.entry(m.entity).or_default();
            (*last, *times) = (i, *times + 1);
        }
    }
    before.retain(|_, (last, times)| mentions[*last].sent + CONTEXT_SENTENCES >= sent || *times >= OFTEN);
    let mut found = Vec::new();
    let mut push = |a: EntityIx, b: EntityIx, i: usize, j: usize| {
        found.push(Candidate { src: a, tgt: b, sent, src_mention: i, tgt_mention: j });
        found.push(Candidate { src: b, tgt: a, sent, src_mention: j, tgt_mention: i });
    };
    let entities: Vec<_> = here.iter().collect();
    for (n, (&a, of_a)) in entities.iter().enumerate() {
        for (&b, of_b) in &entities[n + 1..] {
            if let Some((i, j)) = nearest(mentions, of_a, of_b) {
                push(a, b, i, j);
            }
        }
        for (&b, &(j, _)) in before.iter().filter(|(b, _)| !here.contains_key(b)) {
            push(a, b, of_a[0], j);
        }
    }
    found
}

/// The pair of mentions with the fewest bytes between, the earlier pair on a tie.
fn nearest(mentions: &[PairMention], of_a: &[usize], of_b: &[usize]) -> Option<(usize, usize)> {
    let pairs = of_a.iter().flat_map(|&i| of_b.iter().map(move |&j| (i, j)));
    pairs.min_by_key(|&(i, j)| (mentions[i].span.distance(mentions[j].span), i.min(j)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(entity: u32, start: usize, sent: usize) -> PairMention {
        PairMention { entity: EntityIx(entity), span: Span::new(start, start + 2), sent }
    }

    fn show(found: &[Candidate]) -> Vec<(u32, u32, usize, usize)> {
        found.iter().map(|c| (c.src.0, c.tgt.0, c.src_mention, c.tgt_mention)).collect()
    }

    #[test]
    fn pairs_reach_two_sentences_back_but_not_three() {
        let mentions = [mention(0, 0, 0), mention(1, 10, 1), mention(2, 30, 3)];
        assert_eq!(show(&candidates(&mentions, 3, 0)), [(2, 1, 2, 1), (1, 2, 1, 2)]);
        assert_eq!(show(&candidates(&mentions, 3, 20)), []);
    }

    #[test]
    fn what_was_mentioned_twice_is_reached_from_afar() {
        let mentions = [mention(0, 0, 0), mention(1, 10, 1), mention(0, 14, 1), mention(2, 90, 8)];
        assert_eq!(show(&candidates(&mentions, 8, 0)), [(2, 0, 3, 2), (0, 2, 2, 3)]);
        // The first mention lies before the chunk.
        assert_eq!(show(&candidates(&mentions, 8, 10)), []);
    }

    #[test]
    fn the_nearest_mentions_stand_for_their_entities() {
        let mentions = [mention(0, 0, 0), mention(1, 20, 0), mention(0, 24, 0), mention(0, 40, 0)];
        assert_eq!(show(&candidates(&mentions, 0, 0)), [(0, 1, 2, 1), (1, 0, 1, 2)]);
    }

    #[test]
    fn an_entity_is_no_pair_with_itself() {
        assert_eq!(candidates(&[mention(0, 0, 0), mention(0, 9, 0)], 0, 0), []);
    }
}
