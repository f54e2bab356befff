//! One run at a time: an advisory lock on the directory that holds the target.
//!
//! The lock lives in the kernel and dies with its process, so a killed run leaves nothing to clean up or to
//! mistake for a living one.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::error::{Context as _, WriteError};

/// How often a held lock is tried again, and how long each time: a minute in all, longer than the largest tree takes.
const ATTEMPTS: u32 = 3000;
const PAUSE: Duration = Duration::from_millis(20);

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(super) struct Guard {
    _directory: Option<File>,
}

impl Guard {
    /// For a directory that does not exist.
    pub(super) fn none() -> Self {
        Self { _directory: None }
    }

    /// For one who writes: alone.
    pub(super) fn exclusive(directory: &Path) -> Result<Self, WriteError> {
        Self::wait(directory, ATTEMPTS, File::try_lock)
    }

    /// For those who only look: beside others who look.
    pub(super) fn shared(directory: &Path) -> Result<Self, WriteError> {
        Self::wait(directory, ATTEMPTS, File::try_lock_shared)
    }

    pub(super) fn wait(
        path: &Path,
        attempts: u32,
        lock: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Self, WriteError> {
        let directory = File::open(path).at("open", path)?;
        for _ in 0..attempts {
            match lock(&directory) {
                Ok(()) => {
                    return Ok(Self { _directory: Some(directory) });
                }
                Err(TryLockError::WouldBlock) => sleep(PAUSE),
                Err(TryLockError::Error(error)) if cannot_lock(&error) => return Ok(Self::none()),
                Err(TryLockError::Error(error)) => return Err(error).at("lock", path),
            }
        }
        Err(WriteError::Busy { path: path.to_path_buf() })
    }
}

/// Returns whether the file system has no locks for directories at all.
fn cannot_lock(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let none = [Errno::BADF, Errno::INVAL, Errno::NOLCK, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];
    error.kind() == io::ErrorKind::Unsupported
        || Errno::from_io_error(error).is_some_and(|e| none.contains(&e))
}
