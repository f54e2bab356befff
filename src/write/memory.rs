//! The record of a tree on disk. It can be lost or deleted at any time; then the next run looks at everything and writes a
//! new one.
#![expect(clippy::disallowed_methods, reason = "this is a module that touches the disk")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};

use super::disk::Disk;
use super::place::Place;
use crate::plan::tenant::owner;
use crate::record::{Known, Record};
use crate::tree::TreePath;

/// No tree needs a larger record: one of 20,000 Organizations has a sixth of it.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// The first bytes of a record; the number is that of its form.
const FORM: &[u8] = b"sovereign record 1\n";

/// The bytes of a record.
#[derive(Debug)]
pub struct Memory(Vec<u8>);

impl Memory {
    /// What an earlier run has left of `out/<root>`, if that was a large tree.
    pub fn of(root: &TreePath, out: &Path) -> Option<Self> {
        // What cannot be read is not remembered.
        let place = Place::of(root, out).ok()?;
        // A pipe or a symlink in its place is not waited for and not followed.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(CWD, &place.record, flags, Mode::empty()).ok()?;
        if FileType::from_raw_mode(fstat(&file).ok()?.st_mode) != FileType::RegularFile {
            return None;
        }
        let mut bytes = Vec::new();
        File::from(file).take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The record; `None` if it is none.
    pub fn record(&self) -> Option<Record<'_>> {
        postcard::from_bytes(self.0.strip_prefix(FORM)?).ok()
    }
}

impl<'m> Known<'m> {
    /// What is known of a directory that holds `disk`; nothing, if that is on another file system.
    pub(super) fn of(record: &'m Record<'m>, disk: &Disk) -> Option<Self> {
        disk.root().filter(|root| root.device == record.device)?;
        let (mut touched, mut lost) = (BTreeSet::new(), BTreeSet::new());
        for (&path, files) in &record.directories {
            let directory = disk.directories.get(OsStr::new(path));
            if directory.is_some_and(|directory| directory.is_as_remembered) {
                continue;
            }
            touched.insert(path);
            for file in files {
                let entry = directory.and_then(|directory| directory.entry(OsStr::new(file.name)));
                if !entry.is_some_and(|entry| entry.mark.is_some() && entry.mark == file.mark) {
                    lost.extend(owner(path, file.name));
                }
            }
        }
        Some(Self { record, touched, lost })
    }
}

/// Writes a record, whole or not at all.
pub(super) fn save(record: &Record<'_>, path: &Path) -> io::Result<()> {
    let new = path.with_extension("record.new");
    let bytes = postcard::to_extend(record, FORM.to_vec()).map_err(io::Error::other)?;
    // What an interrupted run has left, whatever it is.
    fs::remove_file(&new).ok();
    File::create_new(&new)?.write_all(&bytes)?;
    fs::rename(&new, path)
}
