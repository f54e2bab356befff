//! A fleet as a repository holds it: its rings, where each Sovereign stands, and what Flux says of it.
//!
//! Takes a commit, gives the facts that [`Wave`](sovereign_change::fleet::Wave) judges. All of them are in that commit: the
//! manifests, the trees, and what a hook has kept of Flux's notifications.

mod said;

use std::collections::BTreeMap;
use std::path::Path;

use git2::Oid;

use crate::git::program::{self, Fetched};
use crate::git::{GitError, Known, Repository};
use crate::kit_cache::KitCache;
use crate::manifests;
use crate::publish::{self, Manifest, Step, ownership, steps};
use sovereign_change::fleet::{Sovereign, Stand};
use sovereign_change::impact::{Impact, State};
use sovereign_compile::tree::TreePath;
use sovereign_compile::{Compiled, compile_with_objects};
use sovereign_language::fleet::FleetDocument;
use sovereign_language::input::SourceMap;
use sovereign_language::kit::Kits;
use sovereign_text::diag::{Diagnostics, Severity};
use sovereign_text::source::Source;

/// How often a fetch is tried while other processes use the same repository.
const TRIES: u32 = 20;
/// The directory of all trees.
const ROOTS: &str = "clusters/";

/// Returns the commit that a fleet is read from: where the branch stands, here or at a remote.
///
/// # Errors
/// The repository cannot be read, or the remote cannot be reached.
pub fn head(
    repository: &Repository,
    branch: Option<&str>,
    remote: Option<&str>,
    wait: &mut dyn FnMut(u32),
) -> Result<Option<Oid>, GitError> {
    let local = repository.branch(branch)?;
    let Some(remote) = remote else { return Ok(local.commit) };
    let mut busy = String::new();
    for attempt in 1..=TRIES {
        match program::fetch(repository, remote, local.short())? {
            Fetched::At(commit) => return Ok(Some(commit)),
            Fetched::Nothing => return Ok(None),
            Fetched::Busy(words) => busy = words,
        }
        wait(attempt);
    }
    Err(GitError::Failed { action: format!("fetch from {remote}"), reason: busy })
}

/// Returns the text of a fleet at a commit.
///
/// # Errors
/// It is not there, or cannot be read.
pub fn source(
    repository: &Repository,
    commit: Oid,
    path: &str,
    diags: &mut Diagnostics,
) -> Result<Source, GitError> {
    let bytes = repository.file(commit, path)?.ok_or_else(|| GitError::Missing {
        what: format!("file {path} in {}", crate::git::short(commit)),
        help: "commit it first; what is not committed is not read".to_owned(),
    })?;
    Ok(Source::manifest(path.to_owned(), bytes).unwrap_or_else(|(fault, source)| {
        sovereign_compile::check::report(fault, &source, diags);
        source
    }))
}

/// Which manifests are in which ring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// The manifests of each ring, in the order of the rings.
    pub rings: Vec<Vec<String>>,
    /// Those that no ring has.
    pub left: Vec<String>,
    /// What is wrong, in words: a manifest in two rings, a pattern that means none.
    pub wrong: Vec<String>,
}

/// Returns which manifests of a commit are in which ring.
///
/// # Errors
/// The commit cannot be read.
pub fn assign(repository: &Repository, commit: Oid, fleet: &FleetDocument) -> Result<Assigned, GitError> {
    let mut assigned = Assigned::default();
    let mut homes: BTreeMap<String, Option<String>> =
        repository.named(commit, manifests::NAME)?.into_iter().map(|path| (path, None)).collect();
    for ring in fleet.rings() {
        let name = ring.name.as_ref().map_or("", |name| name.value.as_str());
        let mut own = Vec::new();
        for pattern in ring.sovereigns.iter().flat_map(|list| &list.value) {
            let pattern = pattern.value.as_str();
            let mut is_empty = true;
            for (path, home) in homes.iter_mut().filter(|(path, _)| manifests::means(pattern, path)) {
                is_empty = false;
                match home {
                    Some(other) if other == name => {}
                    Some(other) => {
                        assigned.wrong.push(format!("{path} is in ring {other} and in ring {name}"));
                    }
                    None => {
                        *home = Some(name.to_owned());
                        own.push(path.clone());
                    }
                }
            }
            if is_empty {
                assigned.wrong.push(format!("`{pattern}` of ring {name} means no manifest"));
            }
        }
        assigned.rings.push(own);
    }
    assigned.left = homes.into_iter().filter(|(_, home)| home.is_none()).map(|(path, _)| path).collect();
    Ok(assigned)
}

