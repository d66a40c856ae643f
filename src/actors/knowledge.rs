//! The knowledge base: who bears which name, from when to when.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::folding::{fold, fold_into, loosen, loosen_into};
use super::history::History;
use super::name_index::NameIndex;
use super::ranker::Weights;
use super::sorted_table::SortedTable;
use super::tables::{self, Codes, Columns, Header, Kind, Row, StateNumbers, TableError};
use crate::document::{ActorCode, Span};

/// States, organisations, groups, bodies, places and office-holders with their names and the time in which they bear
/// them.
#[derive(Debug, Default)]
pub struct KnowledgeBase {
    pub(crate) codes: Codes,
    pub(crate) rows: Vec<Row>,
    pub(crate) files: Vec<String>,
    /// By folded name or alias.
    names: NameIndex,
    /// Persons by the end of their name (in East Asia its beginning), folded.
    surnames: NameIndex,
    /// Persons by the loosened form of a name or surname, in East Asia by their syllables in one word.
    loose: NameIndex,
    /// The states in which given and family names are at home.
    pub(crate) homes: Vec<SortedTable>,
    /// Ends of family names with the codes of the states where they are usual, between blanks.
    endings: HashMap<Box<str>, Box<str>>,
    /// Towns too small to have rows.
    pub(crate) towns: Vec<SortedTable>,
    titles: HashSet<Box<str>>,
    /// Folded names that actors share and that the document tells apart.
    pub(crate) ambiguous: HashSet<Box<str>>,
    /// The first row of every state, by the index of its code.
    states: HashMap<u16, u32>,
    /// Numbers of states in the data sets of political science, by the index of their code.
    numbers: HashMap<u16, StateNumbers>,
    pub(crate) history: History,
    pub(crate) weights: Weights,
}

/// States where the family name comes first.
const FAMILY_NAME_FIRST: &[&str] =
    &["CHN", "TWN", "PRK", "KOR", "VNM", "KHM", "SGP", "CHN/HKG", "VNM/SOUTH", "CHN/MAC"];
