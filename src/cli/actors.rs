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
    /// Check the tables: reversed dates, codes of no state, rows out of order, names with nothing to tell them apart
    Lint,
    /// Write all rows as JSON Lines: names, kind, office, dates, source, table and line
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
        Question::Export { out } => {
            let mut output = Output::open(out.as_deref())?;
            output.write_with(|out| {
                knowledge.export().try_for_each(|row| {
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
