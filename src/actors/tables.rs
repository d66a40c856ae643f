//! The tables of the knowledge base: tab-separated, a header line, one row an actor's name.

use std::collections::HashMap;

use super::history::Time;
use crate::document::{ActorCode, Date};

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file or folder cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file or folder.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line that cannot be understood.
    #[error("{path}:{line}: {message}")]
    Line {
        /// The file.
        path: String,
        /// Line number from 1.
        line: usize,
        /// What is wrong and what was expected.
        message: String,
    },
    /// The folder holds no table.
    #[error("{path}: no .tsv table found; expected the knowledge base, such as models/actors")]
    Empty {
        /// The folder.
        path: String,
    },
}

macro_rules! kinds {
    ($($variant:ident = $name:literal, $prior:literal, $doc:literal;)+) => {
        /// What kind of name a row gives to its actor.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $(#[doc = $doc] $variant,)+ }

        impl Kind {
            /// The name used in the tables.
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name,)+ }
            }

            /// How likely the reading is when a name has several, all else being equal.
            pub(crate) const fn prior(self) -> f32 {
                match self { $(Kind::$variant => $prior,)+ }
            }

            fn parse(s: &str) -> Option<Kind> {
                match s { $($name => Some(Kind::$variant),)+ _ => None }
            }
        }
    };
}

kinds! {
    State = "state", 1.0, "A state, present or past, by one of its names";
    Demonym = "demonym", 0.98, "Its adjective, its people";
    Capital = "capital", 0.96, "Its capital, which also stands for its government";
    Seat = "seat", 0.9, "A city that stands for a power other than its state when it acts";
    Short = "short", 0.9, "A short name that needs its actor elsewhere in the document (the South, the Islamic Republic)";
    Government = "government", 0.95, "A house of government that stands for it";
    Ministry = "ministry", 0.9, "A ministry known by a name of its own";
    Parliament = "parliament", 0.9, "A parliament or a chamber of it";
    Army = "army", 0.9, "Armed forces";
    Police = "police", 0.9, "A police force";
    Intelligence = "intelligence", 0.9, "A secret service";
    Court = "court", 0.9, "A court or prosecution";
    Bank = "bank", 0.9, "A central or state bank";
    Agency = "agency", 0.85, "Another public body";
    Church = "church", 0.85, "A church or other religious body";
    Party = "party", 0.85, "A political party or movement within the law";
    Organisation = "organisation", 0.97, "An international organisation";
    Group = "group", 0.95, "An armed group, de facto power or part of a state that acts for itself";
    Company = "company", 0.8, "A company, university or association";
    Media = "media", 0.85, "A news agency, newspaper or broadcaster";
    Region = "region", 0.8, "A region, town or place";
    City = "city", 0.5, "A city";
    Person = "person", 0.95, "A person who holds or held an office";
    Figure = "figure", 0.9, "A person in the news, whom only the full name tells";
    Nature = "nature", 0.9, "A sea, river, continent or disputed place: no actor";
    Other = "other", 0.9, "A faith, language, event, treaty or make: no actor";
    Generic = "generic", 0.9, "A body that many states have, known only by context";
    Title = "title", 0.0, "A word of a title or trade";
    Ambiguous = "ambiguous", 0.0, "A name that actors of one time share, known to be told apart by the document alone";
}

/// A row of a table.
#[derive(Debug, Clone)]
pub struct Row {
    /// The actor, as an index of the code table; none for what is no actor or known only by context.
    pub(crate) code: Option<u16>,
    /// What kind of name it is.
    pub(crate) kind: Kind,
    /// The name by which the actor is known.
    pub(crate) name: Box<str>,
    /// The office of a person.
    pub(crate) office: Box<str>,
    /// First day that the name means this actor.
    pub(crate) from: Option<Date>,
    /// Last day.
    pub(crate) to: Option<Date>,
    /// First day that a group governs in fact.
    pub(crate) governs: Option<Date>,
    /// Inhabitants of a city.
    pub(crate) population: u32,
    /// Further names, separated by `;`.
    aliases: Box<str>,
    /// Where the row comes from.
    pub(crate) source: Box<str>,
    /// Index of the file.
    pub(crate) file: u16,
    /// Line in the file, from 1.
    pub(crate) line: u32,
}

impl Row {
    /// Further names of the actor.
    pub(crate) fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.split(';').map(str::trim).filter(|a| !a.is_empty())
    }

    /// Whether the row holds on `date`; without a date, whether it holds to this day.
    pub(crate) fn holds(&self, date: Option<Date>) -> bool {
        Time { from: self.from, to: self.to }.holds(date)
    }

    /// Years between `date` and the time in which the row holds; 0 inside.
    pub(crate) fn years_away(&self, date: Option<Date>) -> i32 {
        let Some(date) = date else { return i32::from(self.to.is_some()) };
        if self.holds(Some(date)) {
            return 0;
        }
        let year = i32::from(date.year());
        let before = self.from.map_or(0, |f| i32::from(f.year()) - year);
        let after = self.to.map_or(0, |t| year - i32::from(t.year()));
        before.max(after).max(1)
    }
}

/// First day that a date may mean, as a number that orders days.
pub(crate) fn first(d: Date) -> i32 {
    i32::from(d.year()) * 10_000 + i32::from(d.month().unwrap_or(1)) * 100 + i32::from(d.day_of_month().unwrap_or(1))
}

