//! What is expected: files of this repository, compared with what is there, or blessed.
#![expect(clippy::disallowed_methods, reason = "expected files stand on disk")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use sovereign_text::line_diff;

/// Lines of a difference that are shown for one file, and files that are shown.
const MOST_LINES: usize = 60;
const MOST_FILES: usize = 10;

/// Whether expected files are written instead of compared.
pub(crate) fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// Says why nothing is blessed.
#[expect(clippy::print_stderr, reason = "a test program speaks on standard error")]
pub(crate) fn refuse() {
    eprintln!("BLESS is refused where CI is set: a machine must not decide what is right");
}

/// A text, lossily: what is neither UTF-8 nor UTF-16 with its mark is shown as such.
pub(crate) fn text(path: impl AsRef<Path>) -> io::Result<String> {
    let bytes = fs::read(path)?;
    Ok(match bytes.strip_prefix(b"\xff\xfe") {
        Some(utf_16) => {
            let (units, _) = utf_16.as_chunks();
            let units: Vec<_> = units.iter().copied().map(u16::from_le_bytes).collect();
            String::from_utf16_lossy(&units)
        }
        None => String::from_utf8_lossy(&bytes).into_owned(),
    })
}

/// Names of the entries of a directory that is perhaps not there, sorted.
pub(crate) fn names(directory: impl AsRef<Path>) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Names without `extension` of the entries that have it.
pub(crate) fn stems(directory: impl AsRef<Path>, extension: &str) -> Vec<String> {
    let names = names(directory);
    names.iter().filter_map(|name| name.strip_suffix(extension)).map(str::to_owned).collect()
}

/// Whether a name has this extension, in lower case as this repository writes it.
pub(crate) fn is_named(name: &str, extension: &str) -> bool {
    name.strip_suffix(extension).is_some()
}

/// A file that is there only if there is something to say.
pub(crate) fn meet_text(path: &str, found: &str) -> Result<(), Failed> {
    let (at, is_there) = (Path::new(path), Path::new(path).exists());
    let expected = if is_there { text(path)? } else { String::new() };
    if expected == found && is_there != found.is_empty() {
        return Ok(());
    }
    match (is_blessing(), found.is_empty()) {
        (true, true) => Ok(fs::remove_file(at)?),
        (true, false) => Ok(put(at, found.as_bytes())?),
        (false, true) if expected.is_empty() => Err(format!("{path} is empty; remove it").into()),
        (false, _) => Err(difference(path, &expected, found).into()),
    }
}

/// A directory that holds these files and no other.
pub(crate) fn meet_files(directory: &str, found: &BTreeMap<String, String>) -> Result<(), Failed> {
    let mut expected = BTreeMap::new();
    walk(Path::new(directory), "", &mut expected)?;
    let (mut said, mut shown) = (String::new(), 0);
    for (path, text) in found {
        let at = PathBuf::from(directory).join(path);
        match expected.remove(path) {
            Some(bytes) if bytes == text.as_bytes() => {}
            _ if is_blessing() => put(&at, text.as_bytes())?,
            None => writeln!(said, "missing: {directory}/{path}")?,
            Some(_) if shown == MOST_FILES => writeln!(said, "changed: {directory}/{path}")?,
            Some(bytes) => {
                shown += 1;
                let name = format!("{directory}/{path}");
                said.push_str(&difference(&name, &String::from_utf8_lossy(&bytes), text));
            }
        }
    }
    for path in expected.keys() {
        if is_blessing() {
            remove(Path::new(directory), path)?;
        } else {
            writeln!(said, "extra: {directory}/{path}")?;
        }
    }
    if said.is_empty() { Ok(()) } else { Err(said.into()) }
}

/// Every file below a directory, by relative path.
pub(crate) fn walk(root: &Path, below: &str, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for name in names(root.join(below)) {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if root.join(&path).is_dir() {
            walk(root, &path, files)?;
        } else {
            files.insert(path.clone(), fs::read(root.join(&path))?);
        }
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, bytes)
}

/// Removes a file, and the directories above it that are empty then.
fn remove(root: &Path, path: &str) -> io::Result<()> {
    fs::remove_file(root.join(path))?;
    let mut above = Path::new(path).parent();
    while let Some(directory) = above.filter(|directory| fs::remove_dir(root.join(directory)).is_ok()) {
        above = directory.parent();
    }
    Ok(())
}

fn difference(name: &str, expected: &str, found: &str) -> String {
    let names = (format!("{name} (expected)"), format!("{name} (found)"));
    let diff = line_diff::unified(expected, found, 3, (&names.0, &names.1));
    let lines = diff.lines().count();
    let said: String = diff.lines().take(MOST_LINES).flat_map(|line| [line, "\n"]).collect();
    match lines.saturating_sub(MOST_LINES) {
        0 => said,
        more => format!("{said}… and {more} more lines\n"),
    }
}
