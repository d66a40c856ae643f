//! AdamW (Loshchilov and Hutter 2019), with a state that can be saved: libtorch's own cannot from here.

use std::collections::BTreeMap;

use tch::{no_grad, Device, Tensor};

use super::recipe::Recipe;
use crate::model::{Network, ENCODER_PREFIX};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;
/// Numbers of a variable that a step works on at a time on the processor: few enough for its caches.
const BLOCK: i64 = 1 << 17;
/// Gradients are scaled down to this norm.
const MAX_NORM: f64 = 1.0;

struct Slot {
    name: String,
    variable: Tensor,
    /// How much faster or slower it learns.
    factor: f64,
    first: Tensor,
    second: Tensor,
}

/// How many of the encoder's layers lie above a variable of it, the embeddings lying below all; `None` for a head.
fn depth(name: &str, layers: i64) -> Option<i64> {
    let inside = name.strip_prefix(ENCODER_PREFIX)?;
    let layer = inside.strip_prefix("encoder.layer.").and_then(|rest| rest.split('.').next()?.parse::<i64>().ok());
    Some(layer.map_or(layers, |layer| layers - 1 - layer))
}

/// The optimizer and its moments.
pub struct AdamW {
    slots: Vec<Slot>,
    step: i64,
    weight_decay: f64,
}

impl AdamW {
    /// An optimizer of all variables of `network`, with the recipe's rates.
    pub fn new(network: &Network, recipe: &Recipe) -> Self {
        let layers = network.config.num_hidden_layers;
        let mut slots: Vec<Slot> = network
            .store
            .variables()
            .into_iter()
            .map(|(name, variable)| Slot {
                factor: match depth(&name, layers) {
                    None => recipe.head_factor,
                    Some(depth) => recipe.layer_decay.powi(depth as i32),
                },
                first: variable.zeros_like(),
                second: variable.zeros_like(),
                name,
                variable,
            })
            .collect();
        slots.sort_by(|a, b| a.name.cmp(&b.name));
        AdamW { slots, step: 0, weight_decay: recipe.weight_decay }
    }

    /// Steps that were made.
    pub fn steps(&self) -> i64 {
        self.step
    }

    /// Makes one step along the gradients and clears them. Returns the norm that the gradients had.
    pub fn step(&mut self, learning_rate: f64) -> f64 {
        self.step += 1;
        no_grad(|| {
            let gradients: Vec<Option<Tensor>> =
                self.slots.iter().map(|s| Some(s.variable.grad()).filter(Tensor::defined)).collect();
            let norms: Vec<Tensor> = gradients.iter().flatten().map(|g| g.norm()).collect();
            let norm = if norms.is_empty() { 0.0 } else { Tensor::stack(&norms, 0).norm().double_value(&[]) };
            let scale = if norm > MAX_NORM { MAX_NORM / norm } else { 1.0 };
            let (bias1, bias2) = (1.0 - BETA1.powi(self.step as i32), 1.0 - BETA2.powi(self.step as i32));
            for (slot, gradient) in self.slots.iter_mut().zip(gradients) {
                let Some(gradient) = gradient else { continue };
                let rate = learning_rate * slot.factor;
                let keep = if slot.variable.dim() > 1 { 1.0 - rate * self.weight_decay } else { 1.0 };
                let block = if slot.variable.device() == Device::Cpu { BLOCK } else { slot.variable.numel() as i64 };
                let blocks = |t: &Tensor| t.view([-1]).split(block, 0);
                let (variables, gradients) = (blocks(&slot.variable), blocks(&gradient));
                let (firsts, seconds) = (blocks(&slot.first), blocks(&slot.second));
                for (((mut variable, mut gradient), mut first), mut second) in
                    variables.into_iter().zip(gradients).zip(firsts).zip(seconds)
                {
                    let _ = gradient.g_mul_scalar_(scale);
                    let _ = first.lerp_(&gradient, 1.0 - BETA1);
                    let _ = second.g_mul_scalar_(BETA2);
                    let _ = second.addcmul_(&gradient, &gradient);
                    let denominator = (&second * ((1.0 - BETA2) / bias2)).sqrt_() + EPSILON;
                    let update = (&first * (-rate / bias1)) / denominator;
                    let _ = variable.g_mul_scalar_(keep).g_add_(&update);
                    let _ = gradient.zero_();
                }
            }
            norm
        })
    }

    /// The moments, for a checkpoint.
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        let moments = self.slots.iter().flat_map(|s| {
            [
                (format!("{}#first", s.name), s.first.shallow_clone()),
                (format!("{}#second", s.name), s.second.shallow_clone()),
            ]
        });
        moments.chain([("#step".to_owned(), Tensor::from_slice(&[self.step]))]).collect()
    }

    /// Goes on from the moments of a checkpoint. Returns the name of the first one that is missing.
    pub fn restore(&mut self, state: &BTreeMap<String, Tensor>) -> Result<(), String> {
        let get = |name: String| state.get(&name).ok_or(name);
        for slot in &mut self.slots {
            slot.first.copy_(get(format!("{}#first", slot.name))?);
            slot.second.copy_(get(format!("{}#second", slot.name))?);
        }
        self.step = get("#step".to_owned())?.int64_value(&[0]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_the_layers_above() {
        let of = |name: &str| depth(&format!("{ENCODER_PREFIX}{name}"), 6);
        assert_eq!(of("encoder.layer.5.output.dense.weight"), Some(0));
        assert_eq!(of("encoder.layer.0.attention.self.query.bias"), Some(5));
        assert_eq!(of("embeddings.word_embeddings.weight"), Some(6));
        assert_eq!(depth("relations.event.weight", 6), None);
    }
}
