//! Annotations in a line of text, for tests.

use crate::document::{Annotation, Entity, EntityIx, Mention, Probability, Relation};
use crate::labels::EntityType;
use crate::text::Span;

/// Reads `[Moscow|LOC:e1=RUS@0.9] praised [them|~e2]`: surface, type, entity, actor code and score of
/// a name; entity of an anaphor. Without an entity the mention has one of its own. A line is a sentence.
pub(super) fn annotation(marked: &str) -> Annotation {
    let mut a = Annotation::default();
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('[') {
        let (inside, behind) = after.split_once(']').expect("a closed mention");
        let (surface, label) = inside.split_once('|').expect("surface|label");
        a.text.push_str(before);
        let start = a.text.len();
        a.text.push_str(surface);
        let (label, score) = label.split_once('@').map_or((label, 1.0), |(l, s)| (l, s.parse().expect("a score")));
        let named = !label.starts_with('~');
        let (label, actor) = label.split_once('=').map_or((label, None), |(l, c)| (l, Some(c)));
        let (kind, id) = match label.strip_prefix('~') {
            Some(id) => ("ORG", id),
            None => label.split_once(':').unwrap_or((label, inside)),
        };
        let kind: EntityType = kind.parse().expect("a type");
        let known = a.entities.iter().position(|e| e.id == id);
        let ix = known.unwrap_or(a.entities.len());
        if known.is_none() {
            a.entities.push(Entity {
                id: id.to_owned(),
                name: surface.to_owned(),
                kind,
                actor: actor.map(|c| c.parse().expect("an actor code")),
                score: Probability::new(score),
            });
        }
        let span = Span::new(start, a.text.len());
        a.mentions.push(Mention { entity: EntityIx(ix as u32), span, kind, named, score: Probability::new(score) });
        rest = behind;
    }
    a.text.push_str(rest);
    let mut start = 0;
    for line in a.text.split('\n') {
        a.sentences.push(Span::new(start, start + line.len()));
        start += line.len() + 1;
    }
    a.meta.id = "d".to_owned();
    a
}

/// [`annotation`] with relations such as `e1>e2 0 SUPPORT statement.support favor actual 0.9`.
pub(super) fn related(marked: &str, relations: &[&str]) -> Annotation {
    let mut a = annotation(marked);
    for line in relations {
        let fields: Vec<&str> = line.split(' ').collect();
        let (src, tgt) = fields[0].split_once('>').expect("source>target");
        let ix = |id: &str| EntityIx(a.entities.iter().position(|e| e.id == id).expect("a known entity") as u32);
        a.relations.push(Relation {
            src: ix(src),
            tgt: ix(tgt),
            sent: fields[1].parse().expect("a sentence"),
            event: fields[2].parse().expect("an event"),
            act: fields[3].parse().expect("an act"),
            stance: fields[4].parse().expect("a stance"),
            modality: fields[5].parse().expect("a modality"),
            score: Probability::new(fields.get(6).map_or(1.0, |s| s.parse().expect("a score"))),
            scores: None,
        });
    }
    a
}
