//! Brings a [`Tree`] to disk: all of it or nothing, and never over somebody else's work.
//!
//! The target is `out/<tree.root()>`. Its `sovereign.lock` says which files are ours; everything else there is
//! foreign and survives. What a run does:
//!
//! 1. **Look** ([`compare`]): one walk over the target, one read of each file we own, on all processors. A foreign
//!    file in the place of one of ours, and a file of ours edited by hand, refuse the run as a whole. A file that
//!    already holds exactly our bytes is adopted, whoever wrote it: there is nothing to lose.
//! 2. **Stage**: if anything changes, the complete new directory is built beside the target as
//!    `.<name>.sovereign-new`. Unchanged and foreign files are hard links to the old ones (copies where the file
//!    system has no links), so they keep inode, mode and times; directories keep their mode.
//! 3. **Swap**: staging and target change places in one system call (`RENAME_EXCHANGE`), and the old directory is
//!    deleted. A `kill -9` at any moment therefore leaves exactly the old or exactly the new tree; what else it
//!    leaves has a reserved name and goes in the next run. Where the file system or the platform has no exchange,
//!    the old directory steps aside as `.<name>.sovereign-old` for the moment between two renames, and a run that
//!    finds the target missing puts it back first.
//!
//! All three take time with the size of the tree, however little changes. That is on purpose:
//!
//! - No file is taken for unchanged by its times. The lock cannot be the mark against which they are held: a
//!   checkout or a copy may write it after files that somebody has edited, and a link and its removal change the time
//!   of the file they are for.
//! - Nothing is changed in place. Only one exchange of whole directories leaves the old tree or the new one, whenever
//!   a run ends and whoever reads meanwhile.
//!
//! Runs exclude each other by an advisory lock on the directory that holds the target, so no lock file is left
//! behind. A file system that cannot lock directories (some NFS mounts) is used without; builds must then not run
//! at the same time.
//!
//! Two limits, on purpose. Nothing is flushed with `fsync`: after a power cut the tree is rebuilt from its input.
//! And a foreign file *created or replaced* in the target in the milliseconds between the walk and the swap is
//! lost; one edited in place is not.
#![expect(clippy::disallowed_methods, reason = "this is the module that touches the disk")]

mod error;
mod guard;
pub mod hook;
mod stage;
mod survey;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::tree::{Digest, Tree, TreePath};

use error::Context as _;
pub use error::{Edited, WriteError};
use guard::Guard;
use stage::Swap;
use survey::Survey;

/// What a run may do beyond the harmless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Overwrite (or remove) files of ours that were edited by hand. Foreign files are never overwritten.
    pub overwrite: bool,
}

/// What [`apply`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Files added or changed, the lock included; sorted.
    pub written: Vec<TreePath>,
    /// Files of ours that the tree no longer has; sorted.
    pub removed: Vec<TreePath>,
    /// How many files already held the right bytes.
    pub unchanged: usize,
    /// Where the tree stands: `out/<tree.root()>`.
    pub root: PathBuf,
}

/// What [`apply`] would do. All lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Where the tree stands or would stand.
    pub root: PathBuf,
    /// Files of the tree that are not on disk.
    pub added: Vec<TreePath>,
    /// Files of ours on disk with other bytes than the tree's; those edited by hand are among them.
    pub changed: Vec<TreePath>,
    /// Files of ours on disk that the tree no longer has; those edited by hand are among them.
    pub removed: Vec<TreePath>,
    /// How many files on disk hold the tree's bytes already.
    pub unchanged: usize,
    /// Files of ours whose bytes are not what we wrote: [`Options::overwrite`] decides.
    pub edited: Vec<Edited>,
    /// What is not ours and stands where a file of the tree belongs: always refused.
    pub foreign: Vec<TreePath>,
}

impl Comparison {
    /// Whether the disk already holds the tree, so that [`apply`] would touch nothing.
    pub fn is_current(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty() && self.foreign.is_empty()
    }
}

