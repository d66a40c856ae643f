//! The forward pass of the transformer that BERT is, and under other names RoBERTa, ELECTRA, DistilBERT and more.
//!
//! It computes what `BertModel::forward_t` of rust-bert computes (tests compare them) in fewer and larger operations:
//! texts lie packed one behind the other, without padding; queries, keys and values are one product; attention never
//! writes its weights out. It also keeps the keys and values of a text, so that levitated markers (Ye et al. 2022,
//! "Packed Levitated Marker for Entity and Relation Extraction") can read it later without reading it anew: markers
//! see the text and their partner, the text sees no marker.

use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use super::config::{Activation, EncoderConfig, RelativeAttention};
use super::relative::{Bias, Disentangled, Distances};
use super::variables::{Linear, Norm, Variables};

struct Layer {
    /// Queries, keys and values side by side.
    qkv: Linear,
    attended: Linear,
    attended_norm: Norm,
    inner: Linear,
    outer: Linear,
    outer_norm: Norm,
    activation: Activation,
    /// What attention knows of distances in this layer.
    disentangled: Option<Disentangled>,
}

/// Texts, or the markers of texts, packed one behind the other.
#[derive(Debug)]
pub struct Packed {
    /// Vocabulary indices `[pieces]`.
    pub ids: Tensor,
    /// Word shapes `[pieces]`.
    pub shapes: Tensor,
    /// Positions `[pieces]`.
    pub positions: Tensor,
    /// How many pieces each text has.
    pub lengths: Vec<i64>,
}

impl Packed {
    /// Packs lists of equal length, on `device`.
    pub fn new(ids: &[i64], shapes: &[i64], positions: &[i64], lengths: Vec<i64>, device: Device) -> Self {
        let list = |values: &[i64]| Tensor::from_slice(values).to_device(device);
        Packed { ids: list(ids), shapes: list(shapes), positions: list(positions), lengths }
    }

    /// Number of pieces.
    fn len(&self) -> i64 {
        self.lengths.iter().sum()
    }
}

/// What the encoder made of packed texts.
#[derive(Debug)]
pub struct Reading {
    /// Final states `[pieces, hidden]`.
    pub hidden: Tensor,
    /// Keys and values of every layer, `[pieces, 2, heads, hidden / heads]`.
    layers: Vec<Tensor>,
    /// Positions `[pieces]`.
    positions: Tensor,
    lengths: Vec<i64>,
}

/// How to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// With dropout, all pieces in one product, for gradients.
    Train,
    /// As in training, without dropout: what a teacher thinks.
    Consult,
    /// In blocks of [`BLOCK`] pieces: what comes out for a text does not depend, to the last bit, on what lies
    /// beside it, because every product has the same shape.
    Read,
}

/// Pieces of one product in [`Mode::Read`].
pub const BLOCK: i64 = 512;

/// The encoder's variables, arranged for the forward pass.
pub struct Encoder {
    words: Tensor,
    positions: Tensor,
    shapes: Tensor,
    norm: Norm,
    projection: Option<Linear>,
    bias: Option<Bias>,
    layers: Vec<Layer>,
    heads: i64,
    dropout: f64,
}

impl Encoder {
    /// Arranges the variables under `bert` in `store`, to compute in `kind` with them. Gradients flow back to them.
    ///
    /// # Panics
    /// When `store` does not hold the variables of an encoder of the shape `config`: [`declare`](super::declare) does.
    pub fn of(store: &VarStore, config: &EncoderConfig, kind: Kind) -> Self {
        let variables = Variables::of(store, config, kind);
        let bias = config.relative_attention == Some(RelativeAttention::Bias);
        let projection = config.embedding_size() != config.hidden_size;
        Encoder {
            words: variables.get("embeddings.word_embeddings.weight"),
            positions: variables.get("embeddings.position_embeddings.weight"),
            shapes: variables.get("embeddings.token_type_embeddings.weight"),
            norm: variables.norm("embeddings.LayerNorm"),
            projection: projection.then(|| variables.linear("embeddings_project")),
            bias: bias.then(|| Bias::new(variables.raw("encoder.distance_bias"))),
            layers: (0..config.num_hidden_layers).map(|n| Layer::of(&variables, n)).collect(),
            heads: config.num_attention_heads,
            dropout: config.hidden_dropout_prob,
        }
    }

