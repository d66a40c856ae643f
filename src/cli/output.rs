//! Finished files or none: results are written beside their place and renamed into it.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use serde::Serialize;

/// A file that is written as `NAME.partial` and gets its name when it is finished (I4).
///
/// The partial file is locked while it is written, so a second run into the same place is refused. The system
/// drops the lock of a process that dies, and the next run takes the file over.
#[derive(Debug)]
pub struct PartialFile {
    path: PathBuf,
    partial: PathBuf,
    writer: Option<BufWriter<File>>,
}

impl PartialFile {
    /// Begins to write `path`.
    pub fn create(path: &Path) -> Result<Self> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = open_locked(&partial)?;
        Ok(PartialFile { path: path.to_owned(), partial, writer: Some(BufWriter::with_capacity(1 << 16, file)) })
    }

    /// Writes everything to the disk and gives the file its name.
    pub fn finish(mut self) -> Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let result = writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all().and_then(|()| fs::rename(&self.partial, &self.path)).map(|()| file));
        match result {
            // The lock goes with the file, after the rename.
            Ok(_locked) => Ok(()),
            Err(error) => {
                // What is left is of no use, and the first error tells more than one from cleaning up.
                let _ = fs::remove_file(&self.partial);
                Err(cannot_write(&self.path, error))
            }
        }
    }

    /// Writes with `write`; an error names the file.
    pub fn write_with(&mut self, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
        let Some(writer) = self.writer.as_mut() else { return Ok(()) };
        write(writer).map_err(|e| cannot_write(&self.path, e))
    }

    /// Writes `value` as a line of JSON.
    pub fn write_json_line(&mut self, value: &impl Serialize) -> Result<()> {
        self.write_with(|out| {
            serde_json::to_writer(&mut *out, value)?;
            out.write_all(b"\n")
        })
    }
}

impl Drop for PartialFile {
    /// A file that is not finished leaves nothing behind.
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            // Without the buffer's last bytes: nobody is going to read them.
            let (_file, _rest) = writer.into_parts();
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Opens a file for writing from its start, with a lock that nobody else holds.
fn open_locked(path: &Path) -> Result<File> {
    loop {
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(|e| cannot_write(path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another run is writing {}; wait until it is done or choose another place with --out", path.display())
            }
            // Some network file systems have no locks; a run is worth more than the guard.
            Err(TryLockError::Error(_)) => {}
        }
        // Between the opening and the lock, the run that held it may have renamed the file to its final name.
        if is_at(&file, path) {
            file.set_len(0).map_err(|e| cannot_write(path, e))?;
            return Ok(file);
        }
    }
}

/// Whether `path` still leads to `file`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(file), Ok(at)) => (file.dev(), file.ino()) == (at.dev(), at.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

fn cannot_write(path: &Path, error: io::Error) -> anyhow::Error {
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room on that disk and run again",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "; choose another place with --out",
        _ => "",
    };
    let context = format!("cannot write {}{remedy}", path.display());
    anyhow::Error::new(error).context(context)
}

/// Creates the folder that results go to.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path)
        .with_context(|| format!("cannot create the output folder {}; choose another with --out", path.display()))
}

/// A file or standard output.
pub enum Output {
    /// A file, finished or not there at all.
    File(PartialFile),
    /// Standard output.
    Stdout(BufWriter<StdoutLock<'static>>),
}

impl Output {
    /// The file at `path`, or standard output when there is no path or it is `-`.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        match path {
            Some(path) if path.as_os_str() != "-" => Ok(Output::File(PartialFile::create(path)?)),
            _ => Ok(Output::Stdout(BufWriter::with_capacity(1 << 16, io::stdout().lock()))),
        }
    }

    /// Writes with `write`.
    pub fn write_with(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        match self {
            Output::File(file) => file.write_with(|w| write(w)),
            Output::Stdout(stdout) => write(stdout).context("cannot write to standard output"),
        }
    }

    /// Ends the output.
    pub fn finish(self) -> Result<()> {
        match self {
            Output::File(file) => file.finish(),
            Output::Stdout(mut stdout) => stdout.flush().context("cannot write to standard output"),
        }
    }
}

/// Prints lines to standard output; unlike `println!` it does not panic when nobody reads them.
pub fn print<L: fmt::Display>(lines: impl IntoIterator<Item = L>) -> Result<()> {
    let mut output = Output::open(None)?;
    output.write_with(|out| lines.into_iter().try_for_each(|line| writeln!(out, "{line}")))?;
    output.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.jsonl");
        let mut file = PartialFile::create(&path).unwrap();
        file.write_with(|w| w.write_all(b"{}\n")).unwrap();
        assert_eq!(names(folder.path()), ["records.jsonl.partial"]);
        file.finish().unwrap();
        assert_eq!(names(folder.path()), ["records.jsonl"]);
        assert_eq!(fs::read(&path).unwrap(), b"{}\n");

        let mut file = PartialFile::create(&path).unwrap();
        file.write_with(|w| w.write_all(b"half")).unwrap();
        drop(file);
        assert_eq!(names(folder.path()), ["records.jsonl"]);
        assert_eq!(fs::read(&path).unwrap(), b"{}\n");
    }

    #[test]
    fn what_a_dead_run_left_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        fs::write(folder.path().join("run.json.partial"), "long leftovers of a killed run").unwrap();
        let mut file = PartialFile::create(&path).unwrap();
        file.write_with(|w| w.write_all(b"{}")).unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"{}");
    }

    #[test]
    fn two_runs_into_one_place_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        let first = PartialFile::create(&path).unwrap();
        let error = format!("{:#}", PartialFile::create(&path).unwrap_err());
        assert!(error.contains("another run is writing") && error.contains("run.json.partial"), "{error}");
        drop(first);
        PartialFile::create(&path).unwrap();
    }

    #[test]
    fn errors_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = PartialFile::create(&folder.path().join("file/x.jsonl")).unwrap_err();
        assert!(format!("{error:#}").contains("cannot write"), "{error:#}");
        let error = create_folder(&folder.path().join("file/out")).unwrap_err();
        assert!(format!("{error:#}").contains("--out"), "{error:#}");
    }
}
