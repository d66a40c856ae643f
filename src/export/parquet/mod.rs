//! Parquet: five tables with a fixed schema, for DuckDB, polars, pandas and whatever else reads columns.
//!
//! `schema` defines the columns, which [`documentation`] describes; `rows` makes rows of annotations and records;
//! `arrays` makes columns of rows. Dates are text, as precise as they are told, and sort by time. A file is written
//! row group by row group, so that memory does not grow with the number of rows.

mod arrays;
mod rows;
mod schema;
mod sentences;

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde_json::Value;

use self::schema::Column;
pub use self::schema::{documentation, Table};
pub use self::sentences::{Collector, Sentences};
use super::{Error, Names};
use crate::document::Annotation;
use crate::records::{Evidence, Record};

/// Rows that become columns at a time.
const BATCH: usize = 256;

/// A row group ends when it has about so many bytes.
const ROW_GROUP: usize = 32 << 20;

/// The numbers of embeddings: no two are alike, so that neither a dictionary nor their bounds would serve.
const EMBEDDING_PATH: [&str; 3] = ["embedding", "list", "element"];

/// An embedding; none where nothing was read.
pub type Embedding = Option<Vec<f32>>;

/// A table on its way into a file.
struct File<W: Write + Send> {
    columns: Vec<Column>,
    schema: SchemaRef,
    writer: ArrowWriter<W>,
    rows: Vec<Value>,
    /// A vector for each row, and its length, where the table has any.
    embeddings: Option<(i32, Vec<Embedding>)>,
    /// Bytes after which a row group ends.
    row_group: usize,
}

impl<W: Write + Send> File<W> {
    /// Begins the file in `out`, with embeddings of `size` numbers if one is given and the table has them.
    fn new(table: Table, size: Option<i32>, out: W) -> Result<Self, Error> {
        let level = ZstdLevel::try_new(3)?;
        let embeddings = ColumnPath::new(EMBEDDING_PATH.map(str::to_owned).to_vec());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_column_dictionary_enabled(embeddings.clone(), false)
            .set_column_statistics_enabled(embeddings.clone(), EnabledStatistics::None)
            .set_created_by(concat!("demarche ", env!("CARGO_PKG_VERSION")).to_owned());
        let (columns, schema) = (table.columns(), table.schema(size));
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties.build()))?;
        let embedded = schema.fields().len() > columns.len();
        let embeddings = size.filter(|_| embedded).map(|size| (size, Vec::new()));
        Ok(File { columns, schema, writer, rows: Vec::new(), embeddings, row_group: ROW_GROUP })
    }

    fn push(&mut self, row: Value, embedding: Embedding) -> Result<(), Error> {
        self.rows.push(row);
        if let Some((_, vectors)) = &mut self.embeddings {
            vectors.push(embedding);
        }
        if self.rows.len() == BATCH {
            self.write()?;
        }
        Ok(())
    }

    /// Writes the rows that wait.
    fn write(&mut self) -> Result<(), Error> {
        let rows: Vec<_> = self.rows.iter().map(Some).collect();
        let columns = self.columns.iter().map(|column| arrays::column(column, &rows));
        let mut columns = columns.collect::<Result<Vec<_>, ArrowError>>()?;
        if let Some((size, vectors)) = &mut self.embeddings {
            columns.push(arrays::embeddings(vectors, *size)?);
            vectors.clear();
        }
        self.writer.write(&RecordBatch::try_new(self.schema.clone(), columns)?)?;
        self.rows.clear();
        if self.writer.in_progress_size() >= self.row_group {
            self.writer.flush()?;
        }
        Ok(())
    }

    /// Writes what is left, and gives the file back.
    fn finish(mut self) -> Result<W, Error> {
        self.write()?;
        Ok(self.writer.into_inner()?)
    }
}

/// The tables of annotations.
pub struct AnnotationTables<W: Write + Send> {
    mentions: File<W>,
    relations: File<W>,
}

impl<W: Write + Send> AnnotationTables<W> {
    /// Begins the tables in the files of [`Table::OF_ANNOTATIONS`], with embeddings of `size` numbers if one is given.
    pub fn new(size: Option<i32>, [mentions, relations]: [W; 2]) -> Result<Self, Error> {
        Ok(AnnotationTables {
            mentions: File::new(Table::Mentions, size, mentions)?,
            relations: File::new(Table::Relations, size, relations)?,
        })
    }

    /// Adds a document; `embeddings` are those of its mentions, in their order, if there are any.
    pub fn add(&mut self, annotation: &Annotation, embeddings: Vec<Embedding>) -> Result<(), Error> {
        let embeddings = embeddings.into_iter().chain(std::iter::repeat(None));
        for (row, embedding) in rows::mentions(annotation).into_iter().zip(embeddings) {
            self.mentions.push(row, embedding)?;
        }
        rows::relations(annotation).into_iter().try_for_each(|row| self.relations.push(row, None))
    }

