//! The compiled tree as a value: safe paths to texts, with the lock file that says which files are ours.
//!
//! A [`TreePath`] cannot leave the tree by construction. The lock is what `sha256sum -c` reads: one line a file,
//! sorted, below comment lines with the digests of input, kit and compiler.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;

use sovereign_text::digest::Digest;
use sovereign_text::parallel;

mod region;

pub use region::RegionFacts;

/// The name of the lock file at the root of a tree.
pub const LOCK: &str = "sovereign.lock";

/// A relative path of plain components: `hel1/releases/01-cilium.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(String);

impl TreePath {
    /// Returns a path, if every component is a plain file name: ASCII letters, digits, `.`, `_`, `-`, not beginning
    /// with a dot, at most 255 bytes.
    pub fn new(path: impl Into<String>) -> Option<Self> {
        let path = path.into();
        let plain = |part: &str| {
            !part.is_empty()
                && part.len() <= 255
                && !part.starts_with('.')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        path.split('/').all(plain).then_some(Self(path))
    }

    /// Returns a plain path that stands for one that is not: the digest of its text.
    pub(crate) fn of_digest(path: &str) -> Self {
        Self(format!("unnamed/{}", Digest::hash(path.as_bytes())))
    }

    /// Returns the path of the lock.
    pub(crate) fn of_lock() -> Self {
        Self(LOCK.to_owned())
    }

    /// Returns the path as text, components separated by `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for TreePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What made a tree; stands at the head of its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Digest of the manifest and of the blueprint sources beside it.
    pub input: Digest,
    /// Name and digest of the kit.
    pub kit: (String, Digest),
    /// Name and version of the compiler.
    pub compiler: String,
    /// What each region keeps as long as it stands, by its name.
    pub regions: Vec<(String, RegionFacts)>,
}

/// Every file of one Sovereign, by path below [`Tree::root`]; or those that may differ from the tree before, where the others
/// are known to stand already ([`Tree::is_whole`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    root: TreePath,
    files: BTreeMap<TreePath, String>,
    lock: Lock,
    digest: Digest,
    /// The directories with further files.
    standing: BTreeSet<String>,
}

impl Tree {
    /// Returns a tree of these files below `root`. The lock is computed here and is part of the tree's files.
    pub fn new(root: TreePath, files: BTreeMap<TreePath, String>, origin: &Origin) -> Self {
        Self::locked(root, files, origin_lines(origin))
    }

    /// Returns a tree of other files and regions at the same place, from the same origin.
    #[must_use]
    pub fn with_files(
        &self,
        files: BTreeMap<TreePath, String>,
        regions: &BTreeMap<String, RegionFacts>,
    ) -> Self {
        let mut origin = self.lock.origin.clone();
        origin.retain(|line| !line.starts_with(REGION));
        origin.extend(regions.iter().map(|(name, facts)| region_line(name, facts)));
        Self::locked(self.root.clone(), files, origin)
    }

    fn locked(root: TreePath, mut files: BTreeMap<TreePath, String>, origin: Vec<String>) -> Self {
        let lock = Lock { origin, files: digests(&files).into_iter().collect() };
        let text = lock.to_string();
        let digest = Digest::hash(text.as_bytes());
        files.insert(TreePath::of_lock(), text);
        Self { root, files, lock, digest, standing: BTreeSet::new() }
    }

    /// Returns a tree of which these are the files that may differ from the tree before. Others stand in the directories of
    /// `standing`. The text of the lock names them all, and is one of the files.
    pub(crate) fn beside(
        root: TreePath,
        files: BTreeMap<TreePath, (String, Digest)>,
        origin: &Origin,
        standing: BTreeSet<String>,
    ) -> Self {
        let digest = files.get(LOCK).map_or_else(|| Digest::hash(b""), |(_, digest)| *digest);
        let named = files.iter().filter(|(path, _)| path.as_str() != LOCK);
        let named = named.map(|(path, (_, digest))| (path.clone(), *digest)).collect();
        let lock = Lock { origin: origin_lines(origin), files: named };
        let files = files.into_iter().map(|(path, (text, _))| (path, text)).collect();
        Self { root, files, lock, digest, standing }
    }

    /// Returns whether it holds all files of its Sovereign.
    pub fn is_whole(&self) -> bool {
        self.standing.is_empty()
    }

    /// Returns whether a file of its Sovereign stands in a directory, or below that.
    pub fn has_below(&self, directory: &str) -> bool {
        is_below(&self.files, directory) || stands_below(&self.standing, directory)
    }

