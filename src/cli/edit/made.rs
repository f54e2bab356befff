//! An edit of the files on the disk: made, compiled, and written if it brings no new error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Request;
use crate::cli::{Exit, Failure, Terminal, report};
use sovereign_compile::outline;
use sovereign_edit::{Edit, apply};
use sovereign_language::input::{Input, Revised};
use sovereign_language::kit::Kits;
use sovereign_store::{load, rewrite};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, Severity};
use sovereign_text::line_diff;

/// Makes an edit.
pub(super) fn run(request: &Request<'_>, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Request { edit, file, editing, kits } = request;
    let file = load::upwards(file);
    let mut before = Diagnostics::new();
    let input = load::load(&file, &terminal.places.kits, &mut before)?;
    if before.verdict().is_err() {
        report::print(&before, &input, kits, editing.format, terminal)?;
        return Ok(Exit::Found);
    }
    let revised = match apply(edit, &input, kits) {
        Ok(revised) => revised,
        Err(refused) => return super::say(&refused, terminal),
    };
    if revised.is_empty() {
        if !editing.quiet {
            writeln!(terminal.err, "it is so already, nothing is written")?;
        }
        return Ok(Exit::Done);
    }
    // What is wrong is in the findings.
    outline(&input, kits, &mut before).ok();
    let after = load::revised(&file, &terminal.places.kits, &input, &revised);
    let mut diags = Diagnostics::new();
    outline(&after, kits, &mut diags).ok();
    keep_new(&mut diags, &before);
    report::print(&diags, &after, kits, editing.format, terminal)?;
    if diags.count(Severity::Error) > 0 {
        writeln!(terminal.err, "the edit is refused, since it would bring this about; nothing is written")?;
        return Ok(Exit::Found);
    }
    if editing.dry_run {
        for revised in &revised {
            terminal.out.write_all(difference(revised, &input, &file).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    for revised in &revised {
        let path = place(revised, &file);
        match revised.before(&input) {
            // A mark before the first character is no part of the text that was read.
            Some(before) => rewrite::replace(&path, before, &revised.text)?,
            None => rewrite::create(&path, &revised.text)?,
        }
        if !editing.quiet {
            writeln!(terminal.err, "{}: {}", path.display(), edit.words())?;
        }
    }
    Ok(Exit::Done)
}

/// Says which files an edit would change, and writes nothing.
pub(super) fn compared(
    edit: &Edit,
    file: &Path,
    kits: &Kits,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    let file = load::upwards(file);
    let input = load::load(&file, &terminal.places.kits, &mut Diagnostics::new())?;
    match apply(edit, &input, kits) {
        Err(refused) => super::say(&refused, terminal),
        Ok(revised) if revised.is_empty() => Ok(Exit::Done),
        Ok(revised) => {
            for revised in revised {
                terminal.out.write_all(difference(&revised, &input, &file).as_bytes())?;
            }
            Ok(Exit::Found)
        }
    }
}

/// Returns where a file of an edit is.
fn place(revised: &Revised, manifest: &Path) -> PathBuf {
    match &revised.file {
        None => manifest.to_owned(),
        Some(path) => manifest.with_file_name("").join(path),
    }
}

/// Returns what changes in a file, as a unified diff.
fn difference(revised: &Revised, input: &Input, manifest: &Path) -> String {
    let name = place(revised, manifest).display().to_string();
    let before = revised.before(input);
    let old = if before.is_some() { name.as_str() } else { "/dev/null" };
    line_diff::unified(before.unwrap_or_default(), &revised.text, 3, (old, &name))
}

/// Keeps the findings of which there are more than before.
fn keep_new(diags: &mut Diagnostics, before: &Diagnostics) {
    let counted = |diags: &Diagnostics| {
        let mut counts: BTreeMap<(Code, String), usize> = BTreeMap::new();
        for finding in diags.iter() {
            *counts.entry(key(finding)).or_default() += 1;
        }
        counts
    };
    let (old, new) = (counted(before), counted(diags));
    diags.retain(|finding| {
        let key = key(finding);
        new.get(&key) > old.get(&key)
    });
}

/// Returns what makes a finding the same one where lines have moved.
fn key(finding: &Diagnostic) -> (Code, String) {
    (finding.code, finding.message.clone())
}
