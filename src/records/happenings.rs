//! Happenings: what several sentences and sources tell of, counted once.
//!
//! Reports of one pair are of one happening when they tell the same act and event in the same modality, of times that
//! may be one, and
//!
//! * the act is a **turn** (a recognition, a mission closed, a treaty signed, a round of talks), which is not done
//!   again within days; or
//! * the **day is the same**, or told by the same month or year: one act of one kind by one actor a day, as studies
//!   with event data count them (Schrodt 2012, International Interactions 38:4, on one-a-day filters); or
//! * the **wording is similar**, names set aside.
//!
//! The time of a report is the one that its sentence tells, or else one of the last days before it was printed. Each
//! report joins the earliest happening that it may be of at a time that all the reports of it have in common; for
//! intervals that is the same as agreeing with each of them. Undated reports are of the happening that their own
//! document tells.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use super::copies::day_number;
use super::course::Claim;
use super::record::{Evidence, Happening};
use super::support::Support;
use super::{shingles, Settings};
use crate::document::{Act, Date, Event, Modality, Probability};

/// Sets the happening of each piece of evidence and tells what the happenings are.
///
/// `claims` are those of all evidence, copies included, each with who tells it.
pub(super) fn happenings<'a>(
    evidence: &mut [Evidence],
    claims: impl Iterator<Item = (&'a Claim, Option<&'a str>)>,
    settings: &Settings,
) -> Vec<Happening> {
    let mut groups: HashMap<(Act, Event, Modality), Group> = HashMap::new();
    let mut happenings: Vec<Happening> = Vec::new();
    let stems: Vec<OnceCell<Vec<u32>>> = vec![OnceCell::new(); evidence.len()];
    for i in 0..evidence.len() {
        let report = &evidence[i];
        let group = groups.entry((report.act, report.event, report.modality)).or_default();
        let stems_of = |i: usize| stems[i].get_or_init(|| stems_of(&evidence[i])).as_slice();
        let alike = |first: usize| wording(stems_of(first), stems_of(i)) >= settings.event_similarity;
        let number = match group.find(report, evidence, alike, settings) {
            Some(place) => group.join(place, report, settings),
            None => {
                happenings.push(Happening {
                    event: report.event,
                    act: report.act,
                    modality: report.modality,
                    day: None,
                    confidence: Probability::default(),
                    documents: 0,
                    sources: Vec::new(),
                });
                group.begin(happenings.len() - 1, i, report, settings)
            }
        };
        let day = &mut happenings[number].day;
        *day = day.map_or(report.day(), |day| Some(clearer(day, report)));
        evidence[i].happening = number;
    }
    let mut told: Vec<Told> = (0..happenings.len()).map(|_| Told::default()).collect();
    for (claim, source) in claims {
        let told = &mut told[evidence[claim.evidence].happening];
        told.support.add(claim);
        told.documents.push(claim.document);
        told.sources.extend(source);
    }
    for (happening, mut told) in happenings.iter_mut().zip(told) {
        told.documents.sort_unstable();
        told.documents.dedup();
        told.sources.sort_unstable();
        told.sources.dedup();
        happening.confidence = Probability::new(told.support.get() as f32);
        happening.documents = told.documents.len();
        happening.sources = told.sources.into_iter().map(str::to_owned).collect();
    }
    happenings
}

/// Who tells of a happening.
#[derive(Default)]
struct Told<'a> {
    support: Support,
    documents: Vec<usize>,
    sources: Vec<&'a str>,
}

/// The day of a happening when one more report tells of it: a day that a sentence tells is surer than that of a print.
fn clearer(day: Date, report: &Evidence) -> Date {
    report.when.filter(|told| day.contains(*told)).unwrap_or(day)
}

/// Whether reports of the act within days are of one: it changes a state, or is a round of talks.
fn is_turn(act: Act) -> bool {
    use Act::*;
    match act {
        RecognitionGrant | RecognitionConsider | RecognitionWithhold | RecognitionWithdraw | MissionAmbassador
        | MissionLower | MissionNonresident | MissionOpen | MissionReduce | ListingDelist | ListingDesignate
        | SanctionsImpose | SanctionsLift | TradeRestrict | AidSuspend | TreatyJoin | TreatyLeave | SeatSupport
        | SeatOppose | ContactMeet | ContactMediate => true,
        TradeExpand | SecurityCooperate | SecurityConfront | AidGive | StatementSupport | StatementCriticize
        | StatementDemand | PeopleMove | Other => false,
    }
}

/// Days by which a told day may be wrong: it is another day elsewhere on earth, and sentences are misread.
const SLIP: i32 = 1;

/// Days on which something may have taken place, the first and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Days(i32, i32);

