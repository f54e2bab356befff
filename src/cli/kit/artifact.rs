//! `sovereign kit pack`, `push` and `pull`: a kit as an artifact of a registry, of the kind that Flux and ORAS know.
#![expect(clippy::disallowed_methods, reason = "a kit is a directory that a person names")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::args::{KitPack, KitPull, KitPush, Network};
use super::super::{Exit, Failure, Terminal};
use super::own::directory_name;
use sovereign_registry::{Address, Artifact, FLUX, Reference};
use sovereign_store::kit_files::{KitFiles, LARGEST_ARCHIVE};

/// The configuration of the artifact: that of an image which runs nowhere.
const CONFIG: &str = r#"{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"#;
/// The annotation with the digest of the kit's files, which is what manifests name.
const DIGEST: &str = "sovereign.openova.io/kit-digest";

/// Packs a kit into an archive: of the same files always the same bytes.
///
/// # Errors
/// The directory is no kit, or the archive cannot be written.
pub(super) fn pack(args: &KitPack, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let files = read(&args.directory)?;
    let path = match &args.output {
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{}.tar.gz", directory_name(&args.directory)?)),
    };
    write(&path, &packed(&files)?).map_err(|error| cannot(&path, &error))?;
    writeln!(
        terminal.err,
        "wrote {}: {} files, sha256:{}",
        path.display(),
        files.iter().count(),
        files.digest()
    )?;
    Ok(Exit::Done)
}

/// Pushes a kit to a registry, and says what a manifest writes to use it.
///
/// # Errors
/// The directory is no kit, or the registry does not take it.
pub(super) fn push(args: &KitPush, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Some((address, version)) = tagged(&args.address, terminal)? else { return Ok(Exit::Usage) };
    let files = read(&args.directory)?;
    let digest = format!("sha256:{}", files.digest());
    let artifact = Artifact {
        kind: FLUX,
        config: CONFIG.as_bytes().to_vec(),
        layer: packed(&files)?,
        annotations: vec![
            ("org.opencontainers.image.version".to_owned(), version.clone()),
            (DIGEST.to_owned(), digest.clone()),
        ],
    };
    let registry = terminal.places.registry(&address.host, args.network.time())?;
    let manifest = registry.push(&address, &artifact)?;
    writeln!(
        terminal.err,
        "pushed {address}: {} files, its manifest is sha256:{manifest}",
        files.iter().count()
    )?;
    let oci = format!("{}/{}", address.host, address.repository);
    writeln!(terminal.out, "kit = {{ oci = {oci:?}, version = {version:?}, digest = {digest:?} }}")?;
    Ok(Exit::Done)
}

/// Pulls a kit from a registry into a directory that is not there yet.
///
/// # Errors
/// There is no such kit, or it cannot be written.
pub(super) fn pull(args: &KitPull, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Some(address) = Address::parse(&args.address) else {
        return no_address(&args.address, terminal).map(|()| Exit::Usage);
    };
    let target = &args.directory;
    if target.exists() {
        return Err(Failure::Environment(format!(
            "{} is there already; nothing was pulled",
            target.display()
        )));
    }
    let files = files(&address, args.network, terminal)?;
    place(target, &files).map_err(|error| cannot(target, &error))?;
    let count = files.iter().count();
    writeln!(
        terminal.err,
        "pulled {address} to {}: {count} files, sha256:{}",
        target.display(),
        files.digest()
    )?;
    Ok(Exit::Done)
}

/// Pulls the files of a kit.
///
/// # Errors
/// There is no such kit.
pub(super) fn files(
    address: &Address,
    network: Network,
    terminal: &Terminal<'_>,
) -> Result<KitFiles, Failure> {
    let registry = terminal.places.registry(&address.host, network.time())?;
    let pulled = registry.pull(address, FLUX, LARGEST_ARCHIVE as u64)?;
    KitFiles::unpack(&pulled.layer).map_err(|fault| Failure::Environment(format!("{address} {fault}")))
}

fn read(directory: &Path) -> Result<KitFiles, Failure> {
    KitFiles::read(directory)
        .map_err(|fault| Failure::Environment(format!("{} {fault}", directory.display())))
}

fn packed(files: &KitFiles) -> Result<Vec<u8>, Failure> {
    files.pack().map_err(|error| Failure::Environment(format!("cannot pack the kit: {error}")))
}

/// Returns an address to push to, with the version that its tag means; `None` after a report.
fn tagged(text: &str, terminal: &mut Terminal<'_>) -> Result<Option<(Address, String)>, Failure> {
    let address = Address::parse(text);
    if let Some((address, Reference::Tag(tag))) = address.map(|address| (address.clone(), address.reference))
    {
        // A version has at most one `+`, and no other place for `_`.
        return Ok(Some((address, tag.replace('_', "+"))));
    }
    no_address(text, terminal).map(|()| None)
}

fn no_address(text: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    writeln!(terminal.err, "error: `{}` names no artifact", text.escape_debug())?;
    writeln!(terminal.err, "help: write it as `oci://ghcr.io/acme/kit:1.2.0`")?;
    Ok(())
}

/// Writes a file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}.new", std::process::id()));
    let written = fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        fs::remove_file(&unfinished).ok();
    }
    written
}

/// Writes the files of a kit as a directory, whole or not at all.
fn place(target: &Path, files: &KitFiles) -> io::Result<()> {
    let mut unfinished = target.as_os_str().to_owned();
    unfinished.push(format!(".{}.new", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    fs::create_dir_all(&unfinished)?;
    let written = files.iter().try_for_each(|(name, bytes)| fs::write(unfinished.join(name), bytes));
    let written = written.and_then(|()| fs::rename(&unfinished, target));
    if written.is_err() {
        fs::remove_dir_all(&unfinished).ok();
    }
    written
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::Environment(format!("cannot write {}: {error}", path.display()))
}
