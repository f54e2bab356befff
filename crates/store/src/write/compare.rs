//! What becomes of what stands on disk: decided here completely, before anything is written.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::Comparison;
use super::disk::{Directory, Disk, Entry, Kind, join, split};
use super::error::{Context as _, Edited, WriteError};
use super::lock_index::{LockIndex, lineage};
use super::wanted::{Text, Wanted, WantedDirectory, halves};
use crate::checked_out::as_git_has;
use sovereign_compile::build_cache::{Record, Remembered};
use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_text::digest::Digest;
use sovereign_text::{line_diff, parallel};

/// What the new tree holds, by directory, parents first. The directory of the tree itself is empty.
pub(super) type Layout<'a> = BTreeMap<OsString, Contents<'a>>;

/// What one directory holds, but for directories.
#[derive(Debug)]
pub(super) enum Contents<'a> {
    /// What this one holds now.
    AsItStands(&'a Directory),
    /// These things, sorted by name.
    Items(Vec<Item<'a>>),
}

/// One thing in a directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) name: &'a OsStr,
    pub(super) from: From<'a>,
}

/// Where it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum From<'a> {
    /// It stands in the old directory: a file of ours that does not change, or something foreign.
    Old { kind: Kind, inode: u64 },
    /// It is written anew.
    Text(&'a str),
}

impl<'a> Item<'a> {
    /// Returns what stands in the old directory.
    pub(super) fn old(entry: &'a Entry) -> Self {
        Self { name: &entry.name, from: From::Old { kind: entry.kind, inode: entry.inode } }
    }
}

/// What is compared.
pub(super) struct Sides<'a> {
    pub(super) wanted: &'a Wanted<'a>,
    /// What stands on disk, and where.
    pub(super) disk: &'a Disk,
    pub(super) base: &'a Path,
    /// Where the tree stands or shall stand.
    pub(super) target: &'a Path,
    /// What is ours on disk.
    pub(super) old: &'a LockIndex<'a>,
    /// What is known of it without reading it.
    pub(super) record: Option<&'a Record<'a>>,
}

/// The answer of [`super::compare()`], and the plan that carries it out.
#[derive(Debug)]
pub(super) struct InstallPlan<'a> {
    pub(super) comparison: Comparison,
    pub(super) layout: Layout<'a>,
    /// How many files had to be read.
    pub(super) read: usize,
}

impl<'a> InstallPlan<'a> {
    /// Decides about everything on disk.
    pub(super) fn new(sides: &Sides<'a>) -> Result<Self, WriteError> {
        for directory in sides.wanted.directories.keys() {
            free(sides, directory).map_err(|at| WriteError::Obstructed { path: sides.target.join(at) })?;
        }
        let foreign = Foreign::new(sides);
        let comparison = Comparison { root: sides.target.to_path_buf(), ..Comparison::default() };
        let mut plan = Self { comparison, layout: foreign.layout(sides), read: 0 };
        let meetings = plan.keep(sides)?;
        // Before any answer is looked at: this is what takes time where a tree is large.
        let unread: Vec<_> = meetings.iter().filter(|meeting| meeting.must_be_read()).collect();
        plan.read = unread.len();
        let mut read = parallel::map(&unread, |meeting| meeting.read(sides.base)).into_iter();
        for meeting in &meetings {
            let met = if meeting.must_be_read() { read.next() } else { None };
            plan.settle(meeting, met.unwrap_or_else(|| Ok(meeting.at_sight(&foreign)))?);
        }
        for (path, digest) in foreign.gone {
            plan.remove(path, digest, sides.base)?;
        }
        plan.sort();
        Ok(plan)
    }

