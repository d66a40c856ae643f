//! The documents of a run.

use demarche::corpus::read::{self, Documents};
use demarche::corpus::Reject;
use demarche::pipeline::Located;

use super::flags::InputFlags;

/// The documents that the flags name, each with its place.
pub fn documents(flags: &InputFlags) -> impl Iterator<Item = Result<Located, Reject>> + Send + 'static {
    let settings = read::Settings { given: flags.given.is_some(), ..read::Settings::default() };
    WithPlaces(read::read(flags.inputs.clone(), settings))
}

/// Adds to each document where it was read, so that it can be rejected later, too.
struct WithPlaces(Documents);

impl Iterator for WithPlaces {
    type Item = Result<Located, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let document = self.0.next()?;
        let (file, line) = self.0.place();
        Some(document.map(|document| Located { document, file: file.to_string_lossy().into_owned(), line }))
    }
}
