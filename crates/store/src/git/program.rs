//! The `git` program: everything that crosses a network, signs, or reads a person's configuration.

use std::ffi::OsStr;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use git2::Oid;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::forced;
use super::{GitError, Repository};

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

/// The parts of a repository, where Git cannot find them by itself: inside a hook the index may be another file, and
/// the work tree may stand apart.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The Git directory.
    pub repository: &'a Path,
    /// The work tree.
    pub worktree: Option<&'a Path>,
    /// The index.
    pub index: Option<&'a Path>,
}

/// Runs `git` on exactly these parts of a repository and gives its output.
///
/// # Errors
/// The program is not there, or it failed; its words are in the error.
pub(crate) fn git_at(place: &Place<'_>, arguments: &[&str]) -> Result<Output, GitError> {
    let output = run_at(place, arguments, None)?;
    if output.status.success() {
        return Ok(output);
    }
    Err(GitError::Program { command: command(arguments), words: words(&output) })
}

/// Returns the paths that differ between HEAD and the index where a hook runs, as far as these patterns
/// match: for a repository that only Git can open.
///
/// # Errors
/// The program is not there, or it cannot read the repository either.
pub fn staged_here(patterns: &[&str]) -> Result<Vec<String>, GitError> {
    let name = |name: &str| {
        std::env::var_os(name).map(PathBuf::from).and_then(|path| std::path::absolute(path).ok())
    };
    let (repository, worktree, index) = (name("GIT_DIR"), name("GIT_WORK_TREE"), name("GIT_INDEX_FILE"));
    let repository = match repository {
        Some(repository) => repository,
        None => git_directory()?,
    };
    let place = Place { repository: &repository, worktree: worktree.as_deref(), index: index.as_deref() };
    let has_head = run_at(&place, &["rev-parse", "--verify", "--quiet", "HEAD"], None)?.status.success();
    staged_changes(&place, has_head, patterns)
}

/// Returns where Git finds the repository of the current directory.
fn git_directory() -> Result<PathBuf, GitError> {
    let output = git(Path::new("."), &["rev-parse", "--absolute-git-dir"])?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end()))
}

fn run_at(place: &Place<'_>, arguments: &[&str], input: Option<&[u8]>) -> Result<Output, GitError> {
    let parts = [
        ("GIT_DIR", Some(place.repository)),
        ("GIT_WORK_TREE", place.worktree),
        ("GIT_INDEX_FILE", place.index),
    ];
    let environment: Vec<_> =
        parts.iter().filter_map(|(name, path)| Some((*name, path.as_ref()?.as_os_str()))).collect();
    let directory = place.worktree.unwrap_or(place.repository);
    run_with(directory, arguments, input, &environment)
}

/// Returns the paths that differ between HEAD, if it is born, and the index, as far as these patterns match.
///
/// # Errors
/// The program is not there, or it cannot read the repository.
pub fn staged_changes(place: &Place<'_>, has_head: bool, patterns: &[&str]) -> Result<Vec<String>, GitError> {
    let listing: &[&str] = if has_head {
        &["diff-index", "--cached", "--no-renames", "--name-only", "-z", "HEAD", "--"]
    } else {
        &["ls-files", "--cached", "-z", "--"]
    };
    let output = git_at(place, &[listing, patterns].concat())?;
    let paths = output.stdout.split(|&b| b == 0).filter(|path| !path.is_empty());
    Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
}

/// The variables of `git rev-parse --local-env-vars` that name a repository or a part of one. What a person sets
/// for a single call (`git -c`) stays.
const OF_A_REPOSITORY: [&str; 12] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

fn run(directory: &Path, arguments: &[&str], input: Option<&[u8]>) -> Result<Output, GitError> {
    run_with(directory, arguments, input, &[])
}

