//! Builds the new directory beside the old one and puts it in its place.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fstat, linkat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::compare::{self, Contents, From, Item, Layout};
use super::disk::{Disk, Entry, FILES, Kind, at, entries, join, open, split};
use super::error::{Context as _, WriteError};
use super::file_stamp::StampExt as _;
use super::place::{Place, exists};
use sovereign_compile::build_cache::{FileStamp, Record};
use sovereign_text::parallel;

/// How a new directory takes the place of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swap {
    /// In one step, where the system can; by two renames otherwise.
    Exchange,
    /// By two renames.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests take the way of file systems without exchange"))]
    Renames,
}

/// What the owner of a directory must be allowed to do in it.
const OURS: u32 = 0o700;

/// The marks of files as far as is known, while links come and go.
pub(super) struct Marks<'a> {
    /// The old directory.
    pub(super) disk: &'a Disk,
    /// What is known of it without reading it.
    pub(super) record: Option<&'a Record<'a>>,
    /// Files that were written or linked since, by directory and name; `None` for one that was not as expected then.
    pub(super) since: BTreeMap<OsString, BTreeMap<OsString, Option<FileStamp>>>,
}

impl<'a> Marks<'a> {
    /// Returns those of the files in the old directory.
    pub(super) fn new(disk: &'a Disk, record: Option<&'a Record<'a>>) -> Self {
        Self { disk, record, since: BTreeMap::new() }
    }

    /// Returns the mark of a file; `None` if what it holds is not known for certain.
    pub(super) fn get(&self, path: &OsStr) -> Option<FileStamp> {
        let (directory, name) = split(path);
        if let Some(mark) = self.since.get(directory).and_then(|since| since.get(name)) {
            return *mark;
        }
        let entry = self.disk.entry(path)?;
        let is_known = || compare::remembered(self.record?, directory.to_str()?, entry);
        entry.mark.filter(|mark| is_known().is_some() || !mark.is_young(self.disk.time))
    }

    fn extend(&mut self, touched: Vec<(OsString, Option<FileStamp>)>) {
        for (path, mark) in touched {
            let (directory, name) = split(&path);
            self.since.entry(directory.to_owned()).or_default().insert(name.to_owned(), mark);
        }
    }
}

/// Finishes or undoes what an interrupted run has left.
pub(super) fn recover(place: &Place) -> Result<(), WriteError> {
    let aside = fs::symlink_metadata(&place.old).is_ok_and(|found| found.is_dir());
    if aside && !exists(&place.target)? {
        fs::rename(&place.old, &place.target).at("put back", &place.old)?;
    }
    discard(&place.old)
}

/// What is built, and from what.
pub(super) struct Builder<'a> {
    /// The old directory.
    pub(super) from: &'a Path,
    /// The new one, whatever it holds now.
    pub(super) to: &'a Path,
    /// What it shall hold.
    pub(super) layout: &'a Layout<'a>,
    /// The directories that may differ from that, if it is known that the others do not.
    pub(super) only: Option<&'a BTreeSet<&'a OsStr>>,
}

impl Builder<'_> {
    /// Makes the new directory hold what it shall. Directories get the modes of the old ones, but for the root's, which is
    /// still to be moved. Says whether a file had to be copied, since there are no links.
    pub(super) fn build(&self, marks: &mut Marks<'_>) -> Result<bool, WriteError> {
        let device = marks.disk.root().map(|root| root.device);
        let is_named = |path: &OsString| self.only.is_none_or(|only| only.contains(path.as_os_str()));
        let all: Vec<_> = self.layout.iter().filter(|(path, _)| is_named(path)).collect();
        let mut sites = Vec::with_capacity(all.len());
        for (path, contents) in all {
            // Deleting the old directory would empty whatever is mounted there.
            let directory = marks.disk.directories.get(path);
            if directory.is_some_and(|directory| Some(directory.device) != device) {
                return Err(WriteError::Obstructed { path: at(self.from, path) });
            }
            let is_new = make_directory(&at(self.to, path), device)?;
            sites.push((path, contents, is_new));
        }
        let known = &*marks;
        let filled = parallel::map_heavy(FILES, &sites, |(path, contents, is_new)| {
            let mut site = Site { builder: self, path, marks: known, touched: Vec::new(), copied: false };
            site.fill(contents, *is_new).map(|()| (site.touched, site.copied))
        });
        let mut any_copied = false;
        for outcome in filled {
            let (touched, copied) = outcome?;
            marks.extend(touched);
            any_copied |= copied;
        }
        // Last, and innermost first: a mode may forbid us to write into its directory.
        for (path, _, _) in sites.iter().rev().filter(|(path, _, _)| !path.is_empty()) {
            if let Some(directory) = marks.disk.directories.get(*path) {
                set_mode(&at(self.to, path), directory.mode)?;
            }
        }
        Ok(any_copied)
    }
}

