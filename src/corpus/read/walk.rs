//! The files of an input.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::corpus::Reject;

/// Files, and what could not be walked.
pub(super) type Files = Box<dyn Iterator<Item = Result<PathBuf, Reject>> + Send>;

/// The file that `input` is, or the files in the folder that it is, by name.
///
/// Links are followed. A link to a folder above it is left out, since all files in there are walked
/// anyway; so are hidden files.
pub(super) fn files(input: PathBuf) -> Files {
    if input == Path::new("-") || !input.is_dir() {
        return Box::new(std::iter::once(Ok(input)));
    }
    let walk = WalkDir::new(&input).follow_links(true).sort_by_file_name().into_iter();
    let visible = walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry));
    let folder = input.clone();
    let mut files = visible
        .filter_map(move |entry| match entry {
            Ok(entry) if entry.file_type().is_dir() => None,
            Ok(entry) => Some(Ok(entry.into_path())),
            Err(error) if error.loop_ancestor().is_some() => None,
            Err(error) => {
                let path = error.path().unwrap_or(&input).to_owned();
                let reason = error
                    .into_io_error()
                    .map_or_else(|| "cannot be walked".to_owned(), |e| format!("cannot be read: {e}"));
                Some(Err(Reject::new(&path, None, reason)))
            }
        })
        .peekable();
    if files.peek().is_none() {
        return Box::new(std::iter::once(Err(Reject::new(&folder, None, "holds no file"))));
    }
    Box::new(files)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}
