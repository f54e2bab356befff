//! `sovereign impact`: what another kit or compiler does to real Sovereigns, before it is released.

mod other;

use std::path::Path;
use std::sync::Arc;

use super::args::impact::{Args, ImpactFormat};
use super::{Exit, Failure, Terminal, diff, files};
use crate::page;
use sovereign_change::impact::{Against, Impact, Report, human, json};
use sovereign_change::rollout::Migration;
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::compile_with_objects;
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_text::diag::{Diagnostics, suggest};
use sovereign_text::look::Look;
use sovereign_text::parallel;

/// Runs the command.
///
/// # Errors
/// The other compiler cannot be run, or the output cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let (kits, places) = (Arc::clone(&terminal.kits), terminal.places);
    let against = match (&args.kit, &args.compiler) {
        (Some(kit), _) if kits.names().any(|known| known == kit) => Against::Kit(kit.clone()),
        (Some(kit), _) => return unknown(kit, &kits, terminal),
        (None, Some(program)) => Against::Compiler(program.display().to_string()),
        (None, None) => return Ok(Exit::Usage),
    };
    let Some(found) = args.manifests.find(terminal)? else { return Ok(Exit::Usage) };
    let mut impacts = Ok(Vec::with_capacity(found.files.len()));
    parallel::each(
        &found.files,
        |file| one(file, args, &kits, &places.kits),
        |_, impact| match (&mut impacts, impact) {
            (Ok(impacts), Ok(impact)) => impacts.push(impact),
            (Ok(_), Err(failure)) => impacts = Err(failure),
            (Err(_), _) => {}
        },
    );
    let report = Report { against, impacts: impacts? };
    let text = match args.format {
        ImpactFormat::Human => human::text(&report, Look { color: terminal.out_color }),
        ImpactFormat::Markdown => human::markdown(&report),
        ImpactFormat::Json => json::render(&report),
    };
    terminal.out.write_all(text.as_bytes())?;
    if let Some(file) = &args.html {
        files::replace(file, &page::impact::render(&json::value(&report))?)?;
        writeln!(terminal.err, "wrote {}", file.display())?;
    }
    Ok(if report.is_worrying() { Exit::Found } else { Exit::Done })
}

fn unknown(kit: &str, kits: &Kits, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    writeln!(terminal.err, "error: there is no kit `{}`", kit.escape_debug())?;
    writeln!(terminal.err, "  the kits are {}", suggest::list(kits.names(), usize::MAX))?;
    Ok(Exit::Usage)
}

/// Returns what comes of one manifest.
fn one(file: &Path, args: &Args, kits: &Kits, cache: &KitCache) -> Result<Impact, Failure> {
    let name = file.display().to_string();
    let mut found = Diagnostics::new();
    let input = match load::load(file, cache, &mut found) {
        Ok(input) => input,
        Err(unreadable) => return Ok(Impact::broken(&name, &found, Some(unreadable.to_string()))),
    };
    if found.verdict().is_err() {
        return Ok(Impact::broken(&name, &found, None));
    }
    match (&args.kit, &args.compiler) {
        (Some(kit), _) => Ok(on_kit(&name, &input, kit, kits)),
        (None, Some(program)) => after_compiler(file, &input, program, kits),
        (None, None) => Ok(Impact::apart(&name, "it was held against nothing")),
    }
}

/// Returns what another kit does to a manifest.
fn on_kit(name: &str, input: &Input, kit: &str, kits: &Kits) -> Impact {
    let mut found = Diagnostics::new();
    let Ok(now) = compile_with_objects(input, kits, &mut found) else {
        return Impact::broken(name, &found, None);
    };
    let Some(other) = diff::on_kit(input, kit) else {
        return Impact::apart(
            name,
            "it is on a kit of its own: change what that extends, and `sovereign diff` it",
        );
    };
    let old = Snapshot::from_tree(&now.tree);
    drop(now);
    let mut found = Diagnostics::new();
    match compile_with_objects(&other, kits, &mut found) {
        Err(_) => Impact::refused(name, &found),
        Ok(new) => {
            let sources = SourceMap { input: &other, kits };
            Impact::compare(name, Migration { old: &old, new: &new }, kits.catalog(), &sources, found)
        }
    }
}

/// Returns what this compiler does to a manifest of which another one wrote the tree.
fn after_compiler(file: &Path, input: &Input, program: &Path, kits: &Kits) -> Result<Impact, Failure> {
    let name = file.display().to_string();
    let built = match other::build(program, file)? {
        Ok(built) => built,
        Err(refused) => return Ok(Impact::broken(&name, &Diagnostics::new(), Some(refused.to_string()))),
    };
    let mut found = Diagnostics::new();
    let Ok(new) = compile_with_objects(input, kits, &mut found) else {
        return Ok(Impact::refused(&name, &found));
    };
    let old = load::snapshot(&built.path().join(new.tree.root().as_str()))?;
    let sources = SourceMap { input, kits };
    Ok(Impact::compare(&name, Migration { old: &old, new: &new }, kits.catalog(), &sources, found))
}
