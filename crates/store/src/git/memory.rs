//! What a repository remembers of a large tree between two runs: which files follow from which Organization. An Organization
//! that says what it said, and whose files are in a commit what they were, need not be compiled for that commit.
//!
//! A memory stands in `sovereign/` in the Git directory, which no clone, fetch or push brings along. A Git directory that
//! somebody has packed and handed on may bring a forged one: so each memory bears the mark of a *seal*, a file beside it. A
//! mark names the moment of a file's last change, which nobody can set, so a memory counts only where it was written. A disk
//! may lose a bit of it: so it begins with the digest of what follows. It may be deleted at any time; then the next run
//! compiles everything and writes a new one, as it does where a memory is not what was written.
#![expect(clippy::disallowed_methods, reason = "a memory is a file that Git does not know")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;

use git2::{ObjectType, Oid};
use rustix::fs::{AtFlags, CWD, FileType, statat};
use serde::{Deserialize, Serialize};

use super::directory::Directory;
use super::{GitError, Repository, failed, id};
use crate::write::file_stamp::StampExt as _;
use sovereign_compile::build_cache::{
    FileStamp, GitId, Origins, Record, Remembered, Standing, StandingDirectory, ValidCache,
};
use sovereign_compile::tree::{LOCK, Lock, Tree, TreePath};
use sovereign_language::scalar::{TENANTS, owner};
use sovereign_text::digest::Digest;
use sovereign_text::parallel;

/// The directory of memories in the Git directory.
const DIRECTORY: &str = "sovereign";
/// The file whose mark they bear.
const SEAL: &str = "seal";
/// The first bytes of a memory; the number is that of its form.
const FORM: &[u8] = b"sovereign memory 2\n";
/// How many files a directory of Organizations has, more or less.
const FILES: usize = 16;
/// The mode of what is ours.
const FILE: i32 = 0o100_644;

/// A memory as it was read.
#[derive(Debug)]
pub struct Memory {
    root: TreePath,
    place: Place,
    bytes: Vec<u8>,
}

/// Where a memory stands.
#[derive(Clone, Debug)]
struct Place {
    directory: PathBuf,
    file: PathBuf,
}

/// What a memory says.
#[derive(Serialize, Deserialize)]
pub struct Remembrance<'m> {
    /// Directories with files of Organizations, each file with its id.
    #[serde(borrow)]
    record: Record<'m>,
    /// The id of each of these directories, if nothing else is in it.
    #[serde(borrow)]
    directories: BTreeMap<&'m str, GitId>,
}

/// What is to be remembered.
#[derive(Debug)]
pub struct Pending {
    place: Place,
    /// What it says; `None` if that is remembered already.
    content: Option<Vec<u8>>,
}

impl Repository {
    /// Reads what is remembered of the tree at a root.
    pub fn memory(&self, root: TreePath) -> Memory {
        let directory = self.inner().commondir().join(DIRECTORY);
        // A root may have a name that is too long for a file.
        let file = directory.join(Digest::hash(root.as_str().as_bytes()).to_string());
        let place = Place { directory, file };
        Memory { root, bytes: place.read().unwrap_or_default(), place }
    }
}

impl Place {
    /// Returns the content of a memory that was written here.
    fn read(&self) -> Option<Vec<u8>> {
        let sealed = self.sealed()?;
        let stat = statat(CWD, &self.file, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return None;
        }
        let mut bytes = fs::read(&self.file).ok()?;
        let (digest, content) = bytes.strip_prefix(sealed.as_slice())?.split_first_chunk()?;
        let is_as_written = digest == Digest::hash(content).bytes();
        let head = bytes.len() - content.len();
        is_as_written.then(|| bytes.split_off(head))
    }

    /// Returns the first bytes of a memory that is written here; `None` where none was yet.
    fn sealed(&self) -> Option<Vec<u8>> {
        let stat = statat(CWD, self.directory.join(SEAL), AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let seal = (stat.st_dev, FileStamp::new(&stat));
        postcard::to_extend(&seal, FORM.to_vec()).ok()
    }

    /// Writes a memory, whole or not at all.
    fn write(&self, content: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        let seal = self.directory.join(SEAL);
        if !seal.exists() {
            drop(File::create_new(&seal));
        }
        let sealed = self.sealed().ok_or_else(|| io::Error::other("there is no seal"))?;
        let new = self.file.with_extension(format!("new-{}", std::process::id()));
        let mut file = File::create(&new)?;
        file.write_all(&sealed)?;
        file.write_all(Digest::hash(content).bytes())?;
        file.write_all(content)?;
        drop(file);
        fs::rename(&new, &self.file)
    }
}

impl Memory {
    /// Returns where the tree stands.
    pub fn root(&self) -> &TreePath {
        &self.root
    }

