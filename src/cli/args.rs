//! The arguments, with the help that teaches them.

mod ask;
mod commit;
mod edit;
pub mod fleet;
pub mod groups;
mod hook;
pub mod impact;
pub mod import;
mod kit;
pub mod many;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

pub use ask::{
    Artifacts, ArtifactsFormat, Explain, Graph, GraphFormat, GraphOf, Report, Secrets, SecretsFormat,
    SecretsKind, Why, WhyFormat,
};
pub use commit::{Commit, Plan, PlanFormat, Verify};
pub use edit::{Add, Addable, Bump, Editing, Fmt, Observe, Set, Unset};
pub use hook::{Hook, HookCommand, HookInstall, HookRun};
pub use kit::{Kit, KitCommand, KitFetch, KitLock, KitPack, KitPull, KitPush, Network};
use many::Manifests;

/// Compiles one sovereign.toml into the complete Flux tree of an OpenOva Sovereign.
///
/// A mistake is found before it is committed, at its line, with what to write instead.
#[derive(Debug, Parser)]
#[command(name = "sovereign", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes:
  0  done, nothing to say
  1  the manifest has errors, a comparison found a difference, or an objective cannot be met
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

impl Command {
    /// Returns the word for what takes long where there is much of it, and a person is told of it.
    pub(super) fn takes_long(&self) -> Option<&'static str> {
        match self {
            Self::Check(_) => Some("check"),
            Self::Build(args) if !args.quiet => Some("build"),
            Self::Diff(_) => Some("diff"),
            Self::Plan(_) => Some("plan"),
            Self::Commit(args) if !args.quiet => Some("commit"),
            Self::Simulate(_) => Some("simulate"),
            Self::Impact(_) => Some("impact"),
            Self::Report(_) => Some("report"),
            Self::Artifacts(_) => Some("artifacts"),
            Self::Build(_)
            | Self::Commit(_)
            | Self::Verify(_)
            | Self::Fleet(_)
            | Self::Import(_)
            | Self::Why(_)
            | Self::Graph(_)
            | Self::Set(_)
            | Self::Unset(_)
            | Self::Add(_)
            | Self::Bump(_)
            | Self::Observe(_)
            | Self::Fmt(_)
            | Self::Hook(_)
            | Self::Schema(_)
            | Self::Secrets(_)
            | Self::Explain(_)
            | Self::Init(_)
            | Self::Kit(_)
            | Self::Lsp(_)
            | Self::Completions(_)
            | Self::Man(_) => None,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a manifest and say everything that is wrong
    Check(Check),
    /// Compile a manifest and write its tree
    Build(Build),
    /// Say what a manifest would change
    Diff(Diff),
    /// Say which steps a change takes, in which order, and which are committed
    Plan(Plan),
    /// Commit the tree of a manifest, and push it where asked for
    Commit(Commit),
    /// Verify that the tree at a commit is what its manifest gives
    Verify(Verify),
    /// Say what the loss of regions comes to
    Simulate(Simulate),
    /// Bring trees to many Sovereigns in waves, ring by ring
    Fleet(fleet::Args),
    /// Say what another kit or compiler does to Sovereigns
    Impact(impact::Args),
    /// Read a tree that exists, and write the manifest that gives it back
    Import(import::Args),
    /// Say where something in the tree comes from, and where a line of the manifest goes
    Why(Why),
    /// Draw what waits for what, and what is tied to what
    Graph(Graph),
    /// Write a page for a browser: regions, releases, waves, changes, losses
    Report(Report),
    /// Give a key of a manifest a value
    Set(Set),
    /// Take a key away from a manifest
    Unset(Unset),
    /// Add a region, an Organization, an application or a blueprint to a manifest
    Add(Add),
    /// Write a newer kit, or a newer version of a blueprint, into a manifest
    Bump(Bump),
    /// Write down what is known of regions once their machines are there
    Observe(Observe),
    /// Bring a manifest into its canonical form
    Fmt(Fmt),
    /// The pre-commit hook
    Hook(Hook),
    /// Print the JSON Schema of sovereign.toml, for editors
    Schema(Schema),
    /// List the charts, images, packages and hosts that a tree needs from outside
    Artifacts(Artifacts),
    /// List the Secrets that a tree refers to and does not hold
    Secrets(Secrets),
    /// Explain a finding by its code, or a key of sovereign.toml by its path
    Explain(Explain),
    /// Write a commented sovereign.toml to begin with
    Init(super::init::Init),
    /// Look into the kits that this program carries
    Kit(Kit),
    /// Answer an editor: the language server
    Lsp(super::lsp::Lsp),
    /// Print shell completions
    Completions(Completions),
    /// Print the manual page, as roff
    Man(Man),
}

/// The manifests, and how to report.
#[derive(Clone, Debug, ClapArgs)]
pub struct Manifest {
    /// The manifests
    #[command(flatten)]
    pub manifests: Manifests,
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
#[command(
    after_help = "Without a file of that name here, the one in the nearest directory above is meant, within the repository.

Examples:
  sovereign check
  sovereign check --fix
  sovereign check examples/omantel.toml --format short
  sovereign check sovereigns/ --shard 2/8     every sovereign.toml below, an eighth of them
  sovereign check --format sarif > findings.sarif"
)]
pub struct Check {
    /// The manifest
    #[command(flatten)]
    pub manifest: Manifest,
    /// Make the fixes that are certain, in the manifest and the files that it names; then check
    #[arg(long)]
    pub fix: bool,
}

