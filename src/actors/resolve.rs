//! Which actor every entity is or acts for: first what the tables say for certain, then what the document says.

use crate::document::{ActorCode, Date, EntityIx, EntityType, Probability, Span};

use super::features::{features, features_of_none, letter};
use super::folding::fold;
use super::knowledge::KnowledgeBase;
use super::ranker::{softmax, FeatureSet};
use super::readings::{form, inside, persons, readings, Reading};
use super::scene::{Form, Scene};
use super::shared_names::{pointed_to, Bearer};
use super::tables::Kind;

/// Below that probability an actor is unknown.
const ENOUGH: f32 = 0.48;
/// A full name that fits a known person that well, in spelling and time, is that person.
const SURE: f32 = 0.4;
/// Probability of the actor that the document points to among those that share a name.
const POINTED: f32 = 0.9;
/// Probability that what a name is called after tells whose it is.
const CALLED_AFTER: f32 = 0.9;
/// What no state owns.
const WATERS: [&str; 5] = ["sea", "ocean", "gulf", "strait", "straits"];
/// Offices whose holder is meant by a bare surname rather than a minister of that name.
const HEADS: [&str; 9] =
    ["president", "leader", "supreme leader", "general secretary", "chancellor", "king", "queen", "emir", "sultan"];
/// Of towns of one name so many of the largest are candidates.
const TOWNS: usize = 8;
/// Inhabitants from which on a town is large.
const LARGE_TOWN: u32 = 8_000;
/// At most that many actors of the document are candidates.
const CANDIDATES: usize = 14;

/// Finds the actor of every entity; the mentions say which entity they belong to.
pub fn resolve(
    kb: &KnowledgeBase,
    text: &str,
    sentences: &[Span],
    date: Option<Date>,
    mentions: &[(Span, EntityType, bool, EntityIx)],
    n_entities: usize,
) -> Vec<(Option<ActorCode>, Probability)> {
    let all = mentions.iter().map(|&(span, kind, named, entity)| (span, kind, named, entity.get()));
    let mut scene = Scene::new(kb, text, sentences, date, all, n_entities);
    let found = Resolution::of(&mut scene, None);
    found
        .codes
        .into_iter()
        .map(|(c, p)| (c.map(|c| kb.codes.list[usize::from(c)].clone()), Probability::new(p)))
        .collect()
}

/// A choice that the document had to decide, for fitting the weights.
#[derive(Debug)]
pub struct Choice {
    /// The entity.
    pub entity: EntityIx,
    /// Candidates with the names of their features; the first, without a code, is that none of the others is meant.
    pub candidates: Vec<(Option<ActorCode>, Vec<String>)>,
}

/// The choices that [`resolve`] makes in a document, with their features.
pub fn choices(
    kb: &KnowledgeBase,
    text: &str,
    sentences: &[Span],
    date: Option<Date>,
    mentions: &[(Span, EntityType, bool, EntityIx)],
    n_entities: usize,
) -> Vec<Choice> {
    let all = mentions.iter().map(|&(span, kind, named, entity)| (span, kind, named, entity.get()));
    let mut scene = Scene::new(kb, text, sentences, date, all, n_entities);
    let mut out = Vec::new();
    Resolution::of(&mut scene, Some(&mut out));
    out
}

/// Codes of entities, as indices of the knowledge base's codes, with their probabilities.
pub(crate) struct Resolution {
    pub(crate) codes: Vec<(Option<u16>, f32)>,
}

/// What the tables say of an entity.
enum Verdict {
    /// Its actor, or that it is none, for certain.
    Known(Option<u16>, f32, Form),
    /// One of these, by the document; the bearers of the name in the same order.
    OneOf(Vec<(u16, Vec<String>, Form)>, Vec<Bearer>),
    /// Some actor of the document; these are hints.
    Open(Vec<(u16, Vec<String>, Form)>),
}

/// An entity that the document decides: its turn, its index, its candidates, and where there are no others the bearers
/// of its name.
type Waiting = (u8, usize, Vec<(u16, Vec<String>, Form)>, Option<Vec<Bearer>>);

