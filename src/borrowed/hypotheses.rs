//! The user's hypotheses on pairs of actors, from a TOML file.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;

use crate::document::{Act, Event, Modality, Stance};

/// Least probability of a hypothesis unless the file says another.
const THRESHOLD: f32 = 0.5;
/// Where the name of the source goes.
const SOURCE: &str = "{src}";
/// Where the name of the target goes.
const TARGET: &str = "{tgt}";

/// A file of hypotheses that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HypothesesError {
    /// The file cannot be read.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It is no TOML, or has other fields than it should.
    #[error("{path}: {reason}; expected a line `threshold = 0.5`, if any, and tables [[hypothesis]] with text, event, act, stance, modality")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A hypothesis says what it should not.
    #[error("{path}: hypothesis {number} ({text:?}): {reason}")]
    Entry {
        /// The file.
        path: PathBuf,
        /// Which one, counted from 1.
        number: usize,
        /// Its text.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A statement on a source and a target, and what is so when a text entails it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// The statement, with `{src}` and `{tgt}` for the names.
    pub text: String,
    /// PLOVER root class.
    pub event: Event,
    /// What it is about.
    pub act: Act,
    /// Stance of the source towards the target.
    pub stance: Stance,
    /// Whether it happened.
    pub modality: Modality,
    /// Least probability of the statement.
    pub threshold: f32,
}

impl Hypothesis {
    /// The statement with the names in it.
    pub fn with_names(&self, src: &str, tgt: &str) -> String {
        // Part by part: a name may itself look like a placeholder.
        let parts = self.text.split(SOURCE).map(|part| part.replace(TARGET, tgt));
        parts.collect::<Vec<_>>().join(src)
    }
}

/// Hypotheses, at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypotheses {
    /// The file.
    pub path: PathBuf,
    /// What it holds, in its order.
    pub all: Vec<Hypothesis>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    threshold: Option<f32>,
    #[serde(default)]
    hypothesis: Vec<WrittenHypothesis>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHypothesis {
    text: String,
    event: String,
    act: String,
    stance: String,
    modality: String,
    threshold: Option<f32>,
}

impl Hypotheses {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self, HypothesesError> {
        let content = fs::read_to_string(path).map_err(|cause| HypothesesError::Io { path: path.into(), cause })?;
        let form = |reason: String| HypothesesError::Form { path: path.into(), reason };
        // The message of a TOML error shows the place over several lines.
        let one_line = |e: toml::de::Error| e.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        let written: Written = toml::from_str(&content).map_err(|e| form(one_line(e)))?;
        if written.hypothesis.is_empty() {
            return Err(form("no hypothesis in it".to_owned()));
        }
        let threshold = written.threshold.unwrap_or(THRESHOLD);
        let check = |(number, entry): (usize, WrittenHypothesis)| {
            let text = entry.text.clone();
            entry.check(threshold).map_err(|reason| HypothesesError::Entry { path: path.into(), number, text, reason })
        };
        let all = (1..).zip(written.hypothesis).map(check).collect::<Result<_, _>>()?;
        Ok(Hypotheses { path: path.to_owned(), all })
    }
}

impl WrittenHypothesis {
    fn check(self, threshold: f32) -> Result<Hypothesis, String> {
        for name in [SOURCE, TARGET] {
            if !self.text.contains(name) {
                return Err(format!("its text lacks {name}"));
            }
        }
        if self.text.replace(SOURCE, "").replace(TARGET, "").contains(['{', '}']) {
            return Err(format!("its text has braces other than those of {SOURCE} and {TARGET}"));
        }
        let threshold = self.threshold.unwrap_or(threshold);
        if !(0.0..=1.0).contains(&threshold) {
            return Err(format!("threshold {threshold} is no probability"));
        }
        Ok(Hypothesis {
            event: label(&self.event.to_uppercase())?,
            act: label(&self.act)?,
            stance: label(&self.stance)?,
            modality: label(&self.modality)?,
            text: self.text,
            threshold,
        })
    }
}

fn label<T: FromStr<Err: Display>>(name: &str) -> Result<T, String> {
    name.parse().map_err(|e: T::Err| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_where_their_placeholders_are_whatever_they_look_like() {
        let hypothesis = Hypothesis {
            text: "{src} met {tgt}, and {tgt} met {src}.".to_owned(),
            event: Event::Consult,
            act: Act::ContactMeet,
            stance: Stance::Neutral,
            modality: Modality::Actual,
            threshold: 0.5,
        };
        assert_eq!(hypothesis.with_names("A", "B"), "A met B, and B met A.");
        assert_eq!(hypothesis.with_names("{tgt}", "{src}"), "{tgt} met {src}, and {src} met {tgt}.");
    }
}
