//! The knowledge base as one stream of rows, for other programs.

use std::collections::HashSet;

use serde::Serialize;

use super::knowledge::KnowledgeBase;
use super::tables::Row;

/// A row of the tables: what one actor is called, from when to when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exported<'a> {
    /// The actor; none for what is no actor or known only by its document.
    code: Option<&'a str>,
    kind: &'static str,
    name: &'a str,
    aliases: Vec<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    office: &'a str,
    from: Option<String>,
    to: Option<String>,
    /// Since when a group governs in fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    governs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    population: Option<u32>,
    source: &'a str,
    /// The table and its line.
    table: &'a str,
    line: u32,
}

/// A row of the table of members.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExportedMember<'a> {
    organisation: &'a str,
    member: &'a str,
    from: Option<String>,
    to: Option<String>,
    /// The table and its line.
    table: &'a str,
    line: u32,
}

impl KnowledgeBase {
    /// Who is a member of which organisation, in the order of tables and lines.
    pub fn export_members(&self) -> impl Iterator<Item = ExportedMember<'_>> {
        self.history.members.iter().map(|m| {
            let day = |d: Option<crate::document::Date>| d.map(|d| d.to_string());
            ExportedMember {
                organisation: self.codes.list[usize::from(m.organisation)].as_str(),
                member: self.codes.list[usize::from(m.member)].as_str(),
                from: day(m.time.from),
                to: day(m.time.to),
                table: &self.files[usize::from(m.file)],
                line: m.line,
            }
        })
    }

    /// The rows that some name leads to, in the order of tables and lines; a row whose names a user's own table has
    /// taken over is left out.
    pub fn export(&self) -> impl Iterator<Item = Exported<'_>> {
        let reached: HashSet<u32> = self.all_names().values().flat_map(|rows| rows.iter().copied()).collect();
        (0_u32..).zip(&self.rows).filter(move |(ix, _)| reached.contains(ix)).map(|(_, row)| self.exported(row))
    }

    fn exported<'a>(&'a self, row: &'a Row) -> Exported<'a> {
        let day = |d: Option<crate::document::Date>| d.map(|d| d.to_string());
        Exported {
            code: self.code(row).map(|c| c.as_str()),
            kind: row.kind.name(),
            name: &row.name,
            aliases: row.aliases().collect(),
            office: &row.office,
            from: day(row.from),
            to: day(row.to),
            governs: day(row.governs),
            population: (row.population > 0).then_some(row.population),
            source: &row.source,
            table: &self.files[usize::from(row.file)],
            line: row.line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_table_replaces_what_it_names() {
        let mut kb = KnowledgeBase::default();
        let shipped = "code\tkind\tname\taliases\tfrom\tsource\nMLI\tgroup\tAnsar\tAnsar Dine; Defenders\t2012\tby hand\nMLI\tregion\tKidal\t\t\t\n";
        kb.read_table("a.tsv", shipped, false).unwrap();
        let lines = |kb: &KnowledgeBase| -> Vec<String> {
            kb.export().map(|row| serde_json::to_string(&row).unwrap()).collect()
        };
        let ansar = r#"{"code":"MLI","kind":"group","name":"Ansar","aliases":["Ansar Dine","Defenders"],"from":"2012","to":null,"source":"by hand","table":"a.tsv","line":2}"#;
        let kidal = r#"{"code":"MLI","kind":"region","name":"Kidal","aliases":[],"from":null,"to":null,"source":"","table":"a.tsv","line":3}"#;
        assert_eq!(lines(&kb), [ansar, kidal]);
        kb.read_table("own.tsv", "code\tkind\tname\nDZA\tregion\tKidal\n", true).unwrap();
        let own = r#"{"code":"DZA","kind":"region","name":"Kidal","aliases":[],"from":null,"to":null,"source":"","table":"own.tsv","line":2}"#;
        assert_eq!(lines(&kb), [ansar, own]);
    }
}
