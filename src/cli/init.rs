//! `sovereign init`: writes a manifest to begin with, and never over one that is there.

#![expect(clippy::disallowed_methods, reason = "a file that could not be written whole is taken back")]

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};

use super::args::{Init, Regions};
use super::{Exit, Failure, Terminal};
use sovereign_language::cloud::Provider;
use sovereign_language::scalar::choice::Choice as _;

/// A start for one region.
const ONE: &str = include_str!("init/one.toml");
/// A start for three regions.
const THREE: &str = include_str!("init/three.toml");
/// What stands in both for the words of all providers.
const PROVIDERS: &str = "PROVIDERS";

/// Returns a manifest to begin with.
pub fn manifest(regions: Regions) -> String {
    let template = match regions {
        Regions::One => ONE,
        Regions::Three => THREE,
    };
    template.replace(PROVIDERS, &Provider::WORDS.join(" | "))
}

/// Runs the command.
///
/// # Errors
/// The file exists, or cannot be written.
pub fn run(args: &Init, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let text = manifest(args.regions);
    let file = args.file.display();
    let cannot = |error: std::io::Error| {
        Failure::Environment(if error.kind() == ErrorKind::AlreadyExists {
            format!("{file} exists already; name another file, or remove it first")
        } else if error.kind() == ErrorKind::NotFound {
            let directory = args.file.parent().unwrap_or(&args.file).display();
            format!("cannot write {file}: there is no directory `{directory}`")
        } else {
            format!("cannot write {file}: {error}")
        })
    };
    // `create_new` makes the check and the creation one step: a file that appears in between is not lost.
    let mut out = OpenOptions::new().write(true).create_new(true).open(&args.file).map_err(cannot)?;
    if let Err(error) = out.write_all(text.as_bytes()) {
        // Half a manifest would only stand in the way of the next try. If it stays, the error says where.
        std::fs::remove_file(&args.file).ok();
        return Err(cannot(error));
    }
    writeln!(terminal.err, "wrote {file}; edit it, then `sovereign check {file}`")?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_names_every_provider() {
        for regions in [Regions::One, Regions::Three] {
            let text = manifest(regions);
            let comment = text.lines().find_map(|line| line.strip_prefix("provider = \"hetzner\""));
            let words = comment.expect("a provider").trim_start_matches([' ', '#']).split(" | ");
            assert!(words.eq(Provider::WORDS.iter().copied()), "{comment:?}");
            assert!(!text.contains(PROVIDERS));
        }
    }
}
