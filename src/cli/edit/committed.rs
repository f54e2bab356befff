//! An edit that is made on a branch, and committed with the tree that follows from it.

use std::error::Error;

use super::Request;
use crate::cli::commit;
use crate::cli::{Exit, Failure, Terminal};
use sovereign_edit::{Edit, apply};
use sovereign_language::input::{Input, Revised};
use sovereign_language::kit::Kits;
use sovereign_store::git::Repository;
use sovereign_store::publish::{self, Editing, OutOfOrder};

/// An edit that can be made again and again.
struct Again<'a> {
    edit: &'a Edit,
    kits: &'a Kits,
}

impl Editing for Again<'_> {
    fn edit(&self, input: &Input) -> Result<Vec<Revised>, Box<dyn Error + Send + Sync>> {
        Ok(apply(self.edit, input, self.kits)?)
    }

    fn words(&self) -> String {
        self.edit.words()
    }
}

/// Makes an edit, and commits it.
pub(super) fn run(request: &Request<'_>, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Request { edit, file, editing, kits } = request;
    let repository = Repository::open(&editing.repository)?;
    let manifests = [commit::manifest(&repository, file)];
    let again = Again { edit, kits };
    let asked = publish::Request {
        branch: editing.branch.as_deref(),
        push: editing.push.then_some(commit::remote(&editing.remote)?),
        unpushed: editing.unpushed,
        worktree: editing.worktree,
        edit: Some(&again),
        at_once: editing.at_once,
        ..publish::Request::new(&manifests, terminal.places.kits.clone())
    };
    let outcome = commit::watched(&repository, &asked, editing.format, editing.quiet, terminal)?;
    commit::ended(&outcome, editing.quiet, &in_steps, terminal)
}

/// Returns what to do where the edit takes several steps.
fn in_steps(_: &OutOfOrder) -> String {
    "make it without --commit, commit the manifest alone, and go on as `sovereign plan` says; with --at-once it is one commit"
        .to_owned()
}
