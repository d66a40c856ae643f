//! The forward pass of BERT over the variables that rust-bert's `BertModel` declares.
//!
//! It computes what `BertModel::forward_t` computes (a test compares the two) in fewer and larger operations: one
//! product for queries, keys and values, and attention that never writes its weights out. It also keeps the keys and
//! values of a text, so that levitated markers (Ye et al. 2022) can read the text later without reading it anew:
//! markers see the text, the text sees no marker.

use rust_bert::bert::BertConfig;
use tch::nn::VarStore;
use tch::{Kind, Tensor};

const LAYER_NORM_EPSILON: f64 = 1e-12;

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), LAYER_NORM_EPSILON, false)
    }
}

struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, Some(&self.bias))
    }
}

struct Layer {
    /// Queries, keys and values side by side.
    qkv: Linear,
    attended: Linear,
    attended_norm: Norm,
    inner: Linear,
    outer: Linear,
    outer_norm: Norm,
}

/// Keys and values of one layer, each `[rows, heads, tokens, hidden / heads]`.
#[derive(Debug)]
pub struct KeysValues {
    keys: Tensor,
    values: Tensor,
}

impl KeysValues {
    /// The keys and values of the rows `rows` (an index tensor), which may repeat.
    pub fn rows(&self, rows: &Tensor) -> Self {
        KeysValues { keys: self.keys.index_select(0, rows), values: self.values.index_select(0, rows) }
    }
}

/// What the encoder made of a batch of texts.
#[derive(Debug)]
pub struct Reading {
    /// Final states `[rows, tokens, hidden]`.
    pub hidden: Tensor,
    /// Keys and values of every layer.
    pub layers: Vec<KeysValues>,
}

/// Word pieces as the encoder takes them, each `[rows, tokens]`.
#[derive(Debug)]
pub struct Pieces {
    /// Vocabulary indices.
    pub ids: Tensor,
    /// Word shapes.
    pub shapes: Tensor,
    /// Positions.
    pub positions: Tensor,
}

/// The encoder's variables, arranged for the forward pass.
pub struct Encoder {
    words: Tensor,
    positions: Tensor,
    shapes: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
    heads: i64,
    dropout: f64,
}

impl Encoder {
    /// Arranges the variables under `bert` in `store`. Gradients flow back to them.
    ///
    /// # Panics
    /// When `store` does not hold the variables of a BERT of the shape `config`; rust-bert declares them.
    pub fn of(store: &VarStore, config: &BertConfig) -> Self {
        let variables = store.variables();
        let get = |name: &str| variables[&format!("bert.{name}")].shallow_clone();
        let linear = |name: &str| Linear { weight: get(&format!("{name}.weight")), bias: get(&format!("{name}.bias")) };
        let norm = |name: &str| Norm { weight: get(&format!("{name}.weight")), bias: get(&format!("{name}.bias")) };
        let layer = |n: i64| {
            let name = |part: &str| format!("encoder.layer.{n}.{part}");
            let parts = ["query", "key", "value"].map(|p| linear(&name(&format!("attention.self.{p}"))));
            Layer {
                qkv: Linear {
                    weight: Tensor::cat(&parts.each_ref().map(|p| &p.weight), 0),
                    bias: Tensor::cat(&parts.each_ref().map(|p| &p.bias), 0),
                },
                attended: linear(&name("attention.output.dense")),
                attended_norm: norm(&name("attention.output.LayerNorm")),
                inner: linear(&name("intermediate.dense")),
                outer: linear(&name("output.dense")),
                outer_norm: norm(&name("output.LayerNorm")),
            }
        };
        Encoder {
            words: get("embeddings.word_embeddings.weight"),
            positions: get("embeddings.position_embeddings.weight"),
            shapes: get("embeddings.token_type_embeddings.weight"),
            norm: norm("embeddings.LayerNorm"),
            layers: (0..config.num_hidden_layers).map(layer).collect(),
            heads: config.num_attention_heads,
            dropout: config.hidden_dropout_prob,
        }
    }

    /// Type that the encoder computes in.
    pub fn kind(&self) -> Kind {
        self.words.kind()
    }

    fn embed(&self, pieces: &Pieces, train: bool) -> Tensor {
        let look_up = |table: &Tensor, ids: &Tensor| Tensor::embedding(table, ids, -1, false, false);
        let sum = look_up(&self.words, &pieces.ids)
            + look_up(&self.positions, &pieces.positions)
            + look_up(&self.shapes, &pieces.shapes);
        self.norm.forward(&sum).dropout(self.dropout, train)
    }

    /// Reads texts. `visible` `[rows, 1, 1, tokens]` is 0 where there is a piece and -inf where there is padding.
    pub fn read(&self, pieces: &Pieces, visible: &Tensor, train: bool) -> Reading {
        let mut hidden = self.embed(pieces, train);
        let mut layers = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let (queries, own) = layer.project(&hidden, self.heads);
            let context = attend(&queries, &own, visible);
            hidden = layer.finish(&context, &hidden, self.dropout, train);
            layers.push(own);
        }
        Reading { hidden, layers }
    }

    /// Reads markers `[rows, markers]` over texts that have been read: states `[rows, markers, hidden]`.
    ///
    /// `layers` are the text's keys and values, `visible` `[rows, 1, markers, tokens + markers]` is 0 where a marker
    /// sees a piece or another marker and -inf elsewhere.
    pub fn read_markers(&self, markers: &Pieces, layers: &[KeysValues], visible: &Tensor, train: bool) -> Tensor {
        let mut hidden = self.embed(markers, train);
        for (layer, text) in self.layers.iter().zip(layers) {
            let (queries, own) = layer.project(&hidden, self.heads);
            let seen = KeysValues {
                keys: Tensor::cat(&[&text.keys, &own.keys], 2),
                values: Tensor::cat(&[&text.values, &own.values], 2),
            };
            let context = attend(&queries, &seen, visible);
            hidden = layer.finish(&context, &hidden, self.dropout, train);
        }
        hidden
    }
}

