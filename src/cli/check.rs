//! `sovereign check`: says everything that is wrong, writes nothing.

use super::args::{Check, Format, Manifest};
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::outline;

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read.
pub fn run(args: &Check, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Manifest { file, deny, format } = &args.manifest;
    let checked = report::reported(file, *deny, *format, terminal, |input, kits, diags| {
        Ok(outline(input, kits, diags))
    })?;
    match checked {
        Err(_) => Ok(Exit::Found),
        Ok(tree) => {
            if args.manifest.format == Format::Human {
                let (file, files) = (args.manifest.file.display(), tree.paths.len());
                writeln!(terminal.err, "{file} is right: {} with {files} files", tree.root)?;
            }
            Ok(Exit::Done)
        }
    }
}
