//! The arguments of `sovereign impact`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::many::Manifests;

/// `sovereign impact`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Asks no repository: what the manifests give now is held against what they would give.
Exit codes: 0 nothing is reinstalled, lost or refused, 1 something is, 2 wrong arguments, 3 the world failed.

Examples:
  sovereign impact --kit 2026.05 sovereigns/
  sovereign impact --compiler /usr/bin/sovereign sovereigns/ --format markdown > impact.md
  sovereign impact --kit 2026.05 sovereigns/ --shard 2/8 --format json > impact-2.json"
)]
#[command(group = clap::ArgGroup::new("against").required(true))]
pub struct Args {
    /// The manifests
    #[command(flatten)]
    pub manifests: Manifests,
    /// What each would be on this kit of the program
    #[arg(long, value_name = "KIT", group = "against")]
    pub kit: Option<String>,
    /// What this program gives where PROGRAM, another build of it, is in use today
    #[arg(long, value_name = "PROGRAM", group = "against")]
    pub compiler: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: ImpactFormat,
    /// Write it as a page for a browser, too; what is there is overwritten
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// How to print what it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImpactFormat {
    /// For a person at a terminal
    Human,
    /// For a comment on a pull request, or the notes of a release
    Markdown,
    /// For programs: `sovereign schema impact` describes it
    Json,
}