    /// Keeps what stands there already, and gives all other files of the tree with what stands in their places.
    fn keep(&mut self, sides: &Sides<'a>) -> Result<Vec<Meeting<'a>>, WriteError> {
        let mut meetings = Vec::new();
        for (&path, wanted) in &sides.wanted.directories {
            let WantedDirectory { texts, standing } = wanted;
            let disk = sides.disk.directories.get(OsStr::new(path));
            let entry = |name: &str| disk.and_then(|disk| disk.entry(OsStr::new(name)));
            for file in standing.iter().flat_map(|standing| &standing.files) {
                self.comparison.unchanged += 1;
                if matches!(self.layout.get(OsStr::new(path)), Some(Contents::AsItStands(_))) {
                    continue;
                }
                let Some(entry) = entry(file.name) else {
                    return Err(WriteError::Disturbed { path: sides.target.join(path).join(file.name) });
                };
                self.put(path, Item { name: OsStr::new(file.name), ..Item::old(entry) });
            }
            for text in texts {
                let entry = entry(text.name);
                let known =
                    entry.zip(sides.record).and_then(|(entry, record)| remembered(record, path, entry));
                let is_known = known.is_some_and(|known| known.digest == text.digest);
                meetings.push(Meeting { text, entry, is_known, old: sides.old.digest(path, text.name) });
            }
        }
        Ok(meetings)
    }

    /// Puts something into a directory of the new tree.
    fn put(&mut self, directory: &str, item: Item<'a>) {
        if let Some(Contents::Items(items)) = self.layout.get_mut(OsStr::new(directory)) {
            items.push(item);
        }
    }

    /// A file of the tree has met what stands in its place.
    fn settle(&mut self, meeting: &Meeting<'a>, met: Met) {
        let (found, path) = (&mut self.comparison, || meeting.text.path.clone());
        let from = match (met, meeting.entry) {
            (Met::Same, Some(entry)) => {
                found.unchanged += 1;
                Item::old(entry).from
            }
            (Met::Foreign, _) => return found.foreign.push(path()),
            (Met::Absent | Met::Same, _) => {
                found.added.push(path());
                From::Text(meeting.text.content)
            }
            (Met::Edited(diff), _) => {
                found.edited.push(Edited { path: path(), diff });
                found.changed.push(path());
                From::Text(meeting.text.content)
            }
            (Met::Ours, _) => {
                found.changed.push(path());
                From::Text(meeting.text.content)
            }
        };
        let (directory, name) = halves(meeting.text.path.as_str());
        self.put(directory, Item { name: OsStr::new(name), from });
    }

    /// Returns a file of ours that the tree no longer has.
    fn remove(&mut self, path: TreePath, digest: Digest, base: &Path) -> Result<(), WriteError> {
        let place = base.join(path.as_str());
        let bytes = fs::read(&place).at("read", &place)?;
        if Digest::hash(&as_git_has(&bytes)) != digest {
            self.comparison.edited.push(Edited { path: path.clone(), diff: diff(&path, None, &bytes) });
        }
        self.comparison.removed.push(path);
        Ok(())
    }

    fn sort(&mut self) {
        for contents in self.layout.values_mut() {
            if let Contents::Items(items) = contents {
                items.sort_unstable_by_key(|item| item.name);
            }
        }
        let Comparison { added, changed, removed, foreign, edited, .. } = &mut self.comparison;
        for paths in [added, changed, removed, foreign] {
            paths.sort_unstable();
        }
        edited.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    }
}

/// Returns whether a file in the directory of the tree is as it was.
pub(super) fn knows(record: &Record<'_>, disk: &Disk, name: &str) -> bool {
    disk.root().and_then(|root| remembered(record, "", root.entry(OsStr::new(name))?)).is_some()
}

/// Returns what is remembered of a file on disk, if that is as it was.
pub(super) fn remembered<'r, 'm>(
    record: &'r Record<'m>,
    directory: &str,
    entry: &Entry,
) -> Option<&'r Remembered<'m>> {
    record.file(directory, entry.name.to_str()?).filter(|file| entry.bears(file))
}

/// A file of the tree, and what stands in its place.
struct Meeting<'a> {
    text: &'a Text<'a>,
    entry: Option<&'a Entry>,
    /// Whether it is known, without reading, that this is what stands there.
    is_known: bool,
    /// What we once wrote there.
    old: Option<Digest>,
}

