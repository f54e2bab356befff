//! The files of a chart in memory: how many there may be, how large, and where.

use std::collections::BTreeMap;

use sovereign_text::digest::Digest;

use crate::error::ReadError;

/// How many files a chart has at most. The largest of kit 2026.04 has 1,300 with all of its subcharts.
const MOST_FILES: usize = 20_000;
/// How much a chart has at most, unpacked. Helm itself refuses more than 100 MiB.
const MOST_BYTES: usize = 100 * 1024 * 1024;
/// How long one file is at most: what Helm accepts.
pub(crate) const LONGEST_FILE: usize = 5 * 1024 * 1024;

/// The files of a chart by path, below its own directory. Sorted, so that everything that follows from them is.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: BTreeMap<String, Vec<u8>>,
    bytes: usize,
}

impl Files {
    /// Returns an empty set of files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file at a path below the chart's directory.
    ///
    /// # Errors
    /// The path leaves that directory, or there is more than a chart has.
    pub fn insert(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), ReadError> {
        let path = normal(path)?;
        self.bytes = self.bytes.saturating_add(bytes.len());
        if bytes.len() > LONGEST_FILE || self.bytes > MOST_BYTES {
            return Err(ReadError::TooLarge("bytes"));
        }
        self.files.insert(path, bytes);
        if self.files.len() > MOST_FILES { Err(ReadError::TooLarge("files")) } else { Ok(()) }
    }

    /// Returns how many bytes more it may hold.
    pub(crate) fn room(&self) -> usize {
        MOST_BYTES.saturating_sub(self.bytes)
    }

    /// Returns the bytes of a file.
    pub(crate) fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Paths and bytes, sorted by path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Returns the files below a directory, with their paths in there.
    pub(crate) fn below<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let inner = move |path: &'a str| path.strip_prefix(directory)?.strip_prefix('/');
        self.iter().filter_map(move |(path, bytes)| Some((inner(path)?, bytes)))
    }

    /// Keeps the files that `keep` says.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.files.retain(|path, _| keep(path));
    }

    /// Returns the digest of all paths and bytes.
    pub fn digest(&self) -> Digest {
        Digest::of_parts(self.iter())
    }
}

/// Returns a path without `.` and doubled slashes; refuses what leaves the directory.
fn normal(path: &str) -> Result<String, ReadError> {
    let refused = || ReadError::Path(path.to_owned());
    if path.starts_with('/') || path.contains(['\0', '\\']) {
        return Err(refused());
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() || parts.contains(&"..") { Err(refused()) } else { Ok(parts.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_chart() {
        let mut files = Files::new();
        for bad in ["../x", "a/../../x", "/etc/passwd", "a\\b", "", "./"] {
            assert!(matches!(files.insert(bad, Vec::new()), Err(ReadError::Path(_))), "{bad}");
        }
        files.insert("./templates//a.yaml", b"x".to_vec()).expect("a path");
        assert_eq!(files.get("templates/a.yaml"), Some(b"x".as_slice()));
    }

    #[test]
    fn a_file_may_not_be_longer_than_helm_accepts() {
        let mut files = Files::new();
        assert!(matches!(files.insert("a", vec![0; LONGEST_FILE + 1]), Err(ReadError::TooLarge("bytes"))));
    }
}
