//! `sovereign report`: a Sovereign as one page for a browser.

use std::sync::Arc;

use super::args::{self, Report as Args};
use super::diff::{self, Asked, Sides};
use super::{Exit, Failure, Terminal, files, report};
use crate::page::{self, Changes, Incomparable};
use sovereign_compile::with_plan;
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::git::Repository;
use sovereign_store::load;
use sovereign_text::diag::Diagnostics;

/// Runs the command.
///
/// # Errors
/// The manifest or the repository cannot be read, or the page cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let (kits, mut diags) = (Arc::clone(&terminal.kits), Diagnostics::new());
    let input = load::load(&args.file, &terminal.places.kits, &mut diags)?;
    let compiled = diags
        .verdict()
        .and_then(|()| with_plan(&input, &kits, &mut diags, |plan, lowered| page::of_plan(plan, &lowered)));
    let Ok(says) = compiled else {
        report::print(&diags, &input, &kits, args::Format::Human, terminal)?;
        return Ok(Exit::Found);
    };
    let compared = compared(args, &input, &kits, terminal)?;
    let changes = match &compared {
        Ok((diff, against)) => Changes::Against(diff, against.clone()),
        Err(reason) => Changes::None(*reason),
    };
    let sources = SourceMap { input: &input, kits: &kits };
    let page = page::render(says, &changes, &diags, &sources)?;
    files::replace(&args.html, &page)?;
    writeln!(terminal.err, "wrote {}", args.html.display())?;
    Ok(Exit::Done)
}

/// What the manifest is compared with and how it is called, or why with nothing.
type Compared = Result<(sovereign_change::diff::Diff, String), Incomparable>;

fn compared(
    args: &Args,
    input: &Input,
    kits: &Kits,
    terminal: &mut Terminal<'_>,
) -> Result<Compared, Failure> {
    if args.against.is_none() && Repository::open(diff::beside(&args.file)).is_err() {
        return Ok(Err(Incomparable::NoRepository));
    }
    let like = args::Diff::against(args.against.as_deref());
    let asked = Asked { file: &args.file, args: &like };
    // What is wrong with the manifest has been said.
    let Some(sides) = Sides::new(asked, input, kits, &mut Diagnostics::new(), terminal)? else {
        return Ok(Err(Incomparable::Errors));
    };
    let against = args.against.clone().unwrap_or_else(|| "HEAD".to_owned());
    Ok(Ok((sovereign_change::diff::diff(&sides.old, &sides.new, kits.catalog()), against)))
}