    /// Type that the encoder computes in.
    pub fn kind(&self) -> Kind {
        self.words.kind()
    }

    fn embed(&self, pieces: &Packed, mode: Mode) -> Tensor {
        let look_up = |table: &Tensor, ids: &Tensor| Tensor::embedding(table, ids, -1, false, false);
        let sum = look_up(&self.words, &pieces.ids)
            + look_up(&self.positions, &pieces.positions)
            + look_up(&self.shapes, &pieces.shapes);
        let mut embedded = self.norm.forward(&sum).dropout(self.dropout, mode == Mode::Train);
        if mode == Mode::Read {
            // Blocks are always full; what fills the last one is dropped at the end.
            let missing = (BLOCK - embedded.size()[0] % BLOCK) % BLOCK;
            embedded = embedded.constant_pad_nd([0, 0, 0, missing]);
        }
        match &self.projection {
            None => embedded,
            Some(projection) => by_block([&embedded], mode, |[x]| projection.forward(&x)),
        }
    }

    /// Whether attention knows of distances.
    fn is_relative(&self) -> bool {
        self.bias.is_some() || self.layers.iter().any(|layer| layer.disentangled.is_some())
    }

    /// What pieces at the positions `from` see of those at the positions `to` of a text of `length` pieces, where
    /// `visible` `[from, to]` is 0 at what they see and -inf elsewhere.
    fn sight(&self, visible: Tensor, from: &Tensor, to: &Tensor, length: i64) -> Sight {
        if !self.is_relative() {
            return Sight { visible, distances: None };
        }
        let distances = Distances::new(from, to, length);
        let visible = match &self.bias {
            None => visible,
            Some(bias) => visible + bias.scores(&distances).to_kind(self.kind()),
        };
        Sight { visible, distances: Some(distances) }
    }

    /// Reads texts. Their positions follow one another.
    pub fn read(&self, texts: &Packed, mode: Mode) -> Reading {
        self.read_by(texts, mode, Attention::of(mode, texts.ids.device()))
    }

    fn read_by(&self, texts: &Packed, mode: Mode, attention: Attention) -> Reading {
        let mut hidden = self.embed(texts, mode);
        let mut layers = Vec::with_capacity(self.layers.len());
        let shares = attention.shares(&texts.lengths);
        let positions = split(&texts.positions, &shares);
        let visible = attention.visible(&texts.lengths, &texts.lengths, &hidden).into_iter();
        let sights: Vec<Sight> = visible
            .zip(positions.iter().zip(&shares))
            .map(|(visible, (at, &share))| self.sight(visible, at, at, attention.reach(share, &texts.lengths)))
            .collect();
        for layer in &self.layers {
            let qkv = layer.project(&hidden, self.heads, mode);
            let own = split(&qkv, &shares);
            let attend_to_itself = |(own, sight): (&Tensor, &Sight)| {
                let own = own.unbind(1);
                layer.attend(&own[0], &own[1], &own[2], sight)
            };
            let context: Vec<Tensor> = own.iter().zip(&sights).map(attend_to_itself).collect();
            hidden = layer.finish(&context, &hidden, self.dropout, mode);
            layers.push(qkv.narrow(1, 1, 2));
        }
        let (positions, lengths) = (texts.positions.shallow_clone(), texts.lengths.clone());
        Reading { hidden: hidden.narrow(0, 0, texts.len()), layers, positions, lengths }
    }

    /// Reads markers over texts that have been read: final states `[markers, hidden]`.
    ///
    /// `markers.lengths` tells how many markers each text of `reading` has, possibly none: two for each pair, the
    /// source's and the target's, one behind the other.
    pub fn read_markers(&self, markers: &Packed, reading: &Reading, mode: Mode) -> Tensor {
        self.read_markers_by(markers, reading, mode, Attention::of(mode, markers.ids.device()))
    }

