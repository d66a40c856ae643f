//! Which mentions are of one entity, in time linear in their number.

use std::collections::HashMap;

use crate::document::{Date, EntityType, Span};

use super::extent::proper;
use super::folding::{fold, initials, loosen};
use super::knowledge::KnowledgeBase;
use super::link::{Antecedent, FoundMention};
use super::tables::{Kind, Row};

/// Words before a capital that make it a place, not a government.
const VENUE: &[&str] = &[
    "in", "to", "from", "of", "at", "left", "leave", "leaving", "near", "outside", "around", "into", "through", "via",
    "visit", "visited", "visiting", "reached", "across", "the", "(", "//",
];

/// At most that many words of a name are looked at for shorter forms of it.
const WORDS: usize = 12;

/// The entities of a document's mentions.
pub(crate) struct Groups {
    /// The entity of every mention; entities are numbered in the order of their first mention.
    pub(crate) of_mention: Vec<usize>,
    /// Of every entity whether its name stands for a known actor itself, not for a place.
    pub(crate) acting: Vec<bool>,
}

/// The known actor that a name stands for, and how.
type Key = (u16, Stands);

/// How a name stands for an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stands {
    /// As its own name, or as its capital that acts.
    Itself,
    /// As a place in it.
    Place,
    /// As a capital that acts where a power other than the state sits: whose it is the whole document tells.
    Seat,
}

/// Entities by some form of their name.
type Index<T> = HashMap<String, T>;

/// Entities by a part of their name, with the places where the whole name stands, in order.
type Parts = Index<Vec<(usize, usize)>>;

pub(crate) struct Grouping<'a> {
    kb: &'a KnowledgeBase,
    text: &'a str,
    date: Option<Date>,
    groups: Vec<Group>,
    by_key: HashMap<Key, usize>,
    people: Index<usize>,
    people_parts: Parts,
    bodies: Index<Vec<usize>>,
    body_ends: Parts,
    initials: Index<usize>,
    nominals: Index<usize>,
    /// How often the document names an actor by a name that no other bears, for names that several share.
    told: HashMap<Option<u16>, usize>,
}

struct Group {
    key: Option<Key>,
    kind: EntityType,
}

/// A name that looks for its entity.
struct Name {
    folded: String,
    span: Span,
    kind: EntityType,
}

impl<'a> Grouping<'a> {
    /// Groups the mentions.
    pub(crate) fn of(kb: &'a KnowledgeBase, text: &'a str, date: Option<Date>, mentions: &[FoundMention]) -> Groups {
        let mut this = Grouping {
            kb,
            text,
            date,
            groups: Vec::new(),
            by_key: HashMap::new(),
            people: Index::new(),
            people_parts: Parts::new(),
            bodies: Index::new(),
            body_ends: Parts::new(),
            initials: Index::new(),
            nominals: Index::new(),
            told: HashMap::new(),
        };
        let mut of: Vec<Option<usize>> = vec![None; mentions.len()];
        let mut order: Vec<usize> = (0..mentions.len()).collect();
        order.sort_by_key(|&m| (mentions[m].span.start, mentions[m].span.end));
        let names: Vec<Option<Name>> = mentions.iter().map(|m| this.name(m)).collect();
        for name in names.iter().flatten().filter(|n| n.kind != EntityType::Per && !kb.ambiguous.contains(&*n.folded)) {
            if let Some(&row) = kb.named_at(text, name.span).first() {
                *this.told.entry(kb.rows[row as usize].code).or_default() += 1;
            }
        }
        // Full names first, so that a surname joins the full name even where that comes later.
        for full in [true, false] {
            for (at, &m) in order.iter().enumerate() {
                let Some(name) = names[m].as_ref().filter(|n| n.folded.contains(' ') == full) else { continue };
                let previous = at.checked_sub(1).map(|p| order[p]);
                let previous = previous.and_then(|p| Some((names[p].as_ref()?.span, of[p]?)));
                of[m] = Some(this.place_name(name, previous));
            }
        }
        for &m in order.iter().filter(|&&m| !mentions[m].named) {
            let antecedent = match mentions[m].antecedent {
                Antecedent::Of(a, _) if a != m => of.get(a).copied().flatten(),
                _ => None,
            };
            of[m] = Some(antecedent.unwrap_or_else(|| this.place_nominal(&mentions[m])));
        }
        this.number(&order, &of)
    }

