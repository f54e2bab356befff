//! `sovereign init`: writes a manifest to begin with, and never over one that is there.

use std::fs::OpenOptions;
use std::io::Write as _;

use super::args::{Init, Regions};
use super::{Exit, Failure, Terminal};

/// A start for one region.
pub const ONE: &str = include_str!("init/one.toml");
/// A start for three regions.
pub const THREE: &str = include_str!("init/three.toml");

/// Runs the command.
///
/// # Errors
/// The file exists, or cannot be written.
pub fn run(args: &Init, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let text = match args.regions {
        Regions::One => ONE,
        Regions::Three => THREE,
    };
    let file = args.file.display();
    let cannot = |error: std::io::Error| {
        Failure::World(if error.kind() == std::io::ErrorKind::AlreadyExists {
            format!("{file} exists already; name another file, or remove it first")
        } else {
            format!("cannot write {file}: {error}")
        })
    };
    // `create_new` makes the check and the creation one step: a file that appears in between is not lost.
    let mut out = OpenOptions::new().write(true).create_new(true).open(&args.file).map_err(cannot)?;
    out.write_all(text.as_bytes()).map_err(cannot)?;
    writeln!(terminal.err, "wrote {file}; edit it, then `sovereign check {file}`")?;
    Ok(Exit::Done)
}
