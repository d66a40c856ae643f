//! The record of one pair from all that is claimed of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::copies;
use super::course::{Claim, Course, Run};
use super::facets::{Definition, Effect, Status, DEFINITIONS};
use super::happenings::happenings;
use super::reading::{ClaimKey, DocumentKey, Reading, Sentence};
use super::record::{Conflict, Contact, Evidence, FacetState, Happening, Month, Past, Record, StanceSummary};
use super::support::EPSILON;
use super::telling::Telling;
use super::Settings;
use crate::document::{Act, ActorCode, Date, Event, Facet, Modality, Probability, QuadClass, Stance};

/// The least score, in favour or against, that is a leaning and not a balance.
const LEANING: f64 = 0.1;

/// The record of a pair from all that is told of it, in the order of documents.
///
/// # Panics
/// When nothing is told.
pub(super) fn record(pair: &[Telling], settings: &Settings) -> Record {
    let Telling { actor, counterpart, .. } = &pair[0];
    let listed = Listed::of(pair, settings);
    let documents = || pair.iter().map(|t| &*t.document);
    let dates = || documents().filter_map(|d| d.date);
    let mut conflicts = Vec::new();
    let mut facet = |facet: Facet| {
        let definition = DEFINITIONS.iter().find(|d| d.facet == facet)?;
        state(definition, &listed.claims, settings, &mut conflicts)
    };
    Record {
        actor: actor.clone(),
        country: actor.country().to_owned(),
        counterpart: counterpart.clone(),
        counterpart_country: counterpart.country().to_owned(),
        first: dates().min(),
        last: dates().max(),
        documents: pair.len(),
        sources: documents().map(Source::of).collect::<BTreeSet<_>>().len(),
        recognition: facet(Facet::Recognition),
        representation: facet(Facet::Representation),
        listing: facet(Facet::Listing),
        sanctions: facet(Facet::Sanctions),
        trade: facet(Facet::Trade),
        security: facet(Facet::Security),
        treaty: facet(Facet::Treaty),
        aid: facet(Facet::Aid),
        seat: facet(Facet::Seat),
        contact: contact(pair, &listed.evidence),
        stance: stance(&listed.evidence),
        events: events(&listed.evidence),
        quad: quad(&listed.evidence),
        acts: acts(&listed.evidence),
        timeline: timeline(&listed.evidence),
        happenings: listed.happenings,
        conflicts,
        evidence: listed.evidence,
    }
}

/// Who answers for a document; one without a source answers for itself.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Source<'a> {
    Named(&'a str),
    Document(&'a DocumentKey),
}

impl<'a> Source<'a> {
    fn of(document: &'a DocumentKey) -> Self {
        document.source.as_deref().map_or(Source::Document(document), Source::Named)
    }
}

/// The evidence of a pair without copies, and all claims, those of copies included.
struct Listed {
    evidence: Vec<Evidence>,
    claims: Vec<(Act, Modality, Claim)>,
    happenings: Vec<Happening>,
}

impl Listed {
    fn of(pair: &[Telling], settings: &Settings) -> Listed {
        let mut stories = Stories::of(pair, settings);
        let mut sources = Numbers::default();
        let mut listed = Listed { evidence: Vec::new(), claims: Vec::new(), happenings: Vec::new() };
        let mut tellers = Vec::new();
        let mut kept: HashMap<(usize, Act, Event, Modality), usize> = HashMap::new();
        for (key, reading) in pair.iter().flat_map(|t| &t.claims) {
            let (document, story) = stories.next(key, reading);
            let evidence = *kept.entry((story, key.act, key.event, key.modality)).or_insert(listed.evidence.len());
            match listed.evidence.get_mut(evidence) {
                Some(print) => print.duplicates += 1,
                None => listed.evidence.push(entry(key, reading)),
            }
            let print = &*reading.sentence.document;
            let claim = Claim {
                evidence,
                date: reading.when.order,
                since: reading.when.since,
                ended: reading.when.ended,
                document,
                source: sources.of(Source::of(print)),
                story,
                score: f64::from(reading.score.get()),
                against: reading.stance == Stance::Against,
            };
            listed.claims.push((key.act, key.modality, claim));
            tellers.push(print.source.as_deref());
        }
        let claims = listed.claims.iter().map(|(_, _, claim)| claim).zip(tellers);
        listed.happenings = happenings(&mut listed.evidence, claims, settings);
        // Evidence is listed with the undated last, but has precedence in the order of dates, undated first.
        listed.claims.sort_by_key(|(_, _, claim)| claim.date);
        listed
    }
}

/// Tells which claims, taken in their order, are one story.
struct Stories<'a> {
    sentences: Vec<&'a Sentence>,
    /// First prints of the sentences and of the documents.
    prints: Vec<usize>,
    documents: Vec<usize>,
    /// The sentence and the document of the last claim.
    sentence: usize,
    document: usize,
    /// What first prints of documents tell, by the number of the document.
    told: HashMap<(usize, Act, Modality), usize>,
    /// Stories that are those of other sentences, for copies of documents tell them in other words.
    retold: HashMap<(usize, Act, Modality), usize>,
}

