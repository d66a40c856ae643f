//! The encoder's variables: BERT's, under their names in rust-bert, and what other encoders have beside them.

use std::collections::HashMap;

use rust_bert::electra::ElectraModel;
use tch::nn::{self, Init, VarStore};
use tch::{Kind, Tensor};

use super::config::{EncoderConfig, RelativeAttention};

/// A layer normalisation.
pub struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl Norm {
    /// Applies it to the last dimension of `x`.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), self.epsilon, false)
    }
}

/// A linear layer.
pub struct Linear {
    /// `[out, in]`.
    pub weight: Tensor,
    /// `[out]`.
    pub bias: Tensor,
}

impl Linear {
    /// Applies it to the last dimension of `x`.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, Some(&self.bias))
    }
}

/// Declares the variables of an encoder of the shape `config` at `path`.
pub fn declare(path: &nn::Path, config: &EncoderConfig) {
    // rust-bert names and initialises them; `Encoder` computes with them.
    ElectraModel::new(path, &config.declared());
    let table = |path: nn::Path, name: &str, width: i64| {
        let _ = path.var(name, &[config.distances(), width], Init::Const(0.0));
    };
    match config.relative_attention {
        None => {}
        Some(RelativeAttention::Bias) => table(path / "encoder", "distance_bias", config.num_attention_heads),
        Some(RelativeAttention::Disentangled) => {
            for n in 0..config.num_hidden_layers {
                let attention = || path / "encoder" / "layer" / n / "attention" / "self";
                table(attention(), "distance_keys", config.hidden_size);
                table(attention(), "distance_queries", config.hidden_size);
            }
        }
    }
}

/// The variables of an encoder by name.
pub struct Variables<'a> {
    by_name: HashMap<String, Tensor>,
    /// The encoder's shape.
    pub config: &'a EncoderConfig,
    kind: Kind,
}

impl<'a> Variables<'a> {
    /// Those under `bert` in `store`, to compute in `kind` with them.
    pub fn of(store: &VarStore, config: &'a EncoderConfig, kind: Kind) -> Self {
        Variables { by_name: store.variables(), config, kind }
    }

    /// The variable `name` as it is kept.
    pub fn raw(&self, name: &str) -> &Tensor {
        &self.by_name[&format!("bert.{name}")]
    }

    /// The variable `name` to compute with.
    pub fn get(&self, name: &str) -> Tensor {
        self.raw(name).to_kind(self.kind)
    }

    /// The linear layer `name`.
    pub fn linear(&self, name: &str) -> Linear {
        Linear { weight: self.get(&format!("{name}.weight")), bias: self.get(&format!("{name}.bias")) }
    }

    /// The layer normalisation `name`.
    pub fn norm(&self, name: &str) -> Norm {
        let Linear { weight, bias } = self.linear(name);
        Norm { weight, bias, epsilon: self.config.layer_norm_eps }
    }
}
