//! A corpus that is mostly copies: distinct texts, each printed several times with small edits, all about one pair.

use std::collections::BTreeSet;
use std::path::Path;

use demarche::corpus::inline;
use demarche::document::{
    Act, Annotation, Entity, EntityIx, EntityType, Event, Metadata, Modality, Probability, Relation, Stance,
};
use demarche::records::Record;
use demarche::text::sentences;

/// A small generator of numbers that are spread well enough for tests.
pub struct Draw(pub u64);

impl Draw {
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Sentences and words of the shortest text.
const SENTENCES: usize = 3;
const WORDS: usize = 60;

/// Distinct texts: the project's own articles, long ones cut between sentences into parts that are not too short.
pub fn texts() -> Vec<String> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let folder = |name| std::fs::read_dir(corpus.join(name)).unwrap().map(|f| f.unwrap().path());
    let files: BTreeSet<_> = folder("train").chain(folder("dev")).collect();
    let mut texts = BTreeSet::new();
    for article in files.iter().flat_map(|f| inline::read(f).unwrap()).map(|a| a.unwrap().text) {
        let mut part: Vec<&str> = Vec::new();
        for sentence in sentences(&article) {
            part.push(sentence.of(&article));
            if part.len() >= SENTENCES && part.iter().map(|s| words(s)).sum::<usize>() >= WORDS {
                texts.insert(std::mem::take(&mut part).join(" "));
            }
        }
    }
    texts.into_iter().collect()
}

/// Number of words.
pub fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// The text as another paper prints it, with one to three small edits.
pub fn reprint(text: &str, draw: &mut Draw) -> String {
    let mut parts: Vec<String> = sentences(text).iter().map(|s| s.of(text).to_owned()).collect();
    for _ in 0..1 + draw.below(3) {
        let at = draw.below(parts.len());
        match draw.below(8) {
            0 => parts
                .insert(0, ["CAPITAL (Wire) —", "By our correspondent", "GENEVA, June 3 -"][draw.below(3)].to_owned()),
            1 => parts.push(["(Agency)", "—ANA", "© Wire 2024"][draw.below(3)].to_owned()),
            // One sentence of few is no small edit.
            2 if parts.len() > 4 => drop(parts.remove(at)),
            3 => parts.push(added(text, draw)),
            4 => parts[0] = parts[0].to_uppercase(),
            5 => {
                parts.iter_mut().for_each(|p| *p = p.replace(['“', '”'], "\"").replace('’', "'").replace(" - ", " — "))
            }
            _ => {
                let mut words: Vec<&str> = parts[at].split(' ').collect();
                let word = draw.below(words.len());
                words[word] = ["reportedly", "officials", "yesterday", "also"][draw.below(4)];
                parts[at] = words.join(" ");
            }
        }
    }
    parts.join(" ")
}

/// A sentence that a paper puts in, of the story's own words.
fn added(text: &str, draw: &mut Draw) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let drawn: Vec<&str> = (0..10).map(|_| words[draw.below(words.len())]).collect();
    format!("The paper adds that {}.", drawn.join(" ").replace('.', ""))
}

/// A document in which one actor supports another in the sentence of number `sent` or the last whole one before it.
pub fn document(id: String, source: usize, date: &str, text: String, sent: usize) -> Annotation {
    let entity = |id: &str, code: &str| Entity {
        id: id.to_owned(),
        name: code.to_owned(),
        kind: EntityType::Loc,
        actor: code.parse().ok(),
        score: Probability::ONE,
    };
    let sentences = sentences(&text);
    let is_whole = |s: &usize| words(sentences[*s].of(&text)) > 6;
    let sent = (0..sentences.len().min(sent + 1)).rev().find(is_whole).unwrap_or(0);
    let relation = Relation {
        src: EntityIx(0),
        tgt: EntityIx(1),
        sent,
        event: Event::Support,
        act: Act::StatementSupport,
        stance: Stance::Favor,
        modality: Modality::Actual,
        score: Probability::new(0.8),
        scores: None,
    };
    let source = Some(format!("paper {source}"));
    Annotation {
        meta: Metadata { id, date: date.parse().ok(), source, ..Metadata::default() },
        sentences,
        text,
        mentions: Vec::new(),
        entities: vec![entity("e1", "FRA"), entity("e2", "GEO")],
        relations: vec![relation],
    }
}

/// Every text `prints` times: the wire first, papers within the week, of which each shows another sentence of the
/// story.
pub fn printed(texts: &[String], prints: usize, draw: &mut Draw) -> Vec<Annotation> {
    let mut documents = Vec::new();
    for (t, text) in texts.iter().enumerate() {
        for print in 0..prints {
            let date = format!("2024-05-0{}", 1 + if print == 0 { 0 } else { draw.below(6) });
            let text = if print == 0 { text.clone() } else { reprint(text, draw) };
            documents.push(document(format!("{print}-{t}"), print, &date, text, print % 3));
        }
    }
    documents
}

/// What became of a corpus of [`printed`] documents.
#[derive(Debug)]
pub struct Found {
    /// Documents that are copies.
    pub copies: usize,
    /// Those that pass for stories of their own.
    pub missed: usize,
    /// Documents that were taken for copies of a text that is not theirs.
    pub merged: usize,
}

impl Found {
    /// All say one act of one pair, so each piece of evidence is a story and the rest was counted as copies of one.
    pub fn of(record: &Record, texts: usize, prints: usize) -> Found {
        let mut copies_of = vec![0; texts];
        let (mut missed, mut originals) = (0, 0);
        for e in &record.evidence {
            let (print, text) = e.document.split_once('-').unwrap();
            match print {
                "0" => originals += 1,
                _ => missed += 1,
            }
            copies_of[text.parse::<usize>().unwrap()] += e.duplicates + usize::from(print != "0");
        }
        let strangers: usize = copies_of.iter().map(|n| n.saturating_sub(prints - 1)).sum();
        Found { copies: texts * (prints - 1), missed, merged: (texts - originals).max(strangers) }
    }
}
