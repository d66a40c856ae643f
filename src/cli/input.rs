//! The documents of a run.

use std::fs;

use anyhow::Context;
use demarche::corpus::read;
use demarche::corpus::Reject;
use demarche::pipeline::Located;

use super::flags::InputFlags;
use super::labelled;

/// Documents with their places, and what could not be read.
pub type Documents = Box<dyn Iterator<Item = Result<Located, Reject>> + Send>;

/// The documents that the flags name, each with its place.
///
/// # Errors
/// When one of them is not there: that is a slip of the hand, not a document that cannot be read.
pub fn documents(flags: &InputFlags, quiet: bool) -> anyhow::Result<Documents> {
    for input in flags.inputs.iter().filter(|input| input.as_os_str() != "-") {
        fs::metadata(input).with_context(|| format!("cannot read {}", input.display()))?;
    }
    if let Some(from) = flags.from {
        return Ok(Box::new(labelled::inputs(labelled::files(&flags.inputs)?, from, flags.given, quiet)));
    }
    let settings = read::Settings { given: flags.given.is_some(), ..read::Settings::default() };
    Ok(Box::new(WithPlaces(read::read(flags.inputs.clone(), settings))))
}

/// Adds to each document where it was read, so that it can be rejected later, too.
struct WithPlaces(read::Documents);

impl Iterator for WithPlaces {
    type Item = Result<Located, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let document = self.0.next()?;
        let (file, line) = self.0.place();
        Some(document.map(|document| Located { document, file: file.to_string_lossy().into_owned(), line }))
    }
}