/// Says what [`apply`] would do, and touches nothing.
///
/// # Errors
/// A target that cannot be looked at or must not be entered: see [`WriteError`]. Foreign files and files edited by
/// hand are no error here but part of the answer.
pub fn compare(tree: &Tree, out: &Path) -> Result<Comparison, WriteError> {
    let place = Place::of(tree, out)?;
    // Without the parent there is neither a target nor a run to wait for.
    let _guard = if exists(&place.parent)? { Guard::shared(&place.parent)? } else { Guard::none() };
    // An interrupted run without exchange: `apply` would put the old tree back before anything else.
    let aside = !exists(&place.target)? && exists(&place.old)?;
    let base = if aside { &place.old } else { &place.target };
    Ok(Survey::take(tree, &place.target, base)?.comparison)
}

/// Makes `out/<tree.root()>` hold the tree.
///
/// # Errors
/// See [`WriteError`]. Whatever the error, the target is still exactly what it was, with one exception: if only the
/// deletion of the old directory fails, the new tree is in place and the error names what is left beside it.
pub fn apply(tree: &Tree, out: &Path, options: Options) -> Result<Applied, WriteError> {
    apply_by(tree, out, options, Swap::Exchange)
}

fn apply_by(tree: &Tree, out: &Path, options: Options, swap: Swap) -> Result<Applied, WriteError> {
    let place = Place::of(tree, out)?;
    fs::create_dir_all(&place.parent).at("create", &place.parent)?;
    let _guard = Guard::exclusive(&place.parent)?;
    stage::recover(&place)?;

    let survey = Survey::take(tree, &place.target, &place.target)?;
    let found = &survey.comparison;
    if !found.foreign.is_empty() || (!found.edited.is_empty() && !options.overwrite) {
        return Err(WriteError::Refused {
            root: place.target,
            foreign: found.foreign.clone(),
            edited: if options.overwrite { Vec::new() } else { found.edited.clone() },
        });
    }
    if !found.is_current() {
        stage::replace(&place, &survey, swap)?;
    }

    let Comparison { root, added, changed, removed, unchanged, edited: _, foreign: _ } = survey.comparison;
    let mut written = added;
    written.extend(changed);
    written.sort_unstable();
    Ok(Applied { written, removed, unchanged, root })
}

/// The target and the names beside it that are reserved for us.
#[derive(Debug)]
struct Place {
    parent: PathBuf,
    target: PathBuf,
    /// The directory under construction; after an exchange, the old one on its way out.
    staging: PathBuf,
    /// The old directory, while it steps aside where there is no exchange.
    old: PathBuf,
}

impl Place {
    /// The place of a tree below `out`. `out` itself is the caller's and may be a symlink; below it, every
    /// component of the root is a directory or does not exist yet.
    fn of(tree: &Tree, out: &Path) -> Result<Self, WriteError> {
        let (above, name) = match tree.root().as_str().rsplit_once('/') {
            Some((above, name)) => (Some(above), name),
            None => (None, tree.root().as_str()),
        };
        let parent = above.map_or_else(|| out.to_path_buf(), |above| out.join(above));
        // A domain name can be as long as a file name may be: a long one gives way to its digest.
        let stem = if name.len() <= 200 { name.to_owned() } else { Digest::of(name.as_bytes()).to_string() };
        let place = Self {
            target: parent.join(name),
            staging: parent.join(format!(".{stem}.sovereign-new")),
            old: parent.join(format!(".{stem}.sovereign-old")),
            parent,
        };
        let mut path = out.to_path_buf();
        for part in tree.root().as_str().split('/') {
            path.push(part);
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(WriteError::Obstructed { path }),
                Err(error) if error.kind() == ErrorKind::NotFound => break,
                Err(error) => return Err(error).at("look at", &path),
            }
        }
        Ok(place)
    }
}

/// Whether something stands at a path, a dangling symlink included.
fn exists(path: &Path) -> Result<bool, WriteError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).at("look at", path),
    }
}
