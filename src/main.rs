//! The command line. Everything that it does is in the library or in [`cli`], a file a subcommand.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
