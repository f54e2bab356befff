//! `sovereign simulate`: what the loss of regions comes to.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::args::{Simulate as Args, SimulateFormat};
use super::many::{Join, Many};
use super::unknown_region::UnknownRegions;
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::plan::Plan;
use sovereign_compile::simulate::{Lost, Outcome, Simulation, human, json};
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
    let Some(unknown) = known.unknown(&args.lose) else { return Ok(exit) };
    say(&unknown, terminal)?;
    Ok(exit.max(Exit::Usage))
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

    /// Returns those of these regions that none has; nothing where one manifest has spoken for itself.
    fn unknown(&self, lose: &[String]) -> Option<UnknownRegions> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown = lose.iter().filter(|name| !known.is_empty() && !known.contains(*name));
        let unknown: Vec<_> = unknown.cloned().collect();
        (!unknown.is_empty()).then(|| UnknownRegions::new(unknown, known.iter().cloned().collect()))
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
        Ok(Err(unknown)) => {
            say(&unknown, terminal)?;
            writeln!(terminal.err, "  the regions are {}", unknown.known())?;
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

/// Takes a plan, gives what is printed.
///
/// # Errors
/// The plan lacks a region that is to be lost.
fn simulate(
    args: &Args,
    lose: &[String],
    plan: &Plan<'_>,
    look: Look,
    width: usize,
) -> Result<Simulated, UnknownRegions> {
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

/// Returns the loss of regions by their names.
///
/// # Errors
/// The plan lacks some of them.
fn lost(names: &[String], plan: &Plan<'_>) -> Result<Lost, UnknownRegions> {
    let place = |name: &String| plan.regions.iter().position(|region| region.name.value.as_str() == name);
    let unknown: Vec<_> = names.iter().filter(|name| place(name).is_none()).cloned().collect();
    if unknown.is_empty() {
        Ok(Lost::new(names.iter().filter_map(place)))
    } else {
        Err(UnknownRegions::of_plan(unknown, plan))
    }
}

/// Says which regions are not there, and what may have been meant.
fn say(unknown: &UnknownRegions, terminal: &mut Terminal<'_>) -> io::Result<()> {
    for region in unknown.each() {
        writeln!(terminal.err, "error: {region}")?;
        if let Some(near) = region.near {
            writeln!(terminal.err, "  did you mean `{near}`?")?;
        }
    }
    Ok(())
}
