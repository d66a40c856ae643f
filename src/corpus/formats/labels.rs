//! The names that other corpora and tools give to our labels.

use crate::document::{Act, EntityType, Event, Modality, Relation, Stance};

/// Names of types, in small letters; those of CrossNER's politics, of OntoNotes and spaCy among them.
const TYPES: [(&str, EntityType); 22] = [
    ("per", EntityType::Per),
    ("person", EntityType::Per),
    ("politician", EntityType::Per),
    ("org", EntityType::Org),
    ("organisation", EntityType::Org),
    ("organization", EntityType::Org),
    ("politicalparty", EntityType::Org),
    ("loc", EntityType::Loc),
    ("location", EntityType::Loc),
    ("country", EntityType::Loc),
    ("gpe", EntityType::Loc),
    ("fac", EntityType::Loc),
    ("facility", EntityType::Loc),
    ("misc", EntityType::Misc),
    ("miscellaneous", EntityType::Misc),
    ("norp", EntityType::Misc),
    ("event", EntityType::Misc),
    ("election", EntityType::Misc),
    ("language", EntityType::Misc),
    ("law", EntityType::Misc),
    ("work_of_art", EntityType::Misc),
    ("product", EntityType::Misc),
];

/// The type of this name.
pub(crate) fn entity_type(name: &str) -> Option<EntityType> {
    let lower = name.to_lowercase();
    TYPES.iter().find(|(known, _)| *known == lower).map(|&(_, kind)| kind)
}

/// All names of types that are known.
pub(super) fn known_types() -> String {
    TYPES.map(|(name, _)| name).join(", ")
}

/// The labels of a relation as far as a file says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct RelationLabels {
    pub event: Option<Event>,
    pub act: Option<Act>,
    pub stance: Option<Stance>,
    pub modality: Option<Modality>,
}

impl RelationLabels {
    /// Takes in a label; the names of the four sets differ, so that none needs to be told apart. An event may be
    /// written in small letters. Tells whether it is one of them.
    pub fn take(&mut self, label: &str) -> bool {
        if let Ok(event) = label.to_uppercase().parse() {
            self.event = Some(event);
        } else if let Ok(act) = label.parse() {
            self.act = Some(act);
        } else if let Ok(stance) = label.parse() {
            self.stance = Some(stance);
        } else if let Ok(modality) = label.parse() {
            self.modality = Some(modality);
        } else {
            return false;
        }
        true
    }

    /// The names of the labels of a relation, its event first.
    pub fn names(r: &Relation) -> [&'static str; 4] {
        [r.event.name(), r.act.name(), r.stance.name(), r.modality.name()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_label_belongs_to_two_sets() {
        let mut names = HashSet::new();
        let all = Event::ALL.iter().map(|l| l.name()).chain(Act::ALL.iter().map(|l| l.name()));
        let all = all.chain(Stance::ALL.iter().map(|l| l.name())).chain(Modality::ALL.iter().map(|l| l.name()));
        assert!(all.into_iter().all(|name| names.insert(name.to_lowercase())));
    }

    #[test]
    fn every_type_has_its_own_name() {
        for &kind in EntityType::ALL {
            assert_eq!(entity_type(kind.name()), Some(kind));
        }
        assert_eq!((entity_type("GPE"), entity_type("DRUG")), (Some(EntityType::Loc), None));
    }
}
