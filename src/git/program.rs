//! The `git` program: everything that crosses a network, signs, or reads a person's configuration.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use git2::Oid;

use super::GitError;

/// How a push ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The remote has the commit.
    Done,
    /// The remote's branch moved in between; nothing was changed there.
    Moved(String),
    /// The remote refused, in these words: a hook, a protected branch.
    Refused(String),
}

/// Runs `git` in a directory and gives its output.
///
/// # Errors
/// The program is not there, or it failed; its words are in the error.
pub fn git(directory: &Path, arguments: &[&str]) -> Result<Output, GitError> {
    let output = run(directory, arguments, None)?;
    if output.status.success() {
        return Ok(output);
    }
    Err(GitError::Program { command: command(arguments), words: words(&output) })
}

fn run(directory: &Path, arguments: &[&str], input: Option<&[u8]>) -> Result<Output, GitError> {
    let cannot = |error: std::io::Error| GitError::Failed {
        action: format!("run `{}`", command(arguments)),
        reason: error.to_string(),
    };
    let mut child = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        // Words are compared, so they must be in one language; nobody is there to type a password.
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
        pipe.write_all(input).map_err(cannot)?;
    }
    child.wait_with_output().map_err(cannot)
}

fn command(arguments: &[&str]) -> String {
    format!("git {}", arguments.join(" "))
}

fn words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if text.trim().is_empty() { String::from_utf8_lossy(&output.stdout).into_owned() } else { text }
}

/// Brings a branch of a remote here and gives its commit; `None` if the remote has no such branch.
///
/// # Errors
/// The remote cannot be reached.
pub fn fetch(directory: &Path, remote: &str, branch: &str) -> Result<Option<Oid>, GitError> {
    let name = format!("refs/heads/{branch}");
    let listed = git(directory, &["ls-remote", "--exit-code", remote, &name]);
    let listed = match listed {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        // Exit code 2 of --exit-code: reached, and no such branch. Its words are empty.
        Err(GitError::Program { words, .. }) if words.trim().is_empty() => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(id) = listed.split_whitespace().next().and_then(|id| Oid::from_str(id).ok()) else {
        return Ok(None);
    };
    // The commit by its branch, not by its id: servers need not give out ids. What arrives is what `git fetch`
    // recorded, which may be newer than the id above.
    let tracking = format!("+{name}:refs/remotes/{remote}/{branch}");
    let has_name = git(directory, &["remote", "get-url", remote]).is_ok();
    let refspec = if has_name { tracking } else { name };
    git(directory, &["fetch", "--no-tags", "--quiet", remote, &refspec])?;
    let revision = if has_name { format!("refs/remotes/{remote}/{branch}") } else { "FETCH_HEAD".to_owned() };
    let parsed = git(directory, &["rev-parse", "--verify", "--quiet", &revision])?;
    let text = String::from_utf8_lossy(&parsed.stdout).into_owned();
    Ok(Some(Oid::from_str(text.trim()).unwrap_or(id)))
}

/// Pushes a commit to a branch of a remote, never by force.
///
/// # Errors
/// The remote cannot be reached. That it refuses is an answer, not an error.
pub fn push(directory: &Path, remote: &str, (commit, branch): (Oid, &str)) -> Result<Pushed, GitError> {
    let refspec = format!("{commit}:refs/heads/{branch}");
    let arguments = ["push", "--porcelain", remote, &refspec];
    let output = run(directory, &arguments, None)?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        return Ok(Pushed::Done);
    }
    let line = said.lines().find(|line| line.starts_with('!')).unwrap_or_default().to_owned();
    // The remote's branch is not where we think: somebody was faster, or is just now holding its lock.
    let moved = [
        "fetch first",
        "non-fast-forward",
        "stale info",
        "cannot lock ref",
        "failed to update ref",
        "incorrect old value",
    ];
    if !line.is_empty() && moved.iter().any(|words| line.contains(words) || (line.contains("failed to lock")))
    {
        return Ok(Pushed::Moved(line));
    }
    if line.contains("[remote rejected]") || line.contains("[rejected]") {
        return Ok(Pushed::Refused(said.trim().to_owned()));
    }
    Err(GitError::Program { command: command(&arguments), words: said })
}

/// Who commits, and when, as the environment and the configuration say: `Name <mail> seconds zone`.
///
/// # Errors
/// Git does not know who the user is; its words say what to set.
pub fn identity(directory: &Path, variable: &str) -> Result<String, GitError> {
    let output = git(directory, &["var", variable])?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Makes a signed commit object with the key and the format that Git is configured with.
///
/// # Errors
/// Signing failed; the words are those of Git and of the signing program.
pub fn signed_commit(
    directory: &Path,
    (tree, parent): (Oid, Option<Oid>),
    message: &str,
) -> Result<Oid, GitError> {
    let (tree, parent) = (tree.to_string(), parent.map(|id| id.to_string()));
    let mut arguments = vec!["commit-tree", "-S", tree.as_str()];
    if let Some(parent) = &parent {
        arguments.extend(["-p", parent]);
    }
    let output = run(directory, &arguments, Some(message.as_bytes()))?;
    let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match Oid::from_str(&id) {
        Ok(id) if output.status.success() => Ok(id),
        _ => Err(GitError::Program { command: command(&arguments), words: words(&output) }),
    }
}
