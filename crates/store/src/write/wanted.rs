//! What a tree asks of the disk, by directory.

use std::collections::BTreeMap;

use sovereign_compile::build_cache::{Partial, Remembered, StandingDirectory};
use sovereign_compile::tree::{LOCK, Tree, TreePath};
use sovereign_text::digest::Digest;

/// Every file of a tree, the lock included. The directory of the tree itself is empty.
#[derive(Debug)]
pub(super) struct Wanted<'w> {
    pub(super) directories: BTreeMap<&'w str, WantedDirectory<'w>>,
    pub(super) count: usize,
}

/// The files of a tree in one directory.
#[derive(Debug, Default)]
pub(super) struct WantedDirectory<'w> {
    /// Those whose texts are known, sorted by name.
    pub(super) texts: Vec<Text<'w>>,
    /// Those that stand there already.
    pub(super) standing: Option<&'w StandingDirectory<'w>>,
}

/// A file whose text is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'w> {
    pub(super) path: &'w TreePath,
    pub(super) name: &'w str,
    pub(super) content: &'w str,
    pub(super) digest: Digest,
}

impl<'w> Wanted<'w> {
    /// Returns a tree that was compiled as a whole.
    pub(super) fn whole(tree: &'w Tree) -> Self {
        let digests = tree.lock().files();
        let texts = tree.files().iter().map(|(path, text)| {
            let digest = if path.as_str() == LOCK { Some(tree.digest()) } else { digests.get(path).copied() };
            (path, text.as_str(), digest.unwrap_or_else(|| Digest::hash(text.as_bytes())))
        });
        Self { directories: directories(texts), count: tree.files().len() }
    }

    /// Returns a tree of which a part was compiled.
    pub(super) fn partial(tree: &'w Partial<'w>) -> Self {
        let texts = tree.texts().iter().map(|(path, (text, digest))| (path, text.as_str(), *digest));
        let mut directories = directories(texts);
        for (directory, standing) in tree.standing() {
            directories.entry(directory).or_default().standing = Some(standing);
        }
        Self { directories, count: tree.count() }
    }

    /// Returns whether a file is one of the tree.
    pub(super) fn has(&self, path: &str) -> bool {
        let (directory, name) = halves(path);
        self.directories.get(directory).is_some_and(|directory| directory.has(name))
    }
}

impl WantedDirectory<'_> {
    /// Returns whether a file is one of them.
    pub(super) fn has(&self, name: &str) -> bool {
        let standing = || self.standing.is_some_and(|standing| is_among(&standing.files, name));
        self.texts.binary_search_by(|text| text.name.cmp(name)).is_ok() || standing()
    }

    /// Returns whether all of them stand there already.
    pub(super) fn is_standing(&self) -> bool {
        self.standing.is_some_and(|standing| standing.is_whole)
    }
}

fn is_among(files: &[&Remembered<'_>], name: &str) -> bool {
    files.binary_search_by(|file| file.name.cmp(name)).is_ok()
}

fn directories<'w>(
    texts: impl Iterator<Item = (&'w TreePath, &'w str, Digest)>,
) -> BTreeMap<&'w str, WantedDirectory<'w>> {
    let mut directories: BTreeMap<&str, WantedDirectory<'_>> = BTreeMap::new();
    // Most files stand in the directory of the file before them.
    let mut run: (&str, Vec<Text<'_>>) = ("", Vec::new());
    let mut add = |(directory, texts): (&'w str, Vec<Text<'w>>)| {
        directories.entry(directory).or_default().texts.extend(texts);
    };
    for (path, text, digest) in texts {
        let (directory, name) = halves(path.as_str());
        if directory != run.0 {
            add(std::mem::replace(&mut run, (directory, Vec::new())));
        }
        run.1.push(Text { path, name, content: text, digest });
    }
    add(run);
    directories
}

/// Returns the directory of a file, and its name there.
pub(super) fn halves(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