impl Resolution {
    /// Resolves all entities of the scene, most certain ones first. Choices that the document decides are told, if
    /// anybody asks.
    pub(crate) fn of(scene: &mut Scene<'_>, mut tell: Option<&mut Vec<Choice>>) -> Self {
        let n = scene.entities.len();
        let mut codes = vec![(None, 0.0); n];
        let mut waiting: Vec<Waiting> = Vec::new();
        let mentioned: Vec<usize> = (0..n).filter(|&entity| !scene.entities[entity].is_empty()).collect();
        for entity in mentioned {
            match verdict(scene, entity) {
                Verdict::Known(code, p, form) => {
                    codes[entity] = (code, p);
                    if let Some(code) = code {
                        scene.anchor(entity, code, form);
                    }
                }
                Verdict::OneOf(candidates, bearers) => waiting.push((0, entity, candidates, Some(bearers))),
                Verdict::Open(hints) => {
                    let turn = match (scene.kind(entity), scene.is_named(entity)) {
                        (_, false) => 3,
                        (EntityType::Per, _) => 2,
                        _ => 1,
                    };
                    waiting.push((turn, entity, hints, None));
                }
            }
        }
        waiting.sort_by_key(|w| (w.0, w.1));
        for (_, entity, hints, bearers) in waiting {
            let pointed = bearers.as_ref().and_then(|b| pointed_to(scene, entity, b));
            let (code, p, form) = match pointed {
                Some(at) => (Some(hints[at].0), POINTED, hints[at].2),
                None => choose(scene, entity, hints, bearers.is_some(), tell.as_deref_mut()),
            };
            codes[entity] = (code, p);
            if let Some(code) = code {
                scene.anchor(entity, code, form);
            }
        }
        Resolution { codes }
    }
}

fn verdict(scene: &Scene<'_>, entity: usize) -> Verdict {
    if !scene.is_named(entity) {
        return Verdict::Open(hints_inside(scene, entity));
    }
    if scene.kind(entity) == EntityType::Per {
        return verdict_on_person(scene, entity);
    }
    let found = readings(scene, entity);
    if found.is_empty() {
        if let Some(known) = told_by_its_words(scene, entity) {
            return known;
        }
        let mut hints = towns(scene, entity);
        for (code, tags, form) in hints_inside(scene, entity) {
            match hints.iter_mut().find(|(c, ..)| *c == code) {
                Some((_, known, _)) => known.extend(tags),
                None => hints.push((code, tags, form)),
            }
        }
        return Verdict::Open(hints);
    }
    let kb = scene.kb;
    let mut by_code: Vec<(Option<u16>, Vec<Reading>)> = Vec::new();
    for r in &found {
        let code = r.code;
        match by_code.iter_mut().find(|(c, _)| *c == code) {
            Some((_, of)) => of.push(*r),
            None => by_code.push((code, vec![*r])),
        }
    }
    let top = &kb.rows[found[0].row as usize];
    let decisive = |k: Kind| !matches!(k, Kind::Short | Kind::Generic | Kind::Seat);
    if by_code.len() == 1 && decisive(top.kind) {
        return Verdict::Known(found[0].code, found[0].score.min(0.99), form(top.kind));
    }
    if let Some(known) = told_by_another_name(scene, entity, &found) {
        return known;
    }
    let generic = found.iter().any(|r| kb.rows[r.row as usize].kind == Kind::Generic);
    let mut candidates = Vec::new();
    let mut bearers = Vec::new();
    for (code, of) in &by_code {
        let Some(code) = code else { continue };
        bearers.push(Bearer { code: *code, kind: kb.rows[of[0].row as usize].kind, score: of[0].score });
        candidates.push((*code, tags(scene, entity, of, found[0].score), form(kb.rows[of[0].row as usize].kind)));
    }
    if generic {
        candidates.extend(hints_inside(scene, entity));
        return Verdict::Open(candidates);
    }
    Verdict::OneOf(candidates, bearers)
}

/// What the words of a name that no table has tell for certain: a body that is called after a state or its people
/// belongs to it (`Costa Rican Red Cross`), and a sea is nobody's.
fn told_by_its_words(scene: &Scene<'_>, entity: usize) -> Option<Verdict> {
    let kb = scene.kb;
    let &m = scene.entities[entity].iter().find(|&&m| scene.mentions[m].named)?;
    match scene.kind(entity) {
        EntityType::Org => {
            let (row, ..) = inside(kb, scene.surface(m)).into_iter().find(|&(_, opens, _)| opens)?;
            let row = &kb.rows[row as usize];
            let state = matches!(row.kind, Kind::State | Kind::Demonym);
            state.then(|| Verdict::Known(kb.history.code_on(row, scene.date), CALLED_AFTER, Form::Body))
        }
        EntityType::Loc => {
            let folded = fold(scene.surface(m));
            let water = WATERS.iter().any(|w| {
                folded.strip_suffix(w).is_some_and(|rest| rest.ends_with(' '))
                    || folded.strip_prefix(w).is_some_and(|rest| rest.starts_with(" of "))
            });
            water.then_some(Verdict::Known(None, CALLED_AFTER, Form::Place))
        }
        _ => None,
    }
}

