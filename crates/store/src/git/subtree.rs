//! What stands at a path of a commit, by its id: whether two commits hold the same there, and since when.

use std::path::Path;

use git2::{ObjectType, Oid};

use super::{GitError, Repository, failed};
use sovereign_compile::tree::LOCK;

/// The most bytes that are read of a tree that somebody else wrote, in all its files: three hundred times a tree of three regions.
pub(crate) const MOST_OF_A_TREE: usize = 256 * 1024 * 1024;

impl Repository {
    /// Returns the id of what stands at a path of a commit; `None` if nothing does.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn id_at(&self, commit: Oid, path: &str) -> Result<Option<Oid>, GitError> {
        Ok(self.tree(commit)?.get_path(Path::new(path)).ok().map(|entry| entry.id()))
    }

    /// Returns when what stands at a path of a commit came there, in seconds since 1970: along the first parents, and no further
    /// back than a commit that is older than `oldest`.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn changed_at(&self, commit: Oid, path: &str, oldest: i64) -> Result<i64, GitError> {
        let here = self.id_at(commit, path)?;
        let mut commit = self.inner().find_commit(commit).map_err(failed("read the history"))?;
        while commit.time().seconds() >= oldest {
            // Where a shallow clone ends, so does the history.
            let Ok(parent) = commit.parent(0) else { break };
            if self.id_at(parent.id(), path)? != here {
                break;
            }
            commit = parent;
        }
        Ok(commit.time().seconds())
    }

    /// Returns the paths of all files of a name in a commit, sorted: those that are neither in a hidden directory nor in a tree that
    /// this program wrote.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn named(&self, commit: Oid, wanted: &str) -> Result<Vec<String>, GitError> {
        let mut found = Vec::new();
        let mut open = vec![(String::new(), self.tree(commit)?)];
        while let Some((above, tree)) = open.pop() {
            if tree.get_name(LOCK).is_some() {
                continue;
            }
            for entry in &tree {
                let Ok(name) = entry.name() else { continue };
                if name.starts_with('.') {
                    continue;
                }
                if entry.kind() == Some(ObjectType::Tree) {
                    let below = self.inner().find_tree(entry.id()).map_err(failed("read a directory"))?;
                    open.push((format!("{above}{name}/"), below));
                } else if name == wanted && entry.kind() == Some(ObjectType::Blob) {
                    found.push(format!("{above}{name}"));
                }
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Returns every file below a directory of a commit, by its path from there, sorted; nothing that is hidden.
    ///
    /// # Errors
    /// The commit cannot be read, there is no such directory, or it is too large for a tree.
    pub fn files_below(&self, commit: Oid, directory: &str) -> Result<Vec<(String, Vec<u8>)>, GitError> {
        let top = self.tree(commit)?;
        let directory = directory.trim_matches('/');
        let tree = if directory.is_empty() {
            top
        } else {
            let entry = top.get_path(Path::new(directory)).map_err(failed(format!("read {directory}")))?;
            self.inner().find_tree(entry.id()).map_err(failed(format!("read {directory}")))?
        };
        let (mut files, mut total) = (Vec::new(), 0);
        let mut open = vec![(String::new(), tree)];
        while let Some((above, tree)) = open.pop() {
            for entry in &tree {
                let Ok(name) = entry.name() else { continue };
                if name.starts_with('.') {
                    continue;
                }
                let path = format!("{above}{name}");
                match entry.kind() {
                    Some(ObjectType::Tree) => {
                        let below = self.inner().find_tree(entry.id()).map_err(failed("read a directory"))?;
                        open.push((format!("{path}/"), below));
                    }
                    Some(ObjectType::Blob) => {
                        let blob =
                            self.inner().find_blob(entry.id()).map_err(failed(format!("read {path}")))?;
                        total += blob.content().len();
                        if total > MOST_OF_A_TREE {
                            return Err(GitError::Unsupported {
                                what: format!("{directory} holds more than a tree does"),
                                help: "name the directory of one tree".to_owned(),
                            });
                        }
                        files.push((path, blob.content().to_vec()));
                    }
                    Some(_) | None => {}
                }
            }
        }
        files.sort_unstable();
        Ok(files)
    }
}
