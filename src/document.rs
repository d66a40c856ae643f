//! The core types: what is read, what is found in it, and how sure we are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

pub use crate::date::Date;
pub use crate::labels::{Act, EntityType, Event, Facet, Modality, QuadClass, Stance};
pub use crate::text::Span;

/// How sure the program is, in `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Probability(f32);

impl Probability {
    /// Certainty, the score of what the input itself states.
    pub const ONE: Probability = Probability(1.0);

    /// `p` clamped to `[0, 1]`; a NaN becomes 0.
    pub fn new(p: f32) -> Self {
        Probability(if p.is_nan() { 0.0 } else { p.clamp(0.0, 1.0) })
    }

    /// The number.
    pub const fn get(self) -> f32 {
        self.0
    }

    /// The number as files hold it, with four decimals: finer differences mean nothing and would make files
    /// differ between machines.
    pub fn rounded(self) -> Self {
        Probability(self.four_decimals() as f32)
    }

    /// [`Probability::rounded`] for writers of other forms.
    pub(crate) fn four_decimals(self) -> f64 {
        (f64::from(self.0) * 10_000.0).round() / 10_000.0
    }
}

impl Serialize for Probability {
    /// Four decimals, as [`Probability::rounded`] has it.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_f64(self.four_decimals())
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Probability::new(f32::deserialize(d)?))
    }
}

/// Code of a political actor: `RUS`, `AFG/TALIBAN`, `INT/UN`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorCode(Box<str>);

/// A string that is no actor code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no actor code; expected three capitals, and for a part of a state or a body a slash and a name, as in AFG/TALIBAN")]
pub struct BadActorCode(String);

impl ActorCode {
    /// The whole code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The three letters before the slash: the state that the actor is or belongs to, or `INT`.
    pub fn country(&self) -> &str {
        &self.0[..3]
    }

    /// Whether the code is that of a state, not of a part or a body.
    pub fn is_state(&self) -> bool {
        self.0.len() == 3
    }
}

impl FromStr for ActorCode {
    type Err = BadActorCode;

    fn from_str(s: &str) -> Result<Self, BadActorCode> {
        let (country, part) = s.split_once('/').map_or((s, None), |(c, p)| (c, Some(p)));
        let named = |p: &str| {
            !p.is_empty() && p.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
        };
        if country.len() == 3 && country.bytes().all(|b| b.is_ascii_uppercase()) && part.is_none_or(named) {
            Ok(ActorCode(s.into()))
        } else {
            Err(BadActorCode(s.to_owned()))
        }
    }
}

impl fmt::Display for ActorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for ActorCode {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ActorCode {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is known of a document beside its text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata {
    /// The document's name, by default path and line.
    pub id: String,
    /// Date of publication.
    pub date: Option<Date>,
    /// Headline.
    pub title: Option<String>,
    /// Who published it.
    pub source: Option<String>,
    /// Where it was published.
    pub url: Option<String>,
    /// Fields that the input has and the program does not use, passed through.
    pub extra: Map<String, Value>,
}

/// A document as it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// What is known beside the text.
    pub meta: Metadata,
    /// The text, as in the source.
    pub text: String,
    /// What the input itself says of mentions, if it does.
    pub given: Option<Given>,
}

/// Mentions, entities and pairs that a document brings along.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Given {
    /// Mentions in order of their start.
    pub mentions: Vec<GivenMention>,
    /// The entities that mentions refer to; empty when linking and coreference have to group them.
    pub entities: Vec<Entity>,
    /// Pairs to classify, if the input names them.
    pub pairs: Option<Vec<GivenPair>>,
}

/// A pair that the input asks to classify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GivenPair {
    /// Who may act.
    pub src: EntityIx,
    /// At whom it may be aimed.
    pub tgt: EntityIx,
    /// The sentence in question, by default that of their nearest mentions.
    pub sentence: Option<Span>,
}

/// A mention that the input brings along.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenMention {
    /// Where it stands.
    pub span: Span,
    /// Its type.
    pub kind: EntityType,
    /// Whether it is a name, not an anaphor or a nominal.
    pub named: bool,
    /// The entity it refers to, when the input says so.
    pub entity: Option<EntityIx>,
}

/// Index of an entity in its document's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityIx(pub u32);

impl EntityIx {
    /// The index as a `usize`.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// A mention of an entity in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// The entity it refers to.
    pub entity: EntityIx,
    /// Where it stands.
    pub span: Span,
    /// Its type; of an anaphor, the type of what it refers to.
    pub kind: EntityType,
    /// Whether it is a name, not an anaphor or a nominal.
    pub named: bool,
    /// Probability of the mention.
    pub score: Probability,
}

/// Somebody or something that the document speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Its name in the file, unique in the document: `e1`.
    pub id: String,
    /// Canonical name of a known actor, otherwise the fullest name in the text.
    pub name: String,
    /// Type of its named mentions.
    pub kind: EntityType,
    /// The actor that it is or acts for, unless unknown or not political.
    pub actor: Option<ActorCode>,
    /// Probability of the actor code.
    pub score: Probability,
}

/// A directed relation between two entities that a sentence shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Who acts or holds the stance.
    pub src: EntityIx,
    /// At whom it is aimed.
    pub tgt: EntityIx,
    /// Index of the sentence that shows it.
    pub sent: usize,
    /// PLOVER root class.
    pub event: Event,
    /// What it is about.
    pub act: Act,
    /// Stance of the source towards the target.
    pub stance: Stance,
    /// Whether it happened.
    pub modality: Modality,
    /// Probability of the relation.
    pub score: Probability,
    /// Probability of every event, in the order of [`Event::ALL`], for pairs that the input gave.
    pub scores: Option<Vec<Probability>>,
}

/// A document with all that was found in it, or that an annotator marked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annotation {
    /// What is known beside the text.
    pub meta: Metadata,
    /// The text, as in the source.
    pub text: String,
    /// Sentences in order, without surrounding white space.
    pub sentences: Vec<Span>,
    /// Mentions in order of their start.
    pub mentions: Vec<Mention>,
    /// Entities in order of their first mention.
    pub entities: Vec<Entity>,
    /// Relations in order of sentence, source, target, event and act.
    pub relations: Vec<Relation>,
}

impl Annotation {
    /// The entity of index `ix`.
    pub fn entity(&self, ix: EntityIx) -> &Entity {
        &self.entities[ix.get()]
    }

    /// Index of the sentence that holds the byte at `offset`, or the last one that starts before it.
    pub fn sentence_at(&self, offset: usize) -> Option<usize> {
        self.sentences.partition_point(|s| s.start <= offset).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actor_codes_are_checked() {
        let code: ActorCode = "AFG/TALIBAN".parse().unwrap();
        assert_eq!((code.country(), code.is_state()), ("AFG", false));
        for bad in ["", "RU", "rus", "RUS/", "RUSS", "AFG/tal", "ÄFG"] {
            assert!(bad.parse::<ActorCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn probabilities_are_written_with_four_decimals() {
        assert_eq!(serde_json::to_string(&Probability::new(0.123_456)).unwrap(), "0.1235");
        assert_eq!(Probability::new(f32::NAN).get(), 0.0);
    }
}
