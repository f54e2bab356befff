//! What stands on disk, and what becomes of it: decided here completely, before anything is written.
#![expect(clippy::disallowed_methods, reason = "this is the module that touches the disk")]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use similar::TextDiff;

use super::Comparison;
use super::error::{Context as _, Edited, WriteError};
use crate::parallel;
use crate::tree::{Digest, LOCK, Lock, Tree, TreePath};

/// What stands at a path; symlinks are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    File,
    Symlink,
    /// A pipe, a socket, a device.
    Special,
}

/// Everything below a directory by relative path; a directory sorts before what it holds.
pub(super) type Entries = BTreeMap<OsString, Kind>;

/// The answer of [`super::compare`], and the plan that carries it out.
#[derive(Debug)]
pub(super) struct Survey<'t> {
    pub(super) comparison: Comparison,
    /// What stands on disk now.
    pub(super) entries: Entries,
    /// Every directory of the new tree, parents first.
    pub(super) directories: BTreeSet<OsString>,
    /// What is taken over as it is: files of ours that do not change, and all that is foreign.
    pub(super) kept: Vec<(OsString, Kind)>,
    /// What is written anew.
    pub(super) texts: Vec<(&'t TreePath, &'t str)>,
}

impl<'t> Survey<'t> {
    /// Looks at `base`, the directory that stands at `target` or is about to.
    pub(super) fn take(tree: &'t Tree, target: &Path, base: &Path) -> Result<Self, WriteError> {
        let entries = walk(base)?;
        let lock_text = match entries.get(OsStr::new(LOCK)) {
            None => None,
            Some(Kind::File) => Some(read(base, LOCK)?),
            Some(_) => {
                return Err(WriteError::Obstructed { path: target.join(LOCK) });
            }
        };
        let lock = lock(lock_text.as_deref(), tree, target)?;
        let foreign = Foreign::of(&entries, tree, &lock);

        let mut survey = Self {
            comparison: Comparison { root: target.to_path_buf(), ..Comparison::default() },
            entries: Entries::new(),
            directories: foreign.directories.iter().map(|path| (*path).to_owned()).collect(),
            kept: foreign.rest.iter().map(|(path, kind)| ((*path).to_owned(), *kind)).collect(),
            texts: Vec::new(),
        };
        let ground = Ground { entries: &entries, tree, lock: &lock };
        let files: Vec<_> = tree.files().iter().map(|(path, text)| (path, text.as_str())).collect();
        // Before any answer is looked at: this is what takes time where a tree is large.
        let met = parallel::map(&files, |file| ground.meet(*file, base));
        let mut checked = "";
        for (file, met) in files.into_iter().zip(met) {
            let (path, _) = file;
            let above = path.as_str().rsplit_once('/').map_or("", |(above, _)| above);
            if above != checked {
                ground.clear(above).map_err(|at| WriteError::Obstructed { path: target.join(at) })?;
                survey.directories.extend(ancestors(path.as_str()).map(OsString::from));
                checked = above;
            }
            match entries.get(OsStr::new(path.as_str())) {
                None => survey.add(file),
                // A directory of ours that is about to be empty gives way to a file of its name.
                Some(Kind::Directory) if foreign.may_go(path) => survey.add(file),
                Some(Kind::File) => survey.settle(file, met?),
                Some(_) => survey.comparison.foreign.push(path.clone()),
            }
        }
        survey.remove(&ground, base)?;
        survey.comparison.edited.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        survey.entries = entries;
        Ok(survey)
    }

    /// The files of the old lock that the tree no longer has.
    fn remove(&mut self, ground: &Ground<'_>, base: &Path) -> Result<(), WriteError> {
        for (path, digest) in ground.lock.files() {
            let there = ground.entries.get(OsStr::new(path.as_str())) == Some(&Kind::File);
            if there && !ground.tree.files().contains_key(path) {
                let bytes = read(base, path.as_str())?;
                if Digest::of(&bytes) != *digest {
                    self.comparison
                        .edited
                        .push(Edited { path: path.clone(), diff: diff(path, None, &bytes) });
                }
                self.comparison.removed.push(path.clone());
            }
        }
        Ok(())
    }

