//! The pre-commit hook on disk: written by rename, over nobody's work.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::{fs, io};

/// Writes the pre-commit hook of a repository. A hook that is there and not ours is kept under `before.1`; `true`
/// if there was one. `before.0` is the line by which ours is known.
///
/// # Errors
/// The directory cannot be written, or both a hook of others and one that was kept earlier are there.
pub fn install(directory: &Path, script: &str, before: (&str, &str)) -> io::Result<bool> {
    let path = directory.join("pre-commit");
    let kept = directory.join(before.1);
    fs::create_dir_all(directory)?;
    let there = match fs::read(&path) {
        Ok(bytes) => !bytes.is_empty() && !String::from_utf8_lossy(&bytes).contains(before.0),
        // A link that leads nowhere is somebody's too.
        Err(error) if error.kind() == ErrorKind::NotFound => path.is_symlink(),
        Err(error) => return Err(error),
    };
    if there {
        if kept.exists() || kept.is_symlink() {
            let words = format!("{} is there already; make one of the two hooks first", kept.display());
            return Err(io::Error::new(ErrorKind::AlreadyExists, words));
        }
        fs::rename(&path, &kept)?;
    }
    let new = directory.join("pre-commit.new");
    fs::write(&new, script)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
    fs::rename(&new, &path)?;
    Ok(kept.exists())
}
