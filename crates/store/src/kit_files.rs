//! The files of a kit as one thing: read from a directory, packed and unpacked, and known by one digest.
//!
//! The digest is over sorted names and bytes, so it is the same for a directory, a commit and an archive, whatever packed it.
#![expect(clippy::disallowed_methods, reason = "a kit is a directory that a person names")]

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};
use sovereign_language::input::is_source_file;
use sovereign_text::digest::Digest;
use sovereign_text::source::MAX_BYTES;

/// How many files a kit has at most; those of the program have about fifty.
const MOST_FILES: usize = 1_000;
/// How many bytes a kit has at most, unpacked. A registry keeps each layer twice while it is pulled.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// How large an archive of a kit is at most: what does not pack at all, and the headers of its files.
pub const LARGEST_ARCHIVE: usize = MOST_BYTES + MOST_FILES * 1024;

/// The files of a kit, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KitFiles {
    files: BTreeMap<String, Vec<u8>>,
    bytes: usize,
}

/// Why something is no kit.
#[derive(Debug)]
pub enum KitFault {
    /// It cannot be read.
    Unreadable(io::Error),
    /// An archive that is none.
    Archive(io::Error),
    /// A path leaves the kit.
    Path(String),
    /// Something that is neither a file nor a directory.
    Special(String),
    /// There are more files, or bytes, than a kit has.
    TooLarge(&'static str),
    /// It has no `kit.toml`.
    NoKitFile,
}

impl fmt::Display for KitFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::Archive(error) => write!(f, "is no gzipped tar archive: {error}"),
            Self::Path(path) => write!(f, "holds `{}`, which leaves the kit", path.escape_debug()),
            Self::Special(path) => write!(f, "holds `{}`, which is no plain file", path.escape_debug()),
            Self::TooLarge(what) => write!(f, "has more {what} than a kit has"),
            Self::NoKitFile => f.write_str("has no `kit.toml`, so it is no kit"),
        }
    }
}

impl std::error::Error for KitFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(error) | Self::Archive(error) => Some(error),
            Self::Path(_) | Self::Special(_) | Self::TooLarge(_) | Self::NoKitFile => None,
        }
    }
}

impl KitFiles {
    /// Reads the files of a kit's directory. What is no file of a kit is left out; a link in the place of one is refused.
    ///
    /// # Errors
    /// It cannot be read, or is no kit.
    pub fn read(directory: &Path) -> Result<Self, KitFault> {
        let mut files = Self::default();
        for entry in fs::read_dir(directory).map_err(KitFault::Unreadable)? {
            let entry = entry.map_err(KitFault::Unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !is_source_file(&name) {
                continue;
            }
            if !entry.file_type().map_err(KitFault::Unreadable)?.is_file() {
                return Err(KitFault::Special(name));
            }
            let mut bytes = Vec::new();
            let file = fs::File::open(entry.path()).map_err(KitFault::Unreadable)?;
            file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(KitFault::Unreadable)?;
            files.insert(name, bytes)?;
        }
        files.whole()
    }

    /// Adds a file, if it is one of a kit.
    ///
    /// # Errors
    /// There is more than a kit has.
    pub(crate) fn insert(&mut self, name: String, bytes: Vec<u8>) -> Result<(), KitFault> {
        if !is_source_file(&name) {
            return Ok(());
        }
        self.bytes = self.bytes.saturating_add(bytes.len());
        if bytes.len() > MAX_BYTES || self.bytes > MOST_BYTES {
            return Err(KitFault::TooLarge("bytes"));
        }
        if self.files.insert(name.clone(), bytes).is_some() {
            return Err(KitFault::Special(name));
        }
        if self.files.len() > MOST_FILES { Err(KitFault::TooLarge("files")) } else { Ok(()) }
    }

    /// Returns the files, if they are a kit.
    pub(crate) fn whole(self) -> Result<Self, KitFault> {
        if self.files.contains_key("kit.toml") { Ok(self) } else { Err(KitFault::NoKitFile) }
    }

    /// Returns names and bytes, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Returns the digest of all names and bytes.
    pub fn digest(&self) -> Digest {
        Digest::of_parts(self.iter())
    }

    /// Returns names and bytes, as an input takes them.
    pub(crate) fn into_files(self) -> Vec<(String, Vec<u8>)> {
        self.files.into_iter().collect()
    }

    /// Returns a gzipped tar archive of the files: of the same files always the same bytes.
    ///
    /// # Errors
    /// A name is too long for an archive.
    pub fn pack(&self) -> io::Result<Vec<u8>> {
        // No time, no name and no system in the header of the stream.
        let gzip = GzBuilder::new().write(Vec::new(), Compression::best());
        let mut archive = tar::Builder::new(gzip);
        for (name, bytes) in self.iter() {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, bytes)?;
        }
        archive.into_inner()?.finish()
    }

    /// Returns the files of an archive. Files that are none of a kit are left out, as are directories; whatever could reach out of
    /// the kit is refused, be it a file of a kit or not.
    ///
    /// # Errors
    /// It is no archive, or no kit, or there is more in it than a kit has.
    pub fn unpack(bytes: &[u8]) -> Result<Self, KitFault> {
        let mut files = Self::default();
        // What a hostile archive unpacks to is not known before it is unpacked, so the stream ends where a kit must have.
        let most = LARGEST_ARCHIVE as u64 + 1;
        let mut archive = tar::Archive::new(Bounded { inner: MultiGzDecoder::new(bytes), left: most });
        for entry in archive.entries().map_err(archive_fault)? {
            let mut entry = entry.map_err(archive_fault)?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let inner = plain(&path).ok_or_else(|| KitFault::Path(path.clone()))?;
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            if !kind.is_file() {
                return Err(KitFault::Special(path));
            }
            let mut content = Vec::new();
            entry.by_ref().take(MAX_BYTES as u64 + 1).read_to_end(&mut content).map_err(archive_fault)?;
            // Only what stands at the top is of the kit.
            if !inner.contains('/') {
                files.insert(inner, content)?;
            }
        }
        files.whole()
    }
}

/// Returns a path without `.` and doubled slashes; `None` if it leads anywhere else than down.
fn plain(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['\0', '\\']) {
        return None;
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") { None } else { Some(parts.join("/")) }
}

fn archive_fault(error: io::Error) -> KitFault {
    if error.kind() == io::ErrorKind::FileTooLarge {
        KitFault::TooLarge("bytes")
    } else {
        KitFault::Archive(error)
    }
}

/// A stream that fails, and does not only end, where it is longer than it may be.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: io::Read> io::Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        if self.left == 0 { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(read) }
    }
}

#[cfg(test)]
mod tests;
