//! Sorted runs: more than memory holds, put in order through files.
//!
//! Whatever fills the memory is sorted and written as a run; in the end all runs are read side by side and merged
//! (Knuth, The Art of Computer Programming, volume 3, section 5.4). Runs are JSON Lines.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::marker::PhantomData;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::Serialize;

/// Runs that are merged at a time: each needs an open file and a buffer.
const FAN_IN: usize = 32;

/// What can be sorted in runs.
pub trait Keyed: Serialize + DeserializeOwned {
    /// What the order is by.
    type Key<'a>: Ord
    where
        Self: 'a;

    /// Where the item stands in the order.
    fn key(&self) -> Self::Key<'_>;
}

/// A run could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", path.display())]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// What happened.
    pub error: io::Error,
}

/// A folder for runs, empty at first, that is gone when it is dropped.
///
/// Whoever opens it makes sure that nobody else does; what a dead run left in it is removed.
#[derive(Debug)]
pub struct RunsFolder(PathBuf);

impl RunsFolder {
    /// The folder at `path`, which is created when something is written to it.
    pub fn new(path: PathBuf) -> Result<Self, Error> {
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error { path, error }),
            _ => Ok(RunsFolder(path)),
        }
    }
}

impl Drop for RunsFolder {
    fn drop(&mut self) {
        // What cannot be removed now is removed when the folder is opened again.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Sorted runs of one kind of item.
#[derive(Debug)]
pub struct Runs<T> {
    folder: PathBuf,
    name: &'static str,
    /// Files by the number of times that what is in them was merged.
    levels: Vec<Vec<PathBuf>>,
    written: usize,
    items: PhantomData<fn() -> T>,
}

impl<T: Keyed> Runs<T> {
    /// No runs yet; their files will be in `folder`, with `name` in front.
    pub fn new(folder: &RunsFolder, name: &'static str) -> Self {
        Runs { folder: folder.0.clone(), name, levels: Vec::new(), written: 0, items: PhantomData }
    }

    /// Number of runs that were written, merged ones included.
    pub fn written(&self) -> usize {
        self.written
    }

    /// Writes a run of `items`, which must be in order.
    pub fn add(&mut self, items: impl IntoIterator<Item = T>) -> Result<(), Error> {
        let mut run = self.write(items.into_iter().map(Ok))?;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(run);
            if self.levels[level].len() < FAN_IN {
                break;
            }
            let full = std::mem::take(&mut self.levels[level]);
            run = self.write(Merged::of(&full, Vec::new())?)?;
            for path in full {
                fs::remove_file(&path).map_err(|error| Error { path, error })?;
            }
        }
        Ok(())
    }

    /// All items in order, those of `rest` included, which must be in order. Equal keys follow one another.
    pub fn merged(&self, rest: Vec<T>) -> Result<Merged<T>, Error> {
        let files: Vec<PathBuf> = self.levels.iter().flatten().cloned().collect();
        Merged::of(&files, rest)
    }

    fn write(&mut self, items: impl Iterator<Item = Result<T, Error>>) -> Result<PathBuf, Error> {
        let path = self.folder.join(format!("{}-{}.jsonl", self.name, self.written));
        self.written += 1;
        let failed = |error| Error { path: path.clone(), error };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut file = BufWriter::with_capacity(1 << 16, File::create(&path).map_err(failed)?);
        for item in items {
            let item = item?;
            serde_json::to_writer(&mut file, &item).map_err(|e| failed(e.into()))?;
            file.write_all(b"\n").map_err(failed)?;
        }
        file.flush().map_err(failed)?;
        Ok(path)
    }
}

/// Items of several runs in order.
pub struct Merged<T> {
    sources: Vec<Source<T>>,
    /// The next item of each source that has one.
    heads: BinaryHeap<Reverse<Head<T>>>,
}

enum Source<T> {
    File(PathBuf, BufReader<File>),
    Memory(std::vec::IntoIter<T>),
}

impl<T: Keyed> Source<T> {
    fn next(&mut self) -> Option<Result<T, Error>> {
        match self {
            Source::Memory(items) => items.next().map(Ok),
            Source::File(path, reader) => {
                let mut line = Vec::new();
                let item = match reader.read_until(b'\n', &mut line) {
                    Ok(0) => return None,
                    Ok(_) => serde_json::from_slice(&line).map_err(io::Error::from),
                    Err(error) => Err(error),
                };
                Some(item.map_err(|error| Error { path: path.clone(), error }))
            }
        }
    }
}

impl<T: Keyed> Merged<T> {
    fn of(files: &[PathBuf], rest: Vec<T>) -> Result<Self, Error> {
        let mut sources = vec![Source::Memory(rest.into_iter())];
        for path in files {
            let file = File::open(path).map_err(|error| Error { path: path.clone(), error })?;
            sources.push(Source::File(path.clone(), BufReader::with_capacity(1 << 15, file)));
        }
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (source, items) in sources.iter_mut().enumerate() {
            if let Some(item) = items.next() {
                heads.push(Reverse(Head { item: item?, source }));
            }
        }
        Ok(Merged { sources, heads })
    }
}

impl<T: Keyed> Iterator for Merged<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse(head) = self.heads.pop()?;
        match self.sources[head.source].next() {
            Some(Ok(item)) => self.heads.push(Reverse(Head { item, source: head.source })),
            Some(Err(error)) => {
                self.heads.clear();
                return Some(Err(error));
            }
            None => {}
        }
        Some(Ok(head.item))
    }
}

