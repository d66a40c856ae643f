//! What a reader has to say about labels that it could not take as they stand.

use std::fmt;
use std::path::Path;

/// Something that was left out, or read in another way than it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What it is.
    pub kind: RemarkKind,
    /// The file.
    pub file: String,
    /// The line that it, or its document, begins in.
    pub line: Option<usize>,
    /// Details, such as the label in question.
    pub detail: String,
}

/// Kinds of remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RemarkKind {
    /// A span is reversed, empty, out of range or within a character.
    BadSpan,
    /// The file says another text for a span than the one it covers.
    Slice,
    /// A span has a gap.
    Discontinuous,
    /// A label has no counterpart.
    UnknownLabel,
    /// Something refers to a span that is not there.
    Dangling,
    /// An `I-` has nothing to go on with in a file whose names begin with `B-`.
    LooseTag,
    /// An annotation is of a sort that has no counterpart.
    Unread,
    /// The annotators did not accept a document or a version of it.
    NotAccepted,
    /// The form does not say what a label would be.
    Assumed,
}

impl RemarkKind {
    /// What the kind means, for a message.
    pub const fn describe(self) -> &'static str {
        match self {
            RemarkKind::BadSpan => "a span that is not one of the text: left out",
            RemarkKind::Slice => "the text given for a span is not what it covers: the span counts",
            RemarkKind::Discontinuous => "a span with a gap: read as one from its start to its end",
            RemarkKind::UnknownLabel => "a label that is not known: left out",
            RemarkKind::Dangling => "refers to a span that is not there: left out",
            RemarkKind::LooseTag => "I- without a B- before it, in a file that has B- elsewhere: begins a mention",
            RemarkKind::Unread => "an annotation of a sort that has no counterpart: left out",
            RemarkKind::NotAccepted => "not accepted by the annotator: left out",
            RemarkKind::Assumed => "not said by the file: assumed",
        }
    }

    /// Whether it is a fault of the file, rather than a limit of its form.
    pub const fn is_fault(self) -> bool {
        !matches!(self, RemarkKind::NotAccepted | RemarkKind::Assumed)
    }
}

impl fmt::Display for Remark {
    /// The place and the details.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// Where a document begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub file: &'a Path,
    pub line: Option<usize>,
}

impl Place<'_> {
    pub fn remark(self, kind: RemarkKind, detail: impl fmt::Display) -> Remark {
        Remark { kind, file: self.file.display().to_string(), line: self.line, detail: detail.to_string() }
    }

    /// The id of a document that bears none.
    pub fn default_id(self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file.display()),
            None => self.file.display().to_string(),
        }
    }
}
