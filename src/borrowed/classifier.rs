//! A classifier and how it reads any number of sequences.

use std::sync::Arc;

use tch::nn::VarStore;
use tch::{no_grad, Device, Kind, Tensor};

use super::architecture::{Batch, Forward, Task};
use super::folder::Folder;
use crate::model::ModelError;

/// Most pieces that are read at a time, those that fill up counted; one longer sequence is read alone.
const BATCH_PIECES: usize = 2_048;

/// Pieces of a text, or of a pair of texts, with the special ones.
pub(super) struct Sequence {
    /// Vocabulary indices.
    pub ids: Vec<i64>,
    /// Which of the two texts each piece is of: 0 or 1.
    pub types: Vec<i64>,
}

/// A model of one thread; its variables may be shared.
pub(super) struct Classifier {
    folder: Arc<Folder>,
    store: VarStore,
    forward: Forward,
}

impl Classifier {
    /// Loads the model of a folder once for each of `threads` threads, its variables in the same memory.
    pub fn load(folder: &Arc<Folder>, device: Device, threads: usize) -> Result<Vec<Self>, ModelError> {
        let first = Self::declare(folder, device)?;
        folder.fill(&first.store)?;
        let variables = first.store.variables();
        let mut all = vec![first];
        for _ in 1..threads {
            let another = Self::declare(folder, device)?;
            for (name, mut variable) in another.store.variables() {
                no_grad(|| variable.set_data(&variables[&name]));
            }
            all.push(another);
        }
        all.iter_mut().for_each(|classifier| classifier.store.freeze());
        Ok(all)
    }

    fn declare(folder: &Arc<Folder>, device: Device) -> Result<Self, ModelError> {
        let store = VarStore::new(device);
        let forward = folder.declare(&store)?;
        Ok(Classifier { folder: folder.clone(), store, forward })
    }

    /// Reads sequences of these lengths, in batches of similar length. `take` gets the number of each and the
    /// logarithms of its labels' probabilities: a row for every piece, or one for the whole.
    pub fn read(
        &self,
        lengths: &[usize],
        sequence: impl Fn(usize) -> Sequence,
        mut take: impl FnMut(usize, &[f32]),
    ) -> Result<(), String> {
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&i| lengths[i]);
        let mut rest = &order[..];
        while !rest.is_empty() {
            let fits = |n: usize| n == 1 || n * lengths[rest[n - 1]] <= BATCH_PIECES;
            let count = (1..=rest.len()).take_while(|&n| fits(n)).last().unwrap_or(1);
            let (now, later) = rest.split_at(count);
            let width = lengths[now[count - 1]];
            let sequences: Vec<Sequence> = now.iter().map(|&i| sequence(i)).collect();
            let rows = self.log_probabilities(&sequences, width)?;
            for (row, &i) in rows.chunks_exact(rows.len() / count).zip(now) {
                let own =
                    if self.folder.task == Task::Tokens { lengths[i] * self.folder.labels.len() } else { row.len() };
                take(i, &row[..own]);
            }
            rest = later;
        }
        Ok(())
    }

    /// Of all sequences, filled up to `width`, one behind the other.
    fn log_probabilities(&self, sequences: &[Sequence], width: usize) -> Result<Vec<f32>, String> {
        let padding = self.folder.padding;
        let first = self.folder.architecture.first_position(padding);
        let tensor = |of: &dyn Fn(&Sequence, usize) -> i64| {
            let all: Vec<i64> = sequences.iter().flat_map(|s| (0..width).map(move |i| of(s, i))).collect();
            Tensor::from_slice(&all).view([-1, width as i64]).to_device(self.store.device())
        };
        let batch = Batch {
            ids: tensor(&|s, i| s.ids.get(i).copied().unwrap_or(padding)),
            types: tensor(&|s, i| s.types.get(i).copied().unwrap_or(0).min((self.folder.types - 1).max(0))),
            mask: tensor(&|s, i| i64::from(i < s.ids.len())),
            positions: tensor(&|s, i| if i < s.ids.len() { first + i as i64 } else { padding }),
        };
        let logits = no_grad(|| (self.forward)(&batch)).map_err(|e| e.to_string())?;
        let flat = logits.log_softmax(-1, Kind::Float).to_device(Device::Cpu).contiguous().view([-1]);
        Vec::<f32>::try_from(&flat).map_err(|e| e.to_string())
    }
}
