//! Sentences with one directed pair and its event, as in the PLV data set.
//!
//! `{"id","text","src":[start,end],"tgt":[start,end],"event"}`, offsets in Unicode scalar values.

use std::path::Path;

use serde::Deserialize;

use super::lines::read_lines;
use super::offsets::Offsets;
use super::{Malformed, Reject};
use crate::document::Event;
use crate::text::Span;

/// A sentence in which one actor does something to another.
#[derive(Debug, Clone, PartialEq)]
pub struct PairExample {
    /// Name of the example.
    pub id: String,
    /// The sentence, sometimes a few of them.
    pub text: String,
    /// Who acts.
    pub src: Span,
    /// At whom it is aimed.
    pub tgt: Span,
    /// What it is.
    pub event: Event,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    text: String,
    src: [usize; 2],
    tgt: [usize; 2],
    event: Event,
}

/// Reads the examples of a file one after the other.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Result<PairExample, Reject>> + Send, Reject> {
    read_lines(path, |_, line| parse(line))
}

/// Reads one example from its line.
pub fn parse(line: &str) -> Result<PairExample, Malformed> {
    let Line { id, text, src, tgt, event } = serde_json::from_str(line)?;
    let offsets = Offsets::new(&text);
    let span = |entry: &str, [start, end]: [usize; 2]| {
        offsets.to_span(start, end).map_err(|error| Malformed::Span { entry: entry.to_owned(), error })
    };
    let (src, tgt) = (span("`src`", src)?, span("`tgt`", tgt)?);
    Ok(PairExample { id, text, src, tgt, event })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_characters() {
        let line = r#"{"id":"1","text":"Erdoğan traf Müller.","src":[0,7],"tgt":[13,19],"event":"CONSULT","quad":1}"#;
        let pair = parse(line).unwrap();
        assert_eq!((pair.src.of(&pair.text), pair.tgt.of(&pair.text)), ("Erdoğan", "Müller"));
        assert_eq!(pair.event, Event::Consult);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let check = |line: &str, part: &str| {
            let said = parse(line).unwrap_err().to_string();
            assert!(said.contains(part), "{said}");
        };
        check(r#"{"id":"1","text":"a b","src":[0,1],"tgt":[2,4],"event":"AID"}"#, "`tgt`: end 4");
        check(r#"{"id":"1","text":"a b","src":[0,1],"tgt":[2,3],"event":"AIDS"}"#, "COOPERATE");
        check(r#"{"id":"1","text":"a b","src":[0,1],"tgt":[2,3]}"#, "`event` at column");
    }
}