/// What a file of the tree finds in its place.
enum Met {
    /// Nothing, or what gives way.
    Absent,
    /// Its own bytes, whoever wrote them.
    Same,
    /// What we once wrote there, or a lock that can be read.
    Ours,
    /// What we wrote and somebody changed: the edits.
    Edited(String),
    /// What somebody else wrote.
    Foreign,
}

impl Meeting<'_> {
    /// Returns whether nothing but its bytes says what stands there.
    fn must_be_read(&self) -> bool {
        !self.is_known && self.entry.is_some_and(|entry| entry.kind == Kind::File)
    }

    fn at_sight(&self, foreign: &Foreign<'_>) -> Met {
        match self.entry.map(|entry| entry.kind) {
            None => Met::Absent,
            Some(Kind::File) => Met::Same,
            // A directory of ours that is about to be empty gives way to a file of its name.
            Some(Kind::Directory) if foreign.may_go(self.text.path) => Met::Absent,
            Some(Kind::Directory | Kind::Symlink | Kind::Special) => Met::Foreign,
        }
    }

    fn read(&self, base: &Path) -> Result<Met, WriteError> {
        let Text { path, content: text, .. } = self.text;
        let place = base.join(path.as_str());
        match holds(&place, text.as_bytes()) {
            Ok(true) => return Ok(Met::Same),
            Ok(false) => {}
            // It stood there a moment ago.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(WriteError::Disturbed { path: place });
            }
            Err(error) => return Err(error).at("read", &place),
        }
        let bytes = fs::read(&place).at("read", &place)?;
        let bytes = as_git_has(&bytes);
        if *bytes == *text.as_bytes() {
            return Ok(Met::Same);
        }
        if path.as_str() == LOCK {
            return Ok(Met::Ours);
        }
        let Some(digest) = self.old else { return Ok(Met::Foreign) };
        let is_ours = Digest::hash(&bytes) == digest;
        Ok(if is_ours { Met::Ours } else { Met::Edited(diff(path, Some(text), &bytes)) })
    }
}

/// What stands on disk and is not of the tree.
struct Foreign<'a> {
    /// Foreign files, symlinks and the like, by directory.
    rest: BTreeMap<&'a OsStr, Vec<&'a Entry>>,
    /// Foreign directories, and all directories with something foreign inside.
    alive: BTreeSet<OsString>,
    /// Directories that hold, or held, a file of the old tree.
    ours: BTreeSet<&'a OsStr>,
    /// Files of the old tree that the new one does not have.
    gone: Vec<(TreePath, Digest)>,
}

impl<'a> Foreign<'a> {
    fn new(sides: &Sides<'a>) -> Self {
        let mut foreign = Self {
            rest: BTreeMap::new(),
            alive: BTreeSet::new(),
            ours: sides.old.directories(),
            gone: Vec::new(),
        };
        for (path, directory) in &sides.disk.directories {
            let text = path.to_str();
            let wanted = text.and_then(|path| sides.wanted.directories.get(path));
            // What stands in the way of the tree is refused elsewhere, or gives way.
            let is_wanted = |name: &OsStr| {
                wanted
                    .zip(name.to_str())
                    .is_some_and(|(wanted, name)| wanted.is_standing() || wanted.has(name))
            };
            for entry in &directory.entries {
                if entry.kind == Kind::Directory {
                    foreign.meet_directory(path, entry);
                } else if !is_wanted(&entry.name) {
                    foreign.meet(path, text, entry, sides.old);
                }
            }
        }
        foreign
    }

    fn meet_directory(&mut self, above: &OsStr, entry: &Entry) {
        let path = join(above, &entry.name);
        if !self.ours.contains(path.as_os_str()) {
            self.keep(above);
            self.alive.insert(path);
        }
    }

