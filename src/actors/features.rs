//! Features that tell for which of a document's actors somebody acts: title, nationality, apposition, neighbourhood,
//! name.

use crate::document::{EntityType, Span};

use super::folding::fold;
use super::ranker::FeatureSet;
use super::scene::{Anchor, Scene, Standing};

/// At most that many mentions of an entity are looked at; the first ones introduce it.
const MENTIONS: usize = 4;
/// A nominal takes up what at most that many sentences before it introduced, in at most so many words behind the
/// actor's name.
const INTRODUCED: usize = 3;
const WORDS: usize = 7;
/// What follows the name of a power that stands behind somebody else.
const BACKED: &[&str] = &["-backed", "-supported", "-funded", "-armed", "-trained", "-sponsored", "-aligned"];
/// Longest acronym in brackets, in bytes.
const ACRONYM: usize = 12;
/// Words that tell a grammatical relation and are kept as they are.
const FUNCTION_WORDS: &[&str] = &[
    "of", "for", "in", "at", "to", "from", "by", "with", "on", "and", "or", "but", "who", "whose", "which", "that",
    "as", "against", "between", "into", "near", "outside", "over", "after", "before", "under", "about", "than", "via",
    "where", "when", "said", "says", "told", "tells", "met", "meets", "asked", "accused", "urged", "called", "is",
    "was", "has", "had", "will", "not", "did", "wants", "whom", "while", "because", "if", "behind", "beside",
    "without", "among",
];
const DROPPED: &[&str] =
    &["the", "a", "an", "his", "her", "its", "their", "own", "then", "own", "also", "still", "now", "only"];

/// The letter under which features of an entity are learnt.
pub(crate) const fn letter(kind: EntityType, named: bool) -> char {
    match (kind, named) {
        (EntityType::Per, true) => 'P',
        (EntityType::Org, true) => 'O',
        (EntityType::Loc, true) => 'L',
        (EntityType::Misc, true) => 'M',
        (EntityType::Per, false) => 'N',
        (_, false) => 'R',
    }
}

/// What lies between a mention and an actor, as far as it tells how the two belong together: titles as `T`, names as
/// `M`, other words as `w`. None when it is long.
pub(crate) fn between(scene: &Scene<'_>, gap: Span) -> Option<String> {
    let text = gap.of(scene.text);
    if text.len() > 110 || text.contains('\n') {
        return None;
    }
    let mut out: Vec<&str> = Vec::new();
    let mut rest = without_acronym(text);
    if let Some(r) = rest.strip_prefix("'s").or_else(|| rest.strip_prefix("’s")) {
        out.push("'s");
        rest = r;
    }
    let mut words = 0;
    while let Some(c) = rest.chars().next() {
        if c.is_alphanumeric() {
            let end =
                rest.find(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’' && c != '-').unwrap_or(rest.len());
            let word = &rest[..end];
            rest = &rest[end..];
            words += 1;
            if words > 14 {
                return None;
            }
            let lower = word.to_lowercase();
            let lower = lower.strip_suffix("'s").or_else(|| lower.strip_suffix("’s")).unwrap_or(&lower);
            let token = if DROPPED.contains(&lower) {
                continue;
            } else if let Some(w) = FUNCTION_WORDS.iter().find(|w| **w == lower) {
                w
            } else if scene.kb.is_title(lower) || lower.split('-').all(|p| scene.kb.is_title(p)) {
                "T"
            } else if c.is_uppercase() {
                "M"
            } else if c.is_numeric() {
                "0"
            } else {
                "w"
            };
            push(&mut out, token);
        } else {
            let end = c.len_utf8();
            let token = match c {
                ',' => Some(","),
                '(' => Some("("),
                ')' => Some(")"),
                '.' | '!' | '?' | ';' | ':' => Some(":"),
                '"' | '“' | '”' => Some("q"),
                '–' | '—' => Some("-"),
                _ => None,
            };
            rest = &rest[end..];
            if let Some(t) = token {
                push(&mut out, t);
            }
        }
    }
    (out.len() <= 8).then(|| out.join(" "))
}

/// What follows an acronym in brackets, or the end of its bracket; the whole gap where it does not begin with one.
fn without_acronym(gap: &str) -> &str {
    let rest = gap.strip_prefix(" (").and_then(|r| r.split_once(')')).filter(|(a, _)| a.len() <= ACRONYM);
    rest.map_or(gap.strip_prefix(')').unwrap_or(gap), |(_, rest)| rest)
}

fn push<'a>(out: &mut Vec<&'a str>, token: &'a str) {
    // "minister of foreign affairs" is one title.
    if token == "T" && out.len() >= 2 && out[out.len() - 2..] == ["T", "of"] {
        out.pop();
        return;
    }
    if out.last() != Some(&token) {
        out.push(token);
    }
}

