//! Counts of a document, such that the counts of a corpus are their sum.
//!
//! Every figure of a report is a function of summed counts. So a report is computed from one sum, and
//! an interval or a test from many sums over the same documents with other weights.

use super::calibration::{Bin, Judged};
use super::coreference::{Measure, Part};
use super::records::Detail;
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
    RecordDetail(Detail, bool),
    Evidence(bool),
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

    /// All cells that hold something.
    pub fn iter(&self) -> impl Iterator<Item = (Cell, f64)> + '_ {
        self.cells.iter().copied()
    }

    /// The sum of sealed tallies.
    pub fn sum<'a>(tallies: impl IntoIterator<Item = &'a Tally>) -> Tally {
        Matrix::new(tallies).total()
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

/// How many sums over the units are made at a time: as many as fit a cache line.
pub(super) const LANES: usize = 8;

/// The tallies of many units (documents, given pairs, records) over one list of cells, to be summed often.
pub(super) struct Matrix {
    cells: Vec<Cell>,
    /// Where the entries of each unit end.
    ends: Vec<usize>,
    /// Index of its cell, of every entry.
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl Matrix {
    /// The matrix of sealed tallies.
    pub fn new<'a>(tallies: impl IntoIterator<Item = &'a Tally>) -> Self {
        let tallies: Vec<&Tally> = tallies.into_iter().collect();
        let mut cells: Vec<Cell> = Vec::new();
        for &(cell, _) in tallies.iter().flat_map(|t| &t.cells) {
            // After the first units hardly any cell is new.
            if let Err(place) = cells.binary_search(&cell) {
                cells.insert(place, cell);
            }
        }
        let mut matrix = Matrix { cells, ends: Vec::new(), columns: Vec::new(), values: Vec::new() };
        for tally in tallies {
            for &(cell, n) in &tally.cells {
                matrix.columns.push(matrix.cells.partition_point(|&c| c < cell) as u32);
                matrix.values.push(n);
            }
            matrix.ends.push(matrix.values.len());
        }
        matrix
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The sum of all units.
    pub fn total(&self) -> Tally {
        let [total, ..] = self.sums(&vec![[1.0; LANES]; self.len()]);
        total
    }

    /// Sums of the units, each taken as often as its weights say, one sum a lane.
    pub fn sums(&self, weights: &[[f64; LANES]]) -> [Tally; LANES] {
        let mut sums = vec![[0.0; LANES]; self.cells.len()];
        let mut from = 0;
        for (&end, weights) in self.ends.iter().zip(weights) {
            for (&column, n) in self.columns[from..end].iter().zip(&self.values[from..end]) {
                for (sum, weight) in sums[column as usize].iter_mut().zip(weights) {
                    *sum += n * weight;
                }
            }
            from = end;
        }
        let lane = |lane| self.cells.iter().zip(&sums).map(|(&cell, sum)| (cell, sum[lane])).collect();
        std::array::from_fn(|ix| Tally { cells: lane(ix) })
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
        let mut weights = [[0.0; LANES]; 2];
        weights[1][3] = 2.0;
        let sums = Matrix::new(&tallies).sums(&weights);
        assert_eq!((sums[3].get(Cell::Resolved), sums[3].get(Cell::Anaphor(Count::Gold))), (1.0, 0.0));
        assert_eq!(sums[0].get(Cell::Resolved), 0.0);
    }
}