    fn add(&mut self, file: (&'t TreePath, &'t str)) {
        self.comparison.added.push(file.0.clone());
        self.texts.push(file);
    }

    /// A file of the tree has met the file in its place.
    fn settle(&mut self, file: (&'t TreePath, &'t str), met: Met) {
        let path = file.0;
        match met {
            Met::Same => {
                self.comparison.unchanged += 1;
                self.kept.push((path.as_str().into(), Kind::File));
                return;
            }
            Met::Foreign => {
                self.comparison.foreign.push(path.clone());
                return;
            }
            Met::Edited(diff) => self.comparison.edited.push(Edited { path: path.clone(), diff }),
            Met::Ours => {}
        }
        self.comparison.changed.push(path.clone());
        self.texts.push(file);
    }
}

/// What a file of the tree finds in its place.
enum Met {
    /// Its own bytes, whoever wrote them.
    Same,
    /// What we once wrote there, or a lock that can be read.
    Ours,
    /// What we wrote and somebody changed: the edits.
    Edited(String),
    /// What somebody else wrote.
    Foreign,
}

/// What is not ours, and the directories that it keeps alive.
struct Foreign<'e> {
    /// Foreign directories, and all directories with something foreign inside.
    directories: BTreeSet<&'e OsStr>,
    /// Foreign files, symlinks and the like.
    rest: Vec<(&'e OsStr, Kind)>,
    /// Directories that hold, or held, a file of the old lock.
    ours: BTreeSet<&'e str>,
}

impl<'e> Foreign<'e> {
    fn of(entries: &'e Entries, tree: &Tree, lock: &'e Lock) -> Self {
        let mut foreign = Self { directories: BTreeSet::new(), rest: Vec::new(), ours: BTreeSet::new() };
        foreign.ours.extend(lock.files().keys().flat_map(|path| ancestors(path.as_str())));
        // What stands in the way of the tree is refused elsewhere, or gives way.
        let owned = |path: &str, kind| {
            tree.files().contains_key(path) || (kind == Kind::File && lock.files().contains_key(path))
        };
        for (path, &kind) in entries {
            let text = path.to_str();
            match kind {
                Kind::Directory if text.is_some_and(|path| foreign.ours.contains(path)) => continue,
                Kind::Directory => {
                    foreign.directories.insert(path);
                }
                Kind::File | Kind::Symlink | Kind::Special if text.is_some_and(|path| owned(path, kind)) => {
                    continue;
                }
                Kind::File | Kind::Symlink | Kind::Special => foreign.rest.push((path, kind)),
            }
            let above = Path::new(path).ancestors().skip(1).map(Path::as_os_str);
            foreign.directories.extend(above.take_while(|path| !path.is_empty()));
        }
        foreign
    }

    fn may_go(&self, directory: &TreePath) -> bool {
        self.ours.contains(directory.as_str()) && !self.directories.contains(OsStr::new(directory.as_str()))
    }
}

/// What there is and what there shall be.
struct Ground<'a> {
    entries: &'a Entries,
    tree: &'a Tree,
    lock: &'a Lock,
}

impl Ground<'_> {
    /// Looks at the file that stands in the place of one of the tree. Of what is no file, others have to judge.
    fn meet(&self, (path, text): (&TreePath, &str), base: &Path) -> Result<Met, WriteError> {
        let place = base.join(path.as_str());
        if self.entries.get(OsStr::new(path.as_str())) != Some(&Kind::File) {
            return Ok(Met::Foreign);
        }
        if holds(&place, text.as_bytes()).at("read", &place)? {
            return Ok(Met::Same);
        }
        if path.as_str() == LOCK {
            return Ok(Met::Ours);
        }
        let Some(digest) = self.lock.files().get(path) else { return Ok(Met::Foreign) };
        let bytes = read(base, path.as_str())?;
        Ok(if Digest::of(&bytes) == *digest {
            Met::Ours
        } else {
            Met::Edited(diff(path, Some(text), &bytes))
        })
    }

    /// Makes sure that a directory of the tree is one on disk, all the way down, or can become one; if not, says
    /// where it ends.
    fn clear<'p>(&self, above: &'p str) -> Result<(), &'p str> {
        for path in ancestors(above).chain((!above.is_empty()).then_some(above)) {
            let gives_way =
                |path: &str| self.lock.files().contains_key(path) && !self.tree.files().contains_key(path);
            match self.entries.get(OsStr::new(path)) {
                None => return Ok(()),
                Some(Kind::Directory) => {}
                // A file of ours that the tree no longer has gives way to a directory of its name.
                Some(Kind::File) if gives_way(path) => return Ok(()),
                Some(_) => return Err(path),
            }
        }
        Ok(())
    }
}