    fn name(&self, mention: &FoundMention) -> Option<Name> {
        mention.named.then(|| {
            let span = proper(self.kb, self.text, mention.span, mention.kind);
            Name { folded: fold(span.of(self.text)), span, kind: mention.kind }
        })
    }

    fn place_name(&mut self, name: &Name, previous: Option<(Span, usize)>) -> usize {
        if name.kind == EntityType::Per {
            let found = self.same_person(name);
            let group = found.unwrap_or_else(|| self.open(None, name.kind));
            self.enter_person(name, group);
            return group;
        }
        let key = self.key(name);
        let found = self
            .in_brackets(name, key, previous)
            .or_else(|| key.map_or_else(|| self.same_body(name), |k| self.by_key.get(&k).copied()));
        let group = found.unwrap_or_else(|| self.open(key, name.kind));
        if let (Some(key), None) = (key, self.groups[group].key) {
            self.groups[group].key = Some(key);
        }
        if let Some(key) = key {
            self.by_key.entry(key).or_insert(group);
        } else {
            self.enter_body(name, group);
        }
        group
    }

    fn open(&mut self, key: Option<Key>, kind: EntityType) -> usize {
        self.groups.push(Group { key, kind });
        self.groups.len() - 1
    }

    /// The known actor of a name that others share: state, adjective, acting capital, group, organisation.
    fn key(&self, name: &Name) -> Option<Key> {
        let fits = |k: Kind| match k {
            Kind::State | Kind::Demonym | Kind::Short | Kind::Group | Kind::Organisation => true,
            Kind::Capital | Kind::Seat => name.kind != EntityType::Misc,
            _ => false,
        };
        let rows: Vec<&Row> =
            self.kb.named_at(self.text, name.span).iter().map(|&r| &self.kb.rows[r as usize]).collect();
        let best = rows.iter().filter(|r| fits(r.kind) && r.code.is_some()).rev().max_by(|a, b| {
            let rate = |r: &Row| (r.holds(self.date), self.told.get(&r.code).copied().unwrap_or(0), r.kind.prior());
            let ((ha, ta, pa), (hb, tb, pb)) = (rate(a), rate(b));
            ha.cmp(&hb).then(ta.cmp(&tb)).then(pa.total_cmp(&pb))
        })?;
        let seat = rows.iter().any(|r| r.kind == Kind::Seat && r.holds(self.date));
        let stands = match best.kind {
            Kind::Capital | Kind::Seat if self.is_venue(name.span) => Stands::Place,
            Kind::Capital | Kind::Seat if seat => Stands::Seat,
            _ => Stands::Itself,
        };
        match best.kind {
            Kind::Organisation => {
                // Bodies of one organisation are entities of their own: only its own names join.
                let own = fold(&best.name) == name.folded || is_acronym(name.span.of(self.text));
                let generic = rows.iter().any(|r| r.kind == Kind::Generic);
                best.code.filter(|_| own && !generic).map(|c| (c, stands))
            }
            Kind::Seat => rows.iter().find(|r| r.kind == Kind::Capital).and_then(|r| r.code).map(|c| (c, stands)),
            _ => best.code.map(|c| (c, stands)),
        }
    }

    fn is_venue(&self, span: Span) -> bool {
        let before = self.text[..span.start].trim_end_matches([' ', '"', '“']);
        if before.is_empty() || before.ends_with('\n') || before.ends_with('(') {
            // A dateline is written in capitals.
            return before.ends_with('(') || span.of(self.text).chars().all(|c| !c.is_lowercase());
        }
        let at = before.rfind(|c: char| !c.is_alphanumeric());
        let word = at.map_or(before, |at| before[at..].trim_start_matches(|c: char| !c.is_alphanumeric()));
        VENUE.iter().any(|v| v.eq_ignore_ascii_case(word))
    }

