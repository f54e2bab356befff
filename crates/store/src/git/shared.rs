//! Who may use what stands in a repository: `core.sharedRepository`, as Git reads and applies it. libgit2 leaves all of it to the
//! umask.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What the permissions of files in a repository follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sharing {
    /// The umask alone.
    Umask,
    /// These bits are allowed besides.
    AtLeast(u32),
    /// These bits are allowed, and no others.
    Exactly(u32),
}

/// What `group` allows.
const GROUP: Sharing = Sharing::AtLeast(0o660);
/// What `all` allows.
const EVERYBODY: Sharing = Sharing::AtLeast(0o664);

impl Sharing {
    /// Returns what the configuration of a repository says.
    pub(super) fn new(repository: &git2::Repository) -> Self {
        let value = repository.config().and_then(|config| config.get_string("core.sharedRepository"));
        value.map_or(Self::Umask, |value| Self::parse(&value))
    }

    fn parse(value: &str) -> Self {
        match value {
            "umask" => return Self::Umask,
            "group" => return GROUP,
            "all" | "world" | "everybody" => return EVERYBODY,
            _ => {}
        }
        match u32::from_str_radix(value, 8) {
            // The numbers of old.
            Ok(0) => Self::Umask,
            Ok(1) => GROUP,
            Ok(2) => EVERYBODY,
            Ok(bits) => Self::Exactly(bits & 0o666),
            Err(_) if git2::Config::parse_bool(value).unwrap_or_default() => GROUP,
            Err(_) => Self::Umask,
        }
    }

    /// Gives a file or a directory that was just made the permissions that it is to have.
    pub(super) fn apply(self, path: &Path) -> io::Result<()> {
        if self == Self::Umask {
            return Ok(());
        }
        let found = fs::metadata(path)?;
        let mode = found.permissions().mode();
        let wanted = self.mode(mode & 0o7777, found.is_dir());
        if wanted == mode & 0o7777 {
            return Ok(());
        }
        fs::set_permissions(path, Permissions::from_mode(wanted))
    }

    /// Returns the permissions of something that was made with these. What nobody may write stays so, and what is in a directory
    /// belongs to its group.
    fn mode(self, mode: u32, is_directory: bool) -> u32 {
        let (kept, bits) = match self {
            Self::Umask => return mode,
            Self::AtLeast(bits) => (mode, bits),
            Self::Exactly(bits) => (mode & !0o777, bits),
        };
        let bits = if mode & 0o200 == 0 { bits & !0o222 } else { bits };
        let enter = |bits: u32| bits | (bits & 0o444) >> 2;
        let wanted = kept | if mode & 0o100 == 0 { bits } else { enter(bits) };
        if is_directory { enter(wanted) | 0o2000 } else { wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_and_numbers_of_git_are_understood() {
        for (value, sharing) in [
            ("umask", Sharing::Umask),
            ("false", Sharing::Umask),
            ("0", Sharing::Umask),
            ("group", GROUP),
            ("true", GROUP),
            ("1", GROUP),
            ("all", EVERYBODY),
            ("world", EVERYBODY),
            ("everybody", EVERYBODY),
            ("2", EVERYBODY),
            ("0640", Sharing::Exactly(0o640)),
            ("0660", Sharing::Exactly(0o660)),
            ("nonsense", Sharing::Umask),
        ] {
            assert_eq!(Sharing::parse(value), sharing, "{value}");
        }
    }

    #[test]
    fn permissions_are_those_that_git_gives() {
        // What Git makes with 0444 and 0777, in the umask 022 and 077.
        for (sharing, mode, is_directory, wanted) in [
            (Sharing::Umask, 0o400, false, 0o400),
            (GROUP, 0o444, false, 0o444),
            (GROUP, 0o400, false, 0o440),
            (EVERYBODY, 0o400, false, 0o444),
            (Sharing::Exactly(0o640), 0o444, false, 0o440),
            (GROUP, 0o755, true, 0o2775),
            (GROUP, 0o700, true, 0o2770),
            (Sharing::Exactly(0o640), 0o755, true, 0o2750),
        ] {
            assert_eq!(sharing.mode(mode, is_directory), wanted, "{sharing:?} {mode:o}");
        }
    }
}
