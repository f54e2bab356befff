//! `sovereign man`: prints the manual page of the program, or of one command.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::args::{Args, Man as Wanted};
use super::{Exit, Failure, Terminal};
use sovereign_text::diag::suggest;

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub fn run(args: &Wanted, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let mut program = Args::command().disable_help_subcommand(true);
    // Gives every command its whole name: `sovereign-kit-show`.
    program.build();
    let mut command = &program;
    for name in &args.command {
        let Some(found) = command.find_subcommand(name) else {
            let known: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
            writeln!(terminal.err, "error: `{}` has no command `{name}`", of(command))?;
            if let Some(near) = suggest::nearest(name, known.iter().copied()) {
                writeln!(terminal.err, "help: did you mean `{near}`?")?;
            } else if !known.is_empty() {
                writeln!(terminal.err, "help: it has {}", suggest::list(known, 12))?;
            }
            return Ok(Exit::Usage);
        };
        command = found;
    }
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    terminal.out.write_all(&page)?;
    Ok(Exit::Done)
}

fn of(command: &clap::Command) -> &str {
    command.get_bin_name().unwrap_or_else(|| command.get_name())
}
