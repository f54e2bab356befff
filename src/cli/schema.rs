//! `sovereign schema`: prints the JSON Schema of the language.

use super::{Exit, Failure, Terminal};
use sovereign_language::manifest::schema::SCHEMA;

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub fn run(terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    terminal.out.write_all(SCHEMA.as_bytes())?;
    Ok(Exit::Done)
}
