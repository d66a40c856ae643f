//! What is wrong or doubtful in the tables of a knowledge base.

use std::collections::{HashMap, HashSet};

use super::folding::fold;
use super::history::{Member, Time};
use super::knowledge::KnowledgeBase;
use super::tables::{first, last, Kind, Row};

/// Something to mend in a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The table.
    pub file: String,
    /// Line in the table, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Years for which two people may hold one office: successors are entered by the month, and rivals claim it.
const OVERLAP_YEARS: i32 = 2;

impl KnowledgeBase {
    /// Reversed dates, codes of no state or power, rows out of order or twice, names that two actors bear with nothing
    /// to tell them apart, and offices that two people hold at once; in the order of files and lines.
    pub fn lint(&self) -> Vec<Finding> {
        let mut out: Vec<Finding> = Vec::new();
        out.extend(self.rows.iter().flat_map(|row| self.lint_row(row)));
        out.extend(self.rows.windows(2).filter_map(|pair| self.lint_order(&pair[0], &pair[1])));
        out.extend(self.lint_names());
        out.extend(self.lint_offices());
        out.extend(self.lint_codes());
        out.extend(self.lint_sorted_tables());
        out.extend(self.lint_members());
        out.sort();
        out.dedup();
        out
    }

    fn finding(&self, row: &Row, message: String) -> Finding {
        Finding { file: self.files[usize::from(row.file)].clone(), line: row.line as usize, message }
    }

    fn lint_row(&self, row: &Row) -> Vec<Finding> {
        let mut out = Vec::new();
        if let (Some(from), Some(to)) = (row.from, row.to) {
            if first(from) > last(to) {
                out.push(self.finding(row, format!("{} ends on {to}, before it begins on {from}", row.name)));
            }
        }
        if let (Some(from), Some(governs)) = (row.from, row.governs) {
            if last(governs) < first(from) {
                out.push(self.finding(row, format!("{} governs from {governs}, before it begins on {from}", row.name)));
            }
        }
        if let Some(code) = self.code(row).filter(|c| c.country() != "INT" && !self.has_state(c.country())) {
            out.push(self.finding(row, format!("{code}: no table of states has {}", code.country())));
        }
        if matches!(row.kind, Kind::Person | Kind::Figure) && row.office.is_empty() {
            out.push(self.finding(row, format!("{} has no office", row.name)));
        }
        if row.name.trim() != &*row.name {
            out.push(self.finding(row, format!("blanks around {:?}", row.name)));
        }
        let mut names = HashSet::from([&*row.name]);
        if let Some(twice) = row.aliases().find(|a| !names.insert(a)) {
            out.push(self.finding(row, format!("{twice:?} stands twice in one line")));
        }
        out
    }

    /// Tables are sorted by code, kind and name, so that a change shows where one looks for it.
    fn lint_order(&self, a: &Row, b: &Row) -> Option<Finding> {
        let key = |r: &Row| (self.code(r).map(|c| c.as_str().to_owned()), r.kind.name(), r.name.clone());
        let reversed = a.file == b.file && key(a) > key(b);
        reversed.then(|| {
            self.finding(b, format!("{} stands behind {}; rows are sorted by code, kind, name", b.name, a.name))
        })
    }

