//! From an input to a tree on disk: compiles what an earlier build does not know, and writes what has changed.

use std::path::Path;

use crate::write::{self, Applied, Held, Memory, Options, WriteError};
use sovereign_compile::tree::TreePath;
use sovereign_compile::{compile_incremental, plan, render};
use sovereign_language::input::{Holds, Input};
use sovereign_language::kit::Kits;
use sovereign_language::manifest;
use sovereign_text::diag::{Diagnostics, Reported};
use sovereign_text::digest::Digest;

/// A tree that was compiled, and what became of it.
#[derive(Debug)]
pub struct Built {
    /// The digest of the tree.
    pub digest: Digest,
    /// How many of its files nobody had to compile.
    pub standing: usize,
    /// What was written, or why nothing was.
    pub applied: Result<Applied, WriteError>,
}

/// Compiles an input and makes `out/clusters/<fqdn>` hold its tree. Organizations that are
/// [settled](sovereign_compile::build_cache) are not compiled, and files that are as an earlier build has left them are not read, unless
/// `whole` says so.
///
/// # Errors
/// The directory of an earlier build cannot be looked at. In the inner result: at least one error was reported to `diags`, and
/// nothing was written.
pub fn build(
    input: &Input,
    kits: &Kits,
    out: &Path,
    options: Options,
    whole: bool,
    diags: &mut Diagnostics,
) -> Result<Result<Built, Reported>, WriteError> {
    let root = root(input).filter(|root| !whole && write::remembers(root, out));
    let held = root.map(|root| Held::hold(&root, out, options)).transpose()?;
    let memory = held.as_ref().and_then(Held::memory);
    let record = memory.as_ref().and_then(Memory::record);
    let known = held.as_ref().zip(record.as_ref()).and_then(|(held, record)| held.known(record));
    let (tree, origins) = match compile_incremental(known.as_ref(), input, kits, diags) {
        Ok(compiled) => compiled,
        Err(reported) => return Ok(Err(reported)),
    };
    let held = held.filter(|held| held.is_at(tree.root()));
    let known = known.filter(|_| held.is_some());
    let held = match held {
        Some(held) => held,
        None => Held::hold(tree.root(), out, options)?,
    };
    let (digest, standing) = (tree.digest(), tree.count() - tree.texts().len());
    Ok(Ok(Built { digest, standing, applied: held.bring(&tree, known.as_ref(), origins) }))
}

/// Returns where the tree stands, if it can be a large one: one of Organizations with files of their own.
pub(crate) fn root(input: &Input) -> Option<TreePath> {
    input.holding(Holds::Organizations).next()?;
    let document = manifest::decode(input.manifest(), &mut Diagnostics::new())?;
    plan::fqdn(&document).map(|fqdn| render::root_of(&fqdn))
}
