//! Manifests that are symlinks: the file that one points to is the manifest.

use super::super::{Exit, Failure, Terminal};
use super::Staged;

impl Staged<'_> {
    /// Returns the path of the file that a staged path stands for: itself, or what it points to. `None` after words, if it is a
    /// symlink to nothing that is staged; where it changes, that is an error.
    pub(super) fn file_behind(
        &self,
        path: String,
        exit: &mut Exit,
        terminal: &mut Terminal<'_>,
    ) -> Result<Option<String>, Failure> {
        let Some(written) = self.repository.staged_link(&path)? else { return Ok(Some(path)) };
        let target = target(&path, &written);
        if let Some(target) = target
            && self.repository.staged_file(&target)?.is_some()
        {
            return Ok(Some(target));
        }
        if self.changed.contains(&path) {
            writeln!(terminal.err, "error: {path} is a symlink to {written}, where no file is staged")?;
            writeln!(terminal.err, "help: stage the manifest itself in its place")?;
            *exit = Exit::Found;
        }
        Ok(None)
    }
}

/// Returns the path in the repository that a symlink points to; `None` if it leaves the repository.
fn target(link: &str, written: &str) -> Option<String> {
    if written.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
