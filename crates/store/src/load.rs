//! Reading the input from disk: the manifest, and the sources beside it.
#![expect(clippy::disallowed_methods, reason = "this is where the program reads its input")]

mod error;

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use crate::checked_out::as_git_has;
use crate::git::{MOST_OF_A_TREE, NamedEntry};
use crate::kit_cache::KitCache;
use sovereign_change::snapshot::{Entry, Snapshot};
use sovereign_language::input::{DirectoryError, Input, Overlay, ReadDirectory, Revised, is_source_file};
use sovereign_text::diag::Diagnostics;
use sovereign_text::digest::Digest;
use sovereign_text::parallel;
use sovereign_text::source::{MAX_BYTES, Source, SourceId};

pub use error::{FileError, SourcesError};

/// How many files a directory may have: a kit has about fifty, a fleet ten thousand Organizations.
const MOST_FILES: usize = 20_000;

/// Reads a manifest and what it names, a kit that was fetched among it. A file that is no text gives an empty input and a finding.
///
/// # Errors
/// The manifest cannot be read.
pub fn load(file: &Path, cache: &KitCache, diags: &mut Diagnostics) -> Result<Input, FileError> {
    let bytes = read(file).map_err(|source| FileError::Manifest { file: file.to_owned(), source })?;
    let name = file.display().to_string();
    let source = Source::manifest(name, bytes).unwrap_or_else(|(fault, source)| {
        sovereign_compile::check::report(fault, &source, diags);
        source
    });
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or_else(|| Path::new(".")).to_owned();
    Ok(Input::gather(source, &Beside { directory, cache }))
}

/// Returns a manifest that is no file, with what it names beside it in a directory.
pub fn beside(manifest: Source, directory: &Path) -> Input {
    Input::gather(manifest, &Beside { directory: directory.to_owned(), cache: &KitCache::default() })
}

/// Returns an input from a disk as an edit leaves it; what the edit does not touch is read again.
pub fn revised(file: &Path, cache: &KitCache, input: &Input, revised: &[Revised]) -> Input {
    let manifest = revised.iter().find(|revised| revised.file.is_none());
    let text = manifest.map_or(input.manifest().text(), |revised| &revised.text);
    let manifest = Source::from_text(SourceId::MANIFEST, input.manifest().name().to_owned(), text.to_owned());
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let below = Beside { directory: parent.unwrap_or_else(|| Path::new(".")).to_owned(), cache };
    Input::gather(manifest, &Overlay { below: &below, revised })
}

/// Returns the manifest that is meant in a directory: a bare name that is not there is looked for in the directories above, up
/// to the root of the repository.
pub fn upwards(file: &Path) -> PathBuf {
    let is_bare = file.parent().is_some_and(|parent| parent.as_os_str().is_empty());
    if !is_bare || file.exists() {
        return file.to_owned();
    }
    let mut above = PathBuf::new();
    for _ in 0..levels_to_root().unwrap_or_default().len() {
        above.push("..");
        if above.join(file).is_file() {
            return above.join(file);
        }
    }
    file.to_owned()
}

