//! Looking one name up, without a document.

use super::folding::fold;
use super::knowledge::KnowledgeBase;
use super::readings::readings_of_name;
use super::tables::{Kind, Row};
use crate::document::{ActorCode, Date, Probability};

/// How likely a small town is meant without a document.
const TOWN: f32 = 0.2;

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

/// That an actor sits in an international organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership<'a> {
    /// The organisation.
    pub organisation: &'a ActorCode,
    /// The member.
    pub member: &'a ActorCode,
    /// First day, if known.
    pub from: Option<Date>,
    /// Last day; none where it sits there to this day.
    pub to: Option<Date>,
}

impl KnowledgeBase {
    /// The members that an organisation has on `date` (without one: today), or the organisations of which another actor
    /// is a member, in the order of their codes.
    pub fn memberships(&self, code: &ActorCode, date: Option<Date>) -> Vec<Membership<'_>> {
        let Some(code) = self.codes.get(code.as_str()) else { return Vec::new() };
        let of = |ix: u16| &self.codes.list[usize::from(ix)];
        let mut out: Vec<Membership<'_>> = self
            .history
            .members
            .iter()
            .filter(|m| (m.organisation == code || m.member == code) && m.time.holds(date))
            .map(|m| Membership {
                organisation: of(m.organisation),
                member: of(m.member),
                from: m.time.from,
                to: m.time.to,
            })
            .collect();
        out.sort_by_key(|m| (m.organisation, m.member));
        out
    }

    /// The name of a state or group, for readers; the code of an organisation says as much as its name.
    pub fn name_of(&self, code: &ActorCode) -> Option<&str> {
        let named = |row: &&Row| matches!(row.kind, Kind::State | Kind::Group) && self.code(row) == Some(code);
        self.rows.iter().find(named).map(|row| &*row.name)
    }

    /// What `name` may mean on `date` (without one: today), likeliest first.
    pub fn lookup(&self, name: &str, date: Option<Date>) -> Vec<Candidate> {
        let known = readings_of_name(self, name, date).into_iter().map(|r| {
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
            let code = r.code.map(|c| self.codes.list[usize::from(c)].clone());
            Candidate { code, name: row.name.to_string(), score: Probability::new(r.score), why }
        });
        let towns = self.towns_named(&fold(name)).into_iter().map(|(code, population)| Candidate {
            code: Some(self.codes.list[usize::from(code)].clone()),
            name: name.to_owned(),
            score: Probability::new(TOWN),
            why: format!("town of {population}, only where the document has nothing better"),
        });
        known.chain(towns).collect()
    }
}
