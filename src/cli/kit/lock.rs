//! `sovereign kit lock`: opens charts and writes down what is in them.
#![expect(clippy::disallowed_methods, reason = "locks are files of a directory that a person names")]

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::Path;

use super::super::args::KitLock as Args;
use super::super::{Exit, Failure, Terminal};
use super::charts;
use sovereign_language::kit::{Kit, Kits};
use sovereign_language::lock::Lock;
use sovereign_registry::{Address, CHART, Reference, RegistryError};

/// Runs the command. All charts are read before the first lock is written.
///
/// # Errors
/// A chart cannot be read, or a lock cannot be written.
pub(super) fn run(args: &Args, kits: &Kits, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let kit = match args.kit.as_deref().map(|name| super::named(kits, name, terminal)).transpose()? {
        Some(Ok(named)) => Some(named.kit),
        Some(Err(exit)) => return Ok(exit),
        None => None,
    };
    let locks = match (&args.charts, &args.registry, &kit) {
        (Some(directory), _, kit) => {
            let locks: Vec<_> = charts::of_directory(directory)?.iter().map(sovereign_chart::lock).collect();
            kit.as_ref().map_or_else(|| locks.clone(), |kit| of_kit(kit, &locks))
        }
        (None, Some(address), Some(kit)) => of_registry(kit, address, args, terminal)?,
        (None, _, _) => Vec::new(),
    };
    if locks.is_empty() {
        let place = args.charts.as_deref().unwrap_or(Path::new("the kit"));
        return Err(Failure::Environment(format!("there is no chart in {}", place.display())));
    }
    fs::create_dir_all(&args.output).map_err(|error| cannot(&args.output, &error))?;
    let unopened = locks.iter().filter(|lock| lock.unopened.is_some()).count();
    for lock in &locks {
        write(&args.output, lock)?;
    }
    let opened = locks.len() - unopened;
    writeln!(terminal.err, "{opened} charts opened, {unopened} not, in {}", args.output.display())?;
    Ok(Exit::Done)
}

/// Returns a lock for each chart that a kit pins: those that were not among the charts say so.
fn of_kit(kit: &Kit, opened: &[Lock]) -> Vec<Lock> {
    let of = |name: &str, version: &str| {
        let of_name: Vec<_> = opened.iter().filter(|lock| lock.chart == name).collect();
        let found = of_name.iter().find(|lock| lock.version == version);
        let reason = || match of_name.first() {
            Some(other) => format!("version {} was there in its place", other.version),
            None => "it was not among the charts that were given".to_owned(),
        };
        found.map_or_else(|| unopened(name, version, reason()), |lock| (*lock).clone())
    };
    pins(kit).map(|(name, version)| of(name, version)).collect()
}

/// Returns a lock for each chart that a kit pins, as its registry has it: those that it lacks say so. A chart comes from the
/// repository that its blueprint names; an address that is given stands for that of all others.
fn of_registry(
    kit: &Kit,
    address: &str,
    args: &Args,
    terminal: &mut Terminal<'_>,
) -> Result<Vec<Lock>, Failure> {
    let main = if address.is_empty() { kit.repository.url.value.as_str() } else { address };
    let project = |address: &str| {
        let (host, project) = address.strip_prefix("oci://")?.split_once('/')?;
        Some((host.to_owned(), project.trim_end_matches('/').to_owned()))
    };
    if project(main).is_none() {
        let words = format!("`{main}` is no registry and project, such as `oci://ghcr.io/acme`");
        return Err(Failure::Environment(words));
    }
    let mut registries = BTreeMap::new();
    let mut locks = Vec::new();
    for blueprint in &kit.blueprints {
        let (name, version) = (blueprint.chart.value.as_str(), blueprint.version.value.as_str());
        let address = match &blueprint.repository {
            None => main,
            Some(named) => {
                let table = kit.extension.repository(&named.value);
                table.and_then(|table| table.url.as_ref()).map_or("", |url| url.value.as_str())
            }
        };
        let Some((host, project)) = project(address) else {
            let words = "is no registry, and an index is not read: give the chart with --charts";
            locks.push(unopened(name, version, format!("its repository {address} {words}")));
            continue;
        };
        let registry = match registries.entry(host.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(terminal.places.registry(&host, args.network.time())?),
        };
        let repository = format!("{project}/{name}");
        let address = Address { host, repository, reference: Reference::of_version(version) };
        locks.push(match registry.pull(&address, CHART, charts::LARGEST_ARCHIVE) {
            Ok(pulled) => sovereign_chart::lock(&charts::unpack(&address.to_string(), &pulled.layer)?),
            Err(RegistryError::Missing(_)) => unopened(name, version, format!("there is no {address}")),
            Err(error) => return Err(error.into()),
        });
    }
    Ok(locks)
}

/// Returns names and versions of the charts that a kit pins.
fn pins(kit: &Kit) -> impl Iterator<Item = (&str, &str)> {
    kit.blueprints.iter().map(|blueprint| (blueprint.chart.value.as_str(), blueprint.version.value.as_str()))
}

fn unopened(name: &str, version: &str, reason: String) -> Lock {
    Lock { chart: name.to_owned(), version: version.to_owned(), unopened: Some(reason), ..Lock::default() }
}

/// Writes a lock whole or not at all.
fn write(directory: &Path, lock: &Lock) -> Result<(), Failure> {
    let path = directory.join(format!("{}-{}.toml", lock.chart, lock.version));
    let unfinished = path.with_extension("toml.new");
    fs::write(&unfinished, lock.to_string())
        .and_then(|()| fs::rename(&unfinished, &path))
        .map_err(|error| cannot(&path, &error))
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Environment(format!("cannot write {}: {error}", path.display()))
}
