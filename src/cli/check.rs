//! `sovereign check`: says everything that is wrong; with `--fix` it writes what is certain, and otherwise nothing.

use std::path::Path;
use std::sync::Arc;

use super::args::{Check, Format, Manifest};
use super::many::{self, Join, Many};
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::outline;
use sovereign_language::input::SourceMap;
use sovereign_store::{load, rewrite};
use sovereign_text::diag::{Diagnostics, Sources as _, fixes};

/// How often what is left is looked at again: behind a mistake of syntax stand mistakes of other kinds.
const ROUNDS: usize = 5;

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read, or with `--fix` cannot be written.
pub fn run(args: &Check, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Manifest { manifests, format, deny: _ } = &args.manifest;
    let many = Many { findings: *format, join: Join::Lines, words, quiet: false };
    let Some(found) = manifests.find(terminal)? else { return Ok(Exit::Usage) };
    let has_twins = many::refuse_twins(&found, terminal)?;
    let exit = many.over(&found, terminal, |file, terminal| one(file, args, terminal))?;
    Ok(if has_twins { exit.max(Exit::Found) } else { exit })
}

/// Returns what is said of manifests for which the command ends so.
fn words(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "right",
        Exit::Found | Exit::Usage => "with errors",
        Exit::Environment => "not readable",
    }
}

/// Checks one manifest.
fn one(file: &Path, args: &Check, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Manifest { deny, format, manifests: _ } = &args.manifest;
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
            if args.manifest.format == Format::Human && terminal.among.is_none() {
                let (file, files) = (file.display(), tree.paths.len());
                writeln!(terminal.err, "{file} is right: {} with {files} files", tree.root)?;
            }
            Ok(Exit::Done)
        }
    }
}

/// Makes the edits that are certain, until there are none.
fn fix(file: &Path, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let kits = Arc::clone(&terminal.kits);
    for _ in 0..ROUNDS {
        let mut diags = Diagnostics::new();
        let input = load::load(file, &terminal.places.kits, &mut diags)?;
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
