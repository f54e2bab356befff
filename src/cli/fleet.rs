//! `sovereign fleet`: waves through rings of Sovereigns. What is due follows from a commit and the time alone.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use git2::Oid;

use super::args::Format;
use super::args::fleet::{Args, Fleet, FleetCommand, FleetFormat, FleetNext};
use super::{Exit, Failure, Terminal, commit, report};
use sovereign_change::fleet::{Next, Ring, Sovereign, Wave, human, json};
use sovereign_language::fleet::{self as language, FleetDocument, Passes, RingTable};
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_store::fleet::{self, Asked, Gate};
use sovereign_store::git::Repository;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::publish::{Manifest, Outcome, Request};
use sovereign_text::diag::Diagnostics;
use sovereign_text::look::Look;
use sovereign_text::parallel;

/// Runs the command.
///
/// # Errors
/// The repository or the remote cannot be read or written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let (FleetCommand::Plan(fleet)
    | FleetCommand::Status(fleet)
    | FleetCommand::Next(FleetNext { fleet, .. })) = &args.command;
    let remote = commit::remote(&fleet.remote)?;
    let repository = Repository::open(&fleet.repository)?;
    let remote = fleet.push.then_some(remote);
    let head = fleet::head(&repository, fleet.branch.as_deref(), remote, &mut pause)?;
    let Some(head) = head else {
        writeln!(terminal.err, "error: the branch has no commit, and a fleet is read from one")?;
        return Ok(Exit::Usage);
    };
    let mut diags = Diagnostics::new();
    let source = fleet::source(&repository, head, &fleet.file, &mut diags)?;
    let document = language::decode(&source, &mut diags);
    let kits = Arc::clone(&terminal.kits);
    report::print(&diags, &Input::new(source), &kits, Format::Human, terminal)?;
    let Some(document) = document.filter(|_| diags.verdict().is_ok()) else { return Ok(Exit::Found) };
    let assigned = fleet::assign(&repository, head, &document)?;
    for words in &assigned.wrong {
        writeln!(terminal.err, "error: {} of {}", words, fleet.file)?;
    }
    for path in &assigned.left {
        writeln!(terminal.err, "note: {path} is in no ring: no wave reaches it")?;
    }
    if !assigned.wrong.is_empty() {
        return Ok(Exit::Found);
    }
    let now = fleet.now.unwrap_or_else(clock);
    let reading = Reading { fleet, document: &document, cache: &terminal.places.kits, head, now };
    let wave = Wave::new(reading.rings(assigned.rings, &kits)?, now);
    let id = head.to_string();
    let has_failed = wave.rings.iter().any(|(_, state)| state.word() == "failed");
    let look = Look { color: terminal.out_color };
    let text = match (&args.command, fleet.format) {
        (FleetCommand::Next(next), _) if next.commit => return make(next, &reading, &wave, terminal),
        (_, FleetFormat::Json) => json::render(&wave, Some(&id)),
        (FleetCommand::Plan(_), FleetFormat::Human) => human::plan(&wave, look),
        (FleetCommand::Status(_), FleetFormat::Human) => human::status(&wave, look),
        (FleetCommand::Next(_), FleetFormat::Human) => human::next(&wave),
    };
    terminal.out.write_all(text.as_bytes())?;
    let is_status = matches!(args.command, FleetCommand::Status(_));
    Ok(if has_failed || (is_status && !wave.is_done()) { Exit::Found } else { Exit::Done })
}

/// What a fleet is read from.
struct Reading<'a> {
    fleet: &'a Fleet,
    document: &'a FleetDocument,
    cache: &'a KitCache,
    head: Oid,
    now: i64,
}

