//! When an act took place: the time that its sentence tells of it.
//!
//! A sentence may tell of several acts and times. An act's time is the one that stands nearest to a word for the act,
//! clauses first: "In April Somalia expelled the ambassador; in August it signed a pact" dates each by its own month.

use crate::document::{Act, Date, Modality, Span};
use crate::text::{times, words, Gap, Sense, Time, Word};

/// When something that a sentence tells took place, as far as it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct When {
    /// The time that the sentence gives, as precisely as it does.
    pub(super) date: Option<Date>,
    /// What it counts as in the order of time: the likely day of what has passed, the document's date for what is
    /// so or is to come, nothing for what was so at some time.
    pub(super) order: Option<Date>,
    /// Since when it is so: the time given, the document's date for news without one, nothing for a state of
    /// affairs whose beginning is not told.
    pub(super) since: Option<Date>,
    /// Whether it is said to have ended at that time.
    pub(super) ended: bool,
}

/// What the time of an act is sought in.
#[derive(Debug)]
pub(super) struct Times {
    words: Vec<Word>,
    times: Vec<Time>,
    /// Date of the document.
    written: Option<Date>,
}

impl Times {
    /// The words and times of a sentence that stands after those of `before`.
    pub(super) fn of<'a>(sentence: &str, before: impl Iterator<Item = &'a str>, written: Option<Date>) -> Self {
        let words = words(sentence);
        // Only what counts from another time needs the sentences before.
        let counts = words.iter().any(|w| matches!(w.text.as_str(), "later" | "earlier" | "before"));
        let anchor = if counts { anchor(before, written) } else { None };
        Times { times: times(sentence, written, anchor), words, written }
    }
}

/// When the act took place of which a sentence tells, by an actor who is mentioned at `actor`.
pub(super) fn when(told: &Times, act: Act, modality: Modality, actor: &[Span]) -> When {
    let Times { words, times, written } = told;
    let (words, written) = (words.as_slice(), *written);
    let cues = cues(words, act);
    let lasting = is_lasting(words, &cues, act, modality);
    let told = When { date: None, order: written, since: written.filter(|_| !lasting), ended: false };
    let Some(time) = nearest(words, times, &cues, actor, written) else { return told };
    match (time.sense, time.date) {
        (Sense::Ahead | Sense::Beside, _) => told,
        // Of a plan only the day on which it was made counts.
        (sense, date) if modality != Modality::Actual && (sense != Sense::On || date.is_none()) => told,
        (_, None) => When::default(),
        (Sense::Since, date) => When { date, order: written.or(time.day), since: date, ended: false },
        (Sense::Until, date) => When { date, order: time.day, since: date, ended: true },
        // Who said on Monday that he keeps an ambassador does not keep one since Monday.
        (Sense::On, date) if lasting && written.is_some_and(|w| is_fresh(time, w)) => When { date, ..told },
        (Sense::On, date) => When { date, order: time.day, since: date, ended: false },
    }
}

/// Whether the time is that of the news.
fn is_fresh(time: &Time, written: Date) -> bool {
    time.day.is_some_and(|d| (written.first_day() - d.first_day()).get_days() < 7)
}

/// The time that the sentences before one have led to.
fn anchor<'a>(before: impl Iterator<Item = &'a str>, written: Option<Date>) -> Option<Date> {
    before.fold(None, |anchor, sentence| {
        let dated = |t: &Time| t.date.filter(|_| t.sense == Sense::On);
        times(sentence, written, anchor).iter().rev().find_map(dated).or(anchor)
    })
}

