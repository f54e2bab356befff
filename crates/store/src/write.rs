//! Brings a [`Tree`] to disk: all of it or nothing, and never over somebody else's work.
//!
//! The target is `out/<tree.root()>`. Its `sovereign.lock` says which files are ours; everything else there is
//! foreign and survives. What a run does:
//!
//! 1. **Look** ([`Held::hold`], [`compare()`]): one walk over the target, one read of each file we own, on all processors. A
//!    foreign file in the place of one of ours, and a file of ours edited by hand, refuse the run as a whole. A file that
//!    already holds exactly our bytes is adopted, whoever wrote it: there is nothing to lose.
//! 2. **Stage**: if anything changes, the complete new directory is built beside the target, in `.sovereign/`. Unchanged
//!    and foreign files are hard links to the old ones (copies where the file system has no links), so they keep
//!    inode, mode and times; directories keep their mode.
//! 3. **Swap**: staging and target change places in one system call (`RENAME_EXCHANGE`), and the old directory is
//!    deleted. A `kill -9` at any moment therefore leaves exactly the old or exactly the new tree; what else it
//!    leaves stands in `.sovereign/`, and the next run takes it away. Where the file system or the platform has no exchange,
//!    the old directory steps aside for the moment between two renames, and a run that finds the target missing puts
//!    it back first.
//!
//! # Large trees
//!
//! All three take time with the size of the tree, however little changes. For a [fleet](Options::fleet) they would be nearly
//! all the time, so two things stay behind in `.sovereign/`, which Git ignores and anybody may delete:
//!
//! - A **record** of what each file held, with the [mark](sovereign_compile::build_cache::FileStamp) that it had then, as in Git's index. A file that
//!   bears its mark is not read; and an Organization whose files all do, and whose own file says what it said, is not
//!   [compiled](sovereign_compile::compile_incremental).
//! - A **spare**: the directory that the last swap put aside, with links to the same files as the target. The next run
//!   builds the new directory from it, by replacing what changes. It is compared with the target inode by inode, so what
//!   has become of it meanwhile does not matter. Where lists of directories do not name inodes, there is none. Nor is there one
//!   after a first build, which puts nothing aside: whoever builds once does not pay for the next time.
//!
//! The lock cannot be the record: a checkout or a copy may write it after files that somebody has edited.
//!
//! # Limits
//!
//! Runs exclude each other by an advisory lock on the directory that holds the target, so no lock file is left
//! behind. A file system that cannot lock directories (some NFS mounts) is used without; builds must then not run
//! at the same time.
//!
//! Nothing is flushed with `fsync`: after a power cut the tree is rebuilt from its input. A run that finds, just before the
//! swap, that somebody has put something into the target since it looked, or edited a file that it replaces, gives way; what
//! comes in the moment between is lost, unless it is an edit in place of a file that stays. And an edit that leaves size and time
//! of modification as they were, in the very tick of the clock (some milliseconds) in which a run has written or linked the
//! file, is not seen by later runs but those that read everything.
#![expect(clippy::disallowed_methods, reason = "this is the module that touches the disk")]

mod compare;
mod disk;
mod error;
pub(crate) mod file_stamp;
mod guard;
pub mod hook;
mod installer;
mod lock_index;
mod memory;
mod place;
mod stage;
#[cfg(test)]
mod tests;
mod wanted;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::conflict;
use sovereign_compile::build_cache::{Origins, Partial, Record, ValidCache};
use sovereign_compile::tree::{LOCK, Lock, Tree, TreePath};

use compare::{InstallPlan, Sides};
use disk::{Disk, Kind};
use error::Context as _;
pub use error::{Edited, WriteError};
use guard::Guard;
use installer::Installer;
use lock_index::LockIndex;
pub use memory::Memory;
use place::{Place, exists};
use stage::Swap;
use wanted::Wanted;

/// What a run may do beyond the harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Overwrite (or remove) files of ours that were edited by hand. Foreign files are never overwritten.
    pub overwrite: bool,
    /// How many files make a tree large: then a record and a spare are kept.
    pub fleet: usize,
}

impl Default for Options {
    /// Overwrites nothing. To look at 10,000 files, or to link them, takes as long as a person notices.
    fn default() -> Self {
        Self { overwrite: false, fleet: 10_000 }
    }
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
    /// Returns whether the disk already holds the tree, so that [`apply`] would touch nothing.
    pub fn is_current(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty() && self.foreign.is_empty()
    }
}

/// Says what [`apply`] would do, and touches nothing. Every file is read.
///
/// # Errors
/// A target that cannot be looked at or must not be entered: see [`WriteError`]. Foreign files and files edited by
/// hand are no error here but part of the answer.
pub fn compare(tree: &Tree, out: &Path) -> Result<Comparison, WriteError> {
    let place = Place::new(tree.root(), out)?;
    // Without the parent there is neither a target nor a run to wait for.
    let _guard = if exists(&place.parent)? { Guard::shared(&place.parent)? } else { Guard::none() };
    // An interrupted run without exchange: `apply` would put the old tree back before anything else.
    let aside = !exists(&place.target)? && exists(&place.old)?;
    let base = if aside { &place.old } else { &place.target };
    let disk = Disk::look(base)?;
    let lock = lock(&disk, base, &place.target)?;
    let (wanted, old) = (&Wanted::whole(tree), &LockIndex::new(&lock));
    let sides = Sides { wanted, disk: &disk, base, target: &place.target, old, record: None };
    Ok(InstallPlan::new(&sides)?.comparison)
}

