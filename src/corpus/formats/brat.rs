//! brat stand-off: the text in a .txt file, a line for each annotation in the .ann file beside it.
//!
//! Offsets count code points. `T` is a mention, `R` a relation whose type is the event and whose note has the other
//! labels, `N` the actor of an entity, `*` the mentions of one entity, and the attribute `Anaphor` marks what is no
//! name. brat cuts a span at line ends into fragments, which are read as one; other gaps are reported.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::choice;
use super::draft::{Draft, DraftMention};
use super::labels::RelationLabels;
use super::remark::{Place, RemarkKind};
use super::{Found, Labelled};
use crate::corpus::offsets::{Offsets, Unit};
use crate::corpus::source::{open, LINE_LIMIT, STDIN};
use crate::corpus::Reject;
use crate::document::{EntityType, Event, Metadata, Probability};
use crate::text::Span;

/// The attribute of a mention that is no name.
const ANAPHOR: &str = "Anaphor";
/// The resource that our actor codes stand for among brat's normalisations.
const RESOURCE: &str = "Actor";
/// Longest name of a file, in characters.
const LONGEST_NAME: usize = 100;

/// The two files of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Their name, without a suffix.
    pub name: String,
    /// The .txt file.
    pub text: String,
    /// The .ann file.
    pub annotations: String,
}

/// Reads the document whose annotations are at `path`.
pub(super) fn read(path: &Path) -> Result<Found, Reject> {
    if path == Path::new(STDIN) {
        return Err(Reject::new(path, None, "brat has two files for each document; give a folder or an .ann file"));
    }
    let annotations = whole(path)?;
    let text = whole(&path.with_extension("txt"))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    parse(&name, &text, &annotations, path).map_err(|(line, reason)| Reject::new(path, Some(line), reason))
}

fn whole(path: &Path) -> Result<String, Reject> {
    let mut text = String::new();
    let read = open(path).and_then(|source| source.take(LINE_LIMIT as u64).read_to_string(&mut text));
    read.map_err(|e| Reject::new(path, None, e))?;
    if text.len() == LINE_LIMIT {
        return Err(Reject::new(path, None, format_args!("larger than the limit of {LINE_LIMIT} bytes")));
    }
    Ok(text)
}

/// The document of a text and its annotations; a line that has not the form is refused with its number.
pub(super) fn parse(name: &str, text: &str, annotations: &str, path: &Path) -> Result<Found, (usize, String)> {
    let draft = Draft::new(text, Unit::Chars, Place { file: path, line: None });
    let mut reader = Reader { draft, mentions: HashMap::new(), relations: Vec::new(), equal: Vec::new() };
    let lines = || (1..).zip(annotations.lines()).filter(|(_, line)| !line.trim().is_empty());
    // Anything may refer to what stands further down, but mentions refer to nothing.
    for (number, line) in lines().filter(|(_, line)| line.starts_with('T')) {
        reader.mention(number, line).map_err(|reason| (number, reason))?;
    }
    for (number, line) in lines().filter(|(_, line)| line.starts_with('R')) {
        reader.relation(number, line).map_err(|reason| (number, reason))?;
    }
    for (number, line) in lines().filter(|(_, line)| !line.starts_with(['T', 'R'])) {
        reader.other(number, line);
    }
    Ok(reader.finish(name))
}

struct Reader<'a> {
    draft: Draft<'a>,
    /// Mentions by their ids; none where one was left out.
    mentions: HashMap<&'a str, Option<usize>>,
    relations: Vec<ReadRelation<'a>>,
    /// Mentions of one entity.
    equal: Vec<Vec<usize>>,
}

struct ReadRelation<'a> {
    id: &'a str,
    ends: [Option<usize>; 2],
    labels: RelationLabels,
}

