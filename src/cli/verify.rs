//! `sovereign verify`: whether the tree at a commit is what its manifest, kit and this compiler give.

use std::path::Path;
use std::sync::Arc;

use super::args::{Format, Verify as Args};
use super::many::{Join, Many};
use super::{Exit, Failure, Terminal, commit, report};
use sovereign_compile::compile_with_objects;
use sovereign_compile::tree::Lock;
use sovereign_store::git::Repository;
use sovereign_store::publish;
use sovereign_text::diag::Diagnostics;

/// Runs the command.
///
/// # Errors
/// The repository cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let many = Many { findings: Format::Human, join: Join::Lines, words, quiet: false };
    many.run(&args.manifests, terminal, |file, terminal| one(file, args, terminal))
}

/// Returns what is said of manifests for which the command ends so.
fn words(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "as manifest, kit and compiler give it",
        Exit::Found | Exit::Usage => "that differ or have errors",
        Exit::Environment => "failed",
    }
}

/// Verifies the tree of one manifest.
fn one(file: &Path, args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let repository = Repository::open(&args.repository)?;
    let at = repository.resolve(&args.commit)?;
    let kits = Arc::clone(&terminal.kits);
    let manifest = commit::manifest(&repository, file);
    let mut diags = Diagnostics::new();
    let input = publish::input(&repository, &manifest, Some(at), &terminal.places.kits, &mut diags)?;
    let compiled = diags.verdict().and_then(|()| compile_with_objects(&input, &kits, &mut diags));
    let Ok(compiled) = compiled else {
        report::print(&diags, &input, &kits, Format::Human, terminal)?;
        return Ok(Exit::Found);
    };
    let snapshot = repository.snapshot(at, compiled.tree.root())?;
    let root = compiled.tree.root();
    if let Some((path, what)) = snapshot.obstacle() {
        writeln!(terminal.out, "{path}: {what}")?;
    }
    let none = Lock::default();
    let lock = snapshot.lock().ok().flatten().unwrap_or(&none);
    let findings = publish::verify::findings(&snapshot, lock, &compiled.tree);
    for finding in &findings {
        writeln!(terminal.out, "{root}/{finding}")?;
    }
    let (count, files) = (findings.len(), compiled.tree.files().len());
    if count == 0 {
        writeln!(terminal.err, "{root} at {at}: all {files} files are what {} gives", file.display())?;
        return Ok(Exit::Done);
    }
    let reasons = reasons(lock, compiled.tree.lock());
    writeln!(terminal.err, "{root} at {at}: {count} files are not what {} gives{reasons}", file.display())?;
    if let Some((done, of)) = publish::steps::under_way(&repository, at, root)? {
        writeln!(
            terminal.err,
            "note: step {done} of {of} is committed; `sovereign plan` shows what is left"
        )?;
    }
    Ok(Exit::Found)
}

/// Returns which of input, kit and compiler differ from those that the lock names.
fn reasons(old: &Lock, new: &Lock) -> String {
    let words = [("input", "the manifest"), ("kit", "the kit"), ("compiler", "the compiler")];
    let changed: Vec<_> =
        words.iter().filter(|(key, _)| old.origin(key) != new.origin(key)).map(|(_, word)| *word).collect();
    if changed.is_empty() {
        String::new()
    } else {
        format!(": {} changed since the tree was written", changed.join(" and "))
    }
}
