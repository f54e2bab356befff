//! What stands on disk: one look, directory by directory, on all processors. Symlinks are not followed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

use super::error::{Context as _, WriteError};
use crate::parallel;
use crate::record::{Mark, Record, Remembered};

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    File,
    Symlink,
    /// A pipe, a socket, a device.
    Special,
}

/// Something in a directory.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) kind: Kind,
    pub(super) inode: u64,
    /// The mark of a plain file, where marks were asked for and it is not too young to have one.
    pub(super) mark: Option<Mark>,
}

/// A directory.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    /// Its permissions.
    pub(super) mode: Mode,
    /// The file system that it is on.
    pub(super) device: u64,
    /// What stands in it, sorted by name.
    pub(super) entries: Vec<Entry>,
    /// Whether its files are those that are remembered, and as they are remembered.
    pub(super) is_as_remembered: bool,
}

/// Everything below a directory: directories by their path below it, its own path being empty; nothing, if it is not there.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    pub(super) directories: BTreeMap<OsString, Directory>,
}

impl Disk {
    /// Looks at everything below `base`. Where marks are asked for, a time is given; they are compared with a record.
    pub(super) fn look(
        base: &Path,
        marks: Option<SystemTime>,
        record: Option<&Record<'_>>,
    ) -> Result<Self, WriteError> {
        let mut disk = Self::default();
        // Level by level, the directories of a level side by side.
        let mut level = vec![OsString::new()];
        while !level.is_empty() {
            let found = parallel::map(&level, |below| list((base, below), marks, record));
            let mut next = Vec::new();
            for (below, directory) in level.into_iter().zip(found) {
                let directory = match directory {
                    Err(Errno::NOENT) if below.is_empty() => return Ok(disk),
                    directory => directory.map_err(Into::into).at("list", &at(base, &below))?,
                };
                let directories = directory.entries.iter().filter(|entry| entry.kind == Kind::Directory);
                next.extend(directories.map(|entry| join(&below, &entry.name)));
                disk.directories.insert(below, directory);
            }
            level = next;
        }
        Ok(disk)
    }

    /// How many things there are but for directories.
    pub(super) fn count(&self) -> usize {
        let files = |directory: &Directory| {
            directory.entries.iter().filter(|entry| entry.kind != Kind::Directory).count()
        };
        self.directories.values().map(files).sum()
    }

    /// The base, if it is there.
    pub(super) fn root(&self) -> Option<&Directory> {
        self.directories.get(OsStr::new(""))
    }

    /// What stands at a path below the base; the base itself is a directory, if it is there.
    pub(super) fn entry(&self, path: &OsStr) -> Option<&Entry> {
        let (above, name) = split(path);
        self.directories.get(above)?.entry(name)
    }

    /// The kind of what stands at a path below the base.
    pub(super) fn kind(&self, path: &OsStr) -> Option<Kind> {
        self.entry(path).map(|entry| entry.kind)
    }
}

impl Directory {
    /// What stands there under a name.
    pub(super) fn entry(&self, name: &OsStr) -> Option<&Entry> {
        let place = self.entries.binary_search_by(|entry| entry.name.as_os_str().cmp(name)).ok()?;
        self.entries.get(place)
    }
}

/// The directory of a path, and its name there.
pub(super) fn split(path: &OsStr) -> (&OsStr, &OsStr) {
    let bytes = path.as_bytes();
    match bytes.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (OsStr::from_bytes(&bytes[..at]), OsStr::from_bytes(&bytes[at + 1..])),
        None => (OsStr::new(""), path),
    }
}

/// The path of a name in a directory.
pub(super) fn join(directory: &OsStr, name: &OsStr) -> OsString {
    let mut path = OsString::with_capacity(directory.len() + 1 + name.len());
    path.push(directory);
    if !directory.is_empty() {
        path.push("/");
    }
    path.push(name);
    path
}

/// The path of something below a directory. With nothing below it, it is that of the directory: a slash at its end would follow
/// a symlink.
pub(super) fn at(base: &Path, below: &OsStr) -> PathBuf {
    if below.is_empty() { base.to_path_buf() } else { base.join(below) }
}

/// Opens a directory below another one without following a symlink.
pub(super) fn open(base: &Path, below: &OsStr) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut directory = openat(CWD, base, flags, Mode::empty())?;
    for part in Path::new(below).components() {
        directory = openat(&directory, part.as_os_str(), flags, Mode::empty())?;
    }
    Ok(directory)
}

fn list(
    (base, below): (&Path, &OsStr),
    marks: Option<SystemTime>,
    record: Option<&Record<'_>>,
) -> rustix::io::Result<Directory> {
    let directory = open(base, below)?;
    let stat = fstat(&directory)?;
    let entries = entries(&directory, marks)?;
    let remembered = record.and_then(|record| record.directories.get(below.to_str()?));
    Ok(Directory {
        mode: Mode::from_raw_mode(stat.st_mode),
        device: stat.st_dev,
        is_as_remembered: remembered.is_some_and(|files| are_as_remembered(&entries, files)),
        entries,
    })
}

fn are_as_remembered(entries: &[Entry], files: &[Remembered<'_>]) -> bool {
    let is = |(entry, file): (&Entry, &Remembered<'_>)| {
        entry.name == file.name && entry.mark.is_some() && entry.mark == file.mark
    };
    let entries = || entries.iter().filter(|entry| entry.kind != Kind::Directory);
    entries().count() == files.len() && entries().zip(files).all(is)
}

/// What stands in an open directory, sorted by name.
pub(super) fn entries(directory: &OwnedFd, marks: Option<SystemTime>) -> rustix::io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for found in Dir::read_from(directory)? {
        let found = found?;
        let name = OsStr::from_bytes(found.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let mut inode = found.ino();
        let (mut kind, mut mark) = (found.file_type(), None);
        // Some file systems do not say in a list what they list.
        if kind == FileType::Unknown || (marks.is_some() && kind == FileType::RegularFile) {
            let stat = statat(directory, found.file_name(), AtFlags::SYMLINK_NOFOLLOW)?;
            kind = FileType::from_raw_mode(stat.st_mode);
            inode = stat.st_ino;
            mark = marks.filter(|_| kind == FileType::RegularFile).and_then(|now| Mark::of(&stat, now));
        }
        let kind = match kind {
            FileType::Directory => Kind::Directory,
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Symlink,
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => Kind::Special,
        };
        entries.push(Entry { name: name.to_owned(), kind, inode, mark });
    }
    entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}
