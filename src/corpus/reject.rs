//! What could not be read, and why.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A document, a line or a file that could not be read: a line of `rejects.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The file as it was named or found, `-` for standard input.
    pub file: String,
    /// The line, counted from 1, in files that hold a document a line.
    pub line: Option<usize>,
    /// What was wrong, what was expected and, where it helps, what to do.
    pub reason: String,
}

impl Reject {
    /// A reject of `file` as a whole, or of its `line`.
    pub fn new(file: &Path, line: Option<usize>, reason: impl fmt::Display) -> Self {
        Reject { file: file.to_string_lossy().into_owned(), line, reason: reason.to_string() }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.reason),
            None => write!(f, "{}: {}", self.file, self.reason),
        }
    }
}

impl std::error::Error for Reject {}