impl<'a> Stories<'a> {
    fn of(pair: &'a [Telling], settings: &Settings) -> Self {
        let mut sentences: Vec<&Sentence> =
            pair.iter().flat_map(|t| &t.claims).map(|(_, reading)| &*reading.sentence).collect();
        sentences.dedup();
        let documents: Vec<_> = pair.iter().map(|t| (&*t.document, &t.fingerprint)).collect();
        Stories {
            prints: copies::first_prints(&sentences, settings),
            documents: copies::first_documents(&documents, settings),
            sentences,
            sentence: 0,
            document: 0,
            told: HashMap::new(),
            retold: HashMap::new(),
        }
    }

    /// Numbers of the document and of the story of the next claim. What a copy of a document says in other
    /// words is still the story of the first print, if that told the like.
    fn next(&mut self, key: &ClaimKey, reading: &Reading) -> (usize, usize) {
        let last = self.sentences[self.sentence];
        if *last != *reading.sentence {
            self.sentence += 1;
            self.document += usize::from(last.document != reading.sentence.document);
        }
        let print = self.prints[self.sentence];
        let first = self.documents[self.document];
        let about = |number: usize| (number, key.act, key.modality);
        if first != self.document && print == self.sentence {
            if let Some(&story) = self.told.get(&about(first)) {
                self.retold.insert(about(print), story);
            }
        }
        let story = self.retold.get(&about(print)).copied().unwrap_or(print);
        if first == self.document {
            self.told.entry(about(first)).or_insert(story);
        }
        (self.document, story)
    }
}

/// Numbers things in the order in which they are met.
struct Numbers<T>(BTreeMap<T, usize>);

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Numbers(BTreeMap::new())
    }
}

impl<T: Ord> Numbers<T> {
    fn of(&mut self, thing: T) -> usize {
        let next = self.0.len();
        *self.0.entry(thing).or_insert(next)
    }
}

fn entry(key: &ClaimKey, reading: &Reading) -> Evidence {
    let sentence = &*reading.sentence;
    Evidence {
        document: sentence.document.id.clone(),
        source: sentence.document.source.clone(),
        date: sentence.document.date,
        when: reading.when.date,
        start: sentence.start,
        end: sentence.end,
        text: sentence.text.to_string(),
        src: reading.src.to_string(),
        tgt: reading.tgt.to_string(),
        event: key.event,
        act: key.act,
        stance: reading.stance,
        modality: key.modality,
        score: reading.score,
        happening: 0,
        duplicates: 0,
    }
}

/// State of a facet; what disagrees is added to `conflicts`.
fn state(
    definition: &Definition,
    claims: &[(Act, Modality, Claim)],
    settings: &Settings,
    conflicts: &mut Vec<Conflict>,
) -> Option<FacetState> {
    let claims: Vec<(Claim, Effect)> = claims
        .iter()
        .filter_map(|&(act, modality, claim)| Some((claim, definition.effect(act, modality, claim.ended)?)))
        .collect();
    let Course { runs, conflicts: found, .. } = Course::run(definition, &claims, settings);
    conflicts.extend(found.into_iter().map(|(statuses, evidence)| Conflict {
        facet: definition.facet,
        statuses,
        evidence: evidence.into_iter().collect(),
    }));
    let current = runs.last()?;
    let past = |run: &Run, status: Status, from: Option<Date>, to: Option<Date>| Past {
        status,
        from,
        to,
        confidence: Probability::new(run.confidence() as f32),
        evidence: run.evidence().into_iter().collect(),
    };
    // A run that is said to have begun before the one before it was last told begins when it is first told.
    let begins = |i: usize, begun: Option<Date>| match i.checked_sub(1).and_then(|before| runs[before].last_date()) {
        Some(last) if begun.is_none_or(|b| b < last) => None,
        _ => begun,
    };
    let from = |i: usize| begins(i, runs[i].known_from()).or(runs[i].first_date());
    let before = runs[0].presupposed.map(|status| past(&runs[0], status, None, from(0)));
    let earlier = (1..runs.len()).map(|i| past(&runs[i - 1], runs[i - 1].status, from(i - 1), from(i)));
    Some(FacetState {
        status: current.status,
        // What replaced another status did so at the latest when it was first told.
        since: begins(runs.len() - 1, current.since()).or((runs.len() > 1).then(|| from(runs.len() - 1)).flatten()),
        confidence: Probability::new(current.confidence() as f32),
        evidence: current.evidence().into_iter().collect(),
        history: before.into_iter().chain(earlier).collect(),
    })
}