impl Days {
    /// When what a report tells may have taken place, if a report without a time is of the last days.
    fn of(report: &Evidence, within: i32) -> Option<Days> {
        match (report.when, report.date) {
            (Some(told), _) if told.day_of_month().is_some() => {
                Some(Days(day_number(told) - SLIP, day_number(told) + SLIP))
            }
            (Some(told), _) => Some(Days(day_number(told), last_day(told))),
            (None, Some(printed)) => Some(Days(day_number(printed) - within, last_day(printed))),
            (None, None) => None,
        }
    }

    fn common(self, other: Days) -> Option<Days> {
        let common = Days(self.0.max(other.0), self.1.min(other.1));
        (common.0 <= common.1).then_some(common)
    }
}

/// Number of the last day that a date may mean.
fn last_day(date: Date) -> i32 {
    let next = match (date.month(), date.day_of_month()) {
        (_, Some(_)) => return day_number(date),
        (Some(month), None) if month < 12 => Date::month_of(date.year(), month + 1),
        _ => Date::year_of(date.year() + 1),
    };
    next.map_or(i32::MAX, |next| day_number(next) - 1)
}

/// Happenings of one act, event and modality.
#[derive(Default)]
struct Group {
    all: Vec<Open>,
    /// Places in `all` by the first day of the first report: of those told by the day, and of coarser ones.
    by_day: [BTreeMap<i32, Vec<usize>>; 2],
    /// Places of those that a document tells first.
    by_document: HashMap<String, usize>,
}

/// A happening that reports may join.
struct Open {
    number: usize,
    /// Index of its first report.
    first: usize,
    /// When it may have taken place by all its reports.
    days: Option<Days>,
    /// The same if each report tells its day, or is of the day of print or the one before.
    narrow: Option<Days>,
}

impl Group {
    /// The earliest happening that the report is of.
    fn find(
        &self,
        report: &Evidence,
        evidence: &[Evidence],
        alike: impl Fn(usize) -> bool,
        settings: &Settings,
    ) -> Option<usize> {
        let Some(days) = Days::of(report, settings.event_days) else {
            return self.by_document.get(&report.document).copied();
        };
        let joins = |open: &Open| {
            let one_day = || open.narrow.zip(narrow(report)).is_some_and(|(a, b)| a.common(b).is_some());
            let one_time = || report.when.is_some() && report.when == evidence[open.first].when;
            open.days.is_some_and(|open| open.common(days).is_some())
                && (is_turn(report.act) || one_time() || one_day() || alike(open.first))
        };
        // How long a time the first report may leave open.
        let candidates =
            self.by_day.iter().zip([settings.event_days.max(2 * SLIP), LONGEST]).flat_map(|(by_day, longest)| {
                by_day.range(days.0.saturating_sub(longest)..=days.1).flat_map(|(_, places)| places)
            });
        candidates.copied().filter(|&place| joins(&self.all[place])).min()
    }

    /// Takes the report for one of the happening; gives its number.
    fn join(&mut self, place: usize, report: &Evidence, settings: &Settings) -> usize {
        let open = &mut self.all[place];
        let common = |a: Option<Days>, b: Option<Days>| a.zip(b).map_or(a, |(a, b)| a.common(b).or(Some(a)));
        open.days = common(open.days, Days::of(report, settings.event_days));
        open.narrow = common(open.narrow, narrow(report));
        self.by_document.entry(report.document.clone()).or_insert(place);
        open.number
    }

    /// Begins a happening with its first report.
    fn begin(&mut self, number: usize, first: usize, report: &Evidence, settings: &Settings) -> usize {
        let days = Days::of(report, settings.event_days);
        if let Some(days) = days {
            let coarse = usize::from(days.1 - days.0 > settings.event_days.max(2 * SLIP));
            self.by_day[coarse].entry(days.0).or_default().push(self.all.len());
        }
        self.by_document.entry(report.document.clone()).or_insert(self.all.len());
        self.all.push(Open { number, first, days, narrow: narrow(report) });
        number
    }
}

/// Days between the first and the last day of the coarsest date, and those before it on which it may be printed.
const LONGEST: i32 = 400;

/// The day that is told, or that of print and the one before; none where only a month or a year is known.
fn narrow(report: &Evidence) -> Option<Days> {
    let day = report.day().filter(|day| day.day_of_month().is_some()).map(day_number)?;
    Some(Days(day - i32::from(report.when.is_none()), day))
}

/// Words that two reports share, as a part of those of the shorter; both are sorted.
fn wording(a: &[u32], b: &[u32]) -> f64 {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let common = short.iter().filter(|s| long.binary_search(s).is_ok()).count();
    common as f64 / short.len().max(FEWEST) as f64
}

/// Of fewer words than these a few in common tell little.
const FEWEST: usize = 5;

/// The words of a report, sorted, each once; the names of the two sides do not count.
fn stems_of(report: &Evidence) -> Vec<u32> {
    let names: Vec<u32> = [&report.src, &report.tgt].into_iter().flat_map(|name| shingles::stems(name)).collect();
    let mut stems = shingles::stems(&report.text);
    stems.retain(|stem| !names.contains(stem));
    stems.sort_unstable();
    stems.dedup();
    stems
}