/// Stems of words that tell of an act; those of its deed come before those of its matter.
#[rustfmt::skip]
fn stems(act: Act) -> (&'static [&'static str], &'static [&'static str]) {
    use Act::*;
    const MISSION: &[&str] = &["embass", "ambassador", "mission", "consul", "charg", "envoy", "diplomat", "office", "delegation", "ties", "relations", "credential", "papers"];
    const LIST: &[&str] = &["list", "regist", "terror", "ban", "proscri", "blacklist"];
    const SANCTIONS: &[&str] = &["sanction", "measure", "asset", "account", "embargo"];
    const TRADE: &[&str] = &["trade", "border", "export", "import", "transit", "pipeline", "railway", "tariff", "duty", "gas", "oil", "grain", "port"];
    const FORCE: &[&str] = &["troop", "force", "soldier", "base", "militar", "arms", "war", "defence", "security"];
    const AID: &[&str] = &["aid", "assist", "relief", "food", "support", "million", "tonnes"];
    const TREATY: &[&str] = &["treat", "pact", "agreement", "accord", "alliance", "memorandum", "member", "communiqu", "coalition", "ceasefire"];
    const SEAT: &[&str] = &["seat", "member", "bid", "admi", "join"];
    const RECOGNITION: &[&str] = &["recogni", "relations", "ties"];
    match act {
        RecognitionGrant => (&["recogni", "establish", "restor", "came", "resum"], RECOGNITION),
        RecognitionConsider => (&["consider", "weigh", "stud", "mov", "step"], RECOGNITION),
        RecognitionWithhold => (&["recogni", "refus"], RECOGNITION),
        RecognitionWithdraw => (&["withdr", "drop", "revok", "derecogni", "switch", "chang", "left", "broke", "cut"], RECOGNITION),
        MissionAmbassador => (&["ambassador", "credential", "accredit", "papers"], MISSION),
        MissionLower => (&["charg", "consul", "technical", "liaison", "representative"], MISSION),
        MissionNonresident => (&["resid", "cover", "handle"], MISSION),
        MissionOpen => (&["open", "reopen", "resum", "return", "restor", "inaugurat", "operation", "upgrad", "hung", "plate"], MISSION),
        MissionReduce => (&["clos", "shut", "recall", "expel", "withdr", "left", "leav", "empty", "sever", "broke", "cut", "reduc", "home", "downgrad", "call"], MISSION),
        ContactMeet | ContactMediate => (&["met", "meet", "talk", "visit", "call", "receiv", "host", "travel", "summit", "mediat", "broker"], &["envoy", "minister", "deleg"]),
        ListingDelist => (&["remov", "delet", "struck", "strik", "delist", "exclu", "revok", "suspend", "taken", "took", "drop"], LIST),
        ListingDesignate => (&["designat", "list", "proscri", "put"], LIST),
        SanctionsImpose => (&["impos", "froze", "freez", "sanction", "adopt"], SANCTIONS),
        SanctionsLift => (&["lift", "eas", "remov", "waiv", "end", "suspend", "freed", "revok"], SANCTIONS),
        TradeExpand => (&["sign", "agree", "sell", "open", "buy", "invest", "lift", "suppl", "resum"], TRADE),
        TradeRestrict => (&["clos", "ban", "impos", "restrict", "halt", "scrap", "block", "put"], TRADE),
        SecurityCooperate => (&["exercise", "train", "ship", "patrol", "agree", "decree", "pledg"], FORCE),
        SecurityConfront => (&["attack", "kill", "bomb", "struck", "strik", "fight", "fought", "fire", "shell", "raid", "clash", "block", "threat", "warn", "toppl", "push", "took"], FORCE),
        AidGive => (&["gave", "giv", "send", "sent", "deliver", "donat", "hand", "ship", "pledg"], AID),
        AidSuspend => (&["suspend", "stop", "cut", "halt", "froze", "end"], AID),
        TreatyJoin => (&["sign", "join", "accede", "ratif", "initial", "found", "conclud"], TREATY),
        TreatyLeave => (&["withdr", "left", "leav", "quit", "cancel", "suspend", "freez", "scrap", "denounc"], TREATY),
        SeatSupport => (&["back", "support", "vot"], SEAT),
        SeatOppose => (&["oppos", "refus", "thwart", "veto", "block", "vot"], SEAT),
        StatementSupport | StatementCriticize | StatementDemand => (&["said", "sa", "prais", "condemn", "critic", "urg", "demand", "call", "ask", "accus", "warn", "thank", "welcom"], &[]),
        PeopleMove => (&["releas", "deport", "swap", "extradit", "expel", "exchang", "freed", "flew", "fled"], &["prison", "refugee", "visa"]),
        Other => (&[], &[]),
    }
}

/// A word near which the time of the act is sought.
#[derive(Debug, Clone, Copy)]
struct Cue {
    /// Index of the word.
    word: usize,
    /// 0 for the deed, 1 for its matter.
    rank: usize,
}

/// Words that stand for any deed: "France did so on Monday, Kenya came in March".
const ANY_DEED: [&str; 4] = ["did", "does", "followed", "came"];

