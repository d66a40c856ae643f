//! What changed hands over time: land between a state and those before it, and seats in international organisations.

use std::collections::{HashMap, HashSet};

use super::folding::fold;
use super::tables::{date_in, first, last, Codes, Header, Kind, Row};
use crate::document::Date;

/// States before today's, and members of organisations.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// By the state, as an index of the codes.
    pub(crate) predecessors: HashMap<u16, Vec<Predecessor>>,
    /// In the order of the tables.
    pub(crate) members: Vec<Member>,
}

/// A power that held the land of a state before it.
#[derive(Debug)]
pub(crate) struct Predecessor {
    code: u16,
    time: Time,
    /// The places that were its own, folded; none named: all.
    places: HashSet<String>,
}

/// A member of an organisation.
#[derive(Debug)]
pub(crate) struct Member {
    /// The organisation.
    pub(crate) organisation: u16,
    /// The member.
    pub(crate) member: u16,
    pub(crate) time: Time,
    /// Index of the file.
    pub(crate) file: u16,
    /// Line in the file, from 1.
    pub(crate) line: u32,
}

/// From the first to the last day; open where none is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
}

impl Time {
    /// Whether it takes in some day that `date` may mean; without a date, today.
    pub(crate) fn holds(self, date: Option<Date>) -> bool {
        let Some(date) = date else { return self.to.is_none() };
        self.from.is_none_or(|f| first(f) <= last(date)) && self.to.is_none_or(|t| first(date) <= last(t))
    }

    /// Whether it ends before it begins.
    pub(crate) fn is_reversed(self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if first(from) > last(to))
    }

    /// Whether some day may lie in both.
    pub(crate) fn overlaps(self, other: Time) -> bool {
        let before = |x: Time, y: Time| matches!((x.to, y.from), (Some(to), Some(from)) if last(to) < first(from));
        !before(self, other) && !before(other, self)
    }
}

impl History {
    /// Whether a table with that header tells of the past.
    pub(crate) fn has(header: &Header<'_>) -> bool {
        let columns = |a: &str, b: &str| header.position(a) == Some(0) && header.position(b) == Some(1);
        columns("state", "predecessor") || columns("organisation", "member")
    }

    /// Enters when the state of a row of the table of states sat in the United Nations.
    pub(crate) fn read_seat(
        &mut self,
        header: &Header<'_>,
        fields: &[&str],
        row: &Row,
        codes: &mut Codes,
    ) -> Result<(), String> {
        let date = |name: &str| date_in(header.position(name).map_or("", |at| fields[at]));
        if let (Some(member), Some(from)) = (row.code, date("un_from")?) {
            let time = Time { from: Some(from), to: date("un_to")? };
            let organisation = codes.intern("INT/UN")?;
            self.members.push(Member { organisation, member, time, file: row.file, line: row.line });
        }
        Ok(())
    }

    /// Reads a line of such a table.
    pub(crate) fn read(
        &mut self,
        header: &Header<'_>,
        line: &str,
        codes: &mut Codes,
        (file, number): (u16, u32),
    ) -> Result<(), String> {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |name: &str| header.position(name).and_then(|at| fields.get(at)).copied().unwrap_or("");
        let date = |name: &str| date_in(field(name));
        if fields.len() != header.len() {
            return Err(format!("{} columns; the header has {}", fields.len(), header.len()));
        }
        let (a, b) = (codes.intern(fields[0])?, codes.intern(fields[1])?);
        let time = Time { from: date("from")?, to: date("to")? };
        if header.position("state").is_some() {
            let places = field("places").split(';').map(fold).filter(|p| !p.is_empty()).collect();
            self.predecessors.entry(a).or_default().push(Predecessor { code: b, time, places });
        } else {
            self.members.push(Member { organisation: a, member: b, time, file, line: number });
        }
        Ok(())
    }

    /// For whom what the row names counted on a date: places and bodies of a state that was not yet are of the one
    /// before it.
    pub(crate) fn code_on(&self, row: &Row, date: Option<Date>) -> Option<u16> {
        let code = row.code?;
        let people = matches!(row.kind, Kind::Person | Kind::Figure | Kind::Demonym);
        if date.is_none()
            || people
            || matches!(row.kind, Kind::State | Kind::Short | Kind::Group | Kind::Organisation | Kind::Seat)
        {
            return Some(code);
        }
        self.holder(code, date, || std::iter::once(&*row.name).chain(row.aliases()).map(fold).collect()).or(Some(code))
    }

    /// The power before a state that held a place of these folded names on a date.
    pub(crate) fn holder(&self, state: u16, date: Option<Date>, names: impl Fn() -> Vec<String>) -> Option<u16> {
        let held = |p: &&Predecessor| {
            p.time.holds(date) && (p.places.is_empty() || names().iter().any(|n| p.places.contains(n)))
        };
        date.and(self.predecessors.get(&state)?.iter().find(held)).map(|p| p.code)
    }
}
