//! `sovereign check`: says everything that is wrong, writes nothing.

use super::args::{Check, Format};
use super::{Exit, Failure, Terminal, report};

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read.
pub fn run(args: &Check, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    match report::compiled(&args.manifest, terminal)? {
        Err(_) => Ok(Exit::Found),
        Ok(tree) => {
            if args.manifest.format == Format::Human {
                let (file, files) = (args.manifest.file.display(), tree.files().len());
                writeln!(terminal.err, "{file} is right: {} with {files} files", tree.root())?;
            }
            Ok(Exit::Done)
        }
    }
}