/// The directories above a path, outermost first: `a` and `a/b` for `a/b/c`.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// The lock that stands at the target.
fn lock<'t>(text: Option<&[u8]>, tree: &'t Tree, target: &Path) -> Result<Cow<'t, Lock>, WriteError> {
    let text = text.unwrap_or_default();
    if tree.files().get(LOCK).is_some_and(|ours| ours.as_bytes() == text) {
        return Ok(Cow::Borrowed(tree.lock()));
    }
    let parsed = Lock::parse(&String::from_utf8_lossy(text));
    parsed.map(Cow::Owned).map_err(|broken| WriteError::BrokenLock {
        path: target.join(LOCK),
        line: broken.line,
        text: broken.text,
    })
}

fn read(base: &Path, path: &str) -> Result<Vec<u8>, WriteError> {
    let path = base.join(path);
    fs::read(&path).at("read", &path)
}

/// Whether a file holds exactly these bytes.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let mut file = File::open(path)?;
    // One more, to see what is longer.
    let mut found = vec![0; bytes.len() + 1];
    let mut read = 0;
    while read < found.len() {
        match file.read(&mut found[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found.get(..read) == Some(bytes))
}

/// Everything below a directory; nothing, if there is none.
fn walk(base: &Path) -> Result<Entries, WriteError> {
    let mut entries = Vec::new();
    // Level by level, the directories of a level side by side.
    let mut level = vec![OsString::new()];
    while !level.is_empty() {
        let lists = parallel::map(&level, |below| list(base, below));
        level = Vec::new();
        for list in lists {
            let list = list?;
            let below = list.iter().filter(|(_, kind)| *kind == Kind::Directory);
            level.extend(below.map(|(path, _)| path.clone()));
            entries.extend(list);
        }
    }
    Ok(entries.into_iter().collect())
}

/// What stands in the directory `below` of `base`, by path below `base`; nothing, if there is no `base`.
fn list(base: &Path, below: &OsStr) -> Result<Vec<(OsString, Kind)>, WriteError> {
    let directory = if below.is_empty() { base.to_path_buf() } else { base.join(below) };
    let list = match fs::read_dir(&directory) {
        Ok(list) => list,
        Err(error) if below.is_empty() && error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).at("list", &directory),
    };
    let mut entries = Vec::new();
    for entry in list {
        let entry = entry.at("list", &directory)?;
        let mut path = below.to_owned();
        if !path.is_empty() {
            path.push("/");
        }
        path.push(entry.file_name());
        let kind = entry.file_type().at("look at", &directory)?;
        let kind = if kind.is_dir() {
            Kind::Directory
        } else if kind.is_file() {
            Kind::File
        } else if kind.is_symlink() {
            Kind::Symlink
        } else {
            Kind::Special
        };
        entries.push((path, kind));
    }
    entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(entries)
}

/// The edits in a file of ours: from what we would write to what is on disk.
fn diff(path: &TreePath, ours: Option<&str>, disk: &[u8]) -> String {
    /// Above this, a diff is of no use to anybody and slow to make.
    const BYTES: usize = 1 << 20;
    if disk.len() > BYTES {
        return format!("({path} holds {} bytes: no diff)\n", disk.len());
    }
    let disk = String::from_utf8_lossy(disk);
    let from = if ours.is_some() { "compiled" } else { "no longer compiled" };
    let diff = TextDiff::from_lines(ours.unwrap_or_default(), &disk);
    let text = diff.unified_diff().context_radius(3).header(from, "on disk").to_string();
    let mut lines = text.split_inclusive('\n');
    let shown: String = lines.by_ref().take(Edited::LINES).collect();
    match lines.count() {
        0 => shown,
        more => format!("{shown}({more} more lines)\n"),
    }
}