    fn read_markers_by(&self, markers: &Packed, reading: &Reading, mode: Mode, attention: Attention) -> Tensor {
        let mut hidden = self.embed(markers, mode);
        let text_shares = attention.shares(&reading.lengths);
        let shares = attention.shares(&markers.lengths);
        let texts = split(&reading.positions, &text_shares);
        let own = split(&markers.positions, &shares);
        let visible = attention.visible(&markers.lengths, &reading.lengths, &hidden).into_iter();
        let sights: Vec<Option<Sight>> = visible
            .zip(texts.iter().zip(&own))
            .zip(text_shares.iter().zip(&shares))
            .map(|((visible, (text, own)), (&share, &n))| {
                (n > 0).then(|| {
                    let visible = Tensor::cat(&[visible, pair_sight(n, &hidden)], 1);
                    let reach = attention.reach(share, &reading.lengths);
                    self.sight(visible, own, &Tensor::cat(&[text, own], 0), reach)
                })
            })
            .collect();
        for (layer, of_texts) in self.layers.iter().zip(&reading.layers) {
            let qkv = layer.project(&hidden, self.heads, mode);
            let (texts, own) = (split(of_texts, &text_shares), split(&qkv, &shares));
            let context: Vec<Tensor> = texts
                .iter()
                .zip(&own)
                .zip(&sights)
                .filter_map(|((text, own), sight)| {
                    let seen = Tensor::cat(&[text, &own.narrow(1, 1, 2)], 0).unbind(1);
                    Some(layer.attend(&own.select(1, 0), &seen[0], &seen[1], sight.as_ref()?))
                })
                .collect();
            hidden = layer.finish(&context, &hidden, self.dropout, mode);
        }
        hidden.narrow(0, 0, markers.len())
    }
}

/// How many operations attention is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attention {
    /// One for each text, with nothing computed in vain.
    ByText,
    /// One for all, the other texts being out of sight: a graphics card computes that sooner than it takes orders.
    Together,
}

impl Attention {
    fn of(mode: Mode, device: Device) -> Self {
        // What is read must not depend on what lies beside it.
        if mode != Mode::Read && device.is_cuda() {
            Attention::Together
        } else {
            Attention::ByText
        }
    }

    /// How many pieces each operation has.
    fn shares(self, lengths: &[i64]) -> Vec<i64> {
        match self {
            Attention::ByText => lengths.to_vec(),
            Attention::Together => vec![lengths.iter().sum()],
        }
    }

    /// What pieces of texts of the lengths `from` see of pieces of these texts, of which there are `to`, in each
    /// operation: 0 at the own text, -inf at the others.
    fn visible(self, from: &[i64], to: &[i64], like: &Tensor) -> Vec<Tensor> {
        let all = |from, to| Tensor::zeros([from, to], (like.kind(), like.device()));
        match self {
            Attention::ByText => from.iter().zip(to).map(|(&from, &to)| all(from, to)).collect(),
            Attention::Together => {
                let [from, to] = [from, to].map(|lengths| owners(lengths, like.device()));
                vec![all(from.size()[0], to.size()[0]).masked_fill(&apart(&from, &to), f64::NEG_INFINITY)]
            }
        }
    }

    /// How many pieces the longest text has of an operation that takes `share` pieces of texts of `lengths`.
    fn reach(self, share: i64, lengths: &[i64]) -> i64 {
        match self {
            Attention::ByText => share,
            Attention::Together => lengths.iter().copied().max().unwrap_or(share),
        }
    }
}

/// What some pieces see of others.
struct Sight {
    /// What is added to all scores: `[from, to]`, or `[1, heads, from, to]`.
    visible: Tensor,
    distances: Option<Distances>,
}

/// What `markers` markers see of one another, `[markers, markers]`: 0 at the own pair, -inf elsewhere.
fn pair_sight(markers: i64, like: &Tensor) -> Tensor {
    let pair = Tensor::arange(markers, (Kind::Int64, like.device())).divide_scalar_mode(2, "floor");
    Tensor::zeros([markers; 2], (like.kind(), like.device())).masked_fill(&apart(&pair, &pair), f64::NEG_INFINITY)
}

/// Number of the text that each piece belongs to.
fn owners(lengths: &[i64], device: Device) -> Tensor {
    let owners: Vec<i64> = (0..).zip(lengths).flat_map(|(text, &n)| (0..n).map(move |_| text)).collect();
    Tensor::from_slice(&owners).to_device(device)
}

