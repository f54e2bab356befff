//! The arguments of the commands that bring a tree into Git: in steps, at once, and to see that it is there.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::many::Manifests;
use super::{Deny, Format};

/// `sovereign plan`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A change that is safe only in an order becomes several commits: regions come before others
rely on them and leave after, what loses data goes after what takes its place, users go before
what they stand on. Each step says what to see to before the next. With several manifests they
take the steps together, as an Organization needs that moves from one to the other.
A manifest is read from the disk, or from the branch where there is no such file.
Exit codes: 0 done, 1 a manifest has errors or a step breaks a transition rule.

Examples:
  sovereign plan
  sovereign plan old/sovereign.toml new/sovereign.toml
  sovereign commit --step 1"
)]
pub struct Plan {
    /// The manifests
    #[command(flatten)]
    pub manifests: Manifests,
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repository: PathBuf,
    /// The branch whose trees are to change; by default the one that is checked out
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// How to print the steps
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: PlanFormat,
    /// Treat warnings as errors
    #[arg(long, value_name = "WHAT")]
    pub deny: Option<Deny>,
}

/// How to print steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For a person at a terminal
    Human,
    /// For programs, with stable keys
    Json,
}

/// `sovereign commit`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A manifest in the repository is read from the commit that is built on. Only files of the
tree change; without a change there is no commit. Where the branch is checked out, files and index
come along, and what a person changed there is never lost. With --push the branch is fetched, built on
and pushed without force, again from its new head if somebody was faster.
A change that is safe only in an order takes several commits: it is refused, and said how many.

Examples:
  sovereign commit                            one commit on the branch that is checked out
  sovereign commit --push --worktree          the same on the remote, and bring what others pushed
  sovereign commit --step 2                   the second step of `sovereign plan`
  sovereign commit --push --branch main sovereigns/*/sovereign.toml"
)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, one for each flag")]
pub struct Commit {
    /// The manifests
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub files: Vec<PathBuf>,
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repository: PathBuf,
    /// The branch; by default the one that is checked out
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Push to the remote
    #[arg(long)]
    pub push: bool,
    /// The remote, by name or URL
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub remote: String,
    /// With --push, push commits of a person along that the remote does not have yet
    #[arg(long)]
    pub unpushed: bool,
    /// With --push, bring the branch, its files and its index along where it is checked out; without, they always come
    #[arg(long)]
    pub worktree: bool,
    /// One commit for all manifests instead of one each
    #[arg(long)]
    pub together: bool,
    /// Commit one step of what `sovereign plan` shows for these manifests, and only if it is the next
    #[arg(long, value_name = "N")]
    pub step: Option<usize>,
    /// Make one commit of a change that takes several steps
    #[arg(long, conflicts_with = "step")]
    pub at_once: bool,
    /// Overwrite files of ours that were edited by hand
    #[arg(long)]
    pub overwrite: bool,
    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
    /// Treat warnings as errors
    #[arg(long, value_name = "WHAT")]
    pub deny: Option<Deny>,
    /// Say nothing but mistakes
    #[arg(long, short)]
    pub quiet: bool,
}

/// `sovereign verify`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Names every file of the tree at a commit that is not what its manifest, its kit and this
compiler give, and whether a hand, the manifest, the kit or the compiler changed it.

Examples:
  sovereign verify
  sovereign verify --commit v1.4 sovereigns/omantel/sovereign.toml
  sovereign verify sovereigns/                every sovereign.toml below"
)]
pub struct Verify {
    /// The manifests
    #[command(flatten)]
    pub manifests: Manifests,
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repository: PathBuf,
    /// The commit
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    pub commit: String,
}
