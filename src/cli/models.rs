//! Where the model and the knowledge base lie.

use std::env;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{bail, Result};
use demarche::actors::KnowledgeBase;
use demarche::annotator::{NeuralAnnotator, TakeGiven};
use demarche::borrowed::{Entailment, Hypotheses, Names};
use demarche::model::Model;
use demarche::pipeline::Annotator;
use tch::Kind;

use super::flags::{BorrowedFlags, Device, DeviceFlags, GivenParts, ModelFlags, Precision};
use super::processor;

/// Names the folder that holds models, when set.
const VARIABLE: &str = "DEMARCHE_MODELS";
/// The model that the project ships.
const MODEL: &str = "demarche-mini";
/// The knowledge base that the project ships.
const ACTORS: &str = "actors";

/// Folder of the model: the one asked for or the shipped one.
pub fn model_folder(flags: &ModelFlags) -> Result<PathBuf> {
    match &flags.model {
        Some(folder) if !folder.is_dir() => bail!("--model {}: no such folder", folder.display()),
        Some(folder) => Ok(folder.clone()),
        None => shipped(MODEL, "--model DIR"),
    }
}

/// The knowledge base's folder and the tables that are added to it.
pub fn actor_tables(paths: &[PathBuf]) -> Result<(PathBuf, Vec<PathBuf>)> {
    let (folders, tables): (Vec<_>, Vec<_>) = paths.iter().cloned().partition(|path| path.is_dir());
    if let Some(missing) = tables.iter().find(|table| !table.is_file()) {
        bail!("--actors {}: no such file or folder", missing.display());
    }
    match &folders[..] {
        [] => Ok((shipped(ACTORS, "--actors DIR")?, tables)),
        [folder] => Ok((folder.clone(), tables)),
        [_, second, ..] => {
            bail!("--actors {}: a second folder; give one folder and any number of .tsv files", second.display())
        }
    }
}

/// The folder `name` among the models: where the environment says, here, or in the repository that the program was
/// built in.
fn shipped(name: &str, flag: &str) -> Result<PathBuf> {
    let places = places(name);
    match places.iter().find(|place| place.is_dir()) {
        Some(folder) => Ok(folder.clone()),
        None => {
            let places: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
            bail!(
                "no folder {name} found, looked for {}; give it with {flag}, or name the folder that holds it in {VARIABLE}",
                places.join(", ")
            )
        }
    }
}

/// Where a shipped folder may lie, in the order of search.
fn places(name: &str) -> Vec<PathBuf> {
    if let Some(models) = env::var_os(VARIABLE).filter(|models| !models.is_empty()) {
        return vec![Path::new(&models).join(name)];
    }
    let here = Path::new("models").join(name);
    // target/release/demarche lies three levels down in the repository, an installed one beside its models.
    let program = env::current_exe().and_then(|program| program.canonicalize()).unwrap_or_default();
    let beside = program.ancestors().skip(1).take(4).map(|folder| folder.join("models").join(name));
    std::iter::once(here).chain(beside).collect()
}

/// Loads and checks the model in `folder`.
pub fn load(folder: &Path, device: tch::Device) -> Result<Model> {
    Ok(Model::load(folder, device)?)
}

/// Loads the knowledge base.
pub fn knowledge_base(paths: &[PathBuf]) -> Result<KnowledgeBase> {
    let (folder, tables) = actor_tables(paths)?;
    let tables: Vec<&Path> = tables.iter().map(PathBuf::as_path).collect();
    Ok(KnowledgeBase::load_with(&folder, &tables)?)
}

/// The device, if this machine and this libtorch have it.
pub fn device(device: Device) -> Result<tch::Device> {
    match device {
        Device::Cpu => Ok(tch::Device::Cpu),
        Device::Cuda if tch::Cuda::is_available() => Ok(tch::Device::Cuda(0)),
        Device::Mps if tch::utils::has_mps() => Ok(tch::Device::Mps),
        Device::Cuda | Device::Mps => bail!("--device {}: not there; `demarche doctor` tells more", device.name()),
    }
}

/// What the encoder computes with on `place`.
pub fn kind(precision: Precision, place: tch::Device) -> Kind {
    match precision {
        Precision::Bf16 => Kind::BFloat16,
        Precision::Fp32 => Kind::Float,
        Precision::Auto if place == tch::Device::Cpu && !processor::is_fast_in_bf16() => Kind::Float,
        Precision::Auto => Kind::BFloat16,
    }
}

/// What annotates documents: the model with the knowledge base and what is borrowed, for so many threads at a time.
pub fn annotator(
    model: &ModelFlags,
    borrowed: &BorrowedFlags,
    device: &DeviceFlags,
    given: Option<GivenParts>,
    threads: NonZeroUsize,
) -> Result<Box<dyn Annotator>> {
    if let (Some(folder), Some(given)) = (&borrowed.ner_model, given) {
        bail!(
            "--ner-model {} would find names, but --given {} takes them from the documents; leave one of the two out",
            folder.display(),
            given.name()
        );
    }
    let place = self::device(device.device)?;
    let mut annotator = neural_annotator(model, device, given, threads)?;
    if let Some(names) = names(borrowed, place, threads)? {
        annotator = annotator.with_names(names);
    }
    if let Some(entailment) = entailment(borrowed, place, threads)? {
        annotator = annotator.with_entailment(entailment);
    }
    Ok(Box::new(annotator))
}

/// The model of --ner-model.
pub fn names(flags: &BorrowedFlags, device: tch::Device, threads: NonZeroUsize) -> Result<Option<Names>> {
    let Some(folder) = &flags.ner_model else { return Ok(None) };
    if !folder.is_dir() {
        bail!("--ner-model {}: no such folder", folder.display());
    }
    Ok(Some(Names::load(folder, device, threads.get())?))
}

/// The model of --nli-model with its hypotheses.
pub fn entailment(flags: &BorrowedFlags, device: tch::Device, threads: NonZeroUsize) -> Result<Option<Entailment>> {
    let (Some(folder), Some(file)) = (&flags.nli_model, &flags.hypotheses) else { return Ok(None) };
    if !folder.is_dir() {
        bail!("--nli-model {}: no such folder", folder.display());
    }
    let hypotheses = Hypotheses::read(file)?;
    Ok(Some(Entailment::load(folder, hypotheses, device, threads.get())?))
}

/// The model with the knowledge base alone, by its type.
pub fn neural_annotator(
    model: &ModelFlags,
    device: &DeviceFlags,
    given: Option<GivenParts>,
    threads: NonZeroUsize,
) -> Result<NeuralAnnotator> {
    let folder = model_folder(model)?;
    let place = self::device(device.device)?;
    let kind = kind(device.precision, place);
    let given = given.map(|given| match given {
        GivenParts::Mentions => TakeGiven::Mentions,
        GivenParts::Pairs => TakeGiven::Pairs,
    });
    let (model, knowledge) = (load(&folder, place)?, knowledge_base(&model.actors)?);
    Ok(NeuralAnnotator::new(model, knowledge, kind, given, threads.get()))
}
