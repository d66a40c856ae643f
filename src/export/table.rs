//! The table that a person reads in the terminal: by counterpart, who stands how to it.

use std::collections::BTreeMap;
use std::io::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{best_evidence, Error, Names, COLUMNS};
use crate::document::{ActorCode, Date, Stance};
use crate::records::{Evidence, FacetState, Record};

/// What stands where nothing is known.
const UNKNOWN: &str = "·";

/// What stands behind a status that is less likely to hold than not.
const DOUBT: char = '?';

/// What stands before the evidence.
const INDENT: &str = "      ";

/// How the table is laid out.
pub struct Layout<'a> {
    /// Columns of the terminal.
    pub width: usize,
    /// Names of actors.
    pub name: Names<'a>,
}

/// Writes the table: a block a counterpart, most reported first; an actor has a line and below it its best
/// evidence, cut to the width. A status with a confidence below one half has a question mark.
pub fn write<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    layout: &Layout,
    out: &mut impl Write,
) -> Result<(), Error> {
    let mut blocks: BTreeMap<&ActorCode, Vec<&Record>> = BTreeMap::new();
    for record in records {
        blocks.entry(&record.counterpart).or_default().push(record);
    }
    let mut blocks: Vec<_> = blocks.into_iter().collect();
    blocks.sort_by_key(|(code, block)| (std::cmp::Reverse(block.iter().map(|r| r.documents).sum::<usize>()), *code));
    for (i, (counterpart, block)) in blocks.into_iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        write_block(counterpart, &block, layout, out)?;
    }
    Ok(())
}

fn write_block(counterpart: &ActorCode, block: &[&Record], layout: &Layout, out: &mut impl Write) -> Result<(), Error> {
    let title = match (layout.name)(counterpart) {
        Some(name) => format!("{} ({counterpart})", printable(&name)),
        None => counterpart.to_string(),
    };
    let last = block.iter().filter_map(|r| r.last).max();
    let actors = if block.len() == 1 { "1 actor".to_owned() } else { format!("{} actors", block.len()) };
    writeln!(out, "{title}: {actors}{}", last.map_or(String::new(), |d| format!(", last {d}")))?;
    let head = ["actor", "recognition", "representation", "listing", "stance", "last"].map(str::to_owned);
    let rows: Vec<[String; 6]> = block.iter().map(|r| cells(r, layout)).collect();
    let widths: Vec<usize> =
        (0..head.len()).map(|c| rows.iter().chain([&head]).map(|row| row[c].width()).max().unwrap_or(0)).collect();
    writeln!(out, "{}", line(&head, &widths))?;
    for (row, record) in rows.iter().zip(block) {
        writeln!(out, "{}", line(row, &widths))?;
        if let Some(e) = best_evidence(record) {
            writeln!(out, "{INDENT}{}", fit(&quote(e), layout.width.saturating_sub(INDENT.len())))?;
        }
    }
    Ok(())
}

fn cells(record: &Record, layout: &Layout) -> [String; 6] {
    let status = |s: &FacetState| match s.confidence.get() < 0.5 {
        true => format!("{}{DOUBT}", s.status),
        false => s.status.to_string(),
    };
    let [recognition, representation, listing] =
        COLUMNS.map(|f| record.facet(f).map_or_else(|| UNKNOWN.to_owned(), status));
    let stance = match record.stance.label {
        Stance::Neutral => record.stance.label.to_string(),
        label => format!("{label} {:+.2}", record.stance.score),
    };
    [
        (layout.name)(&record.actor).map_or_else(|| record.actor.to_string(), |n| printable(&n)),
        recognition,
        representation,
        listing,
        stance,
        record.last.map_or(UNKNOWN.to_owned(), |d: Date| d.to_string()),
    ]
}

fn line(cells: &[String; 6], widths: &[usize]) -> String {
    let mut line = String::from("  ");
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width + 2 - cell.width()));
    }
    line.truncate(line.trim_end().len());
    line
}

fn quote(e: &Evidence) -> String {
    let source = printable(e.source.as_deref().unwrap_or(&e.document));
    let date = e.date.map_or(String::new(), |d| format!(", {d}"));
    format!("{source}{date}: {}", printable(&e.text))
}

/// Text without what a terminal would obey: white space becomes a blank, control characters and those
/// that turn the direction of writing are written out.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.split_whitespace().flat_map(|w| w.chars().chain([' '])) {
        match c {
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.extend(c.escape_unicode());
            }
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The text cut to `width` columns, with an ellipsis where it was longer.
fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::sketch;

    fn table(width: usize, sketch: &str) -> String {
        let name = |code: &ActorCode| (code.as_str() == "AFG/TALIBAN").then(|| "Taliban".to_owned());
        let mut out = Vec::new();
        write(&sketch::records(&sketch::annotations(sketch)), &Layout { width, name: &name }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn blocks_by_counterpart() {
        expect_test::expect![[r#"
            Taliban (AFG/TALIBAN): 2 actors, last 2024-06-01
              actor  recognition   representation  listing    stance       last
              KAZ    ·             ambassador      ·          favor +1.00  2024-06-01
                  d2, 2024-06-01: 阿斯塔纳接受塔利班大使阿斯塔纳接受塔利班大使阿斯塔纳接受塔利班大使
              RUS    considering?  ·               delisting  favor +1.00  2024-05-28
                  afp, 2024-05-28: Step by step.

            RUS: 1 actor
              actor  recognition  representation  listing  stance         last
              USA    ·            ·               ·        against -1.00  ·
                  d3: Washington condemned it.
        "#]].assert_eq(&table(
            100,
            r#"
            day 2024-05-27 src=taz RUS>AFG/TALIBAN listing.delist YIELD favor planned 0.93 "Moscow is weighing whether to take the Taliban off its list of terrorist organisations."
            day 2024-05-28 src=afp RUS>AFG/TALIBAN recognition.consider SUPPORT favor actual 0.4 "Step by step."
            day 2024-06-01 KAZ>AFG/TALIBAN mission.ambassador SUPPORT favor actual 0.9 "阿斯塔纳接受塔利班大使阿斯塔纳接受塔利班大使阿斯塔纳接受塔利班大使"
            day - USA>RUS statement.criticize ACCUSE against actual 0.9 "Washington condemned it.""#,
        ));
    }

    #[test]
    fn i8_text_cannot_command_the_terminal() {
        let shown =
            table(200, "day - USA>RUS other ACCUSE against actual 0.9 \"a\u{1b}[2J\u{7}b \u{202e}c\u{9b}d\u{a0}e\"");
        assert!(!shown.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{shown:?}");
        assert!(shown.contains("a\\u{1b}[2J\\u{7}b \\u{202e}c\\u{9b}d e"), "{shown}");
    }

    #[test]
    fn long_text_is_cut_to_the_width() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdef", 5), "abcd…");
        assert_eq!(fit("界界界", 5), "界界…");
        for line in table(100, "day 2024-05-27 USA>RUS other ACCUSE against actual 0.9 \"A very long sentence that goes on and on and on without an end.\"").lines() {
            assert!(line.width() <= 100, "{line}");
        }
    }
}
