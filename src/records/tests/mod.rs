//! Records from sketches of documents, and the properties that hold for any.

mod properties;
mod rules;
