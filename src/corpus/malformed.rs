//! Why a line is no document of its form.

use serde_json::Error as JsonError;

use super::offsets::BadSpan;
use crate::document::Relation;

/// What is wrong with a line of an annotated corpus.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// It is no JSON, or a field is missing or of another type.
    #[error("{}", json_reason(.0))]
    Json(#[from] JsonError),
    /// An entry of a list or table is wrong in itself.
    #[error("{entry}: {}", json_reason(.error))]
    Entry {
        /// Which entry, such as `entity e1`.
        entry: String,
        /// What is wrong.
        error: JsonError,
    },
    /// A span does not fit the text.
    #[error("{entry}: {error}")]
    Span {
        /// What the span belongs to, such as `mention 3`.
        entry: String,
        /// What is wrong.
        error: BadSpan,
    },
    /// A mention's text is not what its offsets say.
    #[error("mention {mention} says {said:?} but its offsets cover {covered:?}; offsets count Unicode scalar values, the end is exclusive")]
    Slice {
        /// Number of the mention, from 0.
        mention: usize,
        /// The text that the mention gives.
        said: String,
        /// The text at its offsets.
        covered: String,
    },
    /// Something refers to an entity that the document does not have.
    #[error("{entry} refers to entity {id:?}, which is not in `entities`")]
    Entity {
        /// What refers to it, such as `relation 2`.
        entry: String,
        /// The missing entity.
        id: String,
    },
    /// A relation names a sentence that the document does not have.
    #[error("relation {relation} is in sentence {sent}, but the text has {sentences} (counted from 0)")]
    Sentence {
        /// Number of the relation, from 0.
        relation: usize,
        /// The sentence.
        sent: usize,
        /// How many there are.
        sentences: usize,
    },
    /// A brace that is no mention's.
    #[error("a brace that belongs to no mention: {0:?}")]
    Brace(String),
    /// A list of scores that does not name every event once.
    #[error("relation {relation}: `scores` needs a number for each event, {event} is missing")]
    Scores {
        /// Number of the relation, from 0.
        relation: usize,
        /// An event without a score.
        event: &'static str,
    },
}

/// What serde_json says, without its line: it always calls our line number one.
pub(super) fn json_reason(error: &JsonError) -> String {
    let said = error.to_string();
    match said.rsplit_once(" at line ") {
        Some((what, place)) => match place.split_once(" column ") {
            Some((_, column)) => format!("{what} at column {column}"),
            None => said,
        },
        None => said,
    }
}

/// Puts relations in the order that [`crate::document::Annotation`] promises.
pub(super) fn sort_relations(relations: &mut [Relation]) {
    relations.sort_by_key(|r| (r.sent, r.src, r.tgt, r.event, r.act));
}
