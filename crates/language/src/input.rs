//! The input of a compilation: the manifest and the files that it names (a kit, blueprints, Organizations), as text.
//!
//! [`Input::gather`] asks a reader for the files, so that the same manifest can be compiled from a disk, from a
//! commit or from a test. Nothing below this reads anything.

mod error;

use std::collections::BTreeMap;

use crate::kit::{Kits, holds_objects};
use crate::manifest::{Document, KitChoice, decode};
use crate::scalar::kit::KitDigest;
use crate::scalar::name::RelPath;
use sovereign_text::diag::{Diagnostics, Sources};
use sovereign_text::digest::Digest;
use sovereign_text::source::{Source, SourceId, Spanned};

pub use error::DirectoryError;

/// Gives the files of a directory that the manifest names: names and contents of its `*.toml`, sorted.
pub trait ReadDirectory {
    /// Returns the files of `path`, which is relative to the manifest and has plain components only.
    ///
    /// # Errors
    /// The directory cannot be read.
    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError>;

    /// Returns the files of a kit that was fetched before, by the digest of its files.
    ///
    /// # Errors
    /// There is no such kit.
    fn fetched(&self, _: Digest) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        Err(DirectoryError::NotFetched)
    }
}

/// Returns whether a file of this name, without its directory, is read: it ends in `.toml`, or in `.yaml` as the objects of a kit do,
/// and is not hidden. Hidden files belong to editors and systems: `.#x.toml`, `._x.toml`.
pub fn is_source_file(name: &str) -> bool {
    !name.starts_with('.') && name.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "toml" | "yaml"))
}

/// A reader for manifests that stand alone.
#[derive(Clone, Copy, Debug)]
pub struct NoDirectories;

impl ReadDirectory for NoDirectories {
    fn read(&self, _: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        Err(DirectoryError::None)
    }
}

/// The words in a manifest without which it names no directory of blueprints or Organizations.
const SOURCE_WORDS: [&str; 2] = ["blueprint-source", "organization-source"];

/// How many files may stand beside a manifest, in all directories together: a kit has about fifty, a fleet ten thousand
/// Organizations. Compiling takes about 20 KiB of memory for each.
const MOST_FILES: usize = 20_000;

/// What the files of a directory hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holds {
    /// A kit: its own file, and one blueprint each.
    Kit,
    /// One blueprint each.
    Blueprints,
    /// One Organization each.
    Organizations,
}

/// A file beside the manifest.
#[derive(Clone, Copy, Debug)]
pub struct Further<'i> {
    /// What it holds.
    pub holds: Holds,
    /// Its path from the manifest: its name in the digest of the input.
    pub path: &'i str,
    /// Its text.
    pub source: &'i Source,
}

/// A file of an input as an edit leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised {
    /// Its path from the manifest; `None` for the manifest itself.
    pub file: Option<String>,
    /// Its text.
    pub text: String,
}

impl Revised {
    /// Returns a manifest with this text.
    pub fn manifest(text: String) -> Self {
        Self { file: None, text }
    }

    /// Returns a file beside the manifest with this text.
    pub fn of(file: &str, text: String) -> Self {
        Self { file: Some(file.to_owned()), text }
    }

    /// Returns the text that it has in an input; `None` for a file that is new.
    pub fn before<'i>(&self, input: &'i Input) -> Option<&'i str> {
        match &self.file {
            None => Some(input.manifest.text()),
            Some(path) => input.further().find(|file| file.path == path).map(|file| file.source.text()),
        }
    }

    /// Returns whether its text is another one than in an input.
    pub fn differs_from(&self, input: &Input) -> bool {
        self.before(input) != Some(self.text.as_str())
    }
}

/// A reader that gives what an edit leaves, and what another reader has of all else.
pub struct Overlay<'a> {
    /// The other reader.
    pub below: &'a dyn ReadDirectory,
    /// What the edit leaves.
    pub revised: &'a [Revised],
}

impl ReadDirectory for Overlay<'_> {
    fn fetched(&self, digest: Digest) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        self.below.fetched(digest)
    }

    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let mut files: BTreeMap<String, Vec<u8>> = self.below.read(path)?.into_iter().collect();
        for revised in self.revised {
            let name = revised.file.as_deref().and_then(|file| file.strip_prefix(path)?.strip_prefix('/'));
            if let Some(name) = name.filter(|name| !name.contains('/')) {
                files.insert(name.to_owned(), revised.text.clone().into_bytes());
            }
        }
        Ok(files.into_iter().collect())
    }
}

