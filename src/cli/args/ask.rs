//! The arguments of the commands that answer questions about a manifest, its tree and its findings.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::Format;

/// `sovereign why`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A path is one below clusters/<fqdn>, with or without that. A field is what a file has: spec.values.hubble,
or the number of a line. In the view of a whole file, `=` marks what an expression gave, `~` what is
made of its cause, and `-` what nobody wrote.
Exit codes: 0 answered, 1 the manifest has errors, 2 there is no such file, field, line or blueprint.

Examples:
  sovereign why hel1/releases/35-coraza.yaml:spec.values.coraza.replicas
  sovereign why hel1/releases/35-coraza.yaml        the file, beside what caused each line
  sovereign why sovereign.toml:66                   every field that follows from a line
  sovereign why bp-coraza sin                       why it runs there, or does not
  sovereign why 'region[sin].pod-cidr'              what stands where nobody wrote something"
)]
pub struct Why {
    /// A file of the tree, FILE:FIELD, SOURCE:LINE, a blueprint, or a key that is not written
    #[arg(value_name = "WHAT")]
    pub question: String,
    /// One region, where a blueprint is asked for
    #[arg(value_name = "REGION")]
    pub region: Option<String>,
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "sovereign.toml")]
    pub manifest: PathBuf,
    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: WhyFormat,
    /// Do not look for the commit that brought a line
    #[arg(long)]
    pub no_history: bool,
    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub findings: Format,
}

/// `sovereign graph`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  sovereign graph                                   which release of the primary waits for which
  sovereign graph layers --region sin --format mermaid
  sovereign graph topology --format svg > regions.svg")]
pub struct Graph {
    /// What to draw
    #[arg(value_name = "OF", default_value = "dependencies")]
    pub of: GraphOf,
    /// Of which region; by default the primary
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "sovereign.toml")]
    pub manifest: PathBuf,
    /// How to draw
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: GraphFormat,
}

/// What to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphOf {
    /// Which release of a region waits for which
    Dependencies,
    /// Which layer of a region Flux brings up after which
    Layers,
    /// The regions, their mesh and the pair that fails over
    Topology,
}

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// For a person at a terminal
    Text,
    /// For Graphviz
    Dot,
    /// For Mermaid, in Markdown
    Mermaid,
    /// A picture
    Svg,
}

/// `sovereign report`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "The page is one file that asks no network.

Example:
  sovereign report --html report.html --against origin/main")]
pub struct Report {
    /// The manifest
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub file: PathBuf,
    /// Where the page goes; what is there is overwritten
    #[arg(long, value_name = "FILE")]
    pub html: PathBuf,
    /// Compare with a commit; by default the one that is checked out, if the manifest is in a repository
    #[arg(long, value_name = "COMMIT")]
    pub against: Option<String>,
}

/// How to print where something comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhyFormat {
    /// For a person at a terminal
    Human,
    /// For programs: `sovereign schema why` describes it
    Json,
}

/// `sovereign artifacts`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Charts are not opened: images that stand only in them are known as far as the kit lists them.

Examples:
  sovereign artifacts
  sovereign artifacts --format skopeo > list.yaml
  skopeo sync --all --scoped --preserve-digests --src yaml --dest dir list.yaml /media/disk
  sovereign artifacts --format copy       a line each: from, a tab, to"
)]
pub struct Artifacts {
    /// The manifest
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub file: PathBuf,
    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ArtifactsFormat,
}

/// How to print what a tree needs from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ArtifactsFormat {
    /// For people
    Text,
    /// For programs, with stable keys
    Json,
    /// What `skopeo sync --src yaml` reads
    Skopeo,
    /// One line an artifact: where it comes from, a tab, where the tree wants it
    Copy,
}

/// `sovereign secrets`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Values of Secrets are never asked for and never written.

Examples:
  sovereign secrets
  sovereign secrets --format checklist > secrets.md
  sovereign secrets --write external-secrets --out external-secrets")]
pub struct Secrets {
    /// The manifest
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub file: PathBuf,
    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "write")]
    pub format: SecretsFormat,
    /// Print objects that make the Secrets, instead of the list
    #[arg(long, value_name = "KIND")]
    pub write: Option<SecretsKind>,
    /// Write the objects to files, one directory for each region, instead of printing them
    #[arg(long, value_name = "DIR", requires = "write")]
    pub out: Option<PathBuf>,
}

/// How to print the Secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SecretsFormat {
    /// For people
    Text,
    /// For programs, with stable keys
    Json,
    /// A Markdown checklist
    Checklist,
}

/// Objects that make Secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SecretsKind {
    /// ExternalSecrets that read from the platform's OpenBao
    ExternalSecrets,
}

/// `sovereign explain`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  sovereign explain
  sovereign explain duplicate-name
  sovereign explain region.pod-cidr")]
pub struct Explain {
    /// The code of a finding, as in error[duplicate-name], or the path of a key; without it, all codes
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}
