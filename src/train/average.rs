//! A running average of the weights, which scores better than the weights of any one step (Polyak and Juditsky 1992).

use std::collections::BTreeMap;

use tch::nn::VarStore;
use tch::{no_grad, Tensor};

/// The weights of the steps so far, older ones counting less.
pub struct Average {
    /// What stays of it in a step.
    decay: f64,
    steps: i64,
    /// Average and variable by name.
    slots: BTreeMap<String, (Tensor, Tensor)>,
}

impl Average {
    /// An average of the variables of `store` that begins with what they are.
    pub fn new(store: &VarStore, decay: f64) -> Self {
        let slot = |(name, variable): (String, Tensor)| (name, (variable.detach().copy(), variable));
        Average { decay, steps: 0, slots: store.variables().into_iter().map(slot).collect() }
    }

    /// Takes the weights in as a step has left them.
    pub fn add(&mut self) {
        self.steps += 1;
        // The first steps are far from where later ones lead: they count less than the decay alone would have it.
        let decay = self.decay.min((1.0 + self.steps as f64) / (10.0 + self.steps as f64));
        no_grad(|| {
            for (average, variable) in self.slots.values_mut() {
                let _ = average.lerp_(variable, 1.0 - decay);
            }
        });
    }

    /// Puts the average in the place of the weights, and the weights in the place of the average; twice is as before.
    pub fn exchange(&mut self) {
        no_grad(|| {
            for (average, variable) in self.slots.values_mut() {
                let weights = variable.copy();
                variable.copy_(average);
                average.copy_(&weights);
            }
        });
    }

    /// The average and its age, for a checkpoint.
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        let averages =
            self.slots.iter().map(|(name, (average, _))| (format!("{name}#average"), average.shallow_clone()));
        averages.chain([("#averaged".to_owned(), Tensor::from_slice(&[self.steps]))]).collect()
    }

    /// Goes on from a checkpoint. Returns the name of the first tensor that is missing.
    pub fn restore(&mut self, state: &BTreeMap<String, Tensor>) -> Result<(), String> {
        let get = |name: String| state.get(&name).ok_or(name);
        no_grad(|| {
            for (name, (average, _)) in &mut self.slots {
                average.copy_(get(format!("{name}#average"))?);
            }
            self.steps = get("#averaged".to_owned())?.int64_value(&[0]);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use tch::{nn, Device};

    use super::*;

    #[test]
    fn the_average_lags_behind_and_changes_places_with_the_weights() {
        let store = VarStore::new(Device::Cpu);
        let mut weight = store.root().var("w", &[1], nn::Init::Const(0.0));
        let mut average = Average::new(&store, 0.5);
        for step in 1..=40 {
            no_grad(|| weight.copy_(&Tensor::from_slice(&[step as f32])));
            average.add();
        }
        average.exchange();
        let lagging = weight.double_value(&[0]);
        assert!((38.5..39.5).contains(&lagging), "{lagging}");
        average.exchange();
        assert_eq!(weight.double_value(&[0]), 40.0);
    }
}