/// Last day that a date may mean.
pub(crate) fn last(d: Date) -> i32 {
    i32::from(d.year()) * 10_000 + i32::from(d.month().unwrap_or(12)) * 100 + i32::from(d.day_of_month().unwrap_or(31))
}

/// All codes that rows use, each once.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    pub(crate) list: Vec<ActorCode>,
    index: HashMap<Box<str>, u16>,
}

impl Codes {
    /// The index of a code, if any row uses it.
    pub(crate) fn get(&self, s: &str) -> Option<u16> {
        self.index.get(s).copied()
    }

    /// The index of a code, entered when new.
    pub(crate) fn intern(&mut self, s: &str) -> Result<u16, String> {
        if let Some(&ix) = self.index.get(s) {
            return Ok(ix);
        }
        let code: ActorCode = s.parse().map_err(|e: crate::document::BadActorCode| e.to_string())?;
        let ix = u16::try_from(self.list.len()).map_err(|_| "more than 65,536 codes".to_owned())?;
        self.list.push(code);
        self.index.insert(s.into(), ix);
        Ok(ix)
    }
}

/// What the file is about, by the columns of its header.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    columns: Vec<&'a str>,
}

impl<'a> Header<'a> {
    /// Splits the header line.
    pub(crate) fn new(line: &'a str) -> Self {
        Header { columns: line.split('\t').collect() }
    }

    /// Position of a column.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| *c == name)
    }

    /// Number of columns.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }
}

/// Numbers of a state in the data sets of political science.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateNumbers {
    /// Of the Correlates of War project.
    pub cow: Option<u16>,
    /// Of Gleditsch and Ward.
    pub gw: Option<u16>,
}

/// Positions of the columns that a table of actors may have.
pub(crate) struct Columns {
    code: usize,
    kind: usize,
    name: usize,
    aliases: Option<usize>,
    office: Option<usize>,
    from: Option<usize>,
    to: Option<usize>,
    governs: Option<usize>,
    population: Option<usize>,
    cow: Option<usize>,
    gw: Option<usize>,
    source: Option<usize>,
}

impl Columns {
    /// Reads the header of a table of actors.
    pub(crate) fn of(header: &Header<'_>) -> Result<Self, String> {
        let need = |name: &str| {
            header
                .position(name)
                .ok_or_else(|| format!("the header has no column {name:?}; expected at least code, kind, name"))
        };
        Ok(Columns {
            code: need("code")?,
            kind: need("kind")?,
            name: need("name")?,
            aliases: header.position("aliases"),
            office: header.position("office"),
            from: header.position("from"),
            to: header.position("to"),
            governs: header.position("governs"),
            population: header.position("population"),
            cow: header.position("cow"),
            gw: header.position("gw"),
            source: header.position("source"),
        })
    }

    /// The numbers of the state in a line, where the table has any.
    pub(crate) fn numbers(&self, fields: &[&str]) -> Result<StateNumbers, String> {
        let number = |at: Option<usize>| match at.map_or("", |i| fields[i]) {
            "" => Ok(None),
            n => n.parse().map(Some).map_err(|_| format!("the state's number {n:?} is no number below 65,536")),
        };
        Ok(StateNumbers { cow: number(self.cow)?, gw: number(self.gw)? })
    }
}

/// Reads one line of a table of actors.
pub(crate) fn row(fields: &[&str], columns: &Columns, codes: &mut Codes, file: u16, line: u32) -> Result<Row, String> {
    let field = |at: Option<usize>| at.and_then(|i| fields.get(i)).copied().unwrap_or("");
    let date = |at: Option<usize>| date_in(field(at));
    let code = match fields[columns.code] {
        "-" => None,
        c => Some(codes.intern(c)?),
    };
    let kind = Kind::parse(fields[columns.kind]).ok_or_else(|| format!("unknown kind {:?}", fields[columns.kind]))?;
    let population = match field(columns.population) {
        "" => 0,
        p => p.parse().map_err(|_| format!("population {p:?} is no number"))?,
    };
    let row = Row {
        code,
        kind,
        name: fields[columns.name].into(),
        office: field(columns.office).into(),
        from: date(columns.from)?,
        to: date(columns.to)?,
        governs: date(columns.governs)?,
        population,
        aliases: field(columns.aliases).into(),
        source: field(columns.source).into(),
        file,
        line,
    };
    if row.name.is_empty() {
        return Err("the name is empty".to_owned());
    }
    Ok(row)
}

/// The date that a cell holds; an empty one holds none.
pub(crate) fn date_in(cell: &str) -> Result<Option<Date>, String> {
    match cell {
        "" => Ok(None),
        date => date.parse::<Date>().map(Some).map_err(|e| e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_states_are_read_or_refused() {
        let columns = Columns::of(&Header::new("code\tkind\tname\tcow\tgw")).unwrap();
        let numbers = |cow, gw| columns.numbers(&["KIR", "state", "Kiribati", cow, gw]);
        assert_eq!(numbers("946", "970"), Ok(StateNumbers { cow: Some(946), gw: Some(970) }));
        assert_eq!(numbers("", ""), Ok(StateNumbers::default()));
        assert!(numbers("9a", "").unwrap_err().contains("\"9a\""));
    }
}