    /// Names of states and peoples, of groups and of organisations must tell one actor at a time; that the document
    /// alone tells them apart is said by a row of the kind `ambiguous`.
    fn lint_names(&self) -> Vec<Finding> {
        let mut out = Vec::new();
        for (name, rows) in &self.all_names() {
            let rows: Vec<&Row> = rows.iter().map(|&r| &self.rows[r as usize]).collect();
            for (n, b) in rows.iter().enumerate() {
                for a in &rows[..n] {
                    let both = |k: &[Kind]| k.contains(&a.kind) && k.contains(&b.kind);
                    let doubtful = both(&[Kind::State, Kind::Demonym]) || both(&[Kind::Group, Kind::Organisation]);
                    if doubtful && a.code != b.code && overlap(a, b) && !self.ambiguous.contains(name.as_str()) {
                        let codes: Vec<&str> = [a, b].iter().filter_map(|r| self.code(r)).map(|c| c.as_str()).collect();
                        let codes = codes.join(" and ");
                        out.push(
                            self.finding(b, format!("{name:?} is {codes} at one time, and no row says ambiguous")),
                        );
                    }
                    let same = a.code == b.code && a.kind == b.kind && a.name == b.name && a.office == b.office;
                    if same && a.file == b.file && overlap(a, b) {
                        out.push(self.finding(b, format!("{} stands in line {} already", b.name, a.line)));
                    }
                }
            }
        }
        out
    }

    /// Powers and organisations must have a row of their own: a code that only people and places bear is a slip of the
    /// pen.
    fn lint_codes(&self) -> Vec<Finding> {
        let own = |k: Kind| {
            !matches!(
                k,
                Kind::Person
                    | Kind::Figure
                    | Kind::City
                    | Kind::Region
                    | Kind::Capital
                    | Kind::Seat
                    | Kind::Demonym
                    | Kind::Media
            )
        };
        let powers: HashSet<u16> = self.rows.iter().filter(|r| own(r.kind)).filter_map(|r| r.code).collect();
        let mut told = HashSet::new();
        let unknown = |row: &&Row| {
            let code = row.code.filter(|c| !powers.contains(c) && !self.codes.list[usize::from(*c)].is_state());
            code.is_some_and(|c| told.insert(c))
        };
        let unknown: Vec<&Row> = self.rows.iter().filter(unknown).collect();
        let say = |row: &Row| {
            let code = self.code(row).map_or("", |c| c.as_str());
            self.finding(row, format!("{code}: no group, organisation or body has that code, only people and places"))
        };
        unknown.into_iter().map(say).collect()
    }

    /// Long tables are searched where they lie, so they must be in order; their states must be known.
    fn lint_sorted_tables(&self) -> Vec<Finding> {
        let mut out = Vec::new();
        for table in self.homes.iter().chain(&self.towns) {
            let mut before = String::new();
            let mut find = |line: u32, message: String| {
                let file = self.files[usize::from(table.file)].clone();
                out.push(Finding { file, line: line as usize, message });
            };
            for (line, text) in table.lines() {
                let mut columns = text.split('\t');
                let name = fold(columns.next().unwrap_or(""));
                if name < before {
                    find(line, format!("{name:?} stands behind {before:?}; lines are sorted by the folded name"));
                }
                for code in columns.next().unwrap_or("").split(' ') {
                    if self.codes.get(code).is_none() {
                        find(line, format!("no table of states has {code:?}"));
                    }
                }
                before = name;
            }
        }
        out
    }

    /// Members sit in organisations that have a row, leave after they enter, and sit there once at a time.
    fn lint_members(&self) -> Vec<Finding> {
        let organisations: HashSet<u16> =
            self.rows.iter().filter(|r| r.kind == Kind::Organisation).filter_map(|r| r.code).collect();
        let mut out = Vec::new();
        let mut seats: HashMap<(u16, u16), Vec<&Member>> = HashMap::new();
        for m in &self.history.members {
            let code = |ix: u16| &self.codes.list[usize::from(ix)];
            let mut find = |message: String| {
                let file = self.files[usize::from(m.file)].clone();
                out.push(Finding { file, line: m.line as usize, message });
            };
            if !organisations.contains(&m.organisation) {
                find(format!("{}: no row of an organisation has that code", code(m.organisation)));
            }
            if m.time.is_reversed() {
                find(format!("{} leaves {} before it enters", code(m.member), code(m.organisation)));
            }
            let others = seats.entry((m.organisation, m.member)).or_default();
            if others.iter().any(|o| o.time.overlaps(m.time)) {
                find(format!("{} sits in {} twice at one time", code(m.member), code(m.organisation)));
            }
            others.push(m);
        }
        out
    }

