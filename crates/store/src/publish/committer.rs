//! Writing the commits of one run.

use std::cell::OnceCell;

use git2::Oid;

use sovereign_language::kit::Kits;

use crate::git::commit::File;
use crate::git::{GitError, Identity, Repository};

use super::{Editing, Number, Step, change, message};

/// What the commits of one run have in common.
pub(super) struct Committer<'a> {
    pub(super) repository: &'a Repository,
    pub(super) kits: &'a Kits,
    /// Who commits, once that was asked.
    pub(super) identity: &'a OnceCell<Identity>,
    /// Whether all Sovereigns are in one commit.
    pub(super) together: bool,
    /// Which step of a rollout it is, if it is one.
    pub(super) number: Option<Number>,
    /// The edit that is committed with the trees.
    pub(super) edit: Option<&'a dyn Editing>,
}

impl Committer<'_> {
    /// Makes the commits, one a Sovereign that changes or one for all. A step of a rollout is one commit about all of them,
    /// those included in which it changes nothing.
    pub(super) fn commit(&self, base: Option<Oid>, steps: &[Step]) -> Result<Vec<Oid>, GitError> {
        let is_step = self.number.is_some();
        let changes = |step: &&Step| is_step || step.diff.is_some() || !step.edited.files.is_empty();
        let changing: Vec<_> = steps.iter().filter(changes).collect();
        let groups: Vec<&[&Step]> =
            if self.together || is_step { vec![&changing[..]] } else { changing.chunks(1).collect() };
        let words = self.edit.map(Editing::words);
        let mut commits = Vec::new();
        let mut parent = base;
        for group in groups.into_iter().filter(|group| !group.is_empty()) {
            let files: Vec<_> = group.iter().flat_map(|step| &step.edited.files).collect();
            let files: Vec<_> = files.iter().map(|(path, text)| File { path, text }).collect();
            let changing = group.iter().filter(|step| step.diff.is_some());
            let changes: Vec<_> = changing.filter_map(|step| change(step)).collect();
            let before =
                parent.map(|parent| self.repository.tree(parent).map(|tree| tree.id())).transpose()?;
            let tree = self.repository.write_tree(parent, &changes, &files)?;
            if before == Some(tree) {
                continue;
            }
            let message = message::compose(group, self.number, words.as_deref(), self.kits);
            let commit = self.repository.write_commit(tree, parent, &message, self.identity()?)?;
            commits.push(commit);
            parent = Some(commit);
        }
        Ok(commits)
    }

    /// Returns who commits. Git is asked once, and only if there is something to commit.
    fn identity(&self) -> Result<&Identity, GitError> {
        if let Some(identity) = self.identity.get() {
            return Ok(identity);
        }
        let asked = Identity::new(self.repository)?;
        Ok(self.identity.get_or_init(|| asked))
    }
}