    /// Meets what the tree does not have.
    fn meet(&mut self, above: &'a OsStr, text: Option<&str>, entry: &'a Entry, old: &LockIndex<'_>) {
        let name = entry.name.to_str().filter(|_| entry.kind == Kind::File);
        let owned = text.zip(name).and_then(|(above, name)| old.digest(above, name));
        let path = join(above, &entry.name).into_string().ok().and_then(TreePath::new);
        if let Some((path, digest)) = path.zip(owned) {
            self.gone.push((path, digest));
        } else {
            self.keep(above);
            self.rest.entry(above).or_default().push(entry);
        }
    }

    /// Keeps a directory, and those above it.
    fn keep(&mut self, directory: &OsStr) {
        let mut path = directory;
        while !path.is_empty() && self.alive.insert(path.to_owned()) {
            path = split(path).0;
        }
    }

    fn may_go(&self, directory: &TreePath) -> bool {
        let directory = OsStr::new(directory.as_str());
        self.ours.contains(directory) && !self.alive.contains(directory)
    }

    /// Returns the directories of the new tree, with all that is foreign in them, and those that stay as they are.
    fn layout(&self, sides: &Sides<'a>) -> Layout<'a> {
        let wanted =
            sides.wanted.directories.keys().flat_map(|directory| lineage(directory)).map(OsString::from);
        let all = wanted.chain(self.alive.iter().cloned()).chain([OsString::new()]);
        let mut layout: Layout<'a> = all.map(|directory| (directory, Contents::Items(Vec::new()))).collect();
        for (directory, entries) in &self.rest {
            let items = entries.iter().map(|entry| Item::old(entry)).collect();
            layout.insert((*directory).to_owned(), Contents::Items(items));
        }
        for (directory, _) in sides.wanted.directories.iter().filter(|(_, wanted)| wanted.is_standing()) {
            let Some(found) = sides.disk.directories.get(OsStr::new(directory)) else { continue };
            let mut below = found.entries.iter().filter(|entry| entry.kind == Kind::Directory);
            if below.all(|entry| layout.contains_key(&join(OsStr::new(directory), &entry.name))) {
                layout.insert(OsString::from(directory), Contents::AsItStands(found));
            }
        }
        layout
    }
}

/// Makes sure that a directory of the tree is one on disk, all the way down, or can become one; if not, says where it ends.
fn free<'p>(sides: &Sides<'_>, directory: &'p str) -> Result<(), &'p str> {
    for path in lineage(directory) {
        match sides.disk.kind(OsStr::new(path)) {
            None => return Ok(()),
            Some(Kind::Directory) => {}
            // A file of ours that the tree no longer has gives way to a directory of its name.
            Some(Kind::File) if sides.old.has(path) && !sides.wanted.has(path) => return Ok(()),
            Some(_) => return Err(path),
        }
    }
    Ok(())
}

/// Returns whether a file holds exactly these bytes.
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

/// Returns the edits in a file of ours: from what we would write to what is on disk.
fn diff(path: &TreePath, ours: Option<&str>, disk: &[u8]) -> String {
    /// Above this, a diff is of no use to anybody and slow to make.
    const BYTES: usize = 1 << 20;
    if disk.len() > BYTES {
        return format!("({path} holds {} bytes: no diff)\n", disk.len());
    }
    let disk = String::from_utf8_lossy(disk);
    let from = if ours.is_some() { "compiled" } else { "no longer compiled" };
    let text = line_diff::unified(ours.unwrap_or_default(), &disk, 3, (from, "on disk"));
    let mut lines = text.split_inclusive('\n');
    let shown: String = lines.by_ref().take(Edited::LINES).collect();
    match lines.count() {
        0 => shown,
        more => format!("{shown}({more} more lines)\n"),
    }
}
