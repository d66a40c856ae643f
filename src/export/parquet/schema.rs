//! The columns of the tables: names, types and meanings, from which the files and their documentation follow.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::document::{Facet, Modality, QuadClass};

/// Version of the schema, in the metadata of every file as `demarche.schema`.
const VERSION: &str = "1";

/// Where readers of a file find what a column means.
const DESCRIPTION: &str = "description";

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Words, a name, a label, or a date as precise as it is told.
    Text,
    /// A number of things, or the place of one in a list, from 0.
    Count,
    /// A probability or a score, with four decimals.
    Decimal,
    /// Yes or no.
    Flag,
    /// Several values with names.
    Struct(Vec<Column>),
    /// Any number of one kind.
    List(Box<Kind>),
}

/// A column, or a value with a name in one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub name: &'static str,
    /// The name of the value in JSON, where SQL has that name for something else.
    pub key: &'static str,
    pub kind: Kind,
    /// Whether the value may be unknown.
    pub optional: bool,
    meaning: &'static str,
}

impl Column {
    const fn new(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Column { name, key: name, kind, optional: false, meaning }
    }

    fn optional(self) -> Self {
        Column { optional: true, ..self }
    }

    fn of(self, key: &'static str) -> Self {
        Column { key, ..self }
    }

    fn field(&self) -> Field {
        let description = HashMap::from([(DESCRIPTION.to_owned(), self.meaning.to_owned())]);
        Field::new(self.name, self.kind.data_type(), self.optional).with_metadata(description)
    }
}

impl Kind {
    pub fn data_type(&self) -> DataType {
        match self {
            Kind::Text => DataType::Utf8,
            Kind::Count => DataType::Int64,
            Kind::Decimal => DataType::Float64,
            Kind::Flag => DataType::Boolean,
            Kind::Struct(columns) => DataType::Struct(columns.iter().map(Column::field).collect()),
            Kind::List(kind) => DataType::List(Arc::new(Field::new("element", kind.data_type(), false))),
        }
    }
}

/// As the documentation says it.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Text => f.write_str("string"),
            Kind::Count => f.write_str("int64"),
            Kind::Decimal => f.write_str("double"),
            Kind::Flag => f.write_str("bool"),
            Kind::Struct(_) => f.write_str("struct"),
            Kind::List(kind) => write!(f, "list of {kind}"),
        }
    }
}

fn text(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Kind::Text, meaning)
}

fn count(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Kind::Count, meaning)
}

fn decimal(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Kind::Decimal, meaning)
}

fn flag(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Kind::Flag, meaning)
}

fn list(name: &'static str, of: Kind, meaning: &'static str) -> Column {
    Column::new(name, Kind::List(Box::new(of)), meaning)
}

/// A table of the export: a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// A row a mention of an entity in a document.
    Mentions,
    /// A row a relation that a sentence shows.
    Relations,
    /// A row a directed pair of actors, with all that its line of `records.jsonl` says.
    Records,
    /// A row a piece of evidence of a record.
    Evidence,
    /// A row a status of a facet of a record, past or current.
    History,
}

impl Table {
    /// Those that are made of annotations.
    pub const OF_ANNOTATIONS: [Table; 2] = [Table::Mentions, Table::Relations];

    /// Those that are made of records.
    pub const OF_RECORDS: [Table; 3] = [Table::Records, Table::Evidence, Table::History];

    /// Name of the file.
    pub const fn file_name(self) -> &'static str {
        match self {
            Table::Mentions => "mentions.parquet",
            Table::Relations => "relations.parquet",
            Table::Records => "records.parquet",
            Table::Evidence => "evidence.parquet",
            Table::History => "history.parquet",
        }
    }

    /// What a row is.
    const fn row(self) -> &'static str {
        match self {
            Table::Mentions => "a mention of an entity in a document, from `annotations.jsonl`",
            Table::Relations => "a relation that a sentence shows, from `annotations.jsonl`",
            Table::Records => "a directed pair of actors, with all that its line of `records.jsonl` says",
            Table::Evidence => "a piece of evidence of a record",
            Table::History => "a status of a facet of a record, past or current",
        }
    }

    /// What is put beside the columns with `--embeddings`.
    const fn embedded(self) -> Option<&'static str> {
        match self {
            Table::Mentions => Some("mean of the encoder's states of the mention's word pieces"),
            Table::Evidence => {
                Some("mean of the encoder's states of the sentence's word pieces, where the annotations have it")
            }
            Table::Relations | Table::Records | Table::History => None,
        }
    }

    pub(super) fn columns(self) -> Vec<Column> {
        match self {
            Table::Mentions => mentions(),
            Table::Relations => relations(),
            Table::Records => records(),
            Table::Evidence => {
                [pair(), vec![count("position", "index in the list of the record")], evidence()].concat()
            }
            Table::History => history(),
        }
    }

    /// The schema, with a column of embeddings of `size` numbers if one is asked for and the table has one.
    pub(super) fn schema(self, size: Option<i32>) -> SchemaRef {
        let mut fields: Vec<Field> = self.columns().iter().map(Column::field).collect();
        if let (Some(size), Some(meaning)) = (size, self.embedded()) {
            let element = Arc::new(Field::new("element", DataType::Float32, false));
            let description = HashMap::from([(DESCRIPTION.to_owned(), meaning.to_owned())]);
            let field = Field::new("embedding", DataType::FixedSizeList(element, size), true);
            fields.push(field.with_metadata(description));
        }
        let version = HashMap::from([("demarche.schema".to_owned(), VERSION.to_owned())]);
        Arc::new(Schema::new(fields).with_metadata(version))
    }
}

