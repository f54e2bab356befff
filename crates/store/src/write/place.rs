//! The target, and the names beside it that are reserved for us.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::{Context as _, WriteError};
use sovereign_compile::tree::TreePath;
use sovereign_text::digest::Digest;

/// The directory beside the trees that holds everything of ours that is no tree. It can be deleted at any time.
const WORKSHOP: &str = ".sovereign";

/// Where a tree stands, and where it is built.
#[derive(Debug)]
pub(super) struct Place {
    /// The directory that holds the target.
    pub(super) parent: PathBuf,
    pub(super) target: PathBuf,
    /// `.sovereign` beside it.
    pub(super) workshop: PathBuf,
    /// The directory under construction; after an exchange, the old one.
    pub(super) staging: PathBuf,
    /// The old directory, while it steps aside where there is no exchange.
    pub(super) old: PathBuf,
    /// What is remembered of a large tree.
    pub(super) record: PathBuf,
}

impl Place {
    /// Returns the place of a tree below `out`. `out` itself is the caller's and may be a symlink; below it,
    /// every component of the root is a directory or does not exist yet, and so is the workshop.
    pub(super) fn new(root: &TreePath, out: &Path) -> Result<Self, WriteError> {
        let (above, name) = match root.as_str().rsplit_once('/') {
            Some((above, name)) => (Some(above), name),
            None => (None, root.as_str()),
        };
        let parent = above.map_or_else(|| out.to_path_buf(), |above| out.join(above));
        // A domain name can be as long as a file name may be: a long one gives way to its digest.
        let stem =
            if name.len() <= 200 { name.to_owned() } else { Digest::hash(name.as_bytes()).to_string() };
        let workshop = parent.join(WORKSHOP);
        let place = Self {
            target: parent.join(name),
            staging: workshop.join(format!("{stem}.new")),
            old: workshop.join(format!("{stem}.old")),
            record: workshop.join(format!("{stem}.record")),
            workshop,
            parent,
        };
        let mut path = out.to_path_buf();
        for part in root.as_str().split('/') {
            path.push(part);
            if !is_directory(&path)? {
                break;
            }
        }
        is_directory(&place.workshop)?;
        Ok(place)
    }
}

/// Returns whether a plain directory stands at a path; an error, if something else does.
fn is_directory(path: &Path) -> Result<bool, WriteError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(WriteError::Obstructed { path: path.to_path_buf() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).at("look at", path),
    }
}

/// Returns whether something stands at a path, a dangling symlink included.
pub(super) fn exists(path: &Path) -> Result<bool, WriteError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).at("look at", path),
    }
}
