//! Builds the new directory beside the old one and puts it in its place.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fstat, linkat, openat, unlinkat};
use rustix::io::Errno;

use super::disk::{Disk, Entry, Kind, at, entries, join, open};
use super::error::{Context as _, WriteError};
use super::place::{Place, exists};
use super::survey::{Content, Item, Room, Rooms};
use crate::parallel;
use crate::record::Mark;

/// How a new directory takes the place of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swap {
    /// In one step, where the system can; by two renames otherwise.
    Exchange,
    /// By two renames.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests take the way of file systems without exchange"))]
    Renames,
}

/// What building a directory has done to files.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// New files, by their paths, with their marks when their texts had been written.
    pub(super) written: Vec<(OsString, Mark)>,
    /// Files that have a link more.
    pub(super) linked: Vec<OsString>,
    /// Whether one had to be copied, since there are no links.
    pub(super) copied: bool,
}

impl Touched {
    /// What two such works have done together.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.written.extend(other.written);
        self.linked.extend(other.linked);
        self.copied |= other.copied;
        self
    }
}

/// Finishes or undoes what an interrupted run has left.
pub(super) fn recover(place: &Place) -> Result<(), WriteError> {
    if !exists(&place.target)? && exists(&place.old)? {
        fs::rename(&place.old, &place.target).at("put back", &place.old)?;
    }
    discard(&place.old)
}

/// Makes `to` hold what `rooms` say, whatever it holds now; or only some of them, where it is known that the others are as
/// they should be. What is kept stands in `from`, whose directories are those of `disk`.
pub(super) fn build(
    (from, disk): (&Path, &Disk),
    to: &Path,
    (rooms, only): (&Rooms<'_>, Option<&BTreeSet<&OsStr>>),
) -> Result<Touched, WriteError> {
    let device = disk.root().map(|root| root.device);
    let all: Vec<_> =
        rooms.iter().filter(|(path, _)| only.is_none_or(|only| only.contains(path.as_os_str()))).collect();
    for (path, _) in &all {
        // Deleting the old directory would empty whatever is mounted there.
        let directory = disk.directories.get(*path);
        if directory.is_some_and(|directory| Some(directory.device) != device) {
            return Err(WriteError::Obstructed { path: at(from, path) });
        }
        make_directory(&at(to, path))?;
    }
    let furnished = parallel::map(&all, |(path, room)| Site { from, to, path, rooms }.furnish(room));
    let mut touched = Touched::default();
    for of_room in furnished {
        touched = touched.with(of_room?);
    }
    // Last, and innermost first: a mode may forbid us to write into its directory.
    for (path, _) in all.iter().rev() {
        if let Some(directory) = disk.directories.get(*path) {
            let (path, mode) = (at(to, path), Permissions::from_mode(directory.mode.as_raw_mode()));
            if fs::symlink_metadata(&path).at("look at", &path)?.permissions() != mode {
                fs::set_permissions(&path, mode).at("set the mode of", &path)?;
            }
        }
    }
    Ok(touched)
}

/// Makes sure that a plain directory stands at a path in which we may write.
fn make_directory(path: &Path) -> Result<(), WriteError> {
    const OURS: u32 = 0o700;
    match fs::create_dir(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).at("look at", path)?;
            if !found.is_dir() {
                fs::remove_file(path).at("delete", path)?;
                return fs::create_dir(path).at("create", path);
            }
            let mode = found.permissions().mode();
            if mode & OURS != OURS {
                fs::set_permissions(path, Permissions::from_mode(mode | OURS)).at("set the mode of", path)?;
            }
            Ok(())
        }
        Err(error) => Err(error).at("create", path),
    }
}

/// One directory under construction.
struct Site<'a> {
    from: &'a Path,
    to: &'a Path,
    path: &'a OsStr,
    rooms: &'a Rooms<'a>,
}

