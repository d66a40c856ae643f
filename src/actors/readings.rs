//! What the knowledge base takes a name for.

use crate::document::EntityType;

use super::folding::{fold, initials, loosen};
use super::knowledge::KnowledgeBase;
use super::scene::{Form, Scene};
use super::tables::{Kind, Row};
use crate::document::Date;

/// A city that is less likely than that part of the likeliest reading is not meant.
const SMALL: f32 = 0.65;

/// One thing that a name may mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Row of the knowledge base.
    pub(crate) row: u32,
    /// Its actor on the date.
    pub(crate) code: Option<u16>,
    /// How likely it is by kind, type, date and size, without the document.
    pub(crate) score: f32,
}

/// The form in which a row of that kind names its actor.
pub(crate) fn form(kind: Kind) -> Form {
    match kind {
        Kind::State | Kind::Short => Form::State,
        Kind::Demonym => Form::Demonym,
        Kind::Capital | Kind::Seat | Kind::Region | Kind::City | Kind::Nature => Form::Place,
        Kind::Group => Form::Group,
        Kind::Organisation => Form::Organisation,
        Kind::Person | Kind::Figure => Form::Person,
        Kind::Media => Form::Media,
        _ => Form::Body,
    }
}

/// How well a kind of row fits the type of a mention.
fn fit(kind: Kind, mention: EntityType) -> f32 {
    use EntityType::{Loc, Misc, Org, Per};
    match (mention, kind) {
        (_, Kind::Title | Kind::Ambiguous) => 0.0,
        (Per, Kind::Person | Kind::Figure) => 1.0,
        (Per, _) | (_, Kind::Person | Kind::Figure) => 0.0,
        (Loc, Kind::State | Kind::Demonym | Kind::Capital | Kind::Seat | Kind::Region | Kind::City | Kind::Nature) => {
            1.0
        }
        (Loc, Kind::Group | Kind::Short) => 0.95,
        (Loc, Kind::Government | Kind::Organisation | Kind::Other) => 0.8,
        (Loc, _) => 0.4,
        (Org, Kind::City | Kind::Nature | Kind::Other) => 0.35,
        (Org, Kind::Region | Kind::Capital | Kind::Demonym) => 0.6,
        (Org, _) => 1.0,
        (Misc, Kind::State | Kind::Demonym | Kind::Group | Kind::Other | Kind::Nature) => 1.0,
        (Misc, Kind::City | Kind::Region | Kind::Capital | Kind::Seat) => 0.45,
        (Misc, _) => 0.7,
    }
}

fn size(row: &Row) -> f32 {
    match (row.kind, row.population) {
        (Kind::City, 0..=29_999) => 0.6,
        (Kind::City, 30_000..=99_999) => 0.8,
        (Kind::City, 100_000..=499_999) => 1.1,
        (Kind::City, 500_000..=1_999_999) => 1.4,
        (Kind::City, _) => 1.6,
        _ => 1.0,
    }
}

/// How well the time of a row fits the date.
pub(crate) fn timeliness(row: &Row, date: Option<Date>) -> f32 {
    match (row.kind, row.years_away(date)) {
        (_, 0) => 1.0,
        (Kind::Person, 1..=3) => 0.8,
        (Kind::Person, 4..=15) => 0.6,
        (Kind::Person, _) => 0.4,
        (Kind::Capital | Kind::Seat, _) => 0.05,
        (Kind::Government | Kind::Intelligence | Kind::Army | Kind::Parliament, _) => 0.2,
        (_, 1..=5) => 0.6,
        _ => 0.4,
    }
}

/// What the names of an entity may mean, likeliest first. Of persons see [`persons`].
pub(crate) fn readings(scene: &Scene<'_>, entity: usize) -> Vec<Reading> {
    let kb = scene.kb;
    let mut out: Vec<Reading> = Vec::new();
    let mut seen: Vec<(String, EntityType)> = Vec::new();
    for &m in &scene.entities[entity] {
        let mention = scene.mentions[m];
        if !mention.named {
            continue;
        }
        let folded = fold(scene.surface(m));
        if seen.iter().any(|(f, k)| *f == folded && *k == mention.kind) || introduced(scene, entity, &folded) {
            continue;
        }
        for &ix in kb.named_at(scene.text, mention.span) {
            let row = &kb.rows[ix as usize];
            let score = row.kind.prior() * fit(row.kind, mention.kind) * size(row) * timeliness(row, scene.date);
            if score > 0.02 {
                out.push(Reading { row: ix, code: kb.history.code_on(row, scene.date), score });
            }
        }
        seen.push((folded, mention.kind));
    }
    out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    out.dedup_by_key(|r| r.row);
    let mut kept: Vec<u32> = Vec::new();
    let top = out.first().map_or(0.0, |r| r.score);
    out.retain(|r| {
        let small = kb.rows[r.row as usize].kind == Kind::City && r.score < top * SMALL;
        !small && !kept.contains(&r.row) && {
            kept.push(r.row);
            true
        }
    });
    out
}

/// Whether `folded` is the acronym of a longer name that the document uses for the same entity: then the longer name
/// tells.
fn introduced(scene: &Scene<'_>, entity: usize, folded: &str) -> bool {
    let long = |&&m: &&usize| scene.mentions[m].named && initials(&fold(scene.surface(m))) == folded;
    folded.len() > 1 && scene.entities[entity].iter().find(long).is_some()
}

