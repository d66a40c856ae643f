//! Attention that knows how far apart two pieces are.
//!
//! All tables have a row for each distance, the query's position less the key's, from the least to the greatest.
//! They are kept and computed with in 32 bits: in bf16 libtorch would compile their products anew for every length.

use tch::{Kind, Tensor};

/// The distances between queries and keys of one text.
pub struct Distances {
    /// Row of each distance, `[queries, keys]`, in the part of a table that the text needs.
    rows: Tensor,
    /// Pieces of the text: all distances are smaller.
    length: i64,
}

impl Distances {
    /// The distances from positions `queries` to positions `keys` of a text of `length` pieces.
    pub fn new(queries: &Tensor, keys: &Tensor, length: i64) -> Self {
        Distances { rows: queries.unsqueeze(1) - keys.unsqueeze(0) + (length - 1), length }
    }

    /// The rows of `table` `[distances, …]` that the text needs.
    fn part(&self, table: &Tensor) -> Tensor {
        table.narrow(0, (table.size()[0] - 1) / 2 - (self.length - 1), 2 * self.length - 1)
    }
}

/// Scores for distances, `[distances, heads]`, the same in all layers. Training leaves them as they are: their gradient
/// is that of every pair of pieces, and costs more than it teaches.
pub struct Bias(Tensor);

impl Bias {
    /// Computes with `table`.
    pub fn new(table: &Tensor) -> Self {
        Bias(table.detach().to_kind(Kind::Float))
    }

    /// What attention adds to its scores, `[1, heads, queries, keys]`.
    pub fn scores(&self, distances: &Distances) -> Tensor {
        let scores = distances.part(&self.0).index_select(0, &distances.rows.flatten(0, 1));
        scores.view([distances.rows.size()[0], distances.rows.size()[1], -1]).permute([2, 0, 1]).unsqueeze(0)
    }
}

/// Keys and queries for distances in one layer: disentangled attention (He et al. 2021, "DeBERTa").
pub struct Disentangled {
    /// `[distances, heads, hidden / heads]`.
    keys: Tensor,
    /// `[distances, heads, hidden / heads]`.
    queries: Tensor,
}

impl Disentangled {
    /// Computes with tables `[distances, hidden]`.
    pub fn new(keys: &Tensor, queries: &Tensor, heads: i64) -> Self {
        let by_head = |table: &Tensor| table.to_kind(Kind::Float).view([table.size()[0], heads, -1]);
        Disentangled { keys: by_head(keys), queries: by_head(queries) }
    }

    /// What attention multiplies its scores with: they are sums of three products.
    pub fn scale(queries: &Tensor) -> f64 {
        1.0 / (3.0 * queries.size()[2] as f64).sqrt()
    }

    /// What attention adds to its scores, `[1, heads, queries, keys]`: each query with the keys of the distances, and
    /// each key with their queries.
    pub fn scores(&self, queries: &Tensor, keys: &Tensor, distances: &Distances) -> Tensor {
        let products = |states: &Tensor, table: &Tensor, rows: &Tensor| {
            let states = states.to_kind(Kind::Float).transpose(0, 1);
            let products = states.bmm(&distances.part(table).permute([1, 2, 0]));
            let rows = rows.unsqueeze(0).expand([products.size()[0], -1, -1], false);
            products.gather(-1, &rows, false)
        };
        let to_distance = products(queries, &self.keys, &distances.rows);
        let from_distance = products(keys, &self.queries, &distances.rows.transpose(0, 1)).transpose(1, 2);
        ((to_distance + from_distance) * Self::scale(queries)).unsqueeze(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    /// Tables for texts of up to 4 pieces, two heads of three numbers, and three queries and five keys of a text of
    /// three pieces.
    fn example() -> (Vec<i64>, Vec<i64>, [Tensor; 4]) {
        tch::manual_seed(8);
        let random = |rows: i64, width: &[i64]| Tensor::randn([&[rows], width].concat(), (Kind::Float, Device::Cpu));
        let tensors = [random(7, &[6]), random(7, &[6]), random(3, &[2, 3]), random(5, &[2, 3])];
        (vec![2, 0, 1], vec![0, 1, 2, 1, 2], tensors)
    }

    fn distances(queries: &[i64], keys: &[i64]) -> Distances {
        Distances::new(&Tensor::from_slice(queries), &Tensor::from_slice(keys), 3)
    }

    #[test]
    fn every_pair_of_pieces_has_the_rows_of_its_distance() {
        let (at, to, [key_table, query_table, queries, keys]) = example();
        let scores = Disentangled::new(&key_table, &query_table, 2).scores(&queries, &keys, &distances(&at, &to));
        assert_eq!(scores.size(), [1, 2, 3, 5]);
        for (q, k, head) in (0..3).flat_map(|q| (0..5).flat_map(move |k| [(q, k, 0), (q, k, 1)])) {
            let row = at[q as usize] - to[k as usize] + 3;
            let part = |table: &Tensor| table.get(row).narrow(0, 3 * head, 3);
            let (query, key) = (queries.get(q).get(head), keys.get(k).get(head));
            let expected = (query.dot(&part(&key_table)) + key.dot(&part(&query_table))) / 3.0;
            let found = scores.double_value(&[0, head, q, k]);
            assert!((found - expected.double_value(&[])).abs() < 1e-5, "query {q}, key {k}, head {head}");
        }
    }

    #[test]
    fn a_bias_is_that_of_the_distance() {
        let (at, to, [table, ..]) = example();
        let scores = Bias::new(&table).scores(&distances(&at, &to));
        assert_eq!(scores.size(), [1, 6, 3, 5]);
        assert_eq!(scores.double_value(&[0, 4, 0, 1]), table.double_value(&[2 - 1 + 3, 4]));
        assert_eq!(scores.double_value(&[0, 0, 1, 4]), table.double_value(&[1, 0]));
    }
}
