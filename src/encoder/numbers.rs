//! From tensors to lists.

use tch::{Device, Kind, Tensor};

/// The numbers of a tensor, wherever it lies, row by row.
pub fn numbers(tensor: &Tensor) -> Vec<f32> {
    let flat = tensor.to_device(Device::Cpu).to_kind(Kind::Float).contiguous().view([-1]);
    // A float tensor on the CPU always becomes a vector.
    Vec::<f32>::try_from(&flat).unwrap_or_default()
}