    /// Returns what it says; `None` if it is none.
    pub fn recall(&self) -> Option<Remembrance<'_>> {
        postcard::from_bytes(&self.bytes).ok()
    }

    /// Returns what is to be remembered of a tree, and of the files that stand beside it as they were recalled.
    pub fn remember(
        &self,
        tree: &Tree,
        standing: &Standing<'_>,
        recalled: Option<&Remembrance<'_>>,
        origins: Origins<'_>,
    ) -> Option<Pending> {
        let contents: Vec<_> = contents(tree, standing).into_iter().collect();
        let known = |path: &str| recalled.and_then(|recalled| recalled.directories.get(path)).copied();
        let all = parallel::map_heavy(FILES, &contents, |(path, content)| content.remembered(known(path)));
        let (mut files, mut directories) = (BTreeMap::new(), BTreeMap::new());
        for ((path, _), remembered) in contents.iter().zip(all) {
            let (of_directory, id) = remembered?;
            files.insert(*path, of_directory);
            directories.insert(*path, id);
        }
        let record = Record { device: 0, origins, directories: files };
        let content = postcard::to_allocvec(&Remembrance { record, directories }).ok()?;
        Some(Pending { place: self.place.clone(), content: (content != self.bytes).then_some(content) })
    }
}

impl Pending {
    /// Writes it. Without it the next run takes longer, and nothing else.
    pub fn save(&self) {
        if let Some(content) = &self.content {
            self.place.write(content).ok();
        }
    }
}

/// A directory with files of Organizations.
#[derive(Default)]
struct Content<'a> {
    /// Name, text and digest of those whose texts are known.
    texts: Vec<(&'a str, &'a str, Digest)>,
    /// Those that stand there already.
    standing: Option<&'a StandingDirectory<'a>>,
}

/// Returns the directories of a tree in which files of Organizations stand.
fn contents<'a>(tree: &'a Tree, standing: &'a Standing<'a>) -> BTreeMap<&'a str, Content<'a>> {
    let mut contents: BTreeMap<&str, Content<'_>> = BTreeMap::new();
    for (path, digest) in tree.lock().files() {
        let (Some((directory, name)), Some(text)) = (path.as_str().rsplit_once('/'), tree.files().get(path))
        else {
            continue;
        };
        if is_of_tenants(directory) {
            contents.entry(directory).or_default().texts.push((name, text, *digest));
        }
    }
    for (directory, beside) in standing {
        contents.entry(directory).or_default().standing = Some(beside);
    }
    contents
}

/// Returns whether files of Organizations may stand in a directory: `hel1/tenants/208`.
fn is_of_tenants(directory: &str) -> bool {
    let above = directory.rsplit_once('/').and_then(|(above, _)| above.split_once('/'));
    above.is_some_and(|(_, below)| below == TENANTS)
}

impl<'a> Content<'a> {
    /// Returns the files, sorted by name, and the id of a directory that holds these and nothing else. That
    /// of a directory which stands as it is may be known.
    fn remembered(&self, known: Option<GitId>) -> Option<(Vec<Remembered<'a>>, GitId)> {
        let text = |(name, text, digest): &(&'a str, &'a str, Digest)| {
            let id = id::of_text(text).ok()?;
            Some(Remembered { name, digest: *digest, mark: None, blob: Some(git_id(id)?) })
        };
        let beside = self.standing.iter().flat_map(|standing| &standing.files);
        let files = self.texts.iter().map(text).chain(beside.map(|file| Some(**file)));
        let mut files = files.collect::<Option<Vec<_>>>()?;
        let is_whole = self.texts.is_empty() && self.standing.is_some_and(|standing| standing.is_whole);
        if let Some(known) = known.filter(|_| is_whole) {
            return Some((files, known));
        }
        files.sort_unstable_by_key(|file| file.name);
        let mut directory = Directory::default();
        for file in &files {
            directory.put_file(file.name, Oid::from_bytes(&file.blob?).ok()?);
        }
        let id = id::of_tree(&directory.bytes()).ok()?;
        Some((files, git_id(id)?))
    }
}

fn git_id(id: Oid) -> Option<GitId> {
    id.as_bytes().try_into().ok()
}

/// A tree in a commit, as far as it is known.
pub struct Base<'m> {
    /// What is known of it.
    pub known: ValidCache<'m>,
    /// Its lock, which says the same of each file of an Organization that is sound.
    pub lock: Lock,
}

