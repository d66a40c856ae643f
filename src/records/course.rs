//! The state machine of a facet: its course over dated evidence. The rules are told in [`super`].

use std::collections::{BTreeMap, BTreeSet};

use super::facets::{Definition, Effect, Link, Outlasts, Status};
use super::support::{weigh, Support, EPSILON};
use super::Settings;
use crate::document::Date;

/// What a piece of evidence, or a copy of it, says at its date. The default is of use in tests only.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Claim {
    /// Index in the record's list.
    pub(super) evidence: usize,
    /// What counts in the order of time.
    pub(super) date: Option<Date>,
    /// Since when the status is said to hold, as far as that is said.
    pub(super) since: Option<Date>,
    /// Whether it is said to have ended at that date.
    pub(super) ended: bool,
    /// Numbers that tell documents, sources and stories (sentences with their copies) apart.
    pub(super) document: usize,
    pub(super) source: usize,
    pub(super) story: usize,
    pub(super) score: f64,
    /// Whether the actor is against the counterpart.
    pub(super) against: bool,
}

/// Claims of one kind.
#[derive(Debug, Clone, Default)]
struct Group {
    claims: Vec<Claim>,
    support: Support,
}

impl Group {
    fn add(&mut self, claim: Claim) {
        self.claims.push(claim);
        self.support.add(&claim);
    }

    fn extend(&mut self, other: &Group) {
        other.claims.iter().for_each(|&c| self.add(c));
    }

    fn documents(&self) -> BTreeSet<usize> {
        self.claims.iter().map(|c| c.document).collect()
    }

    fn sources(&self) -> BTreeSet<usize> {
        self.claims.iter().map(|c| c.source).collect()
    }

    fn evidence(&self) -> impl Iterator<Item = usize> + '_ {
        self.claims.iter().map(|c| c.evidence)
    }

    /// Whether it is less said against the counterpart than not.
    fn is_mild(&self) -> bool {
        let support = |against| {
            let mut s = Support::default();
            self.claims.iter().filter(|c| c.against == against).for_each(|c| s.add(c));
            s.get()
        };
        support(false) > support(true) + EPSILON
    }
}

impl Link {
    /// Whether reports of both stages agree: always, or because who tells the earlier also tells the later.
    fn tells_one_story(&self, later: &Group, earlier: &Group) -> bool {
        self.compatible || (!earlier.claims.is_empty() && earlier.documents().is_subset(&later.documents()))
    }
}

/// An unbroken run of a status.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) status: Status,
    told: Group,
    /// Index of the first claim of the last date in `told`.
    latest: usize,
    /// Denials and rivals since it was last told.
    contrary: Support,
    /// What was before, as far as reports of an earlier stage say so and no run of its own does.
    pub(super) presupposed: Option<Status>,
}

impl Run {
    fn new(status: Status, told: Group) -> Self {
        let last = told.claims.last().and_then(|c| c.date);
        let latest = told.claims.partition_point(|c| c.date < last);
        Run { status, told, latest, contrary: Support::default(), presupposed: None }
    }

    /// When it began: the earliest beginning that is told, unless an earlier claim tells that it was so already.
    pub(super) fn since(&self) -> Option<Date> {
        let told = || self.told.claims.iter().filter_map(|c| c.since);
        let earliest = told().min()?;
        // "last year" gives way to the day of it that another claim tells.
        let begun = told().filter(|d| *d != earliest && earliest.contains(*d)).min().unwrap_or(earliest);
        let already = |c: &Claim| c.since.is_none() && c.date.is_some_and(|d| d < begun);
        (!self.told.claims.iter().any(already)).then_some(begun)
    }

    /// The date from which on it is known to hold.
    pub(super) fn known_from(&self) -> Option<Date> {
        self.since().or_else(|| self.first_date())
    }

    /// Date of the earliest dated claim.
    pub(super) fn first_date(&self) -> Option<Date> {
        self.told.claims.iter().find_map(|c| c.date)
    }

    /// The probability that the status holds.
    pub(super) fn confidence(&self) -> f64 {
        weigh(self.told.support.get(), self.contrary.get())
    }

    /// Indices of the evidence for the status.
    pub(super) fn evidence(&self) -> BTreeSet<usize> {
        self.told.evidence().collect()
    }

    /// Date of the latest claim.
    pub(super) fn last_date(&self) -> Option<Date> {
        self.told.claims.last().and_then(|c| c.date)
    }

