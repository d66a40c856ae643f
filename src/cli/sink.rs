//! Where labelled documents are written to: a file, standard output or a folder.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{bail, Result};
use demarche::corpus::formats::{brat_configuration, BratFiles, Format, Labelled, Losses, Rendering, Writer};

use super::output::{create_folder, Output, PartialFile};

/// Writes documents in one form.
pub struct Sink {
    writer: Writer,
    place: Place,
}

enum Place {
    /// A file of all documents.
    Stream(Output),
    /// A folder with two files for each, and the names that are taken.
    Folder(PathBuf, HashSet<String>),
}

impl Sink {
    /// Begins to write to `out`; brat needs a folder.
    pub fn open(to: Format, out: Option<&Path>) -> Result<Self> {
        let place = match (to, out) {
            (Format::Brat, None) => {
                bail!("brat has two files for each document; name a folder for them with --out DIR")
            }
            (Format::Brat, Some(folder)) => {
                create_folder(folder)?;
                Place::Folder(folder.to_owned(), HashSet::new())
            }
            (_, out) => Place::Stream(Output::open(out)?),
        };
        Ok(Sink { writer: Writer::new(to), place })
    }

    /// Writes a document.
    pub fn add(&mut self, document: &Labelled) -> Result<()> {
        match (self.writer.add(document), &mut self.place) {
            (Rendering::Part(part), Place::Stream(output)) => output.write_with(|out| out.write_all(part.as_bytes())),
            (Rendering::Files(files), Place::Folder(folder, taken)) => write_files(folder, taken, &files),
            (rendering, _) => bail!("{rendering:?} has no place here"),
        }
    }

    /// Ends the writing; tells what the form could not express.
    pub fn finish(self) -> Result<Losses> {
        match self.place {
            Place::Stream(mut output) => {
                output.write_with(|out| out.write_all(self.writer.end().as_bytes()))?;
                output.finish()?;
            }
            Place::Folder(folder, _) => write_file(&folder.join("annotation.conf"), &brat_configuration())?,
        }
        Ok(self.writer.losses().clone())
    }
}

fn write_files(folder: &Path, taken: &mut HashSet<String>, files: &BratFiles) -> Result<()> {
    let numbered = (2..).map(|number| format!("{}-{number}", files.name));
    let name = std::iter::once(files.name.clone()).chain(numbered).find(|name| taken.insert(name.to_lowercase()));
    let name = name.unwrap_or_default();
    write_file(&folder.join(format!("{name}.txt")), &files.text)?;
    write_file(&folder.join(format!("{name}.ann")), &files.annotations)
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    let mut file = PartialFile::create(path)?;
    file.write_with(|out| out.write_all(text.as_bytes()))?;
    file.finish()
}