fn document() -> Vec<Column> {
    vec![
        text("document", "id of the document"),
        text("source", "who published it").optional(),
        text("date", "when it was published").optional(),
    ]
}

fn mentions() -> Vec<Column> {
    let mention = vec![
        count("mention", "index in the list of the document"),
        count("sentence", "index of the sentence that it begins in").optional(),
        count("start_char", "first character, counted in Unicode scalar values of the text").of("start"),
        count("end_char", "one past the last").of("end"),
        text("text", "the words"),
        flag("named", "whether it is a name, not an anaphor or a nominal"),
        text("type", "`PER`, `ORG`, `LOC` or `MISC`"),
        decimal("score", "probability of the mention"),
        text("entity", "id of the entity in the document"),
        text("name", "canonical name of a known actor, or else the fullest name in the text"),
        text("actor", "code of the actor that the entity is or acts for").optional(),
        decimal("actor_score", "probability of the code"),
    ];
    [document(), mention].concat()
}

fn relations() -> Vec<Column> {
    let relation = vec![
        count("relation", "index in the list of the document"),
        count("sentence", "index of the sentence that shows it"),
        count("start_char", "first character of the sentence").of("start"),
        count("end_char", "one past the last").of("end"),
        text("text", "the sentence"),
        text("src", "id of the entity that acts or holds the stance"),
        text("src_name", "its name"),
        text("src_actor", "code of its actor").optional(),
        text("tgt", "id of the entity at which it is aimed"),
        text("tgt_name", "its name"),
        text("tgt_actor", "code of its actor").optional(),
    ];
    [document(), relation, labels(), vec![decimal("score", "probability of the relation")]].concat()
}

fn labels() -> Vec<Column> {
    vec![
        text("event", "PLOVER root class"),
        text("quad", "its quad class"),
        text("act", "what it is about"),
        text("stance", "`favor`, `neutral` or `against`"),
        text("modality", "`actual`, `planned`, `hypothetical` or `denied`"),
    ]
}

fn pair() -> Vec<Column> {
    vec![
        text("actor", "code of the actor"),
        text("actor_name", "its name, or the code again"),
        text("counterpart", "code of the counterpart"),
        text("counterpart_name", "its name, or the code again"),
    ]
}

fn evidence() -> Vec<Column> {
    let sentence = vec![
        text("when_date", "when the act took place, where the sentence says so").of("when").optional(),
        count("start_char", "first character of the sentence").of("start"),
        count("end_char", "one past the last").of("end"),
        text("text", "the sentence"),
        text("src", "what it calls the actor"),
        text("tgt", "what it calls the counterpart"),
    ];
    let weight = vec![
        decimal("score", "probability of the relation times those of both actor codes"),
        count("happening", "index of what it tells of in the record's `happenings`"),
        count("duplicates", "copies that are not listed"),
    ];
    [document(), sentence, labels(), weight].concat()
}

/// A status, when it held and what shows it.
fn period() -> Vec<Column> {
    vec![
        text("status", "the status"),
        text("from_date", "when it began").of("from").optional(),
        text("to_date", "when another replaced it").of("to").optional(),
        decimal("confidence", "probability that it held"),
        list("evidence", Kind::Count, "positions of its evidence"),
    ]
}

fn history() -> Vec<Column> {
    let place = vec![
        text("facet", "the facet"),
        count("position", "0 for the first status of the facet, and so on in the order of time"),
        flag("current", "whether it is the status now"),
    ];
    [pair(), place, period()].concat()
}

fn facet(facet: Facet) -> Column {
    let state = vec![
        text("status", "the current status"),
        text("since", "when it began").optional(),
        decimal("confidence", "probability that it holds"),
        list("evidence", Kind::Count, "positions of its evidence"),
        list("history", Kind::Struct(period()), "what was before, in the order of time"),
    ];
    Column::new(facet.name(), Kind::Struct(state), facet.definition()).optional()
}