impl<'a> Reader<'a> {
    fn mention(&mut self, line: usize, row: &'a str) -> Result<(), String> {
        let malformed =
            || format!("{row:?} is no text-bound annotation; expected T1, a type with offsets, and the text");
        let mut columns = row.split('\t');
        let (Some(id), Some(middle)) = (columns.next(), columns.next()) else { return Err(malformed()) };
        let (label, offsets) = middle.split_once(' ').ok_or_else(malformed)?;
        let mut fragments = Vec::new();
        for fragment in offsets.split(';') {
            let (start, end) = fragment.trim().split_once(' ').ok_or_else(malformed)?;
            let [start, end] = [start, end].map(|n| n.parse::<u64>().map(Value::from).ok());
            match self.draft.span(&id, start.as_ref(), end.as_ref()) {
                Some(span) => fragments.push(span),
                None => {
                    self.mentions.insert(id, None);
                    return Ok(());
                }
            }
        }
        let kind = self.draft.kind(&id, Some(label));
        let (first, last) = (fragments[0], fragments[fragments.len() - 1]);
        let mut ends = fragments.windows(2).map(|pair| (pair[0].end, pair[1].start));
        if last.end <= first.start || ends.any(|(end, start)| !self.is_blank(end, start)) {
            self.draft.remark_at(line, RemarkKind::Discontinuous, format_args!("{id}, {offsets}"));
        } else {
            self.draft.check_slice(&id, Span::new(first.start, last.end), columns.next());
        }
        let from = fragments.iter().map(|f| f.start).min().unwrap_or(first.start);
        let to = fragments.iter().map(|f| f.end).max().unwrap_or(first.end);
        let number = kind.map(|kind| self.draft.mention(DraftMention::name(Span::new(from, to), kind)));
        self.mentions.insert(id, number);
        Ok(())
    }

    /// Whether there is nothing but white space between two offsets.
    fn is_blank(&self, end: usize, start: usize) -> bool {
        self.draft.text.get(end..start).is_some_and(|gap| gap.trim().is_empty())
    }

    fn relation(&mut self, line: usize, row: &'a str) -> Result<(), String> {
        let malformed = || format!("{row:?} is no relation; expected R1, and a type with Arg1:T1 and Arg2:T2");
        let (id, rest) = row.split_once('\t').ok_or_else(malformed)?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let [label, ref arguments @ ..] = fields[..] else { return Err(malformed()) };
        let [first, second] = arguments else { return Err(malformed()) };
        let end = |argument: &str| argument.split_once(':').and_then(|(_, id)| *self.mentions.get(id)?);
        let ends = [end(first), end(second)];
        let mut labels = RelationLabels::default();
        if !labels.take(label) {
            self.draft.remark_at(line, RemarkKind::UnknownLabel, format_args!("{id} is {label:?}, which is no event"));
        } else {
            self.relations.push(ReadRelation { id, ends, labels });
        }
        Ok(())
    }

    /// Attributes, notes, normalisations and sets of mentions of one entity.
    fn other(&mut self, line: usize, row: &'a str) {
        let mut columns = row.split('\t');
        let (id, middle, rest) = (columns.next().unwrap_or(""), columns.next().unwrap_or(""), columns.next());
        let fields: Vec<&str> = middle.split_whitespace().collect();
        let mention = |id: &str| self.mentions.get(id).copied();
        match (id.chars().next(), &fields[..]) {
            // What is said of a mention that was left out is left out with it, silently: it was told before.
            (Some('A' | 'M'), [ANAPHOR, target]) if mention(target).is_some() => {
                if let Some(Some(number)) = mention(target) {
                    self.draft.mention_mut(number).named = false;
                }
            }
            (Some('A' | 'M'), [_, target, value]) if label_relation(&mut self.relations, target, value) => {}
            (Some('N'), [_, target, reference]) if mention(target).is_some() && reference.starts_with(RESOURCE) => {
                let code = reference.strip_prefix(RESOURCE).and_then(|rest| rest.strip_prefix(':'));
                let actor = self.draft.actor(&id, code);
                if let Some(Some(number)) = mention(target) {
                    let mention = self.draft.mention_mut(number);
                    (mention.actor, mention.name) = (actor, rest.map(str::to_owned));
                }
            }
            (Some('*'), ["Equiv", targets @ ..]) => {
                self.equal.push(targets.iter().filter_map(|target| mention(target)?).collect());
            }
            (Some('#'), [_, target]) => {
                for word in rest.unwrap_or("").split_whitespace() {
                    label_relation(&mut self.relations, target, word);
                }
            }
            _ => self.draft.remark_at(line, RemarkKind::Unread, row),
        }
    }

