//! One SQLite database: a table for each list in the records, indexes, and views for an analyst's questions.
//!
//! `schema.sql` defines and explains the tables. Values are bound, so whatever a text says is stored as it is.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::path::Path;

use rusqlite::{params, Connection, OpenFlags, Statement};

use super::flat::four_decimals;
use super::Error;
use crate::actors::KnowledgeBase;
use crate::document::{ActorCode, Date, Facet};
use crate::records::{Evidence, Record};

const SCHEMA: &str = include_str!("schema.sql");

/// Fills the empty file at `path` with the records; names and numbers of actors stand there as far as they are `known`.
///
/// The caller sees to it that the file is whole or not at all: there is no journal, and what was written by a
/// program that died half-way is no database.
pub fn write(
    records: impl IntoIterator<Item = impl Borrow<Record>>,
    known: &KnowledgeBase,
    path: &Path,
) -> Result<(), Error> {
    let mut connection = open(path)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    let mut tables = Tables::of(&transaction, known)?;
    records.into_iter().try_for_each(|record| tables.add(record.borrow()))?;
    drop(tables);
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Opens the file without locks of SQLite's own: it is held by who made it.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let vfs = if cfg!(windows) { c"win32-none" } else { c"unix-none" };
    let connection = Connection::open_with_flags_and_vfs(path, OpenFlags::SQLITE_OPEN_READ_WRITE, vfs)?;
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;")?;
    Ok(connection)
}

/// The statement that adds a row of so many columns to a table.
fn insert<'c>(connection: &'c Connection, table: &str, columns: usize) -> rusqlite::Result<Statement<'c>> {
    let values = vec!["?"; columns].join(", ");
    connection.prepare(&format!("INSERT INTO {table} VALUES ({values})"))
}

/// How rows get into the tables, and the next free keys.
struct Tables<'c> {
    known: &'c KnowledgeBase,
    /// Those who have their row.
    named: HashSet<ActorCode>,
    actors: Statement<'c>,
    records: Statement<'c>,
    evidence: Statement<'c>,
    facets: Statement<'c>,
    history: Statement<'c>,
    facet_evidence: Statement<'c>,
    conflicts: Statement<'c>,
    conflict_statuses: Statement<'c>,
    conflict_evidence: Statement<'c>,
    acts: Statement<'c>,
    events: Statement<'c>,
    timeline: Statement<'c>,
    mediators: Statement<'c>,
    next_record: i64,
    next_evidence: i64,
    next_conflict: i64,
}

impl<'c> Tables<'c> {
    fn of(connection: &'c Connection, known: &'c KnowledgeBase) -> rusqlite::Result<Self> {
        let insert = |table, columns| insert(connection, table, columns);
        Ok(Tables {
            known,
            named: HashSet::new(),
            actors: insert("actors", 5)?,
            records: insert("records", 16)?,
            evidence: insert("evidence", 19)?,
            facets: insert("facets", 5)?,
            history: insert("history", 7)?,
            facet_evidence: insert("facet_evidence", 3)?,
            conflicts: insert("conflicts", 3)?,
            conflict_statuses: insert("conflict_statuses", 2)?,
            conflict_evidence: insert("conflict_evidence", 2)?,
            acts: insert("acts", 4)?,
            events: insert("events", 4)?,
            timeline: insert("timeline", 5)?,
            mediators: insert("mediators", 2)?,
            next_record: 1,
            next_evidence: 1,
            next_conflict: 1,
        })
    }

    fn add(&mut self, r: &Record) -> rusqlite::Result<()> {
        for actor in [&r.actor, &r.counterpart].into_iter().chain(&r.contact.mediators) {
            self.add_actor(actor)?;
        }
        let record = self.next_record;
        self.next_record += 1;
        self.records.execute(params![
            record,
            r.actor.as_str(),
            r.country,
            r.counterpart.as_str(),
            r.counterpart_country,
            date(r.first),
            date(r.last),
            r.documents as i64,
            r.sources as i64,
            r.contact.meetings as i64,
            date(r.contact.last),
            r.stance.label.name(),
            four_decimals(r.stance.score),
            r.stance.favor as i64,
            r.stance.neutral as i64,
            r.stance.against as i64,
        ])?;
        let first = self.next_evidence;
        for (position, evidence) in r.evidence.iter().enumerate() {
            self.add_evidence(record, position as i64, evidence)?;
        }
        self.add_facets(record, first, r)?;
        self.add_conflicts(record, first, r)?;
        self.add_counts(record, r)
    }

    /// A row for an actor that has none.
    fn add_actor(&mut self, actor: &ActorCode) -> rusqlite::Result<()> {
        if self.named.insert(actor.clone()) {
            let (name, numbers) = (self.known.name_of(actor), self.known.numbers(actor.country()));
            self.actors.execute(params![actor.as_str(), name, actor.country(), numbers.cow, numbers.gw])?;
        }
        Ok(())
    }