fn stances() -> Vec<Column> {
    vec![count("favor", "in favour"), count("neutral", "neutral"), count("against", "against")]
}

fn records() -> Vec<Column> {
    let counted = |all: &[(&'static str, &'static str)]| all.iter().map(|(n, m)| count(n, m)).collect::<Vec<_>>();
    let quads: Vec<_> = QuadClass::ALL.iter().map(|q| (q.name(), q.definition())).collect();
    let modalities: Vec<_> = Modality::ALL.iter().map(|m| (m.name(), m.definition())).collect();
    let head = vec![
        text("country", "state that the actor is or belongs to, or `INT`"),
        text("counterpart_country", "the same of the counterpart"),
        text("first", "date of the earliest dated evidence").optional(),
        text("last", "date of the latest").optional(),
        count("documents", "documents that speak of the pair, copies included"),
        count("sources", "their sources"),
    ];
    let contact = vec![
        count("meetings", "meetings that took place"),
        text("last", "date of the last one").optional(),
        list("mediators", Kind::Text, "codes of actors that mediated"),
    ];
    let stance = [vec![text("label", "the prevailing stance"), decimal("score", "from -1 to 1")], stances()].concat();
    let event = vec![text("event", "PLOVER root class"), count("count", "happenings")];
    let act = [vec![text("act", "the act")], counted(&modalities)].concat();
    let conflict = vec![
        text("facet", "the facet"),
        list("statuses", Kind::Text, "the statuses in question"),
        list("evidence", Kind::Count, "positions of the evidence of all sides"),
    ];
    let happening = vec![
        text("event", "PLOVER root class"),
        text("act", "what it is about"),
        text("modality", "`actual`, `planned`, `hypothetical` or `denied`"),
        text("day", "when it took place, as precisely as a report tells, or the date of the first report").optional(),
        decimal("confidence", "probability that at least one independent report of it is right"),
        count("documents", "documents that tell of it, copies included"),
        list("sources", Kind::Text, "their sources by name, copies included"),
    ];
    let month = [vec![text("month", "the month")], stances()].concat();
    let tail = vec![
        Column::new("contact", Kind::Struct(contact), "meetings"),
        Column::new("stance", Kind::Struct(stance), "stance of the actor, in pieces of evidence"),
        list("events", Kind::Struct(event), "what happened, by event"),
        Column::new("quad", Kind::Struct(counted(&quads)), "what happened, by quad class"),
        list("acts", Kind::Struct(act), "happenings by act and modality"),
        list("timeline", Kind::Struct(month), "stances by month"),
        list("happenings", Kind::Struct(happening), "what the evidence tells of, in the order of the first report"),
        list("conflicts", Kind::Struct(conflict), "evidence of one time that disagrees"),
        list(
            "evidence",
            Kind::Struct(evidence()),
            "the proof, as in `evidence.parquet`, in the order of its positions",
        ),
    ];
    let facets = Facet::ALL.iter().map(|&f| facet(f)).collect();
    [pair(), head, facets, tail].concat()
}

/// The tables in Markdown, as `docs/SCHEMA.md` has them.
pub fn documentation() -> String {
    let mut out = String::new();
    for table in Table::OF_ANNOTATIONS.into_iter().chain(Table::OF_RECORDS) {
        let _ = write!(out, "### {}\n\nA row is {}.\n\n", table.file_name(), table.row());
        out += "| column | type | what it holds |\n| --- | --- | --- |\n";
        table.columns().iter().for_each(|column| describe(&mut out, "", column));
        if let Some(meaning) = table.embedded() {
            let _ = writeln!(out, "| `embedding` | fixed-size list of float, null | with `--embeddings`: {meaning} |");
        }
        out.push('\n');
    }
    out.pop();
    out
}

fn describe(out: &mut String, within: &str, column: &Column) {
    let (name, null) = (format!("{within}{}", column.name), if column.optional { ", null" } else { "" });
    let _ = writeln!(out, "| `{name}` | {}{null} | {} |", column.kind, column.meaning);
    let (inner, mark) = match &column.kind {
        Kind::List(kind) => (kind.as_ref(), "[]."),
        kind => (kind, "."),
    };
    // Of facets that are alike the first stands for all; a piece of evidence is described where it is a row.
    let told = column.name == "evidence" || Facet::ALL[1..].iter().any(|f| f.name() == column.name);
    if let Kind::Struct(columns) = inner {
        columns.iter().filter(|_| !told).for_each(|c| describe(out, &format!("{name}{mark}"), c));
    }
}
