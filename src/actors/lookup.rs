//! Looking one name up, without a document.

use super::knowledge::KnowledgeBase;
use super::readings::readings_of_name;
use super::tables::{Kind, Row};
use crate::document::{ActorCode, Date, Probability};

/// Something that a name may mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The actor; none for what is known to be no actor, or to be known only by its document.
    pub code: Option<ActorCode>,
    /// The name by which the actor is known.
    pub name: String,
    /// How likely the reading is, all else being equal.
    pub score: Probability,
    /// Kind of the name, office and time, and where it is written.
    pub why: String,
}

impl KnowledgeBase {
    /// The name of a state or group, for readers; the code of an organisation says as much as its name.
    pub fn name_of(&self, code: &ActorCode) -> Option<&str> {
        let named = |row: &&Row| matches!(row.kind, Kind::State | Kind::Group) && self.code(row) == Some(code);
        self.rows.iter().find(named).map(|row| &*row.name)
    }

    /// What `name` may mean on `date` (without one: today), likeliest first.
    pub fn lookup(&self, name: &str, date: Option<Date>) -> Vec<Candidate> {
        readings_of_name(self, name, date)
            .into_iter()
            .map(|r| {
                let row = &self.rows[r.row as usize];
                let mut why = row.kind.name().to_owned();
                if !row.office.is_empty() {
                    why.push_str(&format!(", {}", row.office));
                }
                if row.from.is_some() || row.to.is_some() {
                    let day = |d: Option<Date>| d.map_or(String::new(), |d| d.to_string());
                    why.push_str(&format!(", {} to {}", day(row.from), day(row.to)));
                }
                if !row.holds(date) {
                    why.push_str(", not then");
                }
                why.push_str(&format!(" ({}:{})", self.files[usize::from(row.file)], row.line));
                Candidate {
                    code: self.code(row).cloned(),
                    name: row.name.to_string(),
                    score: Probability::new(r.score),
                    why,
                }
            })
            .collect()
    }
}
