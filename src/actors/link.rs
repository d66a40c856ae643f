//! Which mentions are of one entity, and who that is.

use crate::document::{Date, Entity, EntityIx, EntityType, Probability, Span};

use super::folding::{fold, loosen};
use super::knowledge::KnowledgeBase;
use super::readings::readings_of_name;
use super::resolve::Resolution;
use super::scene::Scene;
use super::tables::Kind;

/// A mention that the document's reader or the neural heads have found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundMention {
    /// Where it stands.
    pub span: Span,
    /// Its type; of an anaphor the type of what it refers to.
    pub kind: EntityType,
    /// Whether it is a name, not an anaphor or a nominal.
    pub named: bool,
    /// Probability of the mention.
    pub score: Probability,
    /// What an anaphor refers to.
    pub antecedent: Antecedent,
}

/// What an anaphor refers to, as the neural head says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Antecedent {
    /// Nothing that was named before, or it is a name.
    None,
    /// An earlier mention, by its index in the slice, with the probability of the link.
    Of(usize, Probability),
}

/// Entities of a document and the mentions that refer to them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Linked {
    /// In order of their first mention.
    pub entities: Vec<Entity>,
    /// The entity of every mention, in the order of the mentions given.
    pub of_mention: Vec<EntityIx>,
}

/// Words before a capital that make it a place, not a government.
const VENUE: &[&str] = &[
    "in", "to", "from", "of", "at", "left", "leave", "leaving", "near", "outside", "around", "into", "through", "via",
    "visit", "visited", "visiting", "reached", "across", "the", "(", "//",
];

/// Groups mentions into entities and finds the actor that every entity is or acts for.
///
/// Names of one actor join (`Russia`, `Russian`, `Moscow` where it acts), a surname its full name, an acronym the long form, an
/// anaphor its antecedent. A nominal without antecedent (`riot police`) is an entity of its own.
pub fn link(
    kb: &KnowledgeBase,
    text: &str,
    sentences: &[Span],
    date: Option<Date>,
    mentions: &[FoundMention],
) -> Linked {
    let group = Grouping::of(kb, text, date, mentions);
    let n = group.iter().copied().max().map_or(0, |g| g + 1);
    let all = mentions.iter().zip(&group).map(|(m, &g)| (m.span, m.kind, m.named, g));
    let mut scene = Scene::new(kb, text, sentences, date, all, n);
    let found = Resolution::of(&mut scene, None);
    let entities = (0..n).map(|e| entity(&scene, e, found.codes[e])).collect();
    Linked { entities, of_mention: group.into_iter().map(|g| EntityIx(g as u32)).collect() }
}

fn entity(scene: &Scene<'_>, e: usize, (code, p): (Option<u16>, f32)) -> Entity {
    let kb = scene.kb;
    let names = |named: bool| {
        scene.entities[e]
            .iter()
            .filter(move |&&m| scene.mentions[m].named == named)
            .map(|&m| scene.surface(m))
            .max_by(|a, b| a.chars().count().cmp(&b.chars().count()).then(b.cmp(a)))
    };
    let longest = names(true).or_else(|| names(false)).unwrap_or("");
    let known = names(true).and_then(|name| {
        let reading = readings_of_name(kb, name, scene.date).into_iter().find(|r| kb.rows[r.row as usize].code == code)?;
        let row = &kb.rows[reading.row as usize];
        // A capital or an adjective goes by the name of its state where the two are one entity.
        let state = |c: u16| kb.rows.iter().find(|r| r.kind == Kind::State && r.code == Some(c));
        match row.kind {
            Kind::Demonym | Kind::Short => code.and_then(state).map(|r| r.name.to_string()),
            Kind::State | Kind::Group | Kind::Organisation | Kind::Person => Some(row.name.to_string()),
            _ => None,
        }
    });
    Entity {
        id: format!("e{}", e + 1),
        name: known.filter(|_| code.is_some()).unwrap_or_else(|| longest.to_owned()),
        kind: scene.kind(e),
        actor: code.map(|c| kb.codes.list[usize::from(c)].clone()),
        score: Probability::new(p),
    }
}

