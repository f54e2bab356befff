//! `sovereign secrets`: lists the Secrets that a tree refers to and does not hold.
#![expect(clippy::disallowed_methods, reason = "a person asks for files")]

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::args::{Format, Secrets as Args, SecretsFormat, SecretsKind};
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::plan::Plan;
use sovereign_compile::secrets::external::{self, File};
use sovereign_compile::secrets::{self, Secret, checklist, json, text};

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read, or the output cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let found = report::inspected(&args.file, None, Format::Human, terminal, |plan, lowered| {
        let secrets = secrets::with_applications(plan, &lowered);
        let list = match args.format {
            SecretsFormat::Text => text::render(&secrets),
            SecretsFormat::Json => json::render(&secrets),
            SecretsFormat::Checklist => checklist::render(plan.fqdn.value.as_str(), &secrets),
        };
        let files = external::files(&secrets, plan.kit_span);
        let left = what_is_left(plan, &secrets);
        (list, files, left)
    })?;
    let Ok((list, files, left)) = found else { return Ok(Exit::Found) };
    match (args.write, &args.out) {
        (None, _) => terminal.out.write_all(list.as_bytes())?,
        (Some(SecretsKind::ExternalSecrets), None) => {
            for file in files {
                write!(terminal.out, "---\n{}", file.text)?;
            }
        }
        (Some(SecretsKind::ExternalSecrets), Some(directory)) => {
            write_files(directory, &files, terminal)?;
        }
    }
    if args.write.is_some() {
        for line in left {
            writeln!(terminal.err, "{line}")?;
        }
    }
    Ok(Exit::Done)
}

/// Returns what a person has to know beside the files: which Secrets no ExternalSecret can make, and where
/// nothing brings the store that they read from.
fn what_is_left(plan: &Plan<'_>, secrets: &[Secret]) -> Vec<String> {
    let first = secrets.iter().filter(|secret| secret.provider.is_person() && secret.comes_first);
    let first = first.map(|secret| {
        format!("{}: {} is needed before OpenBao runs, so it is not here", secret.region, secret.id())
    });
    let regions: BTreeSet<_> =
        secrets.iter().filter(|secret| external::can_make(secret)).map(|s| s.region.as_str()).collect();
    let without_store = regions.into_iter().filter_map(|region| {
        let bringing = external::lacks_store(plan, region)?;
        let store = external::STORE;
        Some(format!(
            "{region}: `{bringing}` does not run there, so nothing brings the ClusterSecretStore `{store}`, and these wait for it"
        ))
    });
    first.chain(without_store).collect()
}

/// Writes the files, never over one that says something else.
fn write_files(directory: &Path, files: &[File], terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    for file in files {
        let path = directory.join(&file.path);
        let cannot =
            |error: std::io::Error| Failure::Environment(format!("cannot write {}: {error}", path.display()));
        match fs::read(&path) {
            Ok(there) if there == file.text.as_bytes() => continue,
            Ok(_) => {
                let shown = path.display();
                let words = format!("{shown} is there and says something else; remove it first");
                return Err(Failure::Environment(words));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(cannot(error)),
        }
        fs::create_dir_all(path.parent().unwrap_or(directory)).map_err(cannot)?;
        fs::write(&path, &file.text).map_err(cannot)?;
        writeln!(terminal.err, "wrote {}", path.display())?;
    }
    Ok(())
}
