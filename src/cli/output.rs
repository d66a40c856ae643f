//! Finished files or none, standard output, and what to do when they cannot be written.

use std::fmt;
use std::fs;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, Context, Result};
use demarche::corpus::atomic::AtomicFile;
use demarche::corpus::runs;
use serde::Serialize;

/// A file that is there whole or not at all (I4); errors name it and say what to do.
#[derive(Debug)]
pub struct PartialFile {
    path: PathBuf,
    file: AtomicFile,
}

impl PartialFile {
    /// Begins to write `path`.
    pub fn create(path: &Path) -> Result<Self> {
        let file = AtomicFile::create(path).map_err(|e| cannot_write(path, e))?;
        Ok(PartialFile { path: path.to_owned(), file })
    }

    /// Writes everything to the disk and gives the file its name.
    pub fn finish(self) -> Result<()> {
        self.file.finish().map_err(|e| cannot_write(&self.path, e))
    }

    /// Where the unfinished file is, for what must open it by name.
    pub fn partial(&self) -> &Path {
        self.file.partial()
    }

    /// Writes with `write`.
    pub fn write_with(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        write(&mut self.file).map_err(|e| cannot_write(&self.path, e))
    }

    /// Writes `value` as a line of JSON.
    pub fn write_json_line(&mut self, value: &impl Serialize) -> Result<()> {
        self.write_with(|out| {
            serde_json::to_writer(&mut *out, value)?;
            out.write_all(b"\n")
        })
    }
}

/// For what writes by itself; its errors do not name the file.
impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn cannot_write(path: &Path, error: io::Error) -> anyhow::Error {
    use io::ErrorKind as Kind;
    let remedy = match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => "make room on that disk and run again",
        Kind::ResourceBusy => "wait until it is done or choose another place with --out",
        _ => "choose another place with --out",
    };
    anyhow!("cannot write {}: {error}; {remedy}", path.display())
}

/// What to say when the work waits on the disk and cannot.
pub fn cannot_spill(error: runs::Error) -> anyhow::Error {
    cannot_write(&error.path, error.error)
}

/// Creates the folder that results go to.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path)
        .map_err(|e| anyhow!("cannot create the output folder {}: {e}; choose another with --out", path.display()))
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
            Output::File(file) => file.write_with(write),
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
