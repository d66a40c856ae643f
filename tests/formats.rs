//! Labelled documents in the forms of other tools: each is read as its tool writes it, and what is written reads back.

mod workspace;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use demarche::corpus::formats::{self, Format, Found, Labelled, Loss, Rendering, Writer};
use demarche::document::{
    Act, Annotation, Entity, EntityIx, EntityType, Event, Mention, Metadata, Modality, Probability, Relation, Span,
    Stance,
};
use demarche::text::sentences;
use expect_test::{expect, Expect};
use workspace::{repository, Workspace};

fn fixture(name: &str) -> PathBuf {
    repository().join("tests/formats").join(name)
}

/// What was found, in lines of text.
fn show(found: &Found) -> String {
    let mut out = String::new();
    if let Some(Labelled { annotation: a, tokens, line }) = &found.document {
        let id = a.meta.id.rsplit('/').next().unwrap_or_default();
        let rest = [a.meta.date.map(|d| d.to_string()), a.meta.title.clone(), a.meta.source.clone()];
        let rest: String = rest.into_iter().flatten().map(|part| format!(" {part:?}")).collect();
        let extra: String = a.meta.extra.keys().map(|name| format!(" {name}")).collect();
        let sentences = a.sentences.len();
        writeln!(out, "{id} at {line:?}{rest}{extra}: {sentences} sentences, {} tokens", tokens.len()).unwrap();
        for m in &a.mentions {
            let e = a.entity(m.entity);
            let sign = if m.named { '|' } else { '~' };
            let actor = e.actor.as_ref().map_or(String::new(), |actor| format!("={actor}"));
            let score = if m.score == Probability::ONE { String::new() } else { format!("@{}", m.score.get()) };
            writeln!(out, "  [{}{sign}{}] {} {:?}{actor}{score}", m.span.of(&a.text), m.kind, e.id, e.name).unwrap();
        }
        for r in &a.relations {
            let [src, tgt] = [r.src, r.tgt].map(|ix| &a.entity(ix).id);
            writeln!(out, "  {src}>{tgt} {} {} {} {} {}", r.sent, r.event, r.act, r.stance, r.modality).unwrap();
        }
    }
    for remark in &found.remarks {
        writeln!(out, "  {:?} {:?}: {}", remark.kind, remark.line, remark.detail).unwrap();
    }
    out
}

fn check(name: &str, format: Format, expected: Expect) {
    let path = fixture(name);
    assert_eq!(formats::detect(&path).unwrap(), Some(format), "{name}");
    let found: String = formats::read(&path, format).unwrap().map(|found| show(&found.unwrap())).collect();
    expected.assert_eq(&found);
}

