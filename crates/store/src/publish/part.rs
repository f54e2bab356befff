//! Compiling only what a repository does not remember.
//!
//! Of a large tree most Organizations say what they said, and their files are what they were: these are neither compiled, nor
//! read, nor compared. What is left is a smaller tree and a smaller base, whose difference is that of the whole ones. Laws in
//! `tests/it/git/memory.rs` hold this to it: with and without a memory the commit is the same.

use git2::Oid;

use crate::build::root;
use crate::git::memory::{Base, Memory, Pending, Remembrance};
use crate::git::{GitError, Known, Repository};
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::build_cache::{Origins, Standing};
use sovereign_compile::{Beside, Compiled, compile_beside};
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::{Diagnostics, Reported};

/// Returns what a repository remembers of the tree of an input; `None` if that cannot be a large one.
pub fn memory(repository: &Repository, input: &Input) -> Option<Memory> {
    root(input).map(|root| repository.memory(root))
}

/// What is remembered of a tree, and how much of that holds at a base.
pub struct Recollection<'m> {
    memory: &'m Memory,
    remembrance: Option<&'m Remembrance<'m>>,
    base: Option<Base<'m>>,
}

/// An input that was compiled, as far as that was necessary.
pub struct Part<'m> {
    /// The tree, without the files that stand at the base.
    pub compiled: Compiled,
    standing: Standing<'m>,
    origins: Origins<'m>,
}

impl<'m> Recollection<'m> {
    /// Holds what is remembered of a tree against that tree in a commit.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn new(
        repository: &Repository,
        commit: Option<Oid>,
        memory: &'m Memory,
        remembrance: Option<&'m Remembrance<'m>>,
    ) -> Result<Self, GitError> {
        let base = match remembrance.zip(commit) {
            Some((remembrance, commit)) => remembrance.at(repository, commit, memory.root())?,
            None => None,
        };
        Ok(Self { memory, remembrance, base })
    }
}

/// Compiles an input.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile<'m>(
    recollection: Option<&Recollection<'m>>,
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
) -> Result<Part<'m>, Reported> {
    let known = recollection.and_then(|it| it.base.as_ref()).map(|base| &base.known);
    let Beside { compiled, standing, origins } = compile_beside(known, input, kits, diags)?;
    Ok(Part { compiled, standing, origins })
}

impl Part<'_> {
    /// Returns what is to be remembered once this is committed, if the tree has so many files.
    pub fn remember(&mut self, recollection: &Recollection<'_>, large: usize) -> Option<Pending> {
        let (tree, standing) = (&self.compiled.tree, &self.standing);
        let count = tree.files().len() + standing.values().map(|it| it.files.len()).sum::<usize>();
        let origins = std::mem::take(&mut self.origins);
        let Recollection { memory, remembrance, base: _ } = recollection;
        (count >= large && !origins.organizations.is_empty())
            .then(|| memory.remember(tree, standing, *remembrance, origins))?
    }
}

/// Reads what a part is compared with: its tree in a commit, without the files that stand there.
///
/// # Errors
/// The commit cannot be read.
pub fn old_side(
    repository: &Repository,
    commit: Oid,
    part: &Part<'_>,
    recollection: Option<&Recollection<'_>>,
) -> Result<Snapshot, GitError> {
    let tree = &part.compiled.tree;
    let known = Known::new(tree).beside(&part.standing);
    let mut old = repository.snapshot_beside(commit, tree.root(), &known)?;
    if let Some(base) = recollection.and_then(|it| it.base.as_ref()).filter(|_| !part.standing.is_empty()) {
        old.leave_out(&part.standing, base.lock.clone());
    }
    Ok(old)
}