    /// Writes what is left, and gives the files back.
    pub fn finish(self) -> Result<[W; 2], Error> {
        Ok([self.mentions.finish()?, self.relations.finish()?])
    }
}

/// The tables of records.
pub struct RecordTables<'a, W: Write + Send> {
    names: Names<'a>,
    records: File<W>,
    evidence: File<W>,
    history: File<W>,
}

impl<'a, W: Write + Send> RecordTables<'a, W> {
    /// Begins the tables in the files of [`Table::OF_RECORDS`], with embeddings of `size` numbers if one is given.
    pub fn new(names: Names<'a>, size: Option<i32>, [records, evidence, history]: [W; 3]) -> Result<Self, Error> {
        Ok(RecordTables {
            names,
            records: File::new(Table::Records, size, records)?,
            evidence: File::new(Table::Evidence, size, evidence)?,
            history: File::new(Table::History, size, history)?,
        })
    }

    /// Adds a record; `embedding` gives those of its evidence.
    pub fn add(
        &mut self,
        record: &Record,
        mut embedding: impl FnMut(&Evidence) -> Result<Embedding, Error>,
    ) -> Result<(), Error> {
        self.records.push(rows::record(record, self.names), None)?;
        for (row, evidence) in rows::evidence(record, self.names).into_iter().zip(&record.evidence) {
            self.evidence.push(row, embedding(evidence)?)?;
        }
        rows::history(record, self.names).into_iter().try_for_each(|row| self.history.push(row, None))
    }

    /// Writes what is left, and gives the files back.
    pub fn finish(self) -> Result<[W; 3], Error> {
        Ok([self.records.finish()?, self.evidence.finish()?, self.history.finish()?])
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use arrow_schema::DataType;
    use serde_json::json;

    use super::*;
    use crate::records::sketch;

    const LISTED: &str = "\
        day 2021-03-01 src=taz RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9 \"Listed.\"
        day 2024-05-27 src=afp RUS>AFG/TALIBAN listing.delist YIELD favor actual 0.8 \"Struck off.\"
        day 2024-05-27 src=ap RUS>AFG/TALIBAN listing.delist REJECT neutral denied 0.7 \"Not at all.\"
        day - KAZ>AFG/TALIBAN contact.meet CONSULT neutral planned 0.5 \"They may meet.\"";

    /// The file that these bytes make.
    fn file(bytes: &[u8]) -> fs::File {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        file.reopen().unwrap()
    }

    fn rows(bytes: &[u8]) -> Vec<Value> {
        let reader = SerializedFileReader::new(file(bytes)).unwrap();
        reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_json_value()).collect()
    }

    /// Records, evidence and history of a sketch.
    fn tables(lines: &str, size: Option<i32>, vector: fn(&Evidence) -> Embedding) -> [Vec<u8>; 3] {
        let names = |code: &crate::document::ActorCode| (code.as_str() == "RUS").then(|| "Russia".to_owned());
        let mut tables = RecordTables::new(&names, size, [(); 3].map(|()| Vec::new())).unwrap();
        let records = sketch::records(&sketch::annotations(lines));
        records.iter().try_for_each(|record| tables.add(record, |e| Ok(vector(e)))).unwrap();
        tables.finish().unwrap()
    }

    /// What the values of `expected` are in `found`, which may say more.
    fn same(found: &Value, expected: &Value) {
        match (found, expected) {
            (Value::Object(found), Value::Object(expected)) => {
                expected.iter().for_each(|(name, value)| same(found.get(name).unwrap_or(&json!(name)), value));
            }
            (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
                found.iter().zip(expected).for_each(|(f, e)| same(f, e));
            }
            _ => assert_eq!(found, expected),
        }
    }

    #[test]
    fn a_record_says_what_its_line_says() {
        let [records, ..] = tables(LISTED, None, |_| None);
        let found = rows(&records);
        assert_eq!((found[0]["actor_name"].as_str(), found[1]["actor_name"].as_str()), (Some("KAZ"), Some("Russia")));
        for (found, record) in found.iter().zip(sketch::records(&sketch::annotations(LISTED))) {
            let mut line: serde_json::Map<_, _> = serde_json::from_str(&json!(record).to_string()).unwrap();
            let (events, acts) = (line.remove("events").unwrap(), line.remove("acts").unwrap());
            let listed =
                |list: &Value, key: &str| list.as_array().map(|l| l.iter().filter(|e| !e[key].is_null()).count());
            assert_eq!(listed(&found["events"], "event"), events.as_object().map(serde_json::Map::len));
            assert_eq!(listed(&found["acts"], "act"), acts.as_object().map(serde_json::Map::len));
            // These bear names that SQL has for something else.
            let text = Value::Object(line).to_string();
            let renamed = [("from", "from_date"), ("to", "to_date"), ("when", "when_date"), ("start", "start_char")];
            let text = renamed
                .iter()
                .chain(&[("end", "end_char")])
                .fold(text, |text, (from, to)| text.replace(&format!("\"{from}\":"), &format!("\"{to}\":")));
            same(found, &serde_json::from_str(&text).unwrap());
        }
    }

