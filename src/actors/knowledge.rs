//! The knowledge base: who bears which name, from when to when.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::folding::{fold, loosen};
use super::ranker::Weights;
use super::tables::{self, Codes, Columns, Header, Kind, Row, StateNumbers, TableError};
use crate::document::{ActorCode, Span};

/// States, organisations, groups, bodies, places and office-holders with their names and the time in which they bear them.
#[derive(Debug, Default)]
pub struct KnowledgeBase {
    pub(crate) codes: Codes,
    pub(crate) rows: Vec<Row>,
    pub(crate) files: Vec<String>,
    /// Rows by folded name or alias.
    names: HashMap<Box<str>, Vec<u32>>,
    /// Persons by the end of their name (in East Asia its beginning), folded.
    surnames: HashMap<Box<str>, Vec<u32>>,
    /// Persons by the loosened form of a name or surname.
    loose: HashMap<Box<str>, Vec<u32>>,
    /// The states in which a given or family name is at home, by folded name: an index of `homes`.
    given: HashMap<Box<str>, u16>,
    /// Codes of states, each list once.
    homes: Vec<Box<[u16]>>,
    titles: HashSet<Box<str>>,
    /// Folded names that actors share and that the document tells apart.
    pub(crate) ambiguous: HashSet<Box<str>>,
    /// The first row of every state, by the index of its code.
    states: HashMap<u16, u32>,
    /// Numbers of states in the data sets of political science, by the index of their code.
    numbers: HashMap<u16, StateNumbers>,
    pub(crate) weights: Weights,
}

/// States where the family name comes first.
const FAMILY_NAME_FIRST: &[&str] = &["CHN", "TWN", "PRK", "KOR", "VNM", "KHM", "CHN/HKG", "VNM/SOUTH", "CHN/MAC"];

impl KnowledgeBase {
    /// Reads every table of the folder.
    ///
    /// # Errors
    /// When a table cannot be read or a line of it cannot be understood; the error names file and line.
    pub fn load(dir: &Path) -> Result<KnowledgeBase, TableError> {
        Self::load_with(dir, &[])
    }

    /// Reads every table of the folder, then the user's own tables, whose rows replace those of the same name.
    ///
    /// # Errors
    /// As [`KnowledgeBase::load`].
    pub fn load_with(dir: &Path, extra: &[&Path]) -> Result<KnowledgeBase, TableError> {
        let read_error = |path: &Path, source| TableError::Read { path: path.display().to_string(), source };
        let mut paths = Vec::new();
        for entry in fs::read_dir(dir).map_err(|e| read_error(dir, e))? {
            let path = entry.map_err(|e| read_error(dir, e))?.path();
            if path.extension().is_some_and(|e| e == "tsv") {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            return Err(TableError::Empty { path: dir.display().to_string() });
        }
        paths.sort();
        let mut kb = KnowledgeBase::default();
        for (path, own) in paths.iter().map(|p| (p.as_path(), false)).chain(extra.iter().map(|p| (*p, true))) {
            let text = fs::read_to_string(path).map_err(|e| read_error(path, e))?;
            kb.read_table(&path.display().to_string(), &text, own)?;
        }
        Ok(kb)
    }

    /// Adds one table; rows of an own table push out what other tables say of the same name.
    pub(crate) fn read_table(&mut self, path: &str, text: &str, own: bool) -> Result<(), TableError> {
        let at = |line: usize, message: String| TableError::Line { path: path.to_owned(), line, message };
        let mut lines = text.lines();
        let header = Header::new(lines.next().unwrap_or(""));
        let file = u16::try_from(self.files.len()).map_err(|_| at(1, "more than 65,536 tables".to_owned()))?;
        self.files.push(path.to_owned());
        let mut fields = Vec::with_capacity(header.len());
        if let (Some(0), Some(1)) = (header.position("feature"), header.position("weight")) {
            for (n, line) in lines.enumerate() {
                self.weights.read(line).map_err(|m| at(n + 2, m))?;
            }
            return Ok(());
        }
        if let (Some(0), Some(1)) = (header.position("name"), header.position("codes")) {
            return self.read_given_names(lines).map_err(|(n, m)| at(n + 2, m));
        }
        let columns = Columns::of(&header).map_err(|m| at(1, m))?;
        for (n, line) in lines.enumerate() {
            if line.is_empty() {
                continue;
            }
            fields.clear();
            fields.extend(line.split('\t'));
            if fields.len() != header.len() {
                return Err(at(n + 2, format!("{} columns; the header has {}", fields.len(), header.len())));
            }
            let row = tables::row(&fields, &columns, &mut self.codes, file, n as u32 + 2).map_err(|m| at(n + 2, m))?;
            let numbers = columns.numbers(&fields).map_err(|m| at(n + 2, m))?;
            if let (Some(code), true) = (row.code, numbers != StateNumbers::default()) {
                self.numbers.insert(code, numbers);
            }
            self.add(row, own);
        }
        Ok(())
    }

    /// Reads lines of names and the states in which they are at home; of one that is wrong its number and why.
    fn read_given_names<'a>(&mut self, lines: impl Iterator<Item = &'a str>) -> Result<(), (usize, String)> {
        let mut known: HashMap<&str, u16> = HashMap::new();
        for (n, line) in lines.enumerate() {
            let mut parts = line.split('\t');
            let (name, states) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let list = match known.get(states) {
                Some(&list) => list,
                None => {
                    let codes: Result<_, _> = states.split(' ').map(|c| self.codes.intern(c)).collect();
                    self.homes.push(codes.map_err(|m| (n, m))?);
                    let list = u16::try_from(self.homes.len() - 1);
                    *known
                        .entry(states)
                        .or_insert(list.map_err(|_| (n, "more than 65,536 lists of states".to_owned()))?)
                }
            };
            self.given.insert(name.into(), list);
        }
        Ok(())
    }

