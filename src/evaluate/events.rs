//! PLOVER root and quad class of pairs that were given.

use serde::Serialize;

use super::calibration::{Bins, Judged};
use super::relations::names;
use super::score::Classification;
use super::tally::{Cell, Tally};
use crate::document::Probability;
use crate::labels::{Event, QuadClass};

/// An event and how probable it is said to be.
pub type SureEvent = (Event, Probability);

/// Scores of given pairs.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Events {
    /// The fifteen root classes.
    pub roots: Classification,
    /// The four quad classes, as they follow from the roots.
    pub quad: Classification,
}

/// Name of what was predicted for an example without a prediction.
const NOT_PREDICTED: &str = "not predicted";

/// Counts of one example.
pub(super) fn tally_event(gold: Event, pred: Option<SureEvent>) -> Tally {
    let mut tally = Tally::default();
    tally.one(Cell::Root(gold, pred.map(|(event, _)| event)));
    if let Some((event, probability)) = pred {
        let mut bins = Bins::default();
        bins.judge(probability, event == gold);
        bins.tally(Judged::Event, &mut tally);
    }
    tally
}

/// Scores of given pairs.
pub(super) fn events(tally: &Tally) -> Option<Events> {
    let counts = || {
        tally.iter().filter_map(|(cell, n)| match cell {
            Cell::Root(gold, pred) => Some((gold, pred, n as u64)),
            _ => None,
        })
    };
    // One past the last class is no prediction.
    let root = |e: Option<Event>| e.map_or(Event::ALL.len(), Event::index);
    let quad = |e: Option<Event>| e.map_or(QuadClass::ALL.len(), |e| e.quad().index());
    let roots = counts().map(|(g, p, n)| (g.index(), root(p), n));
    let quads = counts().map(|(g, p, n)| (g.quad().index(), quad(p), n));
    let found = Events {
        roots: Classification::new(&names(Event::ALL, Event::name), NOT_PREDICTED, roots),
        quad: Classification::new(&names(QuadClass::ALL, QuadClass::name), NOT_PREDICTED, quads),
    };
    (found.roots.items > 0).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::calibration::calibration;
    use super::*;

    #[test]
    fn roots_and_quads() {
        use Event::{Accuse, Agree, Assault, Consult};
        let pairs = [
            (Agree, Some(Agree)),
            (Agree, Some(Consult)),
            (Accuse, Some(Assault)),
            (Accuse, Some(Accuse)),
            (Assault, None),
        ];
        let tallies: Vec<_> =
            pairs.iter().map(|&(g, p)| tally_event(g, p.map(|event| (event, Probability::ONE)))).collect();
        let e = events(&Tally::sum(&tallies)).unwrap();
        assert_eq!((e.roots.accuracy, e.roots.items), (0.4, 5));
        // AGREE and ACCUSE: P 1, R 1/2, F 2/3. CONSULT, ASSAULT: 0. The other eleven occur nowhere.
        assert!((e.roots.macro_f1 - (2.0 / 3.0 + 2.0 / 3.0) / 4.0).abs() < 1e-12);
        // Verbal cooperation: 1. Verbal conflict: P 1, R 1/2, F 2/3. Material conflict: 0.
        assert_eq!(e.quad.accuracy, 0.6);
        assert!((e.quad.macro_f1 - (1.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12);
        let sure = calibration(&Tally::sum(&tallies), |_| true).and_then(|c| c.events).unwrap();
        assert_eq!((sure.items, sure.ece), (4, 0.5));
        assert_eq!(e.roots.confusion.get("ASSAULT").and_then(|row| row.get(NOT_PREDICTED)), Some(&1));
    }
}
