//! Readers and writers of documents and annotations.
//!
//! Files count Unicode scalar values and the program counts bytes: [`offsets`] converts, here and
//! nowhere else. What cannot be read costs one document and becomes a [`Reject`].
//!
//! | module | form |
//! |---|---|
//! | [`mod@read`] | documents: text, JSON Lines, tables and web pages, from files, folders and standard input |
//! | [`inline`] | the project's annotated corpus, mentions marked in the text |
//! | [`standoff`] | `annotations.jsonl`, the form of gold and prediction alike |
//! | [`pairs`] | sentences with one directed pair and its event |
//! | [`formats`] | labelled documents in these and other tools' forms, read and written |
//! | [`atomic`] | finished files of any form |
//! | [`runs`] | items that are put in order through files, for memory does not hold them |

pub mod atomic;
pub mod formats;
pub mod inline;
mod lines;
mod malformed;
pub mod offsets;
pub mod pairs;
pub mod read;
mod reject;
pub mod runs;
mod source;
pub mod standoff;
mod utf16;

pub use lines::read_lines;
pub use malformed::Malformed;
pub use reject::Reject;