fn cues(words: &[Word], act: Act) -> Vec<Cue> {
    let (deed, matter) = stems(act);
    let starts = |w: &Word, stems: &[&str]| stems.iter().any(|s| w.text.starts_with(s));
    let rank = |w: &Word| match w {
        w if starts(w, deed) => Some(0),
        w if starts(w, matter) || ANY_DEED.contains(&w.text.as_str()) => Some(1),
        _ => None,
    };
    words.iter().enumerate().filter_map(|(word, w)| rank(w).map(|rank| Cue { word, rank })).collect()
}

/// How far a time stands from what it may be said of: full stops and their like, joints of clauses, words.
type Distance = (usize, usize, usize);

fn distance(words: &[Word], a: usize, b: usize) -> Distance {
    let (from, to) = (a.min(b), a.max(b));
    let weight = |w: &Word| match w.text.as_str() {
        "which" | "who" | "whose" | "where" => 3,
        "that" => 2,
        "and" | "but" | "while" | "when" | "after" | "before" => 1,
        _ => usize::from(w.gap == Gap::Comma),
    };
    let between = &words[from + 1..=to];
    (between.iter().filter(|w| w.gap == Gap::Stop).count(), between.iter().map(weight).sum(), to - from)
}

/// The time that is nearest to a cue and to the actor, if one is near enough.
fn nearest<'a>(
    words: &[Word],
    times: &'a [Time],
    cues: &[Cue],
    actor: &[Span],
    written: Option<Date>,
) -> Option<&'a Time> {
    let actors: Vec<usize> =
        words.iter().enumerate().filter(|(_, w)| actor.iter().any(|s| s.overlaps(w.span))).map(|(i, _)| i).collect();
    // Where no word tells the act, the actor stands for it.
    let stand_in: Vec<Cue> = actors.iter().map(|&word| Cue { word, rank: 2 }).collect();
    let cues = if cues.is_empty() { &stand_in } else { cues };
    let place = |t: &'a Time| {
        let first = words.iter().position(|w| w.span.overlaps(t.span)).unwrap_or(0);
        let ranked = |c: &Cue| {
            let (stops, joints, count) = distance(words, first, c.word);
            (stops, joints + c.rank, count)
        };
        // "the first to do so since the group seized power in 2021, and accepted": what follows is not since then.
        let said = |c: &&Cue| t.sense != Sense::Since || c.word < first || distance(words, first, c.word).1 == 0;
        let deed = cues.iter().filter(said).map(ranked).min()?;
        let side = actors.iter().map(|&a| distance(words, first, a)).min().unwrap_or_default();
        Some((2 * deed.1 + side.1, deed, side, t)).filter(|_| deed.0 == 0 && side.0 == 0)
    };
    let (_, deed, side, time) = times.iter().filter_map(place).min_by_key(|(all, deed, ..)| (*all, *deed))?;
    // What is long past must stand nearer than what is of these days: "…, he said on Tuesday" is news of Tuesday.
    let (of_deed, of_side) = match time.day {
        None => (1, 2),
        Some(_) if written.is_some_and(|w| is_fresh(time, w)) => (4, 6),
        Some(day) if written.is_some_and(|w| day.year() + 1 < w.year()) => (1, 4),
        Some(_) => (2, 4),
    };
    (deed.1 <= of_deed && side.1 <= of_side).then_some(time)
}

/// Whether the words around the act tell a state of affairs rather than news.
fn is_lasting(words: &[Word], cues: &[Cue], act: Act, modality: Modality) -> bool {
    if modality != Modality::Actual {
        return false;
    }
    if matches!(act, Act::RecognitionWithhold | Act::MissionNonresident | Act::SeatOppose | Act::SeatSupport) {
        return true;
    }
    let near = |i: usize| cues.iter().any(|c| matches!(distance(words, c.word, i), (0, 0..=1, 0..=6)));
    words.iter().enumerate().any(|(i, w)| {
        near(i)
            && matches!(
                w.text.as_str(),
                "keep"
                    | "keeps"
                    | "kept"
                    | "still"
                    | "remain"
                    | "remains"
                    | "continue"
                    | "continues"
                    | "stay"
                    | "stays"
                    | "maintain"
                    | "maintains"
                    | "lists"
                    | "runs"
                    | "run"
                    | "sells"
                    | "supply"
                    | "supplies"
                    | "represented"
                    | "content"
                    | "never"
                    | "hold"
                    | "holds"
                    | "sits"
                    | "deal"
                    | "deals"
                    | "proscribes"
            )
    })
}
