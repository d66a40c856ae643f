//! What the project ships, as the annotator that tests read with.

use std::path::Path;

use demarche::actors::KnowledgeBase;
use demarche::annotator::{NeuralAnnotator, TakeGiven};
use demarche::model::Model;
use demarche::pipeline::Annotator;
use tch::{Device, Kind};

/// The shipped model and knowledge base, for one thread, in 32 bits.
pub fn annotator(given: Option<TakeGiven>) -> NeuralAnnotator {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let model = Model::load(&models.join("demarche-mini"), Device::Cpu).unwrap();
    let annotator =
        NeuralAnnotator::new(model, KnowledgeBase::load(&models.join("actors")).unwrap(), Kind::Float, given, 1);
    annotator.enter_thread();
    annotator
}
