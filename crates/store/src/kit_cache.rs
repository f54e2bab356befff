//! Kits that were fetched, by the digest of their files. What is read is held against its digest every time, so neither a hand nor
//! a torn write can change what is compiled.
#![expect(clippy::disallowed_methods, reason = "the cache is a directory of this program's own")]

mod error;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::kit_files::{KitFiles, LARGEST_ARCHIVE};
use sovereign_text::digest::Digest;

pub use error::KitCacheError;

/// Where fetched kits are kept. Without a directory there are none.
#[derive(Clone, Debug, Default)]
pub struct KitCache {
    directory: Option<PathBuf>,
}

impl KitCache {
    /// Returns the cache in a directory, which need not be there yet.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self { directory }
    }

    /// Returns the files of a kit.
    ///
    /// # Errors
    /// There is no such kit, or not as it was kept.
    pub fn read(&self, digest: Digest) -> Result<Vec<(String, Vec<u8>)>, KitCacheError> {
        let Some(directory) = &self.directory else { return Err(KitCacheError::NotFetched) };
        let path = place(directory, digest);
        let mut bytes = Vec::new();
        let read = fs::File::open(&path)
            .and_then(|file| file.take(LARGEST_ARCHIVE as u64 + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(KitCacheError::NotFetched),
            Err(source) => return Err(KitCacheError::Unreadable { path, source }),
            Ok(_) => {}
        }
        match KitFiles::unpack(&bytes) {
            Ok(files) if files.digest() == digest => Ok(files.into_files()),
            Ok(_) => Err(KitCacheError::OtherContent { path }),
            Err(source) => Err(KitCacheError::NoKit { path, source }),
        }
    }

    /// Keeps a kit, whole or not at all, and gives its digest. What stands in its place is written over.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, files: &KitFiles) -> Result<Digest, KitCacheError> {
        let directory = self.directory()?;
        let digest = files.digest();
        let path = place(directory, digest);
        let cannot = |source| KitCacheError::Unwritable { path: path.clone(), source };
        let packed = files.pack().map_err(cannot)?;
        fs::create_dir_all(directory).map_err(cannot)?;
        let unfinished = path.with_extension(format!("{}.new", std::process::id()));
        let written = fs::write(&unfinished, packed).and_then(|()| fs::rename(&unfinished, &path));
        if written.is_err() {
            fs::remove_file(&unfinished).ok();
        }
        written.map_err(cannot).map(|()| digest)
    }

    /// Returns where the kits are.
    ///
    /// # Errors
    /// There is nowhere to keep one.
    pub(crate) fn directory(&self) -> Result<&Path, KitCacheError> {
        self.directory.as_deref().ok_or(KitCacheError::NoPlace)
    }
}

fn place(directory: &Path, digest: Digest) -> PathBuf {
    directory.join(format!("{digest}.tar.gz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kit(text: &str) -> KitFiles {
        let mut files = KitFiles::default();
        files.insert("kit.toml".to_owned(), text.as_bytes().to_vec()).expect("fits");
        files
    }

    #[test]
    fn what_was_kept_comes_back_and_one_flipped_byte_does_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = KitCache::new(Some(directory.path().join("kits")));
        let digest = cache.keep(&kit("name = \"a\"")).expect("keeps");
        let files = vec![("kit.toml".to_owned(), b"name = \"a\"".to_vec())];
        assert_eq!(cache.read(digest).expect("reads"), files);
        let path = directory.path().join("kits").join(format!("{digest}.tar.gz"));
        let whole = fs::read(&path).expect("reads");
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            fs::write(&path, bytes).expect("writes");
            // In the header of the stream a bit may mean nothing; then the files are the same ones.
            assert!(
                cache.read(digest).is_ok_and(|read| read == files) || cache.read(digest).is_err(),
                "{place}"
            );
        }
        fs::write(&path, kit("name = \"b\"").pack().expect("packs")).expect("writes");
        assert!(cache.read(digest).is_err_and(|error| error.to_string().contains("another content")));
        cache.keep(&kit("name = \"a\"")).expect("keeps");
        assert_eq!(cache.read(digest).expect("reads"), files);
        assert_eq!(fs::read_dir(directory.path().join("kits")).expect("reads").count(), 1);
        assert!(matches!(cache.read(kit("x").digest()), Err(KitCacheError::NotFetched)));
        assert!(matches!(KitCache::default().read(digest), Err(KitCacheError::NotFetched)));
        assert!(matches!(KitCache::default().keep(&kit("x")), Err(KitCacheError::NoPlace)));
    }
}
