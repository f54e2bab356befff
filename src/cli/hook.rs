//! `sovereign hook`: the pre-commit hook. It judges what is staged, not what lies in the work tree.

mod links;
mod order;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::args::{Format, Hook as Args, HookCommand, HookInstall, HookRun};
use super::{Exit, Failure, Terminal, report};
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::tree::{Lock, TreePath};
use sovereign_compile::{Compiled, compile_with_objects, plan, render};
use sovereign_language::input::{DirectoryError, Input, ReadDirectory, names_sources};
use sovereign_language::kit::Kits;
use sovereign_language::manifest;
use sovereign_store::git::GitError;
use sovereign_store::git::TreeChange;
use sovereign_store::git::index::HeldIndex;
use sovereign_store::git::{Known, Repository, program};
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load::{self, SourcesError};
use sovereign_store::publish::{self, Step, ownership, verify};
use sovereign_store::write::{self, Options, WriteError};
use sovereign_text::diag::Diagnostics;
use sovereign_text::digest::Digest;
use sovereign_text::source::Source;

/// The file name that makes a staged file a manifest.
pub const MANIFEST: &str = "sovereign.toml";
/// Where a hook that was there before is kept, and called first.
const BEFORE: &str = "pre-commit.before-sovereign";
/// By this line a hook of ours is known.
const MARK: &str = "# written by `sovereign hook install`";

/// Runs the command.
///
/// # Errors
/// The repository cannot be read or written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    match &args.command {
        HookCommand::Install(args) => install(args, terminal),
        HookCommand::Run(args) => judge(args, terminal),
    }
}

fn install(args: &HookInstall, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let repository = Repository::open(Path::new("."))?;
    let output = program::git(repository.directory(), &["rev-parse", "--git-path", "hooks"])?;
    let directory = repository.directory().join(String::from_utf8_lossy(&output.stdout).trim());
    let program =
        std::env::current_exe().map_or_else(|_| "sovereign".to_owned(), |exe| exe.display().to_string());
    let run = if args.fix { "hook run --fix" } else { "hook run" };
    let script = format!(
        "#!/bin/sh\n{MARK}\nbefore=\"$(dirname \"$0\")/{BEFORE}\"\nif [ -x \"$before\" ]; then \"$before\" \"$@\" || exit $?; fi\n\
         if command -v sovereign >/dev/null 2>&1; then exec sovereign {run}; fi\n\
         if [ -x '{0}' ]; then exec '{0}' {run}; fi\n\
         echo 'sovereign is not installed; install it, or pass over this hook with git commit --no-verify' >&2\nexit 1\n",
        program.replace('\'', "'\\''"),
    );
    let installed = write::hook::install(&directory, &script, (MARK, BEFORE));
    let installed = installed.map_err(|error| {
        Failure::Environment(format!("cannot write the hook in {}: {error}", directory.display()))
    })?;
    let before = if installed { "; the hook that was there is called first" } else { "" };
    writeln!(terminal.err, "wrote {}{before}", directory.join("pre-commit").display())?;
    Ok(Exit::Done)
}

fn judge(args: &HookRun, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let repository = match Repository::from_environment() {
        Ok(repository) => repository,
        Err(error) => return unopened(args, error, terminal),
    };
    let mut patterns = vec!["clusters".to_owned(), "*.toml".to_owned(), "*.yaml".to_owned()];
    patterns.extend(
        args.files
            .iter()
            .filter_map(|file| repository.relative(file))
            .map(|path| format!(":(literal){}", path.to_string_lossy())),
    );
    let patterns: Vec<_> = patterns.iter().map(String::as_str).collect();
    let mut changed = repository.staged_changes(&patterns)?;
    if changed.is_empty() {
        return Ok(Exit::Done);
    }
    let held = hold(args, &repository)?;
    if held.is_some() {
        changed = repository.staged_changes(&patterns)?;
    }
    let staged = Staged {
        repository: &repository,
        changed,
        kits: Arc::clone(&terminal.kits),
        cache: &terminal.places.kits,
        held,
    };
    let (mut exit, mut alone) = (Exit::Done, Vec::new());
    let mut manifests: Vec<Manifest> = Vec::new();
    for path in staged.paths(args)? {
        let Some(path) = staged.file_behind(path, &mut exit, terminal)? else { continue };
        let is_known = manifests.iter().any(|manifest| manifest.path == path);
        if let Some(bytes) = repository.staged_file(&path)?.filter(|_| !is_known) {
            manifests.push(Manifest::new(path, bytes));
        }
    }
    for manifest in manifests.iter().filter(|manifest| staged.concerns(manifest)) {
        let other = manifests.iter().find(|other| other.path != manifest.path && other.root == manifest.root);
        match (other, &manifest.root) {
            (Some(other), Some(root)) => {
                let paths = format!("{} and {}", manifest.path, other.path);
                writeln!(terminal.err, "error: two manifests want to own {root}: {paths}")?;
                exit = Exit::Found;
            }
            _ => alone.push(manifest),
        }
    }
    if staged.all(&alone, &manifests, terminal)? != Exit::Done {
        exit = Exit::Found;
    }
    staged.orphans(args, &manifests, terminal)?;
    Ok(exit)
}

