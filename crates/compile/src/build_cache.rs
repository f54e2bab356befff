//! What is remembered of a large tree between two runs: what stood in its files, and what they follow from.
//!
//! What becomes of an Organization follows from its own file and from the [context](Origins::context). So one of which neither
//! has changed, and whose files in the tree are as they were, need not be compiled: it is *settled*. A law in `tests/it/fleet.rs` holds the compiler to it: with and without a record, the tree is
//! the same to the byte.
//!
//! A record is no part of the tree, and a repository may bring a forged one along. It says of a file what that holds only as
//! long as the file bears the [mark](FileStamp) that it had when that was known, or in Git the id, and what it says of an
//! Organization counts only for [sound](ValidCache::sound) ones. A mark cannot be given to a file: it names the moment of its last
//! change. An id can, so a record of a repository has to be known for one that was written there.

mod partial;

pub use partial::Partial;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::plan::tenant_summary::Facts;
use sovereign_language::scalar::owner;
use sovereign_text::digest::Digest;

/// What a tree follows from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins<'m> {
    /// The digest of all that Organizations have in common; `None` if nothing was compiled.
    pub context: Option<Digest>,
    /// Files of one Organization each, by their paths from the manifest: those about which nothing was reported.
    #[serde(borrow)]
    pub organizations: BTreeMap<Cow<'m, str>, OrganizationFile<'m>>,
}

/// What is remembered of the file of an Organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationFile<'m> {
    /// The digest of its text.
    pub text: Digest,
    /// The digest of what it says, whatever the order of its tables and keys, and whatever its comments.
    pub said: Digest,
    /// What others see of the Organization.
    #[serde(borrow)]
    pub facts: Facts<'m>,
}

/// Identity, size and times of a plain file, as Git's index has them. A program cannot set the time of the last change, so a
/// file that was edited has another mark, whatever its editor did to its time of modification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Which file of its file system it is.
    pub inode: u64,
    /// Its bytes.
    pub size: i64,
    /// When its bytes were changed, in seconds and nanoseconds since 1970.
    pub modified: (i64, u32),
    /// When anything of it was changed, also its number of links.
    pub changed: (i64, u32),
}

/// What is remembered of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered<'m> {
    /// Its name in its directory.
    pub name: &'m str,
    /// The digest of what it held.
    pub digest: Digest,
    /// The mark with which it held that on a disk, if it had one.
    pub mark: Option<FileStamp>,
    /// The id with which it holds that in Git, if it was committed.
    pub blob: Option<GitId>,
}

/// The id of an object in Git.
pub type GitId = [u8; 20];

/// What is remembered of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record<'m> {
    /// The file system that the tree is on.
    pub device: u64,
    /// What it follows from.
    #[serde(borrow)]
    pub origins: Origins<'m>,
    /// Its files by directory, each sorted by name; the lock is one of them.
    #[serde(borrow)]
    pub directories: BTreeMap<&'m str, Vec<Remembered<'m>>>,
}

impl<'m> Record<'m> {
    /// Returns what is remembered of a file.
    pub fn file(&self, directory: &str, name: &str) -> Option<&Remembered<'m>> {
        let files = self.directories.get(directory)?;
        let place = files.binary_search_by(|file| file.name.cmp(name)).ok()?;
        files.get(place)
    }
}

/// A record, held against the disk or a commit.
#[derive(Clone, Debug)]
pub struct ValidCache<'m> {
    /// The record.
    pub record: &'m Record<'m>,
    /// The directories in which something is not as it was.
    pub touched: BTreeSet<&'m str>,
    /// The Organizations that have files, all of which are as they were. This is what the rest of the record is believed for.
    pub sound: BTreeSet<&'m str>,
}

/// Files of a tree that stand already on the disk or in a commit, by directory.
pub type Standing<'m> = BTreeMap<&'m str, StandingDirectory<'m>>;

/// Files that stand in a directory already, sorted by name.
#[derive(Clone, Debug)]
pub struct StandingDirectory<'m> {
    /// The files.
    pub files: Vec<&'m Remembered<'m>>,
    /// Whether they are all that the tree has there, what lists them included.
    pub is_whole: bool,
}

impl<'m> ValidCache<'m> {
    /// Returns what is remembered of an Organization with this file, if it need not be compiled.
    pub fn settled(&self, context: Digest, path: &str, text: Digest) -> Option<&'m OrganizationFile<'m>> {
        let origins = &self.record.origins;
        let file = origins.organizations.get(path).filter(|file| file.text == text)?;
        let is_settled = origins.context == Some(context) && self.sound.contains(&*file.facts.slug.0);
        is_settled.then_some(file)
    }

    /// Returns the files of settled Organizations. `busy` are the directories in which other files of the tree stand.
    pub fn standing(&self, settled: &BTreeSet<&str>, busy: &BTreeSet<&str>) -> Standing<'m> {
        let mut standing = Standing::new();
        for (&directory, files) in &self.record.directories {
            let (mut kept, mut all_settled) = (Vec::with_capacity(files.len()), true);
            // The files of an Organization stand side by side.
            let mut last = ("", false);
            for file in files {
                let Some(owner) = owner(directory, file.name) else { continue };
                if owner != last.0 {
                    last = (owner, settled.contains(owner));
                }
                all_settled &= last.1;
                if last.1 {
                    kept.push(file);
                }
            }
            if kept.is_empty() {
                continue;
            }
            let is_whole = all_settled && !busy.contains(directory) && !self.touched.contains(directory);
            let files = if is_whole { files.iter().collect() } else { kept };
            standing.insert(directory, StandingDirectory { files, is_whole });
        }
        standing
    }
}
