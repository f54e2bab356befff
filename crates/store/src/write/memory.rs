//! The record of a tree on disk. It can be lost or deleted at any time; then the next run looks at everything and writes a
//! new one.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};

use super::disk::{Directory, Disk, FILES, Kind};
use super::stage;
use sovereign_compile::build_cache::{Record, Remembered, ValidCache};
use sovereign_language::scalar::owner;
use sovereign_text::parallel;

/// A record has about a hundred bytes for a file of the tree, and is read only if it does not have many more: in memory one byte
/// of it becomes sixteen at most.
const BYTES_OF_FILE: u64 = 256;
const BYTES_MORE: u64 = 1024 * 1024;
/// The first bytes of a record; the number is that of its form.
const FORM: &[u8] = b"sovereign record 3\n";

/// The bytes of a record.
#[derive(Debug)]
pub struct Memory(Vec<u8>);

impl Memory {
    /// Reads a record of a tree that has so many files; `None` where there is none that can be read.
    pub(super) fn new(path: &Path, files: usize) -> Option<Self> {
        // A pipe or a symlink in its place is not waited for and not followed.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(CWD, path, flags, Mode::empty()).ok()?;
        let stat = fstat(&file).ok()?;
        let most = BYTES_MORE + BYTES_OF_FILE * u64::try_from(files).ok()?;
        let is_plain = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        if !is_plain || u64::try_from(stat.st_size).ok()? > most {
            return None;
        }
        let mut bytes = Vec::new();
        File::from(file).take(most).read_to_end(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Returns the record; `None` if it is none.
    pub fn record(&self) -> Option<Record<'_>> {
        postcard::from_bytes(self.0.strip_prefix(FORM)?).ok()
    }
}

/// Returns what is known of a directory that holds `disk`; nothing, if that is on another file system.
pub(super) fn known<'m>(record: &'m Record<'m>, disk: &Disk) -> Option<ValidCache<'m>> {
    disk.root().filter(|root| root.device == record.device)?;
    let directories: Vec<_> = record.directories.iter().collect();
    let compared = parallel::map_heavy(FILES, &directories, |&(&path, files)| {
        Compared::new(path, files, disk.directories.get(OsStr::new(path)))
    });
    let (mut touched, mut sound, mut lost) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for ((path, _), compared) in directories.into_iter().zip(compared) {
        touched.extend((!compared.is_as_it_was).then_some(*path));
        sound.extend(compared.sound);
        lost.extend(compared.lost);
    }
    sound.retain(|owner| !lost.contains(owner));
    Some(ValidCache { record, touched, sound })
}

/// A directory, compared with what is remembered of it.
struct Compared<'m> {
    /// Whether the files are those that are remembered, and as they were.
    is_as_it_was: bool,
    /// Organizations of which a file is as it was, and of which one is not. The files of an Organization stand side by side, so
    /// each is there once at most.
    sound: Vec<&'m str>,
    lost: Vec<&'m str>,
}

impl<'m> Compared<'m> {
    fn new(path: &'m str, files: &[Remembered<'m>], found: Option<&Directory>) -> Self {
        let count = |found: &Directory| found.entries.iter().filter(|e| e.kind != Kind::Directory).count();
        let is_complete = found.is_some_and(|found| count(found) == files.len());
        let mut compared = Self { is_as_it_was: is_complete, sound: Vec::new(), lost: Vec::new() };
        for file in files {
            let entry = found.and_then(|found| found.entry(OsStr::new(file.name)));
            let is_as_it_was = entry.is_some_and(|entry| entry.bears(file));
            compared.is_as_it_was &= is_as_it_was;
            let list = if is_as_it_was { &mut compared.sound } else { &mut compared.lost };
            list.extend(owner(path, file.name).filter(|owner| list.last() != Some(owner)));
        }
        compared
    }
}

/// Writes a record, whole or not at all.
pub(super) fn save(record: &Record<'_>, path: &Path) -> io::Result<()> {
    let new = path.with_extension("record.new");
    let bytes = postcard::to_extend(record, FORM.to_vec()).map_err(io::Error::other)?;
    // What an interrupted run has left, whatever it is.
    stage::discard(&new).map_err(io::Error::other)?;
    File::create_new(&new)?.write_all(&bytes)?;
    fs::rename(&new, path)
}
