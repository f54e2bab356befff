//! `sovereign init`: writes a manifest to begin with, and never over one that is there.

#![expect(clippy::disallowed_methods, reason = "a file that could not be written whole is taken back")]

mod start;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Exit, Failure, Terminal};
use sovereign_compile::{Diagnostics, Input, Kits, Source, SourceMap, findings, outline};
use sovereign_language::cloud::Provider;
use sovereign_language::scalar::choice::Choice as _;
use start::Start;

/// `sovereign init`.
#[derive(Debug, Args)]
#[command(
    after_help = "A file that is there is never overwritten. What is written has no error and no warning; its comments name what can be said besides.

Examples:
  sovereign init
  sovereign init muscat.toml --regions 3
  sovereign init acme.toml --name acme --domain cloud.acme.org --provider oci --regions eu-frankfurt-1,me-dubai-1"
)]
pub struct Init {
    /// The file to write
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub file: PathBuf,
    /// The name of the Sovereign
    #[arg(long, default_value = "my-sovereign")]
    pub name: String,
    /// Who provides the machines
    #[arg(long, default_value = "hetzner", value_parser = PossibleValuesParser::new(Provider::WORDS))]
    pub provider: String,
    /// How many regions to begin with, or their names with commas; the first is the primary
    #[arg(long, value_name = "N|NAMES", default_value = "1")]
    pub regions: String,
    /// The size of the machines; without it one that the provider is known to have
    #[arg(long)]
    pub size: Option<String>,
    /// A domain of your own; without it the Sovereign is `NAME.omani.works`, in a zone that OpenOva runs
    #[arg(long, value_name = "FQDN")]
    pub domain: Option<String>,
    /// Write the delegation of that domain through its registrar's API; without it you paste the name servers
    #[arg(long, requires = "domain")]
    pub registrar: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// The file exists, or cannot be written.
pub fn run(args: &Init, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let text = match Start::new(args).map(|start| start.manifest()) {
        Ok(text) => text,
        Err(words) => {
            writeln!(terminal.err, "error: {words}\n\nFor more information, try 'sovereign init --help'.")?;
            return Ok(Exit::Usage);
        }
    };
    let faults = faults(&args.file, &text);
    if !faults.is_empty() {
        write!(
            terminal.err,
            "error: nothing is written, since these arguments give a manifest with errors:\n{faults}"
        )?;
        return Ok(Exit::Usage);
    }
    write(&args.file, &text)?;
    let file = args.file.display();
    writeln!(terminal.err, "wrote {file}; edit it, then `sovereign check {file}`")?;
    Ok(Exit::Done)
}

/// Returns what `check` would say of a manifest, a line a finding: empty if it is right.
fn faults(file: &Path, text: &str) -> String {
    let mut diags = Diagnostics::new();
    let name = file.display().to_string();
    let source = Source::manifest(&name, text.as_bytes().to_vec());
    let Ok(source) = source else { return format!("{name} would be too large\n") };
    let (input, kits) = (Input::new(source), Kits::embedded());
    // What is wrong is in the findings.
    outline(&input, &kits, &mut diags).ok();
    findings(&diags, &SourceMap { input: &input, kits: &kits })
}

/// Writes a file that is not there yet, whole or not at all.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        let name = file.display();
        Failure::Environment(if error.kind() == ErrorKind::AlreadyExists {
            format!("{name} exists already; name another file, or remove it first")
        } else if error.kind() == ErrorKind::NotFound {
            let directory = file.parent().unwrap_or(file).display();
            format!("cannot write {name}: there is no directory `{directory}`")
        } else {
            format!("cannot write {name}: {error}")
        })
    };
    // `create_new` makes the check and the creation one step: a file that appears in between is not lost.
    let mut out = OpenOptions::new().write(true).create_new(true).open(file).map_err(cannot)?;
    if let Err(error) = out.write_all(text.as_bytes()) {
        // Half a manifest would only stand in the way of the next try. If it stays, the error says where.
        std::fs::remove_file(file).ok();
        return Err(cannot(error));
    }
    Ok(())
}
