//! Models that a run learns from beside the labels (Hinton et al. 2015, "Distilling the Knowledge in a Neural
//! Network").

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use tch::{no_grad, Device, Kind, Tensor};

use super::batch::Batch;
use super::objective::{encode, pair_logits};
use super::recipe::Recipe;
use super::TrainError;
use crate::encoder::{Encoder, Mode, WordPieces};
use crate::model::{Model, Network};
use crate::relations::PairLogits;

/// Models whose opinion counts as much as the labels do, with the weight of the recipe.
pub struct Teachers {
    models: Vec<(Network, Encoder)>,
    /// What they thought of the batches that they were asked about: a large teacher takes longer than what it teaches.
    thought: RefCell<BTreeMap<usize, Rc<Opinion>>>,
    /// Share of the loss that is theirs.
    pub weight: f64,
}

/// What the teachers hold for likely, on average: probabilities of the classes of each row.
pub struct Opinion {
    /// Of each piece.
    pub names: Tensor,
    /// Of each chosen pair, where there is one.
    pub pairs: Option<PairLogits>,
}

impl Teachers {
    /// Loads the models that the recipe names, which must have the vocabulary `pieces`.
    pub fn load(recipe: &Recipe, pieces: &WordPieces, kind: Kind, device: Device) -> Result<Self, TrainError> {
        let load = |folder: &PathBuf| {
            let Model { mut network, pieces: own, .. } = Model::load(folder, device)?;
            if !own.has_vocabulary_of(pieces) {
                let reason = "the teacher has another vocabulary than the model that training starts from".to_owned();
                return Err(TrainError::Data { path: folder.join("tokenizer.json"), reason });
            }
            network.store.freeze();
            let encoder = no_grad(|| network.encoder(kind));
            Ok((network, encoder))
        };
        let models = recipe.teachers.iter().map(load).collect::<Result<_, TrainError>>()?;
        Ok(Teachers { models, thought: RefCell::default(), weight: recipe.teaching })
    }

    /// What the teachers think of batch `number`, which is the same whenever it comes; `None` without teachers.
    pub fn opinion(&self, pieces: &WordPieces, batch: &Batch, number: usize) -> Option<Rc<Opinion>> {
        if let Some(opinion) = self.thought.borrow().get(&number) {
            return Some(Rc::clone(opinion));
        }
        let opinion = Rc::new(self.ask(pieces, batch)?);
        self.thought.borrow_mut().insert(number, Rc::clone(&opinion));
        Some(opinion)
    }

    fn ask(&self, pieces: &WordPieces, batch: &Batch) -> Option<Opinion> {
        no_grad(|| {
            let opinions = self.models.iter().map(|(network, encoder)| {
                let states = encode(encoder, pieces, batch, network.store.device(), Mode::Consult);
                let names = network.names.forward(&states.hidden).softmax(-1, Kind::Float);
                let pairs = pair_logits(network, batch, &states, 0.0, false);
                Opinion { names, pairs: pairs.map(|logits| logits.map(|l| l.softmax(-1, Kind::Float))) }
            });
            let sum = opinions.reduce(|a, b| Opinion {
                names: a.names + b.names,
                pairs: a.pairs.zip(b.pairs).map(|(a, b)| a.zip(&b, |a, b| a + b)),
            })?;
            let share = 1.0 / self.models.len() as f64;
            Some(Opinion { names: sum.names * share, pairs: sum.pairs.map(|p| p.map(|p| p * share)) })
        })
    }
}