    fn add_evidence(&mut self, record: i64, position: i64, e: &Evidence) -> rusqlite::Result<()> {
        self.evidence.execute(params![
            self.next_evidence,
            record,
            position,
            e.document,
            e.source,
            date(e.date),
            date(e.when),
            e.start as i64,
            e.end as i64,
            e.text,
            e.src,
            e.tgt,
            e.event.name(),
            e.event.quad().name(),
            e.act.name(),
            e.stance.name(),
            e.modality.name(),
            e.score.four_decimals(),
            e.duplicates as i64,
        ])?;
        self.next_evidence += 1;
        Ok(())
    }

    /// The facets; `first` is the key of the record's first piece of evidence.
    fn add_facets(&mut self, record: i64, first: i64, r: &Record) -> rusqlite::Result<()> {
        for &facet in Facet::ALL {
            let Some(state) = r.facet(facet) else { continue };
            let (name, status) = (facet.name(), state.status.name());
            let confidence = state.confidence.four_decimals();
            self.facets.execute(params![record, name, status, date(state.since), confidence])?;
            for (position, past) in state.history.iter().enumerate() {
                let (from, to, confidence) = (date(past.from), date(past.to), past.confidence.four_decimals());
                let status = past.status.name();
                self.history.execute(params![record, name, position as i64, status, from, to, confidence])?;
            }
            for &evidence in &state.evidence {
                self.facet_evidence.execute(params![record, name, first + evidence as i64])?;
            }
        }
        Ok(())
    }

    fn add_conflicts(&mut self, record: i64, first: i64, r: &Record) -> rusqlite::Result<()> {
        for found in &r.conflicts {
            let conflict = self.next_conflict;
            self.next_conflict += 1;
            self.conflicts.execute(params![conflict, record, found.facet.name()])?;
            for status in &found.statuses {
                self.conflict_statuses.execute(params![conflict, status.name()])?;
            }
            for &evidence in &found.evidence {
                self.conflict_evidence.execute(params![conflict, first + evidence as i64])?;
            }
        }
        Ok(())
    }

    fn add_counts(&mut self, record: i64, r: &Record) -> rusqlite::Result<()> {
        for (act, modalities) in &r.acts {
            for (modality, &count) in modalities.iter().filter(|(_, &count)| count > 0) {
                self.acts.execute(params![record, act.name(), modality.name(), count as i64])?;
            }
        }
        for (event, &count) in &r.events {
            self.events.execute(params![record, event.name(), event.quad().name(), count as i64])?;
        }
        for m in &r.timeline {
            let month = m.month.to_string();
            self.timeline.execute(params![record, month, m.favor as i64, m.neutral as i64, m.against as i64])?;
        }
        for mediator in &r.contact.mediators {
            self.mediators.execute(params![record, mediator.as_str()])?;
        }
        Ok(())
    }
}