/// The readings of one name without a document, likeliest first.
pub(crate) fn readings_of_name(kb: &KnowledgeBase, name: &str, date: Option<Date>) -> Vec<Reading> {
    let folded = fold(name);
    let mut out: Vec<Reading> = kb
        .named(&folded)
        .iter()
        .map(|&ix| (ix, 1.0))
        .chain(kb.surnamed(&folded).iter().map(|&ix| (ix, 0.8)))
        .chain(kb.sounding_like(&folded).iter().map(|&ix| (ix, 0.6)))
        .map(|(ix, how)| {
            let row = &kb.rows[ix as usize];
            Reading {
                row: ix,
                code: kb.history.code_on(row, date),
                score: (how * row.kind.prior() * size(row) * timeliness(row, date)).min(1.0),
            }
        })
        .collect();
    out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    let mut kept: Vec<u32> = Vec::new();
    out.retain(|r| {
        !kept.contains(&r.row) && {
            kept.push(r.row);
            true
        }
    });
    out
}

/// Known persons that a person's names may mean, likeliest first, and whether the full name is known.
pub(crate) fn persons(scene: &Scene<'_>, entity: usize) -> (Vec<Reading>, bool) {
    let kb = scene.kb;
    let mut names: Vec<String> = Vec::new();
    for &m in &scene.entities[entity] {
        if scene.mentions[m].named && scene.mentions[m].kind == EntityType::Per {
            let folded = fold(scene.surface(m));
            if !names.contains(&folded) {
                names.push(folded);
            }
        }
    }
    names.sort_by_key(|n| std::cmp::Reverse(n.split(' ').count()));
    let Some(full) = names.first() else { return (Vec::new(), false) };
    let rate = |rows: &[u32], how: f32| -> Vec<Reading> {
        let mut out: Vec<Reading> = rows
            .iter()
            .filter(|&&r| matches!(kb.rows[r as usize].kind, Kind::Person | Kind::Figure))
            .map(|&r| {
                let row = &kb.rows[r as usize];
                Reading { row: r, code: row.code, score: how * timeliness(row, scene.date) }
            })
            .collect();
        out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
        out
    };
    if full.contains(' ') {
        for name in names.iter().filter(|n| n.contains(' ')) {
            for (rows, how) in [(kb.named(name), 1.0), (kb.sounding_like(name), 0.9)] {
                let found = rate(rows, how);
                if !found.is_empty() {
                    return (found, true);
                }
            }
        }
        return (rate(&same_person(kb, full), 0.9), true);
    }
    let mut found = rate(kb.surnamed(full), 1.0);
    found.extend(rate(kb.named(full), 1.0));
    if found.is_empty() && full.len() > 5 {
        found = rate(kb.sounding_like(full), 0.9);
    }
    (found, false)
}

/// Persons whose name has all parts of `full` or the other way round, at least two of them: `Luiz Inácio Lula da Silva`
/// and `Lula da Silva`, `Abdul Hamid Dbeibah` and `Abdul Hamid al-Dbeibah`.
fn same_person(kb: &KnowledgeBase, full: &str) -> Vec<u32> {
    let mine = loosen(full);
    let mine: Vec<&str> = mine.split(' ').collect();
    let mut out = Vec::new();
    let parts: Vec<&str> = full.split(' ').collect();
    for key in [parts[parts.len() - 1], parts[0]] {
        for &r in kb.surnamed(key) {
            let theirs = loosen(&fold(&kb.rows[r as usize].name));
            let theirs: Vec<&str> = theirs.split(' ').collect();
            let (short, long) = if mine.len() <= theirs.len() { (&mine, &theirs) } else { (&theirs, &mine) };
            let mut rest = long.iter();
            if short.len() >= 2
                && short.iter().all(|p| rest.any(|q| q == p))
                && short[0] == long[0]
                && !out.contains(&r)
            {
                out.push(r);
            }
        }
    }
    out
}

/// Names of known actors inside a longer name (`Kenya Red Cross`, `Bank of England`): row, whether it opens the name,
/// and whether it follows `of` or the like.
pub(crate) fn inside(kb: &KnowledgeBase, surface: &str) -> Vec<(u32, bool, bool)> {
    let folded = fold(surface);
    let words: Vec<&str> = folded.split(' ').collect();
    let mut out: Vec<(u32, bool, bool)> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let mut step = 1;
        for len in (1..=4.min(words.len() - at)).rev() {
            if len == words.len() {
                continue;
            }
            let name = words[at..at + len].join(" ");
            let rows = kb.named(&name);
            let known = rows.iter().copied().filter(|&r| {
                let row = &kb.rows[r as usize];
                row.code.is_some()
                    && match row.kind {
                        Kind::State | Kind::Demonym | Kind::Capital | Kind::Government => true,
                        Kind::Group | Kind::Organisation => name.len() > 2,
                        Kind::Region => name.len() > 3,
                        Kind::City => row.population > 300_000 && name.len() > 3,
                        _ => false,
                    }
            });
            let best = known.max_by(|&a, &b| {
                let rate = |r: u32| kb.rows[r as usize].kind.prior() * size(&kb.rows[r as usize]);
                rate(a).total_cmp(&rate(b)).then(b.cmp(&a))
            });
            if let Some(row) = best {
                let after_of = at > 0 && matches!(words[at - 1], "of" | "de" | "du" | "in" | "for" | "at" | "from");
                out.push((row, at == 0, after_of));
                step = len;
                break;
            }
        }
        at += step;
    }
    out
}