/// Context `[rows, tokens, hidden]` of queries `[rows, heads, tokens, hidden / heads]`.
fn attend(queries: &Tensor, seen: &KeysValues, visible: &Tensor) -> Tensor {
    let (keys, values) = (&seen.keys, &seen.values);
    let context = Tensor::scaled_dot_product_attention(queries, keys, values, Some(visible), 0.0, false, None);
    context.transpose(1, 2).flatten(2, 3)
}

impl Layer {
    /// Queries, and keys with values, by head.
    fn project(&self, hidden: &Tensor, heads: i64) -> (Tensor, KeysValues) {
        let (rows, tokens, size) = (hidden.size()[0], hidden.size()[1], hidden.size()[2]);
        let qkv = self.qkv.forward(hidden).view([rows, tokens, 3, heads, size / heads]);
        let part = |n: i64| qkv.select(2, n).transpose(1, 2);
        (part(0), KeysValues { keys: part(1), values: part(2) })
    }

    /// What follows attention: projection and feed-forward, each with its residual.
    fn finish(&self, context: &Tensor, hidden: &Tensor, dropout: f64, train: bool) -> Tensor {
        let attended = self.attended.forward(context).dropout(dropout, train);
        let attended = self.attended_norm.forward(&(attended + hidden));
        let inner = self.inner.forward(&attended);
        // Overwriting saves a pass over memory, but the gradient needs the values before.
        let inner = if train { inner.gelu("none") } else { { inner }.gelu_("none") };
        let outer = self.outer.forward(&inner).dropout(dropout, train);
        self.outer_norm.forward(&(outer + attended))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_bert::bert::{BertEmbeddings, BertModel};
    use tch::{no_grad, Device};

    fn config() -> BertConfig {
        BertConfig {
            hidden_size: 24,
            num_attention_heads: 3,
            num_hidden_layers: 2,
            intermediate_size: 48,
            vocab_size: 50,
            max_position_embeddings: 32,
            type_vocab_size: 4,
            ..BertConfig::default()
        }
    }

    fn ids(values: &[i64], rows: i64) -> Tensor {
        Tensor::from_slice(values).view([rows, -1])
    }

    /// Largest difference between two tensors.
    fn difference(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    #[test]
    fn texts_and_markers_come_out_as_from_rust_bert() {
        tch::manual_seed(3);
        let store = VarStore::new(Device::Cpu);
        let bert = BertModel::<BertEmbeddings>::new_with_optional_pooler(store.root() / "bert", &config(), false);
        no_grad(|| {
            // Spread the weights out: freshly initialised ones are too small to tell right from wrong.
            for (name, mut v) in store.variables() {
                if v.dim() > 1 && !name.contains("LayerNorm") {
                    let _ = v.g_mul_scalar_(3.0);
                }
            }
            // Two texts of 5 and 3 pieces, each with one pair of markers on its pieces 1 and 3 (or 2).
            let text = ids(&[1, 7, 8, 9, 2, 1, 11, 2, 0, 0], 2);
            let shapes = ids(&[0, 1, 2, 3, 0, 0, 1, 0, 0, 0], 2);
            let positions = ids(&[0, 1, 2, 3, 4, 0, 1, 2, 3, 4], 2);
            let markers = ids(&[40, 41, 40, 41], 2);
            let marker_positions = ids(&[1, 3, 1, 2], 2);
            let mut mask = vec![0_i64; 2 * 7 * 7];
            for row in 0..2 {
                let length = [5, 3][row];
                for from in 0..7 {
                    let line = (row * 7 + from) * 7;
                    mask[line..line + length].fill(1);
                    if from >= 5 {
                        mask[line + 5..line + 7].fill(1);
                    }
                }
            }
            let mask = Tensor::from_slice(&mask).view([2, 7, 7]);
            let expected = bert.forward_t(
                Some(&Tensor::cat(&[&text, &markers], 1)),
                Some(&mask.to_kind(Kind::Int8)),
                Some(&Tensor::cat(&[&shapes, &markers.zeros_like()], 1)),
                Some(&Tensor::cat(&[&positions, &marker_positions], 1)),
                None,
                None,
                None,
                false,
            );
            let expected = expected.unwrap().hidden_state;
            let visible = mask.to_kind(Kind::Float).log().unsqueeze(1);
            let encoder = Encoder::of(&store, &config());
            let text = Pieces { ids: text, shapes, positions };
            let reading = encoder.read(&text, &visible.narrow(2, 0, 1).narrow(3, 0, 5), false);
            let markers = Pieces { shapes: markers.zeros_like(), ids: markers, positions: marker_positions };
            let states = encoder.read_markers(&markers, &reading.layers, &visible.narrow(2, 5, 2), false);
            assert!(expected.abs().max().double_value(&[]) > 0.5);
            let first_text = |t: &Tensor| t.select(0, 0).narrow(0, 0, 5);
            assert!(difference(&first_text(&reading.hidden), &first_text(&expected)) < 1e-3);
            assert!(difference(&states, &expected.narrow(1, 5, 2)) < 1e-3);
        });
    }
}
