//! The index of a work tree, held as Git holds it: nobody stages anything while its lock is there.
//!
//! Changes are made to a copy, which takes the place of the index when they are complete. A run that was killed leaves a lock
//! that no process holds: the next run takes it over. A lock of Git's own is waited for, and never taken away.
#![expect(clippy::disallowed_methods, reason = "an index and its lock are files that Git knows")]

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::{GitError, program};

/// How long a lock is waited for that stays the same: two seconds. Git holds one for the moment of a write.
const PAUSE: Duration = Duration::from_millis(20);
const ATTEMPTS: u32 = 100;
/// How long one of this program is waited for while its process lives: a minute.
const ATTEMPTS_FOR_OURS: u32 = 3000;
/// What a lock of this program holds. Git writes a whole index into its own.
const OURS: &[u8] = b"sovereign\n";
/// The name of the copy, beside the index.
const COPY: &str = "sovereign-index";

/// An index that nobody else writes.
#[derive(Debug)]
pub struct HeldIndex {
    index: PathBuf,
    lock: PathBuf,
    copy: PathBuf,
    /// The open lock: the system lets go of it when this process ends.
    _file: File,
}

/// Why an index cannot be held: another process writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// The lock that stands there.
    pub lock: PathBuf,
}

impl std::fmt::Display for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "another process is writing the index; if none is running, it was killed: delete {}",
            self.lock.display()
        )
    }
}

impl HeldIndex {
    /// Locks an index, which need not be there yet, and waits for whoever writes it.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub fn hold(index: PathBuf) -> Result<Result<Self, Busy>, GitError> {
        let lock = beside(&index, |name| format!("{name}.lock"));
        let cannot = |error: io::Error| GitError::Failed {
            action: format!("make {}", lock.display()),
            reason: error.to_string(),
        };
        let (mut seen, mut attempts) = (None, 0);
        loop {
            if let Some(file) = take(&lock).map_err(cannot)? {
                let copy = beside(&index, |_| COPY.to_owned());
                return Ok(Ok(Self { index, lock, copy, _file: file }));
            }
            let now = fs::metadata(&lock).ok().map(|data| (data.ino(), data.modified().ok()));
            attempts = if now == seen { attempts + 1 } else { 0 };
            seen = now;
            let most = if is_ours(&lock) { ATTEMPTS_FOR_OURS } else { ATTEMPTS };
            if attempts >= most {
                return Ok(Err(Busy { lock }));
            }
            sleep(PAUSE);
        }
    }

    /// Returns the path of a fresh copy of the index, which is this program's to change.
    ///
    /// # Errors
    /// It cannot be copied.
    pub fn copy(&self) -> Result<&Path, GitError> {
        let copied = copy(&self.index, &self.copy);
        copied.map_err(|error| failed("copy the index", &error))?;
        Ok(&self.copy)
    }

    /// Puts the copy in the place of the index.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn install(&self) -> Result<(), GitError> {
        fs::rename(&self.copy, &self.index).map_err(|error| failed("write the index", &error))
    }

    /// Stages lines of `git update-index --index-info`.
    ///
    /// # Errors
    /// They cannot be staged, and then nothing is.
    pub fn stage(&self, place: &program::Place<'_>, lines: &str) -> Result<(), GitError> {
        let place = program::Place { index: Some(self.copy()?), ..*place };
        program::stage(&place, lines)?;
        self.install()
    }
}

impl Drop for HeldIndex {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.copy));
        drop(fs::remove_file(&self.lock));
    }
}

fn beside(index: &Path, name: impl FnOnce(&str) -> String) -> PathBuf {
    let old = index.file_name().unwrap_or_default().to_string_lossy();
    index.with_file_name(name(&old))
}

/// Makes the lock, or takes over one of this program that no process holds; `None` if somebody else has it.
fn take(lock: &Path) -> io::Result<Option<File>> {
    match File::create_new(lock) {
        Ok(mut file) => {
            file.try_lock().or_else(|error| unsupported(&error))?;
            file.write_all(OURS)?;
            Ok(Some(file))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(take_over(lock)),
        Err(error) => Err(error),
    }
}

fn take_over(lock: &Path) -> Option<File> {
    if !is_ours(lock) {
        return None;
    }
    let file = File::open(lock).ok()?;
    file.try_lock().ok()?;
    // Its owner may have ended well in between, and somebody else made another one of the same name.
    let is_there =
        fs::metadata(lock).is_ok_and(|there| file.metadata().is_ok_and(|ours| ours.ino() == there.ino()));
    is_there.then_some(file)
}

/// A file system without such locks is used without: then a lock of a killed run has to be deleted by hand.
fn unsupported(error: &TryLockError) -> io::Result<()> {
    match error {
        TryLockError::WouldBlock => Err(ErrorKind::WouldBlock.into()),
        TryLockError::Error(_) => Ok(()),
    }
}

fn is_ours(lock: &Path) -> bool {
    let mut found = Vec::new();
    let read = File::open(lock).and_then(|file| file.take(OURS.len() as u64 + 1).read_to_end(&mut found));
    read.is_ok() && found == OURS
}

/// Copies an index with its time: Git looks at a file again that was changed in the moment in which the index was written.
fn copy(index: &Path, to: &Path) -> io::Result<()> {
    for old in [to.to_owned(), beside(to, |name| format!("{name}.lock"))] {
        match fs::remove_file(old) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    let modified = match fs::metadata(index) {
        Ok(data) => data.modified()?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    fs::copy(index, to)?;
    File::options().write(true).open(to)?.set_modified(modified)
}

fn failed(action: &str, error: &io::Error) -> GitError {
    GitError::Failed { action: action.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(index: &Path) -> Result<HeldIndex, Busy> {
        HeldIndex::hold(index.to_owned()).unwrap()
    }

    #[test]
    fn the_lock_of_a_killed_run_is_taken_over_and_that_of_git_is_not() {
        let scratch = tempfile::tempdir().unwrap();
        let (index, lock) = (scratch.path().join("index"), scratch.path().join("index.lock"));
        fs::write(&lock, OURS).unwrap();
        drop(held(&index).unwrap());
        assert!(!lock.exists());
        fs::write(&lock, "DIRC").unwrap();
        assert_eq!(held(&index).unwrap_err(), Busy { lock: lock.clone() });
        assert!(lock.exists());
    }

    #[test]
    fn a_living_run_is_waited_for() {
        let scratch = tempfile::tempdir().unwrap();
        let index = scratch.path().join("index");
        let first = held(&index).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| held(&index).is_ok());
            sleep(PAUSE * 3);
            assert!(first.lock.exists());
            drop(first);
            assert!(second.join().unwrap());
        });
    }

    #[test]
    fn a_copy_takes_the_place_of_the_index_only_when_it_is_told_to() {
        let scratch = tempfile::tempdir().unwrap();
        let index = scratch.path().join("index");
        fs::write(&index, "old").unwrap();
        let held = held(&index).unwrap();
        fs::write(held.copy().unwrap(), "new").unwrap();
        assert_eq!(fs::read(&index).unwrap(), b"old");
        held.install().unwrap();
        drop(held);
        assert_eq!(fs::read(&index).unwrap(), b"new");
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
    }
}
