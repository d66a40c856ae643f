//! Names that several actors share (`Congo`, `Georgia`): what else the document names tells who is meant.

use super::folding::fold;
use super::scene::{Anchor, Form, Scene};
use super::tables::Kind;

/// Offices and units of a part of a state, as they stand before its name: `governor of Georgia`.
const PART: &[&str] = &[
    "governor of",
    "governor from",
    "governors of",
    "senator from",
    "senator for",
    "senators from",
    "congressman from",
    "congresswoman from",
    "state of",
    "county of",
    "legislature of",
    "voters in",
    "ballots in",
];

/// Words behind a capital at the head of a clause that are no verb of it.
const NO_VERB: &[&str] =
    &["and", "or", "in", "on", "at", "to", "is", "was", "airport", "residents", "as", "but", "with"];

/// An actor that bears the name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bearer {
    /// The actor, an index of the knowledge base's codes.
    pub(crate) code: u16,
    /// The likeliest kind of the name for it.
    pub(crate) kind: Kind,
    /// How likely it is without the document.
    pub(crate) score: f32,
}

/// The bearer that the document points to, as an index of `bearers` (likeliest first); none where it tells nothing.
pub(crate) fn pointed_to(scene: &Scene<'_>, entity: usize, bearers: &[Bearer]) -> Option<usize> {
    beside_its_state(scene, entity, bearers)
        .or_else(|| among_equals(scene, entity, bearers))
        .or_else(|| part_of_a_state(scene, entity, bearers))
        .or_else(|| acting_seat(scene, entity, bearers))
}

/// The bearer whose state stands right behind the name: `Tripoli, in Lebanon`, `San José, Costa Rica`.
fn beside_its_state(scene: &Scene<'_>, entity: usize, bearers: &[Bearer]) -> Option<usize> {
    let place = |k: Kind| matches!(k, Kind::Capital | Kind::City | Kind::Region);
    scene.entities[entity].iter().find_map(|&m| {
        let next = scene.after(m).next()?;
        let gap = scene.text[scene.mentions[m].span.end..next.span.start].trim();
        let beside = matches!(gap, "," | "in" | ", in" | "(") && matches!(next.form, Form::State);
        bearers.iter().position(|b| beside && place(b.kind) && country(scene, b.code) == country(scene, next.code))
    })
}

/// The power that sits in a capital, where the capital opens a clause and acts (`Kabul urged`).
fn acting_seat(scene: &Scene<'_>, entity: usize, bearers: &[Bearer]) -> Option<usize> {
    let top = bearers.first()?;
    let seat = bearers.iter().position(|b| b.kind == Kind::Seat && b.score > top.score * 0.7)?;
    let acts = |&m: &usize| {
        let span = scene.mentions[m].span;
        let opens = scene.word_before(span).is_none_or(|w| !w.starts_with(char::is_alphanumeric) && w != "(");
        let after = scene.text[span.end..].strip_prefix(' ').unwrap_or("");
        let word = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        opens && word.starts_with(char::is_lowercase) && !NO_VERB.contains(&word)
    };
    scene.entities[entity].iter().any(acts).then_some(seat)
}

/// Of states, peoples or powers that share a name the one whose country the document names most, or else nearest.
fn among_equals(scene: &Scene<'_>, entity: usize, bearers: &[Bearer]) -> Option<usize> {
    let top = bearers.first()?;
    let equal = |b: &&Bearer| {
        matches!(b.kind, Kind::State | Kind::Demonym | Kind::Group | Kind::Organisation) && b.score > top.score * 0.7
    };
    let equals: Vec<&str> = bearers.iter().filter(equal).map(|b| country(scene, b.code)).collect();
    let distinct = equals.iter().enumerate().all(|(n, c)| *c != "INT" && !equals[..n].contains(c));
    if equals.len() < 2 || equals.len() < bearers.len() || !distinct {
        return None;
    }
    let first = *scene.entities[entity].first()?;
    let nearest_first = scene.before(first).chain(scene.after(first));
    let mut support = vec![0_usize; equals.len()];
    let mut nearest = None;
    for a in nearest_first {
        if let Some(at) = equals.iter().position(|c| *c == country(scene, a.code)) {
            support[at] += 1;
            nearest.get_or_insert(at);
        }
    }
    let most = support.iter().copied().max().filter(|&most| most > 0)?;
    let leaders: Vec<usize> = (0..equals.len()).filter(|&at| support[at] == most).collect();
    if leaders.len() == 1 {
        Some(leaders[0])
    } else {
        nearest
    }
}

/// A part of another state that is named like a state, where the document says so: by a place in it right before
/// (`Atlanta, Georgia`), by an office of such a part, or because it names nothing but places and people of that other
/// state.
fn part_of_a_state(scene: &Scene<'_>, entity: usize, bearers: &[Bearer]) -> Option<usize> {
    let top = bearers.first().filter(|b| b.kind == Kind::State)?;
    let part = bearers.iter().position(|b| b.kind == Kind::Region && b.score > top.score * 0.5)?;
    let (state, code) = (country(scene, top.code), bearers[part].code);
    for &m in &scene.entities[entity] {
        let span = scene.mentions[m].span;
        let before = &scene.text[..span.start];
        let place =
            |a: Anchor| a.code == code && a.form == Form::Place && scene.text[a.span.end..span.start].trim() == ",";
        if scene.before(m).next().is_some_and(place) || PART.iter().any(|p| before.trim_end().ends_with(p)) {
            return Some(part);
        }
    }
    let first = *scene.entities[entity].first()?;
    let around: Vec<Anchor> = scene.before(first).chain(scene.after(first)).collect();
    let elsewhere = around.iter().any(|a| a.code != code || country(scene, a.code) == state);
    let within = around.iter().any(|a| {
        let rows = scene.kb.named(&fold(a.span.of(scene.text)));
        let seat = |k: Kind| matches!(k, Kind::Capital | Kind::Seat);
        a.form == Form::Place && !rows.iter().any(|&r| seat(scene.kb.rows[r as usize].kind))
    });
    (!elsewhere && within).then_some(part)
}

fn country<'a>(scene: &'a Scene<'_>, code: u16) -> &'a str {
    scene.kb.codes.list[usize::from(code)].country()
}
