//! `sovereign graph`: what waits for what, and what is tied to what.

use super::args::{Format, Graph as Args, GraphFormat, GraphOf};
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::graph::{self, Graph, dot, mermaid, svg, text};
use sovereign_compile::lower::Lowered;
use sovereign_compile::plan::{Plan, Region};
use sovereign_text::diag::suggest;

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let drawn = report::inspected(&args.manifest, None, Format::Human, terminal, |plan, lowered| {
        graph(args, plan, &lowered).map(|graph| match args.format {
            GraphFormat::Text => text::render(&graph),
            GraphFormat::Dot => dot::render(&graph),
            GraphFormat::Mermaid => mermaid::render(&graph),
            GraphFormat::Svg => svg::render(&graph),
        })
    })?;
    match drawn {
        Err(_) => Ok(Exit::Found),
        Ok(Ok(text)) => {
            terminal.out.write_all(text.as_bytes())?;
            Ok(Exit::Done)
        }
        Ok(Err(words)) => {
            writeln!(terminal.err, "{words}")?;
            Ok(Exit::Usage)
        }
    }
}

/// Returns what was asked for, or words about a region that is not there.
fn graph(args: &Args, plan: &Plan<'_>, lowered: &Lowered) -> Result<Graph, String> {
    let names = || plan.regions.iter().map(|region| region.name.value.as_str());
    let is_asked = |region: &&Region<'_>| Some(region.name.value.as_str()) == args.region.as_deref();
    let region = match &args.region {
        None => plan.primary().or(plan.regions.first()),
        Some(_) => plan.regions.iter().find(is_asked),
    };
    let Some(region) = region else {
        let asked = args.region.as_deref().unwrap_or_default().escape_debug();
        let known = suggest::list(names(), usize::MAX);
        return Err(format!("error: there is no region `{asked}`\nhelp: the regions are {known}"));
    };
    Ok(match args.of {
        GraphOf::Dependencies => graph::dependencies(plan, region),
        GraphOf::Layers => graph::layers(plan, region, lowered),
        GraphOf::Topology => graph::topology(plan),
    })
}
