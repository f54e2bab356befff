//! `sovereign import`: from a tree that exists to the manifest that gives it back, with a proof object by object.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::Arc;

use super::args::import::{Args, ImportFormat};
use super::{Exit, Failure, Terminal};
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
    let mut files = vec![(out.to_owned(), &import.manifest)];
    files.extend(import.blueprints.iter().map(|(name, text)| (beside.join(name), text)));
    let cannot = |file: &Path, error: &std::io::Error| {
        Failure::Environment(format!("cannot write {}: {error}", file.display()))
    };
    if let Some((file, _)) = files.iter().find(|(file, _)| file.exists()) {
        return Err(cannot(file, &ErrorKind::AlreadyExists.into()));
    }
    if !import.blueprints.is_empty() {
        fs::DirBuilder::new().recursive(true).create(&beside).map_err(|error| cannot(&beside, &error))?;
    }
    for (file, text) in files {
        let created = OpenOptions::new().write(true).create_new(true).open(&file);
        created.and_then(|mut to| to.write_all(text.as_bytes())).map_err(|error| cannot(&file, &error))?;
    }
    Ok(())
}
