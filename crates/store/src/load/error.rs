//! Why a file cannot be read or written, and why the sources beside a manifest cannot be read from a disk, a commit or the index.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use sovereign_language::input::DirectoryError;

/// Why a file or a directory that a person named cannot be read or written.
#[derive(Debug)]
pub enum FileError {
    /// A manifest cannot be read.
    Manifest {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else cannot be read.
    Unreadable {
        /// The file or directory.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no text.
    NoText {
        /// The file.
        file: PathBuf,
        /// Where it is none.
        source: FromUtf8Error,
    },
    /// A directory is too large for a tree.
    TooLarge {
        /// The directory.
        root: PathBuf,
    },
    /// It cannot be written.
    Unwritable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl FileError {
    /// Returns what makes an error of one of the system, for a file or a directory that is read.
    pub(super) fn reading(file: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Unreadable { file: file.to_owned(), source }
    }

    /// Returns what makes an error of one of the system, for a file that is written.
    pub(crate) fn writing(file: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Unwritable { file: file.to_owned(), source }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest { file, source } => {
                write!(f, "cannot read {}: {source}", file.display())?;
                if source.kind() == ErrorKind::NotFound {
                    f.write_str("; `sovereign init` writes one")
                } else if source.kind() == ErrorKind::IsADirectory {
                    let inside = file.join("sovereign.toml");
                    write!(f, "; name the manifest in it, perhaps {}", inside.display())
                } else {
                    Ok(())
                }
            }
            Self::Unreadable { file, source } => write!(f, "cannot read {}: {source}", file.display()),
            Self::NoText { file, source } => write!(f, "cannot read {}: {source}", file.display()),
            Self::TooLarge { root } => write!(f, "{} holds more than a tree does", root.display()),
            Self::Unwritable { file, source } => write!(f, "cannot write {}: {source}", file.display()),
        }
    }
}

impl Error for FileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Manifest { source, .. }
            | Self::Unreadable { source, .. }
            | Self::Unwritable { source, .. } => Some(source),
            Self::NoText { source, .. } => Some(source),
            Self::TooLarge { .. } => None,
        }
    }
}

/// Why a directory of sources is not read. As words it goes on from the name of the directory.
#[derive(Debug)]
pub enum SourcesError {
    /// The system does not give it.
    Unreadable(io::Error),
    /// The system does not give one of its files.
    UnreadableFile {
        /// The name of the file.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// It is a link to somewhere else.
    LeadsOut,
    /// One of its files is none: a symlink could lead anywhere, and to pass over it would leave something out in silence.
    NoPlainFile {
        /// The name of the file.
        name: String,
    },
    /// It has too many files.
    TooManyFiles {
        /// How many it may have.
        most: usize,
    },
    /// A file is too large.
    TooLarge {
        /// The name of the file.
        name: String,
        /// How many bytes it may have.
        most: usize,
    },
    /// There is no commit yet in which it could be.
    InNoCommit,
    /// The commit does not have it.
    NotInCommit,
    /// The index does not have it.
    NotStaged,
}

impl fmt::Display for SourcesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::UnreadableFile { name, source } => {
                write!(f, "holds `{name}`, which cannot be read: {source}")
            }
            Self::LeadsOut => f.write_str("leads out of the directory of the manifest"),
            Self::NoPlainFile { name } => write!(f, "holds `{name}`, which is no plain file"),
            Self::TooManyFiles { most } => write!(f, "has more than {most} files"),
            Self::TooLarge { name, most } => write!(f, "holds `{name}`, which is larger than {most} bytes"),
            Self::InNoCommit => f.write_str("is in no commit"),
            Self::NotInCommit => f.write_str("is not in the commit"),
            Self::NotStaged => f.write_str("is not staged"),
        }
    }
}

impl Error for SourcesError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable(source) | Self::UnreadableFile { source, .. } => Some(source),
            Self::LeadsOut
            | Self::NoPlainFile { .. }
            | Self::TooManyFiles { .. }
            | Self::TooLarge { .. }
            | Self::InNoCommit
            | Self::NotInCommit
            | Self::NotStaged => None,
        }
    }
}

impl From<SourcesError> for DirectoryError {
    fn from(error: SourcesError) -> Self {
        Self::reader(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_the_source_also_behind_a_reader() {
        let refused = || io::Error::from(ErrorKind::PermissionDenied);
        let unread = SourcesError::UnreadableFile { name: "a.toml".to_owned(), source: refused() };
        assert_eq!(unread.to_string(), format!("holds `a.toml`, which cannot be read: {}", refused()));
        let unread = DirectoryError::from(unread);
        assert_eq!(unread.to_string(), format!("holds `a.toml`, which cannot be read: {}", refused()));
        let source = unread.source().and_then(<dyn Error>::downcast_ref::<io::Error>);
        assert_eq!(source.map(io::Error::kind), Some(ErrorKind::PermissionDenied));
        assert!(DirectoryError::from(SourcesError::NotStaged).source().is_none());
    }

    #[test]
    fn a_manifest_that_is_not_there_is_told_how_to_begin() {
        let error = |kind: ErrorKind| FileError::Manifest { file: "a".into(), source: kind.into() };
        assert!(error(ErrorKind::NotFound).to_string().ends_with("; `sovereign init` writes one"));
        assert!(error(ErrorKind::IsADirectory).to_string().ends_with("perhaps a/sovereign.toml"));
        assert_eq!(error(ErrorKind::PermissionDenied).to_string(), "cannot read a: permission denied");
        assert!(error(ErrorKind::NotFound).source().is_some());
    }
}
