//! `sovereign explain`: prints the page of a finding.

use super::args::Explain;
use super::{Exit, Failure, Terminal};
use sovereign_text::diag::{Code, suggest};

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub fn run(args: &Explain, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Some(name) = &args.code else {
        let mut codes = Code::ALL.to_vec();
        codes.sort_by_key(|code| code.name());
        for code in codes {
            writeln!(terminal.out, "{:<26}{:<9}{}", code.name(), code.severity().name(), code.summary())?;
        }
        return Ok(Exit::Done);
    };
    if let Ok(code) = name.parse::<Code>() {
        terminal.out.write_all(code.page().as_bytes())?;
        return Ok(Exit::Done);
    }
    writeln!(terminal.err, "error: there is no finding `{name}`")?;
    match suggest::nearest(name, Code::ALL.iter().map(|code| code.name())) {
        Some(near) => writeln!(terminal.err, "help: did you mean `{near}`?")?,
        None => writeln!(terminal.err, "help: `sovereign explain` lists them all")?,
    }
    Ok(Exit::Usage)
}