    fn add(&mut self, row: Row, own: bool) {
        let ix = self.rows.len() as u32;
        if row.kind == Kind::Title {
            self.titles.extend(std::iter::once(&*row.name).chain(row.aliases()).map(Box::from));
            return;
        }
        if row.kind == Kind::Ambiguous {
            self.ambiguous.insert(fold(&row.name).into());
            return;
        }
        let first = row.code.is_some_and(|c| FAMILY_NAME_FIRST.contains(&self.codes.list[usize::from(c)].as_str()));
        for name in std::iter::once(&*row.name).chain(row.aliases()) {
            let folded = fold(name);
            if folded.is_empty() {
                continue;
            }
            if row.kind == Kind::Person {
                index_person(&mut self.surnames, &mut self.loose, &folded, first, ix);
            }
            let entry = self.names.entry(folded.into()).or_default();
            if own {
                let (rows, file) = (&self.rows, row.file);
                entry.retain(|&r| rows[r as usize].file == file);
            }
            if !entry.contains(&ix) {
                entry.push(ix);
            }
        }
        if let (Kind::State, Some(code)) = (row.kind, row.code) {
            self.states.entry(code).or_insert(ix);
        }
        self.rows.push(row);
    }

    /// The code of a row.
    pub(crate) fn code(&self, row: &Row) -> Option<&ActorCode> {
        row.code.map(|c| &self.codes.list[usize::from(c)])
    }

    /// Rows whose name or alias is `folded`, a plural standing for its singular.
    pub(crate) fn named(&self, folded: &str) -> &[u32] {
        if let Some(rows) = self.names.get(folded) {
            return rows;
        }
        let singular = folded
            .strip_suffix("women")
            .map(|s| format!("{s}woman"))
            .or_else(|| folded.strip_suffix("men").map(|s| format!("{s}man")))
            .or_else(|| folded.strip_suffix('s').map(str::to_owned));
        singular.and_then(|s| self.names.get(s.as_str())).map_or(&[], Vec::as_slice)
    }

    /// Rows that the name at `span` stands for: those of the name together with a capitalised word right before it, if any
    /// (`Pakistani` before `Taliban`), or else those of the name alone.
    pub(crate) fn named_at(&self, text: &str, span: Span) -> &[u32] {
        let name = span.of(text);
        let before = text[..span.start].strip_suffix(' ').unwrap_or("");
        let word = before.rfind(|c: char| !c.is_alphanumeric()).map_or(before, |at| &before[at..]);
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        if word.starts_with(char::is_uppercase) && !word.eq_ignore_ascii_case("the") {
            let whole = self.named(&fold(&format!("{word} {name}")));
            if !whole.is_empty() {
                return whole;
            }
        }
        self.named(&fold(name))
    }

    /// Persons whose name ends with `folded`, or begins with it where the family name comes first.
    pub(crate) fn surnamed(&self, folded: &str) -> &[u32] {
        self.surnames.get(folded).map_or(&[], Vec::as_slice)
    }

    /// Persons one of whose names loosens to the same form as `folded`.
    pub(crate) fn sounding_like(&self, folded: &str) -> &[u32] {
        self.loose.get(loosen(folded).as_str()).map_or(&[], Vec::as_slice)
    }

    /// States in which a folded given or family name is at home.
    pub(crate) fn home_of_name(&self, folded: &str) -> Option<&[u16]> {
        self.given.get(folded).map(|&list| &*self.homes[usize::from(list)])
    }

    /// Whether the lower-case word belongs to a title or trade.
    pub(crate) fn is_title(&self, word: &str) -> bool {
        self.titles.contains(word) || word.strip_suffix('s').is_some_and(|w| self.titles.contains(w))
    }

    /// Numbers of the state in the data sets of political science: today's, where they changed.
    pub fn numbers(&self, country: &str) -> StateNumbers {
        self.codes.get(country).and_then(|c| self.numbers.get(&c)).copied().unwrap_or_default()
    }

    /// Whether a table of states has the state.
    pub(crate) fn has_state(&self, country: &str) -> bool {
        self.codes.get(country).is_some_and(|c| self.states.contains_key(&c))
    }

    /// Every folded name with the rows that bear it.
    pub(crate) fn all_names(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.names.iter().map(|(n, r)| (&**n, r.as_slice()))
    }

    /// The name of a state by the index of its code.
    pub(crate) fn state_name(&self, code: u16) -> Option<&str> {
        self.states.get(&code).map(|&r| &*self.rows[r as usize].name)
    }
}

fn index_person(
    surnames: &mut HashMap<Box<str>, Vec<u32>>,
    loose: &mut HashMap<Box<str>, Vec<u32>>,
    folded: &str,
    family_name_first: bool,
    ix: u32,
) {
    let enter = |map: &mut HashMap<Box<str>, Vec<u32>>, key: &str| {
        let rows = map.entry(key.into()).or_default();
        if rows.last() != Some(&ix) {
            rows.push(ix);
        }
    };
    enter(loose, &loosen(folded));
    if family_name_first {
        if let Some((family, _)) = folded.split_once(' ') {
            enter(surnames, family);
        }
    } else {
        for (at, _) in folded.match_indices(' ') {
            let tail = &folded[at + 1..];
            enter(surnames, tail);
            if tail.len() > 5 {
                enter(loose, &loosen(tail));
            }
        }
    }
    if !folded.contains(' ') {
        enter(surnames, folded);
    }
}