    fn lint_offices(&self) -> Vec<Finding> {
        const SINGLE: &[&str] = &["president", "prime minister", "foreign minister", "secretary general", "chancellor"];
        let held = |r: &&Row| r.kind == Kind::Person && SINGLE.contains(&&*r.office);
        let mut people: Vec<&Row> = self.rows.iter().filter(held).collect();
        people.sort_by_key(|r| (r.code, r.office.clone(), r.from.map_or(0, first)));
        let mut out = Vec::new();
        for pair in people.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let until = a.to.map_or(i32::MAX, first);
            let one_office = a.code == b.code && a.office == b.office && a.name != b.name;
            if one_office && b.from.is_some_and(|f| until.saturating_sub(last(f)) > OVERLAP_YEARS * 10_000) {
                out.push(self.finding(
                    b,
                    format!(
                        "{} holds the office of {} ({}) while {} does",
                        b.name,
                        b.office,
                        self.code(b).map_or("", |c| c.as_str()),
                        a.name
                    ),
                ));
            }
        }
        out
    }
}

fn overlap(a: &Row, b: &Row) -> bool {
    let time = |row: &Row| Time { from: row.from, to: row.to };
    time(a).overlaps(time(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(tables: &[(&str, &str)]) -> Vec<String> {
        let mut kb = KnowledgeBase::default();
        for (path, text) in tables {
            kb.read_table(path, text, false).unwrap();
        }
        kb.lint().iter().map(Finding::to_string).collect()
    }

    const STATES: (&str, &str) = ("states.tsv", "code\tkind\tname\nFRA\tstate\tFrance\nMLI\tstate\tMali\n");

    #[test]
    fn clean_tables_have_no_findings() {
        let people = "code\tkind\tname\toffice\tfrom\tto\nFRA\tperson\tA B\tpresident\t2012\t2017\nFRA\tperson\tC D\tpresident\t2017\t\n";
        assert_eq!(findings(&[STATES, ("people.tsv", people)]), [""; 0]);
    }

    #[test]
    fn every_kind_of_fault_is_found() {
        let check = |table: &str, part: &str| {
            let found = findings(&[STATES, ("t.tsv", table)]);
            assert!(found.iter().any(|f| f.starts_with("t.tsv:") && f.contains(part)), "{part}: {found:?}");
        };
        check("code\tkind\tname\tfrom\tto\nMLI\tregion\tKidal\t2012\t2011\n", "before it begins");
        check("code\tkind\tname\tfrom\tgoverns\nMLI/JNIM\tgroup\tJNIM\t2017\t2012\n", "governs from 2012");
        check("code\tkind\tname\nXYZ\tregion\tNowhere\n", "no table of states has XYZ");
        check("code\tkind\tname\nMLI\tregion\tKidal\nFRA\tregion\tAlsace\n", "sorted by code");
        check("code\tkind\tname\nFRA\tdemonym\tMalian\nMLI\tdemonym\tMalian\n", "FRA and MLI at one time");
        check("code\tkind\tname\nMLI\tregion\tKidal\nMLI\tregion\tKidal\n", "stands in line 2 already");
        check("code\tkind\tname\toffice\nFRA\tperson\tA B\t\n", "has no office");
        check("code\tkind\tname\toffice\nMLI/JMIN\tperson\tA B\tleader\n", "MLI/JMIN: no group");
        check("code\tkind\tname\taliases\nMLI/JNIM\tgroup\tJNIM\tGSIM;JNIM\n", "\"JNIM\" stands twice");
        let two = "code\tkind\tname\toffice\tfrom\tto\nFRA\tperson\tA B\tpresident\t2000\t2012\nFRA\tperson\tC D\tpresident\t2005\t2017\n";
        check(two, "holds the office of president");
    }
}
