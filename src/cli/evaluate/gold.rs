//! Labelled data in the forms that evaluation takes, told apart by their first line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use demarche::corpus::pairs::{self, PairExample};
use demarche::corpus::{conll, inline, standoff, Reject};
use demarche::document::{
    Annotation, Document, Entity, EntityIx, EntityType, Given, GivenMention, GivenPair, Metadata, Probability, Relation,
};
use demarche::evaluate::JudgedRecord;
use serde_json::Value;
use walkdir::WalkDir;

use crate::cli::flags::GivenParts;

/// Labels of one kind.
pub enum Labels {
    /// Annotated documents.
    Annotations(Vec<Annotation>),
    /// Sentences with a pair and its event.
    Pairs(Vec<PairExample>),
    /// Records.
    Records(Vec<JudgedRecord>),
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Inline,
    Standoff,
    Conll,
    Pairs,
    Records,
}

/// Reads files, and the files of folders, that hold labels of one kind.
///
/// Unlike documents to annotate, labels must be right: the first line that is not ends the reading.
pub fn read(paths: &[PathBuf]) -> Result<Labels> {
    let mut labels: Option<Labels> = None;
    for path in files(paths)? {
        let more = read_file(&path)?;
        labels = Some(match (labels, more) {
            (None, more) => more,
            (Some(Labels::Annotations(all)), Labels::Annotations(more)) => Labels::Annotations([all, more].concat()),
            (Some(Labels::Pairs(all)), Labels::Pairs(more)) => Labels::Pairs([all, more].concat()),
            (Some(Labels::Records(all)), Labels::Records(more)) => Labels::Records([all, more].concat()),
            _ => bail!("{} holds labels of another kind than the files before it", path.display()),
        });
    }
    labels.with_context(|| {
        let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        format!(
            "no file to read in {}",
            if paths.is_empty() { "--pred (not given)".to_owned() } else { paths.join(", ") }
        )
    })
}

/// The files at `paths`, those of folders in the order of their names.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        for entry in WalkDir::new(path).sort_by_file_name() {
            let entry = entry.with_context(|| format!("cannot read {}", path.display()))?;
            if entry.file_type().is_file() || (entry.depth() == 0 && !entry.file_type().is_dir()) {
                files.push(entry.into_path());
            }
        }
    }
    Ok(files)
}

fn read_file(path: &Path) -> Result<Labels> {
    Ok(match form(path)? {
        Form::Inline => Labels::Annotations(all(inline::read(path))?),
        Form::Standoff => Labels::Annotations(all(standoff::read(path))?),
        Form::Conll => Labels::Annotations(all(conll::read(path))?),
        Form::Pairs => Labels::Pairs(all(pairs::read(path))?),
        Form::Records => Labels::Records(records(path)?),
    })
}

fn all<T>(items: Result<impl Iterator<Item = Result<T, Reject>>, Reject>) -> Result<Vec<T>> {
    Ok(items?.collect::<Result<_, _>>()?)
}

fn records(path: &Path) -> Result<Vec<JudgedRecord>> {
    let mut records = Vec::new();
    for (number, line) in (1..).zip(open(path)?.lines()) {
        let context = || format!("{}:{number}", path.display());
        let line = line.with_context(context)?;
        if !line.trim().is_empty() {
            records.push(serde_json::from_str(&line).with_context(context)?);
        }
    }
    Ok(records)
}

fn open(path: &Path) -> Result<impl BufRead> {
    Ok(BufReader::new(File::open(path).with_context(|| format!("cannot read {}", path.display()))?))
}

/// The form of a file by the fields of its first line; what is no JSON is taken for columns.
fn form(path: &Path) -> Result<Form> {
    let mut line = String::new();
    let mut reader = open(path)?;
    while line.trim().is_empty() {
        line.clear();
        if reader.read_line(&mut line).with_context(|| format!("cannot read {}", path.display()))? == 0 {
            bail!("{} is empty", path.display());
        }
    }
    let has = |value: &Value, names: &[&str]| names.iter().all(|name| value.get(name).is_some());
    match serde_json::from_str::<Value>(&line) {
        Ok(value) if has(&value, &["actor", "counterpart"]) => Ok(Form::Records),
        Ok(value) if has(&value, &["text", "mentions"]) => Ok(Form::Standoff),
        Ok(value) if has(&value, &["text", "src", "tgt"]) => Ok(Form::Pairs),
        Ok(value) if has(&value, &["text", "entities"]) => Ok(Form::Inline),
        Ok(_) => bail!(
            "{} is in no known form; expected fields text and mentions (annotations), text and entities (marked text), \
             text, src and tgt (pairs), or actor and counterpart (records)",
            path.display()
        ),
        Err(_) => Ok(Form::Conll),
    }
}

/// The document of a gold annotation, with the parts that are given.
pub fn document(gold: &Annotation, given: Option<GivenParts>) -> Document {
    let given = given.map(|parts| Given {
        mentions: gold
            .mentions
            .iter()
            .map(|m| GivenMention { span: m.span, kind: m.kind, named: m.named, entity: Some(m.entity) })
            .collect(),
        // Who they are is not given: finding that is judged too.
        entities: gold.entities.iter().map(|e| Entity { actor: None, ..e.clone() }).collect(),
        pairs: (parts == GivenParts::Pairs).then(|| {
            let sentence = |r: &Relation| gold.sentences.get(r.sent).copied();
            let pair = |r: &Relation| GivenPair { src: r.src, tgt: r.tgt, sentence: sentence(r) };
            let mut pairs: Vec<_> = gold.relations.iter().map(pair).collect();
            pairs.sort_unstable();
            pairs.dedup();
            pairs
        }),
    });
    Document { meta: gold.meta.clone(), text: gold.text.clone(), given }
}

