//! The marks of files: what the system says of one without opening it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::Stat;

use sovereign_compile::build_cache::FileStamp;

/// The clock of file systems ticks a hundred times a second, or more often.
const TICK: Duration = Duration::from_millis(20);
/// Some file systems count in seconds, or in twos.
const COARSE: Duration = Duration::from_secs(2);

/// What the system tells of a mark, and what follows from it.
pub(crate) trait StampExt {
    /// Returns the mark that a file bears now.
    fn new(stat: &Stat) -> Self;

    /// Returns whether the file was changed so shortly before `then` that a change right after it could bear the same time:
    /// what was read at that moment may be older than the mark (Git calls such a file racily clean).
    fn is_young(&self, then: SystemTime) -> bool;

    /// Returns whether both are of one file with one content: links come and go without a change of either.
    fn has_content_of(&self, other: &Self) -> bool;
}

impl StampExt for FileStamp {
    fn new(stat: &Stat) -> Self {
        let time = |seconds, nanoseconds| (seconds, u32::try_from(nanoseconds).unwrap_or_default());
        Self {
            inode: stat.st_ino,
            size: stat.st_size,
            modified: time(stat.st_mtime, stat.st_mtime_nsec),
            changed: time(stat.st_ctime, stat.st_ctime_nsec),
        }
    }

    fn is_young(&self, then: SystemTime) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let Ok(seconds) = u64::try_from(seconds) else { return true };
        let tick = if nanoseconds == 0 { COARSE } else { TICK };
        // If the clock went back, this is so too.
        then < UNIX_EPOCH + Duration::new(seconds, nanoseconds) + tick
    }

    fn has_content_of(&self, other: &Self) -> bool {
        (self.inode, self.size, self.modified) == (other.inode, other.size, other.modified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_young_until_the_clock_has_ticked() {
        let mark = |changed| FileStamp { inode: 1, size: 1, modified: (0, 0), changed };
        let then = UNIX_EPOCH + Duration::new(100, 500_000_000);
        assert!(mark((100, 499_000_000)).is_young(then));
        assert!(!mark((100, 400_000_000)).is_young(then));
        assert!(mark((99, 0)).is_young(then), "it counts in seconds");
        assert!(!mark((98, 0)).is_young(then));
        assert!(mark((101, 1)).is_young(then), "the clock went back");
        assert!(mark((-1, 0)).is_young(then));
    }
}