/// Which of `from` and `to` differ, `[from, to]`.
fn apart(from: &Tensor, to: &Tensor) -> Tensor {
    from.unsqueeze(1).ne_tensor(&to.unsqueeze(0))
}

/// The rows of each of the texts that `lengths` tells of, without what fills the last block. One split has one
/// gradient, where a slice for each text would make each its own, as large as the whole.
fn split(rows: &Tensor, lengths: &[i64]) -> Vec<Tensor> {
    let rest = rows.size()[0] - lengths.iter().sum::<i64>();
    let mut parts = rows.split_with_sizes([lengths, &[rest]].concat(), 0);
    parts.truncate(lengths.len());
    parts
}

/// Applies `f` to all rows of the tensors at once, or block by block.
fn by_block<const N: usize>(tensors: [&Tensor; N], mode: Mode, f: impl Fn([Tensor; N]) -> Tensor) -> Tensor {
    match mode {
        Mode::Train | Mode::Consult => f(tensors.map(Tensor::shallow_clone)),
        Mode::Read => {
            let rows = tensors[0].size()[0];
            let block = |b: i64| f(tensors.map(|t| t.narrow(0, b * BLOCK, BLOCK)));
            Tensor::cat(&(0..rows / BLOCK).map(block).collect::<Vec<_>>(), 0)
        }
    }
}

impl Layer {
    /// Layer `n`.
    fn of(variables: &Variables, n: i64) -> Self {
        let name = |part: &str| format!("encoder.layer.{n}.{part}");
        let parts = ["query", "key", "value"].map(|p| variables.linear(&name(&format!("attention.self.{p}"))));
        let disentangled = variables.config.relative_attention == Some(RelativeAttention::Disentangled);
        let distances = || {
            let [keys, queries] =
                ["keys", "queries"].map(|t| variables.raw(&name(&format!("attention.self.distance_{t}"))));
            Disentangled::new(keys, queries, variables.config.num_attention_heads)
        };
        Layer {
            qkv: Linear {
                weight: Tensor::cat(&parts.each_ref().map(|p| &p.weight), 0),
                bias: Tensor::cat(&parts.each_ref().map(|p| &p.bias), 0),
            },
            attended: variables.linear(&name("attention.output.dense")),
            attended_norm: variables.norm(&name("attention.output.LayerNorm")),
            inner: variables.linear(&name("intermediate.dense")),
            outer: variables.linear(&name("output.dense")),
            outer_norm: variables.norm(&name("output.LayerNorm")),
            activation: variables.config.hidden_act,
            disentangled: disentangled.then(distances),
        }
    }

    /// Queries, keys and values `[pieces, 3, heads, hidden / heads]`.
    fn project(&self, hidden: &Tensor, heads: i64, mode: Mode) -> Tensor {
        let size = hidden.size()[1];
        by_block([hidden], mode, |[x]| self.qkv.forward(&x)).view([-1, 3, heads, size / heads])
    }

    /// Context `[pieces, hidden]` of queries `[pieces, heads, hidden / heads]`.
    fn attend(&self, queries: &Tensor, keys: &Tensor, values: &Tensor, sight: &Sight) -> Tensor {
        let by_head = |t: &Tensor| t.transpose(0, 1).unsqueeze(0);
        let relative = self.disentangled.as_ref().zip(sight.distances.as_ref());
        let scores = relative.map(|(layer, distances)| layer.scores(queries, keys, distances).to_kind(queries.kind()));
        let scores = scores.map_or_else(|| sight.visible.shallow_clone(), |scores| &sight.visible + scores);
        let scale = self.disentangled.as_ref().map(|_| Disentangled::scale(queries));
        let (queries, keys, values) = (by_head(queries), by_head(keys), by_head(values));
        let context = Tensor::scaled_dot_product_attention(&queries, &keys, &values, Some(scores), 0.0, false, scale);
        context.squeeze_dim(0).transpose(0, 1).flatten(1, 2)
    }

