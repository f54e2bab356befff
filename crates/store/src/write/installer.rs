//! Carries out a survey, and keeps for the next run what makes it quick.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, statat};

use super::compare::{Contents, From, InstallPlan, Item, Layout};
use super::disk::{Disk, Kind, at, join};
use super::error::{Context as _, WriteError};
use super::file_stamp::StampExt as _;
use super::lock_index::lineage;
use super::place::Place;
use super::stage::{self, Builder, Marks, Swap};
use super::wanted::{Wanted, WantedDirectory, halves};
use super::{Comparison, memory};
use sovereign_compile::build_cache::{FileStamp, Origins, Record, Remembered};
use sovereign_compile::tree::LOCK;

/// What Git is told of the workshop, by a file in it.
const IGNORED: (&str, &str) = (".gitignore", "# Written by sovereign. All of this may be deleted.\n*\n");

/// The directory beside the trees where new ones are built.
pub(super) struct Installer<'a> {
    pub(super) place: &'a Place,
    /// What the tree asks for.
    pub(super) wanted: &'a Wanted<'a>,
    /// What stands at the target.
    pub(super) disk: &'a Disk,
    pub(super) plan: &'a InstallPlan<'a>,
    /// What is known of the target without reading it.
    pub(super) record: Option<&'a Record<'a>>,
    /// Whether the tree is large.
    pub(super) is_fleet: bool,
}

impl Installer<'_> {
    /// Brings the target to what the survey says. Of a large tree it is remembered what it follows from, where that is known
    /// and was not known before.
    pub(super) fn carry_out(
        &self,
        swap: Swap,
        origins: Option<(Origins<'_>, bool)>,
    ) -> Result<(), WriteError> {
        let is_current = self.plan.comparison.is_current();
        let mut marks = Marks::new(self.disk, self.record);
        if !is_current && let Err(error) = self.replace(swap, &mut marks) {
            // The first error is the one to report; what is left after it, the next run will take away.
            self.tidy().ok();
            return Err(error);
        }
        if !self.is_fleet {
            return self.tidy();
        }
        // Of a first tree there is no old directory to make one of, and perhaps there is never a second.
        if !is_current && self.disk.root().is_some() {
            self.make_spare(&mut marks);
        }
        let is_new = |was_known: bool| !is_current || self.plan.read > 0 || !was_known;
        if let Some((origins, _)) = origins.filter(|(_, was_known)| is_new(*was_known)) {
            self.remember(origins, &marks);
        }
        close(&self.place.workshop);
        Ok(())
    }

    /// Takes away all that is of no use any more.
    fn tidy(&self) -> Result<(), WriteError> {
        let Place { workshop, staging, record, .. } = self.place;
        stage::discard_old(staging, self.disk)?;
        stage::discard(record)?;
        close(workshop);
        Ok(())
    }

    /// Builds the new directory and puts it in the place of the target.
    fn replace(&self, swap: Swap, marks: &mut Marks<'_>) -> Result<(), WriteError> {
        let Place { target, staging, .. } = self.place;
        self.open()?;
        if !self.disk.lists_inodes {
            // Nothing tells whether what is left there is what stands in the target.
            stage::discard(staging)?;
        }
        Builder { from: target, to: staging, layout: &self.plan.layout, only: None }.build(marks)?;
        self.undisturbed()?;
        stage::install(self.place, self.disk.root().map(|root| root.mode), swap)
    }

    /// Makes sure that nobody has put anything into the target meanwhile, or changed a file that is about to be replaced: it
    /// would be lost.
    fn undisturbed(&self) -> Result<(), WriteError> {
        let target = &self.place.target;
        if let Some(path) = self.disk.disturbed(target) {
            return Err(WriteError::Disturbed { path });
        }
        for path in &self.plan.comparison.changed {
            let (below, seen) = (OsStr::new(path.as_str()), self.disk.entry(OsStr::new(path.as_str())));
            let stat = statat(CWD, at(target, below), AtFlags::SYMLINK_NOFOLLOW);
            let mark = stat.map(|stat| FileStamp::new(&stat)).ok();
            if !seen
                .and_then(|seen| seen.mark)
                .zip(mark)
                .is_some_and(|(one, other)| one.has_content_of(&other))
            {
                return Err(WriteError::Disturbed { path: at(target, below) });
            }
        }
        Ok(())
    }

    /// Makes the workshop, if it is not there, and has Git ignore it.
    fn open(&self) -> Result<(), WriteError> {
        let workshop = &self.place.workshop;
        match fs::create_dir(workshop) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).at("create", workshop);
            }
            Ok(()) | Err(_) => {}
        }
        let (name, text) = IGNORED;
        let path = workshop.join(name);
        match File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes())) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error).at("write", &path),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Makes the old directory the spare of the new one: the same files under the same names, but for the lock, of which no
    /// two are the same. What cannot be kept so is of no use and goes; the tree stands either way.
    fn make_spare(&self, marks: &mut Marks<'_>) {
        let Place { target, staging, .. } = self.place;
        let layout = self
            .plan
            .layout
            .iter()
            .map(|(directory, contents)| (directory.clone(), linked(directory, contents, marks)));
        let (layout, changed) = (layout.collect::<Layout<'_>>(), self.changed_directories());
        let builder = Builder { from: target, to: staging, layout: &layout, only: Some(&changed) };
        let any_copied = !self.disk.lists_inodes || builder.build(marks).unwrap_or(true);
        if any_copied {
            stage::discard(staging).ok();
        }
    }

    /// Returns the directories with something that changes, and all above them.
    fn changed_directories(&self) -> BTreeSet<&OsStr> {
        let Comparison { added, changed, removed, .. } = &self.plan.comparison;
        let mut directories: Vec<_> =
            added.iter().chain(changed).chain(removed).map(|path| halves(path.as_str()).0).collect();
        // Each list is sorted, so most are the one before them.
        directories.dedup();
        directories.into_iter().flat_map(lineage).chain([""]).map(OsStr::new).collect()
    }

    /// Writes the record of what stands at the target now. Without it the next run takes longer, and nothing else.
    fn remember(&self, origins: Origins<'_>, marks: &Marks<'_>) {
        let Place { target, record: path, .. } = self.place;
        let Ok(stat) = statat(CWD, target, AtFlags::SYMLINK_NOFOLLOW) else { return };
        let directories =
            self.wanted.directories.iter().map(|(path, wanted)| (*path, remembered(path, wanted, marks)));
        let record = Record { device: stat.st_dev, origins, directories: directories.collect() };
        if self.open().is_err() || memory::save(&record, path).is_err() {
            stage::discard(path).ok();
        }
    }
}