fn date(date: Option<Date>) -> Option<String> {
    date.map(|d| d.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::sketch;

    /// The database of a sketch.
    fn database(lines: &str) -> (tempfile::NamedTempFile, Connection) {
        let file = tempfile::NamedTempFile::new().unwrap();
        write(sketch::records(&sketch::annotations(lines)), &KnowledgeBase::default(), file.path()).unwrap();
        let connection = Connection::open(file.path()).unwrap();
        (file, connection)
    }

    /// Rows of a query, columns separated by `|`.
    fn rows(connection: &Connection, query: &str) -> Vec<String> {
        use rusqlite::types::ValueRef;
        let mut statement = connection.prepare(query).unwrap();
        let columns = statement.column_count();
        let cell = |value: ValueRef| match value {
            ValueRef::Null => "-".to_owned(),
            ValueRef::Integer(n) => n.to_string(),
            ValueRef::Real(x) => x.to_string(),
            ValueRef::Text(t) | ValueRef::Blob(t) => String::from_utf8(t.to_vec()).unwrap(),
        };
        let row = |row: &rusqlite::Row| Ok((0..columns).map(|c| cell(row.get_ref(c).unwrap())).collect::<Vec<_>>());
        let rows = statement.query_map([], row).unwrap();
        rows.map(|row| row.unwrap().join("|")).collect()
    }

    const LISTED: &str = "\
        day 2021-03-01 src=taz RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9 \"Listed.\"
        day 2024-05-27 src=afp RUS>AFG/TALIBAN listing.delist YIELD favor actual 0.8 \"Struck off.\"
        day 2024-05-27 src=ap RUS>AFG/TALIBAN listing.delist REJECT neutral denied 0.7 \"Not at all.\"
        day - KAZ>AFG/TALIBAN contact.meet CONSULT neutral planned 0.5 \"They may meet.\"";

    #[test]
    fn each_list_is_a_table() {
        let (_file, database) = database(LISTED);
        let dump: Vec<String> = [
            "records",
            "facets",
            "history",
            "evidence",
            "facet_evidence",
            "conflicts",
            "conflict_statuses",
            "conflict_evidence",
            "acts",
            "events",
            "timeline",
            "mediators",
            "actors",
        ]
        .into_iter()
        .flat_map(|table| {
            let rows = rows(&database, &format!("SELECT * FROM {table}"));
            std::iter::once(format!("{table}:")).chain(rows.into_iter().map(|row| format!("  {row}")))
        })
        .collect();
        expect_test::expect![[r#"
            records:
              1|KAZ|KAZ|AFG/TALIBAN|AFG|-|-|1|1|0|-|neutral|0|0|1|0
              2|RUS|RUS|AFG/TALIBAN|AFG|2021-03-01|2024-05-27|3|3|0|-|neutral|-0.0417|1|1|1
            facets:
              2|listing|delisted|2024-05-27|0.5455
            history:
              2|listing|0|designated|2021-03-01|2024-05-27|0.9
            evidence:
              1|1|0|d3|-|-|-|0|14|They may meet.|KAZ|AFG/TALIBAN|CONSULT|verbal_cooperation|contact.meet|neutral|planned|0.5|0
              2|2|0|d0|taz|2021-03-01|-|0|7|Listed.|RUS|AFG/TALIBAN|COERCE|material_conflict|listing.designate|against|actual|0.9|0
              3|2|1|d1|afp|2024-05-27|-|0|11|Struck off.|RUS|AFG/TALIBAN|YIELD|material_cooperation|listing.delist|favor|actual|0.8|0
              4|2|2|d2|ap|2024-05-27|-|0|11|Not at all.|RUS|AFG/TALIBAN|REJECT|verbal_conflict|listing.delist|neutral|denied|0.7|0
            facet_evidence:
              2|listing|3
            conflicts:
              1|2|listing
            conflict_statuses:
              1|delisted
            conflict_evidence:
              1|3
              1|4
            acts:
              1|contact.meet|planned|1
              2|listing.delist|actual|1
              2|listing.delist|denied|1
              2|listing.designate|actual|1
            events:
              1|CONSULT|verbal_cooperation|1
              2|COERCE|material_conflict|1
              2|REJECT|verbal_conflict|1
              2|YIELD|material_cooperation|1
            timeline:
              2|2021-03|0|0|1
              2|2024-05|1|1|0
            mediators:
            actors:
              AFG/TALIBAN|-|AFG|-|-
              KAZ|-|KAZ|-|-
              RUS|-|RUS|-|-"#]].assert_eq(&dump.join("\n"));
        assert_eq!(rows(&database, "PRAGMA foreign_key_check"), [""; 0]);
        assert_eq!(rows(&database, "PRAGMA integrity_check"), ["ok"]);
    }

    #[test]
    fn views_answer_what_they_are_named_for() {
        let (_file, database) = database(LISTED);
        let shown: Vec<String> = [
            "SELECT actor, facet, status, since, confidence FROM current_status",
            "SELECT facet, status, from_date, to_date FROM status_periods",
            "SELECT status, date, source, text FROM status_evidence",
            "SELECT facet, statuses, source, text FROM contradictions ORDER BY source",
            "SELECT month, favor, neutral, against, balance FROM monthly_stance",
            "SELECT count(*) FROM recognitions",
        ]
        .into_iter()
        .flat_map(|query| rows(&database, query))
        .collect();
        expect_test::expect![[r#"
            RUS|listing|delisted|2024-05-27|0.5455
            listing|designated|2021-03-01|2024-05-27
            listing|delisted|2024-05-27|-
            delisted|2024-05-27|afp|Struck off.
            listing|delisted|afp|Struck off.
            listing|delisted|ap|Not at all.
            2021-03|0|0|1|-1
            2024-05|1|1|0|0.5
            0"#]]
        .assert_eq(&shown.join("\n"));
    }

    #[test]
    fn i8_text_is_stored_as_it_is() {
        let text = "'); DROP TABLE records; --\0\u{1b}=1+1\u{202e}\"";
        let (_file, database) = database(&format!("day 2024-05-27 RUS>CHN other ACCUSE against actual 0.9 \"{text}x"));
        assert_eq!(rows(&database, "SELECT text FROM evidence"), [format!("{text}x")]);
    }

    #[test]
    fn i1_the_same_records_make_the_same_bytes() {
        let (one, two) = (database(LISTED), database(LISTED));
        assert_eq!(std::fs::read(one.0.path()).unwrap(), std::fs::read(two.0.path()).unwrap());
    }
}
