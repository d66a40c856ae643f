//! What attention knows of distances, for every distance that a text can have: the buckets that distances of published
//! encoders fall into are written out, so that each distance has a row of its own.

use tch::{Kind, Tensor};

use super::architecture::{Architecture, Published};
use super::tensors::{Stored, Variables};
use crate::encoder::config::EncoderConfig;
use crate::encoder::weights::WeightsError;

/// Adds the tables of the encoders that have any.
pub fn add(stored: &Stored, variables: &mut Variables) -> Result<(), WeightsError> {
    match stored.published.architecture {
        Architecture::MpNet => add_bias(stored, variables),
        Architecture::Deberta | Architecture::DebertaV2 => add_disentangled(stored, variables),
        _ => Ok(()),
    }
}

/// `f` of every distance, from the least to the greatest.
fn of_all(config: &EncoderConfig, f: impl Fn(i64) -> i64) -> Tensor {
    let most = config.max_position_embeddings - 1;
    Tensor::from_slice(&(-most..=most).map(f).collect::<Vec<i64>>())
}

/// MPNet: one table of scores.
fn add_bias(stored: &Stored, variables: &mut Variables) -> Result<(), WeightsError> {
    let buckets = stored.published.relative_attention_num_buckets.unwrap_or(32);
    let heads = stored.config.num_attention_heads;
    let table = stored.tensor("encoder.relative_attention_bias.weight", &[buckets, heads])?;
    let rows = of_all(stored.config, |distance| mpnet_bucket(distance, buckets));
    variables.insert("encoder.distance_bias".to_owned(), table.index_select(0, &rows));
    Ok(())
}

/// Half of the buckets are for keys before the query; of each half the first half has one distance each, and the rest
/// share distances up to 128 on a logarithmic scale.
fn mpnet_bucket(distance: i64, buckets: i64) -> i64 {
    const FARTHEST: f32 = 128.0;
    let half = buckets / 2;
    let (side, far) = (if distance < 0 { half } else { 0 }, distance.abs());
    let exact = half / 2;
    if far < exact {
        return side + far;
    }
    // In 32 bits, as the original computes it: buckets begin at whole numbers.
    let share = (far as f32 / exact as f32).ln() / (FARTHEST / exact as f32).ln();
    side + (exact + (share * (half - exact) as f32) as i64).min(half - 1)
}

/// DeBERTa: keys and queries of distances, layer by layer.
fn add_disentangled(stored: &Stored, variables: &mut Variables) -> Result<(), WeightsError> {
    let (published, config) = (stored.published, stored.config);
    let (hidden, span) = (config.hidden_size, published.span());
    let mut table = stored.tensor("encoder.rel_embeddings.weight", &[2 * span, hidden])?;
    if published.normalises_distances() {
        let [weight, bias] =
            ["weight", "bias"].map(|part| stored.tensor(&format!("encoder.LayerNorm.{part}"), &[hidden]));
        table = table.layer_norm([hidden], Some(weight?), Some(bias?), config.layer_norm_eps, false);
    }
    let row = |distance| (deberta_bucket(distance, published) + span).clamp(0, 2 * span - 1);
    let table = table.index_select(0, &of_all(config, row));
    let names = match (published.architecture, published.shares_projections()) {
        (Architecture::Deberta, _) => ["pos_proj", "pos_q_proj"],
        (_, true) => ["key_proj", "query_proj"],
        (_, false) => ["pos_key_proj", "pos_query_proj"],
    };
    for n in 0..config.num_hidden_layers {
        for (ours, theirs) in ["distance_keys", "distance_queries"].iter().zip(names) {
            let part =
                |part: &str, shape: &[i64]| stored.of_layer(n, &format!("attention.self.{theirs}.{part}"), shape);
            let weight = part("weight", &[hidden, hidden])?;
            let bias = if theirs == "pos_proj" {
                weight.new_zeros([hidden], (Kind::Float, weight.device()))
            } else {
                part("bias", &[hidden])?
            };
            variables.insert(format!("encoder.layer.{n}.attention.self.{ours}"), table.linear(&weight, Some(bias)));
        }
    }
    Ok(())
}

/// Distances of up to half of the span are exact, the rest share buckets on a logarithmic scale.
fn deberta_bucket(distance: i64, published: &Published) -> i64 {
    let middle = published.span() / 2;
    if !published.has_buckets() || distance.abs() <= middle {
        return distance;
    }
    let scale = |far: i64| (far as f64 / middle as f64).ln();
    let share = scale(distance.abs()) / scale(published.farthest() - 1);
    distance.signum() * ((share * (middle - 1) as f64).ceil() as i64 + middle)
}