    /// Returns where the tree lives in a repository: `clusters/<fqdn>`.
    pub fn root(&self) -> &TreePath {
        &self.root
    }

    /// Paths below the root and their texts, sorted, the lock included.
    pub fn files(&self) -> &BTreeMap<TreePath, String> {
        &self.files
    }

    /// Returns the lock of this tree.
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// Returns one digest for the whole tree: that of its lock file.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// Returns whether one of some paths lies below a directory.
pub fn is_below<T>(files: &BTreeMap<TreePath, T>, directory: &str) -> bool {
    let prefix = format!("{directory}/");
    let next = files.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded)).next();
    next.is_some_and(|(path, _)| path.as_str().starts_with(&prefix))
}

/// Returns whether one of some directories is this one, or lies below it.
pub fn stands_below(directories: &BTreeSet<String>, directory: &str) -> bool {
    let prefix = format!("{directory}/");
    let next = directories.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded)).next();
    directories.contains(directory) || next.is_some_and(|next| next.starts_with(&prefix))
}

/// Returns the digests of texts.
pub(crate) fn digests(files: &BTreeMap<TreePath, String>) -> Vec<(TreePath, Digest)> {
    let all: Vec<_> = files.iter().collect();
    parallel::map(&all, |(path, text)| ((*path).clone(), Digest::hash(text.as_bytes())))
}

pub(crate) fn origin_lines(origin: &Origin) -> Vec<String> {
    let (kit, digest) = &origin.kit;
    let mut lines = vec![
        "sovereign lock 1: the files below are written by `sovereign`; edit sovereign.toml instead"
            .to_owned(),
        format!("input sha256:{}", origin.input),
        format!("kit {kit} sha256:{digest}"),
        format!("compiler {}", origin.compiler),
    ];
    lines.extend(origin.regions.iter().map(|(name, facts)| region_line(name, facts)));
    lines
}

/// A directory that every cluster has in that of its region, and nothing else has.
const CLUSTER: &str = "flux-system/";
/// What the line of a region begins with.
const REGION: &str = "region ";

fn region_line(name: &str, facts: &RegionFacts) -> String {
    format!("{REGION}{name} {facts}")
}

/// The ledger of a tree: which files are ours, and what stood in them when we wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    origin: Vec<String>,
    files: BTreeMap<TreePath, Digest>,
}

/// Why a lock file cannot be read: the line, counted from 1, and what it holds instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenLock {
    /// The line, counted from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

impl Lock {
    /// Returns a lock that names these files and says nothing of what they follow from.
    pub fn naming(files: BTreeMap<TreePath, Digest>) -> Self {
        Self { origin: Vec::new(), files }
    }

    /// Forgets the files that `keep` does not want.
    pub fn retain(&mut self, mut keep: impl FnMut(&TreePath, Digest) -> bool) {
        self.files.retain(|path, digest| keep(path, *digest));
    }

    /// Returns the owned paths and the digests of their contents.
    pub fn files(&self) -> &BTreeMap<TreePath, Digest> {
        &self.files
    }

    /// Returns the value of a head line: `input`, `kit` or `compiler`.
    pub fn origin(&self, key: &str) -> Option<&str> {
        self.origin.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
    }

    /// Returns what each region keeps as long as it stands, by its name.
    pub fn regions(&self) -> BTreeMap<String, RegionFacts> {
        let region = |line: &String| {
            let (name, facts) = line.strip_prefix(REGION)?.split_once(' ')?;
            Some((name.to_owned(), RegionFacts::parse(facts)))
        };
        self.origin.iter().filter_map(region).collect()
    }

    /// Reads a lock file.
    ///
    /// # Errors
    /// A line that is neither a comment nor `<sha256>  <path>`, as a merge conflict or a hand leaves it; or a region whose line is
    /// missing, since what must not change of a region stands nowhere else.
    pub fn parse(text: &str) -> Result<Self, BrokenLock> {
        let (mut lock, mut files) = (Self::default(), Vec::new());
        for (index, line) in text.lines().enumerate() {
            if let Some(comment) = line.strip_prefix('#') {
                lock.origin.push(comment.trim().to_owned());
                continue;
            }
            let entry = line
                .split_once("  ")
                .and_then(|(digest, path)| Some((TreePath::new(path)?, Digest::parse(digest)?)));
            let Some((path, digest)) = entry else {
                return Err(BrokenLock { line: index + 1, text: line.to_owned() });
            };
            files.push((path, digest));
        }
        // Made at once, which is much quicker than line by line.
        lock.files = files.into_iter().collect();
        let said = lock.regions();
        let missing = lock.clusters().find(|region| !said.contains_key(*region));
        if let Some(region) = missing.filter(|_| !lock.origin.is_empty()) {
            let text = format!("(no line for region {region})");
            return Err(BrokenLock { line: lock.origin.len() + 1, text });
        }
        Ok(lock)
    }

