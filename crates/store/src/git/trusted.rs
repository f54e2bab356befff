//! Repositories of another user, which Git trusts. libgit2 reads `safe.directory` from files alone; Git takes it from its
//! environment too (`GIT_CONFIG_COUNT`, `git -c`), so Git is asked.

use std::path::{Path, PathBuf};

use super::program;

/// Opens a repository that belongs to another user, if Git reads it. `None` if Git does not trust it either.
pub(super) fn open(path: &Path) -> Option<git2::Repository> {
    let told = |question: &str| {
        let output = program::git(path, &["rev-parse", question]).ok()?;
        let told = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n'));
        Some(told).filter(|told| told.is_absolute())
    };
    let directory = told("--absolute-git-dir")?;
    // To open it as a bare one asks for no owner. Its work tree is then told.
    let repository = git2::Repository::open_bare(&directory).ok()?;
    if let Some(worktree) = told("--show-toplevel").or_else(|| beside(&repository)) {
        repository.set_workdir(&worktree, false).ok()?;
    }
    Some(repository)
}

/// Returns the work tree of a repository that was named by its own directory: Git does not tell it there.
fn beside(repository: &git2::Repository) -> Option<PathBuf> {
    let is_bare = repository.config().ok()?.get_bool("core.bare").unwrap_or_default();
    let directory = repository.path();
    let is_inside = !is_bare && directory.file_name().is_some_and(|name| name == ".git");
    directory.parent().filter(|_| is_inside).map(Path::to_owned)
}
