//! Linear layers over any number of rows.

use tch::nn::{Linear, Module};
use tch::Tensor;

/// Rows are filled up to a multiple of this. In bf16 libtorch compiles a product anew for every shape that it meets,
/// and keeps what it compiled: hundreds of megabytes and a tenth of the time, if each text had its own shapes.
const STEP: i64 = 64;

/// `layer` applied to `rows` `[rows, in]`: `[rows, out]`.
pub fn by_rows(layer: &Linear, rows: &Tensor) -> Tensor {
    let count = rows.size()[0];
    let missing = (STEP - count % STEP) % STEP;
    if missing == 0 {
        return layer.forward(rows);
    }
    layer.forward(&rows.constant_pad_nd([0, 0, 0, missing])).narrow(0, 0, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::nn::{self, VarStore};
    use tch::{Device, Kind};

    #[test]
    fn every_number_of_rows_comes_out_as_from_the_layer_itself() {
        tch::manual_seed(5);
        let store = VarStore::new(Device::Cpu);
        let layer = nn::linear(store.root(), 7, 3, Default::default());
        for count in [0, 1, 63, 64, 65, 130] {
            let rows = Tensor::randn([count, 7], (Kind::Float, Device::Cpu));
            let (own, padded) = (layer.forward(&rows), by_rows(&layer, &rows));
            assert_eq!(own.size(), padded.size());
            assert!(own.allclose(&padded, 1e-5, 1e-6, false), "{count} rows");
        }
    }
}
