//! `sovereign simulate`: what the loss of regions comes to.

use std::fmt::Write as _;

use super::args::{Simulate as Args, SimulateFormat};
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
    let (look, width) = (Look { color: terminal.out_color }, terminal.width);
    let simulated = report::inspected(&args.file, args.deny, args.findings, terminal, |plan, _| {
        simulate(args, plan, look, width)
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
fn simulate(args: &Args, plan: &Plan<'_>, look: Look, width: usize) -> Result<Simulated, String> {
    let losses = if args.all { Lost::every(plan) } else { vec![lost(&args.lose, plan)?] };
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
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(words, "error: there is no region `{}`", name.escape_debug());
        if let Some(near) = suggest::nearest(name, known()) {
            let _ = writeln!(words, "  did you mean `{near}`?");
        }
    }
    if words.is_empty() {
        return Ok(Lost::new(places));
    }
    let _ = writeln!(words, "  the regions are {}", suggest::list(known(), usize::MAX));
    Err(words)
}
