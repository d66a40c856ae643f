//! The subcommands, and what they share: errors in one line, exit status, standard error.

mod actors;
mod aggregate;
mod annotate;
mod convert;
mod doctor;
mod embeddings;
mod evaluate;
mod export;
mod flags;
mod forms;
mod input;
mod labelled;
mod models;
mod output;
mod processor;
mod progress;
mod records_files;
mod run;
mod run_folder;
mod sample;
mod sink;
mod train;

use std::fmt;
use std::io;
use std::panic;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use demarche::pipeline;

/// Version of the program and of the libtorch it was built with.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (libtorch ", env!("DEMARCHE_LIBTORCH_VERSION"), ")");

/// Reads news and tells, country by country, who stands how to whom, with the sentence that proves it.
#[derive(Debug, Parser)]
#[command(name = "demarche", version = VERSION, max_term_width = 110, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Say nothing on standard error but errors
    #[arg(long, short, global = true)]
    quiet: bool,
}

const AFTER_HELP: &str = "\
Results go to files or standard output, everything else to standard error.
Exit status: 0 done, 1 done with rejected documents or short of a --min, 2 not done.

Examples:
  demarche run corpus/sample --out out
  demarche export out/records.jsonl --format table
  demarche doctor";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    Annotate(annotate::Args),
    Aggregate(aggregate::Args),
    Evaluate(evaluate::Args),
    Convert(convert::Args),
    Sample(sample::Args),
    Train(train::Args),
    Export(export::Args),
    Actors(actors::Args),
    Doctor(doctor::Args),
}

/// How a command that did not fail has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// All is done.
    Done,
    /// All is done that could be, and something is short of what was asked: documents were rejected, a check failed.
    Short,
}

impl Status {
    /// Done, or short when documents were rejected.
    fn of_rejects(rejected: usize) -> Self {
        if rejected == 0 {
            Status::Done
        } else {
            Status::Short
        }
    }
}

/// Parses the command line, runs the command and tells how it went.
pub fn main() -> ExitCode {
    pipeline::report_panics_as_rejects();
    let cli = Cli::parse();
    match panic::catch_unwind(|| dispatch(cli)) {
        Ok(Ok(Status::Done)) => ExitCode::SUCCESS,
        Ok(Ok(Status::Short)) => ExitCode::from(1),
        // `demarche annotate … | head -1` has what it wants.
        Ok(Err(error)) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            say(format_args!("{error:#}"));
            ExitCode::from(2)
        }
        // The hook has told what and where.
        Err(_) => ExitCode::from(2),
    }
}

fn dispatch(cli: Cli) -> Result<Status> {
    match cli.command {
        Command::Run(args) => run::run(&args, cli.quiet),
        Command::Annotate(args) => annotate::run(&args, cli.quiet),
        Command::Aggregate(args) => aggregate::run(&args, cli.quiet),
        Command::Evaluate(args) => evaluate::run(&args, cli.quiet),
        Command::Convert(args) => convert::run(&args, cli.quiet),
        Command::Sample(args) => sample::run(&args, cli.quiet),
        Command::Train(args) => train::run(args, cli.quiet),
        Command::Export(args) => export::run(&args, cli.quiet),
        Command::Actors(args) => actors::run(&args),
        Command::Doctor(args) => doctor::run(&args),
    }
}

/// Says a line on standard error. Control characters of names and texts do not reach the terminal (I8).
fn say(message: fmt::Arguments) {
    use io::Write;
    let line: String = message.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // With standard error gone there is nobody to tell.
    let _ = writeln!(io::stderr(), "demarche: {line}");
}

/// Whether somebody who read our output has stopped reading.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn flags_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("demarche {}", command.get_name())), "{}", command.get_name());
        }
    }
}
