//! Why the cache of kits does not give a kit, or does not keep one.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::kit_files::KitFault;
use sovereign_language::input::DirectoryError;

/// Why a kit does not come out of the cache, in words that go on from its name, or does not go into it.
#[derive(Debug)]
pub enum KitCacheError {
    /// It was never fetched.
    NotFetched,
    /// The system does not give its file.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its file holds another kit.
    OtherContent {
        /// The file.
        path: PathBuf,
    },
    /// Its file holds no kit.
    NoKit {
        /// The file.
        path: PathBuf,
        /// Why it is none.
        source: KitFault,
    },
    /// There is nowhere to keep one.
    NoPlace,
    /// It cannot be kept.
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for KitCacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFetched => DirectoryError::NotFetched.fmt(f),
            Self::Unreadable { path, source } => write!(f, "cannot be read from {}: {source}", path.display()),
            Self::OtherContent { path } => {
                write!(f, "is in the cache with another content, in {}", path.display())
            }
            Self::NoKit { path, source } => {
                write!(f, "is in the cache in a file that {source}: {}", path.display())
            }
            Self::NoPlace => f.write_str(
                "there is no place for fetched kits: neither SOVEREIGN_KIT_CACHE, XDG_CACHE_HOME nor HOME is set",
            ),
            Self::Unwritable { path, source } => write!(f, "cannot write {}: {source}", path.display()),
        }
    }
}

impl Error for KitCacheError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } | Self::Unwritable { source, .. } => Some(source),
            Self::NoKit { source, .. } => Some(source),
            Self::NotFetched | Self::OtherContent { .. } | Self::NoPlace => None,
        }
    }
}

impl From<KitCacheError> for DirectoryError {
    fn from(error: KitCacheError) -> Self {
        if matches!(error, KitCacheError::NotFetched) { Self::NotFetched } else { Self::reader(error) }
    }
}