/// Makes `out/<tree.root()>` hold the tree. Every file is read.
///
/// # Errors
/// See [`Held::bring`].
pub fn apply(tree: &Tree, out: &Path, options: Options) -> Result<Applied, WriteError> {
    apply_by(tree, out, options, Swap::Exchange)
}

fn apply_by(tree: &Tree, out: &Path, options: Options, swap: Swap) -> Result<Applied, WriteError> {
    // A record stays as it is: it still says of each file what that holds, as long as the file bears its mark.
    Held::hold(tree.root(), out, options)?.bring_by(&Wanted::whole(tree), None, swap, None)
}

/// Returns whether an earlier run has left a record of `out/<root>`, which was a large tree then.
pub(crate) fn remembers(root: &TreePath, out: &Path) -> bool {
    Place::new(root, out).is_ok_and(|place| exists(&place.record).unwrap_or_default())
}

/// A directory that holds a tree or is about to. Nobody else of ours writes there meanwhile.
#[derive(Debug)]
pub struct Held {
    root: TreePath,
    place: Place,
    options: Options,
    disk: Disk,
    _guard: Guard,
}

impl Held {
    /// Holds `out/<root>` and looks at it.
    ///
    /// # Errors
    /// It cannot be made, looked at or held, or must not be entered: see [`WriteError`].
    pub fn hold(root: &TreePath, out: &Path, options: Options) -> Result<Self, WriteError> {
        let place = Place::new(root, out)?;
        fs::create_dir_all(&place.parent).at("create", &place.parent)?;
        let guard = Guard::exclusive(&place.parent)?;
        stage::recover(&place)?;
        let disk = Disk::look(&place.target)?;
        Ok(Self { root: root.clone(), place, options, disk, _guard: guard })
    }

    /// Returns whether this is where a tree stands.
    pub fn is_at(&self, root: &TreePath) -> bool {
        self.root == *root
    }

    /// Returns what an earlier run has left.
    pub fn memory(&self) -> Option<Memory> {
        Memory::new(&self.place.record, self.disk.count())
    }

    /// Returns what is known of the tree that stands there.
    pub fn known<'m>(&self, record: &'m Record<'m>) -> Option<ValidCache<'m>> {
        memory::known(record, &self.disk)
    }

    /// Makes the directory hold a tree, which follows from `origins`.
    ///
    /// # Errors
    /// See [`WriteError`]. Whatever the error, the directory is still exactly what it was, with one exception: if only the
    /// deletion of the old directory fails, the new tree is in place and the error names what is left beside it.
    pub fn bring(
        self,
        tree: &Partial<'_>,
        known: Option<&ValidCache<'_>>,
        origins: Origins<'_>,
    ) -> Result<Applied, WriteError> {
        let was_known = known.is_some_and(|known| known.record.origins == origins);
        self.bring_by(&Wanted::partial(tree), known, Swap::Exchange, Some((origins, was_known)))
    }

    fn bring_by(
        self,
        wanted: &Wanted<'_>,
        known: Option<&ValidCache<'_>>,
        swap: Swap,
        origins: Option<(Origins<'_>, bool)>,
    ) -> Result<Applied, WriteError> {
        let Self { root: _, place, options, disk, _guard } = self;
        let target = &place.target;
        let record = known.map(|known| known.record);
        // The lock of which every file is remembered need not be read.
        let remembered = record.filter(|record| compare::knows(record, &disk, LOCK)).map(LockIndex::Record);
        let lock = if remembered.is_some() { Lock::default() } else { lock(&disk, target, target)? };
        let old = &remembered.unwrap_or_else(|| LockIndex::new(&lock));
        let plan = InstallPlan::new(&Sides { wanted, disk: &disk, base: target, target, old, record })?;
        let found = &plan.comparison;
        if !found.foreign.is_empty() || (!found.edited.is_empty() && !options.overwrite) {
            return Err(WriteError::Refused {
                root: place.target,
                foreign: found.foreign.clone(),
                edited: if options.overwrite { Vec::new() } else { found.edited.clone() },
            });
        }
        let is_fleet = wanted.count >= options.fleet;
        let installer = Installer { place: &place, wanted, disk: &disk, plan: &plan, record, is_fleet };
        installer.carry_out(swap, origins)?;
        let Comparison { root, added, changed, removed, unchanged, edited: _, foreign: _ } = plan.comparison;
        let mut written = added;
        written.extend(changed);
        written.sort_unstable();
        Ok(Applied { written, removed, unchanged, root })
    }
}

/// Returns the lock that stands in a directory which holds `disk`, and is about to stand at `target`; an
/// empty one, if there is none.
fn lock(disk: &Disk, base: &Path, target: &Path) -> Result<Lock, WriteError> {
    let bytes = match disk.kind(OsStr::new(LOCK)) {
        None => return Ok(Lock::default()),
        Some(Kind::File) => fs::read(base.join(LOCK)).at("read", &base.join(LOCK))?,
        Some(_) => return Err(WriteError::Obstructed { path: target.join(LOCK) }),
    };
    // A merge that Git could not make: the tree that is written now says what comes of it.
    if let Some(sides) = conflict::sides_of_lock(&bytes) {
        return Ok(conflict::reconcile(sides, |path| fs::read(base.join(path.as_str())).ok()));
    }
    Lock::parse(&String::from_utf8_lossy(&bytes)).map_err(|broken| WriteError::BrokenLock {
        path: target.join(LOCK),
        line: broken.line,
        text: broken.text,
    })
}