    /// Returns the regions that have a directory of a cluster among the files.
    fn clusters(&self) -> impl Iterator<Item = &str> {
        self.files.keys().filter_map(|path| {
            let (region, below) = path.as_str().split_once('/')?;
            below.starts_with(CLUSTER).then_some(region)
        })
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&head(&self.origin))?;
        self.files.iter().try_for_each(|(path, digest)| f.write_str(&line(*digest, path.as_str())))
    }
}

/// Returns the first lines of a lock.
pub(crate) fn head(origin: &[String]) -> String {
    origin.iter().flat_map(|line| ["# ", line, "\n"]).collect()
}

/// Returns the line of a file, as `sha256sum` writes it.
pub(crate) fn line(digest: Digest, path: &str) -> String {
    format!("{digest}  {path}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_language::scalar::Cidr;
    use sovereign_language::scalar::Scalar as _;

    #[test]
    fn no_path_leaves_the_tree() {
        for bad in ["", "/a", "a/", "a//b", "..", "a/../b", ".git/x", "a/.b", "a b", "a\\b", "ä", "a\0"] {
            assert!(TreePath::new(bad).is_none(), "{bad:?}");
        }
        assert!(TreePath::new("hel1/releases/01-cilium.yaml").is_some());
    }

    #[test]
    fn a_lock_reads_back_as_it_was_written() {
        let facts = RegionFacts {
            primary: true,
            index: Some(0),
            mesh_id: Some(7),
            pods: Cidr::parse("10.42.0.0/16").ok(),
            services: Cidr::parse("10.96.0.0/16").ok(),
            network: Cidr::parse("10.0.1.0/24").ok(),
        };
        let origin = Origin {
            input: Digest::hash(b"i"),
            kit: ("2026.05".into(), Digest::hash(b"k")),
            compiler: "sovereign 0.1.0".into(),
            regions: vec![("hel1".into(), facts.clone())],
        };
        let files = [("a/b.yaml", "x"), ("README.md", "y")];
        let files = files.iter().map(|(p, t)| (TreePath::new(*p).unwrap(), (*t).to_owned())).collect();
        let tree = Tree::new(TreePath::new("clusters/x.y").unwrap(), files, &origin);
        let lock = Lock::parse(&tree.files()[&TreePath::new(LOCK).unwrap()]).unwrap();
        assert_eq!(&lock, tree.lock());
        assert_eq!(lock.origin("compiler"), Some("sovereign 0.1.0"));
        assert_eq!(lock.regions(), [("hel1".to_owned(), facts)].into());
        assert_eq!(Lock::parse("<<<<<<< ours\n").unwrap_err().line, 1);
    }

    #[test]
    fn a_lock_that_lacks_the_line_of_a_region_is_none() {
        let digest = Digest::hash(b"x");
        let text =
            format!("# sovereign lock 1\n# region hel1 role primary\n{digest}  hel1/flux-system/a.yaml\n");
        assert!(Lock::parse(&text).is_ok());
        let error = Lock::parse(&text.replace("# region hel1 role primary\n", "")).unwrap_err();
        assert_eq!((error.line, error.text.as_str()), (2, "(no line for region hel1)"));
    }

    #[test]
    fn a_tree_of_other_regions_says_each_of_them_once_and_no_other() {
        let facts = |primary| RegionFacts { primary, ..RegionFacts::default() };
        let origin = Origin {
            input: Digest::hash(b"i"),
            kit: ("2026.05".into(), Digest::hash(b"k")),
            compiler: "sovereign 0.1.0".into(),
            regions: vec![("hel1".into(), facts(true)), ("nbg1".into(), facts(false))],
        };
        let tree = Tree::new(TreePath::new("clusters/x.y").unwrap(), BTreeMap::new(), &origin);
        let regions = [("hel1".to_owned(), facts(false)), ("sin".to_owned(), facts(true))].into();
        let other = tree.with_files(BTreeMap::new(), &regions);
        assert_eq!(other.lock().regions(), regions);
        let lines = other.files()[LOCK].lines().filter(|line| line.contains("region ")).count();
        assert_eq!(lines, 2);
        assert_eq!(other.lock().origin("input"), tree.lock().origin("input"));
    }
}
