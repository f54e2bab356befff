//! The arguments of `sovereign kit`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand};

use super::Format;

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
    /// Hold a kit of one's own against every rule, in sample Sovereigns of one and of three regions
    #[command(after_help = "Example:
  sovereign kit check my-kit")]
    Check {
        /// The directory with its kit.toml
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// How to print findings
        #[arg(long, value_name = "FORMAT", default_value = "human")]
        format: Format,
    },
    /// Say what one kit has in another way than another
    #[command(
        after_help = "A kit is the name of one that the program carries, or the directory of one's own.

Examples:
  sovereign kit diff 2026.04 2026.05
  sovereign kit diff 2026.05 my-kit"
    )]
    Diff {
        /// The kit before
        #[arg(value_name = "KIT")]
        before: String,
        /// The kit after
        #[arg(value_name = "KIT")]
        after: String,
    },
    /// Bring the kit of a manifest here, from Git or from a registry
    Fetch(KitFetch),
    /// Begin a kit of one's own, which extends the newest of the program
    #[command(after_help = "Example:
  sovereign kit new my-kit
  sovereign kit check my-kit")]
    New {
        /// The directory to make
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
    /// List the kits
    #[command(after_help = "Example:
  sovereign kit list")]
    List,
    /// Open charts and write down what is in them
    Lock(KitLock),
    /// Pack a kit of one's own into an archive
    Pack(KitPack),
    /// Pull a kit from a registry into a directory
    Pull(KitPull),
    /// Push a kit of one's own to a registry
    Push(KitPush),
    /// Show the blueprints of a kit, or one of them whole
    #[command(after_help = "Examples:
  sovereign kit show 2026.05
  sovereign kit show my-kit
  sovereign kit show 2026.05 cilium")]
    Show {
        /// The kit: its name, or the directory of one's own
        #[arg(value_name = "KIT")]
        kit: String,
        /// One blueprint, by name with or without bp-
        #[arg(value_name = "BLUEPRINT")]
        blueprint: Option<String>,
    },
}

/// How to speak with registries.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub struct Network {
    /// How long a registry may take for one answer
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

impl Network {
    /// Returns that time.
    pub fn time(self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// `sovereign kit fetch`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A kit from Git or from a registry is kept by the digest of its files in $SOVEREIGN_KIT_CACHE, or in sovereign/kits
below $XDG_CACHE_HOME, or below ~/.cache. Compiling reads it there and asks no network. Where the
manifest names no digest, the line to add is printed. Logins for registries are those of Docker's
configuration, those for Git are Git's own.

Example:
  sovereign kit fetch"
)]
pub struct KitFetch {
    /// The manifest
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub file: PathBuf,
    /// How to speak with registries
    #[command(flatten)]
    pub network: Network,
}

/// `sovereign kit pack`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Of the same files the archive has always the same bytes.

Example:
  sovereign kit pack my-kit")]
pub struct KitPack {
    /// The directory with its kit.toml
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// The archive; by default DIR.tar.gz, here
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `sovereign kit push`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Prints what a manifest writes to use the kit.

Example:
  sovereign kit push my-kit oci://ghcr.io/acme/kit:1.2.0")]
pub struct KitPush {
    /// The directory with its kit.toml
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Where to: oci://HOST/REPOSITORY:VERSION
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// How to speak with registries
    #[command(flatten)]
    pub network: Network,
}

/// `sovereign kit pull`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:
  sovereign kit pull oci://ghcr.io/acme/kit:1.2.0 my-kit")]
pub struct KitPull {
    /// Where from: oci://HOST/REPOSITORY:VERSION, or with @sha256:DIGEST of the artifact
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// The directory to make
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// How to speak with registries
    #[command(flatten)]
    pub network: Network,
}

/// `sovereign kit lock`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Charts are read and not run. What was read of each is one file, which a compilation holds values against.
From a registry come the charts that the kit pins; from a directory the same charts give the same locks.

Examples:
  sovereign kit lock --charts charts --output my-kit.lock
  sovereign kit lock --charts charts --output 2026.05.lock --kit 2026.05
  sovereign kit lock --registry --output my-kit.lock --kit my-kit
  sovereign kit lock --registry oci://harbor.example.com/charts --output my-kit.lock --kit my-kit"
)]
#[command(group = clap::ArgGroup::new("from").required(true))]
pub struct KitLock {
    /// Where the charts are: packed as .tgz, or directories
    #[arg(long, value_name = "DIR", group = "from")]
    pub charts: Option<PathBuf>,
    /// The registry that the charts are pulled from, with the project; by default where the kit says that they are. A chart whose blueprint names a repository comes from that one
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "", group = "from", requires = "kit")]
    pub registry: Option<String>,
    /// Where the locks go
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Lock what this kit pins, by its name or its directory; a chart that is not there is locked as not opened
    #[arg(long, value_name = "KIT")]
    pub kit: Option<String>,
    /// How to speak with registries
    #[command(flatten)]
    pub network: Network,
}