/// Holds the index, if the tree may be written and staged: whoever stages something meanwhile would lose it, or have it in half of
/// the commit.
fn hold(args: &HookRun, repository: &Repository) -> Result<Option<HeldIndex>, Failure> {
    if !args.fix || repository.index_is_temporary() {
        return Ok(None);
    }
    repository.hold_index()?.map(Some).map_err(|busy| Failure::Environment(busy.to_string()))
}

/// Ends in a repository that this program cannot open: commits of others go on, and only Git is asked whether
/// anything staged is ours.
fn unopened(args: &HookRun, error: GitError, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let named: Vec<_> = args.files.iter().map(|file| file.to_string_lossy()).collect();
    let mut patterns = vec![":(glob,top)**/sovereign.toml", ":(glob,top)clusters/**"];
    patterns.extend(named.iter().map(|name| &**name));
    if !program::staged_here(&patterns)?.is_empty() {
        return Err(error.into());
    }
    writeln!(terminal.err, "note: nothing was judged: {error}")?;
    Ok(Exit::Done)
}

/// Returns whether a path ends as the files that a manifest names do.
fn is_source(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "toml" | "yaml"))
}

/// A staged manifest.
struct Manifest {
    path: String,
    source: Source,
    diags: Diagnostics,
    /// Where its tree belongs, as far as it says so.
    root: Option<TreePath>,
}

impl Manifest {
    fn new(path: String, bytes: Vec<u8>) -> Self {
        let mut diags = Diagnostics::new();
        let source = Source::manifest(path.clone(), bytes).unwrap_or_else(|(fault, source)| {
            sovereign_compile::check::report(fault, &source, &mut diags);
            source
        });
        let document = manifest::decode(&source, &mut Diagnostics::new());
        let root = document.as_ref().and_then(plan::fqdn).map(|fqdn| render::root_of(&fqdn));
        Self { path, source, diags, root }
    }

    fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }
}

/// One manifest that is judged.
struct Side<'m> {
    manifest: &'m Manifest,
    /// Its tree as it is staged.
    tree: Snapshot,
    /// Whether there is nothing left to say of it.
    is_judged: bool,
}

/// What is staged, and what to do about it.
struct Staged<'a> {
    repository: &'a Repository,
    /// The paths that differ from HEAD, as far as they can concern a Sovereign.
    changed: Vec<String>,
    kits: Arc<Kits>,
    /// The kits that were fetched.
    cache: &'a KitCache,
    /// The index, where the tree is to be written and staged.
    held: Option<HeldIndex>,
}

