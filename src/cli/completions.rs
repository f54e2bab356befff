//! `sovereign completions`: prints completions for a shell.

use clap::CommandFactory as _;

use super::args::{Args, Completions};
use super::{Exit, Failure, Terminal};

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub fn run(args: &Completions, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "sovereign", &mut text);
    terminal.out.write_all(&text)?;
    Ok(Exit::Done)
}
