//! Heads that relate pairs of actors.

use tch::nn;
use tch::Tensor;

use crate::document::{Act, Event, Modality, Stance};
use crate::encoder::by_rows;

const PROPOSAL_INNER: i64 = 128;
const RELATION_INNER: i64 = 384;
/// What the log-odds of the proposal head count in those of a relation: from half to all of it makes little difference
/// on the development documents, less and more do worse.
const PROPOSAL_WEIGHT: f64 = 0.75;

/// A cheap first look at a pair, from the text's own states: is it worth a pair of markers?
#[derive(Debug)]
pub struct ProposalHead {
    src: nn::Linear,
    tgt: nn::Linear,
    sentence: nn::Linear,
    score: nn::Linear,
}

impl ProposalHead {
    /// A head over hidden states of `hidden` dimensions.
    pub fn new(path: nn::Path, hidden: i64) -> Self {
        let no_bias = nn::LinearConfig { bias: false, ..Default::default() };
        ProposalHead {
            src: nn::linear(&path / "src", hidden, PROPOSAL_INNER, Default::default()),
            tgt: nn::linear(&path / "tgt", hidden, PROPOSAL_INNER, no_bias),
            sentence: nn::linear(&path / "sentence", hidden, PROPOSAL_INNER, no_bias),
            score: nn::linear(&path / "score", PROPOSAL_INNER, 1, Default::default()),
        }
    }

    /// Logits `[pairs]` that a pair is related.
    ///
    /// `mentions` `[mentions, hidden]` holds the state of each mention's first token and `sentences`
    /// `[sentences, hidden]` the max-pooled states of each sentence; the other arguments index their rows.
    pub fn forward(&self, mentions: &Tensor, sentences: &Tensor, src: &Tensor, tgt: &Tensor, sent: &Tensor) -> Tensor {
        let inner = by_rows(&self.src, mentions).index_select(0, src)
            + by_rows(&self.tgt, mentions).index_select(0, tgt)
            + by_rows(&self.sentence, sentences).index_select(0, sent);
        by_rows(&self.score, &inner.gelu("none")).squeeze_dim(1)
    }
}

/// What the relation head reads of a batch of pairs.
#[derive(Debug)]
pub struct PairStates {
    /// The two markers of each pair, source first, `[2 * pairs, hidden]`.
    pub markers: Tensor,
    /// The text's own states at the first pieces of the two mentions, likewise.
    pub mentions: Tensor,
    /// The pooled sentence of each pair, `[pairs, hidden]`.
    pub sentences: Tensor,
}

/// Logits of a batch of pairs.
#[derive(Debug)]
pub struct PairLogits {
    /// `[pairs, 1 + events]`, "unrelated" first.
    pub event: Tensor,
    /// `[pairs, 1 + acts]`, "unrelated" first.
    pub act: Tensor,
    /// `[pairs, stances]`.
    pub stance: Tensor,
    /// `[pairs, modalities]`.
    pub modality: Tensor,
}

/// Reads the relation of a pair off its two markers and its sentence.
#[derive(Debug)]
pub struct RelationHead {
    inner: nn::Linear,
    event: nn::Linear,
    act: nn::Linear,
    stance: nn::Linear,
    modality: nn::Linear,
}

impl RelationHead {
    /// A head over hidden states of `hidden` dimensions.
    pub fn new(path: nn::Path, hidden: i64) -> Self {
        let out =
            |name: &str, labels: usize| nn::linear(&path / name, RELATION_INNER, labels as i64, Default::default());
        RelationHead {
            inner: nn::linear(&path / "inner", 5 * hidden, RELATION_INNER, Default::default()),
            event: out("event", Event::ALL.len() + 1),
            act: out("act", Act::ALL.len() + 1),
            stance: out("stance", Stance::ALL.len()),
            modality: out("modality", Modality::ALL.len()),
        }
    }

    /// Logits of pairs.
    pub fn forward(&self, pairs: &PairStates, dropout: f64, train: bool) -> PairLogits {
        let by_pair = |t: &Tensor| t.view([-1, 2 * t.size()[1]]);
        let states = [by_pair(&pairs.markers), by_pair(&pairs.mentions), pairs.sentences.shallow_clone()];
        let joined = Tensor::cat(&states, 1).dropout(dropout, train);
        let inner = by_rows(&self.inner, &joined).gelu("none").dropout(dropout, train);
        PairLogits {
            event: by_rows(&self.event, &inner),
            act: by_rows(&self.act, &inner),
            stance: by_rows(&self.stance, &inner),
            modality: by_rows(&self.modality, &inner),
        }
    }
}

impl PairLogits {
    /// Each of the four by `change`.
    pub fn map(&self, change: impl Fn(&Tensor) -> Tensor) -> PairLogits {
        self.zip(self, |own, _| change(own))
    }

    /// Each of the four with that of `other`, by `join`.
    pub fn zip(&self, other: &PairLogits, join: impl Fn(&Tensor, &Tensor) -> Tensor) -> PairLogits {
        PairLogits {
            event: join(&self.event, &other.event),
            act: join(&self.act, &other.act),
            stance: join(&self.stance, &other.stance),
            modality: join(&self.modality, &other.modality),
        }
    }

    /// How much speaks for it `[pairs]`, as log-odds, that a pair is related in the way that is the likeliest.
    ///
    /// The heads' log-odds of "related" and what the proposal head says, which has seen all pairs where they have seen
    /// a choice of the unrelated ones, are added up, and how sure event and act are: a pair that might be related in
    /// many ways mostly is not at all.
    pub fn odds(&self, proposals: &Tensor) -> Tensor {
        let by = |logits: &Tensor| {
            let (none, some) = (logits.select(1, 0), logits.narrow(1, 1, logits.size()[1] - 1));
            let any = some.logsumexp([1_i64].as_slice(), false);
            let sure = some.amax([1], false) - &any;
            (any - none) * 0.5 + sure
        };
        by(&self.event) + by(&self.act) + proposals * PROPOSAL_WEIGHT
    }
}