/// Whether the event took place, as far as the text says: the modality is the act's, but who threatens
/// a deed has threatened, and who refuses one has refused.
fn happened(e: &Evidence) -> bool {
    match e.modality {
        Modality::Actual | Modality::Planned => true,
        Modality::Hypothetical => e.event == Event::Threaten,
        Modality::Denied => e.event == Event::Reject,
    }
}

fn contact(pair: &[Telling], evidence: &[Evidence]) -> Contact {
    let mediators: BTreeSet<&ActorCode> = pair.iter().flat_map(|t| &t.mediators).collect();
    Contact { mediators: mediators.into_iter().cloned().collect(), ..meetings(evidence) }
}

/// The meetings that took place. What a document tells of a meeting without its day is of the one whose day it tells.
pub(super) fn meetings<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Contact {
    let took_place = |e: &&Evidence| e.act == Act::ContactMeet && e.modality == Modality::Actual;
    let told: Vec<&Evidence> = evidence.into_iter().filter(took_place).collect();
    let dated: BTreeSet<&str> = told.iter().filter(|e| e.when.is_some()).map(|e| e.document.as_str()).collect();
    let meetings: BTreeSet<(Option<Date>, Option<&str>)> = told
        .iter()
        .filter(|e| e.when.is_some() || !dated.contains(e.document.as_str()))
        .map(|e| (e.day(), e.day().is_none().then_some(e.document.as_str())))
        .collect();
    let last = meetings.iter().filter_map(|(day, _)| *day).max();
    Contact { meetings: meetings.len(), last, mediators: Vec::new() }
}

/// The stance that evidence shows.
pub(crate) fn stance<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> StanceSummary {
    let mut count = BTreeMap::<Stance, usize>::new();
    let mut weight = BTreeMap::<Stance, f64>::new();
    for e in evidence.into_iter().filter(|e| happened(e)) {
        *count.entry(e.stance).or_default() += 1;
        *weight.entry(e.stance).or_default() += f64::from(e.score.get());
    }
    let count = |s| count.get(&s).copied().unwrap_or(0);
    let weight = |s| weight.get(&s).copied().unwrap_or(0.0);
    let (favor, neutral, against) = (weight(Stance::Favor), weight(Stance::Neutral), weight(Stance::Against));
    let total = favor + neutral + against;
    let score = if total > 0.0 { (favor - against) / total } else { 0.0 };
    let label = if score >= LEANING && favor + EPSILON > neutral {
        Stance::Favor
    } else if score <= -LEANING && against + EPSILON > neutral {
        Stance::Against
    } else {
        Stance::Neutral
    };
    StanceSummary {
        label,
        score,
        favor: count(Stance::Favor),
        neutral: count(Stance::Neutral),
        against: count(Stance::Against),
    }
}

/// One piece of evidence for each happening.
fn each_happening<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> impl Iterator<Item = &'a Evidence> {
    let mut met = HashSet::new();
    evidence.into_iter().filter(move |e| met.insert(e.happening))
}

/// Happenings by event, of those that took place.
pub(crate) fn events<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> BTreeMap<Event, usize> {
    let mut events = BTreeMap::new();
    for e in each_happening(evidence).filter(|e| happened(e)) {
        *events.entry(e.event).or_default() += 1;
    }
    events
}

pub(super) fn quad<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> BTreeMap<QuadClass, usize> {
    let mut quad: BTreeMap<QuadClass, usize> = QuadClass::ALL.iter().map(|&q| (q, 0)).collect();
    for e in each_happening(evidence).filter(|e| happened(e)) {
        *quad.entry(e.event.quad()).or_default() += 1;
    }
    quad
}

pub(super) fn acts<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> BTreeMap<Act, BTreeMap<Modality, usize>> {
    let none = || Modality::ALL.iter().map(|&m| (m, 0)).collect::<BTreeMap<_, _>>();
    let mut acts = BTreeMap::new();
    for e in each_happening(evidence) {
        *acts.entry(e.act).or_insert_with(none).entry(e.modality).or_default() += 1;
    }
    acts
}

pub(super) fn timeline<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Vec<Month> {
    let mut months: BTreeMap<Date, Month> = BTreeMap::new();
    for e in evidence.into_iter().filter(|e| happened(e)) {
        let Some(month) = e.day().and_then(Date::to_month) else { continue };
        let m = months.entry(month).or_insert(Month { month, favor: 0, neutral: 0, against: 0 });
        match e.stance {
            Stance::Favor => m.favor += 1,
            Stance::Neutral => m.neutral += 1,
            Stance::Against => m.against += 1,
        }
    }
    months.into_values().collect()
}
