//! Why a tree was not written.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use sovereign_compile::tree::TreePath;

/// A file of ours that was edited by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The file.
    pub path: TreePath,
    /// A unified diff from what would be written (nothing, for a file that would be removed) to what is on disk:
    /// its `+` lines are what would be lost. Cut after [`Edited::LINES`] lines.
    pub diff: String,
}

impl Edited {
    /// How many lines of a diff are shown.
    pub(crate) const LINES: usize = 40;
}

/// Why a tree was not written. Every variant names its path.
#[derive(Debug)]
pub enum WriteError {
    /// Files stand in the way, and not one byte was written.
    Refused {
        /// The directory the paths are relative to.
        root: PathBuf,
        /// What is not ours and stands where a file of the tree belongs.
        foreign: Vec<TreePath>,
        /// Files of ours that were edited by hand.
        edited: Vec<Edited>,
    },
    /// A symlink, a file or a mount where a plain directory belongs: writing there could leave the tree.
    Obstructed {
        /// What stands there.
        path: PathBuf,
    },
    /// The lock file cannot be read, so nobody knows which files are ours.
    BrokenLock {
        /// The lock file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// Somebody else has written there meanwhile, and not one byte was written.
    Disturbed {
        /// The directory in which something has come, gone or been replaced, or the file that was edited.
        path: PathBuf,
    },
    /// Another run holds the directory and did not finish in time.
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// The system refused.
    Io {
        /// What was tried, as a verb: `read`.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { root, foreign, edited } => {
                write!(f, "nothing was written to `{}`", root.display())?;
                if !foreign.is_empty() {
                    write!(f, "\nnot ours, but in the way; move or delete:")?;
                    foreign.iter().try_for_each(|path| write!(f, "\n  {path}"))?;
                }
                if !edited.is_empty() {
                    write!(f, "\nours, but edited by hand; the edits would be lost:")?;
                    edited
                        .iter()
                        .try_for_each(|file| write!(f, "\n  {}\n{}", file.path, file.diff.trim_end()))?;
                }
                Ok(())
            }
            Self::Obstructed { path } => {
                write!(f, "`{}` must be a plain directory: no symlink, file or mount", path.display())
            }
            Self::BrokenLock { path, line, text } => {
                // Debug: whatever stands there, it does not reach a terminal raw.
                write!(
                    f,
                    "`{}` line {line} is no line of a lock: {text:?}; restore the file from the last good commit",
                    path.display()
                )
            }
            Self::Disturbed { path } => {
                write!(
                    f,
                    "somebody has changed `{}` during the build; nothing was written: build again",
                    path.display()
                )
            }
            Self::Busy { path } => {
                write!(f, "another build holds `{}`; try again when it is done", path.display())
            }
            Self::Io { action, path, source } => write!(f, "cannot {action} `{}`: {source}", path.display()),
        }
    }
}

impl Error for WriteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Refused { .. }
            | Self::Obstructed { .. }
            | Self::BrokenLock { .. }
            | Self::Disturbed { .. }
            | Self::Busy { .. } => None,
        }
    }
}

/// Says of an I/O error what was tried, and where.
pub(super) trait Context<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, WriteError>;
}

impl<T> Context<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, WriteError> {
        self.map_err(|source| WriteError::Io { action, path: path.to_path_buf(), source })
    }
}
