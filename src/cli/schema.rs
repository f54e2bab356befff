//! `sovereign schema`: prints the JSON Schema of the language, or of what a command prints for programs.

use super::args::{Schema as Args, SchemaOf};
use super::{Exit, Failure, Terminal};
use sovereign_language::manifest::schema::SCHEMA;

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let schema = match args.of {
        SchemaOf::Manifest => SCHEMA,
        SchemaOf::Fleet => sovereign_language::fleet::SCHEMA,
        SchemaOf::Impact => include_str!("../../schema/impact.schema.json"),
        SchemaOf::Findings => include_str!("../../schema/findings.schema.json"),
        SchemaOf::Diff => include_str!("../../schema/diff.schema.json"),
        SchemaOf::Why => include_str!("../../schema/why.schema.json"),
    };
    terminal.out.write_all(schema.as_bytes())?;
    Ok(Exit::Done)
}