/// The document of a sentence with one pair.
pub fn pair_document(pair: &PairExample) -> Document {
    let ends = [("src", pair.src), ("tgt", pair.tgt)];
    let entity = |(id, span): (&str, demarche::text::Span)| Entity {
        id: id.to_owned(),
        name: span.of(&pair.text).to_owned(),
        kind: EntityType::Org,
        actor: None,
        score: Probability::ONE,
    };
    let mut mentions: Vec<_> = ends
        .iter()
        .enumerate()
        .map(|(ix, &(_, span))| GivenMention {
            span,
            kind: EntityType::Org,
            named: true,
            entity: Some(EntityIx(ix as u32)),
        })
        .collect();
    mentions.sort_by_key(|m| m.span);
    let asked = GivenPair { src: EntityIx(0), tgt: EntityIx(1), sentence: None };
    let given = Given { mentions, entities: ends.map(entity).to_vec(), pairs: Some(vec![asked]) };
    let meta = Metadata { id: pair.id.clone(), ..Metadata::default() };
    Document { meta, text: pair.text.clone(), given: Some(given) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: &str =
        r#"{"id":"p1","text":"Kabul was praised by Moscow.","src":[21,27],"tgt":[0,5],"event":"SUPPORT"}"#;
    const MARKED: &str = r#"{"id":"m1","date":"2024-05-28","text":"{e1|Moscow} praised {e2|Kabul}.","entities":{"e1":{"name":"Russia","type":"LOC","actor":"RUS"},"e2":{"name":"Afghanistan","type":"LOC","actor":"AFG"}},"relations":[{"src":"e1","tgt":"e2","sent":0,"event":"SUPPORT","act":"statement.support","stance":"favor","modality":"actual"}]}"#;
    const RECORD: &str = r#"{"actor":"RUS","counterpart":"AFG","recognition":null}"#;
    const COLUMNS: &str = "Moscow B-LOC\npraised O\nKabul B-LOC\n. O\n";

    fn read_texts(texts: &[&str]) -> Result<Labels> {
        let folder = tempfile::tempdir()?;
        for (number, text) in texts.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{number}.jsonl")), text)?;
        }
        read(&[folder.path().to_owned()])
    }

    #[test]
    fn forms_are_told_apart_by_their_first_line() {
        assert!(matches!(read_texts(&[PAIR]).unwrap(), Labels::Pairs(pairs) if pairs.len() == 1));
        assert!(matches!(read_texts(&[RECORD]).unwrap(), Labels::Records(records) if records.len() == 1));
        let Labels::Annotations(annotations) = read_texts(&[MARKED, COLUMNS]).unwrap() else { panic!() };
        let names: Vec<_> = annotations.iter().map(|a| a.mentions[1].span.of(&a.text)).collect();
        assert_eq!(names, ["Kabul", "Kabul"]);
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        let cases: [(&[&str], &str); 5] = [
            (&["\n\n"], "is empty"),
            (&[r#"{"text":"Moscow"}"#], "in no known form"),
            (&[PAIR, RECORD], "another kind"),
            (&["{\"id\":\"p1\",\"text\":\"\",\"src\":[0,9],\"tgt\":[0,1],\"event\":\"SUPPORT\"}"], "0.jsonl:1: "),
            (&[], "no file to read"),
        ];
        for (texts, words) in cases {
            let error = format!("{:#}", read_texts(texts).err().unwrap());
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn what_is_given_of_gold_leaves_the_actors_to_be_found() {
        let Labels::Annotations(gold) = read_texts(&[MARKED]).unwrap() else { panic!() };
        assert_eq!(document(&gold[0], None).given, None);
        let given = document(&gold[0], Some(GivenParts::Mentions)).given.unwrap();
        assert_eq!((given.mentions.len(), given.pairs), (2, None));
        assert!(given.entities.iter().all(|e| e.actor.is_none()));
        let given = document(&gold[0], Some(GivenParts::Pairs)).given.unwrap();
        let asked: Vec<_> = given.pairs.iter().flatten().map(|p| (p.src, p.tgt)).collect();
        assert_eq!(asked, [(EntityIx(0), EntityIx(1))]);
    }

    #[test]
    fn a_pair_is_a_document_of_two_mentions() {
        let document = pair_document(&pairs::parse(PAIR).unwrap());
        let given = document.given.unwrap();
        let mentions: Vec<_> = given.mentions.iter().map(|m| (m.span.of(&document.text), m.entity)).collect();
        // In the order of the text; the pair is still from source to target.
        assert_eq!(mentions, [("Kabul", Some(EntityIx(1))), ("Moscow", Some(EntityIx(0)))]);
        let asked: Vec<_> = given.pairs.iter().flatten().map(|p| (p.src, p.tgt)).collect();
        assert_eq!(asked, [(EntityIx(0), EntityIx(1))]);
    }
}
