//! Why a chart could not be read.

use std::fmt;

/// Why a chart could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The bytes are no gzip stream, or no tar archive in it.
    Archive(std::io::Error),
    /// The path of a file leaves the chart, or is no text.
    Path(String),
    /// There is more in it than a chart has; says of what.
    TooLarge(&'static str),
    /// A file that every chart has is missing.
    Missing(&'static str),
    /// A file is not what its name says.
    File {
        /// Its path in the chart.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A subchart cannot be read.
    Subchart {
        /// Its name.
        name: String,
        /// Why.
        source: Box<ReadError>,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Archive(_) => f.write_str("it is no gzipped tar archive"),
            Self::Path(path) => write!(f, "the path `{}` does not stay in the chart", path.escape_debug()),
            Self::TooLarge(what) => write!(f, "it has more {what} than a chart has"),
            Self::Missing(path) => write!(f, "it has no `{path}`"),
            Self::File { path, reason } => write!(f, "`{path}`: {reason}"),
            Self::Subchart { name, .. } => write!(f, "its subchart `{name}` cannot be read"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Archive(error) => Some(error),
            Self::Subchart { source, .. } => Some(source),
            Self::Path(_) | Self::TooLarge(_) | Self::Missing(_) | Self::File { .. } => None,
        }
    }
}
