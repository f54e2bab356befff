//! The thread that compiles: of many texts that wait for it, the newest.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crate::analysis::{Analysis, Meaning};
use crate::diagnostics;
use crate::position::Encoding;
use sovereign_compile::build_cache::{Origins, Record, ValidCache};
use sovereign_compile::examine;
use sovereign_compile::lower::Lowered;
use sovereign_compile::plan::Plan;
use sovereign_language::input::{DirectoryError, Holds, Input, ReadDirectory, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_text::diag::Diagnostics;
use sovereign_text::digest::Digest;
use sovereign_text::source::Source;

/// A manifest that is to be compiled.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Which run it is: only the newest one of a manifest counts.
    pub(crate) serial: u64,
    pub(crate) manifest: PathBuf,
    /// The texts that are open in the editor. All others are read.
    pub(crate) open: BTreeMap<PathBuf, Arc<str>>,
    /// Whether a file may have changed without the editor's knowledge.
    pub(crate) is_stale: bool,
}

/// How long is waited for the next letter before a fleet is compiled: it takes longer than to type one.
const PAUSE: Duration = Duration::from_millis(150);
/// From so many Organizations on it is a fleet.
const FLEET: usize = 500;

/// Names and bytes of files, by directory.
type Directories = BTreeMap<PathBuf, Vec<(String, Vec<u8>)>>;

