//! PLOVER root and quad class of pairs that were given.

use serde::Serialize;

use super::relations::names;
use super::score::Classification;
use super::tally::{Cell, Tally};
use crate::labels::{Event, QuadClass};

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
pub(super) fn tally_event(gold: Event, pred: Option<Event>) -> Tally {
    let mut tally = Tally::default();
    tally.one(Cell::Root(gold, pred));
    tally
}

/// Scores of given pairs.
pub(super) fn events(tally: &Tally) -> Option<Events> {
    let count = |g: Event, p: Option<Event>| tally.count(Cell::Root(g, p));
    let found = Events {
        roots: Classification::new(&names(Event::ALL, Event::name), Some(NOT_PREDICTED), |g, p| {
            count(Event::ALL[g], Event::ALL.get(p).copied())
        }),
        quad: Classification::new(&names(QuadClass::ALL, QuadClass::name), Some(NOT_PREDICTED), |g, p| {
            let quad = |q: Option<&QuadClass>, e: Event| q.is_none_or(|&q| e.quad() == q);
            let golds = Event::ALL.iter().filter(|e| quad(QuadClass::ALL.get(g), **e));
            golds
                .map(|&gold| match QuadClass::ALL.get(p) {
                    None => count(gold, None),
                    Some(q) => Event::ALL.iter().filter(|e| e.quad() == *q).map(|&e| count(gold, Some(e))).sum(),
                })
                .sum()
        }),
    };
    (found.roots.items > 0).then_some(found)
}

#[cfg(test)]
mod tests {
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
        let tallies: Vec<_> = pairs.iter().map(|&(g, p)| tally_event(g, p)).collect();
        let e = events(&Tally::sum(&tallies)).unwrap();
        assert_eq!((e.roots.accuracy, e.roots.items), (0.4, 5));
        // AGREE and ACCUSE: P 1, R 1/2, F 2/3. CONSULT, ASSAULT: 0. The other eleven occur nowhere.
        assert!((e.roots.macro_f1 - (2.0 / 3.0 + 2.0 / 3.0) / 4.0).abs() < 1e-12);
        // Verbal cooperation: 1. Verbal conflict: P 1, R 1/2, F 2/3. Material conflict: 0.
        assert_eq!(e.quad.accuracy, 0.6);
        assert!((e.quad.macro_f1 - (1.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12);
        assert_eq!(e.roots.confusion.get("ASSAULT").and_then(|row| row.get(NOT_PREDICTED)), Some(&1));
    }
}