    #[test]
    fn history_and_evidence_are_rows_of_their_own() {
        let [_, evidence, history] = tables(LISTED, None, |_| None);
        let shown = |rows: Vec<Value>, columns: &[&str]| {
            let row = |row: &Value| columns.iter().map(|c| row[c].to_string()).collect::<Vec<_>>().join(" ");
            rows.iter().map(row).collect::<Vec<_>>()
        };
        assert_eq!(
            shown(
                rows(&history),
                &["actor", "facet", "position", "current", "status", "from_date", "to_date", "evidence"]
            ),
            [
                r#""RUS" "listing" 0 false "designated" "2021-03-01" "2024-05-27" [0]"#,
                r#""RUS" "listing" 1 true "delisted" "2024-05-27" null [1]"#,
            ]
        );
        assert_eq!(
            shown(rows(&evidence), &["actor", "position", "date", "source", "start_char", "end_char", "text", "quad"]),
            [
                r#""KAZ" 0 null null 0 14 "They may meet." "verbal_cooperation""#,
                r#""RUS" 0 "2021-03-01" "taz" 0 7 "Listed." "material_conflict""#,
                r#""RUS" 1 "2024-05-27" "afp" 0 11 "Struck off." "material_cooperation""#,
                r#""RUS" 2 "2024-05-27" "ap" 0 11 "Not at all." "verbal_conflict""#,
            ]
        );
    }

    #[test]
    fn mentions_and_relations_have_their_actors_and_sentences() {
        let mut tables = AnnotationTables::new(None, [Vec::new(), Vec::new()]).unwrap();
        for annotation in sketch::annotations(LISTED) {
            tables.add(&annotation, Vec::new()).unwrap();
        }
        let [mentions, relations] = tables.finish().unwrap();
        assert_eq!(rows(&mentions), [Value::Null; 0]);
        let relations = rows(&relations);
        let first = json!({"document": "d0", "source": "taz", "date": "2021-03-01", "src_actor": "RUS",
            "tgt_actor": "AFG/TALIBAN", "text": "Listed.", "start_char": 0, "end_char": 7, "act": "listing.designate"});
        same(&relations[0], &first);
        assert_eq!(relations.len(), 4);
    }

    #[test]
    fn embeddings_are_lists_of_one_length() {
        let vector = |e: &Evidence| (e.source.is_some()).then(|| vec![1.5, -0.25, e.start as f32]);
        let [_, evidence, history] = tables(LISTED, Some(3), vector);
        let reader = ParquetRecordBatchReaderBuilder::try_new(file(&evidence)).unwrap();
        let kind = reader.schema().field_with_name("embedding").unwrap().data_type().clone();
        assert!(matches!(kind, DataType::FixedSizeList(_, 3)), "{kind}");
        let embeddings: Vec<_> = rows(&evidence).into_iter().map(|row| row["embedding"].clone()).collect();
        assert_eq!(embeddings[..2], [Value::Null, json!([1.5, -0.25, 0.0])]);
        assert!(rows(&history)[0].get("embedding").is_none());
    }

    #[test]
    fn long_tables_have_several_row_groups() {
        let mut tables = AnnotationTables::new(Some(1), [Vec::new(), Vec::new()]).unwrap();
        tables.mentions.row_group = 512;
        let mut annotation = sketch::annotations(LISTED).remove(0);
        let mention = crate::document::Mention {
            entity: crate::document::EntityIx(0),
            span: crate::text::Span::new(0, 3),
            kind: crate::document::EntityType::Org,
            named: true,
            score: crate::document::Probability::ONE,
        };
        annotation.mentions = vec![mention; 600];
        tables.add(&annotation, (0..600).map(|n| Some(vec![n as f32])).collect()).unwrap();
        let [mentions, _] = tables.finish().unwrap();
        let reader = SerializedFileReader::new(file(&mentions)).unwrap();
        let groups: Vec<_> = reader.metadata().row_groups().iter().map(|g| g.num_rows()).collect();
        assert_eq!(groups, [256, 256, 88]);
    }

    #[test]
    fn i1_the_same_records_make_the_same_bytes() {
        assert_eq!(tables(LISTED, None, |_| None), tables(LISTED, None, |_| None));
    }

    #[test]
    fn the_schema_is_documented() {
        let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/SCHEMA.md")).unwrap();
        assert!(page.contains(&documentation()), "docs/SCHEMA.md should have this:\n\n{}", documentation());
    }
}
