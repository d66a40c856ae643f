//! A report for a terminal, for a page in Markdown, for a spreadsheet and for a program.

use std::fmt::Write;
use std::str::FromStr;

use super::align::{Warning, WarningKind};
use super::report::Report;
use super::tables::{tables, Table};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Aligned columns for a terminal.
    #[default]
    Table,
    /// One JSON object, with all figures, classes and intervals.
    Json,
    /// Tables in Markdown.
    Markdown,
    /// A metric a line: name, value, and the limits of its interval.
    Csv,
}

/// A string that is no format of a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no format; expected one of: table, json, markdown, csv")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(s: &str) -> Result<Self, UnknownFormat> {
        match s {
            "table" => Ok(Format::Table),
            "json" => Ok(Format::Json),
            "markdown" => Ok(Format::Markdown),
            "csv" => Ok(Format::Csv),
            other => Err(UnknownFormat(other.to_owned())),
        }
    }
}

/// How many documents a message about warnings names.
const NAMED: usize = 3;

impl Report {
    /// The report in `format`, ending in a line feed.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Table => self.text(),
            Format::Json => self.json(),
            Format::Markdown => self.markdown(),
            Format::Csv => self.csv(),
        }
    }

    fn text(&self) -> String {
        let mut out = format!("{}\n", self.headline());
        for table in tables(self) {
            out.push('\n');
            out.push_str(&aligned(&table));
        }
        for line in self.warning_lines() {
            let _ = write!(out, "\nwarning: {line}");
        }
        if !self.warnings.is_empty() {
            out.push('\n');
        }
        out
    }

    fn json(&self) -> String {
        // The report is made of maps with text keys and of numbers, which serialise always.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    fn markdown(&self) -> String {
        let mut out = format!("{}\n", self.headline());
        for Table { title, columns, rows } in tables(self) {
            let _ = writeln!(out, "\n### {title}\n\n| {} |", columns.join(" | "));
            let _ = writeln!(out, "|---|{}", "---:|".repeat(columns.len() - 1));
            for row in rows {
                let _ = writeln!(out, "| {} |", row.join(" | "));
            }
        }
        if !self.warnings.is_empty() {
            out.push('\n');
        }
        for line in self.warning_lines() {
            let _ = writeln!(out, "- Warning: {}", escape_markdown(&line));
        }
        out
    }

    fn csv(&self) -> String {
        let mut out = String::from("metric,value,low,high\n");
        for m in self.metrics() {
            let limits = self.intervals.get(&m.name).map_or(",".to_owned(), |i| format!("{},{}", i.low, i.high));
            // A label may hold a blank but never a comma or a quote, so no name needs quoting.
            let _ = writeln!(out, "{},{},{limits}", m.name, m.value);
        }
        out
    }

    fn headline(&self) -> String {
        let d = self.documents;
        format!("{} in the gold, {} predicted, {} compared", d.gold, d.predicted, d.compared)
    }

    /// A line for each kind of warning, with how many there are and the first of them.
    pub fn warning_lines(&self) -> Vec<String> {
        let mut kinds: Vec<WarningKind> = self.warnings.iter().map(|w| w.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().map(|kind| self.warning_line(kind)).collect()
    }

    fn warning_line(&self, kind: WarningKind) -> String {
        let of_kind: Vec<&Warning> = self.warnings.iter().filter(|w| w.kind == kind).collect();
        let mut named: Vec<String> = of_kind
            .iter()
            .take(NAMED)
            .map(|w| {
                escape_controls(&match (w.document.as_str(), w.detail.as_str()) {
                    (document, "") => document.to_owned(),
                    ("", detail) => detail.to_owned(),
                    (document, detail) => format!("{document} ({detail})"),
                })
            })
            .collect();
        if of_kind.len() > NAMED {
            named.push("…".to_owned());
        }
        format!("{} {}: {}", of_kind.len(), kind.describe(), named.join(", "))
    }
}

/// The table with columns padded to one width, names to the left and numbers to the right.
fn aligned(table: &Table) -> String {
    let width = |column: usize| {
        let cells = table.rows.iter().map(|r| r[column].chars().count());
        cells.chain([table.columns[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    let line = |cells: &[String]| {
        let mut line = format!("{:<w$}", cells[0], w = widths[0]);
        for (cell, w) in cells.iter().zip(&widths).skip(1) {
            let _ = write!(line, "  {cell:>w$}");
        }
        line.trim_end().to_owned() + "\n"
    };
    let head: Vec<String> = table.columns.iter().map(|c| (*c).to_owned()).collect();
    let mut out = format!("{}\n{}", table.title, line(&head));
    for row in &table.rows {
        out.push_str(&line(row));
    }
    out
}

/// Names come from the input: a control character in one must not reach the terminal.
fn escape_controls(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '*' | '_' | '`' | '[' | ']' | '|' | '\\' | '#' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}
