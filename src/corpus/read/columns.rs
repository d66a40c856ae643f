//! Tables with a header: one document a row, columns by name.

use std::io::{self, Read};

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};
use serde_json::{Map, Value};

use super::fields::{self, Fields};
use super::{Entry, Refusal, Settings};
use crate::corpus::source::Source;
use crate::document::Document;

pub(super) fn entries(
    name: String,
    source: Source,
    delimiter: u8,
    settings: Settings,
) -> Result<impl Iterator<Item = Entry> + Send, Refusal> {
    let limited = Limited { source, limit: settings.max_bytes, left: settings.max_bytes, line_end: None };
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(limited);
    let header = header(&mut reader)?;
    Ok(Rows { name, reader, header, settings, done: false })
}

/// The names of the columns, in small letters as the fields of JSON have them.
fn header(reader: &mut Reader<Limited>) -> Result<Vec<String>, Refusal> {
    let names: Vec<_> = reader.headers().map_err(refusal)?.iter().map(|name| name.trim().to_lowercase()).collect();
    // An empty file has no header; it holds no document and that is told elsewhere.
    if names.is_empty() || names.iter().any(|name| fields::is_text(name)) {
        Ok(names)
    } else {
        Err(Refusal::NoTextColumn(names.join(", ")))
    }
}

struct Rows {
    name: String,
    reader: Reader<Limited>,
    header: Vec<String>,
    settings: Settings,
    done: bool,
}

impl Iterator for Rows {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if self.done {
            return None;
        }
        let mut row = ByteRecord::new();
        self.reader.get_mut().left = self.settings.max_bytes;
        let read = self.reader.read_byte_record(&mut row);
        let place = row.position().cloned().unwrap_or_else(|| self.reader.position().clone());
        let line = Some(self.line(&place));
        match read {
            Ok(false) => None,
            Ok(true) => Some(Entry { line, document: self.document(row, place) }),
            Err(error) => {
                // A row of a wrong length is behind us; a stream that failed cannot be trusted any more.
                self.done = error.is_io_error();
                Some(Entry { line, document: Err(refusal(error)) })
            }
        }
    }
}

impl Rows {
    /// The line that a row begins in. The crate counts line feeds, and the one of a CRLF only when it
    /// reads on.
    fn line(&self, place: &csv::Position) -> usize {
        match self.reader.get_ref().line_end {
            Some(LineEnd::CrLf) => place.line() as usize + 1,
            Some(LineEnd::Cr) => place.record() as usize + 1,
            Some(LineEnd::Lf) | None => place.line() as usize,
        }
    }

    fn document(&self, row: ByteRecord, place: csv::Position) -> Result<Document, Refusal> {
        let row = StringRecord::from_byte_record(row).map_err(|_| Refusal::RowEncoding(place.byte()))?;
        let value = |cell: &str| if cell.is_empty() { Value::Null } else { Value::String(cell.to_owned()) };
        let fields: Map<_, _> = self.header.iter().cloned().zip(row.iter().map(value)).collect();
        let default_id = format!("{}:{}", self.name, self.line(&place));
        Fields { fields, default_id, settings: Settings { given: false, ..self.settings } }.into_document()
    }
}

fn refusal(error: csv::Error) -> Refusal {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Refusal::Io(error),
        csv::ErrorKind::Utf8 { pos, .. } => Refusal::RowEncoding(pos.map_or(0, |p| p.byte())),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => Refusal::Cells(len, expected_len),
        _ => Refusal::NoTable,
    }
}

/// A stream that fails when a row is longer than the limit: a quote that nobody closes would
/// otherwise bring the rest of the file into memory.
struct Limited {
    source: Source,
    limit: usize,
    left: usize,
    /// How the first line ended, when it has.
    line_end: Option<LineEnd>,
}

#[derive(Clone, Copy)]
enum LineEnd {
    Lf,
    CrLf,
    Cr,
}

impl LineEnd {
    fn first_in(bytes: &[u8]) -> Option<LineEnd> {
        let at = bytes.iter().position(|b| matches!(b, b'\r' | b'\n'))?;
        match bytes[at..] {
            [b'\r', b'\n', ..] => Some(LineEnd::CrLf),
            [b'\r', ..] => Some(LineEnd::Cr),
            _ => Some(LineEnd::Lf),
        }
    }
}

impl Read for Limited {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let reason =
                format!("a row is longer than the limit of {} bytes; perhaps a quote is not closed", self.limit);
            return Err(io::Error::other(reason));
        }
        let most = self.left.min(out.len());
        let n = self.source.read(&mut out[..most])?;
        self.left -= n;
        self.line_end = self.line_end.or_else(|| LineEnd::first_in(&out[..n]));
        Ok(n)
    }
}
