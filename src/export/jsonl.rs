//! `records.jsonl`: the contract, one record a line.

use std::borrow::Borrow;
use std::io::{BufRead, Write};

use super::Error;
use crate::records::Record;

/// Writes records, one a line.
pub fn write(records: impl IntoIterator<Item = impl Borrow<Record>>, out: &mut impl Write) -> Result<(), Error> {
    for record in records {
        serde_json::to_writer(&mut *out, record.borrow()).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Reads records back; blank lines are passed over.
pub fn read(input: impl BufRead) -> impl Iterator<Item = Result<Record, Error>> {
    input.lines().enumerate().filter_map(|(n, line)| match line {
        Err(e) => Some(Err(e.into())),
        Ok(line) if line.trim().is_empty() => None,
        Ok(line) => Some(serde_json::from_str(&line).map_err(|reason| Error::Record { line: n + 1, reason })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::sketch;

    #[test]
    fn what_is_written_reads_back_and_is_written_the_same() {
        let records = sketch::records(&sketch::annotations(
            r#"day 2024-05-27 src=taz RUS>AFG/TALIBAN listing.delist YIELD favor planned 0.93 "Moscow weighs it.  😀"
               day - RUS>AFG/TALIBAN security.confront ASSAULT against denied 0.1234567
               day 2023 TUR>GRC other OTHER neutral actual 0.5"#
                .replace("OTHER", "ACCUSE")
                .as_str(),
        ));
        let mut file = Vec::new();
        write(&records, &mut file).unwrap();
        let back: Vec<Record> = read(file.as_slice()).collect::<Result<_, _>>().unwrap();
        let mut again = Vec::new();
        write(&back, &mut again).unwrap();
        assert_eq!(String::from_utf8(file).unwrap(), String::from_utf8(again).unwrap());
        assert_eq!(back.len(), 2);
    }

    #[test]
    fn a_bad_line_is_named() {
        let errors: Vec<String> =
            read("\n{\"actor\": \"rus\"}\n".as_bytes()).filter_map(Result::err).map(|e| e.to_string()).collect();
        assert_eq!(errors.len(), 1);
        assert!(errors[0].starts_with("line 2 is no record: \"rus\" is no actor code"), "{}", errors[0]);
    }
}
