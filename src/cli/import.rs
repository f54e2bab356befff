//! `sovereign import`: from a tree that exists to the manifest that gives it back, with a proof object by object.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::args::import::{Args, ImportFormat};
use super::{Exit, Failure, Terminal, files};
use sovereign_change::import::{BLUEPRINTS, Existing, Import, human, import, json};
use sovereign_store::git::Repository;
use sovereign_store::load;
use sovereign_text::look::Look;

/// Runs the command.
///
/// # Errors
/// The tree cannot be read, or the manifest cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let directory = Path::new(&args.tree);
    let files = if directory.is_dir() {
        load::files(directory)?
    } else {
        let repository = Repository::open(&args.repository)?;
        let commit = repository.resolve(&args.tree)?;
        repository.files_below(commit, &args.path)?
    };
    let existing = Existing::read(&files, &args.region);
    if existing.objects.is_empty() {
        writeln!(terminal.err, "error: there is no Kubernetes object in {}", args.tree)?;
        return Ok(Exit::Usage);
    }
    let kits = Arc::clone(&terminal.kits);
    let found = import(&existing, &kits);
    if let Some(out) = &args.out {
        write(out, &found)?;
        writeln!(terminal.err, "wrote {}", out.display())?;
    }
    match args.format {
        ImportFormat::Json => terminal.out.write_all(json::render(&found).as_bytes())?,
        ImportFormat::Human => {
            if args.out.is_none() {
                terminal.out.write_all(found.manifest.as_bytes())?;
                for (name, text) in &found.blueprints {
                    write!(terminal.out, "\n# {BLUEPRINTS}/{name}\n{text}")?;
                }
            }
            let report = human::render(&found, Look { color: terminal.color });
            terminal.err.write_all(report.as_bytes())?;
        }
    }
    let is_whole = found.proof.as_ref().is_some_and(|proof| proof.equal() == proof.objects.len());
    Ok(if is_whole { Exit::Done } else { Exit::Found })
}

/// Writes the manifest and what stands beside it; nothing if one of the files is there.
fn write(out: &Path, import: &Import) -> Result<(), Failure> {
    let beside = out.parent().unwrap_or_else(|| Path::new("")).join(BLUEPRINTS);
    let blueprints: Vec<_> = import.blueprints.iter().map(|(name, text)| (beside.join(name), text)).collect();
    let mut all = vec![(out, import.manifest.as_str())];
    all.extend(blueprints.iter().map(|(file, text)| (file.as_path(), text.as_str())));
    files::are_new(&all)?;
    if !blueprints.is_empty() {
        let cannot = |error| Failure::Environment(format!("cannot make {}: {error}", beside.display()));
        fs::DirBuilder::new().recursive(true).create(&beside).map_err(cannot)?;
    }
    files::create_all(&all)
}
