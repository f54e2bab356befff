//! `sovereign graph`: what waits for what, and what is tied to what.

use super::args::{Format, Graph as Args, GraphFormat, GraphOf};
use super::unknown_region::UnknownRegions;
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::graph::{self, Graph, dot, mermaid, svg, text};
use sovereign_compile::lower::Lowered;
use sovereign_compile::plan::{Plan, Region};

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
        Ok(Err(unknown)) => {
            writeln!(terminal.err, "error: {unknown}\nhelp: the regions are {}", unknown.known())?;
            Ok(Exit::Usage)
        }
    }
}

/// Returns what was asked for.
///
/// # Errors
/// The plan lacks the region that was asked for.
fn graph(args: &Args, plan: &Plan<'_>, lowered: &Lowered) -> Result<Graph, UnknownRegions> {
    let is_asked = |region: &&Region<'_>| Some(region.name.value.as_str()) == args.region.as_deref();
    let region = match &args.region {
        None => plan.primary().or(plan.regions.first()),
        Some(_) => plan.regions.iter().find(is_asked),
    };
    let Some(region) = region else {
        return Err(UnknownRegions::of_plan(vec![args.region.clone().unwrap_or_default()], plan));
    };
    Ok(match args.of {
        GraphOf::Dependencies => graph::dependencies(plan, region),
        GraphOf::Layers => graph::layers(plan, region, lowered),
        GraphOf::Topology => graph::topology(plan),
    })
}
