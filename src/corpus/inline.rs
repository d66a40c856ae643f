//! The project's annotated corpus: JSON Lines with the mentions marked in the text.
//!
//! `{e1|Moscow}` is a named mention of entity `e1`, `{e2~them}` an anaphoric one, and `#MISC` at its
//! end gives a mention another type than its entity's. The annotation guide describes the rest.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::lines::read_lines;
use super::malformed::sort_relations;
use super::{Malformed, Reject};
use crate::document::{
    Act, ActorCode, Annotation, Date, Entity, EntityIx, EntityType, Event, Mention, Metadata, Modality, Probability,
    Relation, Stance,
};
use crate::text::Span;

static MENTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{(\w+)([|~])([^{}]*?)(?:#(PER|ORG|LOC|MISC))?\}").expect("the pattern is a constant")
});

/// Words that a full stop follows without ending the sentence, by the annotation guide's splitter.
const ABBREVIATIONS: [&str; 27] = [
    "Mr", "Mrs", "Ms", "Dr", "Gen", "Col", "Lt", "Sgt", "Maj", "Adm", "Gov", "Sen", "Rep", "Prof", "St", "No", "vs",
    "Jan", "Feb", "Aug", "Sept", "Oct", "Nov", "Dec", "Inc", "Ltd", "Co",
];

#[derive(Deserialize)]
struct Line {
    id: String,
    #[serde(default)]
    date: Option<Date>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    url: Option<String>,
    text: String,
    entities: Map<String, Value>,
    relations: Vec<Value>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Deserialize)]
struct EntityEntry {
    name: String,
    #[serde(rename = "type")]
    kind: EntityType,
    actor: Option<ActorCode>,
}

#[derive(Deserialize)]
struct RelationEntry {
    src: String,
    tgt: String,
    sent: usize,
    event: Event,
    act: Act,
    stance: Stance,
    modality: Modality,
    #[serde(default)]
    sym: bool,
}

/// Reads the documents of a corpus file one after the other.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Result<Annotation, Reject>> + Send, Reject> {
    read_lines(path, |_, line| parse(line))
}

/// Reads one document from its line.
pub fn parse(line: &str) -> Result<Annotation, Malformed> {
    let line: Line = serde_json::from_str(line)?;
    let (text, marked) = strip(&line.text)?;
    let mut table = EntityTable::new(&line.entities);
    let mut mentions = Vec::with_capacity(marked.len());
    for (i, m) in marked.iter().enumerate() {
        let entity = table.index(m.id, || format!("mention {i}"))?;
        let kind = m.kind.unwrap_or(table.entities[entity.get()].kind);
        mentions.push(Mention { entity, span: m.span, kind, named: m.named, score: Probability::ONE });
    }
    for id in line.entities.keys() {
        table.index(id, String::new)?;
    }
    let sentences = sentences(&text);
    let relations = relations(&line.relations, &mut table, sentences.len())?;
    let meta = Metadata {
        id: line.id,
        date: line.date,
        title: line.title,
        source: line.source,
        url: line.url,
        extra: line.extra,
    };
    Ok(Annotation { meta, text, sentences, mentions, entities: table.entities, relations })
}

fn relations(entries: &[Value], table: &mut EntityTable, sentences: usize) -> Result<Vec<Relation>, Malformed> {
    let mut out = Vec::with_capacity(entries.len());
    for (i, value) in entries.iter().enumerate() {
        let entry = || format!("relation {i}");
        let r = RelationEntry::deserialize(value).map_err(|error| Malformed::Entry { entry: entry(), error })?;
        if r.sent >= sentences {
            return Err(Malformed::Sentence { relation: i, sent: r.sent, sentences });
        }
        let (src, tgt) = (table.index(&r.src, entry)?, table.index(&r.tgt, entry)?);
        let relation = Relation {
            src,
            tgt,
            sent: r.sent,
            event: r.event,
            act: r.act,
            stance: r.stance,
            modality: r.modality,
            score: Probability::ONE,
            scores: None,
        };
        if r.sym {
            out.push(Relation { src: tgt, tgt: src, ..relation.clone() });
        }
        out.push(relation);
    }
    sort_relations(&mut out);
    Ok(out)
}

