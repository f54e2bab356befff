//! `sovereign kit`: shows the kits that the program carries, and opens charts.

mod charts;
mod lock;

use std::sync::Arc;

use super::args::{Kit as Args, KitCommand};
use super::{Exit, Failure, Terminal};
use sovereign_language::kit::{Kit, Kits};
use sovereign_text::diag::{Diagnostics, suggest};

/// Runs the command.
///
/// # Errors
/// The output cannot be written, or a chart cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let kits = Kits::embedded();
    match &args.command {
        KitCommand::List => list(&kits, terminal),
        KitCommand::Lock(args) => lock::run(args, &kits, terminal),
        KitCommand::Show { kit, blueprint } => show(&kits, kit, blueprint.as_deref(), terminal),
    }
}

fn open(kits: &Kits, name: &str) -> Option<Arc<Kit>> {
    kits.open(name, &[], &mut Diagnostics::new())
}

fn list(kits: &Kits, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    for kit in kits.names().filter_map(|name| open(kits, name)) {
        writeln!(terminal.out, "{}  {} blueprints, Flux {}", kit.name, kit.blueprints.len(), kit.flux)?;
    }
    Ok(Exit::Done)
}

fn show(
    kits: &Kits,
    name: &str,
    blueprint: Option<&str>,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    let Some(kit) = open(kits, name) else { return unknown("kit", name, kits.names(), terminal) };
    let Some(wanted) = blueprint else { return table(&kit, terminal) };
    let found = kit.blueprints.iter().find(|b| bare(b.name.value.as_str()) == bare(wanted));
    let source = found.and_then(|blueprint| kits.source(blueprint.span.source));
    let Some(source) = source else {
        // With the `bp-` that all have in common, every name would be near to every other.
        let known = kit.blueprints.iter().map(|b| bare(b.name.value.as_str()));
        return unknown("blueprint", bare(wanted), known, terminal);
    };
    terminal.out.write_all(source.text().as_bytes())?;
    Ok(Exit::Done)
}

fn bare(name: &str) -> &str {
    name.strip_prefix("bp-").unwrap_or(name)
}

fn table(kit: &Kit, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    writeln!(terminal.out, "{:<5}{:<36}{:<11}{:<11}WAITS FOR", "SLOT", "BLUEPRINT", "VERSION", "RUNS IN")?;
    for blueprint in &kit.blueprints {
        let edges: Vec<_> = blueprint.depends_on.iter().map(|edge| edge.value.bare().to_string()).collect();
        let runs = match blueprint.vcluster {
            Some(tier) => format!("vc {}", tier.value),
            None => blueprint.runs.value.to_string(),
        };
        let line = format!(
            "{:<5}{:<36}{:<11}{:<11}{}",
            blueprint.slot.value.as_str(),
            blueprint.name.value.as_str(),
            blueprint.version.value.as_str(),
            runs,
            edges.join(", "),
        );
        writeln!(terminal.out, "{}", line.trim_end())?;
    }
    Ok(Exit::Done)
}

fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    writeln!(terminal.err, "error: there is no {what} `{name}`")?;
    match suggest::nearest(name, known.clone()) {
        Some(near) => writeln!(terminal.err, "help: did you mean `{near}`?")?,
        None => writeln!(terminal.err, "help: there is {}", suggest::list(known, 12))?,
    }
    Ok(Exit::Usage)
}