/// The next item of a source.
struct Head<T> {
    item: T,
    source: usize,
}

impl<T: Keyed> Ord for Head<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.item.key().cmp(&other.item.key()).then_with(|| self.source.cmp(&other.source))
    }
}

impl<T: Keyed> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Keyed> PartialEq for Head<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Keyed> Eq for Head<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    impl Keyed for (u64, String) {
        type Key<'a> = u64;

        fn key(&self) -> u64 {
            self.0
        }
    }

    fn item(n: u64) -> (u64, String) {
        (n, format!("\"{n}\"\n😀"))
    }

    #[test]
    fn many_runs_come_out_as_one_order_and_leave_nothing() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("spill");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("n-7.jsonl"), "left by a run that was killed").unwrap();
        let folder = RunsFolder::new(path.clone()).unwrap();
        let mut runs = Runs::new(&folder, "n");
        // Three levels of merging, and numbers that occur in several runs.
        let count = (FAN_IN * FAN_IN + FAN_IN + 1) as u64;
        for run in 0..count {
            runs.add((0..3).map(|i| item((run * 7919 % count) + i * count))).unwrap();
        }
        assert_eq!(runs.levels.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
        let merged: Vec<_> = runs.merged(vec![item(0), item(5)]).unwrap().map(|i| i.unwrap()).collect();
        let mut expected: Vec<_> = (0..3 * count).chain([0, 5]).map(item).collect();
        expected.sort();
        assert_eq!(merged, expected);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 3, "files that were merged are gone");
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_run_that_cannot_be_read_is_an_error_that_names_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = RunsFolder::new(place.path().join("spill")).unwrap();
        let mut runs = Runs::new(&folder, "n");
        runs.add([item(1), item(2)]).unwrap();
        fs::write(place.path().join("spill/n-0.jsonl"), "[1,\"a\"]\n[2,").unwrap();
        let read: Vec<_> = runs.merged(Vec::new()).unwrap().collect();
        assert!(read.last().unwrap().as_ref().unwrap_err().to_string().contains("n-0.jsonl"));
    }

    #[test]
    fn nothing_is_written_where_nothing_is_added() {
        let place = tempfile::tempdir().unwrap();
        let folder = RunsFolder::new(place.path().join("spill")).unwrap();
        let runs = Runs::<(u64, String)>::new(&folder, "n");
        assert_eq!(runs.merged(vec![item(3)]).unwrap().map(|i| i.unwrap().0).collect::<Vec<_>>(), [3]);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