/// The features of `code` as the actor of `entity`, given what the document is about.
pub(crate) fn features(
    scene: &Scene<'_>,
    entity: usize,
    code: u16,
    standings: &[(u16, Standing)],
    set: &mut FeatureSet,
) {
    let kind = scene.kind(entity);
    let k = letter(kind, scene.is_named(entity));
    for (nth, &m) in scene.entities[entity].iter().take(MENTIONS).enumerate() {
        let seen = scene.mentions[m];
        let near = |a: &Anchor| a.sent.abs_diff(seen.sent) <= 1;
        for a in scene.before(m).take_while(near).chain(scene.after(m).take_while(near)).filter(|a| a.code == code) {
            if a.sent == seen.sent {
                same_sentence(scene, k, seen.span, &a, nth == 0, set);
            } else {
                set.add(&format!("{k} {}sent", if a.sent < seen.sent { "prev" } else { "next" }));
            }
        }
        nearest(scene, k, code, m, nth == 0, set);
    }
    whole_document(scene, k, code, standings, set);
    if matches!(k, 'N' | 'R') && introduces(scene, entity, code) {
        set.add(&format!("{k} introduced before"));
    }
    if kind == EntityType::Per && scene.is_named(entity) {
        origin(scene, entity, code, set);
    }
}

fn same_sentence(scene: &Scene<'_>, k: char, m: Span, a: &Anchor, first: bool, set: &mut FeatureSet) {
    let f = a.form.letter();
    let (side, gap) = if a.span.end <= m.start {
        ('<', Span::new(a.span.end, m.start))
    } else if m.end <= a.span.start {
        ('>', Span::new(m.end, a.span.start))
    } else {
        return;
    };
    set.add(&format!("{k} same"));
    if side == '<' && BACKED.iter().any(|b| scene.text[a.span.end..].starts_with(b)) {
        set.add(&format!("{k} backed by"));
    }
    let Some(words) = between(scene, gap) else {
        set.add(&format!("{k} {side}{f} far"));
        return;
    };
    set.add(&format!("{k} {side}{f} {words}"));
    set.add(&format!("{k} {side} {words}"));
    let tokens: Vec<&str> = words.split(' ').collect();
    set.add(&format!("{k} {side}{f} {}", tokens.len().min(6)));
    if !tokens.contains(&"M") {
        set.add(&format!("{k} {side}{f} no name between"));
    }
    if tokens.contains(&"T") && !tokens.contains(&":") {
        set.add(&format!("{k} {side}{f} title between{}", if tokens.contains(&",") { ", comma" } else { "" }));
    }
    if first {
        if let Some(w) = scene.word_before(a.span) {
            set.add(&format!("{k} {side} after {w}"));
        }
        if side == '<' {
            if let Some(w) = scene.word_after(a.span) {
                set.add(&format!("{k} {side} before {w}"));
            }
        }
    }
}

fn nearest(scene: &Scene<'_>, k: char, code: u16, m: usize, first: bool, set: &mut FeatureSet) {
    let sent = scene.mentions[m].sent;
    let nth = if first { "" } else { " later" };
    if let Some(a) = scene.before(m).next().filter(|a| a.code == code) {
        set.add(&format!("{k} nearest<{} {}{nth}", a.form.letter(), if a.sent == sent { "same" } else { "other" }));
    }
    if let Some(a) = scene.after(m).next().filter(|a| a.code == code && a.sent == sent) {
        set.add(&format!("{k} nearest>{}{nth}", a.form.letter()));
    }
    if first {
        // Who opens the sentence is often who it is about.
        let here = |a: &Anchor| a.sent == sent;
        let opens = scene.before(m).take_while(here).last().or_else(|| scene.after(m).next().filter(here));
        if opens.is_some_and(|a| a.code == code) {
            set.add(&format!("{k} opens"));
        }
    }
}