/// Entities in the order in which they were first asked for.
struct EntityTable<'a> {
    entries: &'a Map<String, Value>,
    indices: HashMap<&'a str, EntityIx>,
    entities: Vec<Entity>,
}

impl<'a> EntityTable<'a> {
    fn new(entries: &'a Map<String, Value>) -> Self {
        EntityTable { entries, indices: HashMap::new(), entities: Vec::with_capacity(entries.len()) }
    }

    fn index(&mut self, id: &str, asked_by: impl FnOnce() -> String) -> Result<EntityIx, Malformed> {
        if let Some(&ix) = self.indices.get(id) {
            return Ok(ix);
        }
        let missing = || Malformed::Entity { entry: asked_by(), id: id.to_owned() };
        let (id, value) = self.entries.get_key_value(id).ok_or_else(missing)?;
        let e = EntityEntry::deserialize(value)
            .map_err(|error| Malformed::Entry { entry: format!("entity {id}"), error })?;
        let ix = EntityIx(self.entities.len() as u32);
        self.indices.insert(id, ix);
        self.entities.push(Entity {
            id: id.clone(),
            name: e.name,
            kind: e.kind,
            actor: e.actor,
            score: Probability::ONE,
        });
        Ok(ix)
    }
}

struct Marked<'a> {
    id: &'a str,
    span: Span,
    named: bool,
    kind: Option<EntityType>,
}

/// The plain text and the mentions that were marked in it.
fn strip(raw: &str) -> Result<(String, Vec<Marked<'_>>), Malformed> {
    let mut text = String::with_capacity(raw.len());
    let mut marked = Vec::new();
    let mut last = 0;
    for m in MENTION.captures_iter(raw) {
        let [id, sign, surface] = [1, 2, 3].map(|i| m.get(i).map_or("", |g| g.as_str()));
        let whole = m.get_match();
        text.push_str(&raw[last..whole.start()]);
        let kind = m.get(4).and_then(|k| k.as_str().parse().ok());
        let span = Span::new(text.len(), text.len() + surface.len());
        marked.push(Marked { id, span, named: sign == "|", kind });
        text.push_str(surface);
        last = whole.end();
    }
    text.push_str(&raw[last..]);
    match text.find(['{', '}']) {
        Some(at) => Err(Malformed::Brace(text[at..].chars().take(30).collect())),
        None => Ok((text, marked)),
    }
}

/// Sentences as the annotation guide numbers them: a relation's `sent` counts these.
///
/// The rule is frozen with the corpus, so that the numbers stay right. Text in general goes through
/// [`crate::text`] instead.
pub fn sentences(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find(['.', '!', '?', '…', '\n']) {
        let mark = at + found;
        let end = boundary(text, mark);
        at = match end {
            Some(end) => end,
            None => mark + run(&text[mark..], |c| matches!(c, '.' | '!' | '?' | '…')),
        };
        if let Some(end) = end.filter(|_| !text[mark..].starts_with('.') || !abbreviated(&text[..mark])) {
            spans.extend(trimmed(text, start, end));
            start = end;
        }
    }
    spans.extend(trimmed(text, start, text.len()));
    spans
}

/// Where the sentence ends whose closing marks or line end begin at `mark`, if it ends there.
fn boundary(text: &str, mark: usize) -> Option<usize> {
    let rest = &text[mark..];
    if rest.starts_with('\n') {
        return Some(mark + run(rest, |c| c == '\n'));
    }
    let stops = run(rest, |c| matches!(c, '.' | '!' | '?' | '…'));
    let end = stops + run(&rest[stops..], |c| matches!(c, '"' | '\'' | '”' | '’' | ')' | ']'));
    let blanks = run(&rest[end..], is_space);
    let next = rest[end + blanks..].trim_start_matches(['"', '\'', '“', '‘', '(', '[']);
    let begins = next.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
    (blanks > 0 && begins).then_some(mark + end)
}

