//! `sovereign kit fetch`: brings the kit of a manifest here, so that compiling asks no network.

use super::super::args::{Format, KitFetch as Args};
use super::super::{Exit, Failure, Terminal, report};
use super::artifact;
use sovereign_language::kit::Kits;
use sovereign_language::manifest::{self, KitChoice};
use sovereign_registry::{Address, Reference};
use sovereign_store::git::{GitKit, fetch_kit};
use sovereign_store::kit_files::KitFiles;
use sovereign_store::load;
use sovereign_text::diag::Diagnostics;

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read, or the kit not be reached.
pub(super) fn run(args: &Args, kits: &Kits, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let file = load::upwards(&args.file);
    let mut diags = Diagnostics::new();
    let input = load::load(&file, &terminal.places.kits, &mut diags)?;
    let document = manifest::decode(input.manifest(), &mut diags);
    let Some(choice) = document.as_ref().and_then(|document| document.kit.as_ref()) else {
        report::print(&diags, &input, kits, Format::Human, terminal)?;
        return Ok(Exit::Found);
    };
    let choice = &choice.value;
    let Some(origin) = choice.origin() else {
        if matches!(choice, KitChoice::Git(_) | KitChoice::Oci(_)) {
            report::print(&diags, &input, kits, Format::Human, terminal)?;
            return Ok(Exit::Found);
        }
        writeln!(terminal.err, "the kit of {} is here: there is nothing to fetch", file.display())?;
        return Ok(Exit::Done);
    };
    let wanted = choice.digest().and_then(|digest| digest.value.digest());
    if let Some(digest) = wanted.filter(|digest| terminal.places.kits.read(*digest).is_ok()) {
        writeln!(terminal.err, "{origin} is here already: sha256:{digest}")?;
        return Ok(Exit::Done);
    }
    let files = bring(choice, args, terminal)?;
    let digest = files.digest();
    if let Some(wanted) = wanted.filter(|wanted| *wanted != digest) {
        writeln!(
            terminal.err,
            "error: {origin} is another kit than {} says; nothing of it is kept",
            file.display()
        )?;
        writeln!(terminal.err, "  there       sha256:{digest}\n  in the file sha256:{wanted}")?;
        return Ok(Exit::Found);
    }
    terminal.places.kits.keep(&files)?;
    writeln!(terminal.err, "fetched {origin}: {} files", files.iter().count())?;
    if wanted.is_none() {
        let words = "its digest does not stand in the manifest; add this line to the table of the kit";
        writeln!(terminal.err, "error: {words}:\n\n  digest = \"sha256:{digest}\"")?;
        return Ok(Exit::Found);
    }
    Ok(Exit::Done)
}

/// Brings the files of a kit from where it is.
fn bring(choice: &KitChoice, args: &Args, terminal: &Terminal<'_>) -> Result<KitFiles, Failure> {
    let unwritten = || Failure::Environment("the manifest does not say where the kit is".to_owned());
    match choice {
        KitChoice::Embedded(_) | KitChoice::Own(_) => Err(unwritten()),
        KitChoice::Git(table) => {
            let (url, commit) = table.git.as_ref().zip(table.rev.as_ref()).ok_or_else(unwritten)?;
            let directory = table.path.as_ref().map(|path| path.value.as_str());
            let kit = GitKit { url: url.value.as_str(), commit: commit.value.as_str(), directory };
            Ok(fetch_kit(kit, &terminal.places.kits)?)
        }
        KitChoice::Oci(table) => {
            let (repository, version) =
                table.oci.as_ref().zip(table.version.as_ref()).ok_or_else(unwritten)?;
            let (host, repository) = repository.value.split();
            let address = Address {
                host: host.to_owned(),
                repository: repository.to_owned(),
                reference: Reference::of_version(version.value.as_str()),
            };
            artifact::files(&address, args.network, terminal)
        }
    }
}
