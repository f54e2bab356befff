//! What becomes of what stands on disk: decided here completely, before anything is written.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use similar::TextDiff;

use super::Comparison;
use super::disk::{Directory, Disk, Entry, Kind, join, split};
use super::error::{Context as _, Edited, WriteError};
use super::ledger::{Ledger, lineage};
use super::wanted::{Text, Wanted, WantedDirectory, halves};
use crate::parallel;
use crate::record::{Record, Remembered};
use crate::tree::{Digest, LOCK, TreePath};

/// What the new directory holds, by directory, parents first. The directory of the tree itself is empty.
pub(super) type Rooms<'a> = BTreeMap<OsString, Room<'a>>;

/// What one directory holds, but for directories.
#[derive(Debug)]
pub(super) enum Room<'a> {
    /// What this one holds now.
    AsItStands(&'a Directory),
    /// These things, sorted by name.
    Furnished(Vec<Item<'a>>),
}

/// One thing in a directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) name: &'a OsStr,
    pub(super) content: Content<'a>,
}

impl<'a> Item<'a> {
    /// What stands in the old directory.
    pub(super) fn kept(entry: &'a Entry) -> Self {
        Self { name: &entry.name, content: Content::Kept { kind: entry.kind, inode: entry.inode } }
    }
}

/// Where it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    /// It is taken over as it stands: a file of ours that does not change, or something foreign.
    Kept { kind: Kind, inode: u64 },
    /// It is written anew.
    New(&'a str),
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
    pub(super) old: &'a Ledger<'a>,
    /// What is known of it without reading it.
    pub(super) record: Option<&'a Record<'a>>,
}

/// The answer of [`super::compare`], and the plan that carries it out.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    pub(super) comparison: Comparison,
    pub(super) rooms: Rooms<'a>,
    /// How many files had to be read.
    pub(super) read: usize,
}

