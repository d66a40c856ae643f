//! Opening of files.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// Longest line that readers of annotated corpora accept, in bytes.
pub(crate) const LINE_LIMIT: usize = 64 << 20;

/// Opens a file for reading.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    Ok(Box::new(BufReader::new(File::open(path)?)))
}
