//! Charts in a directory of them: each packed as `.tgz`, or a directory of its own. A registry would give packed ones too.
#![expect(clippy::disallowed_methods, reason = "charts are files of a directory that a person names")]

use std::fs;
use std::path::{Path, PathBuf};

use super::super::Failure;
use sovereign_chart::{Chart, Files, ReadError};

/// The largest packed chart that is read: what a registry of charts accepts.
pub(super) const LARGEST_ARCHIVE: u64 = 20 * 1024 * 1024;

/// Reads all charts of a directory, sorted by the name of their file.
pub(super) fn of_directory(directory: &Path) -> Result<Vec<Chart>, Failure> {
    let mut charts = Vec::new();
    for path in sorted(directory)? {
        let read = if path.is_dir() {
            if !path.join("Chart.yaml").is_file() {
                continue;
            }
            Chart::of_files(files(&path)?)
        } else if path.extension().is_some_and(|end| end == "tgz") {
            Chart::unpack(&bytes(&path, LARGEST_ARCHIVE)?)
        } else {
            continue;
        };
        charts.push(read.map_err(|error| refused(&path.display().to_string(), &error))?);
    }
    Ok(charts)
}

/// Reads a chart that came packed from somewhere, whose name is for a person to read.
///
/// # Errors
/// It is no chart.
pub(super) fn unpack(place: &str, archive: &[u8]) -> Result<Chart, Failure> {
    Chart::unpack(archive).map_err(|error| refused(place, &error))
}

/// Reads the files of a chart's directory. Links are left out, since they may lead anywhere.
fn files(root: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for path in sorted(&directory)? {
            let kind = fs::symlink_metadata(&path).map_err(|error| cannot(&path, &error))?.file_type();
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                let inner = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                let bytes = bytes(&path, LARGEST_ARCHIVE)?;
                files.insert(&inner, bytes).map_err(|error| refused(&path.display().to_string(), &error))?;
            }
        }
    }
    Ok(files)
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let size = fs::metadata(path).map_err(|error| cannot(path, &error))?.len();
    if size > most {
        return Err(Failure::Environment(format!("{} is larger than {most} bytes", path.display())));
    }
    fs::read(path).map_err(|error| cannot(path, &error))
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(directory).map_err(|error| cannot(directory, &error))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(|error| cannot(directory, &error))?;
    paths.sort();
    Ok(paths)
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Environment(format!("cannot read {}: {error}", path.display()))
}

/// Returns what is wrong with a chart, with every reason behind it.
fn refused(place: &str, error: &ReadError) -> Failure {
    let mut words = format!("{place}: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        words = format!("{words}: {error}");
        source = error.source();
    }
    Failure::Environment(words)
}