    /// Whether all who tell of it deny it later: they have taken it back.
    fn is_taken_back(&self, denial: &Group) -> bool {
        let later = denial.claims.iter().all(|c| c.date.is_some() && c.date > self.last_date());
        later && self.told.sources().is_subset(&denial.sources())
    }

    fn latest(&self) -> impl Iterator<Item = usize> + '_ {
        self.told.claims[self.latest..].iter().map(|c| c.evidence)
    }

    /// Takes claims of a later date, which outdate what spoke against it.
    fn extend(&mut self, group: &Group) {
        self.latest = self.told.claims.len();
        self.told.extend(group);
        self.contrary = Support::default();
    }
}

/// The runs of a facet in the order of time, the last being the current one, and what disagreed.
pub(super) struct Course<'a> {
    definition: &'a Definition,
    settings: &'a Settings,
    pub(super) runs: Vec<Run>,
    /// Claims for other statuses since the current one was last told, which did not yet prevail.
    challengers: BTreeMap<Status, Group>,
    /// Evidence of disagreement by the statuses in question.
    pub(super) conflicts: BTreeMap<Vec<Status>, BTreeSet<usize>>,
}

impl<'a> Course<'a> {
    /// Runs through claims, which must be in the order of dates, undated first.
    pub(super) fn run(definition: &'a Definition, claims: &[(Claim, Effect)], settings: &'a Settings) -> Self {
        let mut course =
            Course { definition, settings, runs: Vec::new(), challengers: BTreeMap::new(), conflicts: BTreeMap::new() };
        for day in claims.chunk_by(|(a, _), (b, _)| a.date == b.date) {
            course.step(day);
        }
        course
    }

    /// Takes the claims of one date.
    fn step(&mut self, day: &[(Claim, Effect)]) {
        let (mut told, mut denied) = (BTreeMap::<Status, Group>::new(), BTreeMap::<Status, Group>::new());
        let mut ended = BTreeMap::<Status, Status>::new();
        for &(claim, effect) in day {
            match effect {
                Effect::Tells(status) => told.entry(status).or_default().add(claim),
                Effect::Ends(status, over) => {
                    told.entry(over).or_default().add(claim);
                    ended.insert(over, status);
                }
                Effect::Denies(deed, way) => {
                    for status in [Some(deed), way.filter(|&w| w != deed)].into_iter().flatten() {
                        denied.entry(status).or_default().add(claim);
                    }
                }
            }
        }
        self.refute(&mut told, &denied);
        self.note_rivals(&told);
        if let Some(status) = self.prevailing(&told, &denied) {
            self.settle(status, &told);
        }
        self.weigh_rivals(&told);
        if let [first] = &mut self.runs[..] {
            first.presupposed = first.presupposed.or(ended.get(&first.status).copied());
        }
        self.strike(&denied);
    }

    /// Drops what is denied on the same date with more support than it is told.
    fn refute(&mut self, told: &mut BTreeMap<Status, Group>, denied: &BTreeMap<Status, Group>) {
        for (&status, denial) in denied {
            let Some(claim) = told.get(&status) else { continue };
            self.conflict(&[status], claim.evidence().chain(denial.evidence()));
            if denial.support.get() > claim.support.get() + EPSILON {
                told.remove(&status);
            }
        }
    }

    /// Reports the statuses of one date that do not go together.
    fn note_rivals(&mut self, told: &BTreeMap<Status, Group>) {
        for (&a, for_a) in told {
            for (&b, for_b) in told.range(a..).skip(1) {
                if !self.go_together(a, for_a, b, for_b) {
                    self.conflict(&[a, b], for_a.evidence().chain(for_b.evidence()));
                }
            }
        }
    }

    /// The status that the claims of one date lead to.
    fn prevailing(&self, told: &BTreeMap<Status, Group>, denied: &BTreeMap<Status, Group>) -> Option<Status> {
        let weight = |s: Status, g: &Group| weigh(g.support.get(), denied.get(&s).map_or(0.0, |d| d.support.get()));
        let mut told = told.iter();
        let (&first, group) = told.next()?;
        let mut best = (first, group, weight(first, group));
        for (&status, group) in told {
            let w = weight(status, group);
            let prevails = if self.builds_on(status, group, best.0, best.1) {
                w + EPSILON >= self.settings.overturn * best.2
            } else if self.builds_on(best.0, best.1, status, group) {
                best.2 + EPSILON < self.settings.overturn * w
            } else {
                let stands = self.runs.last().is_some_and(|r| r.status == best.0);
                w > best.2 + EPSILON || (!stands && w > best.2 - EPSILON)
            };
            if prevails {
                best = (status, group, w);
            }
        }
        Some(best.0)
    }

