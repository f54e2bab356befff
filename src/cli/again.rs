//! The command that goes on from another one: with the same manifests, in the same repository, on the same branch.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::args;

/// What a command was told that the next one has to be told, too.
pub(super) struct Again<'a> {
    files: &'a [PathBuf],
    /// Options that `plan` and `commit` have both.
    both: String,
    /// Options of `commit` alone.
    commit: String,
}

impl<'a> Again<'a> {
    pub(super) fn of_plan(args: &args::Plan, files: &'a [PathBuf]) -> Self {
        let both = options(&args.repository, args.branch.as_deref(), args.deny.is_some());
        Self { files, both, commit: String::new() }
    }

    pub(super) fn of_commit(args: &'a args::Commit) -> Self {
        let both = options(&args.repository, args.branch.as_deref(), args.deny.is_some());
        let mut commit = String::new();
        if args.push {
            commit.push_str(" --push");
        }
        if args.remote != REMOTE {
            let _ = write!(commit, " --remote {}", quoted(&args.remote));
        }
        if args.unpushed {
            commit.push_str(" --unpushed");
        }
        if args.worktree {
            commit.push_str(" --worktree");
        }
        Self { files: &args.files, both, commit }
    }

    /// For manifests by their paths in the repository, in whose top directory Git runs the hook.
    pub(super) fn of_hook(files: &'a [PathBuf]) -> Self {
        Self { files, both: String::new(), commit: String::new() }
    }

    /// Returns the command that makes a step.
    pub(super) fn step(&self, number: usize) -> String {
        format!("sovereign commit --step {number}{}{}{}", self.both, self.commit, self.names(None))
    }

    /// Returns the command that shows the steps of these manifests, by their places; of all if none are given.
    pub(super) fn plan(&self, which: Option<&[usize]>) -> String {
        format!("sovereign plan{}{}", self.both, self.names(which))
    }

    /// Returns the command that makes the first step of these manifests.
    pub(super) fn first(&self, which: &[usize]) -> String {
        format!("sovereign commit --step 1{}{}{}", self.both, self.commit, self.names(Some(which)))
    }

    /// Returns the manifests, unless there is only the one that is meant without any.
    fn names(&self, which: Option<&[usize]>) -> String {
        let files = self.files.iter().enumerate();
        let files = files.filter(|(place, _)| which.is_none_or(|which| which.contains(place)));
        let names: Vec<_> = files.map(|(_, file)| quoted(&file.to_string_lossy())).collect();
        if names == [MANIFEST] { String::new() } else { format!(" {}", names.join(" ")) }
    }
}

/// What `args` has as defaults.
const REMOTE: &str = "origin";
const MANIFEST: &str = "sovereign.toml";

fn options(repository: &Path, branch: Option<&str>, denies: bool) -> String {
    let mut options = String::new();
    if repository != Path::new(".") {
        let _ = write!(options, " --repository {}", quoted(&repository.to_string_lossy()));
    }
    if let Some(branch) = branch {
        let _ = write!(options, " --branch {}", quoted(branch));
    }
    if denies {
        options.push_str(" --deny warnings");
    }
    options
}

/// Returns a word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_each_word_as_it_was() {
        assert_eq!(quoted("a/b.toml"), "a/b.toml");
        assert_eq!(quoted("two words"), "'two words'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
