//! Carries out a survey, and keeps for the next run what makes it quick.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::thread;
use std::time::SystemTime;

use rustix::fs::{AtFlags, CWD, statat};

use super::disk::{Disk, Kind, join, split};
use super::error::{Context as _, WriteError};
use super::ledger::lineage;
use super::mark::TICK;
use super::place::Place;
use super::stage::{self, Swap, Touched};
use super::survey::{Content, Item, Room, Rooms, Survey};
use super::wanted::{Wanted, WantedDirectory, halves};
use super::{Comparison, memory};
use crate::record::{Mark, Origins, Record, Remembered};
use crate::tree::LOCK;

/// What Git is told of the workshop, by a file in it.
const IGNORED: (&str, &str) = (".gitignore", "# Written by sovereign. All of this may be deleted.\n*\n");

/// The directory beside the trees where new ones are built.
pub(super) struct Workshop<'a> {
    pub(super) place: &'a Place,
    /// What the tree asks for.
    pub(super) wanted: &'a Wanted<'a>,
    /// What stands at the target.
    pub(super) disk: &'a Disk,
    pub(super) survey: &'a Survey<'a>,
    /// Whether the tree is large.
    pub(super) is_fleet: bool,
}

impl Workshop<'_> {
    /// Brings the target to what the survey says. The tree follows from `origins`.
    pub(super) fn carry_out(&self, swap: Swap, origins: Origins<'_>) -> Result<(), WriteError> {
        let is_current = self.survey.comparison.is_current();
        let touched = if is_current { Ok(Touched::default()) } else { self.replace(swap) };
        match touched {
            Ok(touched) if self.is_fleet => {
                let leveled = if is_current { Touched::default() } else { self.level(&touched) };
                if !is_current || self.survey.read > 0 {
                    self.remember(origins, &touched.with(leveled));
                }
                Ok(())
            }
            // The first error is the one to report; what is left after it, the next run will take away.
            outcome => outcome.map(drop).and(self.clear(is_current)),
        }
    }

    /// Takes away all that has become of no use.
    fn clear(&self, is_current: bool) -> Result<(), WriteError> {
        let Place { workshop, staging, record, .. } = self.place;
        // What stands there now is what stood at the target, unless nothing changed.
        let nothing = Disk::default();
        stage::discard_old(staging, if is_current { &nothing } else { self.disk })?;
        fs::remove_file(record).ok();
        close(workshop);
        Ok(())
    }

    /// Builds the new directory and puts it in the place of the target.
    fn replace(&self, swap: Swap) -> Result<Touched, WriteError> {
        let Place { target, staging, .. } = self.place;
        self.open()?;
        let touched = stage::build((target, self.disk), staging, (&self.survey.rooms, None))?;
        stage::install(self.place, swap)?;
        Ok(touched)
    }

    /// Makes the workshop, if it is not there.
    fn open(&self) -> Result<(), WriteError> {
        let workshop = &self.place.workshop;
        match fs::create_dir(workshop) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome.at("create", workshop),
        }
    }

    /// Makes the old directory the spare of the new one: the same files under the same names, but for the lock, of which no
    /// two are the same. What cannot be kept so is of no use and goes; the tree stands either way.
    fn level(&self, done: &Touched) -> Touched {
        let Place { target, staging, .. } = self.place;
        let inodes: BTreeMap<&OsStr, u64> =
            done.written.iter().map(|(path, mark)| (path.as_os_str(), mark.inode)).collect();
        let kept = |directory: &OsStr, item: &Item<'_>| match item.content {
            Content::Kept { kind, inode } => Some((kind, inode)),
            Content::New(_) => {
                let inode = inodes.get(join(directory, item.name).as_os_str())?;
                Some((Kind::File, *inode))
            }
        };
        let mut rooms = Rooms::new();
        for (directory, room) in &self.survey.rooms {
            let room = match room {
                Room::AsItStands(found) => Room::AsItStands(found),
                Room::Furnished(items) => {
                    let items = items.iter().filter(|item| !directory.is_empty() || item.name != LOCK);
                    let items = items.filter_map(|item| {
                        let (kind, inode) = kept(directory, item)?;
                        Some(Item { name: item.name, content: Content::Kept { kind, inode } })
                    });
                    Room::Furnished(items.collect())
                }
            };
            rooms.insert(directory.clone(), room);
        }
        match stage::build((target, self.disk), staging, (&rooms, Some(&self.changed_rooms()))) {
            Ok(touched) if !touched.copied => touched,
            Ok(_) | Err(_) => {
                stage::discard(staging).ok();
                Touched::default()
            }
        }
    }

    /// The directories with something that changes, and all above them.
    fn changed_rooms(&self) -> BTreeSet<&OsStr> {
        let Comparison { added, changed, removed, .. } = &self.survey.comparison;
        let mut directories: Vec<_> =
            added.iter().chain(changed).chain(removed).map(|path| halves(path.as_str()).0).collect();
        // Each list is sorted, so most are the one before them.
        directories.dedup();
        directories.into_iter().flat_map(lineage).chain([""]).map(OsStr::new).collect()
    }

    /// Writes the record of what stands at the target now. Without it the next run takes longer, and nothing else.
    fn remember(&self, origins: Origins<'_>, touched: &Touched) {
        let saved = self.marks(touched).zip(self.open().ok()).is_some_and(|(marks, ())| {
            let (name, text) = IGNORED;
            let ignored = File::create_new(self.place.workshop.join(name));
            ignored.and_then(|mut file| file.write_all(text.as_bytes())).ok();
            let directories =
                self.wanted.directories.iter().map(|(path, wanted)| (*path, marks.of(path, wanted)));
            let record = Record { device: marks.device, origins, directories: directories.collect() };
            memory::save(&record, &self.place.record).is_ok()
        });
        if !saved {
            fs::remove_file(&self.place.record).ok();
        }
    }

    /// The marks of all files of the tree; `None` if they cannot be had.
    fn marks(&self, touched: &Touched) -> Option<Marks<'_>> {
        let target = &self.place.target;
        let device = statat(CWD, target, AtFlags::SYMLINK_NOFOLLOW).ok()?.st_dev;
        let written = touched.written.iter().map(|(path, mark)| (path.as_os_str(), *mark)).collect();
        let seen = Seen { disk: self.disk, written };
        let mut marks = Marks { device, before: self.disk, after: None, again: BTreeMap::new() };
        if (touched.written.len() + touched.linked.len()) * 10 > self.wanted.count {
            // So that no file is too young to have a mark.
            thread::sleep(TICK);
            let mut after = Disk::look(target, Some(SystemTime::now()), None).ok()?;
            for (directory, found) in &mut after.directories {
                for entry in &mut found.entries {
                    entry.mark = entry.mark.filter(|mark| seen.holds(&join(directory, &entry.name), mark));
                }
            }
            marks.after = Some(after);
            return Some(marks);
        }
        let now = SystemTime::now();
        for path in touched.written.iter().map(|(path, _)| path).chain(&touched.linked) {
            let stat = statat(CWD, target.join(path), AtFlags::SYMLINK_NOFOLLOW).ok();
            let mark = stat.and_then(|stat| Mark::of(&stat, now)).filter(|mark| seen.holds(path, mark));
            let (directory, name) = split(path);
            marks.again.entry(directory.to_owned()).or_default().insert(name.to_owned(), mark);
        }
        Some(marks)
    }
}

