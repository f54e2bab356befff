//! The arguments of `sovereign hook`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

/// `sovereign hook`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  sovereign hook install
  sovereign hook run --fix")]
pub struct Hook {
    /// What to do
    #[command(subcommand)]
    pub command: HookCommand,
}

/// The commands about the hook.
#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Install the pre-commit hook in this repository
    Install(HookInstall),
    /// Judge what is staged: what the hook does
    Run(HookRun),
}

/// `sovereign hook install`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "A hook that is there already is kept and called first.

Example:
  sovereign hook install --fix")]
pub struct HookInstall {
    /// Let the hook write and stage the tree instead of refusing
    #[arg(long)]
    pub fix: bool,
}

/// `sovereign hook run`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Reads the index, not the work tree: what is staged is what is checked. Says nothing when
nothing staged concerns a Sovereign.

Example:
  sovereign hook run --fix"
)]
pub struct HookRun {
    /// The manifests; by default every staged file called sovereign.toml
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write and stage the tree instead of refusing
    #[arg(long)]
    pub fix: bool,
}
