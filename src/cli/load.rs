//! Reading the input from disk: the manifest, and the blueprint sources beside it.
#![expect(clippy::disallowed_methods, reason = "this is where the program reads its input")]

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::diag::Diagnostics;
use crate::input::{Input, ReadDirectory};
use crate::source::{MAX_BYTES, Source};

/// How many blueprint files a directory may have; a kit has about fifty.
const MOST_FILES: usize = 1000;

/// Reads a manifest and what it names. A file that is no text gives an empty input and a finding.
///
/// # Errors
/// The manifest cannot be read.
pub fn load(file: &Path, diags: &mut Diagnostics) -> Result<Input, Failure> {
    let unreadable = |error: &std::io::Error| {
        let help =
            if error.kind() == std::io::ErrorKind::NotFound { "; `sovereign init` writes one" } else { "" };
        Failure::World(format!("cannot read {}: {error}{help}", file.display()))
    };
    let size = fs::metadata(file).map_err(|error| unreadable(&error))?.len();
    let bytes = if size > MAX_BYTES as u64 {
        // Only its size is needed to refuse it.
        vec![0; MAX_BYTES + 1]
    } else {
        fs::read(file).map_err(|error| unreadable(&error))?
    };
    let name = file.display().to_string();
    let source = Source::manifest(name, bytes).unwrap_or_else(|(fault, source)| {
        diags.push(crate::check::not_text::report(fault, &source));
        source
    });
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or_else(|| Path::new(".")).to_owned();
    Ok(Input::gather(source, &Beside { directory }))
}

/// Reads directories beside a manifest, and never outside its own directory.
struct Beside {
    directory: PathBuf,
}

impl ReadDirectory for Beside {
    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
        let cannot = |error: std::io::Error| format!("cannot be read: {error}");
        let root = self.directory.canonicalize().map_err(cannot)?;
        let directory = self.directory.join(path).canonicalize().map_err(cannot)?;
        if !directory.starts_with(&root) {
            return Err("leads out of the directory of the manifest".to_owned());
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(&directory).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_toml = name.rsplit_once('.').is_some_and(|(_, ending)| ending == "toml");
            if !is_toml || !entry.file_type().map_err(cannot)?.is_file() {
                continue;
            }
            if files.len() == MOST_FILES {
                return Err(format!("has more than {MOST_FILES} files"));
            }
            if entry.metadata().map_err(cannot)?.len() > MAX_BYTES as u64 {
                return Err(format!("holds `{name}`, which is larger than {MAX_BYTES} bytes"));
            }
            files.push((name, fs::read(entry.path()).map_err(cannot)?));
        }
        files.sort();
        Ok(files)
    }
}