fn run_with(
    directory: &Path,
    arguments: &[&str],
    input: Option<&[u8]>,
    environment: &[(&str, &OsStr)],
) -> Result<Output, GitError> {
    let cannot = |error: std::io::Error| GitError::Failed {
        action: format!("run `{}`", command(arguments)),
        reason: error.to_string(),
    };
    let mut git = Command::new("git");
    // The repository is the one that was asked for, whatever a surrounding hook or script has set.
    for variable in OF_A_REPOSITORY {
        git.env_remove(variable);
    }
    // Nobody is there to type a password, unless somebody is.
    if !std::io::stdin().is_terminal() {
        git.env("GIT_TERMINAL_PROMPT", "0");
    }
    let time = time_for(directory, arguments);
    if time.is_some() && !std::io::stdin().is_terminal() {
        // What Git starts to reach a remote ends with it, if it does not answer.
        git.process_group(0);
    }
    let mut child = git
        .envs(environment.iter().copied())
        .arg("-C")
        .arg(directory)
        .args(arguments)
        // Words are compared, so they must be in one language.
        .env("LC_ALL", "C")
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
        pipe.write_all(input).map_err(cannot)?;
    }
    match time {
        Some(time) => watched(child, time).map_err(cannot),
        None => child.wait_with_output().map_err(cannot),
    }
}

/// How long a remote has to do all that is asked of it, where `sovereign.timeout` says nothing: the time of a clone over a slow
/// line.
const TIME: Duration = Duration::from_mins(10);

/// Returns how long a command may take: those that speak with a remote, which may never answer.
fn time_for(directory: &Path, arguments: &[&str]) -> Option<Duration> {
    if !matches!(arguments.first(), Some(&("fetch" | "push" | "ls-remote"))) {
        return None;
    }
    // Git is asked, which reads its environment too, and repositories of others that it trusts.
    let said = run(directory, &["config", "--type=int", "--get", "sovereign.timeout"], None).ok();
    let seconds = said.and_then(|said| String::from_utf8_lossy(&said.stdout).trim().parse().ok());
    Some(seconds.map_or(TIME, Duration::from_secs))
}

/// Waits for a process, and ends it and all that it has started when its time is over.
fn watched(child: Child, time: Duration) -> io::Result<Output> {
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (done, is_done) = mpsc::channel::<()>();
    let (output, was_silent) = thread::scope(|scope| {
        let watch = scope.spawn(move || {
            let is_silent = is_done.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
            if let Some(process) = process.filter(|_| is_silent) {
                // At a terminal it has no group of its own.
                kill_process_group(process, Signal::KILL)
                    .or_else(|_| kill_process(process, Signal::KILL))
                    .ok();
            }
            is_silent
        });
        let output = child.wait_with_output();
        drop(done);
        (output, watch.join().unwrap_or_default())
    });
    if was_silent {
        let words = format!(
            "the remote did not answer within {} s; `git config sovereign.timeout` sets another time",
            time.as_secs()
        );
        return Err(io::Error::new(ErrorKind::TimedOut, words));
    }
    output
}

fn command(arguments: &[&str]) -> String {
    format!("git {}", arguments.join(" "))
}

fn words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if text.trim().is_empty() { String::from_utf8_lossy(&output.stdout).into_owned() } else { text }
}

/// How a fetch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The remote's branch stands at this commit, and the commit is here.
    At(Oid),
    /// The remote has no such branch.
    Nothing,
    /// Another process is just now writing what this one wants to write.
    Busy(String),
}

/// Brings a branch of a remote here and says where it stands.
///
/// # Errors
/// The remote cannot be reached.
pub(crate) fn fetch(repository: &Repository, remote: &str, branch: &str) -> Result<Fetched, GitError> {
    let directory = repository.directory();
    let name = format!("refs/heads/{branch}");
    if repository.inner().find_remote(remote).is_ok() {
        let tracking = forced::tracking(remote, branch);
        let refspec = format!("+{name}:{tracking}");
        return match fetch_into(directory, remote, &refspec)? {
            Some(ended) => Ok(ended),
            None => Ok(repository.reference(&tracking)?.map_or(Fetched::Nothing, Fetched::At)),
        };
    }
    // A URL has no branch here to remember it by, and FETCH_HEAD belongs to every process at once: the id comes
    // from the listing. If the branch moves before the fetch, the fetch brings that commit too, and the push will
    // tell.
    let arguments = ["ls-remote", "--exit-code", remote, &name];
    let listed = run(directory, &arguments, None)?;
    let said = String::from_utf8_lossy(&listed.stdout).into_owned();
    let id = said.split_whitespace().next().and_then(|id| Oid::from_str(id).ok());
    let Some(id) = id.filter(|_| listed.status.success()) else {
        // Exit code 2 of --exit-code: reached, and no such branch.
        return match listed.status.code() {
            Some(2) => Ok(Fetched::Nothing),
            _ => Err(GitError::Program { command: command(&arguments), words: words(&listed) }),
        };
    };
    Ok(fetch_into(directory, remote, &name)?.unwrap_or(Fetched::At(id)))
}