/// Makes sure that a plain directory stands at a path in which we may write, on a file system. Says whether it is new.
fn make_directory(path: &Path, device: Option<u64>) -> Result<bool, WriteError> {
    match fs::create_dir(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).at("look at", path)?;
            if !found.is_dir() {
                fs::remove_file(path).at("delete", path)?;
                fs::create_dir(path).at("create", path)?;
                return Ok(true);
            }
            if device.is_some_and(|device| device != found.dev()) {
                return Err(WriteError::Obstructed { path: path.to_path_buf() });
            }
            let mode = found.permissions().mode();
            if mode & OURS != OURS {
                fs::set_permissions(path, Permissions::from_mode(mode | OURS)).at("set the mode of", path)?;
            }
            Ok(false)
        }
        Err(error) => Err(error).at("create", path),
    }
}

fn set_mode(path: &Path, mode: Mode) -> Result<(), WriteError> {
    let mode = Permissions::from_mode(mode.as_raw_mode());
    if fs::symlink_metadata(path).at("look at", path)?.permissions() != mode {
        fs::set_permissions(path, mode).at("set the mode of", path)?;
    }
    Ok(())
}

/// One directory under construction.
struct Site<'a> {
    builder: &'a Builder<'a>,
    path: &'a OsStr,
    marks: &'a Marks<'a>,
    /// Files that were written or linked here, with the marks that they bear now.
    touched: Vec<(OsString, Option<FileStamp>)>,
    copied: bool,
}

