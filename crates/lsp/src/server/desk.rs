//! What lies on the desk: open texts, and what the compiler last said of each manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use ls_types::{DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, Uri};
use lsp_server::Notification;
use serde::de::DeserializeOwned;

use super::Published;
use crate::analysis::{Analysis, BlueprintFacts, of_embedded};
use crate::documents::Document;
use crate::position::Encoding;
use crate::syntax::{ROOT, Tree};
use crate::worker::Job;
use sovereign_language::described::Root;
use sovereign_language::kit::Kits;

/// A manifest is looked for so many directories above a file that it names.
const LEVELS: usize = 4;

/// What is open, and what is known of it.
pub(super) struct Desk {
    pub(super) encoding: Encoding,
    pub(super) has_snippets: bool,
    pub(super) kits: Arc<Kits>,
    jobs: Sender<Job>,
    serial: u64,
    documents: BTreeMap<PathBuf, Document>,
    analyses: BTreeMap<PathBuf, Analysis>,
    /// The newest run of each manifest.
    newest: BTreeMap<PathBuf, u64>,
    /// The files that something was said of, by manifest.
    published: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Desk {
    pub(super) fn new(encoding: Encoding, has_snippets: bool, kits: Arc<Kits>, jobs: Sender<Job>) -> Self {
        Self {
            encoding,
            has_snippets,
            kits,
            jobs,
            serial: 0,
            documents: BTreeMap::new(),
            analyses: BTreeMap::new(),
            newest: BTreeMap::new(),
            published: BTreeMap::new(),
        }
    }

    /// Takes a notification. What nobody understands changes nothing: there is no answer to say so in.
    pub(super) fn notified(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            "textDocument/didOpen" => {
                let Some(DidOpenTextDocumentParams { text_document: it }) = read(params) else { return };
                if let Some(document) = Document::new(it.uri, it.version, it.text) {
                    let path = document.path.clone();
                    self.documents.insert(path.clone(), document);
                    self.compile(&path, true);
                }
            }
            "textDocument/didChange" => {
                let Some(params) = read::<DidChangeTextDocumentParams>(params) else { return };
                let Some(path) = path(&params.text_document.uri) else { return };
                let Some(document) = self.documents.get_mut(&path) else { return };
                document.change(params.text_document.version, params.content_changes, self.encoding);
                self.compile(&path, false);
            }
            "textDocument/didClose" => {
                let Some(DidCloseTextDocumentParams { text_document }) = read(params) else { return };
                let Some(path) = path(&text_document.uri) else { return };
                let manifest = self.documents.get(&path).and_then(|document| self.manifest(document));
                self.documents.remove(&path);
                if let Some(manifest) = manifest {
                    self.send(manifest, true);
                }
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                let manifests: BTreeSet<_> =
                    self.documents.values().filter_map(|document| self.manifest(document)).collect();
                for manifest in manifests {
                    self.send(manifest, true);
                }
            }
            _ => {}
        }
    }

    fn compile(&mut self, path: &Path, is_stale: bool) {
        if let Some(manifest) = self.documents.get(path).and_then(|document| self.manifest(document)) {
            self.send(manifest, is_stale);
        }
    }

    fn send(&mut self, manifest: PathBuf, is_stale: bool) {
        self.serial += 1;
        self.newest.insert(manifest.clone(), self.serial);
        let open = self.documents.values().map(|it| (it.path.clone(), Arc::clone(&it.text))).collect();
        // A worker that is gone compiles nothing more; texts are answered for all the same.
        drop(self.jobs.send(Job { serial: self.serial, manifest, open, is_stale }));
    }

    /// Returns the manifest that a text belongs to: itself, one that is known to name it, or one above it.
    fn manifest(&self, document: &Document) -> Option<PathBuf> {
        let names = |analysis: &&Analysis| analysis.holds(&document.path).is_some();
        if let Some(analysis) = self.analyses.values().find(names) {
            return Some(analysis.manifest.clone());
        }
        if document.is_manifest() {
            return Some(document.path.clone());
        }
        let above =
            document.path.ancestors().skip(1).take(LEVELS).map(|directory| directory.join("sovereign.toml"));
        above.into_iter().find(|path| path.is_file())
    }

    /// Takes what the compiler says of a manifest, gives what is to be said of which file. Nothing, if a newer text waits.
    pub(super) fn take(&mut self, analysis: Analysis) -> Vec<Published> {
        if self.newest.get(&analysis.manifest) != Some(&analysis.serial) {
            return Vec::new();
        }
        let mut files: BTreeSet<PathBuf> = analysis.found.keys().cloned().collect();
        // What is mended has nothing to be said of it any more, and that is to be said too.
        let before = self.published.insert(analysis.manifest.clone(), files.clone()).unwrap_or_default();
        files.extend(before);
        let is_open = |path: &&PathBuf| **path == analysis.manifest || analysis.holds(path).is_some();
        files.extend(self.documents.keys().filter(is_open).cloned());
        let said = files.into_iter().filter_map(|path| {
            let version = self.documents.get(&path).map(|document| document.version);
            let uri = self.documents.get(&path).map(|document| document.uri.clone());
            let found = analysis.found.get(&path).map(Vec::as_slice).unwrap_or_default();
            let diagnostics = found.iter().map(|found| found.diagnostic.clone()).collect();
            Some((uri.or_else(|| Uri::from_file_path(&path))?, version, diagnostics))
        });
        let said = said.collect();
        self.analyses.insert(analysis.manifest.clone(), analysis);
        said
    }

    /// Returns an open text.
    pub(super) fn document(&self, uri: &Uri) -> Option<&Document> {
        self.documents.get(&path(uri)?)
    }

    /// Returns an open text by its path.
    pub(super) fn open(&self, path: &Path) -> Option<&Document> {
        self.documents.get(path)
    }

    /// Returns what the compiler last said of the manifest of a text.
    pub(super) fn analysis(&self, document: &Document) -> Option<&Analysis> {
        self.analyses.get(&self.manifest(document)?)
    }

    /// Returns what the compiler says of a text as it is; `None` while it looks at it.
    pub(super) fn current(&self, document: &Document) -> Option<&Analysis> {
        let analysis = self.analysis(document)?;
        let is_same = analysis.source(&document.path).is_some_and(|source| source.text() == &*document.text);
        is_same.then_some(analysis)
    }

    /// Returns the blueprints that a text may name.
    pub(super) fn blueprints(&self, document: &Document) -> Vec<BlueprintFacts> {
        match self.analysis(document).and_then(|analysis| analysis.meaning.as_ref()) {
            Some(meaning) => meaning.blueprints.clone(),
            None => of_embedded(&self.kits, document.tree().text(ROOT, &["kit"])),
        }
    }

    /// Returns the manifest of a file of an Organization as a tree; `None` if the text is the manifest.
    pub(super) fn manifest_tree(&self, document: &Document) -> Option<Tree> {
        let analysis = self.analysis(document).filter(|_| document.root() == Root::Organization)?;
        let open = self.documents.get(&analysis.manifest).map(|document| &*document.text);
        Some(Tree::new(open.unwrap_or_else(|| analysis.input.manifest().text())))
    }
}

fn path(uri: &Uri) -> Option<PathBuf> {
    uri.to_file_path().map(std::borrow::Cow::into_owned)
}

fn read<T: DeserializeOwned>(params: serde_json::Value) -> Option<T> {
    serde_json::from_value(params).ok()
}