    /// A person of that name, or else the nearest one before, or the first one after, of whose name it is a part.
    fn same_person(&self, name: &Name) -> Option<usize> {
        let loose = loosen(&name.folded);
        let exact = self.people.get(&name.folded).or_else(|| self.people.get(&loose)).copied();
        if exact.is_some() && name.folded.contains(' ') {
            return exact;
        }
        self.people_parts.get(&loose).and_then(|places| nearest(places, name.span.start)).or(exact)
    }

    fn enter_person(&mut self, name: &Name, group: usize) {
        let loose = loosen(&name.folded);
        for (at, _) in loose.match_indices(' ').take(WORDS) {
            for part in [&loose[..at], &loose[at + 1..]] {
                self.people_parts.entry(part.to_owned()).or_default().push((name.span.start, group));
            }
        }
        self.people.entry(loose).or_insert(group);
        self.people.entry(name.folded.clone()).or_insert(group);
    }

    /// The body whose acronym stands in brackets behind it.
    fn in_brackets(&self, name: &Name, key: Option<Key>, previous: Option<(Span, usize)>) -> Option<usize> {
        let (span, group) = previous.filter(|(p, _)| p.end <= name.span.start)?;
        let body = &self.groups[group];
        let free = body.key.is_none() || key.is_none() || body.key == key;
        let fits = name.kind == EntityType::Org && body.kind == EntityType::Org && free;
        let bracket = self.text[span.end..name.span.start].trim() == "(" && self.text[name.span.end..].starts_with(')');
        (fits && bracket && is_acronym(name.span.of(self.text))).then_some(group)
    }

    /// A body of that name, one of which it is the acronym, or one whose name it shortens.
    fn same_body(&self, name: &Name) -> Option<usize> {
        let alike = |g: &usize| {
            let kind = self.groups[*g].kind;
            kind == name.kind || kind == EntityType::Misc || name.kind == EntityType::Misc
        };
        let exact = self.bodies.get(&name.folded).and_then(|of| of.iter().copied().find(|g| alike(g)));
        if exact.is_some() || name.kind != EntityType::Org {
            return exact;
        }
        if is_acronym(name.span.of(self.text)) {
            return self.initials.get(&name.folded).copied();
        }
        self.body_ends.get(&name.folded).and_then(|places| nearest(places, name.span.start))
    }

    fn enter_body(&mut self, name: &Name, group: usize) {
        let of = self.bodies.entry(name.folded.clone()).or_default();
        if !of.contains(&group) {
            of.push(group);
        }
        if name.kind == EntityType::Org {
            for (at, _) in name.folded.match_indices(' ').take(WORDS) {
                let end = name.folded[at + 1..].to_owned();
                self.body_ends.entry(end).or_default().push((name.span.start, group));
            }
            let initials = initials(&name.folded);
            if initials.len() > 2 {
                self.initials.entry(initials).or_insert(group);
            }
        }
    }

    fn place_nominal(&mut self, mention: &FoundMention) -> usize {
        let name = fold(mention.span.of(self.text));
        if let Some(&group) = self.nominals.get(&name) {
            return group;
        }
        let group = self.open(None, mention.kind);
        self.nominals.insert(name, group);
        group
    }

    /// Numbers the entities in the order of their first mention.
    fn number(&self, order: &[usize], of: &[Option<usize>]) -> Groups {
        let mut new: Vec<Option<usize>> = vec![None; self.groups.len()];
        let mut groups = Groups { of_mention: vec![0; of.len()], acting: Vec::new() };
        for &m in order {
            let Some(old) = of[m] else { continue };
            groups.of_mention[m] = *new[old].get_or_insert_with(|| {
                groups.acting.push(self.groups[old].key.is_some_and(|(_, stands)| stands != Stands::Place));
                groups.acting.len() - 1
            });
        }
        groups
    }
}

/// Of places in order the last one before `at`, or else the first one after it.
fn nearest(places: &[(usize, usize)], at: usize) -> Option<usize> {
    let next = places.partition_point(|(place, _)| *place <= at);
    places.get(next.saturating_sub(1)).map(|&(_, group)| group)
}

fn is_acronym(surface: &str) -> bool {
    let letters = surface.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = surface.chars().filter(|c| c.is_uppercase()).count();
    (2..=7).contains(&letters) && capitals + 1 >= letters && !surface.contains(' ')
}
