//! The arguments of commands that edit a manifest.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};

use super::Format;

/// What all edits may be told.
#[derive(Clone, Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Editing {
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "sovereign.toml")]
    pub manifest: PathBuf,
    /// Show what would change as a diff, and write nothing
    #[arg(long, conflicts_with = "commit")]
    pub dry_run: bool,
    /// Make the edit on the branch, and commit it with the tree that follows from it
    #[arg(long)]
    pub commit: bool,
    /// Push the commit; where somebody else was faster, make the edit again on what they pushed
    #[arg(long, requires = "commit")]
    pub push: bool,
    /// The remote, by name or URL
    #[arg(long, value_name = "REMOTE", default_value = "origin", requires = "commit")]
    pub remote: String,
    /// The branch; by default the one that is checked out
    #[arg(long, value_name = "NAME", requires = "commit")]
    pub branch: Option<String>,
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".", requires = "commit")]
    pub repository: PathBuf,
    /// With --push, bring the branch, its files and its index along where it is checked out
    #[arg(long, requires = "push")]
    pub worktree: bool,
    /// With --push, push commits of a person along that the remote does not have yet
    #[arg(long, requires = "push")]
    pub unpushed: bool,
    /// Make one commit of a change that takes several steps
    #[arg(long, requires = "commit")]
    pub at_once: bool,
    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
    /// Say nothing but mistakes
    #[arg(long, short)]
    pub quiet: bool,
}

impl Editing {
    /// Returns the manifest: the one that stands at the end of a command goes first.
    pub fn file<'a>(&'a self, last: Option<&'a PathBuf>) -> &'a Path {
        last.unwrap_or(&self.manifest)
    }
}

/// `sovereign set`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A path has dots between its keys; an entry of a list goes by its name, its slug, or its place from 0.
Quotes are those of TOML. The language says of which type a value is, so text needs no quotes.
Comments and order stay. An edit that brings new errors is refused, and nothing is written.

Examples:
  sovereign set region.hel1.workers.count 3
  sovereign set blueprint.loki.values.loki.auth_enabled true --commit --push"
)]
pub struct Set {
    /// Which key
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Its value, as text or as TOML
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    pub value: String,
    /// The manifest
    #[arg(value_name = "MANIFEST", conflicts_with = "manifest")]
    pub file: Option<PathBuf>,
    /// How to make the edit
    #[command(flatten)]
    pub editing: Editing,
}

/// `sovereign unset`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Takes a key, a table or an entry of a list away, with the comments right above it, and tables in which
nothing is left. A key that is not written is none the less right: nothing happens.

Examples:
  sovereign unset region.hel1.pod-cidr
  sovereign unset region.sin --dry-run"
)]
pub struct Unset {
    /// What goes
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The manifest
    #[arg(value_name = "MANIFEST", conflicts_with = "manifest")]
    pub file: Option<PathBuf>,
    /// How to make the edit
    #[command(flatten)]
    pub editing: Editing,
}

/// `sovereign add`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "What is written in the entry follows as PATH=VALUE, with paths from the entry and values as in
`sovereign set`. An application is named with its Organization and environment. Where the manifest has a
directory of Organizations, a new one becomes a file there.

Examples:
  sovereign add region nbg1 provider=hetzner control-plane.size=cpx32
  sovereign add blueprint loki version=1.0.2
  sovereign add organization acme display-name=ACME tier=sme owners.0.email=it@acme.com owners.0.role=owner
  sovereign add application acme.prod.shop blueprint.name=bp-wordpress blueprint.version=1.0.0"
)]
pub struct Add {
    /// What to add
    #[arg(value_name = "WHAT")]
    pub what: Addable,
    /// Its name; of an application ORGANIZATION.ENVIRONMENT.NAME
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What is written in it
    #[arg(value_name = "PATH=VALUE")]
    pub values: Vec<String>,
    /// How to make the edit
    #[command(flatten)]
    pub editing: Editing,
}

/// What may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Addable {
    /// A region
    Region,
    /// An Organization
    Organization,
    /// An application of an environment
    Application,
    /// Changes to a blueprint
    Blueprint,
}

/// `sovereign bump`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Without arguments the newest kit of this program is written, with the name of a kit that one. With a
blueprint, every place that pins its version has another: the manifest, its regions, and the applications of
Organizations. Without a version that of the newest kit is taken.

Examples:
  sovereign bump                                     the newest kit
  sovereign bump loki 1.0.3 --commit --push          what a bot runs"
)]
pub struct Bump {
    /// A blueprint, by name with or without bp-, or a kit
    #[arg(value_name = "BLUEPRINT")]
    pub what: Option<String>,
    /// The version
    #[arg(value_name = "VERSION")]
    pub version: Option<String>,
    /// How to make the edit
    #[command(flatten)]
    pub editing: Editing,
}

/// `sovereign observe`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Outputs are known by their names: load_balancer_ip, control_plane_ip, deployment_id, network_id. They are of
the primary, or of the region that is named; outputs that hold a map by the names of regions are of those.
What is marked as sensitive is not read.

Examples:
  tofu output -json | sovereign observe
  sovereign observe outputs.json --region nbg1"
)]
pub struct Observe {
    /// What `tofu output -json` printed; by default it is read from standard input
    #[arg(value_name = "OUTPUT", default_value = "-")]
    pub output: PathBuf,
    /// The region that outputs without one belong to
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// How to make the edit
    #[command(flatten)]
    pub editing: Editing,
}

/// `sovereign fmt`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Brings white space into its canonical form, in the manifest and the blueprints and Organizations beside it: one space around
`=`, an empty line before each header, none at the ends of lines. Order, comments and what stands in several
lines between brackets stay as they are.

Examples:
  sovereign fmt
  sovereign fmt --check        exit with 1 if anything would change, and say where"
)]
pub struct Fmt {
    /// The manifest
    #[arg(value_name = "MANIFEST", conflicts_with = "manifest")]
    pub file: Option<PathBuf>,
    /// Write nothing; exit with 1 if a file is in another form
    #[arg(long, conflicts_with_all = ["dry_run", "commit"])]
    pub check: bool,
    /// How to make the edit
    #[command(flatten)]
    pub editing: Editing,
}
