//! Files that appear whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that is written beside its final place and takes it only when it is finished.
///
/// A program that is killed leaves `NAME.partial` behind, which the next run overwrites, and never a
/// final file that is cut short. One that is dropped unfinished leaves nothing.
///
/// The partial file is locked while it is written, so that two runs do not mix their results. The system
/// drops the lock of a process that dies, and the next run takes the file over.
#[derive(Debug)]
pub struct AtomicFile {
    /// `None` once finished.
    writer: Option<BufWriter<File>>,
    path: PathBuf,
    partial: PathBuf,
}

impl AtomicFile {
    /// Begins the file that will be `path`.
    ///
    /// # Errors
    /// When `path` has no file name, is a folder, or its folder cannot be written; of the kind
    /// [`io::ErrorKind::ResourceBusy`] when another run is writing the file.
    pub fn create(path: &Path) -> io::Result<AtomicFile> {
        let name = path.file_name().ok_or_else(|| io::Error::other("is no name of a file"))?;
        if path.is_dir() {
            return Err(io::Error::other("is a folder"));
        }
        let mut partial = name.to_owned();
        partial.push(".partial");
        let partial = path.with_file_name(partial);
        let writer = Some(BufWriter::new(open_locked(&partial)?));
        Ok(AtomicFile { writer, path: path.to_owned(), partial })
    }

    /// Where the unfinished file is, for what must open it by name.
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Makes sure that all is on the disk, and puts the file into its place.
    pub fn finish(mut self) -> io::Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let finished = writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all().map(|()| file))
            .and_then(|file| fs::rename(&self.partial, &self.path).map(|()| file));
        match finished {
            // The lock ends with the file, after the rename.
            Ok(_locked) => sync_folder(&self.path),
            Err(error) => {
                // The error tells why; that the rest cannot be removed either would add nothing.
                let _ = fs::remove_file(&self.partial);
                Err(error)
            }
        }
    }
}

/// Opens a file for writing from its start, with a lock that nobody else holds.
fn open_locked(path: &Path) -> io::Result<File> {
    loop {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another run is writing this file"));
            }
            // Some network file systems have no locks; a run is worth more than the guard.
            Err(TryLockError::Error(_)) => {}
        }
        // Between the opening and the lock, the run that held it may have given the file its final name.
        if is_at(&file, path) {
            file.set_len(0)?;
            return Ok(file);
        }
    }
}

/// Whether `path` leads to `file`.
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

/// Makes the new name last through a power cut, where the system can do so.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(folder) {
        Ok(folder) if cfg!(unix) => folder.sync_all(),
        _ => Ok(()),
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.as_mut().map_or(Ok(0), |writer| writer.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            // What is still in the buffer is not worth writing. The lock ends after the removal.
            let (_locked, _rest) = writer.into_parts();
            let _ = fs::remove_file(&self.partial);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.jsonl");
        fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.flush().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read(folder.path().join("records.jsonl.partial")).unwrap(), b"new");
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn two_runs_cannot_write_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        let first = AtomicFile::create(&path).unwrap();
        assert_eq!(AtomicFile::create(&path).unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        first.finish().unwrap();
        drop(AtomicFile::create(&path).unwrap());
        assert!(path.exists());
    }

    #[test]
    fn what_a_dead_run_left_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        fs::write(folder.path().join("run.json.partial"), "long leftovers of a killed run").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"{}").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"{}");
    }

    #[test]
    fn an_unfinished_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(AtomicFile::create(&folder.path().join("a")).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(AtomicFile::create(folder.path()).is_err());
        assert!(AtomicFile::create(&folder.path().join("missing/a")).is_err());
    }
}
