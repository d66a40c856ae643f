//! Weights on disk: safetensors, checked before they are used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tch::nn::VarStore;
use tch::{Kind, Tensor};

/// A weight file that does not fit the model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file is missing or cannot be read.
    #[error("{path}: {cause}; the model folder is incomplete, fetch it again")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is no safetensors file, or was cut short.
    #[error("{path}: no whole safetensors file ({reason}); fetch it again")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The weights are there, but not as one safetensors file.
    #[error("{path}: {reason}; {way}")]
    Form {
        /// The file that holds them, or says which do.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// How to get what is read.
        way: String,
    },
    /// A tensor is missing or has another shape or type than the model needs.
    #[error("{path}: tensor {name}: {reason}; the weights belong to another model")]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Name of the file of the weights in a model folder.
pub const FILE: &str = "model.safetensors";
/// What else libraries put weights into.
const OTHER_FILES: [&str; 4] = ["pytorch_model.bin", "rust_model.ot", "tf_model.h5", "flax_model.msgpack"];
/// What says in which of several files a weight is.
const LISTS_OF_FILES: [&str; 2] = ["model.safetensors.index.json", "pytorch_model.bin.index.json"];

/// The file of the weights in a `folder` that Python's transformers wrote, where they are of the `class` that it has
/// them as. It may be missing, but the folder then has no other.
pub fn file_in(folder: &Path, class: &str) -> Result<PathBuf, WeightsError> {
    let file = folder.join(FILE);
    if file.exists() {
        return Ok(file);
    }
    let found = |names: &[&str]| names.iter().map(|name| folder.join(name)).find(|other| other.exists());
    let (path, reason) = if let Some(other) = found(&OTHER_FILES) {
        (other, format!("only weights in {FILE} are read, which hold no program"))
    } else if let Some(list) = found(&LISTS_OF_FILES) {
        (list, format!("the weights lie in several files, expected {FILE}"))
    } else {
        return Ok(file);
    };
    Err(WeightsError::Form { path, reason, way: rewritten(folder, class) })
}

/// How to have transformers write what `folder` has of `class` in the form that is read.
pub fn rewritten(folder: &Path, class: &str) -> String {
    let folder = folder.display();
    format!("write them with `python -c \"from transformers import {class} as A; A.from_pretrained(r'{folder}').save_pretrained(r'{folder}', max_shard_size='99GB')\"`")
}

fn kind(dtype: Dtype) -> Option<Kind> {
    match dtype {
        Dtype::F32 => Some(Kind::Float),
        Dtype::BF16 => Some(Kind::BFloat16),
        Dtype::F16 => Some(Kind::Half),
        _ => None,
    }
}

/// Fills the variables of `store` from the tensors of their names in `path`.
pub fn fill(store: &VarStore, path: &Path) -> Result<(), WeightsError> {
    fill_renamed(store, path, |name| Some(name.to_owned()))
}

/// Fills the variables of `store` from `path`, which holds each under the name that `name_there` tells; `None` leaves
/// the variable as it was initialised.
pub fn fill_renamed(
    store: &VarStore,
    path: &Path,
    name_there: impl Fn(&str) -> Option<String>,
) -> Result<(), WeightsError> {
    let bytes = fs::read(path).map_err(|cause| WeightsError::Read { path: path.into(), cause })?;
    let file = SafeTensors::deserialize(&bytes)
        .map_err(|e| WeightsError::Format { path: path.into(), reason: e.to_string() })?;
    let variables: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
    for (name, mut variable) in variables {
        let Some(name) = name_there(&name) else { continue };
        let error = |reason: String| WeightsError::Tensor { path: path.into(), name: name.clone(), reason };
        let view = file.tensor(&name).map_err(|_| error("missing".to_owned()))?;
        let tensor = read(&view, &variable.size()).map_err(error)?;
        tch::no_grad(|| variable.copy_(&tensor));
    }
    Ok(())
}

fn read(view: &TensorView, shape: &[i64]) -> Result<Tensor, String> {
    let found: Vec<i64> = view.shape().iter().map(|&d| d as i64).collect();
    let kind = kind(view.dtype()).ok_or_else(|| format!("type {:?}, expected F32, BF16 or F16", view.dtype()))?;
    if found != shape {
        return Err(format!("shape {found:?}, expected {shape:?}"));
    }
    Tensor::f_from_data_size(view.data(), &found, kind).map_err(|e| e.to_string())
}

/// Writes all variables of `store` to `path`, in `kind`, sorted by name.
pub fn write(store: &VarStore, path: &Path, kind: Kind) -> Result<(), WeightsError> {
    let tensors: BTreeMap<String, Tensor> = store
        .variables()
        .into_iter()
        .map(|(name, t)| (name, t.detach().to_device(tch::Device::Cpu).to_kind(kind).contiguous()))
        .collect();
    write_tensors(&tensors, path)
}

/// Writes named tensors to `path`.
pub fn write_tensors(tensors: &BTreeMap<String, Tensor>, path: &Path) -> Result<(), WeightsError> {
    let named: Vec<(&String, &Tensor)> = tensors.iter().collect();
    Tensor::write_safetensors(&named, path)
        .map_err(|e| WeightsError::Format { path: path.into(), reason: e.to_string() })
}

/// Reads all tensors of `path`.
pub fn read_tensors(path: &Path) -> Result<BTreeMap<String, Tensor>, WeightsError> {
    fs::File::open(path).map_err(|cause| WeightsError::Read { path: path.into(), cause })?;
    let tensors = Tensor::read_safetensors(path)
        .map_err(|e| WeightsError::Format { path: path.into(), reason: e.to_string() })?;
    Ok(tensors.into_iter().collect())
}

/// The name that a tensor has in weights that were converted from TensorFlow.
pub fn older_name(name: &str) -> String {
    name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
}

/// The names of all tensors of `path`.
pub fn names(path: &Path) -> Result<BTreeSet<String>, WeightsError> {
    let bytes = fs::read(path).map_err(|cause| WeightsError::Read { path: path.into(), cause })?;
    let (_, header) = SafeTensors::read_metadata(&bytes)
        .map_err(|e| WeightsError::Format { path: path.into(), reason: e.to_string() })?;
    Ok(header.tensors().into_keys().collect())
}
