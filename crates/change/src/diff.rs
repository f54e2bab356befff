//! What a new tree changes, in three depths: what will happen to each cluster ([`events`]), which fields of which
//! objects change ([`objects`]), and which lines of which files ([`text`]).
//!
//! Takes a [`Snapshot`] of the old side and a [`Compiled`] new side, gives a [`Diff`]: data, printed by
//! [`human`], [`markdown`] and [`json`]. Files whose bytes are equal are never parsed.

pub(crate) mod events;
mod groups;
pub mod human;
pub mod json;
mod loss;
mod lost;
pub mod markdown;
mod objects;
mod sections;
mod shift;
mod text;

pub use events::{ClusterEvents, Event, ValueChange, What};
pub use loss::Loss;

use std::collections::BTreeMap;

use crate::snapshot::Snapshot;
use sovereign_compile::Compiled;
use sovereign_compile::tree::{LOCK, Lock, TreePath};
use sovereign_language::kit::Catalog;

pub(crate) use objects::documents;
pub use objects::{FieldChange, ObjectChange, ObjectId, Step};
pub use sovereign_language::kit::Risk;

/// Everything that changes between two trees of one Sovereign.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The root of the new tree: `clusters/<fqdn>`.
    pub root: String,
    /// The kit before and after, if it changes.
    pub kit: Option<KitChange>,
    /// Files, by path: how each changes.
    pub files: BTreeMap<TreePath, Change>,
    /// What is lost, in words: it happens only by consent.
    pub losses: Vec<Loss>,
    /// Objects, by cluster and identity.
    pub objects: Vec<ObjectChange>,
    /// What modules are told otherwise: files of variables, compared like objects.
    pub variables: Vec<ObjectChange>,
    /// What will happen, by cluster.
    pub clusters: Vec<ClusterEvents>,
    /// Old files that hold no YAML that can be read; they are compared as text only.
    pub unreadable: Vec<TreePath>,
}

/// How the kit changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitChange {
    /// The name of the one before.
    pub from: String,
    /// The name of the one after.
    pub to: String,
}

/// How a file changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added {
        /// Its text.
        new: String,
    },
    /// It is gone.
    Removed {
        /// What it held.
        old: Vec<u8>,
    },
    /// Its bytes differ.
    Modified {
        /// What it held.
        old: Vec<u8>,
        /// What it will hold.
        new: String,
    },
}

impl Diff {
    /// Returns whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Compares an old side with a new one. Only files that the old side owns, by its lock, can be removed; without a
/// lock nothing is ours, and nothing is removed.
pub fn diff(old: &Snapshot, new: &Compiled, catalog: &Catalog) -> Diff {
    let files = changes(old, new);
    let old_objects = objects::read(old, new, &files);
    let objects = objects::compare(&old_objects, new, &files);
    let variables = objects::compare_told(old, new, &files);
    let losses = loss::collect(&objects, &variables, new, catalog);
    let clusters = events::collect(&objects, &variables, old, new, catalog);
    let (root, unreadable) = (new.tree.root().to_string(), old_objects.unreadable);
    let kit = kit(old, new);
    Diff { root, kit, files, losses, objects, variables, clusters, unreadable }
}

/// Returns how the kit changes, by what the locks of both sides say.
fn kit(old: &Snapshot, new: &Compiled) -> Option<KitChange> {
    let name = |lock: &Lock| lock.origin("kit").and_then(|kit| kit.split(' ').next()).map(str::to_owned);
    let (from, to) = (name(old.lock().ok().flatten()?)?, name(new.tree.lock())?);
    (from != to).then_some(KitChange { from, to })
}

fn changes(old: &Snapshot, new: &Compiled) -> BTreeMap<TreePath, Change> {
    let lock = old.lock().ok().flatten();
    let mut changes = BTreeMap::new();
    for (path, text) in new.tree.files() {
        match old.files().get(path).map(|entry| entry.bytes().unwrap_or_default()) {
            None => {
                changes.insert(path.clone(), Change::Added { new: text.clone() });
            }
            Some(bytes) if bytes == text.as_bytes() => {}
            Some(bytes) => {
                changes.insert(path.clone(), Change::Modified { old: bytes.to_vec(), new: text.clone() });
            }
        }
    }
    for (path, entry) in old.files() {
        let owned = path.as_str() == LOCK || lock.is_some_and(|lock| lock.files().contains_key(path));
        if owned && !new.tree.files().contains_key(path) {
            let old = entry.bytes().unwrap_or_default().to_vec();
            changes.insert(path.clone(), Change::Removed { old });
        }
    }
    changes
}
