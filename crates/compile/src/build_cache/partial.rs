//! A tree of which only a part was compiled, since the rest stands on the disk already.

use std::collections::BTreeMap;

use super::{Remembered, Standing};
use crate::tree::{self, LOCK, Origin, Tree, TreePath};
use sovereign_text::digest::Digest;
use sovereign_text::parallel;

/// A tree of which some files are known by their digests only.
#[derive(Clone, Debug)]
pub struct Partial<'m> {
    root: TreePath,
    texts: BTreeMap<TreePath, (String, Digest)>,
    standing: Standing<'m>,
}

impl<'m> Partial<'m> {
    /// Returns a tree of these texts below a root, and of the files that stand there already. The lock of all
    /// is computed here and is one of the texts.
    pub fn new(
        root: TreePath,
        texts: BTreeMap<TreePath, String>,
        standing: Standing<'m>,
        origin: &Origin,
    ) -> Self {
        let digests = tree::digests(&texts);
        let mut lock = tree::head(&tree::origin_lines(origin));
        lock.extend(lines(&digests, &standing));
        let of_lock = (TreePath::of_lock(), Digest::hash(lock.as_bytes()));
        let paths = digests.into_iter().chain([of_lock]);
        let texts = paths.zip(texts.into_values().chain([lock]));
        let texts = texts.map(|((path, digest), text)| (path, (text, digest))).collect();
        Self { root, texts, standing }
    }

    /// Returns the files that may differ from the tree before, as a tree; and the others.
    pub(crate) fn into_tree(self, origin: &Origin) -> (Tree, Standing<'m>) {
        let directories = self.standing.keys().map(|directory| (*directory).to_owned()).collect();
        (Tree::beside(self.root, self.texts, origin, directories), self.standing)
    }

    /// Returns where the tree lives in a repository: `clusters/<fqdn>`.
    pub fn root(&self) -> &TreePath {
        &self.root
    }

    /// Paths below the root with their texts and the digests of these, sorted, the lock included.
    pub fn texts(&self) -> &BTreeMap<TreePath, (String, Digest)> {
        &self.texts
    }

    /// Returns the other files.
    pub fn standing(&self) -> &Standing<'m> {
        &self.standing
    }

    /// Returns how many files it has.
    pub fn count(&self) -> usize {
        self.texts.len() + self.standing.values().map(|directory| directory.files.len()).sum::<usize>()
    }

    /// Returns one digest for the whole tree: that of its lock file.
    pub fn digest(&self) -> Digest {
        self.texts.get(LOCK).map_or_else(|| Digest::hash(b""), |(_, digest)| *digest)
    }
}

/// Returns the lines of a lock, some at a time.
fn lines(digests: &[(TreePath, Digest)], standing: &Standing<'_>) -> Vec<String> {
    // By the beginning that all paths of a run have, which no other path has: so they are in the order of the paths.
    let mut runs: Vec<(String, Run<'_>)> = Vec::new();
    runs.extend(digests.iter().map(|(path, digest)| (path.to_string(), Run::File(*digest))));
    for (directory, standing) in standing {
        if standing.is_whole {
            runs.push((format!("{directory}/"), Run::Directory(&standing.files)));
        } else {
            let file =
                |file: &&Remembered<'_>| (format!("{directory}/{}", file.name), Run::File(file.digest));
            runs.extend(standing.files.iter().map(file));
        }
    }
    runs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    parallel::map(&runs, |(path, run)| match run {
        Run::File(digest) => tree::line(*digest, path),
        Run::Directory(files) => {
            files.iter().map(|file| tree::line(file.digest, &format!("{path}{}", file.name))).collect()
        }
    })
}

enum Run<'s> {
    File(Digest),
    /// Files of one directory, sorted.
    Directory(&'s [&'s Remembered<'s>]),
}