impl Site<'_> {
    fn fill(&mut self, contents: &Contents<'_>, is_new: bool) -> Result<(), WriteError> {
        let place = || at(self.builder.to, self.path);
        let to = open(self.builder.to, self.path).map_err(io::Error::from).at("open", &place())?;
        let found = if is_new { Ok(Vec::new()) } else { entries(&to, false).map(|(found, _)| found) };
        let found = found.map_err(io::Error::from).at("list", &place())?;
        match contents {
            Contents::AsItStands(directory) if is_same(&found, &directory.entries) => Ok(()),
            Contents::AsItStands(directory) => {
                let entries = directory.entries.iter().filter(|entry| entry.kind != Kind::Directory);
                self.arrange(&entries.map(Item::old).collect::<Vec<_>>(), &to, &found)
            }
            Contents::Items(items) => self.arrange(items, &to, &found),
        }
    }

    fn arrange(&mut self, items: &[Item<'_>], to: &OwnedFd, found: &[Entry]) -> Result<(), WriteError> {
        // Files are named by their directories: a path is followed part by part for each file otherwise, and that is most
        // of the time of a link. Where nothing is taken over, there may be no such directory.
        let takes_over = items.iter().any(|item| matches!(item.from, From::Old { .. }));
        let from = if takes_over { open(self.builder.from, self.path).ok() } else { None };
        let mut found = found.iter().peekable();
        for item in items {
            while let Some(entry) = found.next_if(|entry| entry.name.as_os_str() < item.name) {
                self.take_away(entry)?;
            }
            let there = found.next_if(|entry| entry.name == item.name);
            if there.is_some_and(|entry| is(entry, item)) {
                continue;
            }
            if let Some(entry) = there {
                self.take_away(entry)?;
            }
            self.put(item, from.as_ref(), to)?;
        }
        found.try_for_each(|entry| self.take_away(entry))
    }

    /// Takes away what is not of the new directory.
    fn take_away(&self, entry: &Entry) -> Result<(), WriteError> {
        let path = join(self.path, &entry.name);
        if entry.kind == Kind::Directory && self.builder.layout.contains_key(&path) {
            return Ok(());
        }
        discard(&self.builder.to.join(path))
    }

    fn put(&mut self, item: &Item<'_>, from: Option<&OwnedFd>, to: &OwnedFd) -> Result<(), WriteError> {
        let path = join(self.path, item.name);
        match item.from {
            From::Text(text) => {
                let mark = write(to, item.name, text).at("write", &self.builder.to.join(&path))?;
                self.touched.push((path, Some(mark)));
            }
            From::Old { kind, .. } => {
                let link = |from| linkat(from, item.name, to, item.name, AtFlags::empty());
                let before = from.filter(|_| kind == Kind::File).and_then(|from| mark(from, item.name));
                if kind != Kind::Symlink && from.is_some_and(|from| link(from).is_ok()) {
                    // A link changes the time of the file. Whoever has edited it meanwhile has changed it before.
                    let is_known = before.is_some() && before == self.marks.get(&path);
                    self.touched.push((path, mark(to, item.name).filter(|_| is_known)));
                } else {
                    let from = self.builder.from.join(&path);
                    self.copied |= kind == Kind::File;
                    copy(&from, &self.builder.to.join(path), kind).at("take over", &from)?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the mark that a file in an open directory bears now.
fn mark(directory: impl AsFd, name: &OsStr) -> Option<FileStamp> {
    statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok().map(|stat| FileStamp::new(&stat))
}

/// Returns whether two lists are of the very same files, in directories of the same names.
fn is_same(found: &[Entry], wanted: &[Entry]) -> bool {
    let inode = |entry: &Entry| if entry.kind == Kind::Directory { 0 } else { entry.inode };
    let is = |(one, other): (&Entry, &Entry)| {
        (&one.name, one.kind, inode(one)) == (&other.name, other.kind, inode(other))
    };
    found.len() == wanted.len() && found.iter().zip(wanted).all(is)
}

/// Returns whether an entry of the directory under construction is the very file that shall stand there.
fn is(entry: &Entry, item: &Item<'_>) -> bool {
    match item.from {
        From::Old { kind, inode } => kind != Kind::Symlink && (entry.kind, entry.inode) == (kind, inode),
        From::Text(_) => false,
    }
}

fn write(directory: &OwnedFd, name: &OsStr, text: &str) -> io::Result<FileStamp> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(directory, name, flags, Mode::from_raw_mode(0o666))?);
    file.write_all(text.as_bytes())?;
    Ok(FileStamp::new(&fstat(&file)?))
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

/// Puts the complete staging directory in the place of the target, whose mode was `mode`. The old directory, if there was one,
/// is then in the place of the staging directory.
pub(super) fn install(place: &Place, mode: Option<Mode>, swap: Swap) -> Result<(), WriteError> {
    let Place { target, staging, old, .. } = place;
    let Some(mode) = mode else {
        return rename_new(staging, target).at("create", target);
    };
    // A directory is moved to another one only if it may be written to.
    set_mode(target, mode | Mode::from_raw_mode(OURS))?;
    let installed = replace(target, staging, old, swap);
    // Whichever stands there now.
    set_mode(target, mode)?;
    installed
}

fn replace(target: &Path, staging: &Path, old: &Path, swap: Swap) -> Result<(), WriteError> {
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
    parallel::map_heavy(FILES, &directories, |(below, found)| {
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
        // Whatever the library cannot delete (directories that forbid it, more of them in each other than a process may
        // open), goes piece by piece.
        Ok(found) if found.is_dir() => {
            fs::remove_dir_all(path).or_else(|_| dismantle(path)).at("delete", path)
        }
        Ok(_) => fs::remove_file(path).at("delete", path),
    }
}

/// Deletes a directory, however deep it is: each directory in it is moved up, and then deleted like the first.
fn dismantle(path: &Path) -> io::Result<()> {
    let open = |path: &Path| fs::set_permissions(path, Permissions::from_mode(OURS));
    open(path)?;
    let mut count = 0_u64;
    let mut waiting = vec![OsString::new()];
    while let Some(name) = waiting.pop() {
        let directory = at(path, &name);
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open(&entry.path())?;
                if directory == path {
                    waiting.push(entry.file_name());
                    continue;
                }
                count += 1;
                let up = OsString::from(format!(".up-{}-{count}", std::process::id()));
                fs::rename(entry.path(), path.join(&up))?;
                waiting.push(up);
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        if directory != path {
            fs::remove_dir(directory)?;
        }
    }
    fs::remove_dir(path)
}
