//! `sovereign build`: compiles a manifest and writes its tree.

use std::path::Path;

use super::args::{Build, Manifest};
use super::many::{self, Join, Many};
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::tree::{Tree, TreePath};
use sovereign_store::build::{self, Built};
use sovereign_store::write::{self, Applied, Comparison, Options, WriteError};
use sovereign_text::digest::Digest;

/// How many paths of a kind are listed before the rest is counted.
const SHOWN: usize = 20;

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read, or the tree cannot be written.
pub fn run(args: &Build, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let words = if args.check { words_of_check } else { words };
    let many = Many { findings: args.manifest.format, join: Join::Lines, words, quiet: args.quiet };
    let Some(found) = args.manifest.manifests.find(terminal)? else { return Ok(Exit::Usage) };
    if many::refuse_twins(&found, terminal)? {
        return Ok(Exit::Found);
    }
    many.over(&found, terminal, |file, terminal| {
        if args.check { check(file, args, terminal) } else { build(file, args, terminal) }
    })
}

/// Returns what is said of manifests for which the command ends so.
fn words(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "built",
        Exit::Found | Exit::Usage => "refused",
        Exit::Environment => "failed",
    }
}

/// The same, where nothing is written.
fn words_of_check(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "up to date",
        Exit::Found | Exit::Usage => "that differ or have errors",
        Exit::Environment => "failed",
    }
}

fn check(file: &Path, args: &Build, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Manifest { deny, format, manifests: _ } = args.manifest;
    let Ok(tree) = report::compiled(file, deny, format, terminal)? else { return Ok(Exit::Found) };
    let comparison = write::compare(&tree, &args.out)?;
    if !args.quiet {
        compared(&tree, &comparison, terminal)?;
    }
    Ok(if comparison.is_current() { Exit::Done } else { Exit::Found })
}

fn build(file: &Path, args: &Build, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Manifest { format, deny, manifests: _ } = &args.manifest;
    let options = Options { overwrite: args.overwrite, ..Options::default() };
    let built = report::reported(file, *deny, *format, terminal, |input, kits, diags| {
        Ok(build::build(input, kits, &args.out, options, args.whole, diags)?)
    })?;
    let Ok(Built { digest, applied, .. }) = built else { return Ok(Exit::Found) };
    match applied {
        Ok(applied) => {
            if !args.quiet {
                written(digest, &applied, terminal)?;
            }
            Ok(Exit::Done)
        }
        Err(refused @ WriteError::Refused { .. }) => {
            writeln!(terminal.err, "error: {refused}")?;
            if matches!(&refused, WriteError::Refused { edited, .. } if !edited.is_empty()) {
                let help = "move the edits into the manifest, then lose them here with `--overwrite`";
                writeln!(terminal.err, "help: {help}")?;
            }
            Ok(Exit::Found)
        }
        Err(error) => Err(error.into()),
    }
}

fn written(digest: Digest, applied: &Applied, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let root = applied.root.display();
    if applied.written.is_empty() && applied.removed.is_empty() {
        writeln!(terminal.err, "{root} is up to date: {} files", applied.unchanged)?;
        return Ok(());
    }
    list("wrote", &applied.written, terminal)?;
    list("removed", &applied.removed, terminal)?;
    let (wrote, removed, unchanged) = (applied.written.len(), applied.removed.len(), applied.unchanged);
    writeln!(terminal.err, "{root}: {wrote} written, {removed} removed, {unchanged} unchanged")?;
    writeln!(terminal.err, "tree sha256:{digest}")?;
    Ok(())
}

fn compared(tree: &Tree, comparison: &Comparison, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let root = comparison.root.display();
    if comparison.is_current() {
        writeln!(terminal.err, "{root} is up to date: {} files", tree.files().len())?;
        return Ok(());
    }
    list("would add", &comparison.added, terminal)?;
    list("would change", &comparison.changed, terminal)?;
    list("would remove", &comparison.removed, terminal)?;
    list("not ours, but in the way:", &comparison.foreign, terminal)?;
    for edited in &comparison.edited {
        writeln!(terminal.err, "edited by hand: {}\n{}", edited.path, edited.diff)?;
    }
    let (added, changed) = (comparison.added.len(), comparison.changed.len());
    let removed = comparison.removed.len();
    writeln!(terminal.err, "{root} differs: {added} to add, {changed} to change, {removed} to remove")?;
    Ok(())
}

fn list(verb: &str, paths: &[TreePath], terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    for path in paths.iter().take(SHOWN) {
        writeln!(terminal.err, "  {verb} {path}")?;
    }
    if paths.len() > SHOWN {
        writeln!(terminal.err, "  {verb} {} more", paths.len() - SHOWN)?;
    }
    Ok(())
}
