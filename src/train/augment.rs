//! Variants of examples, so that the network learns from what is said and not from who is named.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::examples::Example;
use super::recipe::Recipe;
use crate::document::EntityType;
use crate::encoder::{WordPieces, WordShape};

/// A name as pieces and their shapes.
type Name = (Vec<i64>, Vec<i64>);

/// What varies the examples of a run.
pub struct Augmentation {
    /// Share of the names, in examples with pairs, that another of the same type and as many pieces takes the place of.
    swap: f32,
    /// Share of the examples that lose their case, half of them to small letters, half to capitals.
    case_noise: f32,
    /// The names of the training data by type and number of pieces.
    names: BTreeMap<(EntityType, usize), Vec<Name>>,
    /// Of each piece of the vocabulary whether it has a letter.
    lettered: Vec<bool>,
}

impl Augmentation {
    /// As the recipe asks for it, with the names of `examples`.
    pub fn new(recipe: &Recipe, examples: &[Example], pieces: &WordPieces) -> Self {
        let mut names: BTreeMap<(EntityType, usize), BTreeSet<Name>> = BTreeMap::new();
        if recipe.swap > 0.0 {
            for (example, (range, kind)) in examples.iter().flat_map(|e| named(e).map(move |n| (e, n))) {
                let name = (example.ids[range.clone()].to_vec(), example.shapes[range.clone()].to_vec());
                names.entry((kind, range.len())).or_default().insert(name);
            }
        }
        Augmentation {
            swap: recipe.swap,
            case_noise: recipe.case_noise,
            names: names.into_iter().map(|(key, names)| (key, names.into_iter().collect())).collect(),
            lettered: if recipe.case_noise > 0.0 { pieces.lettered() } else { Vec::new() },
        }
    }

    /// The example as this pass sees it.
    pub fn vary<'a>(&self, example: &'a Example, random: &mut fastrand::Rng) -> Cow<'a, Example> {
        let mut varied = Cow::Borrowed(example);
        // Where names are all that is learned, which ones there are is worth knowing.
        if self.swap > 0.0 && example.pairs_complete {
            self.swap_names(&mut varied, random);
        }
        if self.case_noise > 0.0 && random.f32() < self.case_noise {
            self.lose_case(&mut varied, random.bool());
        }
        varied
    }

    /// Puts other names in the place of some, the same one wherever a name stands.
    fn swap_names(&self, example: &mut Cow<'_, Example>, random: &mut fastrand::Rng) {
        let mut chosen: BTreeMap<Vec<i64>, Option<&Name>> = BTreeMap::new();
        let mut swaps = Vec::new();
        for (range, kind) in named(example) {
            let other = chosen.entry(example.ids[range.clone()].to_vec()).or_insert_with(|| {
                let others = self.names.get(&(kind, range.len()))?;
                (random.f32() < self.swap).then(|| &others[random.usize(..others.len())])
            });
            swaps.extend(other.map(|name| (range.start, name)));
        }
        for (start, (ids, shapes)) in swaps {
            let example = example.to_mut();
            example.ids[start..start + ids.len()].copy_from_slice(ids);
            example.shapes[start..start + ids.len()].copy_from_slice(shapes);
        }
    }

    /// Gives every word the shape of one in small letters or in capitals.
    fn lose_case(&self, example: &mut Cow<'_, Example>, capitals: bool) {
        let example = example.to_mut();
        for (id, shape) in example.ids.iter().zip(&mut example.shapes) {
            let letters = self.lettered.get(*id as usize).copied().unwrap_or(false);
            *shape = if capitals && letters { WordShape::Upper } else { WordShape::Lower } as i64;
        }
    }
}

/// Pieces and type of the names of an example.
fn named(example: &Example) -> impl Iterator<Item = (std::ops::Range<usize>, EntityType)> + '_ {
    let mentions = example.mentions.iter().zip(&example.kinds);
    mentions.filter_map(|(&(first, last), kind)| Some((first as usize..last as usize + 1, (*kind)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Example {
        Example {
            ids: vec![1, 10, 11, 5, 20, 6, 10, 11, 2],
            shapes: vec![0, 1, 1, 0, 2, 0, 1, 1, 0],
            mentions: vec![(1, 2), (4, 4), (6, 7)],
            kinds: vec![Some(EntityType::Per), Some(EntityType::Org), Some(EntityType::Per)],
            pairs_complete: true,
            ..Example::default()
        }
    }

    fn augmentation(swap: f32, case_noise: f32) -> Augmentation {
        let names = [((EntityType::Per, 2), vec![(vec![30, 31], vec![1, 3])])];
        Augmentation { swap, case_noise, names: names.into_iter().collect(), lettered: vec![true; 40] }
    }

    #[test]
    fn a_name_is_swapped_wherever_it_stands_and_for_one_of_its_kind() {
        let example = example();
        let varied = augmentation(1.0, 0.0).vary(&example, &mut fastrand::Rng::with_seed(1));
        assert_eq!(varied.ids, [1, 30, 31, 5, 20, 6, 30, 31, 2]);
        assert_eq!(varied.shapes, [0, 1, 3, 0, 2, 0, 1, 3, 0]);
        assert_eq!((&varied.mentions, &varied.kinds), (&example.mentions, &example.kinds));
    }

    #[test]
    fn without_augmentation_nothing_is_copied() {
        let example = example();
        let varied = augmentation(0.0, 0.0).vary(&example, &mut fastrand::Rng::with_seed(1));
        assert!(matches!(varied, Cow::Borrowed(_)));
    }

    #[test]
    fn case_is_lost_in_both_directions() {
        let (example, noise) = (example(), augmentation(0.0, 1.0));
        let mut random = fastrand::Rng::with_seed(1);
        let shapes: BTreeSet<i64> = (0..20).flat_map(|_| noise.vary(&example, &mut random).shapes.clone()).collect();
        assert_eq!(shapes, BTreeSet::from([WordShape::Lower as i64, WordShape::Upper as i64]));
    }
}
