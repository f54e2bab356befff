//! Who owns what: files of ours that a hand has edited, files of others in our way, locks that are no locks.

use std::collections::BTreeMap;
use std::fmt;

use git2::Oid;

use super::{Step, twin};
use crate::git::{GitError, Repository};
use sovereign_change::diff::Change;
use sovereign_change::snapshot::Entry;
use sovereign_compile::tree::{LOCK, Lock, TreePath};
use sovereign_text::line_diff;

/// Why a path cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnershipConflict {
    /// A file of ours was edited by hand.
    Edited {
        /// The path in the repository.
        path: String,
        /// What would be lost, as a unified diff.
        diff: String,
    },
    /// A file that is not ours stands where ours must be.
    Foreign {
        /// The path in the repository.
        path: String,
        /// What stands there.
        what: &'static str,
    },
    /// The lock is no lock any more.
    BrokenLock {
        /// The path in the repository.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// A file holds the markers of an unresolved merge.
    Conflict {
        /// The path in the repository.
        path: String,
    },
    /// The work tree holds changes that would be lost.
    WorkTree {
        /// What Git says.
        words: String,
    },
    /// The tree is that of another manifest, which is still there.
    Twin {
        /// The root of the tree.
        root: String,
        /// The other manifest.
        manifest: String,
    },
    /// Two manifests of the request want the same tree.
    Shared {
        /// The root of the tree.
        root: String,
    },
}

impl fmt::Display for OwnershipConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { path, diff } => {
                write!(
                    f,
                    "{path} was edited by hand; take the change into sovereign.toml, or give it up with --overwrite\n{diff}"
                )
            }
            Self::Foreign { path, what } => write!(f, "{path} is {what}, and not ours; move it away"),
            Self::BrokenLock { path, line, text } => {
                write!(
                    f,
                    "{path}:{line} is no line of a lock: `{text}`; restore the file from the last good commit"
                )
            }
            Self::Conflict { path } => {
                write!(f, "{path} holds the markers of an unresolved merge; resolve it first")?;
                if path.ends_with(LOCK) { write!(f, ": `sovereign build` writes it anew") } else { Ok(()) }
            }
            Self::WorkTree { words } => {
                write!(
                    f,
                    "the branch is checked out, and its work tree cannot be brought along without losing changes in it; commit \
                     or stash them first. Git says:\n{words}"
                )
            }
            Self::Twin { root, manifest } => {
                write!(
                    f,
                    "{root} is the tree of {manifest}, which names the same Sovereign; remove one of the two"
                )
            }
            Self::Shared { root } => write!(f, "two manifests want to own {root}"),
        }
    }
}

/// Lines of a diff that are shown for one file.
const LINES: usize = 40;

/// Returns everything that keeps the steps from being committed.
pub fn check(steps: &[Step], overwrite: bool) -> Vec<OwnershipConflict> {
    let mut found = Vec::new();
    let mut roots: BTreeMap<String, usize> = BTreeMap::new();
    for step in steps {
        let Some(compiled) = &step.compiled else { continue };
        let root = compiled.tree.root().to_string();
        let count = roots.entry(root.clone()).or_default();
        *count += 1;
        if *count == 2 {
            found.push(OwnershipConflict::Shared { root });
        }
        // What stays as it is takes nothing from anybody.
        if step.diff.is_some() {
            of_step(step, overwrite, &mut found);
        }
    }
    found
}

/// Trees that change and were made of another manifest, which is still there.
///
/// # Errors
/// The repository cannot be read.
pub fn twins(
    repository: &Repository,
    base: Oid,
    steps: &[Step],
    found: &mut Vec<OwnershipConflict>,
) -> Result<(), GitError> {
    for step in steps.iter().filter(|step| step.diff.is_some()) {
        let (Some(path), Some(compiled)) = (&step.manifest, &step.compiled) else { continue };
        let root = compiled.tree.root();
        if let Some(manifest) = twin::of(repository, base, path, root)? {
            found.push(OwnershipConflict::Twin { root: root.to_string(), manifest });
        }
    }
    Ok(())
}

/// Inputs that hold the markers of an unresolved merge. Everything else that is wrong with them follows from that.
pub fn conflicts(steps: &[Step]) -> Vec<OwnershipConflict> {
    let sources = steps.iter().flat_map(|step| {
        std::iter::once(step.input.manifest()).chain(step.input.further().map(|file| file.source))
    });
    let marked = sources.filter(|source| has_markers(source.text().as_bytes()));
    marked.map(|source| OwnershipConflict::Conflict { path: source.name().to_owned() }).collect()
}

