//! The forward pass of DeBERTa and DeBERTa-v2 (which v3 models are) over the variables that rust-bert declares.
//!
//! rust-bert's own pass differs from the published models in what tells them apart, disentangled attention (He et al.
//! 2021, "DeBERTa: Decoding-enhanced BERT with Disentangled Attention"): version 1 knows as many relative positions as
//! it has heads, version 2 scales their scores by a square, reads them at other places and buckets them otherwise.

use std::collections::HashMap;

use serde_json::Value;
use tch::{Kind, Tensor};

use super::architecture::{Batch, Task};

/// A DeBERTa of one thread.
pub(super) struct Deberta {
    variables: HashMap<String, Tensor>,
    task: Task,
    /// Whether it is version 2.
    second: bool,
    heads: i64,
    layers: i64,
    epsilon: f64,
    relative: Option<Relative>,
    /// How many summands an attention score has.
    summands: f64,
}

/// How relative positions are told apart.
struct Relative {
    /// Half as many as there are embeddings of them.
    span: i64,
    /// The largest distance, where far ones share buckets.
    bucketed_up_to: Option<i64>,
    /// Whether what a piece says attends to positions.
    content_to_position: bool,
    /// Whether positions attend to what a piece says.
    position_to_content: bool,
}

impl Deberta {
    /// A model over these variables. Says what of the configuration it cannot compute.
    pub fn new(
        variables: HashMap<String, Tensor>,
        task: Task,
        second: bool,
        config: &Value,
    ) -> Result<Self, &'static str> {
        let number = |key: &str| config.get(key).and_then(Value::as_i64).unwrap_or(0);
        let yes = |key: &str| config.get(key).and_then(Value::as_bool).unwrap_or(false);
        let is = |key: &str, value: &str| config.get(key).is_none_or(|found| found.is_null() || found == value);
        if yes("talking_head") || number("conv_kernel_size") > 0 {
            return Err("a DeBERTa with talking_head or conv_kernel_size is not supported");
        }
        if !is("hidden_act", "gelu") || !is("pooler_hidden_act", "gelu") {
            return Err("a DeBERTa is supported with hidden_act and pooler_hidden_act \"gelu\" only");
        }
        // One string with bars or a list, as `Folder` has checked.
        let kinds = config.get("pos_att_type").map(Value::to_string).unwrap_or_default().to_lowercase();
        let (content_to_position, position_to_content) = (kinds.contains("c2p"), kinds.contains("p2c"));
        let most = [number("max_relative_positions"), number("max_position_embeddings")];
        let most = if most[0] < 1 { most[1] } else { most[0] };
        let buckets = if second { number("position_buckets") } else { 0 };
        let relative = Relative {
            span: if buckets > 0 { buckets } else { most },
            bucketed_up_to: (buckets > 0).then_some(most),
            content_to_position,
            position_to_content,
        };
        Ok(Deberta {
            variables,
            task,
            second,
            heads: number("num_attention_heads"),
            layers: number("num_hidden_layers"),
            epsilon: config.get("layer_norm_eps").and_then(Value::as_f64).unwrap_or(1e-7),
            relative: yes("relative_attention").then_some(relative),
            summands: 1.0 + f64::from(u8::from(content_to_position) + u8::from(position_to_content)),
        })
    }

    /// Logits, `[sequences, pieces, labels]` or `[sequences, labels]`.
    pub fn forward(&self, batch: &Batch) -> Tensor {
        let mut hidden = self.embed(batch);
        let seen = batch.mask.unsqueeze(1).unsqueeze(2);
        let hides = (&seen * seen.transpose(-1, -2)).eq(0);
        let positions = self.relative.as_ref().map(|relative| {
            let embeddings = self.variable("deberta.encoder.rel_embeddings.weight");
            let normed = self.variables.contains_key("deberta.encoder.LayerNorm.weight");
            let embeddings =
                if normed { self.norm("deberta.encoder.LayerNorm", embeddings) } else { embeddings.copy() };
            (relative, embeddings, relative.distances(&batch.ids))
        });
        for layer in 0..self.layers {
            let name = |part: &str| format!("deberta.encoder.layer.{layer}.{part}");
            let context = self.attend(&name("attention.self"), &hidden, &hides, positions.as_ref());
            let attended = self.linear(&name("attention.output.dense"), &context) + &hidden;
            let attended = self.norm(&name("attention.output.LayerNorm"), &attended);
            let inner = self.linear(&name("intermediate.dense"), &attended).gelu("none");
            let outer = self.linear(&name("output.dense"), &inner) + &attended;
            hidden = self.norm(&name("output.LayerNorm"), &outer);
        }
        match self.task {
            Task::Tokens => self.linear("classifier", &hidden),
            Task::Sequences => {
                let pooled = self.linear("pooler.dense", &hidden.select(1, 0)).gelu("none");
                self.linear("classifier", &pooled)
            }
        }
    }

    fn embed(&self, batch: &Batch) -> Tensor {
        let look_up = |table: &str, ids: &Tensor| {
            let table = self.variables.get(&format!("deberta.embeddings.{table}.weight"))?;
            Some(Tensor::embedding(table, ids, -1, false, false))
        };
        let words = look_up("word_embeddings", &batch.ids);
        // The others are not in every model.
        let others = [look_up("position_embeddings", &batch.positions), look_up("token_type_embeddings", &batch.types)];
        let sum = others.into_iter().flatten().fold(words.unwrap_or_default(), |sum, other| sum + other);
        let wide = self.variables.contains_key("deberta.embeddings.embed_proj.weight");
        let sum = if wide { self.linear("deberta.embeddings.embed_proj", &sum) } else { sum };
        let normed = self.norm("deberta.embeddings.LayerNorm", &sum);
        normed * batch.mask.unsqueeze(-1)
    }

    /// Context `[sequences, pieces, hidden]`, without the pairs of pieces that `hides` tells of.
    fn attend(
        &self,
        name: &str,
        hidden: &Tensor,
        hides: &Tensor,
        positions: Option<&(&Relative, Tensor, Tensor)>,
    ) -> Tensor {
        let [queries, keys, values] = self.project(name, hidden);
        let scale = (queries.size()[3] as f64 * self.summands).sqrt();
        let mut scores = queries.matmul(&keys.transpose(-1, -2));
        if let Some((relative, embeddings, distances)) = positions {
            // Scores of every place, from which each pair of pieces takes that of its distance.
            let pick = |content: &Tensor, places: &Tensor, distances: &Tensor| {
                let scores = content.matmul(&self.by_head(places).transpose(-1, -2));
                let sizes = [&scores.size()[..3], &distances.size()[..1]].concat();
                let index = (distances + relative.span).clamp(0, 2 * relative.span - 1);
                scores.gather(-1, &index.expand(sizes, false), false)
            };
            let [place_keys, place_queries] = self.place_projections(name);
            let embeddings = embeddings.unsqueeze(0);
            if relative.content_to_position {
                scores += pick(&queries, &self.linear(&place_keys, &embeddings), distances);
            }
            if relative.position_to_content {
                let picked = pick(&keys, &self.linear(&place_queries, &embeddings), &-distances);
                scores += picked.transpose(-1, -2);
            }
        }
        let least = f64::from(f32::MIN);
        let weights = (scores / scale).masked_fill(hides, least).softmax(-1, Kind::Float).masked_fill(hides, 0.0);
        weights.matmul(&values).transpose(1, 2).flatten(2, 3)
    }

    /// Queries, keys and values `[sequences, heads, pieces, hidden / heads]`.
    fn project(&self, name: &str, hidden: &Tensor) -> [Tensor; 3] {
        if self.second {
            return ["query_proj", "key_proj", "value_proj"]
                .map(|part| self.by_head(&self.linear(&format!("{name}.{part}"), hidden)));
        }
        let all = self.by_head(&self.linear(&format!("{name}.in_proj"), hidden));
        let size = all.size()[3] / 3;
        let bias = |part: &str| self.by_head(&self.variable(&format!("{name}.{part}")).unsqueeze(0).unsqueeze(0));
        let part = |n: i64| all.narrow(3, n * size, size);
        [part(0) + bias("q_bias"), part(1), part(2) + bias("v_bias")]
    }

    /// Names of what makes keys and queries of places.
    fn place_projections(&self, name: &str) -> [String; 2] {
        let own = ["key", "query"].map(|part| format!("{name}.pos_{part}_proj"));
        let shared = || ["key", "query"].map(|part| format!("{name}.{part}_proj"));
        match self.second {
            false => ["pos_proj", "pos_q_proj"].map(|part| format!("{name}.{part}")),
            true if own.iter().any(|own| self.variables.contains_key(&format!("{own}.weight"))) => own,
            true => shared(),
        }
    }

    /// `[sequences, pieces, hidden]` as `[sequences, heads, pieces, hidden / heads]`.
    fn by_head(&self, rows: &Tensor) -> Tensor {
        let size = rows.size();
        rows.view([size[0], size[1], self.heads, size[2] / self.heads]).transpose(1, 2)
    }

    fn variable(&self, name: &str) -> &Tensor {
        &self.variables[name]
    }

    fn linear(&self, name: &str, x: &Tensor) -> Tensor {
        x.linear(self.variable(&format!("{name}.weight")), self.variables.get(&format!("{name}.bias")))
    }

    fn norm(&self, name: &str, x: &Tensor) -> Tensor {
        let (weight, bias) = (self.variable(&format!("{name}.weight")), self.variable(&format!("{name}.bias")));
        x.layer_norm(weight.size(), Some(weight), Some(bias), self.epsilon, false)
    }
}

impl Relative {
    /// How far every piece is behind every other, `[pieces, pieces]`; far ones in buckets that grow with the
    /// logarithm.
    fn distances(&self, ids: &Tensor) -> Tensor {
        let places = Tensor::arange(ids.size()[1], (Kind::Int64, ids.device()));
        let distances = places.unsqueeze(1) - places.unsqueeze(0);
        let Some(most) = self.bucketed_up_to else { return distances };
        let middle = self.span / 2;
        let far = distances.abs().clamp_min(middle - 1);
        let widest = ((most - 1) as f64 / middle as f64).ln();
        let bucket = ((far.to_kind(Kind::Float) / middle as f64).log() / widest * (middle - 1) as f64).ceil() + middle;
        let bucket = (bucket * distances.sign()).to_kind(Kind::Int64);
        distances.where_self(&far.le(middle), &bucket)
    }
}
