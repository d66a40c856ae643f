//! What could not be read, and why.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Longest reason, in characters.
const LONGEST: usize = 500;

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
        let mut reason = reason.to_string();
        // A reason quotes the input, which may be of any length.
        if let Some((end, _)) = reason.char_indices().nth(LONGEST) {
            reason.truncate(end);
            reason.push('…');
        }
        Reject { file: file.to_string_lossy().into_owned(), line, reason }
    }

    /// Writes the reject as a line of `rejects.jsonl`.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

impl fmt::Display for Reject {
    /// One line for a terminal, with control characters escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        printable(f, &self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        printable(f, &self.reason)
    }
}

fn printable(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for c in text.chars() {
        if c.is_control() {
            write!(f, "{}", c.escape_default())?;
        } else {
            f.write_char(c)?;
        }
    }
    Ok(())
}

impl std::error::Error for Reject {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reject_is_one_line_on_a_terminal() {
        let reject = Reject::new(Path::new("a\n\u{1b}[31m.txt"), Some(2), "é".repeat(9999) + "\n");
        let shown = reject.to_string();
        assert!(shown.starts_with("a\\n\\u{1b}[31m.txt:2: éé") && shown.ends_with("é…"), "{shown}");
        assert!(shown.len() < 2000);
    }

    #[test]
    fn rejects_are_lines_of_their_file() {
        let reject = Reject::new(Path::new("a.jsonl"), Some(3), "no \"JSON\"");
        let mut line = Vec::new();
        reject.write(&mut line).unwrap();
        assert_eq!(line, b"{\"file\":\"a.jsonl\",\"line\":3,\"reason\":\"no \\\"JSON\\\"\"}\n");
        assert_eq!(serde_json::from_slice::<Reject>(&line).unwrap(), reject);
    }
}