/// What keeps one Sovereign's tree from being written.
pub fn of_step(step: &Step, overwrite: bool, found: &mut Vec<OwnershipConflict>) {
    let Some(compiled) = &step.compiled else { return };
    let root = compiled.tree.root();
    let at = |path: &TreePath| format!("{root}/{path}");
    if let Some((path, what)) = step.old.obstacle() {
        found.push(OwnershipConflict::Foreign { path: path.to_owned(), what });
        return;
    }
    let none = Lock::default();
    let lock = match step.old.lock() {
        Ok(lock) => lock.unwrap_or(&none),
        Err(broken) => {
            let path = TreePath::new(LOCK);
            let bytes = path.as_ref().and_then(|path| step.old.files().get(path)?.bytes());
            let path = format!("{root}/{LOCK}");
            found.push(if bytes.is_some_and(has_markers) {
                OwnershipConflict::Conflict { path }
            } else {
                OwnershipConflict::BrokenLock { path, line: broken.line, text: broken.text.clone() }
            });
            return;
        }
    };
    for path in step.old.strange() {
        if let Some(file) = above(path).find(|above| is_file(above, compiled)) {
            let (path, what) = (format!("{root}/{file}"), "a directory where a file must be");
            found.push(OwnershipConflict::Foreign { path, what });
        }
    }
    let edited_by_hand = step.old.edited(lock);
    for (path, entry) in step.old.files() {
        let new = compiled.tree.files().get(path);
        let owned = lock.files().contains_key(path) || path.as_str() == LOCK;
        // Ours and as we wrote it: it goes, or gives way.
        if owned && new.is_none() && !edited_by_hand.contains(path) {
            continue;
        }
        let below = above(path.as_str()).find(|above| is_file(above, compiled));
        match entry {
            _ if below.is_some() => {
                let path = format!("{root}/{}", below.unwrap_or_default());
                found.push(OwnershipConflict::Foreign { path, what: "a directory where a file must be" });
            }
            Entry::Other(what) if owned || new.is_some() || is_parent(path, compiled) => {
                found.push(OwnershipConflict::Foreign { path: at(path), what });
            }
            Entry::File(_) if new.is_none() && is_parent(path, compiled) => {
                found.push(OwnershipConflict::Foreign {
                    path: at(path),
                    what: "a file where a directory must be",
                });
            }
            Entry::File(bytes) if new.is_some_and(|new| new.as_bytes() != bytes) && !owned => {
                found.push(OwnershipConflict::Foreign { path: at(path), what: "a file" });
            }
            Entry::File(bytes) if !overwrite && has_markers(bytes) && edited_by_hand.contains(path) => {
                found.push(OwnershipConflict::Conflict { path: at(path) });
            }
            Entry::File(_) | Entry::Other(_) => {}
        }
    }
    found.dedup();
    if !overwrite {
        for path in edited_by_hand {
            edited(step, &path, at(&path), found);
        }
    }
}

fn edited(step: &Step, path: &TreePath, shown: String, found: &mut Vec<OwnershipConflict>) {
    let Some(bytes) = step.old.files().get(path).and_then(Entry::bytes) else { return };
    let new = step.compiled.as_ref().and_then(|compiled| compiled.tree.files().get(path));
    // An edit that is what we would write is no conflict.
    if new.is_some_and(|new| new.as_bytes() == bytes) || has_markers(bytes) {
        return;
    }
    let was = String::from_utf8_lossy(bytes).into_owned();
    let will = new.cloned().unwrap_or_default();
    let diff = line_diff::unified(&will, &was, 2, ("compiled", "edited by hand"));
    let diff = diff.lines().take(LINES).collect::<Vec<_>>().join("\n");
    found.push(OwnershipConflict::Edited { path: shown, diff });
}

/// Returns the directories above a path, the nearest last.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// Returns whether the new tree has a file at this path.
fn is_file(path: &str, compiled: &sovereign_compile::Compiled) -> bool {
    TreePath::new(path).is_some_and(|path| compiled.tree.files().contains_key(&path))
}

/// Returns whether the new tree has a file below this path.
fn is_parent(path: &TreePath, compiled: &sovereign_compile::Compiled) -> bool {
    let prefix = format!("{path}/");
    compiled.tree.files().keys().any(|file| file.as_str().starts_with(&prefix))
}

/// Returns whether a text holds the markers that Git leaves where it could not merge.
pub(crate) fn has_markers(bytes: &[u8]) -> bool {
    marker(bytes).is_some()
}

/// Returns the line of the first marker, from 1.
pub fn marker(bytes: &[u8]) -> Option<usize> {
    let marker = |line: &[u8]| line.starts_with(b"<<<<<<< ") || line.starts_with(b">>>>>>> ");
    bytes.split(|&b| b == b'\n').position(marker).map(|at| at + 1)
}

/// Returns how many files of a step change, by kind, for a message.
pub fn counts(files: &BTreeMap<TreePath, Change>) -> (usize, usize, usize) {
    let mut counts = (0, 0, 0);
    for change in files.values() {
        match change {
            Change::Added { .. } => counts.0 += 1,
            Change::Modified { .. } => counts.1 += 1,
            Change::Removed { .. } => counts.2 += 1,
        }
    }
    counts
}
