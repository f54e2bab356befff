//! `sovereign kit`: shows the kits that the program carries and one's own, compares them, and opens charts.

mod artifact;
mod charts;
mod diff;
mod fetch;
mod lock;
mod own;

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::args::{Kit as Args, KitCommand};
use super::{Exit, Failure, Terminal};
use sovereign_language::input::Input;
use sovereign_language::kit::{Kit, Kits};
use sovereign_text::diag::{Diagnostics, suggest};

/// Runs the command.
///
/// # Errors
/// The output cannot be written, or a chart cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let kits = Arc::clone(&terminal.kits);
    match &args.command {
        KitCommand::Check { directory, format } => own::check(directory, *format, &kits, terminal),
        KitCommand::Diff { before, after } => compare(&kits, before, after, terminal),
        KitCommand::Fetch(args) => fetch::run(args, &kits, terminal),
        KitCommand::New { directory } => own::begin(directory, &kits, terminal),
        KitCommand::List => list(&kits, terminal),
        KitCommand::Lock(args) => lock::run(args, &kits, terminal),
        KitCommand::Pack(args) => artifact::pack(args, terminal),
        KitCommand::Pull(args) => artifact::pull(args, terminal),
        KitCommand::Push(args) => artifact::push(args, terminal),
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

/// A kit that somebody named, and where the blueprints stand that no kit of the program has.
struct Named {
    kit: Arc<Kit>,
    /// A sample with the files of the kit, if it is one's own.
    input: Option<Input>,
}

/// Opens a kit of the program by its name, or else one's own by its directory. What is wrong is said, and gives the exit.
fn named(kits: &Kits, name: &str, terminal: &mut Terminal<'_>) -> Result<Result<Named, Exit>, Failure> {
    if let Some(kit) = open(kits, name) {
        return Ok(Ok(Named { kit, input: None }));
    }
    if !Path::new(name).is_dir() {
        return unknown("kit", name, kits.names(), terminal).map(Err);
    }
    Ok(own::open(Path::new(name), kits, terminal)?.ok_or(Exit::Found))
}

fn compare(kits: &Kits, before: &str, after: &str, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let before = match named(kits, before, terminal)? {
        Ok(before) => before.kit,
        Err(exit) => return Ok(exit),
    };
    match named(kits, after, terminal)? {
        Ok(after) => diff::print(&before, &after.kit, terminal),
        Err(exit) => Ok(exit),
    }
}

fn show(
    kits: &Kits,
    name: &str,
    blueprint: Option<&str>,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    let Named { kit, input } = match named(kits, name, terminal)? {
        Ok(named) => named,
        Err(exit) => return Ok(exit),
    };
    let Some(wanted) = blueprint else { return table(&kit, terminal) };
    let found = kit.blueprints.iter().find(|b| bare(b.name.value.as_str()) == bare(wanted));
    let of_input = |id| input.as_ref()?.further().map(|file| file.source).find(|source| source.id() == id);
    let source = found.map(|blueprint| blueprint.span.source);
    let source = source.and_then(|id| kits.source(id).or_else(|| of_input(id)));
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
    inputs(kit, terminal)?;
    Ok(Exit::Done)
}

/// Writes what a kit of one's own asks its manifests for.
fn inputs(kit: &Kit, terminal: &mut Terminal<'_>) -> io::Result<()> {
    let inputs = &kit.extension.inputs.0;
    if inputs.is_empty() {
        return Ok(());
    }
    writeln!(terminal.out, "\n{:<21}{:<10}{:<10}FOR", "INPUT", "TYPE", "REQUIRED")?;
    for (name, input) in inputs {
        let input = &input.value;
        let is_required = input.required.as_ref().is_some_and(|required| required.value);
        let required = if is_required { "yes" } else { "" };
        let doc = input.doc.as_ref().map_or("", |doc| doc.value.as_str());
        let line = format!("{:<21}{:<10}{required:<10}{doc}", name.value.as_str(), input.kind().to_string());
        writeln!(terminal.out, "{}", line.trim_end())?;
    }
    Ok(())
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