/// The state of an entity that has several names, one of which is no other actor's: `Belgium`, where it is `Brussels`
/// too.
fn told_by_another_name(scene: &Scene<'_>, entity: usize, found: &[Reading]) -> Option<Verdict> {
    let kb = scene.kb;
    let own = |m: &&usize| {
        let rows = kb.named_at(scene.text, scene.mentions[**m].span);
        let code = rows.first().and_then(|&r| kb.rows[r as usize].code);
        let name = |&r: &u32| {
            let row = &kb.rows[r as usize];
            matches!(row.kind, Kind::State | Kind::Demonym) && row.code == code
        };
        scene.mentions[**m].named && code.is_some() && !rows.is_empty() && rows.iter().all(name)
    };
    let others = scene.entities[entity].iter().filter(|m| scene.mentions[**m].named).count();
    let &m = scene.entities[entity].iter().find(own).filter(|_| others > 1)?;
    let &row = kb.named_at(scene.text, scene.mentions[m].span).first()?;
    let reading = found.iter().find(|r| r.row == row)?;
    Some(Verdict::Known(reading.code, reading.score.clamp(0.8, 0.99), form(kb.rows[row as usize].kind)))
}

/// Features of a candidate that come from the table.
fn tags(scene: &Scene<'_>, entity: usize, of: &[Reading], top: f32) -> Vec<String> {
    let kb = scene.kb;
    let k = letter(scene.kind(entity), true);
    let row = &kb.rows[of[0].row as usize];
    let kind = row.kind.name();
    let near = ((of[0].score / top) * 5.0).round();
    let mut out = vec![format!("{k} row {kind}"), format!("{k} row near {near}")];
    if !row.holds(scene.date) {
        out.push(format!("{k} row {kind} not then"));
    }
    if matches!(row.kind, Kind::Seat | Kind::Capital | Kind::Short) || row.kind == Kind::Group {
        for &m in scene.entities[entity].iter().take(3) {
            let span = scene.mentions[m].span;
            if let Some(w) = scene.word_before(span) {
                out.push(format!("row {kind} after {w}"));
            }
            if let Some(w) = scene.word_after(span) {
                out.push(format!("row {kind} before {w}"));
            }
        }
        out.push(format!("row {kind} {}", fold(scene.surface(scene.entities[entity][0]))));
    }
    out
}

/// The states that have a small town of that name: hints only, for the document may mean another place.
fn towns(scene: &Scene<'_>, entity: usize) -> Vec<(u16, Vec<String>, Form)> {
    let kb = scene.kb;
    if scene.kind(entity) != EntityType::Loc {
        return Vec::new();
    }
    let folded = fold(scene.surface(scene.entities[entity][0]));
    let mut towns = kb.towns_named(&folded);
    towns.sort_by_key(|&(_, population)| std::cmp::Reverse(population));
    let only = towns.len() == 1;
    let mut out: Vec<(u16, Vec<String>, Form)> = Vec::new();
    for (state, population) in towns.into_iter().take(TOWNS) {
        let code = kb.history.holder(state, scene.date, || vec![folded.clone()]).unwrap_or(state);
        let size = if population < LARGE_TOWN { "small" } else { "large" };
        let mut tags = vec!["L town".to_owned(), format!("L town {size}")];
        if only {
            tags.push("L town only".to_owned());
        }
        out.push((code, tags, Form::Place));
    }
    out
}

/// Candidates from names of actors inside an entity's own names.
fn hints_inside(scene: &Scene<'_>, entity: usize) -> Vec<(u16, Vec<String>, Form)> {
    let kb = scene.kb;
    let k = letter(scene.kind(entity), scene.is_named(entity));
    let mut out: Vec<(u16, Vec<String>, Form)> = Vec::new();
    if k == 'P' {
        return out;
    }
    for &m in scene.entities[entity].iter().take(3) {
        for (row, opens, after_of) in inside(kb, scene.surface(m)) {
            let row = &kb.rows[row as usize];
            let Some(code) = kb.history.code_on(row, scene.date) else { continue };
            let place = if opens {
                "opening"
            } else if after_of {
                "after of"
            } else {
                "within"
            };
            let tag = format!("{k} has {} {place}", form(row.kind).letter());
            match out.iter_mut().find(|(c, ..)| *c == code) {
                Some((_, tags, _)) => {
                    if !tags.contains(&tag) {
                        tags.push(tag);
                    }
                }
                None => out.push((code, vec![format!("{k} has it"), tag], Form::Body)),
            }
        }
    }
    out
}

