//! Builds the new directory beside the old one and puts it in its place.
#![expect(clippy::disallowed_methods, reason = "this is the module that touches the disk")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat, unlinkat};

use super::error::{Context as _, WriteError};
use super::survey::{Kind, Survey};
use super::{Place, exists};
use crate::parallel;

/// How a new directory takes the place of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swap {
    /// In one step, where the system can; by two renames otherwise.
    Exchange,
    /// By two renames.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests take the way of file systems without exchange"))]
    Renames,
}

/// Finishes or undoes what an interrupted run left, and deletes its leftovers.
pub(super) fn recover(place: &Place) -> Result<(), WriteError> {
    if !exists(&place.target)? && exists(&place.old)? {
        fs::rename(&place.old, &place.target).at("put back", &place.old)?;
    }
    discard(&place.old)?;
    discard(&place.staging)
}

/// Carries out a survey.
pub(super) fn replace(place: &Place, survey: &Survey<'_>, swap: Swap) -> Result<(), WriteError> {
    let outcome = stage(place, survey).and_then(|()| install(place, survey, swap));
    if outcome.is_err() {
        // The first error is the one to report; what this cannot delete, the next run will.
        discard(&place.staging).ok();
    }
    outcome
}

fn stage(place: &Place, survey: &Survey<'_>) -> Result<(), WriteError> {
    let Place { target, staging, .. } = place;
    let modes = modes(target, survey)?;
    fs::create_dir(staging).at("create", staging)?;
    for directory in &survey.directories {
        let path = staging.join(directory);
        fs::create_dir(&path).at("create", &path)?;
    }
    let kept: Vec<_> =
        by_directory(survey.kept.iter().map(|(path, kind)| (path, *kind))).into_iter().collect();
    parallel::map(&kept, |(directory, names)| keep_all((target, staging), directory, names))
        .into_iter()
        .collect::<Result<(), _>>()?;
    parallel::map(&survey.texts, |(path, text)| {
        let path = staging.join(path.as_str());
        File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes())).at("write", &path)
    })
    .into_iter()
    .collect::<Result<(), _>>()?;
    // Last, and innermost first: a mode may forbid us to write into its directory.
    for (directory, mode) in modes.into_iter().rev() {
        let path = staging.join(directory);
        fs::set_permissions(&path, mode).at("set the mode of", &path)?;
    }
    Ok(())
}

/// The modes of the directories that stay, outermost first; the target itself has the empty path.
fn modes<'s>(target: &Path, survey: &'s Survey<'_>) -> Result<Vec<(&'s OsStr, Permissions)>, WriteError> {
    let Some(root) = metadata(target)? else {
        return Ok(Vec::new());
    };
    let mut modes = vec![(OsStr::new(""), root.permissions())];
    for directory in survey.directories.iter().filter(|path| survey.entries.contains_key(*path)) {
        let path = target.join(directory);
        let Some(found) = metadata(&path)?.filter(fs::Metadata::is_dir) else {
            continue;
        };
        // Deleting the old directory would empty whatever is mounted there.
        if found.dev() != root.dev() {
            return Err(WriteError::Obstructed { path });
        }
        modes.push((directory, found.permissions()));
    }
    Ok(modes)
}

fn metadata(path: &Path) -> Result<Option<fs::Metadata>, WriteError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at("look at", path),
    }
}

/// What stands in each directory. Not by `Path`: to compare two takes them apart every time.
type ByDirectory<'e> = BTreeMap<&'e OsStr, Vec<(&'e OsStr, Kind)>>;

fn by_directory<'e>(paths: impl Iterator<Item = (&'e OsString, Kind)>) -> ByDirectory<'e> {
    let mut directories = ByDirectory::new();
    for (path, kind) in paths {
        let path = Path::new(path);
        if let (Some(directory), Some(name)) = (path.parent(), path.file_name()) {
            directories.entry(directory.as_os_str()).or_default().push((name, kind));
        }
    }
    directories
}

/// Opens a directory below another one without following a symlink.
fn open(root: &Path, below: &OsStr) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut directory = openat(CWD, root, flags, Mode::empty())?;
    for part in Path::new(below).components() {
        directory = openat(&directory, part.as_os_str(), flags, Mode::empty())?;
    }
    Ok(directory)
}

/// Takes over what stands in a directory of the target. Where it can, it names files by their directories: a path is
/// followed part by part for each file otherwise, and that is most of the time of a link.
fn keep_all(
    (target, staging): (&Path, &Path),
    below: &OsStr,
    names: &[(&OsStr, Kind)],
) -> Result<(), WriteError> {
    let directories = open(target, below).and_then(|from| Ok((from, open(staging, below)?))).ok();
    for &(name, kind) in names {
        let linked = directories.as_ref().is_some_and(|(from, to)| {
            kind == Kind::File && linkat(from, name, to, name, AtFlags::empty()).is_ok()
        });
        if !linked {
            let (from, to) = (target.join(below).join(name), staging.join(below).join(name));
            keep(&from, &to, kind).at("take over", &from)?;
        }
    }
    Ok(())
}

/// Puts what stands at one path also at another: as a link, or as a copy where links cannot be had.
fn keep(from: &Path, to: &Path, kind: Kind) -> io::Result<()> {
    if kind == Kind::Symlink {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    match fs::hard_link(from, to) {
        // Whatever the reason (no links here, not our file, too many links): a copy either works or says why not.
        Err(error) if kind == Kind::File && error.kind() != ErrorKind::NotFound => {
            fs::copy(from, to).map(drop)
        }
        outcome => outcome,
    }
}

/// Puts the complete staging directory in the place of the target, and deletes what stood there.
fn install(place: &Place, survey: &Survey<'_>, swap: Swap) -> Result<(), WriteError> {
    let Place { target, staging, old, .. } = place;
    if !exists(target)? {
        return rename_new(staging, target).at("create", target);
    }
    if swap == Swap::Exchange && exchange(staging, target).at("replace", target)? {
        empty(staging, survey);
        return discard(staging);
    }
    fs::rename(target, old).at("replace", target)?;
    if let Err(error) = fs::rename(staging, target) {
        fs::rename(old, target).at("put back", old)?;
        return Err(error).at("replace", target);
    }
    discard(old)
}

/// Deletes the files of the old tree on all processors, as far as that works; what is left is for [`discard`].
fn empty(old: &Path, survey: &Survey<'_>) {
    let found = survey.entries.iter().filter(|(_, kind)| **kind != Kind::Directory);
    let directories: Vec<_> = by_directory(found.map(|(path, kind)| (path, *kind))).into_iter().collect();
    parallel::map(&directories, |(below, names)| {
        if let Ok(directory) = open(old, below) {
            for (name, _) in names {
                unlinkat(&directory, *name, AtFlags::empty()).ok();
            }
        }
    });
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
fn unsupported(error: rustix::io::Errno) -> bool {
    use rustix::io::Errno;
    [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP].contains(&error)
}

/// Deletes a directory of ours, if it is there, without following a symlink.
fn discard(path: &Path) -> Result<(), WriteError> {
    match metadata(path)? {
        None => Ok(()),
        Some(found) if found.is_dir() => match fs::remove_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                unlock(path).and_then(|()| fs::remove_dir_all(path)).at("delete", path)
            }
            outcome => outcome.at("delete", path),
        },
        Some(_) => fs::remove_file(path).at("delete", path),
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
