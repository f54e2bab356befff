//! `sovereign init`: writes a manifest to begin with, and never over one that is there.

mod start;

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Exit, Failure, Terminal, files};
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
    let text = match Start::new(args, terminal.kits.newest()).map(|start| start.manifest()) {
        Ok(text) => text,
        Err(error) => {
            writeln!(terminal.err, "error: {error}\n\nFor more information, try 'sovereign init --help'.")?;
            return Ok(Exit::Usage);
        }
    };
    let faults = faults(&args.file, &text, &terminal.kits);
    if !faults.is_empty() {
        write!(
            terminal.err,
            "error: nothing is written, since these arguments give a manifest with errors:\n{faults}"
        )?;
        return Ok(Exit::Usage);
    }
    files::create(&args.file, &text)?;
    let file = args.file.display();
    writeln!(terminal.err, "wrote {file}; edit it, then `sovereign check {file}`")?;
    Ok(Exit::Done)
}

/// Returns what `check` would say of a manifest, a line a finding: empty if it is right.
fn faults(file: &Path, text: &str, kits: &Kits) -> String {
    let mut diags = Diagnostics::new();
    let name = format!("{} (not written)", file.display());
    let source = Source::manifest(&name, text.as_bytes().to_vec());
    let Ok(source) = source else { return format!("{name} would be too large\n") };
    let input = Input::new(source);
    // What is wrong is in the findings.
    outline(&input, kits, &mut diags).ok();
    findings(&diags, &SourceMap { input: &input, kits })
}
