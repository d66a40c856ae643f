//! The best one-to-one assignment of two sets.

use std::collections::BTreeMap;

/// Greatest total weight of a one-to-one assignment, where `edges` are the pairs (left, right, weight)
/// of positive weight; a pair that is not among them weighs nothing.
///
/// The graph falls into small connected parts, since entities share mentions with few others. Each part
/// is solved by the Hungarian method (Kuhn 1955, in the form with potentials), cubic in its size.
pub(super) fn best_assignment(edges: &[(usize, usize, f64)]) -> f64 {
    components(edges).iter().map(|part| solve(part)).sum()
}

/// The edges by connected part.
fn components(edges: &[(usize, usize, f64)]) -> Vec<Vec<(usize, usize, f64)>> {
    let mut root: Vec<usize> = (0..edges.len()).collect();
    let mut first_of: BTreeMap<(bool, usize), usize> = BTreeMap::new();
    for (ix, &(left, right, _)) in edges.iter().enumerate() {
        for node in [(false, left), (true, right)] {
            let first = *first_of.entry(node).or_insert(ix);
            let (a, b) = (find(&mut root, first), find(&mut root, ix));
            root[a.max(b)] = a.min(b);
        }
    }
    let mut parts: BTreeMap<usize, Vec<(usize, usize, f64)>> = BTreeMap::new();
    for (ix, &edge) in edges.iter().enumerate() {
        parts.entry(find(&mut root, ix)).or_default().push(edge);
    }
    parts.into_values().collect()
}

fn find(root: &mut [usize], mut ix: usize) -> usize {
    while root[ix] != ix {
        root[ix] = root[root[ix]];
        ix = root[ix];
    }
    ix
}

fn solve(edges: &[(usize, usize, f64)]) -> f64 {
    if let [(_, _, weight)] = edges {
        return *weight;
    }
    let numbered = |side: fn(&(usize, usize, f64)) -> usize| {
        let mut nodes: Vec<usize> = edges.iter().map(side).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    };
    let (mut rows, mut columns) = (numbered(|e| e.0), numbered(|e| e.1));
    let turned = rows.len() > columns.len();
    if turned {
        std::mem::swap(&mut rows, &mut columns);
    }
    let mut cost = vec![vec![0.0; columns.len()]; rows.len()];
    for &(left, right, weight) in edges {
        let (row, column) = if turned { (right, left) } else { (left, right) };
        let at = (rows.binary_search(&row), columns.binary_search(&column));
        if let (Ok(r), Ok(c)) = at {
            cost[r][c] = -weight;
        }
    }
    -hungarian(&cost)
}

/// Least total cost of an assignment of all rows to columns, of which there are at least as many.
fn hungarian(cost: &[Vec<f64>]) -> f64 {
    let (n, m) = (cost.len(), cost[0].len());
    // Row and column 0 stand for "none"; `row_of[c]` is the row that holds column `c`.
    let (mut of_row, mut of_column) = (vec![0.0; n + 1], vec![0.0; m + 1]);
    let mut row_of = vec![0; m + 1];
    for row in 1..=n {
        row_of[0] = row;
        let (mut least, mut used) = (vec![f64::INFINITY; m + 1], vec![false; m + 1]);
        let mut before = vec![0; m + 1];
        let mut column = 0;
        while row_of[column] != 0 {
            used[column] = true;
            let r = row_of[column];
            let (mut delta, mut next) = (f64::INFINITY, 0);
            for c in (1..=m).filter(|&c| !used[c]) {
                let reduced = cost[r - 1][c - 1] - of_row[r] - of_column[c];
                if reduced < least[c] {
                    least[c] = reduced;
                    before[c] = column;
                }
                if least[c] < delta {
                    delta = least[c];
                    next = c;
                }
            }
            for c in 0..=m {
                if used[c] {
                    of_row[row_of[c]] += delta;
                    of_column[c] -= delta;
                } else {
                    least[c] -= delta;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[before[column]];
            column = before[column];
        }
    }
    (1..=m).filter(|&c| row_of[c] > 0).map(|c| cost[row_of[c] - 1][c - 1]).sum()
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::SplitMix64;
    use super::*;

    /// Tries every assignment of the lefts from `left` on.
    fn brute(edges: &[(usize, usize, f64)], left: usize, taken: u32) -> f64 {
        if left == 8 {
            return 0.0;
        }
        let mut best = brute(edges, left + 1, taken);
        for &(_, right, weight) in edges.iter().filter(|e| e.0 == left && taken & (1 << e.1) == 0) {
            best = best.max(weight + brute(edges, left + 1, taken | (1 << right)));
        }
        best
    }

    #[test]
    fn the_best_of_all_assignments_is_found() {
        let mut random = SplitMix64::new(5, 0);
        for density in [10, 30, 60, 100].repeat(50) {
            let mut edges = Vec::new();
            for (left, right) in (0..6).flat_map(|l| (0..5).map(move |r| (l, r))) {
                if random.below(100) < density {
                    edges.push((left, right, (1 + random.below(50)) as f64 / 64.0));
                }
            }
            let (found, best) = (best_assignment(&edges), brute(&edges, 0, 0));
            assert!((found - best).abs() < 1e-12, "{found} is not {best} for {edges:?}");
        }
    }

    #[test]
    fn nothing_to_assign_weighs_nothing() {
        assert_eq!(best_assignment(&[]), 0.0);
    }
}
