//! Documents of a file that has a token a line.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::Found;
use crate::corpus::lines::{Line, Lines};
use crate::corpus::source::{open, BOM, LINE_LIMIT};
use crate::corpus::Reject;

/// What makes documents of lines.
pub(super) trait Grow {
    /// Takes a line in; gives a document when the line begins the next one.
    fn take(&mut self, line: usize, text: &str, path: &Path) -> Result<Option<Found>, String>;

    /// What is left at the end of the file.
    fn end(&mut self, path: &Path) -> Option<Found>;
}

/// Reads the documents of a file one after the other; the first error ends the file.
pub(super) fn read<G: Grow + Send>(
    path: &Path,
    grow: G,
) -> Result<impl Iterator<Item = Result<Found, Reject>> + Send + use<G>, Reject> {
    let reader = open(path).map_err(|e| Reject::new(path, None, e))?;
    Ok(documents(path, reader, grow))
}

/// Reads the documents of a stream.
pub(super) fn documents<R: BufRead, G: Grow>(
    path: &Path,
    reader: R,
    grow: G,
) -> impl Iterator<Item = Result<Found, Reject>> + use<R, G> {
    Documents { path: path.to_owned(), lines: Lines::new(reader, LINE_LIMIT), grow, done: false }
}

struct Documents<R, G> {
    path: PathBuf,
    lines: Lines<R>,
    grow: G,
    done: bool,
}

impl<R: BufRead, G: Grow> Documents<R, G> {
    fn take(&mut self, line: Line) -> Result<Option<Found>, Reject> {
        let taken = line.text.map_err(|error| error.to_string()).and_then(|text| {
            let text = if line.number == 1 { text.trim_start_matches(BOM) } else { &text };
            self.grow.take(line.number, text, &self.path)
        });
        taken.map_err(|reason| Reject::new(&self.path, Some(line.number), reason))
    }
}

impl<R: BufRead, G: Grow> Iterator for Documents<R, G> {
    type Item = Result<Found, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            let Some(line) = self.lines.next() else {
                self.done = true;
                return self.grow.end(&self.path).map(Ok);
            };
            let taken = self.take(line);
            self.done = taken.is_err();
            if let Some(item) = taken.transpose() {
                return Some(item);
            }
        }
        None
    }
}
