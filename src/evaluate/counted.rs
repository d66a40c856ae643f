//! A prediction counted against gold, unit by unit.

use rayon::prelude::*;

use super::align::{align, Aligned, Warning};
use super::events::{tally_event, SureEvent};
use super::records::{tally_records, JudgedRecord};
use super::report::{not_annotated, Documents, Report};
use super::tally::{Cell, Count, Matrix, Tally};
use super::{bootstrap, coreference, linking, mentions, relations, semeval, Options};
use crate::document::Annotation;
use crate::labels::Event;

/// The counts of each unit: a document, a given pair, or a record.
pub(super) struct Counted {
    /// Names of the units, in an order that does not depend on that of the input.
    pub names: Vec<String>,
    pub tallies: Vec<Tally>,
    pub documents: Documents,
    pub warnings: Vec<Warning>,
}

impl Counted {
    pub fn annotations(gold: &[Annotation], pred: &[Annotation]) -> Self {
        let mut warnings = Vec::new();
        let aligned = align(gold, pred, &mut warnings);
        let compared = aligned.iter().filter(|a| a.pred.is_some()).count() as u64;
        Counted {
            names: aligned.iter().map(|a| a.gold.meta.id.clone()).collect(),
            tallies: aligned.par_iter().map(tally_document).collect(),
            documents: Documents { gold: gold.len() as u64, predicted: pred.len() as u64, compared },
            warnings,
        }
    }

    /// `None` where nothing was predicted. The units are named by their number from 1.
    pub fn events(pairs: &[(Event, Option<SureEvent>)]) -> Self {
        let predicted = pairs.iter().filter(|(_, p)| p.is_some()).count() as u64;
        Counted {
            names: (1..=pairs.len()).map(|n| n.to_string()).collect(),
            tallies: pairs.iter().map(|&(gold, pred)| tally_event(gold, pred)).collect(),
            documents: Documents { gold: pairs.len() as u64, predicted, compared: predicted },
            warnings: Vec::new(),
        }
    }

    pub fn records(gold: &[JudgedRecord], pred: &[JudgedRecord]) -> Self {
        let mut warnings = Vec::new();
        let (names, tallies): (_, Vec<Tally>) = tally_records(gold, pred, &mut warnings).into_iter().unzip();
        let compared = Tally::sum(&tallies).count(Cell::Record(Count::Correct));
        let documents = Documents { gold: gold.len() as u64, predicted: pred.len() as u64, compared };
        Counted { names, tallies, documents, warnings }
    }

    pub fn report(self, options: Options) -> Report {
        let units = Matrix::new(&self.tallies);
        let sum = units.total();
        let mut warnings = self.warnings;
        warnings.extend(not_annotated(&sum));
        let intervals = bootstrap::intervals(&units, options.resamples, options.seed, |t| Report::new(t).metrics());
        Report { documents: self.documents, intervals, warnings, ..Report::new(&sum) }
    }
}

fn tally_document(aligned: &Aligned) -> Tally {
    let mut tally = Tally::default();
    mentions::tally_named(aligned, &mut tally);
    semeval::tally_semeval(aligned, &mut tally);
    mentions::tally_anaphors(aligned, &mut tally);
    coreference::tally_coreference(aligned, &mut tally);
    linking::tally_actors(aligned, &mut tally);
    relations::tally_relations(aligned, &mut tally);
    tally.seal()
}