fn whole_document(scene: &Scene<'_>, k: char, code: u16, standings: &[(u16, Standing)], set: &mut FeatureSet) {
    let mine = standings.iter().find(|(c, _)| *c == code).map_or(Standing::default(), |&(_, s)| s);
    let rank = standings.partition_point(|(_, s)| s.anchors > mine.anchors);
    set.add(&format!("{k} rank {}", rank.min(5)));
    set.add(&format!("{k} of {}", standings.len().min(8)));
    set.add(&format!("{k} rank {} of {}", rank.min(3), standings.len().min(4)));
    if mine.anchors * 2 > standings.iter().map(|(_, s)| s.anchors).sum::<usize>() {
        set.add(&format!("{k} most"));
    }
    if standings.iter().min_by_key(|(_, s)| s.first).is_some_and(|(c, _)| *c == code) {
        set.add(&format!("{k} first"));
    }
    set.add(&format!("{k} forms {}", mine.letters()));
    let code = &scene.kb.codes.list[usize::from(code)];
    let class = if code.country() == "INT" {
        "int"
    } else if code.is_state() {
        "state"
    } else {
        "part"
    };
    set.add(&format!("{k} {class}"));
}

/// Whether `code` was named before with the head noun of a nominal right behind it: `Peru's foreign minister`, then
/// `the minister`.
fn introduces(scene: &Scene<'_>, entity: usize, code: u16) -> bool {
    let Some(&m) = scene.entities[entity].first() else { return false };
    let head = fold(scene.surface(m));
    let head = head.rsplit(' ').next().unwrap_or("");
    let near = |a: &Anchor| scene.mentions[m].sent - a.sent <= INTRODUCED;
    scene.before(m).take_while(near).filter(|a| a.code == code).any(|a| {
        let rest = &scene.text[a.span.end..scene.mentions[m].span.start];
        let rest = rest.split(['.', ';', '\n', '?', '!']).next().unwrap_or("");
        rest.split(|c: char| !c.is_alphanumeric()).take(WORDS).any(|w| w.eq_ignore_ascii_case(head))
    })
}

/// How well the person's name fits the state, by where its parts are at home.
fn origin(scene: &Scene<'_>, entity: usize, code: u16, set: &mut FeatureSet) {
    let (mut known, mut fits, mut only) = (0, 0, 0);
    let longest =
        scene.entities[entity].iter().filter(|&&m| scene.mentions[m].named).max_by_key(|&&m| scene.surface(m).len());
    let Some(&longest) = longest else { return };
    let folded = fold(scene.surface(longest));
    let country = scene.kb.codes.list[usize::from(code)].country();
    for part in folded.split(' ') {
        if let Some(homes) = scene.kb.home_of_name(part) {
            known += 1;
            if homes.split(' ').any(|home| home == country) {
                fits += 1;
                only += usize::from(homes.split(' ').count() <= 2);
            }
        }
    }
    let fit = match (known, fits) {
        (0, _) => "unknown",
        (_, 0) => "none",
        (k, f) if k == f => "all",
        _ => "some",
    };
    set.add(&format!("P origin {fit}"));
    set.add(&format!("P origin {fits} of {known}"));
    if let Some((_, family)) = folded.rsplit_once(' ') {
        if let Some(codes) = scene.kb.home_of_ending(family) {
            let states = codes.split(' ').count();
            let fits = codes.split(' ').any(|c| c == country);
            let rare = if states <= 2 { " of few" } else { "" };
            set.add(&format!("P ending {}{rare}", if fits { "fits" } else { "of others" }));
        }
        let of_code = |&r: &u32| scene.kb.rows[r as usize].code == Some(code);
        if scene.kb.surnamed(family).iter().any(of_code) {
            set.add("P surname of an office-holder");
        }
    }
    if only > 0 {
        set.add(&format!("P origin typical {}", only.min(2)));
    }
}

/// Features of the choice that none of the candidates is meant.
pub(crate) fn features_of_none(scene: &Scene<'_>, entity: usize, set: &mut FeatureSet) {
    let k = letter(scene.kind(entity), scene.is_named(entity));
    set.add(&format!("{k} none"));
    let Some(&m) = scene.entities[entity].first() else { return };
    let span = scene.mentions[m].span;
    if let Some(w) = scene.word_before(span) {
        set.add(&format!("{k} none after {w}"));
    }
    if let Some(w) = scene.word_after(span) {
        set.add(&format!("{k} none before {w}"));
    }
    if scene.entities[entity].len() > 1 {
        set.add(&format!("{k} none again"));
    }
    if span.end < 120 {
        set.add(&format!("{k} none at the top"));
    }
    if k != 'P' {
        for word in scene.surface(m).split_whitespace().take(6) {
            set.add(&format!("{k} none has {}", word.to_lowercase()));
        }
    }
}