fn verdict_on_person(scene: &Scene<'_>, entity: usize) -> Verdict {
    let kb = scene.kb;
    let (found, full) = persons(scene, entity);
    let Some(best) = found.first() else { return Verdict::Open(Vec::new()) };
    let code = best.code;
    let same = |r: &Reading| r.code == code;
    if let Some(code) = then_in_office(scene, entity, &found) {
        return Verdict::Known(Some(code), POINTED, Form::Person);
    }
    if full {
        // Who has held offices of several actors acts for the one whose office is nearest in time.
        if found.iter().filter(|r| r.score > best.score * 0.9).all(same) && best.score >= SURE {
            return Verdict::Known(code, best.score.clamp(0.8, 0.98), Form::Person);
        }
    }
    let mut hints: Vec<(u16, Vec<String>, Form)> = Vec::new();
    for r in &found {
        let row = &kb.rows[r.row as usize];
        let Some(code) = row.code else { continue };
        let then = match row.years_away(scene.date) {
            0 => "then",
            1..=3 => "near",
            _ => "far",
        };
        let how = if full { "full" } else { "surname" };
        let mut tags = vec![format!("P known by {how} {then}"), format!("P known by {how}")];
        if found.iter().all(|o| kb.rows[o.row as usize].code == Some(code)) {
            tags.push(format!("P only one of that {how} {then}"));
        }
        let heads = |o: &Reading| {
            let row = &kb.rows[o.row as usize];
            row.code == Some(code) && row.years_away(scene.date) == 0 && HEADS.contains(&&*row.office)
        };
        if found.iter().any(heads) {
            tags.push("P heads the state".to_owned());
        }
        if hints.iter().all(|(c, ..)| *c != code) {
            hints.push((code, tags, Form::Person));
        }
    }
    Verdict::Open(hints)
}

/// Whom somebody acted for when he held the office that stands behind his name: `Josep Borrell, then foreign minister`.
fn then_in_office(scene: &Scene<'_>, entity: usize, found: &[Reading]) -> Option<u16> {
    let &m = scene.entities[entity].first()?;
    let after = scene.text[scene.mentions[m].span.end..].strip_prefix(", then ")?;
    let after = after.split([',', '.', ';', '\n']).next().unwrap_or("").to_lowercase();
    let mut codes = found.iter().filter(|r| after.contains(&*scene.kb.rows[r.row as usize].office)).map(|r| r.code);
    let code = codes.next()??;
    codes.all(|c| c == Some(code)).then_some(code)
}

/// Chooses among hints and, unless `closed`, the actors that the document names.
fn choose(
    scene: &Scene<'_>,
    entity: usize,
    hints: Vec<(u16, Vec<String>, Form)>,
    closed: bool,
    tell: Option<&mut Vec<Choice>>,
) -> (Option<u16>, f32, Form) {
    let default = if scene.kind(entity) == EntityType::Per { Form::Person } else { Form::Body };
    let mut candidates = hints;
    let standings = scene.standings();
    if !closed {
        for &(code, _) in &standings {
            if candidates.len() < CANDIDATES && candidates.iter().all(|(c, ..)| *c != code) {
                candidates.push((code, Vec::new(), default));
            }
        }
    }
    let named = tell.is_some();
    let mut sets = vec![FeatureSet::new(named)];
    features_of_none(scene, entity, &mut sets[0]);
    for (code, tags, _) in &candidates {
        let mut set = FeatureSet::new(named);
        for t in tags {
            set.add(t);
        }
        features(scene, entity, *code, &standings, &mut set);
        sets.push(set);
    }
    let scores: Vec<f32> = sets.iter().map(|s| scene.kb.weights.score(s)).collect();
    let p = softmax(&scores);
    if let Some(tell) = tell {
        let code = |i: usize| i.checked_sub(1).map(|i| scene.kb.codes.list[usize::from(candidates[i].0)].clone());
        let candidates = sets.into_iter().enumerate().map(|(i, s)| (code(i), s.into_names())).collect();
        tell.push(Choice { entity: EntityIx(entity as u32), candidates });
    }
    // Where the tables know all whom a name may mean, it is one of them.
    let from = usize::from(closed && !p.is_empty() && candidates.len() > 1);
    let best = (from..p.len()).max_by(|&a, &b| p[a].total_cmp(&p[b]).then(b.cmp(&a))).unwrap_or(0);
    match best.checked_sub(1) {
        Some(i) if p[best] >= ENOUGH => (Some(candidates[i].0), p[best], candidates[i].2),
        _ => (None, p[best], default),
    }
}
