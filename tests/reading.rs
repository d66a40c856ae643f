//! I2: documents in = annotated + rejected, whatever the bytes; I3: text is what the source says.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Date32Array, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use demarche::corpus::read::{read, Settings};
use demarche::corpus::{inline, standoff, Reject};
use demarche::document::Document;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

/// A fresh folder of files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Folder {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read_with(&self, settings: Settings) -> Vec<Result<Document, Reject>> {
        read(vec![self.0.path().to_owned()], settings).collect()
    }

    /// What becomes of each document: `id: text` or `!file:line: reason`, without the folder's name.
    fn outcome(&self) -> Vec<String> {
        let folder = format!("{}/", self.0.path().display());
        let show = |item: Result<Document, Reject>| match item {
            Ok(document) => format!("{}: {}", document.meta.id, document.text),
            Err(reject) => format!("!{reject}"),
        };
        self.read_with(Settings::default()).into_iter().map(|item| show(item).replace(&folder, "")).collect()
    }
}

/// One file's outcome.
fn outcome(name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
    Folder::new().with(name, bytes).outcome()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const LATIN: &str = "if the file is Latin-1 or Windows-1252, convert it: iconv -f WINDOWS-1252 -t UTF-8";

#[test]
fn files_without_a_document_are_named() {
    assert_eq!(outcome("a.txt", ""), ["!a.txt: the text is empty"]);
    assert_eq!(outcome("a.txt", "\n\r\n \u{a0}\n"), ["!a.txt: the text is empty"]);
    assert_eq!(outcome("a.txt", "\u{feff}"), ["!a.txt: the text is empty"]);
    for name in ["a.jsonl", "a.csv"] {
        assert_eq!(outcome(name, ""), [format!("!{name}: holds no document")]);
    }
    assert_eq!(outcome("a.jsonl", "\n\r\n"), ["!a.jsonl: holds no document"]);
    assert_eq!(outcome("a.csv", "id,text\n"), ["!a.csv: holds no document"]);
    assert_eq!(outcome("a.html", "<p> </p>"), ["!a.html: the text is empty"]);
}

#[test]
fn a_text_keeps_its_bytes_but_for_the_mark() {
    for text in ["x", "a\r\nb\rc", "no end", "e\u{301} \u{ad}\u{200b}\u{a0}", "a\0b c\0\0", "👩‍👩‍👧", "\n\n a \n"]
    {
        assert_eq!(outcome("a.txt", text), [format!("a.txt: {text}")]);
        assert_eq!(outcome("a.txt", format!("\u{feff}{text}")), [format!("a.txt: {text}")]);
    }
}

#[test]
fn encodings_are_decoded_or_named() {
    for text in ["Erdoğan 👍", "x"] {
        let little = [&[0xff, 0xfe][..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
        let big = [&[0xfe, 0xff][..], &text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()].concat();
        assert_eq!(outcome("a.txt", &little), [format!("a.txt: {text}")]);
        assert_eq!(outcome("a.txt.gz", gzip(&big)), [format!("a.txt.gz: {text}")]);
    }
    let said = "looks like UTF-16 without a byte-order mark; convert it: iconv -f UTF-16LE -t UTF-8";
    assert_eq!(outcome("a.txt", b"a\0b\0"), [format!("!a.txt: cannot be read: {said}")]);
    assert_eq!(outcome("a.txt", b"M\xfcller"), [format!("!a.txt: no UTF-8 at byte 1; {LATIN}")]);
    assert_eq!(outcome("a.txt", b"ab\xc3"), [format!("!a.txt: no UTF-8 at byte 2; {LATIN}")]);
    assert_eq!(outcome("a.txt", b"\xc0\xaf"), [format!("!a.txt: no UTF-8 at byte 0; {LATIN}")]);
    assert_eq!(
        outcome("a.jsonl", b"{\"text\":\"a\"}\n{\"text\":\"M\xfcller\"}\n{\"text\":\"b\"}"),
        ["a.jsonl:1: a".to_owned(), format!("!a.jsonl:2: no UTF-8 at byte 23; {LATIN}"), "a.jsonl:3: b".to_owned()]
    );
    assert_eq!(
        outcome("a.csv", b"text\na\nM\xfcller\nb\n"),
        [
            "a.csv:2: a".to_owned(),
            format!("!a.csv:3: no UTF-8 in the row that begins at byte 7; {LATIN}"),
            "a.csv:4: b".to_owned()
        ]
    );
}

#[test]
fn packed_files_are_unpacked() {
    let members = [gzip(b"{\"text\":\"a\"}\n{\"te"), gzip(b""), gzip(b"xt\":\"b\"}\n")].concat();
    assert_eq!(outcome("a.jsonl.gz", &members), ["a.jsonl.gz:1: a", "a.jsonl.gz:2: b"]);
    let frames = [zstd::encode_all(&b"{\"text\":\"a\"}\n"[..], 1), zstd::encode_all(&b"{\"text\":\"b\"}"[..], 1)];
    assert_eq!(
        outcome("A.NDJSON.ZST", frames.map(Result::unwrap).concat()),
        ["A.NDJSON.ZST:1: a", "A.NDJSON.ZST:2: b"]
    );
    assert_eq!(outcome("a.txt.gz", ""), ["!a.txt.gz: the text is empty"]);
}

#[test]
fn broken_packings_cost_what_cannot_be_read() {
    let line = "{\"text\":\"a\"}\n";
    let packed = gzip((line.repeat(3) + &"x".repeat(100)).as_bytes());
    let found = outcome("a.jsonl.gz", &packed[..packed.len() - 9]);
    assert_eq!(found[..3], ["a.jsonl.gz:1: a", "a.jsonl.gz:2: a", "a.jsonl.gz:3: a"]);
    assert!(found[3].starts_with("!a.jsonl.gz:4: cannot be read: "), "{found:?}");
    assert_eq!(found.len(), 4);
    let said = "is compressed by gzip by its suffix but not compressed by its content; rename it";
    assert_eq!(outcome("a.txt.gz", "plain"), [format!("!a.txt.gz: cannot be read: {said}")]);
    let said = "is not compressed by its suffix but compressed by gzip by its content; rename it";
    assert_eq!(outcome("a.txt", gzip(b"x")), [format!("!a.txt: cannot be read: {said}")]);
    let said = "is compressed by Zstandard by its suffix but compressed by gzip by its content; rename it";
    assert_eq!(outcome("a.txt.zst", gzip(b"x")), [format!("!a.txt.zst: cannot be read: {said}")]);
    assert!(outcome("a.txt.gz", &gzip(b"xyz")[..9])[0].starts_with("!a.txt.gz: cannot be read: "));
}

#[test]
fn folders_are_walked_in_order_and_links_are_no_trap() {
    let folder = Folder::new().with("b.txt", "b").with("a/z.txt", "z").with("a/.hidden.txt", "h").with("c.doc", "c");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.0.path(), folder.path("a/loop")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path("d.txt")).unwrap();
    }
    let found = folder.outcome();
    assert_eq!(found[..2], ["a/z.txt: z", "b.txt: b"]);
    assert!(found[2].starts_with("!c.doc: files of suffix .doc are not read; known are .txt"), "{found:?}");
    if cfg!(unix) {
        assert!(found[3].starts_with("!d.txt: cannot be read: No such file"), "{found:?}");
        assert_eq!(found.len(), 4);
    }
}

#[test]
fn what_is_no_file_is_named() {
    let items: Vec<_> = read(vec!["no/such.txt".into(), "no/suffix".into()], Settings::default()).collect();
    assert!(items[0].as_ref().unwrap_err().to_string().starts_with("no/such.txt: cannot be read: "));
    assert!(items[1].as_ref().unwrap_err().reason.starts_with("has no suffix"));
    #[cfg(unix)]
    {
        let folder = Folder::new();
        let pipe = folder.path("pipe.txt");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let item = read(vec![pipe], Settings::default()).next().unwrap();
        assert_eq!(item.unwrap_err().reason, "cannot be read: is no regular file; pipe data into `-` instead");
    }
}

#[test]
fn one_document_given_twice_counts_once() {
    let folder = Folder::new().with("a.txt", "a");
    let items: Vec<_> = read(vec![folder.path("a.txt"), folder.path("a.txt")], Settings::default()).collect();
    assert!(items[0].is_ok());
    assert!(items[1].as_ref().unwrap_err().reason.contains("was already used"));
    let twice = outcome("a.jsonl", "{\"id\":\"x\"}\n{\"id\":\"x\",\"text\":\"a\"}\n{\"id\":\"x\",\"text\":\"b\"}\n");
    assert_eq!(
        twice,
        [
            "!a.jsonl:1: has no field `text` (or `event_text`, `body`, `content`)",
            "x: a",
            "!a.jsonl:3: the id \"x\" was already used by an earlier document; ids have to be unique in a run"
        ]
    );
}

#[test]
fn a_bad_line_costs_itself() {
    let nested = format!("{{\"text\":\"a\",\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for (line, reason) in [
        ("{\"text\":null}", "has no field `text` (or `event_text`, `body`, `content`)"),
        ("{\"text\":5}", "`text` is a number; expected a string"),
        ("{\"body\":[\"a\"]}", "`body` is an array; expected a string"),
        ("{\"text\":\" \\n\"}", "the text is empty"),
        ("{\"id\":{},\"text\":\"a\"}", "`id` is an object; expected a string"),
        ("[{\"text\":\"a\"}]", "is an array; expected an object with a field `text`, one a line"),
        ("null", "is null; expected an object with a field `text`, one a line"),
        ("{\"text\":\"a\"} {\"text\":\"b\"}", "no JSON: trailing characters at column 14"),
        ("{\"text\":\"a\",\"x\":NaN}", "no JSON: expected value at column 17"),
        ("{\"text\":\"\\ud800\"}", "no JSON: unexpected end of hex escape at column 16"),
        ("{\"text\":\"a", "no JSON: EOF while parsing a string at column 10"),
        (&nested, "no JSON: recursion limit exceeded at column 143"),
    ] {
        let found = outcome("a.jsonl", format!("{{\"text\":\"1\"}}\n{line}\n{{\"text\":\"3\"}}"));
        assert_eq!(found, ["a.jsonl:1: 1".to_owned(), format!("!a.jsonl:2: {reason}"), "a.jsonl:3: 3".to_owned()]);
    }
}

#[test]
fn a_folder_without_files_is_named() {
    let folder = Folder::new().with(".hidden", "");
    assert!(folder.outcome()[0].ends_with(": holds no file"));
}

fn one(line: &str) -> Document {
    Folder::new().with("a.jsonl", line).read_with(Settings::default()).pop().unwrap().unwrap()
}

#[test]
fn fields_go_by_several_names() {
    let d = one(
        r#"{"id":7,"event_text":"Erdo\u011fan \ud83d\udc4d","pub_date":"2024-05-28T10:00:00+09:00","headline":"H","publisher":"P","url":"u","x":[1]}"#,
    );
    assert_eq!((d.meta.id.as_str(), d.text.as_str()), ("7", "Erdoğan 👍"));
    assert_eq!(d.meta.date.unwrap().to_string(), "2024-05-28");
    assert_eq!(
        (d.meta.title.as_deref(), d.meta.source.as_deref(), d.meta.url.as_deref()),
        (Some("H"), Some("P"), Some("u"))
    );
    assert_eq!(serde_json::to_string(&d.meta.extra).unwrap(), r#"{"x":[1]}"#);
    let d = one(r#"{"text":null,"body":"b","title":"","source":{"name":"S"},"sentences":[],"relations":1}"#);
    assert_eq!((d.text.as_str(), d.meta.title, d.meta.source.as_deref()), ("b", None, Some(r#"{"name":"S"}"#)));
    assert!(d.meta.extra.is_empty());
}

#[test]
fn a_bad_date_costs_the_date_only() {
    for date in ["\"2023-02-30\"", "\"0000-00-00\"", "\"yesterday\"", "20230101000000", "[2023]"] {
        let d = one(&format!("{{\"text\":\"a\",\"date\":{date}}}"));
        assert_eq!((d.meta.date, d.meta.extra["unparsed_date"].to_string()), (None, date.to_owned()));
    }
    for (date, read) in [
        ("\"2023\"", Some("2023")),
        ("2023", Some("2023")),
        ("\"2023-02\"", Some("2023-02")),
        ("null", None),
        ("\"\"", None),
    ] {
        let d = one(&format!("{{\"text\":\"a\",\"published\":{date}}}"));
        assert_eq!(d.meta.date.map(|d| d.to_string()).as_deref(), read);
        assert!(!d.meta.extra.contains_key("unparsed_date"));
    }
}

#[test]
fn tables_are_read_by_their_header() {
    let table = "\u{feff}ID,Body,Published,extra\r\n1,\"Two, lines\r\nand “quotes”\",2024-05-28,x\r\n2,,2024,\r\n3,a\r\n,b,,\r\n";
    let found = outcome("a.csv", table);
    assert_eq!(
        found,
        [
            "1: Two, lines\r\nand “quotes”",
            "!a.csv:4: has no field `text` (or `event_text`, `body`, `content`)",
            "!a.csv:5: the row has 2 cells but the header has 4",
            "a.csv:6: b",
        ]
    );
    assert_eq!(outcome("a.tsv.gz", gzip(b"text\tid\nA, b.\tx\n")), ["x: A, b."]);
    assert_eq!(outcome("a.csv", "text\ra\rb\r"), ["a.csv:2: a", "a.csv:3: b"]);
    let said = "has no column `text` (or `event_text`, `body`, `content`) but a, b";
    assert_eq!(outcome("a.csv", "a,b\n1,2\n"), [format!("!a.csv: {said}")]);
}

#[test]
fn documents_beyond_the_limit_are_rejected_unread() {
    let settings = Settings { max_bytes: 100, ..Settings::default() };
    let long = "x".repeat(101);
    let folder = Folder::new()
        .with("a.txt", &long)
        .with("b.txt", &long[1..])
        .with("c.jsonl", format!("{{\"text\":\"{long}\"}}\n{{\"text\":\"c\"}}\n"))
        .with("d.csv", format!("text\nd\n\"{}", "quote ".repeat(20_000)));
    let found: Vec<_> = folder
        .read_with(settings)
        .into_iter()
        .map(|item| item.map_or_else(|reject| reject.reason, |document| document.text))
        .collect();
    let limit = "the limit of 100 bytes for one document";
    assert_eq!(
        found,
        [
            format!("larger than {limit}"),
            long[1..].to_owned(),
            format!("longer than {limit}"),
            "c".to_owned(),
            "d".to_owned(),
            "cannot be read: a row is longer than the limit of 100 bytes; perhaps a quote is not closed".to_owned()
        ]
    );
}

#[test]
fn a_long_line_and_many_short_ones_are_read() {
    let text = "word ".repeat(2_000_000);
    let found = Folder::new()
        .with("a.txt", &text)
        .with("b.jsonl", format!("{{\"text\":\"{text}\"}}"))
        .read_with(Settings::default());
    assert!(found.iter().all(|item| item.as_ref().unwrap().text == text) && found.len() == 2);
    let found = Folder::new().with("a.txt", "word\n".repeat(1_000_000)).read_with(Settings::default());
    assert_eq!(found[0].as_ref().unwrap().text.len(), 5_000_000);
}

#[test]
fn pages_are_read_as_text() {
    let page = "<title>T</title><p>R&amp;D of <b>Erdo&#x11f;an</b><script>x</script>\n<p>End";
    let items = Folder::new().with("a.html", page).read_with(Settings::default());
    let d = items[0].as_ref().unwrap();
    assert_eq!((d.text.as_str(), d.meta.title.as_deref()), ("R&D of Erdoğan\n\nEnd", Some("T")));
}

#[test]
fn what_a_document_brings_along_is_checked() {
    let d = one(r#"{"text":"Erdoğan met Macron; he left.","mentions":[{"start":20,"end":22,"type":"PER","named":false,"entity":"a"},
        {"start":0,"end":7,"type":"PER","entity":"a"},{"start":12,"end":18,"type":"PER","entity":"b"},{"start":0,"end":11,"type":"MISC"}],
        "pairs":[{"src":"b","tgt":"a"}]}"#.replace('\n', "").as_str());
    let given = d.given.unwrap();
    let slices: Vec<_> = given
        .mentions
        .iter()
        .map(|m| (m.span.of(&d.text), m.named, m.entity.map(|e| given.entities[e.get()].name.as_str())))
        .collect();
    assert_eq!(
        slices,
        [
            ("Erdoğan", true, Some("Erdoğan")),
            ("Erdoğan met", true, None),
            ("Macron", true, Some("Macron")),
            ("he", false, Some("Erdoğan"))
        ]
    );
    let pairs: Vec<_> = given
        .pairs
        .unwrap()
        .iter()
        .map(|p| (given.entities[p.src.get()].id.clone(), given.entities[p.tgt.get()].id.clone()))
        .collect();
    assert_eq!(pairs, [("b".to_owned(), "a".to_owned())]);
}

#[test]
fn what_a_document_brings_along_must_fit() {
    let mention = |m: &str| format!(r#""mentions":[{{"start":0,"end":1,"type":"LOC","entity":"a"}},{m}]"#);
    for (fields, reason) in [
        (mention(r#"{"start":1,"end":1,"type":"LOC"}"#), "mention 1: the span from 1 to 1 is empty"),
        (mention(r#"{"start":2,"end":1,"type":"LOC"}"#), "mention 1: start 2 comes after end 1"),
        (mention(r#"{"start":0,"end":4,"type":"LOC"}"#), "mention 1: end 4 lies outside the text of 3 characters (offsets count Unicode scalar values)"),
        (mention(r#"{"start":-1,"end":1,"type":"LOC"}"#), "mention 1: invalid value: integer `-1`, expected usize"),
        (mention(r#"{"start":0,"end":1,"type":"GPE"}"#), "mention 1: \"GPE\" is no entity type; expected one of: PER, ORG, LOC, MISC"),
        (mention(r#"{"start":0,"end":1}"#), "mention 1: missing field `type`"),
        (r#""mentions":5"#.to_owned(), "`mentions` is a number; expected a list"),
        (r#""mentions":[],"entities":[]"#.to_owned(), "`entities` is an array; expected an object of entities by their ids"),
        (r#""mentions":[{"start":0,"end":1,"type":"LOC","entity":"b"}],"entities":{}"#.to_owned(), "mention 0 refers to entity \"b\", which no mention or entry of `entities` gives"),
        (r#""mentions":[],"entities":{"a":{}}"#.to_owned(), "entity a has no `type`, and no mention that would tell it"),
        (r#""mentions":[],"entities":{"a":{"actor":"Russia"}}"#.to_owned(), "entity a: \"Russia\" is no actor code; expected three capitals, and for a part of a state or a body a slash and a name, as in AFG/TALIBAN"),
        (r#""pairs":[]"#.to_owned(), "`pairs` need `mentions` and their entities"),
        (r#""mentions":[{"start":0,"end":1,"type":"LOC","entity":"a"}],"pairs":[{"src":"a","tgt":"a"}]"#.to_owned(), "pair 0 relates \"a\" to itself"),
        (r#""mentions":[{"start":0,"end":1,"type":"LOC","entity":"a"}],"pairs":[{"src":"a","tgt":"b"}]"#.to_owned(), "pair 0 refers to entity \"b\", which no mention or entry of `entities` gives"),
    ] {
        let found = outcome("a.jsonl", format!("{{\"text\":\"é b\",{fields}}}"));
        assert_eq!(found, [format!("!a.jsonl:1: {reason}")]);
    }
    // Whoever does not ask for them is not bothered: many data sets have fields of these names.
    let folder = Folder::new().with("a.jsonl", r#"{"text":"a","mentions":["@somebody"]}"#);
    assert!(folder.read_with(Settings { given: false, ..Settings::default() })[0].is_ok());
}

#[test]
fn what_was_written_as_annotation_reads_as_given() {
    let line = r#"{"id":"x","date":"2024-05-28","text":"{e1|Erdoğan#MISC} met {e2|Macron}. {e1~He} left.",
        "entities":{"e1":{"name":"E","type":"PER","actor":"TUR"},"e2":{"name":"M","type":"PER","actor":null}},"relations":[]}"#;
    let gold = inline::parse(line).unwrap();
    let mut written = Vec::new();
    standoff::write(&gold, &mut written).unwrap();
    let document = one(std::str::from_utf8(&written).unwrap());
    let given = document.given.unwrap();
    assert_eq!((document.meta, document.text, given.entities), (gold.meta, gold.text, gold.entities));
    let expected: Vec<_> = gold.mentions.iter().map(|m| (m.span, m.kind, m.named, Some(m.entity))).collect();
    assert_eq!(given.mentions.iter().map(|m| (m.span, m.kind, m.named, m.entity)).collect::<Vec<_>>(), expected);
}

#[test]
fn documents_can_be_read_on_another_thread() {
    let folder = Folder::new().with("a.txt", "a");
    let documents = read(vec![folder.path("a.txt")], Settings::default());
    assert_eq!(std::thread::spawn(|| documents.count()).join().unwrap(), 1);
}

#[test]
fn random_bytes_give_documents_or_rejects() {
    let pieces: [&[u8]; 30] = [
        b"{\"text\":\"",
        b"\"}",
        b"\n",
        b"\r",
        b"\r\n",
        b",",
        b"\t",
        b"\"",
        b"text",
        b"id",
        b"<p>",
        b"</svg>",
        b"<svg>",
        b"<script>",
        b"<title",
        b">",
        b"&#x11f;",
        b"&#0;",
        b"\xff",
        b"\xfe",
        b"\xc3",
        b"\xa9",
        b"\0",
        b"\x1f\x8b",
        b"\xef\xbb\xbf",
        b"\\ud83d",
        b"a",
        b" ",
        b"[[",
        b"<!--",
    ];
    let mut state = 3_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..below(40)).flat_map(|_| pieces[below(pieces.len())]).copied().collect();
        let names = ["a.txt", "a.jsonl", "a.csv", "a.tsv", "a.html", "a.txt.gz", "a.jsonl.zst"];
        let folder = names.iter().fold(Folder::new(), |folder, name| folder.with(name, &bytes));
        let items = folder.read_with(Settings::default());
        assert!(items.len() >= names.len(), "{bytes:?}");
        let found: Vec<_> = names
            .iter()
            .filter(|name| {
                let file = folder.path(name).display().to_string();
                items.iter().any(|item| match item {
                    Ok(document) => document.meta.id.starts_with(&file) || !document.meta.id.contains('/'),
                    Err(reject) => reject.file == file,
                })
            })
            .collect();
        assert_eq!(found.len(), names.len(), "{bytes:?}");
    }
}

/// A Parquet file of these columns.
fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// Three documents, the last of which has no text.
fn articles() -> Vec<u8> {
    let texts = [Some("Erdoğan rang Macron. 😀"), Some("Beijing\r\nwaits."), None];
    parquet(vec![
        ("ID", Arc::new(Int64Array::from(vec![Some(7), None, Some(9)])) as ArrayRef),
        (" Event_Text ", Arc::new(StringArray::from(texts.to_vec()))),
        ("pub_date", Arc::new(TimestampNanosecondArray::from(vec![1_716_854_400_000_000_001, -1, 0]))),
        ("read", Arc::new(Date32Array::from(vec![Some(19_871), None, None]))),
        ("publisher", Arc::new(BinaryArray::from(vec![&b"taz"[..], &b"\xff"[..], &b""[..]]))),
        ("words", Arc::new(Int64Array::from(vec![3, 2, 0]))),
    ])
}

#[test]
fn columns_of_parquet_are_fields() {
    let compressed = zstd::encode_all(articles().as_slice(), 1).unwrap();
    let folder = Folder::new().with("a.parquet", articles()).with("b.parquet.zst", compressed);
    let mut found = folder.read_with(Settings::default()).into_iter();
    let first = found.next().unwrap().unwrap();
    assert_eq!((first.meta.id.as_str(), first.text.as_str()), ("7", "Erdoğan rang Macron. 😀"));
    assert_eq!(first.meta.date.unwrap().to_string(), "2024-05-28");
    assert_eq!(first.meta.source.as_deref(), Some("taz"));
    assert_eq!(serde_json::json!(first.meta.extra), serde_json::json!({"read": "2024-05-28", "words": 3}));
    let second = found.next().unwrap().unwrap();
    assert!(second.meta.id.ends_with("a.parquet:2"), "{}", second.meta.id);
    assert_eq!((second.text.as_str(), second.meta.source), ("Beijing\r\nwaits.", None));
    assert_eq!(second.meta.date.unwrap().to_string(), "1969-12-31");
    let third = found.next().unwrap().unwrap_err();
    assert_eq!((third.line, third.reason.starts_with("has no field `text`")), (Some(3), true));
    let twice = found.next().unwrap().unwrap_err();
    assert!(twice.file.ends_with("b.parquet.zst") && twice.reason.starts_with("the id \"7\""), "{twice}");
}

#[test]
fn parquet_that_is_none_is_named() {
    assert!(outcome("a.parquet", "PAR1")[0].starts_with("!a.parquet: no Parquet that can be read: "));
    assert!(outcome("a.parquet", "")[0].starts_with("!a.parquet: no Parquet that can be read: "));
    let other = parquet(vec![("headline", Arc::new(StringArray::from(vec!["Oslo"])) as ArrayRef)]);
    assert!(outcome("a.parquet", other)[0]
        .ends_with("has no column `text` (or `event_text`, `body`, `content`) but headline"));
    let none = parquet(vec![("text", Arc::new(StringArray::from(Vec::<&str>::new())) as ArrayRef)]);
    assert_eq!(outcome("a.parquet", none), ["!a.parquet: holds no document"]);
    let long = parquet(vec![("text", Arc::new(StringArray::from(vec!["Oslo waits.", "Oslo"])) as ArrayRef)]);
    let folder = Folder::new().with("a.parquet", long);
    let found = folder.read_with(Settings { max_bytes: 8, ..Settings::default() });
    assert_eq!(found[0].as_ref().unwrap_err().reason, "larger than the limit of 8 bytes for one document");
    assert_eq!(found[1].as_ref().unwrap().text, "Oslo");
}

#[test]
fn i2_broken_parquet_costs_no_more_than_its_file() {
    let whole = articles();
    for at in (0..whole.len()).step_by(2) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        let found = Folder::new().with("a.parquet", broken).with("b.txt", "Oslo.").outcome();
        assert_eq!(found.last().unwrap(), "b.txt: Oslo.", "byte {at}");
        assert!(found.len() > 1, "byte {at}");
    }
}