/// `sovereign build`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The tree goes to DIR/clusters/<fqdn>. It is written whole or not at all; files that are not in
its sovereign.lock belong to somebody else and are never touched.

Examples:
  sovereign build --out .
  sovereign build examples/omantel.toml --out /tmp/tree
  sovereign build sovereigns/ --out .         the tree of every sovereign.toml below
  sovereign build --check        say what would change, write nothing"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
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
    /// Compile and read everything, also what an earlier build of a large tree knows
    #[arg(long, conflicts_with = "check")]
    pub whole: bool,
    /// Say nothing but mistakes
    #[arg(long, short)]
    pub quiet: bool,
}

/// `sovereign schema`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  sovereign schema > sovereign.schema.json
  sovereign schema why

An editor that reads `#:schema sovereign.schema.json` in the first line completes every key.")]
pub struct Schema {
    /// Of what
    #[arg(value_name = "OF", default_value = "manifest")]
    pub of: SchemaOf,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// sovereign.toml
    Manifest,
    /// fleet.toml
    Fleet,
    /// One line of the findings of `sovereign check --format json`
    Findings,
    /// The answer of `sovereign diff --format json`
    Diff,
    /// The answer of `sovereign why --format json`
    Why,
    /// The answer of `sovereign impact --format json`
    Impact,
}

/// `sovereign completions`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:
  sovereign completions bash > /etc/bash_completion.d/sovereign")]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
    /// Print the names that may follow these words instead: the script asks so
    #[arg(last = true, hide = true)]
    pub line: Vec<String>,
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

/// `sovereign diff`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Without anything to compare with, the commit that is checked out is taken.
Exit codes: 0 nothing changes, 1 something does, 2 or 3 trouble.

Examples:
  sovereign diff                              against HEAD
  sovereign diff --against origin/main --depth objects
  sovereign diff --kit 2026.04                what changing the kit did
  sovereign diff --manifest other.toml
  sovereign diff sovereigns/ --format json    one document over every sovereign.toml below
  sovereign diff --format markdown > comment.md")]
pub struct Diff {
    /// The manifests
    #[command(flatten)]
    pub manifests: Manifests,
    /// Compare with a commit: a branch, a tag, an id
    #[arg(long, value_name = "COMMIT", group = "side")]
    pub against: Option<String>,
    /// Compare with what is staged
    #[arg(long, group = "side")]
    pub staged: bool,
    /// Compare with another manifest
    #[arg(long, value_name = "OTHER", group = "side")]
    pub manifest: Option<PathBuf>,
    /// Compare with the same manifest on another kit
    #[arg(long, value_name = "KIT", group = "side")]
    pub kit: Option<String>,
    /// Compare with a directory that holds clusters/
    #[arg(long, value_name = "DIR", group = "side")]
    pub directory: Option<PathBuf>,
    /// The repository; by default the one that holds FILE
    #[arg(long, value_name = "DIR")]
    pub repository: Option<PathBuf>,
    /// How deep to look
    #[arg(long, value_name = "DEPTH", default_value = "summary")]
    pub depth: Depth,
    /// How to print the changes
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: DiffFormat,
    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub findings: Format,
    /// Treat warnings as errors
    #[arg(long, value_name = "WHAT")]
    pub deny: Option<Deny>,
}

impl Diff {
    /// Returns a comparison with a commit, or with the one that is checked out.
    pub(super) fn against(commit: Option<&str>) -> Self {
        Self {
            manifests: Manifests { files: Vec::new(), shard: None },
            against: commit.map(str::to_owned),
            staged: false,
            manifest: None,
            kit: None,
            directory: None,
            repository: None,
            depth: Depth::Summary,
            format: DiffFormat::Human,
            findings: Format::Human,
            deny: None,
        }
    }
}

/// How deep to look into changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Depth {
    /// What will happen to each cluster
    Summary,
    /// Every field with its value before and after
    Objects,
    /// Every line
    Text,
}

/// How to print changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For a person at a terminal
    Human,
    /// For a comment on a pull request
    Markdown,
    /// For programs
    Json,
}

/// `sovereign simulate`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Answers from the manifest and its kit alone, and asks no cluster: what goes down, where each
application of [failover] answers again and within which time, what each name answers, which
quorum is left, and what a plan cannot know.
Exit codes: 0 every objective can be met, 1 one cannot or the manifest has errors, 2 there is
no such region.

Examples:
  sovereign simulate --lose fsn1
  sovereign simulate sovereigns/omantel/sovereign.toml --lose fsn1 hel1
  sovereign simulate --all                    every region alone, then every two
  sovereign simulate --all --format json > losses.json
  sovereign simulate sovereigns/ --lose fsn1  each that has this region"
)]
#[command(group = clap::ArgGroup::new("loss").required(true))]
pub struct Simulate {
    /// The manifests
    #[command(flatten)]
    pub manifests: Manifests,
    /// The regions that are lost, all at once
    #[arg(long, value_name = "REGION", num_args = 1.., group = "loss")]
    pub lose: Vec<String>,
    /// Every loss of one region, then every loss of two
    #[arg(long, group = "loss")]
    pub all: bool,
    /// How to print what it comes to
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: SimulateFormat,
    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub findings: Format,
    /// Treat warnings as errors
    #[arg(long, value_name = "WHAT")]
    pub deny: Option<Deny>,
}

/// How to print what a loss comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SimulateFormat {
    /// For a person at a terminal
    Human,
    /// For programs
    Json,
}
