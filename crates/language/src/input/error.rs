//! Why a directory that a manifest names, or a kit that it names elsewhere, gives no files.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a directory or a kit gives no files. As words it goes on from its name: `kits/own` `is not there`.
#[derive(Clone, Debug)]
pub enum DirectoryError {
    /// The manifest stands alone, so nothing is beside it.
    None,
    /// The reader knows no such directory.
    NotThere,
    /// It has no file that is read.
    Empty,
    /// The kit is none of those that were fetched.
    NotFetched,
    /// With it there are more files than all sources together may have.
    TooManyFiles {
        /// How many they may have.
        most: usize,
    },
    /// A file is not text.
    NoText {
        /// Its name in the directory.
        name: String,
    },
    /// What the reader itself says; a manifest may be read by several threads.
    Reader(Arc<dyn Error + Send + Sync>),
}

impl DirectoryError {
    /// Returns what a reader itself says.
    pub fn reader(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Reader(Arc::new(error))
    }
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("cannot be read: the manifest has no directory"),
            Self::NotThere => f.write_str("is not there"),
            Self::Empty => f.write_str("has no `*.toml` file"),
            Self::NotFetched => f.write_str("is not in the cache"),
            Self::TooManyFiles { most } => {
                write!(f, "has too many files: all sources together may have {most}")
            }
            Self::NoText { name } => write!(f, "holds `{name}`, which is not text"),
            Self::Reader(error) => error.fmt(f),
        }
    }
}

impl Error for DirectoryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // Its words are those of the reader, so that its cause is the reader's, too.
            Self::Reader(error) => error.source(),
            Self::None
            | Self::NotThere
            | Self::Empty
            | Self::NotFetched
            | Self::TooManyFiles { .. }
            | Self::NoText { .. } => None,
        }
    }
}
