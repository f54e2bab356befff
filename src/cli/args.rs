//! The arguments, with the help that teaches them.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Compiles one sovereign.toml into the complete Flux tree of an OpenOva Sovereign.
///
/// A mistake is found before it is committed, at its line, with what to write instead.
#[derive(Debug, Parser)]
#[command(name = "sovereign", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes:
  0  done, nothing to say
  1  the manifest has errors, or a comparison found a difference
  2  wrong arguments
  3  the world failed: disk, repository, network

Begin with `sovereign init`, then `sovereign check`, then `sovereign build`.")]
pub struct Args {
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a manifest and say everything that is wrong
    Check(Check),
    /// Compile a manifest and write its tree
    Build(Build),
    /// Print the JSON Schema of sovereign.toml, for editors
    #[command(after_help = "Example:
  sovereign schema > sovereign.schema.json

An editor that reads `#:schema sovereign.schema.json` in the first line completes every key.")]
    Schema,
    /// Explain a finding, by its code
    Explain(Explain),
    /// Write a commented sovereign.toml to begin with
    Init(Init),
    /// Look into the kits that this program carries
    Kit(Kit),
    /// Print shell completions
    Completions(Completions),
    /// Print the manual page, as roff
    Man(Man),
}

/// The manifest, and how to report.
#[derive(Clone, Debug, ClapArgs)]
pub struct Manifest {
    /// The manifest
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub file: PathBuf,
    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
    /// Treat warnings as errors
    #[arg(long, value_name = "WHAT")]
    pub deny: Option<Deny>,
}

/// What to treat as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// All warnings
    Warnings,
}

/// How to print findings. The formats for machines go to standard output, the others to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Pictures of the lines, with advice
    Human,
    /// One line a finding
    Short,
    /// One JSON object a finding
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands: annotations on a pull request
    Github,
}

/// `sovereign check`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  sovereign check
  sovereign check examples/omantel.toml --format short
  sovereign check --format sarif > findings.sarif")]
pub struct Check {
    /// The manifest
    #[command(flatten)]
    pub manifest: Manifest,
}

/// `sovereign build`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The tree goes to DIR/clusters/<fqdn>. It is written whole or not at all; files that are not in
its sovereign.lock belong to somebody else and are never touched.

Examples:
  sovereign build --out .
  sovereign build examples/omantel.toml --out /tmp/tree
  sovereign build --check        say what would change, write nothing"
)]
pub struct Build {
    /// The manifest
    #[command(flatten)]
    pub manifest: Manifest,
    /// Where the repository is
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// Write nothing; exit with 1 if the tree there differs
    #[arg(long)]
    pub check: bool,
    /// Overwrite files of ours that were edited by hand
    #[arg(long, conflicts_with = "check")]
    pub overwrite: bool,
    /// Say nothing but mistakes
    #[arg(long, short)]
    pub quiet: bool,
}

/// `sovereign explain`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  sovereign explain
  sovereign explain duplicate-name")]
pub struct Explain {
    /// The code of a finding, as in error[duplicate-name]; without it, all codes
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// `sovereign init`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "A file that is there is never overwritten.

Examples:
  sovereign init
  sovereign init muscat.toml --regions 3")]
pub struct Init {
    /// The file to write
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub file: PathBuf,
    /// How many regions to begin with
    #[arg(long, value_name = "N", default_value = "1")]
    pub regions: Regions,
}

/// How many regions to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Regions {
    /// One region: everything in one cluster
    #[value(name = "1")]
    One,
    /// Three regions: a primary and two secondaries
    #[value(name = "3")]
    Three,
}

/// `sovereign kit`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  sovereign kit list
  sovereign kit show 2026.05")]
pub struct Kit {
    /// What to show
    #[command(subcommand)]
    pub command: KitCommand,
}

/// The commands about kits.
#[derive(Debug, Subcommand)]
pub enum KitCommand {
    /// List the kits
    #[command(after_help = "Example:
  sovereign kit list")]
    List,
    /// Show the blueprints of a kit, or one of them whole
    #[command(after_help = "Examples:
  sovereign kit show 2026.05
  sovereign kit show 2026.05 cilium")]
    Show {
        /// The kit
        #[arg(value_name = "KIT")]
        kit: String,
        /// One blueprint, by name with or without bp-
        #[arg(value_name = "BLUEPRINT")]
        blueprint: Option<String>,
    },
}

/// `sovereign completions`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:
  sovereign completions bash > /etc/bash_completion.d/sovereign")]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `sovereign man`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  sovereign man | man -l -
  sovereign man kit show > sovereign-kit-show.1")]
pub struct Man {
    /// The command whose page to print; without it, the program's
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}
