//! `sovereign simulate`: what the loss of regions comes to.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::args::{Simulate as Args, SimulateFormat};
use super::many::{Join, Many};
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::plan::Plan;
use sovereign_compile::simulate::{Lost, Outcome, Simulation, human, json};
use sovereign_text::diag::suggest;
use sovereign_text::look::Look;

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let join = match args.format {
        SimulateFormat::Human => Join::Titles,
        SimulateFormat::Json => Join::Json,
    };
    let many = Many { findings: args.findings, join, words, quiet: false };
    let known = Known::default();
    let exit = many.run(&args.manifests, terminal, |file, terminal| one(file, args, &known, terminal))?;
    let unknown = known.unknown(&args.lose);
    terminal.err.write_all(unknown.as_bytes())?;
    Ok(if unknown.is_empty() { exit } else { exit.max(Exit::Usage) })
}

/// Returns what is said of manifests for which the command ends so.
fn words(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "that meet every objective",
        Exit::Found | Exit::Usage => "that miss one or have errors",
        Exit::Environment => "not readable",
    }
}

/// The regions of many Sovereigns: one that a Sovereign does not have it cannot lose, but one that none has was meant otherwise.
#[derive(Default)]
struct Known(Mutex<BTreeSet<String>>);

impl Known {
    fn note(&self, plan: &Plan<'_>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(plan.regions.iter().map(|region| region.name.value.as_str().to_owned()));
    }

    /// Returns words about those of these regions that none has; nothing where one manifest has spoken for itself.
    fn unknown(&self, lose: &[String]) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown = lose.iter().filter(|name| !known.is_empty() && !known.contains(*name));
        unknown.map(|name| not_there(name, known.iter().map(String::as_str))).collect()
    }
}

/// Simulates losses of one Sovereign.
fn one(file: &Path, args: &Args, known: &Known, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let (look, width) = (Look { color: terminal.out_color }, terminal.width);
    let is_one_of_many = terminal.among.is_some();
    let simulated = report::inspected(file, args.deny, args.findings, terminal, |plan, _| {
        let mut lose = args.lose.clone();
        if is_one_of_many {
            known.note(plan);
            lose.retain(|name| plan.regions.iter().any(|region| region.name.value.as_str() == name));
            if lose.is_empty() && !args.all {
                return Ok(Simulated { text: String::new(), is_met: true });
            }
        }
        simulate(args, &lose, plan, look, width)
    })?;
    match simulated {
        Err(_) => Ok(Exit::Found),
        Ok(Err(words)) => {
            terminal.err.write_all(words.as_bytes())?;
            Ok(Exit::Usage)
        }
        Ok(Ok(simulated)) => {
            terminal.out.write_all(simulated.text.as_bytes())?;
            Ok(if simulated.is_met { Exit::Done } else { Exit::Found })
        }
    }
}

/// What is printed, and whether every objective can be met.
struct Simulated {
    text: String,
    is_met: bool,
}

/// Takes a plan, gives what is printed, or words about a region that it does not have.
fn simulate(
    args: &Args,
    lose: &[String],
    plan: &Plan<'_>,
    look: Look,
    width: usize,
) -> Result<Simulated, String> {
    let losses = if args.all { Lost::every(plan) } else { vec![lost(lose, plan)?] };
    let simulation = Simulation::new(plan);
    let outcomes: Vec<_> = losses.into_iter().map(|lost| simulation.lose(lost)).collect();
    let text = match (args.format, outcomes.as_slice()) {
        (SimulateFormat::Json, outcomes) => json::render(&simulation, outcomes),
        (SimulateFormat::Human, [outcome]) if !args.all => human::one(&simulation, outcome, look, width),
        (SimulateFormat::Human, outcomes) => human::all(&simulation, outcomes, look, width),
    };
    Ok(Simulated { text, is_met: outcomes.iter().all(Outcome::is_met) })
}

fn lost(names: &[String], plan: &Plan<'_>) -> Result<Lost, String> {
    let known = || plan.regions.iter().map(|region| region.name.value.as_str());
    let mut words = String::new();
    let mut places = Vec::new();
    for name in names {
        if let Some(place) = known().position(|region| region == name) {
            places.push(place);
            continue;
        }
        words.push_str(&not_there(name, known()));
    }
    if words.is_empty() {
        return Ok(Lost::new(places));
    }
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(words, "  the regions are {}", suggest::list(known(), usize::MAX));
    Err(words)
}

/// Returns words about a region that is not there.
fn not_there<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut words = format!("error: there is no region `{}`\n", name.escape_debug());
    if let Some(near) = suggest::nearest(name, known) {
        let _ = writeln!(words, "  did you mean `{near}`?");
    }
    words
}