impl<'a> Reading<'a> {
    fn status(&self) -> Option<&'a str> {
        self.document.status().map(|status| status.value.as_str())
    }

    /// Returns the rings with where each of their Sovereigns stands.
    fn rings(&self, manifests: Vec<Vec<String>>, kits: &Kits) -> Result<Vec<Ring<'a>>, Failure> {
        let mut rings = Vec::new();
        for (table, manifests) in self.document.rings().zip(manifests) {
            let by_default = if self.status().is_some() { Passes::Ready } else { Passes::Committed };
            let passes = table.passes.as_ref().map_or(by_default, |passes| passes.value);
            rings.push(Ring { table, passes, sovereigns: self.sovereigns(table, passes, &manifests, kits)? });
        }
        Ok(rings)
    }

    fn sovereigns(
        &self,
        table: &RingTable,
        passes: Passes,
        manifests: &[String],
        kits: &Kits,
    ) -> Result<Vec<Sovereign>, Failure> {
        let soak = table.soak.as_ref().map(|soak| i64::try_from(soak.value.seconds()).unwrap_or(i64::MAX));
        let status = self.status().filter(|_| passes == Passes::Ready);
        let asked = Asked {
            commit: self.head,
            cache: self.cache,
            status,
            oldest: soak.map(|soak| self.now.saturating_sub(soak)),
        };
        let mut all = Ok(Vec::with_capacity(manifests.len()));
        let work = |manifest: &String| fleet::sovereign(&self.fleet.repository, kits, manifest, asked);
        parallel::each(manifests, work, |_, sovereign| match (&mut all, sovereign) {
            (Ok(all), Ok(sovereign)) => all.push(sovereign),
            (Ok(_), Err(error)) => all = Err(error),
            (Err(_), _) => {}
        });
        Ok(all?)
    }
}

/// Makes the commits that are due. Bots that run at once begin at different ones, so that they do not all lose to the first.
fn make(
    args: &FleetNext,
    reading: &Reading<'_>,
    wave: &Wave<'_>,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    let fleet = reading.fleet;
    let repository = Repository::open(&fleet.repository)?;
    let mut next: Vec<&Next> = wave.next.iter().collect();
    next.retain(|next| args.shard.is_none_or(|part| part.holds(&next.manifest)));
    let place = usize::try_from(std::process::id()).unwrap_or_default();
    let begin = place.checked_rem(next.len()).unwrap_or_default();
    next.rotate_left(begin);
    let gate = Gate::at(&repository, reading.head, &fleet.file, reading.status())?;
    let mut exit =
        if wave.rings.iter().any(|(_, state)| state.word() == "failed") { Exit::Found } else { Exit::Done };
    let mut made = 0;
    for next in next {
        match publish_one(&repository, fleet, next, terminal)? {
            Outcome::Committed { commits, .. } => {
                for commit in &commits {
                    writeln!(terminal.out, "{commit} {}", next.manifest)?;
                }
                made += commits.len();
                let Some(last) = commits.last() else { continue };
                if Gate::at(&repository, *last, &fleet.file, reading.status())? != gate {
                    writeln!(terminal.err, "what opens rings has changed meanwhile: the next run goes on")?;
                    break;
                }
            }
            // Another bot was faster.
            Outcome::Unchanged | Outcome::OutOfOrder(_) => {}
            Outcome::Wrong => exit = Exit::Found,
            Outcome::EditRefused(refused) => {
                writeln!(terminal.err, "error: {refused}")?;
                exit = Exit::Found;
            }
            Outcome::OwnershipConflict(conflicts) => {
                for conflict in conflicts {
                    writeln!(terminal.err, "error: {conflict}")?;
                }
                exit = Exit::Found;
            }
            Outcome::Refused { commit, words } => {
                let words =
                    format!("the remote refused {commit}; it is kept here. The remote says:\n{words}");
                return Err(Failure::Environment(words));
            }
        }
    }
    writeln!(terminal.err, "{made} commits made, {} of {} rings done", done(wave), wave.rings.len())?;
    Ok(exit)
}

fn done(wave: &Wave<'_>) -> usize {
    wave.rings.iter().filter(|(_, state)| state.word() == "done").count()
}

fn publish_one(
    repository: &Repository,
    fleet: &Fleet,
    next: &Next,
    terminal: &mut Terminal<'_>,
) -> Result<Outcome, Failure> {
    let manifests = [Manifest::InRepository(next.manifest.clone())];
    let request = Request {
        branch: fleet.branch.as_deref(),
        push: fleet.push.then_some(fleet.remote.as_str()),
        step: next.step,
        ..Request::new(&manifests, terminal.places.kits.clone())
    };
    commit::watched(repository, &request, Format::Short, true, terminal)
}

/// Waits for other processes that use the same repository.
fn pause(attempt: u32) {
    std::thread::sleep(Duration::from_millis(50) * attempt);
}

#[expect(
    clippy::disallowed_methods,
    reason = "a window is open at some times and not at others; --now takes its place"
)]
fn clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or_default()
}
