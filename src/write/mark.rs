//! The marks of files: what the system says of one without opening it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::Stat;

use crate::record::Mark;

/// The clock of file systems ticks a hundred times a second, or more often.
pub(super) const TICK: Duration = Duration::from_millis(20);
/// Some file systems count in seconds, or in twos.
const COARSE: Duration = Duration::from_secs(2);

impl Mark {
    /// The mark of a file at a time; `None` if it has been changed so shortly before that the next change could bear the
    /// same time: a mark would prove nothing (Git calls such a file racily clean).
    pub(super) fn of(stat: &Stat, now: SystemTime) -> Option<Self> {
        let mark = Self::at_once(stat);
        (!mark.is_young(now)).then_some(mark)
    }

    /// The mark of a file that has just been written.
    pub(super) fn at_once(stat: &Stat) -> Self {
        let time = |seconds, nanoseconds| (seconds, u32::try_from(nanoseconds).unwrap_or_default());
        Self {
            inode: stat.st_ino,
            size: stat.st_size,
            modified: time(stat.st_mtime, stat.st_mtime_nsec),
            changed: time(stat.st_ctime, stat.st_ctime_nsec),
        }
    }

    fn is_young(&self, now: SystemTime) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let Ok(seconds) = u64::try_from(seconds) else { return true };
        let tick = if nanoseconds == 0 { COARSE } else { TICK };
        // If the clock went back, this is so too.
        now < UNIX_EPOCH + Duration::new(seconds, nanoseconds) + tick
    }

    /// Whether both are of one file with one content: links come and go without a change of either.
    pub(super) fn has_content_of(&self, other: &Self) -> bool {
        (self.inode, self.size, self.modified) == (other.inode, other.size, other.modified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_young_until_the_clock_has_ticked() {
        let mark = |changed| Mark { inode: 1, size: 1, modified: (0, 0), changed };
        let now = UNIX_EPOCH + Duration::new(100, 500_000_000);
        assert!(mark((100, 499_000_000)).is_young(now));
        assert!(!mark((100, 400_000_000)).is_young(now));
        assert!(mark((99, 0)).is_young(now), "it counts in seconds");
        assert!(!mark((98, 0)).is_young(now));
        assert!(mark((101, 1)).is_young(now), "the clock went back");
        assert!(mark((-1, 0)).is_young(now));
    }
}
