//! The files that labels are read from.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::corpus::source::STDIN;

/// Suffixes of files that lie beside labels and have none: settings of brat, and what explains the labels to people.
const BESIDE: [&str; 2] = ["conf", "md"];

/// The file at `path`, or the files in the folder that it is, by name; `-` is standard input. Of a document of brat the
/// file with the annotations stands for both.
pub fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path == Path::new(STDIN) {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry?;
        let named = entry.depth() == 0;
        if entry.file_type().is_file() && (named || holds_labels(&entry)) || (named && !entry.file_type().is_dir()) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

fn holds_labels(entry: &DirEntry) -> bool {
    let path = entry.path();
    let suffix = path.extension().unwrap_or_default();
    let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
    let text_of_brat = suffix == "txt" && path.with_extension("ann").exists();
    !hidden && !text_of_brat && !BESIDE.iter().any(|beside| suffix == *beside)
}
