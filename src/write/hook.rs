//! The pre-commit hook on disk: written by rename, over nobody's work.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::{fs, io};

/// Writes the pre-commit hook of a repository. A hook that is there and not ours is kept under `before.1`; `true`
/// if there was one. `before.0` is the line by which ours is known.
///
/// # Errors
/// The directory cannot be written.
pub fn install(directory: &Path, script: &str, before: (&str, &str)) -> io::Result<bool> {
    let path = directory.join("pre-commit");
    fs::create_dir_all(directory)?;
    let there = fs::read_to_string(&path).unwrap_or_default();
    let foreign = !there.is_empty() && !there.contains(before.0);
    if foreign {
        fs::rename(&path, directory.join(before.1))?;
    }
    let new = directory.join("pre-commit.new");
    fs::write(&new, script)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
    fs::rename(&new, &path)?;
    Ok(foreign || directory.join(before.1).exists())
}
