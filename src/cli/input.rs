//! The documents of a run.

use anyhow::Result;
use demarche::corpus::Reject;
use demarche::pipeline::Located;

use super::flags::InputFlags;

/// The documents that the flags name, each with its place.
pub fn documents(flags: &InputFlags) -> Result<impl Iterator<Item = Result<Located, Reject>> + Send + 'static> {
    let _ = flags;
    Ok(std::iter::empty())
}
