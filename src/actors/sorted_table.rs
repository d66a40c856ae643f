//! Long tables of names that are searched where they lie: loading one costs no more than reading the file.

use super::folding::fold;

/// Lines sorted by the folded name in their first column.
#[derive(Debug)]
pub(crate) struct SortedTable {
    /// Index of the file.
    pub(crate) file: u16,
    text: String,
    /// Where the first line after the header begins.
    body: usize,
}

impl SortedTable {
    /// A table by its text, the header in the first line.
    pub(crate) fn new(file: u16, text: String) -> Self {
        let body = text.find('\n').map_or(text.len(), |at| at + 1);
        SortedTable { file, text, body }
    }

    /// The lines after the header with their number in the file.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        (2..).zip(self.text[self.body..].lines())
    }

    /// The further columns of the lines whose name folds to `folded`, each line's by a tab.
    pub(crate) fn of<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let lines = self.text[self.first(folded)..].lines();
        lines.map(|l| l.split_once('\t').unwrap_or((l, ""))).take_while(move |(name, _)| fold(name) == folded)
    }

    /// Where the first line begins whose folded name is not before `folded`.
    fn first(&self, folded: &str) -> usize {
        let bytes = self.text.as_bytes();
        let (mut low, mut high) = (self.body, self.text.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let start = bytes[low..middle].iter().rposition(|&b| b == b'\n').map_or(low, |at| low + at + 1);
            let end = bytes[middle..high].iter().position(|&b| b == b'\n').map_or(high, |at| middle + at + 1);
            let name = self.text[start..end].split(['\t', '\n']).next().unwrap_or("");
            if fold(name).as_str() < folded {
                low = end;
            } else {
                high = start;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::SortedTable;

    #[test]
    fn every_name_is_found_with_all_its_lines() {
        let table = SortedTable::new(0, "name\tcode\nAb\t1\nÀb\t2\nbé\t3\nc d\t4\nz\t5".to_owned());
        let of = |name: &str| table.of(name).map(|(_, rest)| rest.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            (of("ab"), of("be"), of("c d"), of("z")),
            (vec!["1".to_owned(), "2".to_owned()], vec!["3".to_owned()], vec!["4".to_owned()], vec!["5".to_owned()])
        );
        for absent in ["", "a", "b", "bf", "zz"] {
            assert!(of(absent).is_empty(), "{absent}");
        }
        assert_eq!(table.lines().last(), Some((6, "z\t5")));
        assert_eq!(SortedTable::new(0, String::new()).of("a").count(), 0);
    }
}
