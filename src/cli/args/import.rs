//! The arguments of `sovereign import`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

/// `sovereign import`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Reads rendered YAML: a tree of ours, that of April 2026, or one's own. The manifest is compiled, compared with the tree
object by object, and corrected until nothing more can be said. The report says what was assumed, what could
not be said, and every field that differs. A file that is there is never overwritten.
Exit codes: 0 every object is given back, 1 some are not, 2 there is no tree, 3 the world failed.

Examples:
  sovereign import clusters/omantel.omani.works --out sovereign.toml
  sovereign import v1.4 --path clusters/omantel.omani.works
  sovereign import rendered/ --region fsn1 --format json > import.json"
)]
pub struct Args {
    /// A directory, or a commit
    #[arg(value_name = "DIR|COMMIT")]
    pub tree: String,
    /// Where the tree is in a commit
    #[arg(long, value_name = "PATH", default_value = "")]
    pub path: String,
    /// The repository of a commit
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repository: PathBuf,
    /// What the region of a tree is called that has no directories of regions
    #[arg(long, value_name = "NAME", default_value = "hel1")]
    pub region: String,
    /// Write the manifest there, and blueprints of one's own beside it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to print the report
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: ImportFormat,
}

/// How to print the report of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// For a person at a terminal; without --out the manifest goes to standard output
    Human,
    /// For programs, with stable keys; holds the manifest
    Json,
}