    /// What follows attention: projection and feed-forward, each with its residual. `context` is packed here.
    fn finish(&self, context: &[Tensor], hidden: &Tensor, dropout: f64, mode: Mode) -> Tensor {
        let train = mode == Mode::Train;
        let context = Tensor::cat(context, 0);
        let missing = hidden.size()[0] - context.size()[0];
        let context = if missing > 0 { context.constant_pad_nd([0, 0, 0, missing]) } else { context };
        by_block([&context, hidden], mode, |[context, hidden]| {
            let attended = self.attended.forward(&context).dropout(dropout, train);
            let attended = self.attended_norm.forward(&(attended + hidden));
            let inner = self.activation.apply(self.inner.forward(&attended), train);
            let outer = self.outer.forward(&inner).dropout(dropout, train);
            self.outer_norm.forward(&(outer + attended))
        })
    }
}

impl Activation {
    fn apply(self, mut x: Tensor, train: bool) -> Tensor {
        // Overwriting saves a pass over memory, but the gradient needs the values before.
        match (self, train) {
            (Activation::Gelu, true) => x.gelu("none"),
            (Activation::Gelu, false) => x.gelu_("none"),
            (Activation::GeluNew, true) => x.gelu("tanh"),
            (Activation::GeluNew, false) => x.gelu_("tanh"),
            (Activation::Relu, true) => x.relu(),
            (Activation::Relu, false) => x.relu_(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::declare;
    use super::*;
    use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
    use serde_json::json;
    use tch::no_grad;

    fn config() -> EncoderConfig {
        let config = json!({"hidden_size": 24, "num_attention_heads": 3, "num_hidden_layers": 2,
            "intermediate_size": 48, "vocab_size": 50, "max_position_embeddings": 32, "type_vocab_size": 4,
            "hidden_act": "gelu", "hidden_dropout_prob": 0.1});
        serde_json::from_value(config).unwrap()
    }

    fn list(values: &[i64]) -> Tensor {
        Tensor::from_slice(values)
    }

    /// Largest difference between two tensors.
    fn difference(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    /// A small BERT with weights spread out: freshly initialised ones are too small to tell right from wrong.
    fn bert() -> (VarStore, BertModel<BertEmbeddings>) {
        tch::manual_seed(3);
        let store = VarStore::new(Device::Cpu);
        let config = BertConfig {
            hidden_size: 24,
            num_attention_heads: 3,
            num_hidden_layers: 2,
            intermediate_size: 48,
            vocab_size: 50,
            max_position_embeddings: 32,
            type_vocab_size: 4,
            ..BertConfig::default()
        };
        let bert = BertModel::<BertEmbeddings>::new_with_optional_pooler(store.root() / "bert", &config, false);
        no_grad(|| {
            for (name, mut v) in store.variables().into_iter().collect::<std::collections::BTreeMap<_, _>>() {
                if v.dim() > 1 && !name.contains("LayerNorm") {
                    v.copy_(&(Tensor::randn_like(&v) * 0.2));
                }
            }
        });
        (store, bert)
    }

    #[test]
    fn texts_and_markers_come_out_as_from_rust_bert() {
        let (store, bert) = bert();
        let encoder = Encoder::of(&store, &config(), Kind::Float);
        // One text of five pieces with two pairs of markers, on its pieces 1 and 3 and on its pieces 2 and 3.
        let (text, shapes) = (list(&[1, 7, 8, 9, 2]), list(&[0, 1, 2, 3, 0]));
        let (markers, at) = (list(&[40, 41, 40, 41]), list(&[1, 3, 2, 3]));
        let mask: Vec<i8> = (0..9 * 9)
            .map(|i| {
                let (from, to) = (i / 9, i % 9);
                i8::from(to < 5 || (from >= 5 && (from - 5) / 2 == (to - 5) / 2))
            })
            .collect();
        let row = |a: &Tensor, b: &Tensor| Tensor::cat(&[a, b], 0).unsqueeze(0);
        let expected = bert.forward_t(
            Some(&row(&text, &markers)),
            Some(&Tensor::from_slice(&mask).view([1, 9, 9])),
            Some(&row(&shapes, &markers.zeros_like())),
            Some(&row(&list(&[0, 1, 2, 3, 4]), &at)),
            None,
            None,
            None,
            false,
        );
        let expected = expected.unwrap().hidden_state.squeeze_dim(0);
        let spread = expected.std(false).double_value(&[]);
        assert!(spread > 0.5, "{spread}");
        // The same text between two others.
        let texts = Packed::new(
            &[1, 5, 2, 1, 7, 8, 9, 2, 1, 2],
            &[0, 1, 0, 0, 1, 2, 3, 0, 0, 0],
            &[0, 1, 2, 0, 1, 2, 3, 4, 0, 1],
            vec![3, 5, 2],
            Device::Cpu,
        );
        let markers = Packed::new(&[40, 41, 40, 41], &[0; 4], &[1, 3, 2, 3], vec![0, 4, 0], Device::Cpu);
        let ways =
            [(Mode::Read, Attention::ByText), (Mode::Consult, Attention::ByText), (Mode::Consult, Attention::Together)];
        for (mode, attention) in ways {
            let reading = encoder.read_by(&texts, mode, attention);
            let states = encoder.read_markers_by(&markers, &reading, mode, attention);
            assert!(
                difference(&reading.hidden.narrow(0, 3, 5), &expected.narrow(0, 0, 5)) < 1e-4,
                "{mode:?} {attention:?}"
            );
            assert!(difference(&states, &expected.narrow(0, 5, 4)) < 1e-4, "{mode:?} {attention:?}");
        }
    }

    #[test]
    fn texts_that_are_attended_to_together_come_out_as_by_themselves_with_distances_too() {
        for kind in ["bias", "disentangled"] {
            let mut json = serde_json::to_value(config()).unwrap();
            json["relative_attention"] = kind.into();
            let config: EncoderConfig = serde_json::from_value(json).unwrap();
            tch::manual_seed(5);
            let store = VarStore::new(Device::Cpu);
            declare(&(store.root() / "bert"), &config);
            no_grad(|| store.variables().into_values().for_each(|mut v| v.copy_(&(Tensor::randn_like(&v) * 0.3))));
            let encoder = Encoder::of(&store, &config, Kind::Float);
            let texts =
                Packed::new(&[1, 5, 2, 1, 7, 8, 9, 2], &[0; 8], &[0, 1, 2, 0, 1, 2, 3, 4], vec![3, 5], Device::Cpu);
            let markers = Packed::new(&[40, 41, 40, 41], &[0; 4], &[0, 1, 3, 2], vec![2, 2], Device::Cpu);
            let [apart, together] = [Attention::ByText, Attention::Together].map(|attention| {
                let reading = encoder.read_by(&texts, Mode::Consult, attention);
                (encoder.read_markers_by(&markers, &reading, Mode::Consult, attention), reading.hidden)
            });
            assert!(difference(&apart.0, &together.0) < 1e-4, "{kind}");
            assert!(difference(&apart.1, &together.1) < 1e-4, "{kind}");
            let spread = apart.0.std(false).double_value(&[]);
            assert!(spread > 0.1, "{spread}");
        }
    }

    #[test]
    fn a_text_comes_out_the_same_to_the_bit_whatever_lies_beside_it() {
        let (store, _) = bert();
        let encoder = Encoder::of(&store, &config(), Kind::Float);
        let text: Vec<i64> = (0..30).map(|i| i * 7 % 49 + 1).collect();
        let read = |before: usize, behind: usize| {
            let filler: Vec<i64> = (0..before + behind).map(|i| (i * 5 % 49) as i64).collect();
            let ids = [&filler[..before], &text, &filler[before..]].concat();
            let positions = [vec![3; before], (0..30).collect(), vec![5; behind]].concat();
            let lengths = [before, 30, behind].map(|n| n as i64).into_iter().filter(|&n| n > 0).collect();
            let texts = Packed::new(&ids, &vec![0; ids.len()], &positions, lengths, Device::Cpu);
            no_grad(|| encoder.read(&texts, Mode::Read).hidden.narrow(0, before as i64, 30))
        };
        let alone = read(0, 0);
        for (before, behind) in [(1, 0), (511, 600), (17, 3), (490, 1)] {
            assert!(alone.equal(&read(before, behind)), "{before} before, {behind} behind");
        }
    }
}
