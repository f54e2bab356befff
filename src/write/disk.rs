//! What stands on disk: one look, directory by directory, on all processors. Symlinks are not followed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

use super::error::{Context as _, WriteError};
use super::mark::Mark;
use crate::parallel;

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
    /// The mark of a plain file, where marks were asked for.
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
}

/// Everything below a directory: directories by their path below it, its own path being empty; nothing, if it is not there.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    pub(super) directories: BTreeMap<OsString, Directory>,
}

impl Disk {
    /// Looks at everything below `base`, and takes the marks of plain files where asked to.
    pub(super) fn look(base: &Path, marks: bool) -> Result<Self, WriteError> {
        let mut disk = Self::default();
        // Level by level, the directories of a level side by side.
        let mut level = vec![OsString::new()];
        while !level.is_empty() {
            let found = parallel::map(&level, |below| list(base, below, marks));
            let mut next = Vec::new();
            for (below, directory) in level.into_iter().zip(found) {
                let directory = match directory {
                    Err(Errno::NOENT) if below.is_empty() => return Ok(disk),
                    directory => directory.map_err(Into::into).at("list", &base.join(&below))?,
                };
                let directories = directory.entries.iter().filter(|entry| entry.kind == Kind::Directory);
                next.extend(directories.map(|entry| join(&below, &entry.name)));
                disk.directories.insert(below, directory);
            }
            level = next;
        }
        Ok(disk)
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

/// Opens a directory below another one without following a symlink.
pub(super) fn open(base: &Path, below: &OsStr) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut directory = openat(CWD, base, flags, Mode::empty())?;
    for part in Path::new(below).components() {
        directory = openat(&directory, part.as_os_str(), flags, Mode::empty())?;
    }
    Ok(directory)
}

fn list(base: &Path, below: &OsStr, marks: bool) -> rustix::io::Result<Directory> {
    let directory = open(base, below)?;
    let stat = fstat(&directory)?;
    Ok(Directory {
        mode: Mode::from_raw_mode(stat.st_mode),
        device: stat.st_dev,
        entries: entries(&directory, marks)?,
    })
}

/// What stands in an open directory, sorted by name.
pub(super) fn entries(directory: &OwnedFd, marks: bool) -> rustix::io::Result<Vec<Entry>> {
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
        if kind == FileType::Unknown || (marks && kind == FileType::RegularFile) {
            let stat = statat(directory, found.file_name(), AtFlags::SYMLINK_NOFOLLOW)?;
            kind = FileType::from_raw_mode(stat.st_mode);
            inode = stat.st_ino;
            mark = (marks && kind == FileType::RegularFile).then(|| Mark::of(&stat));
        }
        let kind = match kind {
            FileType::Directory => Kind::Directory,
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Symlink,
            _ => Kind::Special,
        };
        entries.push(Entry { name: name.to_owned(), kind, inode, mark });
    }
    entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}
