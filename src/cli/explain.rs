//! `sovereign explain`: prints the page of a finding, or of a key of the language.

use super::args::Explain;
use super::{Exit, Failure, Terminal};
use sovereign_language::guide;
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
    let near_key = match guide::page(name) {
        Ok(page) => {
            terminal.out.write_all(page.as_bytes())?;
            return Ok(Exit::Done);
        }
        Err(near) => near,
    };
    writeln!(terminal.err, "error: there is no finding and no key `{name}`")?;
    let near_code = suggest::nearest(name, Code::ALL.iter().map(|code| code.name())).map(str::to_owned);
    // A dot is in the path of a key and in no code.
    let near = if name.contains('.') { near_key } else { near_code.or(near_key) };
    match near {
        Some(near) => writeln!(terminal.err, "help: did you mean `{near}`?")?,
        None => writeln!(
            terminal.err,
            "help: `sovereign explain` lists the findings, docs/reference.md the keys"
        )?,
    }
    Ok(Exit::Usage)
}
