//! One flat row a record, for spreadsheets and data frames.
//!
//! Comma-separated, quoted where needed, UTF-8, a header line (RFC 4180). A cell of text that a
//! spreadsheet would take for a formula gets an apostrophe in front, which spreadsheets do not show.

use std::borrow::Borrow;
use std::io::Write;

use super::flat::{self, Value};
use super::Error;
use crate::records::Record;

/// Writes the header and one row a record.
///
/// Columns: `actor`, `country`, `counterpart`, `counterpart_country`, `first`, `last`, `documents`,
/// `sources`; of each facet `FACET`, `FACET_since`, `FACET_confidence`; `meetings`, `last_meeting`,
/// `mediators` (separated by blanks), `stance`, `stance_score`, `favor`, `neutral`, `against`, `conflicts`
/// (their number), and the best piece of evidence as `evidence_document`, `evidence_source`,
/// `evidence_date`, `evidence`. What is not known is empty.
pub fn write(records: impl IntoIterator<Item = impl Borrow<Record>>, out: &mut impl Write) -> Result<(), Error> {
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(flat::columns().iter().map(|column| &column.name))?;
    for record in records {
        csv.write_record(flat::row(record.borrow()).iter().map(cell))?;
    }
    csv.flush()?;
    Ok(())
}

fn cell(value: &Option<Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Text(text)) => plain(text),
        Some(number) => number.to_string(),
    }
}

/// Text that no spreadsheet reads as a formula or command, in whichever width its sign is written.
fn plain(text: &str) -> String {
    let formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    // Some skip white space before they look.
    match text.starts_with(formula) || text.trim_start().starts_with(formula) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::sketch;

    fn rows(sketch: &str) -> Vec<Vec<String>> {
        let mut file = Vec::new();
        write(sketch::records(&sketch::annotations(sketch)), &mut file).unwrap();
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_slice());
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_row_has_what_the_header_names() {
        let rows = rows("day 2024-05-27 src=taz RUS>AFG/TALIBAN listing.delist YIELD favor planned 0.93 \"Moscow, it says, weighs it.\"");
        let known: Vec<String> = rows[0]
            .iter()
            .zip(&rows[1])
            .filter(|(_, cell)| !cell.is_empty() && *cell != "0")
            .map(|(name, cell)| format!("{name}={cell}"))
            .collect();
        expect_test::expect![[r#"
            actor=RUS
            country=RUS
            counterpart=AFG/TALIBAN
            counterpart_country=AFG
            first=2024-05-27
            last=2024-05-27
            documents=1
            sources=1
            listing=delisting
            listing_since=2024-05-27
            listing_confidence=0.9300
            stance=favor
            stance_score=1.0000
            favor=1
            evidence_document=d0
            evidence_source=taz
            evidence_date=2024-05-27
            evidence=Moscow, it says, weighs it."#]]
        .assert_eq(&known.join("\n"));
    }

    #[test]
    fn i8_no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1"] {
            let rows = rows(&format!("day 2024-05-27 RUS>CHN other ACCUSE neutral actual 0.9 \"{text}\""));
            assert_eq!(rows[1].last().map(String::as_str), Some(format!("'{text}").as_str()));
        }
        assert_eq!(plain("a = b"), "a = b");
    }
}