    /// Sets `status`, or counts the claims for it as a challenge to the current one.
    fn settle(&mut self, status: Status, told: &BTreeMap<Status, Group>) {
        let group = &told[&status];
        let Some(current) = self.runs.last_mut() else {
            self.runs.push(Run::new(status, group.clone()));
            return;
        };
        if let Some(again) = told.get(&current.status) {
            current.extend(again);
            self.challengers.clear();
        }
        if current.status == status || self.outlasts(status, group) {
            return;
        }
        let challenge = self.challengers.entry(status).or_default();
        challenge.extend(group);
        let confidence = self.runs.last().map_or(0.0, Run::confidence);
        if challenge.support.get() + EPSILON >= self.settings.overturn * confidence {
            let run = Run::new(status, std::mem::take(challenge));
            self.runs.push(run);
            self.challengers.clear();
        }
    }

    /// Whether the current status stands although an earlier stage is told after it.
    fn outlasts(&self, status: Status, group: &Group) -> bool {
        let Some(current) = self.runs.last() else { return false };
        let Some(link) = self.definition.link(current.status, status) else { return false };
        let date = group.claims.last().and_then(|c| c.date);
        let fresh = match (current.last_date(), date) {
            (Some(last), Some(now)) => (now.first_day() - last.first_day()).get_days() <= self.settings.outlast_days,
            _ => true,
        };
        fresh
            && match link.outlasts {
                Outlasts::Always => true,
                Outlasts::IfMild => group.is_mild(),
                Outlasts::Never => false,
            }
    }

    /// Sets what else was told on the date beside or against the status that now stands.
    fn weigh_rivals(&mut self, told: &BTreeMap<Status, Group>) {
        let first_run = self.runs.len() == 1;
        let Some(current) = self.runs.last() else { return };
        let status = current.status;
        let untold = Group::default();
        for (&rival, group) in told.iter().filter(|(&s, _)| s != status) {
            if first_run && self.definition.link(status, rival).is_some_and(|l| l.presupposes) {
                self.runs[0].presupposed = Some(rival);
            }
            if self.go_together(status, told.get(&status).unwrap_or(&untold), rival, group) {
                continue;
            }
            let spared = self.outlasts(rival, group);
            let current = self.runs.last_mut().filter(|_| !spared);
            if let Some(current) = current {
                group.claims.iter().for_each(|c| current.contrary.add(c));
            }
            let sides: Vec<usize> =
                self.runs.last().into_iter().flat_map(Run::latest).chain(group.evidence()).collect();
            self.conflict(&[status, rival], sides.into_iter());
        }
    }

    /// Weighs denials against the current status and gives it up when they outweigh it.
    fn strike(&mut self, denied: &BTreeMap<Status, Group>) {
        while let Some(current) = self.runs.last_mut() {
            let Some(denial) = denied.get(&current.status) else { return };
            denial.claims.iter().for_each(|c| current.contrary.add(c));
            let struck = current.is_taken_back(denial) || current.contrary.get() > current.told.support.get() + EPSILON;
            let sides: Vec<usize> = current.latest().chain(denial.evidence()).collect();
            let status = current.status;
            self.conflict(&[status], sides.into_iter());
            if !struck {
                return;
            }
            self.runs.pop();
            self.challengers.clear();
        }
    }

    /// Whether `later`, told on one date with `earlier`, is the next stage of it and not its rival.
    fn builds_on(&self, later: Status, for_later: &Group, earlier: Status, for_earlier: &Group) -> bool {
        self.definition.link(later, earlier).is_some_and(|l| {
            l.tells_one_story(for_later, for_earlier) || (l.outlasts == Outlasts::IfMild && for_earlier.is_mild())
        })
    }

    /// Whether two statuses told on one date do not disagree.
    fn go_together(&self, a: Status, for_a: &Group, b: Status, for_b: &Group) -> bool {
        self.definition.link(a, b).is_some_and(|l| l.tells_one_story(for_a, for_b))
            || self.definition.link(b, a).is_some_and(|l| l.tells_one_story(for_b, for_a))
    }

    fn conflict(&mut self, statuses: &[Status], evidence: impl Iterator<Item = usize>) {
        let mut statuses = statuses.to_vec();
        statuses.sort_unstable();
        self.conflicts.entry(statuses).or_default().extend(evidence);
    }
}