impl Site<'_> {
    fn furnish(&self, room: &Room<'_>) -> Result<Touched, WriteError> {
        let place = || at(self.to, self.path);
        let to = open(self.to, self.path).map_err(io::Error::from).at("open", &place())?;
        let found = entries(&to, None).map_err(io::Error::from).at("list", &place())?;
        match room {
            Room::AsItStands(directory) if is_same(&found, &directory.entries) => Ok(Touched::default()),
            Room::AsItStands(directory) => {
                let entries = directory.entries.iter().filter(|entry| entry.kind != Kind::Directory);
                let items: Vec<_> = entries.map(Item::kept).collect();
                self.arrange(&items, (&to, &found))
            }
            Room::Furnished(items) => self.arrange(items, (&to, &found)),
        }
    }

    fn arrange(&self, items: &[Item<'_>], (to, found): (&OwnedFd, &[Entry])) -> Result<Touched, WriteError> {
        // Files are named by their directories: a path is followed part by part for each file otherwise, and that is most
        // of the time of a link. Where nothing is taken over, there may be no such directory.
        let from = open(self.from, self.path).ok();
        let mut touched = Touched::default();
        let mut found = found.iter().peekable();
        for item in items {
            while let Some(entry) = found.next_if(|entry| entry.name.as_os_str() < item.name) {
                self.clear(entry)?;
            }
            let there = found.next_if(|entry| entry.name == item.name);
            if there.is_some_and(|entry| is(entry, item)) {
                continue;
            }
            if let Some(entry) = there {
                self.clear(entry)?;
            }
            self.put(item, (from.as_ref(), to), &mut touched)?;
        }
        found.try_for_each(|entry| self.clear(entry))?;
        Ok(touched)
    }

    /// Takes away what is not of the new directory.
    fn clear(&self, entry: &Entry) -> Result<(), WriteError> {
        let path = join(self.path, &entry.name);
        if entry.kind == Kind::Directory && self.rooms.contains_key(&path) {
            return Ok(());
        }
        discard(&self.to.join(path))
    }

    fn put(
        &self,
        item: &Item<'_>,
        (from, to): (Option<&OwnedFd>, &OwnedFd),
        touched: &mut Touched,
    ) -> Result<(), WriteError> {
        let path = join(self.path, item.name);
        match item.content {
            Content::New(text) => {
                let mark = write(to, item.name, text).at("write", &self.to.join(&path))?;
                touched.written.push((path, mark));
            }
            Content::Kept { kind, .. } => {
                let link = |from| linkat(from, item.name, to, item.name, AtFlags::empty());
                if kind != Kind::Symlink && from.is_some_and(|from| link(from).is_ok()) {
                    touched.linked.push(path);
                } else {
                    let from = self.from.join(&path);
                    touched.copied |= kind == Kind::File;
                    copy(&from, &self.to.join(path), kind).at("take over", &from)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether two lists are of the very same files, in directories of the same names.
fn is_same(found: &[Entry], wanted: &[Entry]) -> bool {
    let identity =
        |entry: &'_ Entry| (entry.kind, if entry.kind == Kind::Directory { 0 } else { entry.inode });
    found.len() == wanted.len()
        && found
            .iter()
            .zip(wanted)
            .all(|(one, other)| one.name == other.name && identity(one) == identity(other))
}

/// Whether an entry of the directory under construction is the very file that shall stand there.
fn is(entry: &Entry, item: &Item<'_>) -> bool {
    match item.content {
        Content::Kept { kind, inode } => kind != Kind::Symlink && (entry.kind, entry.inode) == (kind, inode),
        Content::New(_) => false,
    }
}

fn write(directory: &OwnedFd, name: &OsStr, text: &str) -> io::Result<Mark> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(directory, name, flags, Mode::from_raw_mode(0o666))?);
    file.write_all(text.as_bytes())?;
    Ok(Mark::at_once(&fstat(&file)?))
}

/// Puts what stands at one path also at another where links cannot be had (no links here, not our file, too many links):
/// a copy either works or says why not.
fn copy(from: &Path, to: &Path, kind: Kind) -> io::Result<()> {
    match kind {
        Kind::Symlink => symlink(fs::read_link(from)?, to),
        Kind::File => fs::copy(from, to).map(drop),
        Kind::Directory | Kind::Special => fs::hard_link(from, to),
    }
}

/// Puts the complete staging directory in the place of the target. The old directory, if there was one, is then in the
/// place of the staging directory.
pub(super) fn install(place: &Place, swap: Swap) -> Result<(), WriteError> {
    let Place { target, staging, old, .. } = place;
    if !exists(target)? {
        return rename_new(staging, target).at("create", target);
    }
    if swap == Swap::Exchange && exchange(staging, target).at("replace", target)? {
        return Ok(());
    }
    fs::rename(target, old).at("replace", target)?;
    if let Err(error) = fs::rename(staging, target) {
        fs::rename(old, target).at("put back", old)?;
        return Err(error).at("replace", target);
    }
    fs::rename(old, staging).at("set aside", old)
}

/// Deletes the old directory, which held `disk`, first its files on all processors.
pub(super) fn discard_old(old: &Path, disk: &Disk) -> Result<(), WriteError> {
    let directories: Vec<_> = disk.directories.iter().collect();
    parallel::map(&directories, |(below, found)| {
        if let Ok(directory) = open(old, below) {
            for entry in found.entries.iter().filter(|entry| entry.kind != Kind::Directory) {
                // What this cannot delete, the next lines try again, and say why not.
                unlinkat(&directory, entry.name.as_os_str(), AtFlags::empty()).ok();
            }
        }
    });
    discard(old)
}

/// Lets two directories change places in one step; `false` where that cannot be had.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{RenameFlags, renameat_with};
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(error) if unsupported(error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Renames to a name that nobody has.
#[cfg(target_os = "linux")]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(error) if unsupported(error) => fs::rename(from, to),
        outcome => Ok(outcome?),
    }
}

#[cfg(not(target_os = "linux"))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    // Over a directory that appeared meanwhile, this fails unless that is empty.
    fs::rename(from, to)
}

#[cfg(target_os = "linux")]
fn unsupported(error: Errno) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP].contains(&error)
}

/// Deletes what stands at a path of ours, if anything, without following a symlink.
pub(super) fn discard(path: &Path) -> Result<(), WriteError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).at("look at", path),
        Ok(found) if found.is_dir() => match fs::remove_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                unlock(path).and_then(|()| fs::remove_dir_all(path)).at("delete", path)
            }
            outcome => outcome.at("delete", path),
        },
        Ok(_) => fs::remove_file(path).at("delete", path),
    }
}

/// Lets us delete from every directory: foreign ones keep their modes, and those may forbid it.
fn unlock(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            unlock(&entry.path())?;
        }
    }
    Ok(())
}
