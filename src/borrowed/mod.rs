//! Models that others trained, in the form in which Hugging Face's libraries save them, in the place of our own heads.
//!
//! A folder holds `config.json`, `model.safetensors` and `tokenizer.json`. [`Names`] takes a model for token
//! classification in the place of the NER head, [`Entailment`] one for natural-language inference, with hypotheses of
//! the user's, in the place of the relation head (Yin et al. 2019, "Benchmarking Zero-shot Text Classification").
//! All compute in fp32, document by document, so that what comes out does not depend on what lies beside it.

mod architecture;
mod classifier;
mod deberta;
mod entailment;
mod folder;
mod hypotheses;
mod names;
mod pieces;
#[cfg(test)]
mod reference;
mod tags;

pub use entailment::{Entailment, Question};
pub use hypotheses::{Hypotheses, HypothesesError, Hypothesis};
pub use names::{Name, Names};
