//! Which manifests a command is about.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use sovereign_store::manifests::Part;

/// Which manifests are meant.
#[derive(Clone, Debug, ClapArgs)]
pub struct Manifests {
    /// The manifests: files, patterns (`sovereigns/*`), directories with sovereign.toml somewhere below
    #[arg(value_name = "FILE", default_value = "sovereign.toml")]
    pub files: Vec<PathBuf>,
    /// Only a part of them: 2/8 is the second of eight. A manifest keeps its part when others come and go
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Part>,
}