/// Returns the path of a file from the root of the repository that the program runs in; as it is, if there is none or the
/// file is not in it.
pub fn from_root(name: &str) -> String {
    let Some(levels) = levels_to_root().filter(|_| !Path::new(name).is_absolute()) else {
        return name.to_owned();
    };
    let mut path: Vec<String> = levels;
    for part in Path::new(name).components() {
        match part {
            Component::ParentDir if path.pop().is_none() => return name.to_owned(),
            Component::Normal(part) => path.push(part.to_string_lossy().into_owned()),
            Component::ParentDir | Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    path.join("/")
}

/// Returns the directories between the root of the repository and where the program runs.
fn levels_to_root() -> Option<Vec<String>> {
    let here = std::env::current_dir().ok()?;
    let root = here.ancestors().find(|directory| directory.join(".git").exists())?;
    let levels = here.strip_prefix(root).ok()?.components();
    Some(levels.map(|level| level.as_os_str().to_string_lossy().into_owned()).collect())
}

/// The most that is read of what another program printed.
pub const MOST_OUTPUT: u64 = MAX_BYTES as u64;

/// Reads what another program printed into a file.
///
/// # Errors
/// The file cannot be read, or is no text.
pub fn text(file: &Path) -> Result<String, FileError> {
    let bytes = read(file).map_err(FileError::reading(file))?;
    String::from_utf8(bytes).map_err(|source| FileError::NoText { file: file.to_owned(), source })
}

/// Reads a file, and of one that is too large only enough to refuse it: the size that a pipe or a device gives
/// says nothing about how much comes out.
///
/// # Errors
/// It cannot be read.
pub fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the files of a directory that a manifest names, as they stand in a commit or in the index: by the same rules as those
/// on disk.
///
/// # Errors
/// What of it cannot be read.
pub fn sources(found: Vec<NamedEntry>) -> Result<Vec<(String, Vec<u8>)>, SourcesError> {
    let mut files = Vec::new();
    for NamedEntry { name, content } in found.into_iter().filter(|entry| is_source_file(&entry.name)) {
        let Entry::File(bytes) = content else { return Err(SourcesError::NoPlainFile { name }) };
        one_more(&name, bytes.len(), files.len())?;
        files.push((name, bytes));
    }
    Ok(files)
}

/// Returns whether a directory with so many files may have one more of this size.
fn one_more(name: &str, size: usize, count: usize) -> Result<(), SourcesError> {
    if count == MOST_FILES {
        return Err(SourcesError::TooManyFiles { most: MOST_FILES });
    }
    if size > MAX_BYTES {
        return Err(SourcesError::TooLarge { name: name.to_owned(), most: MAX_BYTES });
    }
    Ok(())
}

/// Reads directories beside a manifest, and never outside its own directory.
#[derive(Clone, Debug)]
pub struct Beside<'c> {
    /// The directory of the manifest.
    pub directory: PathBuf,
    /// Where kits are that come from elsewhere.
    pub cache: &'c KitCache,
}

impl ReadDirectory for Beside<'_> {
    fn fetched(&self, digest: Digest) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        Ok(self.cache.read(digest)?)
    }

    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let cannot = SourcesError::Unreadable;
        let root = self.directory.canonicalize().map_err(cannot)?;
        let directory = self.directory.join(path).canonicalize().map_err(cannot)?;
        if !directory.starts_with(&root) {
            return Err(SourcesError::LeadsOut.into());
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&directory).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !is_source_file(&name) {
                continue;
            }
            if !entry.file_type().map_err(cannot)?.is_file() {
                return Err(SourcesError::NoPlainFile { name }.into());
            }
            one_more(&name, 0, names.len())?;
            names.push((name, entry.path()));
        }
        names.sort_unstable();
        // To open a file takes longer than what is done with most.
        let files = parallel::map_heavy(2, &names, |(name, path)| {
            let unread = |source| SourcesError::UnreadableFile { name: name.clone(), source };
            let bytes = read(path).map_err(unread)?;
            one_more(name, bytes.len(), 0)?;
            Ok((name.clone(), bytes))
        });
        files.into_iter().collect()
    }
}

/// Returns the tree in a directory, as `build` wrote it there. Nothing there is an empty tree; symlinks are not followed.
///
/// # Errors
/// The directory cannot be read.
pub fn snapshot(root: &Path) -> Result<Snapshot, FileError> {
    let mut snapshot = Snapshot::default();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let directory = root.join(&below);
        let cannot = FileError::reading(&directory);
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(cannot(error)),
        };
        for entry in entries {
            let entry = entry.map_err(cannot)?;
            let path = below.join(entry.file_name());
            let kind = entry.file_type().map_err(cannot)?;
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                let bytes = fs::read(entry.path()).map_err(cannot)?;
                snapshot.insert(&path.to_string_lossy(), Entry::File(as_git_has(&bytes).into_owned()));
            } else {
                snapshot.insert(&path.to_string_lossy(), Entry::Other("no plain file"));
            }
        }
    }
    Ok(snapshot)
}

/// Returns every plain file below a directory, by its path from there, sorted; nothing that is hidden, and no symlinks.
///
/// # Errors
/// The directory cannot be read, or is too large for a tree.
pub fn files(root: &Path) -> Result<Vec<(String, Vec<u8>)>, FileError> {
    let mut files = Vec::new();
    let mut open = vec![PathBuf::new()];
    let mut total = 0;
    while let Some(below) = open.pop() {
        let directory = root.join(&below);
        let cannot = FileError::reading(&directory);
        for entry in fs::read_dir(&directory).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let path = below.join(entry.file_name());
            let kind = entry.file_type().map_err(cannot)?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                let bytes = read(&entry.path()).map_err(cannot)?;
                total += bytes.len();
                if total > MOST_OF_A_TREE {
                    return Err(FileError::TooLarge { root: root.to_owned() });
                }
                files.push((path.to_string_lossy().into_owned(), bytes));
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}
