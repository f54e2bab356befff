//! `sovereign commit`: commits the trees of manifests, and pushes them where asked for.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::again::Again;
use super::args::{Commit as Args, Format};
use super::{Exit, Failure, Terminal, report};
use sovereign_language::kit::Kits;
use sovereign_store::git::Repository;
use sovereign_store::publish::{self, Manifest, OutOfOrder, Outcome, Progress, Request, Step};

/// Runs the command.
///
/// # Errors
/// The repository, the disk or the network failed.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let repository = Repository::open(&args.repository)?;
    let manifests: Vec<_> = args.files.iter().map(|file| manifest(&repository, file)).collect();
    let request = Request {
        branch: args.branch.as_deref(),
        push: args.push.then_some(remote(&args.remote)?),
        unpushed: args.unpushed,
        overwrite: args.overwrite,
        worktree: args.worktree,
        together: args.together,
        deny_warnings: args.deny.is_some(),
        step: args.step,
        at_once: args.at_once,
        ..Request::new(&manifests, terminal.places.kits.clone())
    };
    let outcome = watched(&repository, &request, args.format, args.quiet, terminal)?;
    let help = |refused: &OutOfOrder| help(refused, &Again::of_commit(args));
    ended(&outcome, args.quiet, &help, terminal)
}

/// Returns a remote, which Git must not take for an option.
pub(super) fn remote(name: &str) -> Result<&str, Failure> {
    if name.starts_with('-') {
        return Err(Failure::Environment(format!("`{name}` is no remote")));
    }
    Ok(name)
}

/// Publishes, and tells a person what goes on.
pub(super) fn watched(
    repository: &Repository,
    request: &Request<'_>,
    format: Format,
    quiet: bool,
    terminal: &mut Terminal<'_>,
) -> Result<Outcome, Failure> {
    let kits = Arc::clone(&terminal.kits);
    let mut watch = Watch { terminal, kits: &kits, format, quiet, failure: None, since: clock() };
    let outcome = publish::publish(repository, &kits, request, &mut watch)?;
    match watch.failure {
        Some(failure) => Err(failure),
        None => Ok(outcome),
    }
}

/// A path inside the repository is read from the commit that is built on; a file elsewhere as it is.
pub(super) fn manifest(repository: &Repository, file: &Path) -> Manifest {
    if repository.worktree().is_none() {
        return if file.is_absolute() || file.exists() {
            Manifest::Elsewhere(file.to_owned())
        } else {
            Manifest::InRepository(file.to_string_lossy().into_owned())
        };
    }
    match repository.relative(file) {
        Some(path) => Manifest::InRepository(path.to_string_lossy().into_owned()),
        // With --repository a path may be meant as one in there.
        None if file.is_relative() && !file.exists() => {
            Manifest::InRepository(file.to_string_lossy().into_owned())
        }
        None => Manifest::Elsewhere(file.to_owned()),
    }
}

/// Says how a request ended.
pub(super) fn ended(
    outcome: &Outcome,
    quiet: bool,
    help: &dyn Fn(&OutOfOrder) -> String,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    Ok(match outcome {
        Outcome::Unchanged => {
            if !quiet {
                writeln!(terminal.err, "nothing changed, nothing committed")?;
            }
            Exit::Done
        }
        Outcome::Committed { commits, branch, races } => {
            for commit in commits {
                writeln!(terminal.out, "{commit}")?;
            }
            if !quiet {
                let raced = if *races > 0 {
                    format!("; it had moved {races} times in between")
                } else {
                    String::new()
                };
                let count = if commits.len() == 1 {
                    "1 commit".to_owned()
                } else {
                    format!("{} commits", commits.len())
                };
                writeln!(terminal.err, "{count} on {branch}{raced}")?;
            }
            Exit::Done
        }
        Outcome::Wrong => Exit::Found,
        Outcome::EditRefused(refused) => {
            writeln!(terminal.err, "error: {refused}")?;
            Exit::Found
        }
        Outcome::OutOfOrder(refused) => {
            writeln!(terminal.err, "error: {refused}\nhelp: {}", help(refused))?;
            Exit::Found
        }
        Outcome::OwnershipConflict(list) => {
            for conflict in list {
                writeln!(terminal.err, "error: {conflict}")?;
            }
            Exit::Found
        }
        Outcome::Refused { commit, words } => {
            writeln!(terminal.err, "error: the remote refused {commit}. The remote says:\n{words}")?;
            Exit::Environment
        }
    })
}

/// Returns what to do where a commit would leave the order of steps.
fn help(refused: &OutOfOrder, again: &Again<'_>) -> String {
    match (refused, refused.next()) {
        (OutOfOrder::Joint { .. }, _) => {
            "name all of them, as in the steps before; or change this manifest, which begins a new plan from here"
                .to_owned()
        }
        (OutOfOrder::AllAtOnce { manifests, done: 0, .. }, _) => format!(
            "`{}` shows what each does and what to see to before it, and `{}` makes the first; with --at-once it is one commit",
            again.plan(Some(manifests)),
            again.first(manifests)
        ),
        (OutOfOrder::AllAtOnce { .. }, Some(next)) => format!(
            "`{}` says what to see to first, and `{}` makes the next; with --at-once what is left is one commit",
            again.plan(None),
            again.step(next)
        ),
        (_, Some(next)) => format!("the next is `{}`; `{}` shows all steps", again.step(next), again.plan(None)),
        (_, None) => format!("`{}` shows all steps", again.plan(None)),
    }
}

/// Tells a person what goes on.
struct Watch<'a, 'b> {
    terminal: &'a mut Terminal<'b>,
    kits: &'a Kits,
    format: Format,
    quiet: bool,
    failure: Option<Failure>,
    /// When the current try began.
    since: Instant,
}

impl Progress for Watch<'_, '_> {
    fn say(&mut self, words: &str) {
        // Git may ask for a password.
        self.terminal.progress.pause();
        if !self.quiet && writeln!(self.terminal.err, "{words}").is_err() {
            self.quiet = true;
        }
    }

    fn found(&mut self, step: &Step) {
        // What follows may ask for the passphrase of a key.
        self.terminal.progress.pause();
        if let Err(failure) = report::print(&step.diags, &step.input, self.kits, self.format, self.terminal) {
            self.failure = Some(failure);
        }
    }

    fn wait(&mut self, attempt: u32) {
        let now = clock();
        std::thread::sleep(pause(std::process::id(), attempt, now.duration_since(self.since)));
        self.since = clock();
    }
}

/// Returns how long a process waits before a try, of which the last one took so long. Bots that all wait equally long meet
/// again, so each waits for a part of its window: process ids differ, and the number of the try makes another part of
/// them each time. The window grows with the races lost, up to eight tries' time: of sixteen that push at once and take
/// turns, each then loses a few races, on a fast machine and a slow one.
fn pause(process: u32, attempt: u32, took: Duration) -> Duration {
    let mixed = process.wrapping_mul(2_654_435_761) ^ attempt.wrapping_mul(2_246_822_519);
    let part = mixed.wrapping_mul(3_266_489_917) >> 22;
    let window = took.clamp(Duration::from_millis(20), Duration::from_secs(5)) * attempt.min(8);
    window * part / 1024
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long to wait depends on how long a try takes, and no output does"
)]
fn clock() -> Instant {
    Instant::now()
}