#[test]
fn conll_columns_of_every_scheme() {
    check(
        "iob1.txt",
        Format::Conll,
        expect![[r#"
        iob1.txt:1 at Some(1): 1 sentences, 9 tokens
          [EU|ORG] e1 "EU"
          [German|MISC] e2 "German"
          [British|MISC] e3 "British"
        iob1.txt:13 at Some(13): 1 sentences, 4 tokens
          [Peter Blackburn|PER] e1 "Peter Blackburn"
          [Moscow|PER] e2 "Moscow"
    "#]],
    );
    check(
        "iob2.conll",
        Format::Conll,
        expect![[r#"
        iob2.conll at None: 2 sentences, 14 tokens
          [JAPAN|LOC] e1 "JAPAN"
          [Nadim Ladki|PER] e2 "Nadim Ladki"
          [Hassan|PER] e3 "Hassan"
          [Fatah|ORG] e4 "Fatah"
          UnknownLabel Some(15): "DRUG" is no known entity type; known are per, person, politician, org, organisation, organization, politicalparty, loc, location, country, gpe, fac, facility, misc, miscellaneous, norp, event, election, language, law, work_of_art, product
          LooseTag Some(11): I- without B-
    "#]],
    );
    check(
        "biluo.conll",
        Format::Conll,
        expect![[r#"
        biluo.conll:1 at Some(1): 1 sentences, 4 tokens
          [Sergei Lavrov|PER] e1 "Sergei Lavrov"
          [Sochi|LOC] e2 "Sochi"
    "#]],
    );
}

#[test]
fn conllu_of_stanza() {
    check(
        "stanza.conllu",
        Format::Conllu,
        expect![[r#"
        weblog-1 at Some(1) "2024-05-28": 2 sentences, 10 tokens
          [Moscow|LOC] e1 "Moscow"
          [the Taliban's|ORG] e2 "the Taliban's"
    "#]],
    );
    let found = formats::read(&fixture("stanza.conllu"), Format::Conllu).unwrap().next().unwrap().unwrap();
    let text = found.document.unwrap().annotation.text;
    assert_eq!(text, "Moscow doesn't recognise the Taliban's rule. \n\nIt waits.");
}

#[test]
fn brat_with_fragments_events_and_notes() {
    check(
        "brat/talks-01.ann",
        Format::Brat,
        expect![[r#"
        talks-01 at None: 5 sentences, 0 tokens
          [Erdoğan|PER] e1 "Erdoğan"
          [Foreign
        Minister Sergei Lavrov|PER] e2 "Foreign\nMinister Sergei Lavrov"
          [North and South Korea|LOC] e3 "North and South Korea"
          [South Korea|LOC] e4 "South Korea"
          [He~PER] e1 "Erdoğan"
          [Russia|LOC] e5 "Russia"=RUS
          e1>e2 1 CONSULT other neutral actual
          e1>e5 4 SUPPORT statement.support favor actual
          Discontinuous Some(3): T3, 57 62;73 78
          UnknownLabel None: T7 has "Meeting"
          BadSpan None: T8: end 910 lies outside the text of 113 characters (offsets count Unicode scalar values)
          Unread Some(8): E1	Meeting:T7 Agent:T1
          Unread Some(12): N2	Reference T4 Wikipedia:27019	South Korea
          Dangling None: R3 lacks one of its spans
          Assumed None: act other, stance neutral, modality actual of CONSULT, Erdoğan to Foreign
        Minister Sergei Lavrov
    "#]],
    );
}

#[test]
fn doccano_with_and_without_relations() {
    check(
        "doccano.jsonl",
        Format::Doccano,
        expect![[r#"
        11 at Some(1) "taz": 2 sentences, 0 tokens
          [Erdoğan|PER] e1 "Erdoğan"
          [Sergei Lavrov|PER] e2 "Sergei Lavrov"
          [Russia|LOC] e3 "Russia"
          BadSpan Some(1): label 2: the span from 31 to 31 is empty
        12 at Some(2): 2 sentences, 0 tokens
          [Turkey's foreign ministry|ORG] e1 "Turkey's foreign ministry"
          [Russia|LOC] e2 "Russia"
          e1>e2 1 SUPPORT other neutral actual
          Dangling Some(2): relation 1 lacks one of its spans
          Assumed Some(2): act other, stance neutral, modality actual of SUPPORT, Turkey's foreign ministry to Russia
    "#]],
    );
}

#[test]
fn prodigy_with_relations_and_a_rejected_task() {
    check(
        "prodigy.jsonl",
        Format::Prodigy,
        expect![[r#"
        prodigy.jsonl:1 at Some(1) "taz" pattern: 2 sentences, 17 tokens
          [Erdoğan|PER] e1 "Erdoğan"
          [Sergei Lavrov|PER] e2 "Sergei Lavrov"
          [Russia|LOC] e3 "Russia"
          e1>e2 0 CONSULT other neutral actual
          Assumed Some(1): act other, stance neutral, modality actual of CONSULT, Erdoğan to Sergei Lavrov
          NotAccepted Some(2): answer "reject"
        prodigy.jsonl:3 at Some(3): 2 sentences, 0 tokens
          BadSpan Some(3): span 0: start 9 comes after end 2
    "#]],
    );
}

#[test]
fn label_studio_counts_utf16() {
    check(
        "label-studio.json",
        Format::LabelStudio,
        expect![[r#"
        7 at Some(2) "taz": 2 sentences, 0 tokens
          [Erdoğan|PER] e1 "Erdoğan"
          [Sergei Lavrov|PER] e2 "Sergei Lavrov"
          [Turkey's foreign ministry|ORG] e3 "Turkey's foreign ministry"
          [Russia|LOC] e4 "Russia"=RUS
          e1>e2 0 CONSULT other neutral actual
          e2>e1 0 CONSULT other neutral actual
          e3>e4 1 SUPPORT statement.support favor actual
          NotAccepted Some(2): 1 other annotations of the task
          Unread Some(2): result q is choices
          Assumed Some(2): act other, stance neutral, modality actual of CONSULT, Erdoğan to Sergei Lavrov
          Assumed Some(2): act other, stance neutral, modality actual of CONSULT, Sergei Lavrov to Erdoğan
        8 at Some(137): 2 sentences, 0 tokens
          [Erdoğan|PER] e1 "Erdoğan"@0.75
          BadSpan Some(137): result half: offset 1 lies within a character
    "#]],
    );
}

#[test]
fn spacy_and_displacy() {
    check(
        "spacy.json",
        Format::Spacy,
        expect![[r#"
        spacy.json:1 at Some(1): 2 sentences, 17 tokens
          [Erdoğan|PER] e1 "Erdoğan"
          [Sergei Lavrov|PER] e2 "Sergei Lavrov"
          [Sochi|LOC] e3 "Sochi"
          [Russia~LOC] e4 "Russia"=RUS
          [it~LOC] e4 "Russia"=RUS
          Unread Some(1): span group "sc"
    "#]],
    );
    check(
        "displacy.json",
        Format::Displacy,
        expect![[r#"
        displacy.json:2 at Some(2) "Talks in Sochi": 2 sentences, 0 tokens
          [Erdoğan|PER] e1 "Erdoğan"=TUR
          [Sochi|LOC] e2 "Sochi"
    "#]],
    );
}

#[test]
fn pairs_and_plover() {
    check(
        "pairs.jsonl",
        Format::Pairs,
        expect![[r#"
        plv-train-9001 at Some(1): 1 sentences, 0 tokens
          [Turkey's foreign ministry|ORG] e1 "Turkey's foreign ministry"
          [Russia|ORG] e2 "Russia"
          e1>e2 0 SUPPORT other neutral actual
          Assumed Some(1): type ORG of both actors
          Assumed Some(1): act other, stance neutral, modality actual of SUPPORT, Turkey's foreign ministry to Russia
    "#]],
    );
    check(
        "plover.txt",
        Format::Plover,
        expect![[r#"
        PLOVER-GSR01-AGREE-9001 at Some(1) "2000-01-01" "Demarche tests" eventText context mode language version dateCoded comment: 1 sentences, 0 tokens
          [Norwegian|ORG] e1 "Norwegian"=NOR
          [Swedish|ORG] e2 "Swedish"=SWE
          e1>e2 0 AGREE other neutral actual
          e2>e1 0 AGREE other neutral actual
          Assumed Some(1): type ORG of the actors
          Assumed Some(1): act other, stance neutral, modality actual of AGREE, Norwegian to Swedish
          Assumed Some(1): act other, stance neutral, modality actual of AGREE, Swedish to Norwegian
        PLOVER-GSR01-ACCUSE-9002 at Some(17) "2000-01-01" "Demarche tests" eventText language: 1 sentences, 0 tokens
          [Nordic Council|ORG] e1 "Nordic Council"
          [Oslo|ORG] e2 "Oslo"=NOR
          e1>e2 0 ACCUSE other neutral actual
          UnknownLabel Some(17): source "Nordic Council": the code IGO names no actor
          BadSpan Some(17): target "Helsinki" is not in the text
          Assumed Some(17): type ORG of the actors
          Assumed Some(17): act other, stance neutral, modality actual of ACCUSE, Nordic Council to Oslo
        PLOVER-GSR01-YIELD-9003 at Some(29): 1 sentences, 0 tokens
          [The prime minister|ORG] e1 "The prime minister"=NOR
          Unread Some(29): an event without a target
          Assumed Some(29): type ORG of the actors
    "#]],
    );
}

/// Random annotations, always the same ones.
struct Numbers(fastrand::Rng);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0.usize(..n)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn score(&mut self, certain: bool) -> Probability {
        Probability::new(if certain { 1.0 } else { self.below(10_001) as f32 / 10_000.0 })
    }

    fn text(&mut self, most: usize) -> String {
        let pieces = [
            "Ab",
            "c",
            "é",
            "e\u{301}",
            "中",
            "👩‍👩‍👧",
            "שלום",
            " ",
            " ",
            " ",
            ". Then ",
            "\n\n",
            "\r\n",
            "\t",
            "\"",
            "\\",
            "|",
            "{",
            "}",
            "#PER",
            "\u{a0}",
            "\u{feff}",
            "<b>",
            "\u{2028}",
            "U.S.",
            "'s",
            "_",
            "-",
            ",",
            "&amp;",
            "\u{1}",
        ];
        let text: String = (0..1 + self.below(most)).map(|_| self.one(&pieces)).collect();
        format!("x{text}")
    }

    /// A span that begins and ends with something to see.
    fn span(&mut self, text: &str) -> Span {
        let seen: Vec<(usize, usize)> =
            text.char_indices().filter(|(_, c)| !c.is_whitespace()).map(|(at, c)| (at, at + c.len_utf8())).collect();
        let first = self.below(seen.len());
        let last = (first + self.below(6)).min(seen.len() - 1);
        Span::new(seen[first].0, seen[last].1)
    }

    fn document(&mut self) -> Labelled {
        let certain = self.below(2) == 0;
        let mut a = Annotation { text: self.text(60), ..Annotation::default() };
        a.sentences = sentences(&a.text);
        a.meta = Metadata { id: self.text(4), title: Some(self.text(5)), ..Metadata::default() };
        a.meta.date = self.one(&[None, "2024".parse().ok(), "2024-05-28".parse().ok()]);
        a.meta.source = (self.below(2) == 0).then(|| self.text(3));
        a.meta.extra.insert("style".to_owned(), serde_json::json!([self.text(2), self.below(9), null]));
        a.entities = (0..4)
            .map(|i| Entity {
                id: format!("{}{i}", self.one(&["e", "x ", "é"])),
                name: self.text(3),
                kind: self.one(EntityType::ALL),
                actor: self.one(&[None, Some("RUS"), Some("AFG/TALIBAN")]).map(|code| code.parse().unwrap()),
                score: self.score(certain),
            })
            .collect();
        for _ in 0..self.below(9) {
            let span = self.span(&a.text);
            if a.mentions.iter().all(|m| m.span != span) {
                a.mentions.push(Mention {
                    entity: EntityIx(self.below(4) as u32),
                    span,
                    kind: self.one(EntityType::ALL),
                    named: self.below(3) > 0,
                    score: self.score(certain),
                });
            }
        }
        a.mentions.sort_by_key(|m| (m.span.start, m.span.end));
        for _ in 0..self.below(6) {
            a.relations.push(Relation {
                src: EntityIx(self.below(4) as u32),
                tgt: EntityIx(self.below(4) as u32),
                sent: self.below(a.sentences.len()),
                event: self.one(Event::ALL),
                act: self.one(Act::ALL),
                stance: self.one(Stance::ALL),
                modality: self.one(Modality::ALL),
                score: self.score(certain),
                scores: None,
            });
        }
        a.relations.sort_by_key(|r| (r.sent, r.src, r.tgt, r.event, r.act));
        Labelled { annotation: a, tokens: Vec::new(), line: None }
    }
}

/// Writes documents and reads them again.
fn through(format: Format, documents: &[Labelled], writer: &mut Writer, folder: &Path) -> Vec<Labelled> {
    // The text of a document of brat is beside its .ann file.
    let path = folder.join("file.ann");
    let mut file = String::new();
    for document in documents {
        match writer.add(document) {
            Rendering::Part(part) => file += &part,
            Rendering::Files(files) => {
                std::fs::write(folder.join("file.txt"), files.text).unwrap();
                file += &files.annotations;
            }
        }
    }
    file += writer.end();
    std::fs::write(&path, file).unwrap();
    let found = formats::read(&path, format).unwrap();
    found.map(|found| found.unwrap()).filter_map(|found| found.document).collect()
}

/// What a form can carry, it carries: a document that was read from it comes back as it was, and nothing is lost.
#[test]
fn whatever_a_form_carries_it_carries_again() {
    let folder = tempfile::tempdir().unwrap();
    for &format in Format::ALL {
        let mut numbers = Numbers(fastrand::Rng::with_seed(7));
        let mut seen = 0;
        for round in 0..60 {
            let document = numbers.document();
            let once = through(format, &[document], &mut Writer::new(format), folder.path());
            let mut writer = Writer::new(format);
            let again = through(format, &once, &mut writer, folder.path());
            assert_eq!(again, once, "{format}, round {round}");
            // Some forms have no ids, and name a document by its place.
            let lost = Loss::ALL.iter().filter(|&&loss| loss != Loss::Id && writer.losses().count(loss) > 0);
            assert_eq!(lost.collect::<Vec<_>>(), [&Loss::Id; 0], "{format}, round {round}: {once:?}");
            seen += once.len();
            for a in again.iter().map(|labelled| &labelled.annotation) {
                assert!(a.mentions.iter().all(|m| !m.span.of(&a.text).is_empty()));
            }
        }
        assert!(seen > 50, "{format}: {seen}");
    }
}

/// Forms that are said to carry something do carry it, whatever the document.
#[test]
fn what_forms_are_for_is_never_lost() {
    use Loss::{
        Act as LostAct, Actor, Anaphor, Date, Entity as LostEntity, Name, Relation as LostRelation, Stance, Text,
    };
    let kept: [(Format, &[Loss]); 7] = [
        (Format::Annotations, Loss::ALL),
        (Format::Prodigy, &[Name, Anaphor, Text, Date, Actor, LostAct, Stance, Loss::Field, Loss::Title]),
        (Format::LabelStudio, &[Name, Anaphor, Text, Date, Actor, LostAct, Stance, Loss::Modality, Loss::Field]),
        (Format::Brat, &[Name, Anaphor, Text, Actor, LostAct, Stance, Loss::Modality, Loss::MentionType]),
        (Format::Doccano, &[Name, Text, Date, Loss::Title, Loss::Field]),
        (Format::Spacy, &[Text, Date, Loss::Sentences, Loss::Field]),
        (Format::Conllu, &[Text, Loss::Sentences]),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (format, kept) in kept {
        let mut numbers = Numbers(fastrand::Rng::with_seed(11));
        let mut writer = Writer::new(format);
        for _ in 0..60 {
            let mut document = numbers.document();
            // Relations need mentions where mentions are related, and entities need them to be there at all.
            let a = &mut document.annotation;
            let mentioned: Vec<_> = a.mentions.iter().map(|m| m.entity).collect();
            a.relations.retain(|r| mentioned.contains(&r.src) && mentioned.contains(&r.tgt));
            through(format, &[document], &mut writer, folder.path());
        }
        for &loss in kept {
            assert_eq!(writer.losses().count(loss), 0, "{format}: {loss}");
        }
        if matches!(format, Format::Prodigy | Format::LabelStudio | Format::Brat) {
            assert_eq!(writer.losses().count(LostRelation), 0, "{format}");
        }
        if format == Format::Conllu {
            assert!(writer.losses().count(LostRelation) > 10 && writer.losses().count(Anaphor) > 10);
            assert!(writer.losses().count(LostEntity) + writer.losses().count(Actor) > 10, "{}", writer.losses());
        }
    }
}

const CORPUS: &str = r#"{"id":"d1","date":"2024-05-28","text":"👍 {e1|Moscow} praised the {e2|Taliban}. {e1~It} met {e2~them} in {e3|Oslo}.","entities":{"e1":{"name":"Russia","type":"LOC","actor":"RUS"},"e2":{"name":"Taliban","type":"ORG","actor":"AFG/TALIBAN"},"e3":{"name":"Oslo","type":"LOC","actor":"NOR"}},"relations":[{"src":"e1","tgt":"e2","sent":0,"event":"SUPPORT","act":"statement.support","stance":"favor","modality":"actual"},{"src":"e1","tgt":"e2","sent":1,"event":"CONSULT","act":"contact.meet","stance":"neutral","modality":"actual"}]}
{"id":"d2","date":"2024-05-29","text":"{e1|Serbia} warned {e2|Kosovo}.","entities":{"e1":{"name":"Serbia","type":"LOC","actor":"SRB"},"e2":{"name":"Kosovo","type":"LOC","actor":"XKX"}},"relations":[{"src":"e1","tgt":"e2","sent":0,"event":"THREATEN","act":"security.confront","stance":"against","modality":"actual"}]}
"#;

#[test]
fn a_document_goes_through_every_tool_and_is_scored_as_gold() {
    let workspace = Workspace::new();
    workspace.write("gold.jsonl", CORPUS);
    for format in ["annotations", "corpus", "prodigy", "label-studio", "brat"] {
        let (out, back) = (format!("out/{format}"), format!("{format}.jsonl"));
        workspace.write("out/keep", "");
        workspace.demarche(&["convert", "gold.jsonl", "--to", format, "--out", &out]).with_status(0);
        workspace.demarche(&["convert", &out, "--to", "annotations", "--out", &back]).with_status(0);
        let scores = ["evaluate", "--resamples", "0", "--gold", "gold.jsonl", "--pred", &out];
        let minima = ["ner.micro.f1", "anaphors.resolved.f1", "actors.named.accuracy", "relations.by_entity.all.f1"];
        let minima: Vec<_> = minima.iter().flat_map(|m| ["--min".to_owned(), format!("{m}=1")]).collect();
        let minima: Vec<_> = minima.iter().map(String::as_str).collect();
        workspace.demarche(&[&scores[..], &minima].concat()).with_status(0);
        let annotations = workspace.read(&back);
        assert_eq!(annotations.matches("statement.support").count(), 1, "{annotations}");
    }
    assert_eq!(workspace.names("out/brat"), ["annotation.conf", "d1.ann", "d1.txt", "d2.ann", "d2.txt"]);
}

#[test]
fn what_a_form_cannot_express_is_told_by_number() {
    let workspace = Workspace::new();
    workspace.write("gold.jsonl", CORPUS);
    let ended = workspace.demarche(&["convert", "gold.jsonl", "--to", "conll"]).with_status(0);
    assert!(ended.stdout.contains("\nTaliban -X- -X- B-ORG\n. -X- -X- O\n\nIt -X- -X- O\n"), "{}", ended.stdout);
    let told = "conll cannot express 2 ids, 2 dates, 2 texts as they stand, 2 anaphors, 1 names of entities, 5 actor codes, 3 relations";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    let ended = workspace.demarche(&["convert", "gold.jsonl", "--to", "pairs"]).with_status(0);
    let pair =
        r#"{"id":"d1#1","text":"👍 Moscow praised the Taliban.","src":[2,8],"tgt":[21,28],"event":"SUPPORT","quad":1}"#;
    assert_eq!(ended.stdout.lines().next(), Some(pair));
    assert_eq!(ended.stdout.lines().count(), 3);
    workspace.demarche(&["convert", "gold.jsonl", "--to", "brat"]).refused(&["--out DIR"]);
}

#[test]
fn standard_input_is_a_file_whose_form_is_told() {
    let workspace = Workspace::new();
    workspace.write("gold.jsonl", CORPUS);
    let piped = |arguments: &[&str]| {
        let file = std::fs::File::open(workspace.path("gold.jsonl")).unwrap();
        workspace::Ended::of(workspace.command(arguments).stdin(file).output().unwrap())
    };
    let named = workspace.demarche(&["convert", "gold.jsonl", "--to", "annotations"]).with_status(0);
    let read = piped(&["convert", "-", "--from", "corpus", "--to", "annotations"]).with_status(0);
    assert_eq!(read.stdout, named.stdout);
    let unnamed = piped(&["convert", "-", "--to", "annotations"]).with_status(1);
    assert!(unnamed.stderr.contains("-: standard input can be read only once; name its form with --from"));
    let brat = piped(&["convert", "-", "--from", "brat", "--to", "annotations"]).with_status(1);
    assert!(brat.stderr.contains("-: brat has two files for each document; give a folder or an .ann file"));
    std::fs::write(workspace.path("a.jsonl"), &read.stdout).unwrap();
    workspace.demarche(&["aggregate", "a.jsonl", "--out", "named"]).with_status(0);
    let file = std::fs::File::open(workspace.path("a.jsonl")).unwrap();
    let mut aggregate = workspace.command(&["aggregate", "-", "--out", "read"]);
    workspace::Ended::of(aggregate.stdin(file).output().unwrap()).with_status(0);
    assert_eq!(workspace.read("read/records.jsonl"), workspace.read("named/records.jsonl"));
}

#[test]
fn faults_are_located_and_strict_makes_them_errors() {
    let workspace = Workspace::new();
    let path = fixture("doccano.jsonl");
    let path = path.to_str().unwrap();
    let ended = workspace.demarche(&["convert", path, "--to", "prodigy", "--out", "a.jsonl"]).with_status(0);
    assert!(ended.stderr.contains("doccano.jsonl:1: label 2: the span from 31 to 31 is empty"), "{}", ended.stderr);
    assert!(ended.stderr.contains("doccano.jsonl:2: relation 1 lacks one of its spans"), "{}", ended.stderr);
    let strict =
        workspace.demarche(&["convert", path, "--to", "prodigy", "--out", "b.jsonl", "--strict"]).with_status(2);
    assert!(strict.stderr.contains("--strict"), "{}", strict.stderr);
    assert_eq!(workspace.names("."), ["a.jsonl"]);
    let same = ["evaluate", "--resamples", "0", "--gold", path, "--pred", path, "--format", "csv", "--strict"];
    let ended = workspace.demarche(&same).with_status(2);
    assert!(ended.stderr.contains("label 2"), "{}", ended.stderr);
    // Overlapping and cut names are read as they stand, and told of.
    workspace.write("cut.jsonl", "{\"text\":\"Russians\",\"label\":[[0,6,\"LOC\"],[0,8,\"MISC\"]]}\nno JSON\n");
    let ended = workspace.demarche(&["convert", "cut.jsonl", "--from", "doccano", "--to", "displacy"]).with_status(1);
    assert!(ended.stderr.contains("rejected cut.jsonl:2: no JSON"), "{}", ended.stderr);
    assert!(ended.stderr.contains("cut.jsonl:1: gold, characters 0..6 \"Russia\""), "{}", ended.stderr);
    assert!(ended.stderr.contains("overlaps"), "{}", ended.stderr);
    workspace.write("prose.txt", "Moscow\n");
    let ended = workspace.demarche(&["convert", "prose.txt", "--to", "conll"]).with_status(1);
    assert!(ended.stderr.contains("prose.txt: is in no known form; name one of annotations"), "{}", ended.stderr);
}

#[test]
fn documents_are_picked_for_labelling_in_any_form() {
    let workspace = Workspace::new();
    workspace.write("gold.jsonl", CORPUS);
    workspace.demarche(&["convert", "gold.jsonl", "--to", "annotations", "--out", "a.jsonl"]).with_status(0);
    let unsure = workspace.read("a.jsonl").lines().nth(1).unwrap().replace("\"score\":1.0", "\"score\":0.5");
    workspace.write("unsure.jsonl", unsure);
    let ended = workspace.demarche(&["sample", "a.jsonl", "--count", "1", "--to", "prodigy"]).with_status(0);
    assert!(ended.stderr.contains("1 picked of 2"), "{}", ended.stderr);
    workspace.write(
        "both.jsonl",
        workspace.read("a.jsonl").lines().next().unwrap().to_owned() + "\n" + &workspace.read("unsure.jsonl"),
    );
    let sample = ["sample", "both.jsonl", "--by", "uncertainty", "--count", "1", "--to", "label-studio"];
    let ended = workspace.demarche(&sample).with_status(0);
    let tasks: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(tasks[0]["data"]["id"], "d2");
    assert_eq!(tasks[0]["predictions"][0]["result"][0]["score"], 0.5);
    let rest = workspace.demarche(&[&sample[..], &["--without", "unsure.jsonl"]].concat()).with_status(0);
    let tasks: serde_json::Value = serde_json::from_str(&rest.stdout).unwrap();
    assert_eq!((&tasks[0]["data"]["id"], tasks.as_array().unwrap().len()), (&"d1".into(), 1));
    workspace.demarche(&["sample", "both.jsonl", "--without", "both.jsonl"]).refused(&["none of 2 documents is left"]);
}