impl Staged<'_> {
    /// Returns the manifests: those that were named, or every staged `sovereign.toml`.
    fn paths(&self, args: &HookRun) -> Result<Vec<String>, Failure> {
        if args.files.is_empty() {
            return Ok(self.repository.staged_named(MANIFEST)?);
        }
        let inside = |file: &std::path::PathBuf| match self.repository.relative(file) {
            Some(path) => Ok(path.to_string_lossy().into_owned()),
            None => Err(Failure::Environment(format!("{} is not in this repository", file.display()))),
        };
        args.files.iter().map(inside).collect()
    }

    /// Returns whether something staged concerns a manifest: itself, a file of its sources, its tree.
    fn concerns(&self, manifest: &Manifest) -> bool {
        let below = |path: &str, directory: &str| {
            directory.is_empty() || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
        };
        let has_sources = names_sources(&manifest.source);
        self.changed.iter().any(|path| {
            *path == manifest.path
                || (has_sources && is_source(path) && below(path, manifest.directory()))
                || manifest.root.as_ref().is_some_and(|root| below(path, root.as_str()))
        })
    }

    /// Judges the manifests that are concerned: those that go their steps together as one, every other one by itself.
    fn all(
        &self,
        concerned: &[&Manifest],
        manifests: &[Manifest],
        terminal: &mut Terminal<'_>,
    ) -> Result<Exit, Failure> {
        let mut exit = Exit::Done;
        let (mut sides, mut steps) = (Vec::new(), Vec::new());
        for manifest in concerned {
            if let Some(line) = ownership::marker(manifest.source.text().as_bytes()) {
                writeln!(terminal.err, "error: {}:{line} is a marker of an unresolved merge", manifest.path)?;
                exit = Exit::Found;
                continue;
            }
            let (side, step) = self.side(manifest)?;
            sides.push(side);
            steps.push(step);
        }
        if self.in_order(manifests, &mut sides, &mut steps, terminal)? != Exit::Done {
            exit = Exit::Found;
        }
        for (side, step) in sides.into_iter().zip(steps).filter(|(side, _)| !side.is_judged) {
            if self.one(side, step, terminal)? != Exit::Done {
                exit = Exit::Found;
            }
        }
        Ok(exit)
    }

    /// Compiles a manifest, and reads its tree as it is committed and as it is staged.
    fn side<'m>(&self, manifest: &'m Manifest) -> Result<(Side<'m>, Step), Failure> {
        let mut diags = manifest.diags.clone();
        let beside =
            Beside { repository: self.repository, directory: manifest.directory(), cache: self.cache };
        let input = Input::gather(manifest.source.clone(), &beside);
        let compiled =
            diags.verdict().and_then(|()| compile_with_objects(&input, &self.kits, &mut diags)).ok();
        let (mut old, mut tree) = (Snapshot::default(), Snapshot::default());
        if let Some(compiled) = &compiled {
            let (root, known) = (compiled.tree.root(), Known::new(&compiled.tree));
            if let Some(head) = self.repository.head()? {
                old = self.repository.snapshot_beside(head, root, &known)?;
            }
            tree = self.repository.staged_beside(root, &known)?;
        }
        let side = Side { manifest, tree, is_judged: false };
        Ok((side, Step::compiled(input, diags, compiled, old)))
    }

    /// Judges a manifest whose change is one commit.
    fn one(&self, side: Side<'_>, mut step: Step, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
        let compiled = step.compiled.as_ref().filter(|_| step.old.is_empty());
        step.former = self.former(side.manifest, compiled)?;
        step.judge(&self.kits);
        report::print(&step.diags, &step.input, &self.kits, Format::Human, terminal)?;
        self.tree(step, side.tree, terminal)
    }

    /// Returns where earlier versions of a manifest put their tree; asked for where there is none at the new root yet.
    fn former(&self, manifest: &Manifest, compiled: Option<&Compiled>) -> Result<Vec<TreePath>, Failure> {
        match (compiled, self.repository.head()?) {
            (Some(compiled), Some(head)) => {
                let root = compiled.tree.root();
                Ok(publish::orphaned_roots(self.repository, head, &manifest.path, root)?)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Compares with the staged tree; with `fix`, stages what the staged manifest gives.
    fn tree(&self, mut step: Step, staged: Snapshot, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
        let Some(compiled) = &step.compiled else { return Ok(Exit::Found) };
        let root = compiled.tree.root();
        let none = Lock::default();
        let findings =
            verify::findings(&staged, staged.lock().ok().flatten().unwrap_or(&none), &compiled.tree);
        if findings.is_empty() {
            return Ok(Exit::Done);
        }
        let Some(index) = &self.held else {
            writeln!(terminal.err, "error: the staged tree {root} is not what the staged manifest gives")?;
            for finding in findings.iter().take(SHOWN) {
                writeln!(terminal.err, "  {root}/{finding}")?;
            }
            if findings.len() > SHOWN {
                writeln!(terminal.err, "  and {} more", findings.len() - SHOWN)?;
            }
            let help = if self.repository.index_is_temporary() {
                "`git commit <path>` leaves out what is staged besides: `git add` the manifest and its tree, and commit without a path"
            } else {
                "`sovereign hook run --fix` writes and stages it"
            };
            writeln!(terminal.err, "help: {help}")?;
            return Ok(Exit::Found);
        };
        let count = findings.len();
        step.old = staged;
        self.mend(&step, index, count, terminal)
    }

    /// Writes and stages the tree of a step whose old side is the staged tree.
    fn mend(
        &self,
        step: &Step,
        index: &HeldIndex,
        count: usize,
        terminal: &mut Terminal<'_>,
    ) -> Result<Exit, Failure> {
        let Some(compiled) = &step.compiled else { return Ok(Exit::Found) };
        let mut conflict = Vec::new();
        ownership::of_step(step, false, &mut conflict);
        for conflict in &conflict {
            writeln!(terminal.err, "error: {conflict}")?;
        }
        if !conflict.is_empty() {
            return Ok(Exit::Found);
        }
        let root = compiled.tree.root();
        if let Some(worktree) = self.repository.worktree() {
            match write::apply(&compiled.tree, worktree, Options::default()) {
                Ok(_) => {}
                Err(error @ WriteError::Refused { .. }) => {
                    writeln!(terminal.err, "error: {error}")?;
                    return Ok(Exit::Found);
                }
                Err(error) => return Err(Failure::Environment(error.to_string())),
            }
        }
        let change = TreeChange { tree: &compiled.tree, old: step.old.lock().ok().flatten() };
        self.repository.stage(index, &change, &step.old)?;
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        writeln!(terminal.err, "wrote and staged {root}: {files} changed")?;
        Ok(Exit::Done)
    }

    /// Names the trees that stay while their manifest goes: that is no mistake, and nobody else will say it.
    fn orphans(&self, args: &HookRun, left: &[Manifest], terminal: &mut Terminal<'_>) -> Result<(), Failure> {
        let Some(head) = self.repository.head()? else { return Ok(()) };
        let named = if args.files.is_empty() { Vec::new() } else { self.paths(args)? };
        let gone = self.changed.iter().filter(|path| {
            let ours = path.rsplit('/').next() == Some(MANIFEST) || named.contains(path);
            ours && !left.iter().any(|manifest| manifest.path == **path)
        });
        let mut roots: BTreeMap<TreePath, &String> = BTreeMap::new();
        for path in gone {
            let bytes = match self.repository.file(head, path) {
                // A symlink is another name of a manifest, and has no tree of its own.
                Err(GitError::Unsupported { .. }) => continue,
                read => read?,
            };
            if let Some(root) = bytes.and_then(|bytes| Manifest::new(path.clone(), bytes).root) {
                roots.insert(root, path);
            }
        }
        for (root, path) in roots {
            let owned = left.iter().any(|manifest| manifest.root.as_ref() == Some(&root));
            if !owned && self.repository.is_staged(&root)? {
                writeln!(terminal.err, "warning: {path} goes and its tree {root} stays")?;
                writeln!(terminal.err, "help: `git rm -r {root}` if the Sovereign is to go")?;
            }
        }
        Ok(())
    }
}

/// How many findings are named before the rest is counted.
const SHOWN: usize = 20;

/// Reads directories beside a staged manifest.
struct Beside<'a> {
    repository: &'a Repository,
    directory: &'a str,
    cache: &'a KitCache,
}

impl ReadDirectory for Beside<'_> {
    fn fetched(&self, digest: Digest) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        Ok(self.cache.read(digest)?)
    }

    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let directory =
            if self.directory.is_empty() { path.to_owned() } else { format!("{}/{path}", self.directory) };
        let found = self.repository.staged_list(&directory).map_err(DirectoryError::reader)?;
        if found.is_empty() {
            return Err(SourcesError::NotStaged.into());
        }
        Ok(load::sources(found)?)
    }
}
