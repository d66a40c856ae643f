//! Parquet: one document a row, columns by name.
//!
//! A file is read page by page, so that its size does not matter. Its table of contents is at its end: what comes
//! compressed or from standard input goes through a temporary file.

use std::fs::File;
use std::io;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;

use jiff::Timestamp;
use parquet::basic::{LogicalType, TimeUnit};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use serde_json::{Map, Value};

use super::fields::{self, Fields};
use super::{Entry, Refusal, Settings};
use crate::corpus::source::{open, Compression, Source};
use crate::document::Document;

/// Rows of a column that are decoded at a time.
const ROWS: usize = 64;

/// The file at `path`, unpacked.
pub(super) fn open_table(path: &Path) -> io::Result<File> {
    let source = open(path)?;
    match Compression::of(path) {
        Compression::None => File::open(path),
        _ => spooled(source),
    }
}

/// A stream as a file that is gone when it is closed.
pub(super) fn spooled(mut source: Source) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut source, &mut file)?;
    Ok(file)
}

pub(super) fn entries(
    name: String,
    file: File,
    settings: Settings,
) -> Result<impl Iterator<Item = Entry> + Send, Refusal> {
    let reader = SerializedFileReader::new(file).map_err(refusal)?;
    let columns = reader.metadata().file_metadata().schema_descr().root_schema().get_fields().to_vec();
    let header: Vec<String> = columns.iter().map(|column| column.name().trim().to_lowercase()).collect();
    if !header.iter().any(|name| fields::is_text(name)) {
        return Err(Refusal::NoTextColumn(header.join(", ")));
    }
    let in_nanoseconds = columns.iter().map(|column| match column.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(timestamp)) => matches!(timestamp.unit, TimeUnit::NANOS),
        _ => false,
    });
    let columns = header.into_iter().zip(in_nanoseconds).collect();
    let rows = RowIter::from_file_into(Box::new(reader)).with_batch_size(ROWS);
    Ok(Rows { name, rows: Some(rows), columns, settings, read: 0 })
}

struct Rows {
    name: String,
    /// Nothing after a failure: what comes behind it cannot be trusted.
    rows: Option<RowIter<'static>>,
    /// The names of the columns, and whether they hold nanoseconds, which the rows do not tell.
    columns: Vec<(String, bool)>,
    settings: Settings,
    read: usize,
}

impl Iterator for Rows {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let rows = self.rows.as_mut()?;
        // The library panics at some files that are broken in the middle.
        let row = catch_unwind(AssertUnwindSafe(|| rows.next()));
        let row = row.unwrap_or_else(|_| Some(Err(ParquetError::General("broken".to_owned()))))?;
        self.read += 1;
        let document = match row {
            Ok(row) => self.document(&row),
            Err(error) => {
                self.rows = None;
                Err(refusal(error))
            }
        };
        Some(Entry { line: Some(self.read), document })
    }
}

impl Rows {
    fn document(&self, row: &Row) -> Result<Document, Refusal> {
        let mut fields = Map::new();
        for ((name, in_nanoseconds), (_, field)) in self.columns.iter().zip(row.get_column_iter()) {
            let value = match field {
                Field::Long(n) if *in_nanoseconds => timestamp(Timestamp::from_nanosecond(i128::from(*n))),
                field => value(field),
            };
            if matches!(&value, Value::String(text) if text.len() > self.settings.max_bytes) {
                return Err(Refusal::TooLarge(self.settings.max_bytes));
            }
            fields.insert(name.clone(), value);
        }
        let default_id = format!("{}:{}", self.name, self.read);
        Fields { fields, default_id, settings: self.settings }.into_document()
    }
}

/// A value as JSON has it. Bytes are text, as some programs write it, or nothing.
fn value(field: &Field) -> Value {
    let decimal = |x: f64| serde_json::Number::from_f64(x).map_or(Value::Null, Value::Number);
    match field {
        Field::Null => Value::Null,
        Field::Bool(yes) => (*yes).into(),
        Field::Byte(n) => (*n).into(),
        Field::Short(n) => (*n).into(),
        Field::Int(n) => (*n).into(),
        Field::Long(n) => (*n).into(),
        Field::UByte(n) => (*n).into(),
        Field::UShort(n) => (*n).into(),
        Field::UInt(n) => (*n).into(),
        Field::ULong(n) => (*n).into(),
        Field::Float16(x) => decimal(f64::from(*x)),
        Field::Float(x) => decimal(f64::from(*x)),
        Field::Double(x) => decimal(*x),
        Field::Str(text) => text.as_str().into(),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).map_or(Value::Null, Value::from),
        Field::Date(days) => match timestamp(Timestamp::from_second(i64::from(*days) * 86_400)) {
            Value::String(day) => day[..day.find('T').unwrap_or(day.len())].into(),
            other => other,
        },
        Field::TimestampMillis(n) => timestamp(Timestamp::from_millisecond(*n)),
        Field::TimestampMicros(n) => timestamp(Timestamp::from_microsecond(*n)),
        Field::Decimal(_) | Field::TimeMillis(_) | Field::TimeMicros(_) => field.to_string().into(),
        Field::Group(row) => row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect(),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::MapInternal(map) => map.entries().iter().map(|(key, field)| (text(key), value(field))).collect(),
    }
}

/// A key of a map.
fn text(field: &Field) -> String {
    match value(field) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A point in time, if the calendar has it.
fn timestamp(time: Result<Timestamp, jiff::Error>) -> Value {
    time.map_or(Value::Null, |time| time.to_string().into())
}

fn refusal(error: ParquetError) -> Refusal {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => Refusal::Io(*error),
            Err(error) => Refusal::Parquet(error.to_string()),
        },
        other => Refusal::Parquet(other.to_string()),
    }
}
