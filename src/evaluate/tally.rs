//! Counts of a document, such that the counts of a corpus are their sum.
//!
//! Every figure of a report is a function of summed counts. So a report is computed from one sum, and
//! an interval or a test from many sums over the same documents with other weights.

use std::collections::BTreeMap;

use super::calibration::{Bin, Judged};
use super::coreference::{Measure, Part};
use super::relations::{LeftOut, Level, Matching};
use super::semeval::{Mode, Outcome};
use crate::labels::{Act, EntityType, Event, Facet, Modality, Stance};

/// Which side of a comparison is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    Gold,
    Predicted,
    Correct,
}

/// How the actor of a mention was linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Link {
    /// The right code.
    Right,
    /// Another code.
    Wrong,
    /// None, though the gold has one.
    Unknown,
    /// The mention itself was not found.
    Unmatched,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    Named(EntityType, Count),
    SemEval(Mode, Option<EntityType>, Outcome),
    Anaphor(Count),
    Resolved,
    Coreference(Measure, Part),
    Linked(EntityType, Link),
    LinkedAnaphor(Link),
    NullActor(Count),
    Relation(Matching, Level, Count),
    EventOf(Matching, Event, Count),
    ActOf(Matching, Act, Count),
    LeftOut(Matching, LeftOut, Count),
    PairEvent(Matching, Event, Event),
    PairAct(Matching, bool),
    PairStance(Matching, Stance, Stance),
    PairModality(Matching, Modality, Modality),
    Calibration(Judged, u8, Bin),
    Root(Event, Option<Event>),
    Record(Count),
    FacetOf(Facet, FacetCount),
    RecordStance(bool),
}

/// How a facet of a record compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FacetCount {
    Right,
    Wrong,
    Missing,
    Invented,
    /// The status is right and so is the date since which it holds.
    Since,
    /// The status is right, and the gold says since when.
    Dated,
}

/// A sparse vector of counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    cells: Vec<(Cell, f64)>,
}

impl Tally {
    pub fn add(&mut self, cell: Cell, n: f64) {
        if n != 0.0 {
            self.cells.push((cell, n));
        }
    }

    pub fn one(&mut self, cell: Cell) {
        self.cells.push((cell, 1.0));
    }

    /// Sorts the cells and adds up those that are the same.
    pub fn seal(mut self) -> Self {
        self.cells.sort_by_key(|&(cell, _)| cell);
        self.cells.dedup_by(|(cell, n), (kept, sum)| {
            let same = cell == kept;
            if same {
                *sum += *n;
            }
            same
        });
        self
    }

    /// The sum of sealed tallies.
    pub fn sum<'a>(tallies: impl IntoIterator<Item = &'a Tally>) -> Tally {
        let mut sum = BTreeMap::new();
        for &(cell, n) in tallies.into_iter().flat_map(|t| &t.cells) {
            *sum.entry(cell).or_insert(0.0) += n;
        }
        Tally { cells: sum.into_iter().collect() }
    }

    /// The number in `cell` of a sealed tally.
    pub fn get(&self, cell: Cell) -> f64 {
        self.cells.binary_search_by_key(&cell, |&(c, _)| c).map_or(0.0, |ix| self.cells[ix].1)
    }

    /// The number in a cell that only whole numbers are added to.
    pub fn count(&self, cell: Cell) -> u64 {
        self.get(cell) as u64
    }
}

/// The tallies of many units (documents, or examples) over one list of cells, to be summed often.
pub(super) struct Matrix {
    cells: Vec<Cell>,
    rows: Vec<Vec<(u32, f64)>>,
}

impl Matrix {
    pub fn new(tallies: &[Tally]) -> Self {
        let mut cells: Vec<Cell> = tallies.iter().flat_map(|t| t.cells.iter().map(|&(c, _)| c)).collect();
        cells.sort_unstable();
        cells.dedup();
        let column = |cell| cells.binary_search(cell).unwrap_or_default() as u32;
        let rows = tallies.iter().map(|t| t.cells.iter().map(|(c, n)| (column(c), *n)).collect()).collect();
        Matrix { cells, rows }
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The sum of the rows of these indices, of which any may occur often or never.
    pub fn sum(&self, rows: impl Iterator<Item = usize>) -> Tally {
        let mut sums = vec![0.0; self.cells.len()];
        for row in rows {
            for &(column, n) in &self.rows[row] {
                sums[column as usize] += n;
            }
        }
        Tally { cells: self.cells.iter().copied().zip(sums).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up() {
        let mut a = Tally::default();
        a.one(Cell::Anaphor(Count::Gold));
        a.one(Cell::Resolved);
        a.one(Cell::Anaphor(Count::Gold));
        let mut b = Tally::default();
        b.add(Cell::Resolved, 0.5);
        let tallies = [a.seal(), b.seal()];
        let sum = Tally::sum(&tallies);
        assert_eq!((sum.count(Cell::Anaphor(Count::Gold)), sum.get(Cell::Resolved)), (2, 1.5));
        assert_eq!(sum.get(Cell::Record(Count::Gold)), 0.0);
        let twice = Matrix::new(&tallies).sum([1, 1].into_iter());
        assert_eq!((twice.get(Cell::Resolved), twice.get(Cell::Anaphor(Count::Gold))), (1.0, 0.0));
    }
}
