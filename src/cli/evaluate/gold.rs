//! Labelled data in the forms that evaluation takes, told apart by what they begin with.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use demarche::corpus::formats::{self, Format};
use demarche::corpus::pairs::{self, PairExample};
use demarche::document::{
    Annotation, Document, Entity, EntityIx, EntityType, Given, GivenMention, GivenPair, Metadata, Probability,
};
use demarche::evaluate::JudgedRecord;
use serde_json::Value;

use crate::cli::flags::GivenParts;
use crate::cli::labelled::{self, Remarks};

/// Labels of one kind.
pub enum Labels {
    /// Annotated documents.
    Annotations(Vec<Annotation>),
    /// Sentences with a pair and its event.
    Pairs(Vec<PairExample>),
    /// Records.
    Records(Vec<JudgedRecord>),
}

/// Reads files, and the files of folders, that hold labels of one kind; adds what could not be taken as it stands to
/// `remarks`.
///
/// Unlike documents to annotate, labels must be right: the first line that is not ends the reading.
pub fn read(paths: &[PathBuf], remarks: &mut Remarks) -> Result<Labels> {
    let mut labels: Option<Labels> = None;
    for path in labelled::files(paths)? {
        let more = read_file(&path, remarks)?;
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

fn read_file(path: &Path, remarks: &mut Remarks) -> Result<Labels> {
    let format = match formats::detect(path)? {
        Some(Format::Pairs) => return Ok(Labels::Pairs(pairs::read(path)?.collect::<Result<_, _>>()?)),
        Some(format) => format,
        None => return Ok(Labels::Records(records(path)?)),
    };
    let mut annotations = Vec::new();
    for found in formats::read(path, format)? {
        let found = found?;
        remarks.extend(found.remarks);
        annotations.extend(found.document.map(|document| document.annotation));
    }
    Ok(Labels::Annotations(annotations))
}

/// Reads records, which no other form resembles.
fn records(path: &Path) -> Result<Vec<JudgedRecord>> {
    let mut records = Vec::new();
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let context = || format!("{}:{number}", path.display());
        let line = line.with_context(context)?;
        if line.trim().is_empty() {
            continue;
        }
        let value: Value = serde_json::from_str(&line).with_context(context)?;
        if !["actor", "counterpart"].iter().all(|field| value.get(field).is_some()) {
            bail!(
                "{} is in no known form; expected records (fields actor and counterpart) or a form that `demarche convert` reads",
                context()
            );
        }
        records.push(serde_json::from_value(value).with_context(context)?);
    }
    if records.is_empty() {
        bail!("{} is empty", path.display());
    }
    Ok(records)
}

/// The document of a gold annotation, with the parts that are given.
pub fn document(gold: &Annotation, given: Option<GivenParts>) -> Document {
    let mut document = labelled::document(gold, given);
    // Who they are is not given: finding that is judged too.
    document.given.iter_mut().flat_map(|given| &mut given.entities).for_each(|entity| entity.actor = None);
    document
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
        read(&[folder.path().to_owned()], &mut Remarks::default())
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