/// The marks of files when they were read or written.
struct Seen<'a> {
    disk: &'a Disk,
    written: BTreeMap<&'a OsStr, Mark>,
}

impl Seen<'_> {
    /// Whether a file that bears this mark now still holds what was read or written.
    fn holds(&self, path: &OsStr, mark: &Mark) -> bool {
        let seen = self.written.get(path).copied().or_else(|| self.disk.entry(path)?.mark);
        seen.is_some_and(|seen| seen.has_content_of(mark))
    }
}

/// The marks of the files of a tree.
struct Marks<'a> {
    /// The file system that it is on.
    device: u64,
    /// Those from before.
    before: &'a Disk,
    /// Those from afterwards, if so much has changed that all were taken anew.
    after: Option<Disk>,
    /// Otherwise those that have changed, by directory and name.
    again: BTreeMap<OsString, BTreeMap<OsString, Option<Mark>>>,
}

impl Marks<'_> {
    /// What is to be remembered of a directory.
    fn of<'w>(&self, path: &str, wanted: &WantedDirectory<'w>) -> Vec<Remembered<'w>> {
        let again = self.again.get(OsStr::new(path));
        let standing = wanted.standing.iter().flat_map(|standing| &standing.files);
        if wanted.is_standing() && again.is_none() && self.after.is_none() {
            return standing.map(|file| **file).collect();
        }
        let found = self.after.as_ref().unwrap_or(self.before).directories.get(OsStr::new(path));
        let mark = |name: &str| match again.and_then(|again| again.get(OsStr::new(name))) {
            Some(mark) => *mark,
            None => found.and_then(|found| found.entry(OsStr::new(name))?.mark),
        };
        let texts = wanted.texts.iter().map(|text| (text.name, text.digest));
        let all = standing.map(|file| (file.name, file.digest)).chain(texts);
        let mut all: Vec<_> =
            all.map(|(name, digest)| Remembered { name, digest, mark: mark(name) }).collect();
        all.sort_unstable_by_key(|file| file.name);
        all
    }
}

/// Takes away a workshop in which nothing is left.
fn close(workshop: &Path) {
    let mut names = fs::read_dir(workshop).into_iter().flatten().flatten().map(|entry| entry.file_name());
    if names.all(|name| name == IGNORED.0) {
        fs::remove_file(workshop.join(IGNORED.0)).ok();
        fs::remove_dir(workshop).ok();
    }
}
