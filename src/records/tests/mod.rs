//! Records from sketches of documents, and the properties that hold for any.

mod happenings;
mod properties;
mod rules;