/// What is known of an entity while mentions are grouped.
struct Group {
    /// Key of a known actor that several names share, if any.
    key: Option<(u16, bool)>,
    kind: EntityType,
    /// Folded names.
    names: Vec<String>,
}

struct Grouping<'a> {
    kb: &'a KnowledgeBase,
    text: &'a str,
    date: Option<Date>,
    groups: Vec<Group>,
}

impl Grouping<'_> {
    /// The group of every mention, numbered in the order of their first mention.
    fn of(kb: &KnowledgeBase, text: &str, date: Option<Date>, mentions: &[FoundMention]) -> Vec<usize> {
        let mut this = Grouping { kb, text, date, groups: Vec::new() };
        let mut of = vec![usize::MAX; mentions.len()];
        let mut order: Vec<usize> = (0..mentions.len()).collect();
        order.sort_by_key(|&m| (mentions[m].span.start, mentions[m].span.end));
        // Full names first, so that a surname joins the full name even where that comes later.
        let parts = |m: &FoundMention| m.span.of(text).split_whitespace().count();
        for pass in [true, false] {
            for &m in order.iter().filter(|&&m| mentions[m].named && (parts(&mentions[m]) > 1) == pass) {
                let previous = order.iter().take_while(|&&o| o != m).last().map(|&o| (mentions[o].span, of[o]));
                of[m] = this.place_name(mentions[m].span, mentions[m].kind, previous);
            }
        }
        for &m in order.iter().filter(|&&m| !mentions[m].named) {
            of[m] = match mentions[m].antecedent {
                Antecedent::Of(a, _) if a < mentions.len() && a != m && of[a] != usize::MAX => of[a],
                _ => this.place_nominal(mentions[m].span, mentions[m].kind),
            };
        }
        renumber(&order, of)
    }

    fn place_name(&mut self, span: Span, kind: EntityType, previous: Option<(Span, usize)>) -> usize {
        let name = fold(span.of(self.text));
        let key = if kind == EntityType::Per { None } else { self.key(&name, span, kind) };
        let found = if kind == EntityType::Per {
            self.same_person(&name)
        } else if let Some(key) = key {
            self.groups.iter().position(|g| g.key == Some(key))
        } else {
            self.same_body(&name, span, kind, previous)
        };
        match found {
            Some(g) => {
                if !self.groups[g].names.contains(&name) {
                    self.groups[g].names.push(name);
                }
                g
            }
            None => self.open(key, kind, name),
        }
    }

    fn open(&mut self, key: Option<(u16, bool)>, kind: EntityType, name: String) -> usize {
        self.groups.push(Group { key, kind, names: vec![name] });
        self.groups.len() - 1
    }

    /// The known actor of a name that others share: state, adjective, acting capital, group, organisation. The flag tells
    /// the actor itself from a capital that is only a place.
    fn key(&self, name: &str, span: Span, kind: EntityType) -> Option<(u16, bool)> {
        let fits = |k: Kind| match k {
            Kind::State | Kind::Demonym | Kind::Short | Kind::Group | Kind::Organisation => true,
            Kind::Capital | Kind::Seat => kind != EntityType::Misc,
            _ => false,
        };
        let rows: Vec<_> = self.kb.named(name).iter().map(|&r| &self.kb.rows[r as usize]).collect();
        let best = rows.iter().filter(|r| fits(r.kind) && r.code.is_some()).max_by(|a, b| {
            let rate = |k: &&&super::tables::Row| (k.holds(self.date), k.kind.prior());
            let ((ha, pa), (hb, pb)) = (rate(a), rate(b));
            ha.cmp(&hb).then(pa.total_cmp(&pb))
        })?;
        let venue = matches!(best.kind, Kind::Capital | Kind::Seat) && self.is_venue(span);
        if matches!(best.kind, Kind::Organisation) && rows.iter().any(|r| r.kind == Kind::Generic) {
            return None;
        }
        // Bodies of one organisation are entities of their own: only its own names join.
        if best.kind == Kind::Organisation && fold(&best.name) != name && !is_acronym(span.of(self.text)) {
            return None;
        }
        if best.kind == Kind::Seat {
            // The power that sits there is told from the state by the whole document, not here.
            return rows.iter().find(|r| r.kind == Kind::Capital).and_then(|r| r.code).map(|c| (c, venue));
        }
        best.code.map(|c| (c, venue))
    }

    fn is_venue(&self, span: Span) -> bool {
        let before = self.text[..span.start].trim_end_matches([' ', '"', '“']);
        if before.is_empty() || before.ends_with('\n') || before.ends_with('(') {
            // A dateline is written in capitals.
            return before.ends_with('(') || span.of(self.text).chars().all(|c| !c.is_lowercase());
        }
        let word: String = before.chars().rev().take_while(|c| c.is_alphanumeric()).collect();
        let word: String = word.chars().rev().collect::<String>().to_lowercase();
        VENUE.contains(&word.as_str())
    }

    /// A person of that name, or of that surname.
    fn same_person(&self, name: &str) -> Option<usize> {
        let people = || self.groups.iter().enumerate().filter(|(_, g)| g.kind == EntityType::Per);
        let exact = people().find(|(_, g)| g.names.iter().any(|n| n == name || loosen(n) == loosen(name)));
        if let Some((g, _)) = exact {
            return Some(g);
        }
        let ends = |long: &str, short: &str| {
            let (long, short) = (loosen(long), loosen(short));
            long.strip_suffix(&short).is_some_and(|r| r.ends_with(' '))
                || long.strip_prefix(&short).is_some_and(|r| r.starts_with(' '))
        };
        // The latest of several bearers of a surname is the one that the text speaks of.
        people().filter(|(_, g)| g.names.iter().any(|n| ends(n, name))).last().map(|(g, _)| g)
    }

    /// A body of that name, its long form before an acronym in brackets, or a name that it shortens.
    fn same_body(&self, name: &str, span: Span, kind: EntityType, previous: Option<(Span, usize)>) -> Option<usize> {
        let alike = |g: &Group| g.kind == kind || kind == EntityType::Misc || g.kind == EntityType::Misc;
        let exact = self.groups.iter().position(|g| alike(g) && g.names.iter().any(|n| n == name));
        if exact.is_some() || kind != EntityType::Org {
            return exact;
        }
        let surface = span.of(self.text);
        if is_acronym(surface) {
            if let Some((p, g)) = previous.filter(|(p, _)| p.end <= span.start) {
                let gap = &self.text[p.end..span.start];
                if gap.trim() == "(" && g < self.groups.len() && self.groups[g].kind == EntityType::Org {
                    return Some(g);
                }
            }
            return self.groups.iter().position(|g| {
                g.kind == EntityType::Org && g.names.iter().any(|n| initials(n) == name && name.len() > 2)
            });
        }
        self.groups.iter().rposition(|g| {
            g.kind == EntityType::Org
                && g.names.iter().any(|n| n.strip_suffix(name).is_some_and(|r| r.ends_with(' ')))
        })
    }

    fn place_nominal(&mut self, span: Span, kind: EntityType) -> usize {
        let name = format!("~{}", fold(span.of(self.text)));
        match self.groups.iter().position(|g| g.names[0] == name) {
            Some(g) => g,
            None => self.open(None, kind, name),
        }
    }
}

fn is_acronym(surface: &str) -> bool {
    let letters = surface.chars().filter(|c| c.is_alphabetic()).count();
    (2..=7).contains(&letters) && surface.chars().filter(|c| c.is_uppercase()).count() + 1 >= letters && !surface.contains(' ')
}

fn initials(name: &str) -> String {
    name.split(' ').filter(|w| !matches!(*w, "of" | "the" | "for" | "and" | "in")).filter_map(|w| w.chars().next()).collect()
}

/// Numbers groups in the order of their first mention.
fn renumber(order: &[usize], mut of: Vec<usize>) -> Vec<usize> {
    let mut new: Vec<Option<usize>> = vec![None; of.iter().max().map_or(0, |m| m + 1)];
    let mut next = 0;
    for &m in order {
        of[m] = *new[of[m]].get_or_insert_with(|| {
            next += 1;
            next - 1
        });
    }
    of
}
