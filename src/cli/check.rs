//! `sovereign check`: says everything that is wrong; with `--fix` it writes what is certain, and otherwise nothing.

use std::path::Path;

use super::args::{Check, Format, Manifest};
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::outline;
use sovereign_language::input::SourceMap;
use sovereign_language::kit::Kits;
use sovereign_store::{load, rewrite};
use sovereign_text::diag::{Diagnostics, Sources as _, fixes};

/// How often what is left is looked at again: behind a mistake of syntax stand mistakes of other kinds.
const ROUNDS: usize = 5;

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read, or with `--fix` cannot be written.
pub fn run(args: &Check, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Manifest { file, deny, format } = &args.manifest;
    let file = load::upwards(file);
    if args.fix {
        fix(&file, terminal)?;
    }
    let checked = report::reported(&file, *deny, *format, terminal, |input, kits, diags| {
        Ok(outline(input, kits, diags))
    })?;
    match checked {
        Err(_) => Ok(Exit::Found),
        Ok(tree) => {
            if args.manifest.format == Format::Human {
                let (file, files) = (file.display(), tree.paths.len());
                writeln!(terminal.err, "{file} is right: {} with {files} files", tree.root)?;
            }
            Ok(Exit::Done)
        }
    }
}

/// Makes the edits that are certain, until there are none.
fn fix(file: &Path, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let kits = Kits::embedded();
    for _ in 0..ROUNDS {
        let mut diags = Diagnostics::new();
        let input = load::load_with(file, &terminal.places.kits, &mut diags)?;
        if diags.verdict().is_err() {
            return Ok(());
        }
        // What is wrong is in the findings.
        outline(&input, &kits, &mut diags).ok();
        let certain = fixes::certain(&diags);
        if certain.is_empty() {
            return Ok(());
        }
        for (source, edits) in certain {
            let sources = SourceMap { input: &input, kits: &kits };
            let source = sources.source(source);
            rewrite::replace(Path::new(source.name()), source.text(), &fixes::made(source, &edits))?;
            let (count, name) = (edits.len(), source.name());
            let mistakes = if count == 1 { "1 mistake".to_owned() } else { format!("{count} mistakes") };
            writeln!(terminal.err, "fixed {mistakes} in {name}")?;
        }
    }
    Ok(())
}