/// Whether the text before a full stop ends in an abbreviation or an initial.
fn abbreviated(before: &str) -> bool {
    let word = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(before, |at| {
        let next = before[at..].chars().next().map_or(0, char::len_utf8);
        &before[at + next..]
    });
    let initial = word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase());
    initial || ABBREVIATIONS.contains(&word)
}

/// Bytes at the beginning of `text` that satisfy `is`.
fn run(text: &str, is: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

/// White space in Python's sense, which has four separators more than Unicode's property.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

fn trimmed(text: &str, start: usize, end: usize) -> Option<Span> {
    let sentence = &text[start..end];
    let inner = sentence.trim_start_matches(is_space);
    let start = end - inner.len();
    (!inner.is_empty()).then(|| Span::new(start, start + inner.trim_end_matches(is_space).len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id": "x", "date": "2024-05-28", "style": "wire",
        "text": "Gen. {e2|Müller} met {e1|Russian#MISC} envoys. {e1|Moscow} thanked {e2~him}.",
        "entities": {"e1": {"name": "Russia", "type": "LOC", "actor": "RUS"},
                     "e2": {"name": "Müller", "type": "PER", "actor": null}},
        "relations": [
            {"src": "e1", "tgt": "e2", "sent": 1, "event": "SUPPORT", "act": "statement.support", "stance": "favor", "modality": "actual"},
            {"src": "e2", "tgt": "e1", "sent": 0, "sym": true, "event": "CONSULT", "act": "contact.meet", "stance": "neutral", "modality": "actual"}]}"#;

    #[test]
    fn marks_become_mentions() {
        let a = parse(LINE).unwrap();
        assert_eq!(a.text, "Gen. Müller met Russian envoys. Moscow thanked him.");
        let mentions: Vec<_> = a
            .mentions
            .iter()
            .map(|m| (m.span.of(&a.text), &*a.entity(m.entity).name, m.kind.name(), m.named))
            .collect();
        assert_eq!(
            mentions,
            [
                ("Müller", "Müller", "PER", true),
                ("Russian", "Russia", "MISC", true),
                ("Moscow", "Russia", "LOC", true),
                ("him", "Müller", "PER", false)
            ]
        );
        assert_eq!(a.meta.extra["style"], "wire");
    }

    #[test]
    fn mutual_relations_count_both_ways_and_all_are_sorted() {
        let a = parse(LINE).unwrap();
        let relations: Vec<_> =
            a.relations.iter().map(|r| (r.sent, &*a.entity(r.src).id, &*a.entity(r.tgt).id, r.event)).collect();
        assert_eq!(
            relations,
            [(0, "e2", "e1", Event::Consult), (0, "e1", "e2", Event::Consult), (1, "e1", "e2", Event::Support)]
        );
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let check = |from: &str, to: &str, part: &str| {
            assert!(LINE.contains(from), "{from}");
            let said = parse(&LINE.replace(from, to)).unwrap_err().to_string();
            assert!(said.contains(part), "{said}");
        };
        check("{e2~him}", "{e9~him}", "mention 3 refers to entity \"e9\"");
        check("{e2~him}", "{e2 him}", "a brace that belongs to no mention: \"{e2 him}.\"");
        check("\"sent\": 1", "\"sent\": 2", "relation 0 is in sentence 2, but the text has 2");
        check("CONSULT", "MEET", "relation 1: \"MEET\" is no event");
        check("\"RUS\"", "\"Russia\"", "entity e1: \"Russia\" is no actor code");
        check("\"relations\"", "\"links\"", "missing field `relations`");
    }

    #[test]
    fn sentences_are_those_of_the_guide() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<_> = sentences(text).iter().map(|s| s.of(text)).collect();
            assert_eq!(found, expected);
        };
        check("", &[]);
        check(" \n ", &[]);
        check("A b.  “C,” he said… 5 more?! No", &["A b.", "“C,” he said…", "5 more?!", "No"]);
        check("The U.S. Senate, Mr. X and J. Y met.\") Z", &["The U.S. Senate, Mr. X and J. Y met.\")", "Z"]);
        check("Head\n\nText... and Co. Then", &["Head", "Text... and Co. Then"]);
        check("Is it? (\"Yes.\")\nNo.", &["Is it?", "(\"Yes.\")", "No."]);
    }
}
