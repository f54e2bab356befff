//! `sovereign artifacts`: lists what a tree needs from outside.

use super::args::{Artifacts as Args, ArtifactsFormat, Format};
use super::{Exit, Failure, Terminal, report};
use sovereign_compile::artifacts::{self, copy, json, skopeo, text};

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read, or the output cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let found = report::inspected(&args.file, None, Format::Human, terminal, |plan, lowered| {
        let artifacts = artifacts::collect(plan, &lowered);
        match args.format {
            ArtifactsFormat::Text => text::render(&artifacts),
            ArtifactsFormat::Json => json::render(&artifacts),
            ArtifactsFormat::Skopeo => skopeo::render(&artifacts, plan.kit_span),
            ArtifactsFormat::Copy => copy::render(&artifacts),
        }
    })?;
    let Ok(list) = found else { return Ok(Exit::Found) };
    terminal.out.write_all(list.as_bytes())?;
    Ok(Exit::Done)
}
