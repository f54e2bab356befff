//! What stands on disk: one look, directory by directory, on all processors. Symlinks are not followed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;

use super::error::{Context as _, WriteError};
use super::file_stamp::StampExt as _;
use sovereign_compile::build_cache::{FileStamp, Remembered};
use sovereign_text::parallel;

/// How many files a directory has, more or less.
pub(super) const FILES: usize = 16;

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
    pub(super) mark: Option<FileStamp>,
}

/// A directory.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    /// Its permissions.
    pub(super) mode: Mode,
    /// The file system that it is on.
    pub(super) device: u64,
    /// When something last came, went, or was replaced in it.
    pub(super) changed: [i64; 4],
    /// What stands in it, sorted by name.
    pub(super) entries: Vec<Entry>,
}

/// Everything below a directory: directories by their path below it, its own path being empty; nothing, if it is not there.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    /// When it was looked at.
    pub(super) time: SystemTime,
    pub(super) directories: BTreeMap<OsString, Directory>,
    /// Whether lists of directories name the same inodes as the files themselves: some file systems number their files only
    /// when they are asked for, and some do not number them in lists.
    pub(super) lists_inodes: bool,
}

impl Entry {
    /// Returns whether it is a plain file that bears the mark which is remembered.
    pub(super) fn bears(&self, remembered: &Remembered<'_>) -> bool {
        self.kind == Kind::File && self.mark.is_some() && self.mark == remembered.mark
    }
}

impl Disk {
    /// Looks at everything below `base`.
    pub(super) fn look(base: &Path) -> Result<Self, WriteError> {
        let mut disk = Self { time: SystemTime::now(), directories: BTreeMap::new(), lists_inodes: true };
        // Level by level, the directories of a level side by side.
        let mut level = vec![OsString::new()];
        while !level.is_empty() {
            let found = parallel::map_heavy(FILES, &level, |below| list(base, below));
            let mut next = Vec::new();
            for (below, directory) in level.into_iter().zip(found) {
                let (directory, lists_inodes) = match directory {
                    Err(Errno::NOENT) if below.is_empty() => return Ok(disk),
                    directory => directory.map_err(Into::into).at("list", &at(base, &below))?,
                };
                let directories = directory.entries.iter().filter(|entry| entry.kind == Kind::Directory);
                next.extend(directories.map(|entry| join(&below, &entry.name)));
                disk.directories.insert(below, directory);
                disk.lists_inodes &= lists_inodes;
            }
            level = next;
        }
        Ok(disk)
    }

    /// Returns how many things there are but for directories.
    pub(super) fn count(&self) -> usize {
        let files = |directory: &Directory| {
            directory.entries.iter().filter(|entry| entry.kind != Kind::Directory).count()
        };
        self.directories.values().map(files).sum()
    }

    /// Returns the base, if it is there.
    pub(super) fn root(&self) -> Option<&Directory> {
        self.directories.get(OsStr::new(""))
    }

    /// Returns what stands at a path below the base; the base itself is a directory, if it is there.
    pub(super) fn entry(&self, path: &OsStr) -> Option<&Entry> {
        let (above, name) = split(path);
        self.directories.get(above)?.entry(name)
    }

    /// Returns the kind of what stands at a path below the base.
    pub(super) fn kind(&self, path: &OsStr) -> Option<Kind> {
        self.entry(path).map(|entry| entry.kind)
    }

    /// Returns a directory below the base in which something has come, gone or been replaced since.
    pub(super) fn disturbed(&self, base: &Path) -> Option<PathBuf> {
        let directories: Vec<_> = self.directories.iter().collect();
        let is_as_it_was = |(below, directory): &(&OsString, &Directory)| {
            let stat = statat(CWD, at(base, below), AtFlags::SYMLINK_NOFOLLOW);
            stat.is_ok_and(|stat| changed(&stat) == directory.changed)
        };
        let place = parallel::map(&directories, is_as_it_was).iter().position(|as_it_was| !as_it_was)?;
        directories.get(place).map(|(below, _)| at(base, below))
    }
}

impl Directory {
    /// Returns what stands there under a name.
    pub(super) fn entry(&self, name: &OsStr) -> Option<&Entry> {
        let place = self.entries.binary_search_by(|entry| entry.name.as_os_str().cmp(name)).ok()?;
        self.entries.get(place)
    }
}

/// Returns the directory of a path, and its name there.
pub(super) fn split(path: &OsStr) -> (&OsStr, &OsStr) {
    let bytes = path.as_bytes();
    match bytes.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (OsStr::from_bytes(&bytes[..at]), OsStr::from_bytes(&bytes[at + 1..])),
        None => (OsStr::new(""), path),
    }
}

/// Returns the path of a name in a directory.
pub(super) fn join(directory: &OsStr, name: &OsStr) -> OsString {
    let mut path = OsString::with_capacity(directory.len() + 1 + name.len());
    path.push(directory);
    if !directory.is_empty() {
        path.push("/");
    }
    path.push(name);
    path
}

/// Returns the path of something below a directory. With nothing below it, it is that of the directory: a
/// slash at its end would follow a symlink.
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

/// Returns a directory, and whether its list names the inodes of its files.
fn list(base: &Path, below: &OsStr) -> rustix::io::Result<(Directory, bool)> {
    let directory = open(base, below)?;
    let stat = fstat(&directory)?;
    let (entries, lists_inodes) = entries(&directory, true)?;
    let mode = Mode::from_raw_mode(stat.st_mode);
    Ok((Directory { mode, device: stat.st_dev, changed: changed(&stat), entries }, lists_inodes))
}

fn changed(stat: &Stat) -> [i64; 4] {
    let nanoseconds = |count| i64::try_from(count).unwrap_or_default();
    [stat.st_mtime, nanoseconds(stat.st_mtime_nsec), stat.st_ctime, nanoseconds(stat.st_ctime_nsec)]
}

/// Returns what stands in an open directory, sorted by name, with marks where they are asked for; and whether
/// the list names the inodes that the files have.
pub(super) fn entries(directory: &OwnedFd, marks: bool) -> rustix::io::Result<(Vec<Entry>, bool)> {
    let (mut entries, mut lists_inodes) = (Vec::new(), true);
    for found in Dir::read_from(directory)? {
        let found = found?;
        let name = OsStr::from_bytes(found.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let mut entry =
            Entry { name: name.to_owned(), kind: kind(found.file_type()), inode: found.ino(), mark: None };
        // Some file systems do not say in a list what they list.
        if found.file_type() == FileType::Unknown || (marks && entry.kind == Kind::File) {
            let stat = statat(directory, found.file_name(), AtFlags::SYMLINK_NOFOLLOW)?;
            lists_inodes &= entry.inode == stat.st_ino;
            entry.kind = kind(FileType::from_raw_mode(stat.st_mode));
            entry.inode = stat.st_ino;
            entry.mark = (marks && entry.kind == Kind::File).then(|| FileStamp::new(&stat));
        }
        entries.push(entry);
    }
    entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok((entries, lists_inodes))
}

fn kind(of: FileType) -> Kind {
    match of {
        FileType::Directory => Kind::Directory,
        FileType::RegularFile => Kind::File,
        FileType::Symlink => Kind::Symlink,
        FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => Kind::Special,
    }
}
