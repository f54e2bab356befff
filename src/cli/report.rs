//! Printing findings in the format that was asked for.

use std::path::Path;
use std::sync::Arc;

use super::args::{Deny, Format};
use super::{Failure, Terminal};
use sovereign_compile::lower::Lowered;
use sovereign_compile::plan::Plan;
use sovereign_compile::tree::Tree;
use sovereign_compile::{compile, with_plan};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::load;
use sovereign_text::diag::human::Style;
use sovereign_text::diag::{Diagnostics, Reported, github, human, json, sarif, short};

/// Loads and compiles a manifest and prints what was found.
///
/// # Errors
/// The world failed; what is wrong with the manifest is in the inner result, and printed.
pub fn compiled(
    file: &Path,
    deny: Option<Deny>,
    format: Format,
    terminal: &mut Terminal<'_>,
) -> Result<Result<Tree, Reported>, Failure> {
    reported(file, deny, format, terminal, |input, kits, diags| Ok(compile(input, kits, diags)))
}

/// Loads and compiles a manifest, prints what was found, and gives what `see` makes of its plan and objects.
///
/// # Errors
/// The world failed; what is wrong with the manifest is in the inner result, and printed.
pub fn inspected<T>(
    file: &Path,
    deny: Option<Deny>,
    format: Format,
    terminal: &mut Terminal<'_>,
    see: impl FnOnce(&Plan<'_>, Lowered) -> T,
) -> Result<Result<T, Reported>, Failure> {
    let file = load::upwards(file);
    reported(&file, deny, format, terminal, |input, kits, diags| Ok(with_plan(input, kits, diags, see)))
}

/// Loads a manifest, does some work on it, and prints what was found.
///
/// # Errors
/// The world failed; what is wrong with the manifest is in the inner result, and printed.
pub fn reported<T>(
    file: &Path,
    deny: Option<Deny>,
    format: Format,
    terminal: &mut Terminal<'_>,
    work: impl FnOnce(&Input, &Kits, &mut Diagnostics) -> Result<Result<T, Reported>, Failure>,
) -> Result<Result<T, Reported>, Failure> {
    let mut diags = if deny.is_some() { Diagnostics::denying_warnings() } else { Diagnostics::new() };
    let kits = Arc::clone(&terminal.kits);
    let input = load::load(file, &terminal.places.kits, &mut diags)?;
    // A file that is no text has been reported and says nothing else.
    let result = match diags.verdict() {
        Ok(()) => work(&input, &kits, &mut diags)?,
        Err(reported) => Err(reported),
    };
    print(&diags, &input, &kits, format, terminal)?;
    Ok(result)
}

/// Prints findings in a format.
///
/// # Errors
/// The output cannot be written.
pub fn print(
    diags: &Diagnostics,
    input: &Input,
    kits: &Kits,
    format: Format,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    if terminal.among.as_mut().is_some_and(|among| among.keep(diags, input, format)) {
        return Ok(());
    }
    let sources = SourceMap { input, kits };
    match format {
        Format::Human => {
            let style = Style { color: terminal.color, width: terminal.width };
            terminal.err.write_all(human::render(diags, &sources, style).as_bytes())?;
        }
        Format::Short => terminal.err.write_all(short::render(diags, &sources).as_bytes())?,
        Format::Json => terminal.out.write_all(json::render(diags, &sources).as_bytes())?,
        Format::Sarif => terminal.out.write_all(sarif::render(diags, &sources).as_bytes())?,
        Format::Github => {
            let found = github::render_at(diags, &sources, &load::from_root);
            terminal.out.write_all(found.as_bytes())?;
        }
    }
    Ok(())
}
