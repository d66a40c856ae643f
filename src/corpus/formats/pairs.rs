//! Sentences with one directed pair and its event, as in `plv_train.jsonl`.
//!
//! A document becomes as many lines as it has relations, each with the sentences that show it.

use serde_json::json;

use super::choice;
use super::draft::{Draft, DraftMention};
use super::labels::RelationLabels;
use super::remark::{Place, RemarkKind};
use super::Found;
use crate::corpus::offsets::{Offsets, Unit};
use crate::corpus::pairs::PairExample;
use crate::document::{Annotation, EntityType, Metadata, Probability, Relation};
use crate::text::Span;

/// A relation on the sentences that show it.
pub(super) struct Piece<'a> {
    /// The document's id, with a number where the document has several pieces.
    pub id: String,
    /// Where the piece begins in the text.
    pub base: usize,
    pub text: &'a str,
    /// The mentions, counted from the base.
    pub src: Span,
    pub tgt: Span,
    pub relation: &'a Relation,
}

/// The relations of a document, each on its sentences; those without mentions are left out.
pub(super) fn pieces(a: &Annotation) -> Vec<Piece<'_>> {
    let several = a.relations.len() > 1;
    let piece = |(number, relation): (usize, &'_ Relation)| {
        let [src, tgt] = choice::ends(a, relation, |_| true)?.map(|number| a.mentions[number].span);
        let first = a.sentence_at(src.start.min(tgt.start)).map(|s| a.sentences[s].start);
        let last = a.sentence_at(src.start.max(tgt.start)).map(|s| a.sentences[s].end);
        let from = first.unwrap_or(usize::MAX).min(src.start).min(tgt.start);
        let to = last.unwrap_or(0).max(src.end).max(tgt.end);
        let local = |span: Span| Span::new(span.start - from, span.end - from);
        let id = if several { format!("{}#{}", a.meta.id, number + 1) } else { a.meta.id.clone() };
        Some((from, to, local(src), local(tgt), id, number))
    };
    let found = a.relations.iter().enumerate().filter_map(piece);
    found
        .map(|(from, to, src, tgt, id, number)| Piece {
            id,
            base: from,
            text: &a.text[from..to],
            src,
            tgt,
            relation: &a.relations[number],
        })
        .collect()
}

/// The line of a piece.
pub(super) fn render(piece: &Piece) -> String {
    let offsets = Offsets::new(piece.text);
    let event = piece.relation.event;
    json!({
        "id": piece.id,
        "text": piece.text,
        "src": offsets.char_range(piece.src),
        "tgt": offsets.char_range(piece.tgt),
        "event": event,
        "quad": event.quad().index() + 1,
    })
    .to_string()
}

/// The document of a pair.
pub(super) fn found(pair: PairExample, place: Place) -> Found {
    let mut draft = Draft::new(&pair.text, Unit::Chars, place);
    let ends = [pair.src, pair.tgt].map(|span| Some(draft.mention(DraftMention::name(span, EntityType::Org))));
    draft.remark(RemarkKind::Assumed, "type ORG of both actors");
    let labels = RelationLabels { event: Some(pair.event), ..RelationLabels::default() };
    draft.relation(&"the pair", ends, labels, Probability::ONE);
    let whole = Span::new(0, pair.text.len());
    draft.finish(Metadata { id: pair.id, ..Metadata::default() }, Some(vec![whole]), Vec::new())
}
