//! A record as of a day: what held then, and what had happened until then, by all that is known now.

use std::collections::BTreeSet;

use super::record::{FacetState, Past, Record};
use super::summary;
use crate::document::{Date, Facet};

impl Record {
    /// The record as of the end of `day`; nothing where nothing is known of that time.
    ///
    /// Each facet has the status that stood on that day, with the confidence of its whole run and the evidence of what
    /// had happened by then, or all of it where the status is known from later reports only. A
    /// status whose beginning is not told is taken to stand from its earliest evidence on, one of which only the end
    /// is told at any time before. Counts and sums are of what took place until then, told by whichever document;
    /// copies no longer count as documents of their own, and mediators are left out where anything is cut, for
    /// they bear no date. A happening keeps all who tell of it.
    pub fn as_of(&self, day: Date) -> Option<Record> {
        let mut record = self.clone();
        for &facet in Facet::ALL {
            *record.facet_mut(facet) = self.facet(facet).and_then(|state| self.state_as_of(state, day));
        }
        let happened: BTreeSet<usize> = (0..self.evidence.len()).filter(|&i| self.had_happened(i, day)).collect();
        let standing = Facet::ALL.iter().filter_map(|&f| record.facet(f));
        let proof = standing.flat_map(|s| s.evidence.iter().chain(s.history.iter().flat_map(|p| &p.evidence)));
        let kept: Vec<usize> = happened.iter().chain(proof).copied().collect::<BTreeSet<_>>().into_iter().collect();
        if kept.is_empty() {
            return None;
        }
        if kept.len() == self.evidence.len() && happened.len() == kept.len() {
            return Some(record);
        }
        record.conflicts.retain(|c| c.evidence.iter().all(|i| happened.contains(i)));
        record.renumber(&kept);
        let past = || happened.iter().map(|&i| &self.evidence[i]);
        record.first = past().filter_map(|e| e.day()).min();
        record.last = past().filter_map(|e| e.day()).max();
        record.documents = past().map(|e| (&e.document, &e.source, e.date)).collect::<BTreeSet<_>>().len();
        let sources = past().map(|e| e.source.as_ref().ok_or((&e.document, e.date)));
        record.sources = sources.collect::<BTreeSet<_>>().len();
        record.contact = summary::meetings(past());
        record.stance = summary::stance(past());
        record.events = summary::events(past());
        record.quad = summary::quad(past());
        record.acts = summary::acts(past());
        record.timeline = summary::timeline(past());
        record.evidence = kept.iter().map(|&i| self.evidence[i].clone()).collect();
        let told: Vec<usize> =
            record.evidence.iter().map(|e| e.happening).collect::<BTreeSet<_>>().into_iter().collect();
        record.happenings = told.iter().filter_map(|&n| self.happenings.get(n)).cloned().collect();
        for evidence in &mut record.evidence {
            evidence.happening = told.partition_point(|&n| n < evidence.happening);
        }
        Some(record)
    }

    /// The state of a facet as of the end of `day`.
    fn state_as_of(&self, state: &FacetState, day: Date) -> Option<FacetState> {
        let days = || state.evidence.iter().filter_map(|&i| self.evidence.get(i)?.day());
        let from = match state.history.last() {
            Some(before) => before.to,
            None => state.since.or_else(|| days().min()),
        };
        if from.is_none_or(|from| !from.is_after(day)) {
            return Some(FacetState { evidence: self.until(day, &state.evidence), ..state.clone() });
        }
        let stood = state.history.iter().rposition(|p| p.from.is_none_or(|from| !from.is_after(day)))?;
        let Past { status, from, confidence, ref evidence, .. } = state.history[stood];
        let history = state.history[..stood].to_vec();
        Some(FacetState { status, since: from, confidence, evidence: self.until(day, evidence), history })
    }

    /// Whether the evidence is of what had happened by the end of `day`.
    fn had_happened(&self, evidence: usize, day: Date) -> bool {
        self.evidence.get(evidence).is_some_and(|e| e.day().is_none_or(|d| !d.is_after(day)))
    }

    /// Of some evidence that of what had happened by the end of `day`, or all where none is.
    fn until(&self, day: Date, evidence: &[usize]) -> Vec<usize> {
        let happened: Vec<usize> = evidence.iter().copied().filter(|&i| self.had_happened(i, day)).collect();
        if happened.is_empty() {
            evidence.to_vec()
        } else {
            happened
        }
    }

    /// Renames evidence that stays, in facets and conflicts, to its place among `kept`, which is sorted.
    fn renumber(&mut self, kept: &[usize]) {
        let rename = |indices: &mut Vec<usize>| {
            *indices = indices.iter().filter_map(|i| kept.binary_search(i).ok()).collect();
        };
        for &facet in Facet::ALL {
            if let Some(state) = self.facet_mut(facet) {
                rename(&mut state.evidence);
                state.history.iter_mut().for_each(|past| rename(&mut past.evidence));
            }
        }
        self.conflicts.iter_mut().for_each(|conflict| rename(&mut conflict.evidence));
    }
}
