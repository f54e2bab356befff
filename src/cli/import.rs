//! `sovereign import`: from a tree that exists to the manifest that gives it back, with a proof object by object.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args as ClapArgs, ValueEnum};

use super::{Exit, Failure, Terminal};
use sovereign_change::import::{BLUEPRINTS, Existing, Import, human, import, json};
use sovereign_store::git::Repository;
use sovereign_store::load;
use sovereign_text::look::Look;

/// `sovereign import`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Reads rendered YAML: a tree of ours, that of April 2026, or one's own. The manifest is compiled, compared with the tree
object by object, and corrected until nothing more can be said. The report says what was assumed, what could
not be said, and every field that differs. A file that is there is never overwritten.
Exit codes: 0 every object is given back, 1 some are not, 2 there is no tree, 3 the world failed.

Examples:
  sovereign import clusters/omantel.omani.works --out sovereign.toml
  sovereign import v1.4 --path clusters/omantel.omani.works
  sovereign import rendered/ --region fsn1 --format json > import.json"
)]
pub struct Args {
    /// A directory, or a commit
    #[arg(value_name = "DIR|COMMIT")]
    pub tree: String,
    /// Where the tree is in a commit
    #[arg(long, value_name = "PATH", default_value = "")]
    pub path: String,
    /// The repository of a commit
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repository: PathBuf,
    /// What the region of a tree is called that has no directories of regions
    #[arg(long, value_name = "NAME", default_value = "hel1")]
    pub region: String,
    /// Write the manifest there, and blueprints of one's own beside it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to print the report
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: ImportFormat,
}

/// How to print the report of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// For a person at a terminal; without --out the manifest goes to standard output
    Human,
    /// For programs, with stable keys; holds the manifest
    Json,
}

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