/// States where a person may go by the first or the last word of the name (`Joseph Wu`, `Lee Hsien Loong`, `Abiy
/// Ahmed`).
const EITHER_NAME: &[&str] =
    &["BRN", "CHN/HKG", "CHN/MAC", "ERI", "ETH", "IDN", "MNG", "MYS", "SGP", "SOM", "THA", "TWN"];

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
            if own {
                kb.settle(false);
            }
            kb.read_rows(&path.display().to_string(), text)?;
            if own {
                kb.settle(true);
            }
        }
        kb.settle(false);
        Ok(kb)
    }

    /// Adds one table; rows of an own table push out what other tables say of the same name.
    #[cfg(test)]
    pub(crate) fn read_table(&mut self, path: &str, text: &str, own: bool) -> Result<(), TableError> {
        self.read_rows(path, text.to_owned())?;
        self.settle(own);
        Ok(())
    }

    fn settle(&mut self, own: bool) {
        self.names.settle(own);
        self.surnames.settle(false);
        self.loose.settle(false);
    }

    fn read_rows(&mut self, path: &str, text: String) -> Result<(), TableError> {
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
        for (second, tables) in [("codes", &mut self.homes), ("code", &mut self.towns)] {
            if let (Some(0), Some(1)) = (header.position("name"), header.position(second)) {
                tables.push(SortedTable::new(file, text));
                return Ok(());
            }
        }
        if let (Some(0), Some(1)) = (header.position("ending"), header.position("codes")) {
            let columns = lines.filter_map(|line| line.split_once('\t'));
            self.endings.extend(columns.map(|(e, rest)| (e.into(), rest.split('\t').next().unwrap_or("").into())));
            return Ok(());
        }
        if History::has(&header) {
            for (n, line) in (2..).zip(lines) {
                self.history.read(&header, line, &mut self.codes, (file, n)).map_err(|m| at(n as usize, m))?;
            }
            return Ok(());
        }
        let columns = Columns::of(&header).map_err(|m| at(1, m))?;
        let mut names = Names::default();
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
            if header.position("un_from").is_some() {
                self.history.read_seat(&header, &fields, &row, &mut self.codes).map_err(|m| at(n + 2, m))?;
            }
            self.add(row, &mut names);
        }
        Ok(())
    }

    fn add(&mut self, row: Row, buffers: &mut Names) {
        let ix = self.rows.len() as u32;
        if row.kind == Kind::Title {
            self.titles.extend(std::iter::once(&*row.name).chain(row.aliases()).map(Box::from));
            return;
        }
        if row.kind == Kind::Ambiguous {
            self.ambiguous.insert(fold(&row.name).into());
            return;
        }
        let code = row.code.map_or("", |c| self.codes.list[usize::from(c)].as_str());
        for name in std::iter::once(&*row.name).chain(row.aliases()) {
            fold_into(name, &mut buffers.folded);
            if buffers.folded.is_empty() {
                continue;
            }
            self.names.enter(&buffers.folded, ix);
            match row.kind {
                Kind::Person => index_person(&mut self.surnames, &mut self.loose, buffers, code, ix),
                Kind::Figure => index_loosely(&mut self.loose, buffers, code, ix),
                _ => {}
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
        let rows = self.names.rows(folded);
        if !rows.is_empty() {
            return rows;
        }
        let singular = folded
            .strip_suffix("women")
            .map(|s| format!("{s}woman"))
            .or_else(|| folded.strip_suffix("men").map(|s| format!("{s}man")))
            .or_else(|| folded.strip_suffix('s').map(str::to_owned));
        singular.map_or(&[], |s| self.names.rows(&s))
    }

    /// Rows that the name at `span` stands for: those of the name together with a capitalised word right before it, if
    /// any (`Pakistani` before `Taliban`), or else those of the name alone.
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
        self.surnames.rows(folded)
    }

    /// Persons one of whose names loosens to the same form as `folded`.
    pub(crate) fn sounding_like(&self, folded: &str) -> &[u32] {
        let rows = self.loose.rows(&loosen(folded));
        if rows.is_empty() && folded.contains(' ') {
            return self.loose.rows(&folded.replace(' ', ""));
        }
        rows
    }

    /// The codes of the states in which a folded given or family name is at home, between blanks.
    pub(crate) fn home_of_name<'a>(&'a self, folded: &'a str) -> Option<&'a str> {
        self.homes.iter().find_map(|t| t.of(folded).next()).map(|(_, rest)| rest.split('\t').next().unwrap_or(""))
    }

    /// The codes of the states where family names that end like the folded one are usual, by the longest known ending.
    pub(crate) fn home_of_ending(&self, folded: &str) -> Option<&str> {
        let ends = folded.char_indices().skip(2).map(|(at, _)| &folded[at..]);
        ends.filter(|end| end.len() > 1).find_map(|end| self.endings.get(end)).map(|codes| &**codes)
    }

    /// The small towns of that folded name: their state and inhabitants.
    pub(crate) fn towns_named(&self, folded: &str) -> Vec<(u16, u32)> {
        let mut out: Vec<(u16, u32)> = Vec::new();
        for (_, rest) in self.towns.iter().flat_map(|t| t.of(folded)) {
            let mut columns = rest.split('\t');
            let code = columns.next().and_then(|c| self.codes.get(c));
            let population = columns.next().and_then(|p| p.parse().ok());
            out.extend(code.zip(population));
        }
        out
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

    /// Every folded name with the rows that it leads to.
    pub(crate) fn all_names(&self) -> BTreeMap<String, &[u32]> {
        let names = self.rows.iter().flat_map(|row| std::iter::once(&*row.name).chain(row.aliases()));
        names.map(fold).map(|name| (self.names.rows(&name), name)).map(|(rows, name)| (name, rows)).collect()
    }

    /// The name of a state by the index of its code.
    pub(crate) fn state_name(&self, code: u16) -> Option<&str> {
        self.states.get(&code).map(|&r| &*self.rows[r as usize].name)
    }
}

/// Texts that are filled anew for every name, so that none is allocated for each.
#[derive(Debug, Default)]
struct Names {
    folded: String,
    loose: String,
}

fn index_loosely(loose: &mut NameIndex, names: &mut Names, code: &str, ix: u32) {
    let Names { folded, loose: buffer } = names;
    if FAMILY_NAME_FIRST.contains(&code) {
        // Syllables are written with a blank, a hyphen or neither, and in English order too. Other letters are other
        // names.
        if let Some((family, given)) = folded.split_once(' ') {
            loose.enter(&folded.replace(' ', ""), ix);
            loose.enter(&format!("{given}{family}").replace(' ', ""), ix);
        }
    } else {
        loosen_into(folded, buffer);
        loose.enter(buffer, ix);
    }
}

fn index_person(surnames: &mut NameIndex, loose: &mut NameIndex, names: &mut Names, code: &str, ix: u32) {
    index_loosely(loose, names, code, ix);
    let Names { folded, loose: buffer } = names;
    let family_name_first = FAMILY_NAME_FIRST.contains(&code);
    if family_name_first {
        if let Some((family, _)) = folded.split_once(' ') {
            surnames.enter(family, ix);
        }
    } else {
        for (at, _) in folded.match_indices(' ') {
            let tail = &folded[at + 1..];
            surnames.enter(tail, ix);
            if tail.len() > 5 {
                loosen_into(tail, buffer);
                loose.enter(buffer, ix);
            }
        }
    }
    if EITHER_NAME.contains(&code) {
        match folded.split_once(' ') {
            Some((_, last)) if family_name_first && !last.contains(' ') => surnames.enter(last, ix),
            Some((first, _)) if !family_name_first => surnames.enter(first, ix),
            _ => {}
        }
    }
    if !folded.contains(' ') {
        surnames.enter(folded, ix);
    }
}