/// Everything that a compilation reads besides the kits.
#[derive(Clone, Debug)]
pub struct Input {
    manifest: Source,
    further: Vec<Source>,
    /// What each further file holds, and its path from the manifest: its name in the digest.
    paths: Vec<(Holds, String)>,
    /// What stands where a source was named: files, or why there are none.
    directories: BTreeMap<(Holds, String), Result<(), DirectoryError>>,
}

impl Input {
    /// Returns an input of one manifest without sources beside it.
    pub fn new(manifest: Source) -> Self {
        Self::gather(manifest, &NoDirectories)
    }

    /// Returns an input of a manifest and the sources that it names.
    pub fn gather(manifest: Source, reader: &dyn ReadDirectory) -> Self {
        let mut input =
            Self { manifest, further: Vec::new(), paths: Vec::new(), directories: BTreeMap::new() };
        // Only a manifest with one of the words can name a directory; spare all others the second decoding.
        if !names_sources(&input.manifest) {
            return input;
        }
        let Some(document) = decode(&input.manifest, &mut Diagnostics::new()) else { return input };
        for (holds, path) in sources(&document) {
            let directory = (holds, path.value.as_str().to_owned());
            if !input.directories.contains_key(&directory) {
                let shown = input.shown(&directory.1);
                let read = reader.read(&directory.1).and_then(|files| input.add(&directory, &shown, files));
                input.directories.insert(directory, read);
            }
        }
        if let Some(kit) = remote_kit(&document) {
            let read = match kit.digest.value.digest() {
                Some(digest) => reader.fetched(digest),
                None => Err(DirectoryError::NotFetched),
            };
            let place = (Holds::Kit, kit.digest.value.to_string());
            let read = read.and_then(|files| input.add(&place, &kit.origin, files));
            input.directories.insert(place, read);
        }
        input
    }

    /// Returns a directory beside the manifest as a person, an editor or a pull request finds it: from where the manifest is named.
    fn shown(&self, directory: &str) -> String {
        match self.manifest.name().rsplit_once('/') {
            Some((above, _)) => format!("{above}/{directory}"),
            None => directory.to_owned(),
        }
    }

    /// Returns the same input with another manifest: what stands beside it stays.
    #[must_use]
    pub fn with_manifest(&self, manifest: Source) -> Self {
        Self { manifest, ..self.clone() }
    }

    fn add(
        &mut self,
        (holds, directory): &(Holds, String),
        shown: &str,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<(), DirectoryError> {
        // Only a kit has objects; whatever else stands beside blueprints and Organizations is none of ours.
        let is_read = |name: &str| *holds == Holds::Kit || !holds_objects(name);
        let files: Vec<_> = files.into_iter().filter(|(name, _)| is_read(name)).collect();
        let count = files.len();
        if self.further.len() + count > MOST_FILES {
            return Err(DirectoryError::TooManyFiles { most: MOST_FILES });
        }
        if count == 0 {
            return Err(DirectoryError::Empty);
        }
        for (name, bytes) in files {
            let id = SourceId::of_input(self.further.len());
            let path = format!("{directory}/{name}");
            let source = Source::from_bytes(id, format!("{shown}/{name}"), bytes)
                .map_err(|_| DirectoryError::NoText { name })?;
            self.further.push(source);
            self.paths.push((*holds, path));
        }
        Ok(())
    }

    /// Returns the manifest.
    pub fn manifest(&self) -> &Source {
        &self.manifest
    }

    /// Returns the files beside the manifest.
    pub fn further(&self) -> impl Iterator<Item = Further<'_>> {
        let files = self.paths.iter().zip(&self.further);
        files.map(|((holds, path), source)| Further { holds: *holds, path, source })
    }

    /// Returns those of them that hold a blueprint, or an Organization.
    pub fn holding(&self, what: Holds) -> impl Iterator<Item = &Source> {
        self.further().filter(move |file| file.holds == what).map(|file| file.source)
    }

    /// Returns why a directory that the manifest names gives nothing, if so.
    pub fn problem(&self, holds: Holds, directory: &str) -> Option<&DirectoryError> {
        self.directories.get(&(holds, directory.to_owned()))?.as_ref().err()
    }
}

