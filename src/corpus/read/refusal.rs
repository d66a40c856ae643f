//! Why a document is not read.

use std::io;

use serde_json::Error as JsonError;

use crate::corpus::lines::LineError;
use crate::corpus::malformed::json_reason;
use crate::corpus::offsets::BadSpan;

/// Why a document, or a whole file, is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("{}", suffix_reason(.0))]
    Suffix(String),
    #[error("no Parquet that can be read: {0}")]
    Parquet(String),
    #[error("holds no document")]
    NoDocument,
    #[error("larger than the limit of {0} bytes for one document")]
    TooLarge(usize),
    #[error("{}", crate::corpus::lines::bad_utf8(*.0))]
    Encoding(u64),
    #[error("{0}")]
    Line(#[from] LineError),
    #[error("no JSON: {}", json_reason(.0))]
    Json(#[from] JsonError),
    #[error("is {0}; expected an object with a field `text`, one a line")]
    NoObject(&'static str),
    #[error("no UTF-8 in the row that begins at byte {0}; if the file is Latin-1 or Windows-1252, convert it: iconv -f WINDOWS-1252 -t UTF-8")]
    RowEncoding(u64),
    #[error("the row has {0} cells but the header has {1}")]
    Cells(u64, u64),
    #[error("no table with a header")]
    NoTable,
    #[error("has no column `text` (or `event_text`, `body`, `content`) but {0}")]
    NoTextColumn(String),
    #[error("has no field `text` (or `event_text`, `body`, `content`)")]
    NoText,
    #[error("the text is empty")]
    Empty,
    #[error("`{0}` is {1}; expected a string")]
    NoString(String, &'static str),
    #[error("the id {0:?} was already used by an earlier document; ids have to be unique in a run")]
    IdTwice(String),
    #[error("`{0}` is {1}; expected {2}")]
    Given(&'static str, &'static str, &'static str),
    #[error("{0} {1}: {error}", error = json_reason(.2))]
    Entry(&'static str, String, JsonError),
    #[error("mention {0}: {1}")]
    Span(usize, BadSpan),
    #[error("{0} {1} refers to entity {2:?}, which no mention or entry of `entities` gives")]
    NoEntity(&'static str, usize, String),
    #[error("entity {0} has no `type`, and no mention that would tell it")]
    NoType(String),
    #[error("pair {0} refers to entity {1:?}, which has no mention")]
    NoMention(usize, String),
    #[error("pair {0} relates {1:?} to itself")]
    SelfPair(usize, String),
    #[error("`pairs` need `mentions` and their entities")]
    PairsAlone,
}

fn suffix_reason(suffix: &str) -> String {
    let known = "known are .txt, .jsonl, .ndjson, .csv, .tsv, .parquet and .html, also with .gz or .zst behind";
    match suffix {
        "" => format!("has no suffix that tells what it holds; {known}"),
        _ => format!("files of suffix .{suffix} are not read; {known}"),
    }
}
