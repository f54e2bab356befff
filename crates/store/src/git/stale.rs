//! Locks on branches that nobody holds any more.
//!
//! A branch is locked by a file `refs/heads/<name>.lock` for the moment in which it moves; a process that is killed
//! in that moment leaves the file behind, and Git then refuses to move the branch until somebody deletes it. Here
//! that is done for locks that a killed run of this program has left, and for no others: the file stays the same
//! for [`PAUSE`] times [`ATTEMPTS`], and is empty or names a commit of ours. Git itself fills its lock at once, so an
//! empty one that lasts belongs to nobody who writes. Even where this is wrong nothing is lost, since whoever holds
//! the lock still compares before it moves the branch, and so does the run that deletes it.
#![expect(clippy::disallowed_methods, reason = "a lock is a file that Git knows and libgit2 does not show")]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use super::GitError;

/// How long a lock must stay as it is: five seconds in all.
const PAUSE: Duration = Duration::from_millis(50);
const ATTEMPTS: u32 = 100;

/// Watches the lock of one branch.
pub(super) struct Watch {
    file: PathBuf,
    branch: String,
    seen: Option<(SystemTime, String)>,
    left: u32,
}

impl Watch {
    pub(super) fn new(directory: &Path, branch: &str) -> Self {
        Self {
            file: directory.join(format!("{branch}.lock")),
            branch: branch.to_owned(),
            seen: None,
            left: ATTEMPTS,
        }
    }

    /// Waits a moment. A lock that has stayed the same all the time is deleted if it is one of ours, and otherwise
    /// is the answer.
    pub(super) fn wait(&mut self, is_ours: impl Fn(&str) -> bool) -> Option<GitError> {
        sleep(PAUSE);
        let now = self.look();
        if now != self.seen {
            self.seen = now;
            self.left = ATTEMPTS;
            return None;
        }
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return None;
        }
        self.left = ATTEMPTS;
        let stuck =
            |reason: String| Some(GitError::Failed { action: format!("move {}", self.branch), reason });
        match &self.seen {
            None => stuck(format!("{} cannot be made", self.file.display())),
            Some((_, content)) if is_ours(content) => match fs::remove_file(&self.file) {
                Ok(()) => None,
                Err(error) => {
                    stuck(format!("{} is left over and cannot be deleted: {error}", self.file.display()))
                }
            },
            Some(_) => stuck(format!(
                "another process holds {}; if none is running, it was killed: delete that file",
                self.file.display()
            )),
        }
    }

    fn look(&self) -> Option<(SystemTime, String)> {
        let time = fs::metadata(&self.file).and_then(|data| data.modified()).ok()?;
        Some((time, String::from_utf8_lossy(&fs::read(&self.file).ok()?).into_owned()))
    }
}