/// What is kept between two runs.
struct Worker {
    kits: Arc<Kits>,
    /// Kits that were fetched.
    cache: KitCache,
    encoding: Encoding,
    /// The directories that manifests name, as they were read last.
    directories: Directories,
    /// The text of a manifest and what its Organizations came to: those that stay as they are need no second look.
    origins: BTreeMap<PathBuf, (String, Origins<'static>)>,
    /// What manifests meant when they last meant something.
    meanings: BTreeMap<PathBuf, Arc<Meaning>>,
    /// Whether one of them has so many Organizations that a run takes longer than a letter.
    is_fleet: bool,
}

/// Compiles what comes, until nothing more does.
pub(crate) fn work<E: From<Analysis>>(
    kits: Arc<Kits>,
    cache: KitCache,
    encoding: Encoding,
    jobs: &Receiver<Job>,
    to: &Sender<E>,
) {
    let mut worker = Worker {
        kits,
        cache,
        encoding,
        directories: BTreeMap::new(),
        origins: BTreeMap::new(),
        meanings: BTreeMap::new(),
        is_fleet: false,
    };
    let mut waiting: BTreeMap<PathBuf, Job> = BTreeMap::new();
    loop {
        if waiting.is_empty() {
            let Ok(job) = jobs.recv() else { return };
            put(&mut waiting, job);
        }
        let pause = if worker.is_fleet { PAUSE } else { Duration::ZERO };
        loop {
            match jobs.recv_timeout(pause) {
                Ok(job) => put(&mut waiting, job),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let Some((_, job)) = waiting.pop_first() else { continue };
        if to.send(worker.analysed(&job).into()).is_err() {
            return;
        }
    }
}

/// A newer text takes the place of one that waits.
fn put(waiting: &mut BTreeMap<PathBuf, Job>, job: Job) {
    let was_stale = waiting.get(&job.manifest).is_some_and(|before| before.is_stale);
    let is_stale = job.is_stale || was_stale;
    waiting.insert(job.manifest.clone(), Job { is_stale, ..job });
}

impl Worker {
    fn analysed(&mut self, job: &Job) -> Analysis {
        let mut diags = Diagnostics::new();
        let input = self.input(job, &mut diags);
        let is_text = diags.verdict().is_ok();
        let meaning = if is_text { self.examined(job, &input, &mut diags) } else { None };
        if let Some(meaning) = meaning {
            self.meanings.insert(job.manifest.clone(), Arc::new(meaning));
        }
        let sources = SourceMap { input: &input, kits: &self.kits };
        let found = diagnostics::found(&diags, sources, self.encoding);
        Analysis {
            serial: job.serial,
            manifest: job.manifest.clone(),
            found,
            meaning: self.meanings.get(&job.manifest).cloned(),
            input: Arc::new(input),
        }
    }

    fn input(&mut self, job: &Job, diags: &mut Diagnostics) -> Input {
        if job.is_stale {
            self.directories.clear();
        }
        let bytes = match job.open.get(&job.manifest) {
            Some(text) => text.as_bytes().to_vec(),
            // A manifest that is not there is empty: what it lacks is said.
            None => load::read(&job.manifest).unwrap_or_default(),
        };
        let name = job.manifest.display().to_string();
        let source = Source::manifest(name, bytes).unwrap_or_else(|(fault, source)| {
            sovereign_compile::check::report(fault, &source, diags);
            source
        });
        let directory = job.manifest.parent().unwrap_or(Path::new("/")).to_owned();
        let reader = Reader {
            directory,
            open: &job.open,
            cache: &self.cache,
            known: RefCell::new(&mut self.directories),
        };
        Input::gather(source, &reader)
    }

    fn examined(&mut self, job: &Job, input: &Input, diags: &mut Diagnostics) -> Option<Meaning> {
        // Of a fleet, those objects are looked at that belong to what is open.
        let in_manifest = input.manifest().text().matches("[[organization]]").count();
        let is_fleet = input.holding(Holds::Organizations).count() + in_manifest >= FLEET;
        self.is_fleet |= is_fleet;
        let open = open_slugs(input, &job.open);
        let keep = |slug: &str| !is_fleet || open.contains(slug);
        let text = input.manifest().text();
        let kept = self.origins.remove(&job.manifest).filter(|(of, _)| is_fleet && of == text);
        let sources = SourceMap { input, kits: &self.kits };
        let meaning = |plan: &Plan<'_>, lowered: &Lowered| Meaning::new(plan, lowered, sources);
        let Some((_, origins)) = kept else {
            let (meaning, origins) = examine(None, input, &self.kits, &keep, diags, meaning).ok()?;
            if is_fleet {
                self.origins.insert(job.manifest.clone(), (text.to_owned(), origins));
            }
            return Some(meaning);
        };
        let record = Record { device: 0, origins, directories: BTreeMap::new() };
        let slugs = record.origins.organizations.values().map(|file| &*file.facts.slug.0);
        let sound = slugs.filter(|slug| !open.contains(*slug)).collect();
        let known = ValidCache { record: &record, touched: BTreeSet::new(), sound };
        let examined = examine(Some(&known), input, &self.kits, &keep, diags, meaning);
        let examined = examined.map(|(meaning, origins)| (meaning, origins.context));
        // Another file that all Organizations have in common has changed: the next run looks at all of them.
        if examined.as_ref().map_or(true, |(_, context)| *context == record.origins.context) {
            self.origins.insert(job.manifest.clone(), (text.to_owned(), record.origins));
        }
        examined.ok().map(|(meaning, _)| meaning)
    }
}

/// Returns the Organizations whose files are open.
fn open_slugs(input: &Input, open: &BTreeMap<PathBuf, Arc<str>>) -> BTreeSet<String> {
    let files = input.holding(Holds::Organizations);
    let files = files.filter(|source| open.contains_key(Path::new(source.name())));
    let slugs = files.filter_map(|source| {
        let tree = crate::syntax::Tree::new(source.text());
        tree.text(crate::syntax::ROOT, &["organization", "slug"]).map(str::to_owned)
    });
    slugs.collect()
}

/// Reads what stands beside a manifest: what is open from the editor, the rest from the disk, each directory once.
struct Reader<'w> {
    directory: PathBuf,
    open: &'w BTreeMap<PathBuf, Arc<str>>,
    cache: &'w KitCache,
    known: RefCell<&'w mut Directories>,
}

impl ReadDirectory for Reader<'_> {
    fn fetched(&self, digest: Digest) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        Ok(self.cache.read(digest)?)
    }

    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let directory = self.directory.join(path);
        let known = self.known.borrow().get(&directory).cloned();
        let mut files = if let Some(files) = known {
            files
        } else {
            let beside = load::Beside { directory: self.directory.clone(), cache: self.cache };
            let files = beside.read(path)?;
            self.known.borrow_mut().insert(directory.clone(), files.clone());
            files
        };
        for (name, bytes) in &mut files {
            if let Some(text) = self.open.get(&directory.join(&*name)) {
                *bytes = text.as_bytes().to_vec();
            }
        }
        Ok(files)
    }
}