impl Remembrance<'_> {
    /// Returns what is known of the tree at a root in a commit; `None` if there is no tree of ours.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn at<'m>(
        &'m self,
        repository: &Repository,
        commit: Oid,
        root: &TreePath,
    ) -> Result<Option<Base<'m>>, GitError> {
        let Some(tree) = repository.below(commit, root)? else { return Ok(None) };
        // What is no lock is reported by whoever looks at all files.
        let lock = repository.file(commit, &format!("{root}/{LOCK}")).ok().flatten();
        let lock = lock.and_then(|bytes| Lock::parse(&String::from_utf8(bytes).ok()?).ok());
        let Some(lock) = lock else { return Ok(None) };
        let mut comparison = Comparison::default();
        let mut missing: BTreeMap<&str, &[Remembered<'_>]> =
            self.record.directories.iter().map(|(path, files)| (*path, files.as_slice())).collect();
        for (path, id) in repository.tenants(&tree)? {
            let Some((directory, files)) = missing.remove_entry(path.as_str()) else {
                comparison.strange(&path, &repository.files(id)?);
                continue;
            };
            let is_as_it_was = self.directories.get(directory).copied() == git_id(id);
            let found = if is_as_it_was { None } else { Some(repository.files(id)?) };
            comparison.compare(&lock, directory, files, found);
        }
        for (directory, files) in missing {
            comparison.compare(&lock, directory, files, Some(Files::new()));
        }
        let Comparison { touched, mut sound, lost } = comparison;
        sound.retain(|owner| !lost.contains(*owner));
        Ok(Some(Base { known: ValidCache { record: &self.record, touched, sound }, lock }))
    }
}

/// What is remembered, compared with a commit.
#[derive(Default)]
struct Comparison<'m> {
    /// The directories that are not as they were.
    touched: BTreeSet<&'m str>,
    /// The Organizations of which a file is as it was.
    sound: BTreeSet<&'m str>,
    /// Those of which a file is not, or is there that was not.
    lost: BTreeSet<String>,
}

/// What stands in a directory of a commit: names, and the ids of plain files.
type Files = BTreeMap<String, Option<Oid>>;

impl<'m> Comparison<'m> {
    /// Compares a directory with what is remembered of it. `found` is what stands in it, if that is not the same.
    fn compare(
        &mut self,
        lock: &Lock,
        directory: &'m str,
        files: &'m [Remembered<'m>],
        mut found: Option<Files>,
    ) {
        if found.is_some() {
            self.touched.insert(directory);
        }
        let mut path = format!("{directory}/");
        for file in files {
            let there = found.as_mut().map(|found| found.remove(file.name).flatten());
            let Some(owner) = owner(directory, file.name) else { continue };
            path.truncate(directory.len() + 1);
            path.push_str(file.name);
            let is_same = there.is_none_or(|there| there.is_some() && there.and_then(git_id) == file.blob);
            if is_same && lock.files().get(path.as_str()) == Some(&file.digest) {
                self.sound.insert(owner);
            } else {
                self.lost.insert(owner.to_owned());
            }
        }
        self.strange(directory, &found.unwrap_or_default());
    }

    /// Meets files that nothing is remembered of. An Organization that has one is looked at as a whole.
    fn strange(&mut self, directory: &str, found: &Files) {
        self.lost.extend(found.keys().filter_map(|name| owner(directory, name)).map(str::to_owned));
    }
}

impl Repository {
    /// Returns the directories of a Sovereign's tree in which files of Organizations may stand, by their paths from there.
    fn tenants(&self, tree: &git2::Tree<'_>) -> Result<Vec<(String, Oid)>, GitError> {
        let mut found = Vec::new();
        for (above, id) in directories(tree) {
            let above_tree = self.inner().find_tree(id).map_err(failed("read the commit"))?;
            let Some(tenants) = directories(&above_tree).find(|(name, _)| name == TENANTS) else {
                continue;
            };
            let tenants = self.inner().find_tree(tenants.1).map_err(failed("read the commit"))?;
            let buckets = directories(&tenants);
            found.extend(buckets.map(|(bucket, id)| (format!("{above}/{TENANTS}/{bucket}"), id)));
        }
        Ok(found)
    }

    /// Returns what stands in a directory.
    fn files(&self, directory: Oid) -> Result<Files, GitError> {
        let tree = self.inner().find_tree(directory).map_err(failed("read the commit"))?;
        let file = |entry: git2::TreeEntry<'_>| {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            (name, (entry.filemode_raw() == FILE).then(|| entry.id()))
        };
        Ok(tree.iter().map(file).collect())
    }
}

/// Returns the directories in a directory.
fn directories<'t>(tree: &'t git2::Tree<'_>) -> impl Iterator<Item = (String, Oid)> + 't {
    let directories = tree.iter().filter(|entry| entry.kind() == Some(ObjectType::Tree));
    directories.map(|entry| (String::from_utf8_lossy(entry.name_bytes()).into_owned(), entry.id()))
}