/// Returns what a directory of the new tree holds, as links to the files that stand there now.
fn linked<'a>(directory: &OsStr, contents: &Contents<'a>, marks: &Marks<'_>) -> Contents<'a> {
    let items = match contents {
        Contents::AsItStands(found) => return Contents::AsItStands(found),
        Contents::Items(items) => items.iter().filter(|item| !directory.is_empty() || item.name != LOCK),
    };
    let items = items.filter_map(|item| {
        let from = match item.from {
            From::Old { .. } => item.from,
            From::Text(_) => {
                From::Old { kind: Kind::File, inode: marks.get(&join(directory, item.name))?.inode }
            }
        };
        Some(Item { from, ..*item })
    });
    Contents::Items(items.collect())
}

/// Returns what is to be remembered of a directory.
fn remembered<'w>(path: &str, wanted: &WantedDirectory<'w>, marks: &Marks<'_>) -> Vec<Remembered<'w>> {
    let standing = wanted.standing.iter().flat_map(|standing| &standing.files);
    if wanted.is_standing() && !marks.since.contains_key(OsStr::new(path)) {
        return standing.map(|file| **file).collect();
    }
    let texts = wanted.texts.iter().map(|text| (text.name, text.digest));
    let mut all: Vec<_> = standing.map(|file| (file.name, file.digest)).chain(texts).collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    let mark = |name: &str| marks.get(&join(OsStr::new(path), OsStr::new(name)));
    all.into_iter().map(|(name, digest)| Remembered { name, digest, mark: mark(name), blob: None }).collect()
}

/// Takes away a workshop in which nothing is left.
fn close(workshop: &Path) {
    let mut names = fs::read_dir(workshop).into_iter().flatten().flatten().map(|entry| entry.file_name());
    if names.all(|name| name == IGNORED.0) {
        fs::remove_file(workshop.join(IGNORED.0)).ok();
        fs::remove_dir(workshop).ok();
    }
}
