//! `sovereign kit lock`: opens charts and writes down what is in them.
#![expect(clippy::disallowed_methods, reason = "locks are files of a directory that a person names")]

use std::fs;
use std::path::Path;

use super::super::args::KitLock as Args;
use super::super::{Exit, Failure, Terminal};
use super::charts;
use sovereign_language::kit::{Kit, Kits};
use sovereign_language::lock::Lock;
use sovereign_text::diag::suggest;

/// Runs the command. All charts are read before the first lock is written.
///
/// # Errors
/// A chart cannot be read, or a lock cannot be written.
pub(super) fn run(args: &Args, kits: &Kits, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let locks: Vec<_> = charts::of_directory(&args.charts)?.iter().map(sovereign_chart::lock).collect();
    let locks = match &args.kit {
        None => locks,
        Some(name) => {
            let Some(kit) = super::open(kits, name) else {
                writeln!(terminal.err, "error: there is no kit `{name}`")?;
                writeln!(terminal.err, "help: there is {}", suggest::list(kits.names(), 12))?;
                return Ok(Exit::Usage);
            };
            of_kit(&kit, &locks)
        }
    };
    if locks.is_empty() {
        return Err(Failure::Environment(format!("there is no chart in {}", args.charts.display())));
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
        found.map_or_else(
            || Lock {
                chart: name.to_owned(),
                version: version.to_owned(),
                unopened: Some(reason()),
                ..Lock::default()
            },
            |lock| (*lock).clone(),
        )
    };
    kit.blueprints
        .iter()
        .map(|blueprint| of(blueprint.chart.value.as_str(), blueprint.version.value.as_str()))
        .collect()
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