impl<'a> Survey<'a> {
    /// Decides about everything on disk.
    pub(super) fn of(sides: &Sides<'a>) -> Result<Self, WriteError> {
        for directory in sides.wanted.directories.keys() {
            clear(sides, directory).map_err(|at| WriteError::Obstructed { path: sides.target.join(at) })?;
        }
        let foreign = Foreign::of(sides);
        let comparison = Comparison { root: sides.target.to_path_buf(), ..Comparison::default() };
        let mut survey = Self { comparison, rooms: foreign.rooms(sides), read: 0 };
        let meetings = survey.keep(sides)?;
        // Before any answer is looked at: this is what takes time where a tree is large.
        let unread: Vec<_> = meetings.iter().filter(|meeting| meeting.must_be_read()).collect();
        survey.read = unread.len();
        let mut read = parallel::map(&unread, |meeting| meeting.read(sides.base)).into_iter();
        for meeting in &meetings {
            let met = if meeting.must_be_read() { read.next() } else { None };
            survey.settle(meeting, met.unwrap_or_else(|| Ok(meeting.at_sight(&foreign)))?);
        }
        for (path, digest) in foreign.gone {
            survey.remove(path, digest, sides.base)?;
        }
        survey.sort();
        Ok(survey)
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
                if wanted.is_standing() {
                    continue;
                }
                let Some(entry) = entry(file.name) else {
                    // It stood there a moment ago.
                    let missing = io::Error::from(ErrorKind::NotFound);
                    return Err(missing).at("find", &sides.target.join(path).join(file.name));
                };
                self.put(path, file.name, Content::Kept { kind: entry.kind, inode: entry.inode });
            }
            for text in texts {
                let entry = entry(text.name);
                let known = entry.zip(sides.record).and_then(|(entry, record)| record.known(path, entry));
                let is_known = known.is_some_and(|known| known.digest == text.digest);
                meetings.push(Meeting { text, entry, is_known, old: sides.old.digest(path, text.name) });
            }
        }
        Ok(meetings)
    }

    /// Puts something into a directory of the new tree.
    fn put(&mut self, directory: &str, name: &'a str, content: Content<'a>) {
        if let Some(Room::Furnished(items)) = self.rooms.get_mut(OsStr::new(directory)) {
            items.push(Item { name: OsStr::new(name), content });
        }
    }

    /// A file of the tree has met what stands in its place.
    fn settle(&mut self, meeting: &Meeting<'a>, met: Met) {
        let (found, path) = (&mut self.comparison, || meeting.text.path.clone());
        let content = match (met, meeting.entry) {
            (Met::Same, Some(Entry { kind, inode, .. })) => {
                found.unchanged += 1;
                Content::Kept { kind: *kind, inode: *inode }
            }
            (Met::Foreign, _) => return found.foreign.push(path()),
            (Met::Absent | Met::Same, _) => {
                found.added.push(path());
                Content::New(meeting.text.content)
            }
            (Met::Edited(diff), _) => {
                found.edited.push(Edited { path: path(), diff });
                found.changed.push(path());
                Content::New(meeting.text.content)
            }
            (Met::Ours, _) => {
                found.changed.push(path());
                Content::New(meeting.text.content)
            }
        };
        let (directory, name) = halves(meeting.text.path.as_str());
        self.put(directory, name, content);
    }

    /// A file of ours that the tree no longer has.
    fn remove(&mut self, path: TreePath, digest: Digest, base: &Path) -> Result<(), WriteError> {
        let place = base.join(path.as_str());
        let bytes = fs::read(&place).at("read", &place)?;
        if Digest::of(&bytes) != digest {
            self.comparison.edited.push(Edited { path: path.clone(), diff: diff(&path, None, &bytes) });
        }
        self.comparison.removed.push(path);
        Ok(())
    }

    fn sort(&mut self) {
        for room in self.rooms.values_mut() {
            if let Room::Furnished(items) = room {
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

impl<'m> Record<'m> {
    /// Whether a file in the directory of the tree is as it was.
    pub(super) fn knows(&self, disk: &Disk, name: &str) -> bool {
        disk.root().and_then(|root| self.known("", root.entry(OsStr::new(name))?)).is_some()
    }

    /// What is remembered of a file on disk, if that is as it was.
    fn known(&self, directory: &str, entry: &Entry) -> Option<&Remembered<'m>> {
        let file = self.file(directory, entry.name.to_str()?)?;
        (entry.mark.is_some() && file.mark == entry.mark).then_some(file)
    }
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
    /// Whether nothing but its bytes says what stands there.
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
        if holds(&place, text.as_bytes()).at("read", &place)? {
            return Ok(Met::Same);
        }
        if path.as_str() == LOCK {
            return Ok(Met::Ours);
        }
        let Some(digest) = self.old else { return Ok(Met::Foreign) };
        let bytes = fs::read(&place).at("read", &place)?;
        let is_ours = Digest::of(&bytes) == digest;
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
    fn of(sides: &Sides<'a>) -> Self {
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
                    foreign.meet((path, text), entry, sides.old);
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
    fn meet(&mut self, (above, text): (&'a OsStr, Option<&str>), entry: &'a Entry, old: &Ledger<'_>) {
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

    /// The directories of the new tree, with all that is foreign in them, and those that stay as they are.
    fn rooms(&self, sides: &Sides<'a>) -> Rooms<'a> {
        let wanted =
            sides.wanted.directories.keys().flat_map(|directory| lineage(directory)).map(OsString::from);
        let all = wanted.chain(self.alive.iter().cloned()).chain([OsString::new()]);
        let mut rooms: Rooms<'a> = all.map(|directory| (directory, Room::Furnished(Vec::new()))).collect();
        for (directory, entries) in &self.rest {
            let items = entries.iter().map(|entry| Item::kept(entry)).collect();
            rooms.insert((*directory).to_owned(), Room::Furnished(items));
        }
        for (directory, _) in sides.wanted.directories.iter().filter(|(_, wanted)| wanted.is_standing()) {
            if let Some(found) = sides.disk.directories.get(OsStr::new(directory)) {
                rooms.insert(OsString::from(directory), Room::AsItStands(found));
            }
        }
        rooms
    }
}

/// Makes sure that a directory of the tree is one on disk, all the way down, or can become one; if not, says where it ends.
fn clear<'p>(sides: &Sides<'_>, directory: &'p str) -> Result<(), &'p str> {
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
