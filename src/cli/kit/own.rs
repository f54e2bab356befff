//! Kits of one's own: opened from a directory, begun, and held against every rule.
#![expect(clippy::disallowed_methods, reason = "a kit is a directory that a person names")]

use std::fs;
use std::path::{Path, PathBuf};

use super::super::args::Format;
use super::super::{Exit, Failure, Terminal, report};
use super::Named;
use sovereign_compile::check::{UnheldKind, unheld_kinds};
use sovereign_compile::{outline, with_plan};
use sovereign_language::input::{Holds, Input};
use sovereign_language::kit::{Kits, OwnKit};
use sovereign_store::load;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

/// Sovereigns to try a kit on: all that is observed is there, so that nothing is said but of the kit.
const SAMPLES: [(&str, &str); 2] = [
    ("a Sovereign of one region", include_str!("samples/one.toml")),
    ("a Sovereign of three regions", include_str!("samples/three.toml")),
];
/// What stands in them for the directory of the kit.
const KIT: &str = "KIT";

/// Opens a kit of one's own; `None` after its mistakes are printed.
///
/// # Errors
/// The directory cannot be named, or the output not written.
pub(super) fn open(
    directory: &Path,
    kits: &Kits,
    terminal: &mut Terminal<'_>,
) -> Result<Option<Named>, Failure> {
    let (_, sample) = SAMPLES[0];
    let (input, mut diags) = (input(sample, directory)?, Diagnostics::new());
    let files: Vec<_> = input.holding(Holds::Kit).collect();
    let kit = OwnKit::new(&files).and_then(|own| kits.extend(own, &[], &mut diags));
    if kit.is_none() && diags.verdict().is_ok() {
        return Err(Failure::Environment(format!("there is no kit.toml in {}", directory.display())));
    }
    report::print(&diags, &input, kits, Format::Human, terminal)?;
    Ok(kit.filter(|_| diags.verdict().is_ok()).map(|kit| Named { kit, input: Some(input) }))
}

/// Holds a kit against every rule, in each sample until one of them has a mistake.
///
/// # Errors
/// The directory cannot be named, or the output not written.
pub(super) fn check(
    directory: &Path,
    format: Format,
    kits: &Kits,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    for (place, (what, sample)) in SAMPLES.iter().enumerate() {
        let (input, mut diags) = (answered(sample, directory, kits)?, Diagnostics::new());
        let checked = outline(&input, kits, &mut diags);
        let is_last = place + 1 == SAMPLES.len();
        if checked.is_err() || is_last {
            report::print(&diags, &input, kits, format, terminal)?;
        }
        match checked {
            Err(_) => {
                writeln!(terminal.err, "tried in {what}")?;
                return Ok(Exit::Found);
            }
            Ok(tree) if format == Format::Human => {
                writeln!(terminal.err, "right in {what}: {} files", tree.paths.len())?;
                if is_last {
                    say_unheld(&input, kits, terminal)?;
                }
            }
            Ok(_) => {}
        }
    }
    Ok(Exit::Done)
}

/// Says which kinds of objects are right as far as anybody here knows: no lock has their definitions.
fn say_unheld(input: &Input, kits: &Kits, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let unheld = with_plan(input, kits, &mut Diagnostics::new(), |plan, _| unheld_kinds(plan));
    for UnheldKind { file, kind, chart, opened } in unheld.unwrap_or_default() {
        let why = if opened { "has no definition of the group in its lock" } else { "was not opened" };
        writeln!(terminal.err, "not known: whether {kind} of {file} exists, since {chart} {why}")?;
    }
    Ok(())
}

/// Begins a kit, and never over one that is there.
///
/// # Errors
/// The directory exists, or cannot be written.
pub(super) fn begin(directory: &Path, kits: &Kits, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let (shown, name) = (directory.display(), directory_name(directory)?);
    let newest = kits.newest();
    let cannot = |error: std::io::Error| Failure::Environment(format!("cannot make {shown}: {error}"));
    fs::create_dir(directory).map_err(cannot)?;
    fs::write(directory.join("kit.toml"), START.replace("NAME", &name).replace("NEWEST", newest))
        .map_err(cannot)?;
    writeln!(terminal.err, "wrote {shown}/kit.toml; edit it, then `sovereign kit check {shown}`")?;
    Ok(Exit::Done)
}

/// What a kit begins with.
const START: &str = include_str!("samples/kit.toml");

/// Returns a sample that answers what the kit must be told, with values that fit.
fn answered(sample: &str, directory: &Path, kits: &Kits) -> Result<Input, Failure> {
    let asked = input(sample, directory)?;
    let files: Vec<_> = asked.holding(Holds::Kit).collect();
    let kit = OwnKit::new(&files).and_then(|own| kits.extend(own, &[], &mut Diagnostics::new()));
    let inputs = kit.iter().flat_map(|kit| &kit.extension.inputs.0);
    let required = inputs.filter(|(_, table)| table.value.required.is_some_and(|required| required.value));
    let lines: Vec<_> =
        required.map(|(name, table)| format!("{} = {}", name.value, table.value.example())).collect();
    if lines.is_empty() {
        Ok(asked)
    } else {
        input(&format!("{sample}\n[input]\n{}\n", lines.join("\n")), directory)
    }
}

fn input(sample: &str, directory: &Path) -> Result<Input, Failure> {
    let name = directory_name(directory)?;
    // `.` and `..` have no name to put into the sample, and nothing above them that the sample could stand in.
    let above = if directory.file_name().is_some() {
        directory.parent().map(Path::to_owned)
    } else {
        directory.canonicalize().ok().and_then(|whole| Some(whole.parent()?.to_owned()))
    };
    let above = above.filter(|above| !above.as_os_str().is_empty()).unwrap_or_else(|| PathBuf::from("."));
    let text = sample.replace(KIT, &name);
    let source = Source::manifest(above.join("(sample)").display().to_string(), text.into_bytes());
    Ok(load::beside(source.unwrap_or_else(|(_, source)| source), &above))
}

/// Returns the name of a directory, which a manifest can say: no quote, no control character. That of `.` is what it is called.
///
/// # Errors
/// It has no such name.
pub(super) fn directory_name(directory: &Path) -> Result<String, Failure> {
    let whole = match directory.file_name() {
        Some(_) => None,
        None => directory.canonicalize().ok(),
    };
    let name = whole.as_deref().unwrap_or(directory).file_name().and_then(|name| name.to_str());
    let is_plain = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    name.filter(is_plain).map(str::to_owned).ok_or_else(|| {
        Failure::Environment(format!(
            "{} is not the name of a kit's directory: letters, digits, dots, dashes and underscores",
            directory.display()
        ))
    })
}
