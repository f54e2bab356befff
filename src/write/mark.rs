//! What the system says of a file without opening it: enough to know later that nobody has touched it since.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::Stat;
use serde::{Deserialize, Serialize};

/// Identity, size and times of a plain file, as Git's index has them. The time of the last change cannot be set by a
/// program, so a file that was edited has another mark, whatever its editor did to its time of modification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    inode: u64,
    size: i64,
    modified: Time,
    changed: Time,
}

/// Seconds and nanoseconds since 1970.
type Time = (i64, u32);

/// The clock of file systems ticks a hundred times a second, or more often.
const TICK: Duration = Duration::from_millis(20);
/// Some file systems count in seconds, or in twos.
const COARSE: Duration = Duration::from_secs(2);

impl Mark {
    /// The mark of a file.
    pub(super) fn of(stat: &Stat) -> Self {
        let time = |seconds, nanoseconds| (seconds, u32::try_from(nanoseconds).unwrap_or_default());
        Self {
            inode: stat.st_ino,
            size: stat.st_size,
            modified: time(stat.st_mtime, stat.st_mtime_nsec),
            changed: time(stat.st_ctime, stat.st_ctime_nsec),
        }
    }

    /// Whether the file has been changed so shortly before `now` that the next change could bear the same time: such a mark
    /// proves nothing (Git calls the file racily clean).
    pub(super) fn is_young(&self, now: SystemTime) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let Ok(seconds) = u64::try_from(seconds) else { return true };
        let changed = UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        let tick = if nanoseconds == 0 { COARSE } else { TICK };
        now.duration_since(changed).is_ok_and(|age| age < tick) || now < changed
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