    fn finish(mut self, name: &str) -> Found {
        // Sets that share a mention are one entity.
        let mut sets: HashMap<usize, usize> = HashMap::new();
        for equal in &self.equal {
            let known = equal.iter().find_map(|number| sets.get(number).copied());
            let set = known.unwrap_or_else(|| equal.first().copied().unwrap_or_default());
            let joined: Vec<usize> = equal.iter().filter_map(|number| sets.get(number).copied()).collect();
            sets.values_mut().filter(|other| joined.contains(other)).for_each(|other| *other = set);
            sets.extend(equal.iter().map(|&number| (number, set)));
        }
        for (number, set) in sets {
            self.draft.mention_mut(number).entity = Some(set.to_string());
        }
        for r in self.relations {
            self.draft.relation(&r.id, r.ends, r.labels, Probability::ONE);
        }
        self.draft.finish(Metadata { id: name.to_owned(), ..Metadata::default() }, None, Vec::new())
    }
}

/// Gives a relation a label; tells whether there is such a relation and such a label.
fn label_relation(relations: &mut [ReadRelation], id: &str, label: &str) -> bool {
    relations.iter_mut().find(|r| r.id == id).is_some_and(|r| r.labels.take(label))
}

/// The files of a document.
pub(super) fn render(document: &Labelled) -> Files {
    let a = &document.annotation;
    let offsets = Offsets::new(&a.text);
    let mut rows = Vec::new();
    for (number, m) in (1..).zip(&a.mentions) {
        let fragments = fragments(&a.text, m.span);
        let places: Vec<_> =
            fragments.iter().map(|&f| offsets.char_range(f)).map(|[start, end]| format!("{start} {end}")).collect();
        let surface: Vec<_> = fragments.iter().map(|f| one_line(f.of(&a.text))).collect();
        rows.push(format!("T{number}\t{} {}\t{}", m.kind, places.join(";"), surface.join(" ")));
    }
    for (ix, entity) in a.entities.iter().enumerate() {
        let own: Vec<_> = (1..).zip(&a.mentions).filter(|(_, m)| m.entity.get() == ix).map(|(n, _)| n).collect();
        if let (Some(actor), Some(first)) = (&entity.actor, own.first()) {
            rows.push(format!("N{}\tReference T{first} {RESOURCE}:{actor}\t{}", ix + 1, one_line(&entity.name)));
        }
        if own.len() > 1 {
            let own: Vec<_> = own.iter().map(|n| format!("T{n}")).collect();
            rows.push(format!("*\tEquiv {}", own.join(" ")));
        }
    }
    let anaphors = (1..).zip(&a.mentions).filter(|(_, m)| !m.named);
    rows.extend((1..).zip(anaphors).map(|(number, (target, _))| format!("A{number}\t{ANAPHOR} T{target}")));
    for (number, r) in (1..).zip(&a.relations) {
        if let Some([src, tgt]) = choice::ends(a, r, |_| true) {
            let [event, labels @ ..] = RelationLabels::names(r);
            rows.push(format!("R{number}\t{event} Arg1:T{} Arg2:T{}", src + 1, tgt + 1));
            rows.push(format!("#{number}\tAnnotatorNotes R{number}\t{}", labels.join(" ")));
        }
    }
    let annotations = rows.iter().map(|row| format!("{row}\n")).collect();
    Files { name: file_name(&a.meta.id), text: a.text.clone(), annotations }
}

/// The `annotation.conf` that brat needs beside the files to show and edit these labels.
pub fn configuration() -> String {
    let types: String = EntityType::ALL.iter().map(|kind| format!("{kind}\n")).collect();
    let events: String = Event::ALL.iter().map(|e| format!("{e}\tArg1:<ENTITY>, Arg2:<ENTITY>\n")).collect();
    format!(
        "[entities]\n{types}\n[relations]\n{events}\
         Equiv\tArg1:<ENTITY>, Arg2:<ENTITY>, <REL-TYPE>:symmetric-transitive\n\
         <OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>\n\n\
         [events]\n\n[attributes]\n{ANAPHOR}\tArg:<ENTITY>\n"
    )
}

/// The parts of a span between line ends.
fn fragments(text: &str, span: Span) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut start = span.start;
    for part in span.of(text).split('\n') {
        if !part.is_empty() {
            parts.push(Span::new(start, start + part.len()));
        }
        start += part.len() + 1;
    }
    // A span of nothing but line ends is no span for brat; it stays whole.
    if parts.is_empty() {
        parts.push(span);
    }
    parts
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A name for a file, as near to the id as every file system allows.
fn file_name(id: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = id.chars().take(LONGEST_NAME).map(safe).collect();
    match name.chars().next() {
        None => "document".to_owned(),
        Some('.') => format!("_{name}"),
        Some(_) => name,
    }
}