/// What is to be known of each Sovereign of a ring.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The commit.
    pub commit: Oid,
    /// Where kits are that were fetched.
    pub cache: &'a KitCache,
    /// The directory of what Flux says, if it is asked for.
    pub status: Option<&'a str>,
    /// Since when its tree stands is asked for, and how far back that matters.
    pub oldest: Option<i64>,
}

/// Returns where a Sovereign stands at a commit.
///
/// # Errors
/// The repository cannot be read.
pub fn sovereign(
    repository: &Path,
    kits: &Kits,
    manifest: &str,
    asked: Asked<'_>,
) -> Result<Sovereign, GitError> {
    let repository = &Repository::open(repository)?;
    let mut diags = Diagnostics::new();
    let place = Manifest::InRepository(manifest.to_owned());
    let input = publish::input(repository, &place, Some(asked.commit), asked.cache, &mut diags)?;
    let compiled = diags.verdict().and_then(|()| compile_with_objects(&input, kits, &mut diags));
    let manifest = manifest.to_owned();
    let Ok(compiled) = compiled else {
        let stand = Stand::Wrong(first_error(&diags));
        return Ok(Sovereign { manifest, root: None, stand, said: None, since: None });
    };
    let root = compiled.tree.root().clone();
    let said =
        asked.status.map(|status| said::of(repository, asked.commit, status, &compiled)).transpose()?;
    let since =
        asked.oldest.map(|oldest| repository.changed_at(asked.commit, root.as_str(), oldest)).transpose()?;
    let old = repository.snapshot_beside(asked.commit, &root, &Known::new(&compiled.tree))?;
    let stand = if old.holds(&compiled.tree) {
        Stand::Current
    } else {
        stand(repository, kits, asked.commit, &Step::compiled(input, diags, Some(compiled), old))?
    };
    Ok(Sovereign { manifest, root: Some(root.to_string()), stand, said, since })
}

/// Returns the commit that a Sovereign needs, or why none can be made.
fn stand(repository: &Repository, kits: &Kits, commit: Oid, step: &Step) -> Result<Stand, GitError> {
    let mut conflicts = Vec::new();
    ownership::of_step(step, false, &mut conflicts);
    if let Some(conflict) = conflicts.first() {
        return Ok(Stand::Wrong(conflict.to_string()));
    }
    let Some(migration) = step.migration() else { return Ok(Stand::Wrong("it has errors".to_owned())) };
    let (next, of) = steps::standing(repository, kits, Some(commit), &[migration], |rollout, done| {
        (done.len() + 1, rollout.phases().len())
    })?;
    let sources = SourceMap { input: &step.input, kits };
    let impact = Impact::compare("", migration, kits.catalog(), &sources, step.diags.clone());
    // On the way, what is left was judged before the first step was made.
    if impact.state == State::Refused && next == 1 {
        let first = impact.refused.first().map(|it| format!("{}: {}", it.code, it.message));
        return Ok(Stand::Wrong(first.unwrap_or_else(|| "it is refused".to_owned())));
    }
    let files = impact.files.added + impact.files.changed + impact.files.removed;
    Ok(Stand::Due { files, step: next, of })
}

fn first_error(diags: &Diagnostics) -> String {
    let errors = diags.count(Severity::Error);
    let first = diags.sorted().into_iter().find(|it| diags.severity(it.code) == Severity::Error);
    let words = first.map_or_else(String::new, |it| format!("{}: {}", it.code, it.message));
    if errors > 1 { format!("{words}, and {} more", errors - 1) } else { words }
}

/// What opens and closes rings besides trees: if it is another one, a run that has begun looks at everything anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    fleet: Option<Oid>,
    status: Option<Oid>,
}

impl Gate {
    /// Returns that of a commit.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn at(
        repository: &Repository,
        commit: Oid,
        path: &str,
        status: Option<&str>,
    ) -> Result<Self, GitError> {
        let fleet = repository.id_at(commit, path)?;
        let status = status.map(|status| repository.id_at(commit, status)).transpose()?.flatten();
        Ok(Self { fleet, status })
    }
}

/// Returns the regions of a tree.
fn regions(compiled: &Compiled) -> impl Iterator<Item = &str> {
    compiled.lowered.clusters.iter().map(|cluster| cluster.directory.as_str())
}

/// Returns the name of a Sovereign: its root without the directory of all trees.
fn fqdn(root: &TreePath) -> &str {
    root.as_str().strip_prefix(ROOTS).unwrap_or(root.as_str())
}
