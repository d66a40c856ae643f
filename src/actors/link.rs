//! Which mentions are of one entity, and who that is.

use crate::document::{Date, Entity, EntityIx, EntityType, Probability, Span};

use super::grouping::Grouping;
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

/// Groups mentions into entities and finds the actor that every entity is or acts for.
///
/// Names of one actor join (`Russia`, `Russian`, `Moscow` where it acts), a surname its full name, an acronym the long
/// form, an anaphor its antecedent. A nominal without antecedent (`riot police`) is an entity of its own.
pub fn link(
    kb: &KnowledgeBase,
    text: &str,
    sentences: &[Span],
    date: Option<Date>,
    mentions: &[FoundMention],
) -> Linked {
    let groups = Grouping::of(kb, text, date, mentions);
    let n = groups.acting.len();
    let all = mentions.iter().zip(&groups.of_mention).map(|(m, &g)| (m.span, m.kind, m.named, g));
    let mut scene = Scene::new(kb, text, sentences, date, all, n);
    let found = Resolution::of(&mut scene, None);
    let entities = (0..n).map(|e| entity(&scene, e, groups.acting[e], found.codes[e])).collect();
    Linked { entities, of_mention: groups.of_mention.into_iter().map(|g| EntityIx(g as u32)).collect() }
}

fn entity(scene: &Scene<'_>, e: usize, acting: bool, (code, p): (Option<u16>, f32)) -> Entity {
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
        let reading = readings_of_name(kb, name, scene.date).into_iter().find(|r| r.code == code)?;
        let row = &kb.rows[reading.row as usize];
        match row.kind {
            // A capital or an adjective goes by the name of its state where the two are one entity.
            Kind::Demonym | Kind::Short => kb.state_name(code?).map(str::to_owned),
            Kind::Capital if acting => kb.state_name(code?).map(str::to_owned),
            Kind::State | Kind::Group | Kind::Organisation | Kind::Person | Kind::Figure => Some(row.name.to_string()),
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
