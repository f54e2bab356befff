//! The input of a compilation: the manifest and the blueprint files that it names, as text.
//!
//! [`Input::gather`] asks a reader for the files, so that the same manifest can be compiled from a disk, from a
//! commit or from a test. Nothing below this reads anything.

use std::collections::BTreeMap;

use crate::diag::{Diagnostics, Sources};
use crate::kit::Kits;
use crate::manifest::{Document, decode};
use crate::source::{Source, SourceId};
use crate::tree::Digest;

/// Gives the files of a directory that the manifest names: names and contents of its `*.toml`, sorted.
pub trait ReadDirectory {
    /// The blueprint files of `path`, which is relative to the manifest and has plain components only.
    ///
    /// # Errors
    /// A phrase that says why the directory cannot be read.
    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, String>;
}

/// Whether a file of this name, without its directory, holds a blueprint: it ends in `.toml` and is not
/// hidden. Hidden files belong to editors and systems: `.#x.toml`, `._x.toml`.
pub fn is_blueprint_file(name: &str) -> bool {
    !name.starts_with('.') && name.rsplit_once('.').is_some_and(|(_, end)| end == "toml")
}

/// A reader for manifests that stand alone.
#[derive(Clone, Copy, Debug)]
pub struct NoDirectories;

impl ReadDirectory for NoDirectories {
    fn read(&self, _: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
        Err("cannot be read: the manifest has no directory".to_owned())
    }
}

/// Everything that a compilation reads besides the kits.
#[derive(Clone, Debug)]
pub struct Input {
    manifest: Source,
    further: Vec<Source>,
    /// The paths of the further files, from the manifest: their names in the digest.
    paths: Vec<String>,
    /// What stands where a blueprint source was named: the number of files, or why there are none.
    directories: BTreeMap<String, Result<usize, String>>,
}

impl Input {
    /// An input of one manifest without blueprint sources.
    pub fn new(manifest: Source) -> Self {
        Self::gather(manifest, &NoDirectories)
    }

    /// An input of a manifest and the blueprint sources that it names.
    pub fn gather(manifest: Source, reader: &dyn ReadDirectory) -> Self {
        let mut input =
            Self { manifest, further: Vec::new(), paths: Vec::new(), directories: BTreeMap::new() };
        // Only a manifest with the word in it can name a directory; spare all others the second decoding.
        if !input.manifest.text().contains("blueprint-source") {
            return input;
        }
        let Some(document) = decode(&input.manifest, &mut Diagnostics::new()) else { return input };
        for path in blueprint_sources(&document) {
            if !input.directories.contains_key(path) {
                let read = reader.read(path).and_then(|files| input.add(path, files));
                input.directories.insert(path.to_owned(), read);
            }
        }
        input
    }

    /// The same input with another manifest: what stands beside it stays.
    #[must_use]
    pub fn with_manifest(&self, manifest: Source) -> Self {
        Self { manifest, ..self.clone() }
    }

    fn add(&mut self, directory: &str, files: Vec<(String, Vec<u8>)>) -> Result<usize, String> {
        let count = files.len();
        for (name, bytes) in files {
            let id = SourceId::of_input(self.further.len());
            let path = format!("{directory}/{name}");
            // Shown as a person, an editor or a pull request finds the file: from where the manifest is named.
            let shown = match self.manifest.name().rsplit_once('/') {
                Some((above, _)) => format!("{above}/{path}"),
                None => path.clone(),
            };
            let source = Source::from_bytes(id, shown, bytes)
                .map_err(|_| format!("holds `{name}`, which is not text"))?;
            self.further.push(source);
            self.paths.push(path);
        }
        Ok(count)
    }

    /// The manifest.
    pub fn manifest(&self) -> &Source {
        &self.manifest
    }

    /// The blueprint files.
    pub fn further(&self) -> &[Source] {
        &self.further
    }

    /// Why a directory that the manifest names gives no blueprint, if so.
    pub fn problem(&self, directory: &str) -> Option<&str> {
        match self.directories.get(directory) {
            Some(Ok(0)) => Some("has no `*.toml` file"),
            Some(Err(reason)) => Some(reason),
            Some(Ok(_)) | None => None,
        }
    }

    /// The digest of what the input says, whatever the order of its tables and keys, and whatever its comments.
    pub fn digest(&self) -> Digest {
        let texts: Vec<_> = std::iter::once(("sovereign.toml", &self.manifest))
            .chain(self.paths.iter().map(String::as_str).zip(&self.further))
            .map(|(name, source)| (name, crate::shape::canonical(source)))
            .collect();
        Digest::of_parts(texts.iter().map(|(name, text)| (*name, text.as_bytes())))
    }
}

/// The directories that a manifest names, in its order.
pub fn blueprint_sources(document: &Document) -> impl Iterator<Item = &str> {
    let tables = document.blueprint_source.iter().flat_map(|tables| &tables.value);
    tables.filter_map(|table| Some(table.value.path.as_ref()?.value.as_str()))
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
