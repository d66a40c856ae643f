//! `demarche actors`: questions to the knowledge base.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use demarche::document::{ActorCode, Date};

use super::models;
use super::output::{print, Output};
use super::Status;

/// Looks an actor up, checks the knowledge base, or writes it out
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  demarche actors lookup Burma
  demarche actors lookup \"Foreign Minister Gromyko\" --date 1975-06-01
  demarche actors members INT/NATO --date 1999-03-12
  demarche actors lint --actors own.tsv
  demarche actors export --out actors.jsonl")]
pub struct Args {
    #[command(subcommand)]
    question: Question,

    /// Knowledge base: a folder replaces the shipped one, a .tsv file adds to it (repeatable)
    #[arg(long, value_name = "PATH", global = true)]
    actors: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Show whom a name may mean, with scores and why
    Lookup {
        /// The name, as news would print it
        name: String,
        /// The date on which it is said [default: any]
        #[arg(long, value_name = "DATE")]
        date: Option<Date>,
    },
    /// Show the members of an international organisation, or the organisations of which a state is a member
    Members {
        /// Code of the organisation or state, such as INT/NATO or POL
        code: ActorCode,
        /// The day on which they were members [default: today]
        #[arg(long, value_name = "DATE")]
        date: Option<Date>,
    },
    /// Check the tables: reversed dates, codes of no state, rows out of order, names with nothing to tell them apart
    Lint,
    /// Write the tables as JSON Lines: names, kind, office, dates, source, table and line; then who is a member of what
    Export {
        /// The file to write [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Answers the question; finding nothing or something wrong is [`Status::Short`].
pub fn run(args: &Args) -> Result<Status> {
    let knowledge = models::knowledge_base(&args.actors)?;
    match &args.question {
        Question::Lookup { name, date } => {
            let candidates = knowledge.lookup(name, *date);
            print(candidates.iter().map(|c| {
                let code = c.code.as_ref().map_or("no actor", ActorCode::as_str);
                format!("{code:<16} {:.2}  {}  ({})", c.score.get(), c.name, c.why)
            }))?;
            if candidates.is_empty() {
                super::say(format_args!(
                    "nobody known by the name {name:?}; add a line to a table of your own and give it with --actors"
                ));
            }
            Ok(Status::of_rejects(usize::from(candidates.is_empty())))
        }
        Question::Members { code, date } => {
            let found = knowledge.memberships(code, *date);
            print(found.iter().map(|m| {
                let day = |d: Option<Date>| d.map_or(String::new(), |d| d.to_string());
                let other = if m.organisation == code { m.member } else { m.organisation };
                format!("{other:<16} {:<10} {}", day(m.from), day(m.to)).trim_end().to_owned()
            }))?;
            if found.is_empty() {
                super::say(format_args!("no table tells members or organisations of {code}"));
            }
            Ok(Status::of_rejects(usize::from(found.is_empty())))
        }
        Question::Export { out } => {
            let mut output = Output::open(out.as_deref())?;
            output.write_with(|out| {
                knowledge.export().try_for_each(|row| {
                    serde_json::to_writer(&mut *out, &row)?;
                    out.write_all(b"\n")
                })?;
                knowledge.export_members().try_for_each(|row| {
                    serde_json::to_writer(&mut *out, &row)?;
                    out.write_all(b"\n")
                })
            })?;
            output.finish()?;
            Ok(Status::Done)
        }
        Question::Lint => {
            let findings = knowledge.lint();
            print(&findings)?;
            let plural = if findings.len() == 1 { "" } else { "s" };
            super::say(format_args!("{} finding{plural}", findings.len()));
            Ok(Status::of_rejects(findings.len()))
        }
    }
}