/// Returns whether a manifest may name directories, by its words alone.
pub fn names_sources(manifest: &Source) -> bool {
    let text = manifest.text();
    SOURCE_WORDS.iter().any(|word| text.contains(word)) || text.lines().any(may_name_kit)
}

/// Returns whether a line may begin a table `kit`, and not only give the name of one: `kit = {`, `kit.path`, `[kit]`.
fn may_name_kit(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches(['[', ' ', '\t', '"', '\'']);
    let rest = line.strip_prefix("kit").map(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']));
    rest.is_some_and(|rest| {
        let value = rest.strip_prefix('=').map(str::trim_start);
        value.map_or(rest.starts_with(['.', ']']), |value| value.starts_with('{'))
    })
}

/// Returns the directories that a manifest names, in its order, and what their files hold.
pub fn sources(document: &Document) -> impl Iterator<Item = (Holds, &Spanned<RelPath>)> {
    let kit = document.kit.iter().filter_map(|kit| match &kit.value {
        KitChoice::Embedded(_) | KitChoice::Git(_) | KitChoice::Oci(_) => None,
        KitChoice::Own(own) => Some((Holds::Kit, own.path.as_ref()?)),
    });
    let blueprints = document.blueprint_source.iter().flat_map(|tables| &tables.value);
    let organizations = document.organization_source.iter().flat_map(|tables| &tables.value);
    let blueprints = blueprints.map(|table| (Holds::Blueprints, table.value.path.as_ref()));
    let organizations = organizations.map(|table| (Holds::Organizations, table.value.path.as_ref()));
    kit.chain(blueprints.chain(organizations).filter_map(|(holds, path)| Some((holds, path?))))
}

/// A kit that is not beside the manifest.
#[derive(Debug)]
pub struct RemoteKit<'d> {
    /// The digest of its files.
    pub digest: &'d Spanned<KitDigest>,
    /// Where it comes from, for a person to read.
    pub origin: String,
}

/// Returns the kit of a manifest, if it is not beside it and all is said of it.
pub fn remote_kit(document: &Document) -> Option<RemoteKit<'_>> {
    let kit = &document.kit.as_ref()?.value;
    Some(RemoteKit { digest: kit.digest()?, origin: kit.origin()? })
}

/// The sources of one compilation, to render its diagnostics with.
#[derive(Clone, Copy, Debug)]
pub struct SourceMap<'a> {
    /// The input.
    pub input: &'a Input,
    /// The kits.
    pub kits: &'a Kits,
}

impl Sources for SourceMap<'_> {
    fn source(&self, id: SourceId) -> &Source {
        let further = id.input_index().and_then(|index| self.input.further.get(index));
        further.or_else(|| self.kits.source(id)).unwrap_or(&self.input.manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kit_of_ones_own_is_seen_by_its_words() {
        for line in [
            "kit = { path = \"k\" }",
            "kit.path = \"k\"",
            "[kit]",
            " [ kit ]",
            "\"kit\"={path='k'}",
            "'kit' . path",
        ] {
            assert!(may_name_kit(line), "{line}");
        }
        for line in ["kit = \"2026.05\"", "kits = { }", "a = { kit = 1 }", "[kitchen]", "# kit"] {
            assert!(!may_name_kit(line), "{line}");
        }
    }

    struct Many(usize);

    impl ReadDirectory for Many {
        fn read(&self, _: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
            Ok((0..self.0).map(|n| (format!("{n}.toml"), Vec::new())).collect())
        }
    }

    #[test]
    fn all_sources_together_have_a_bound() {
        let text = "[[organization-source]]\npath = \"a\"\n[[organization-source]]\npath = \"b\"\n";
        let gather = |files| {
            let manifest = Source::manifest("sovereign.toml", text.into()).expect("text");
            let input = Input::gather(manifest, &Many(files));
            ["a", "b"].map(|path| input.problem(Holds::Organizations, path).map(ToString::to_string))
        };
        assert_eq!(gather(MOST_FILES / 2), [None, None]);
        let reason = "has too many files: all sources together may have 20000".to_owned();
        assert_eq!(gather(MOST_FILES / 2 + 1), [None, Some(reason)]);
    }
}