/// Fetches one branch. `None` if that went well.
fn fetch_into(directory: &Path, remote: &str, refspec: &str) -> Result<Option<Fetched>, GitError> {
    let arguments = ["fetch", "--no-tags", "--quiet", "--no-write-fetch-head", remote, refspec];
    let output = run(directory, &arguments, None)?;
    if output.status.success() {
        return Ok(None);
    }
    let words = words(&output);
    if words.contains("couldn't find remote ref") {
        return Ok(Some(Fetched::Nothing));
    }
    // The shallow file and the branch that remembers the remote's are written by one process at a time.
    let busy = ["cannot lock ref", "shallow file has changed", ".lock': File exists"];
    if busy.iter().any(|busy| words.contains(busy)) {
        return Ok(Some(Fetched::Busy(words.trim().to_owned())));
    }
    Err(GitError::Program { command: command(&arguments), words })
}

/// Pushes a commit to a branch of a remote, never by force.
///
/// # Errors
/// The remote cannot be reached. That it refuses is an answer, not an error.
pub fn push(repository: &Repository, remote: &str, commit: Oid, branch: &str) -> Result<Pushed, GitError> {
    let directory = repository.directory();
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
        return Ok(Pushed::Moved(line.rsplit('\t').next().unwrap_or_default().to_owned()));
    }
    if line.contains("[remote rejected]") || line.contains("[rejected]") {
        return Ok(Pushed::Refused(refusal(&said)));
    }
    Err(GitError::Program { command: command(&arguments), words: said })
}

/// Returns what the remote says, without what Git says to programs.
fn refusal(said: &str) -> String {
    let ours = |line: &&str| {
        !line.starts_with("To ") && *line != "Done" && !line.starts_with("error: failed to push")
    };
    said.lines()
        .filter(ours)
        .map(|line| line.strip_prefix("!\t").unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Stages lines of `git update-index --index-info`.
///
/// # Errors
/// The index cannot be written.
pub fn stage(place: &Place<'_>, lines: &str) -> Result<(), GitError> {
    if lines.is_empty() {
        return Ok(());
    }
    let arguments = ["update-index", "--add", "--replace", "--index-info"];
    let output = run_at(place, &arguments, Some(lines.as_bytes()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(GitError::Program { command: command(&arguments), words: words(&output) })
}

/// Brings the index and the work tree from one commit to another, as a fast-forward does. Git's words if something
/// would be lost, and then nothing is changed. It may only be tried.
///
/// # Errors
/// The program is not there.
pub fn follow(
    place: &Place<'_>,
    from: Option<Oid>,
    to: Option<Oid>,
    only_try: bool,
) -> Result<Option<String>, GitError> {
    let tree = |commit: Option<Oid>| commit.map_or(EMPTY_TREE.to_owned(), |commit| commit.to_string());
    let (from, to) = (tree(from), tree(to));
    let mut arguments = vec!["read-tree", "-m", "-u", &from, &to];
    if only_try {
        arguments.insert(1, "--dry-run");
    }
    // Times in the index that are out of date look like changes.
    run_at(place, &["update-index", "-q", "--refresh"], None)?;
    let output = run_at(place, &arguments, None)?;
    Ok(if output.status.success() { None } else { Some(words(&output).trim().to_owned()) })
}

/// The tree without entries, which every repository knows.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Returns whether commits are to be signed, as the configuration says, wherever it stands.
///
/// # Errors
/// The configuration cannot be read.
pub fn signs(directory: &Path) -> Result<bool, GitError> {
    let output = run(directory, &["config", "--type=bool", "--get", "commit.gpgsign"], None)?;
    match output.status.code() {
        Some(0) => Ok(output.stdout.starts_with(b"true")),
        // Not set.
        Some(1) => Ok(false),
        _ => {
            Err(GitError::Program { command: "git config commit.gpgsign".to_owned(), words: words(&output) })
        }
    }
}

/// Returns who commits, and when, as the environment and the configuration say: `Name <mail> seconds zone`.
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
pub(crate) fn signed_commit(
    directory: &Path,
    tree: Oid,
    parent: Option<Oid>,
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
