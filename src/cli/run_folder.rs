//! The folder that a run writes: its results, and `run.json`, which says what they are of.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use serde_json::{json, Value};

use super::output::{create_folder, PartialFile};

/// Name of the file that says what a run was; it is there when the results beside it are whole.
const MANIFEST: &str = "run.json";

/// A folder that this run alone writes to.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Open and locked from the beginning, so that a second run into the folder is refused at once.
    manifest: PartialFile,
}

impl RunFolder {
    /// Opens the folder, creating it if need be.
    pub fn open(path: &Path, inputs: &[PathBuf]) -> Result<Self> {
        create_folder(path)?;
        let manifest = PartialFile::create(&path.join(MANIFEST))?;
        let folder = path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
        for input in inputs.iter().filter(|input| input.is_dir()) {
            // The results of one run would be the input of the next.
            if input.canonicalize().is_ok_and(|input| folder.starts_with(input)) {
                bail!(
                    "the output folder {} lies in the input {}; choose another with --out",
                    path.display(),
                    input.display()
                );
            }
        }
        Ok(RunFolder { path: path.to_owned(), manifest })
    }

    /// Begins to write a result.
    pub fn file(&self, name: &str) -> Result<PartialFile> {
        PartialFile::create(&self.path.join(name))
    }

    /// Path of the result `name`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Finishes the results, and last of all the manifest.
    pub fn finish(mut self, results: impl IntoIterator<Item = PartialFile>, manifest: &Value) -> Result<()> {
        self.manifest.write_with(|out| {
            serde_json::to_writer_pretty(&mut *out, manifest)?;
            std::io::Write::write_all(out, b"\n")
        })?;
        // Between the first rename and the last the folder would hold results of two runs under one manifest.
        let old = self.path.join(MANIFEST);
        if let Err(error) = fs::remove_file(&old) {
            if error.kind() != std::io::ErrorKind::NotFound {
                return Err(error).with_context(|| format!("cannot replace {}", old.display()));
            }
        }
        for result in results {
            result.finish()?;
        }
        self.manifest.finish()
    }
}

/// Versions of what makes the results, for the manifest.
pub fn versions() -> Value {
    json!({ "demarche": env!("CARGO_PKG_VERSION"), "libtorch": env!("DEMARCHE_LIBTORCH_VERSION") })
}
