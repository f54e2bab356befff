//! Tells the compiler what it is made of, so that it knows the work of another one from its own.
#![expect(clippy::disallowed_methods, reason = "a build script reads the sources")]

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What decides about the bytes of a tree, from the root of the workspace.
const MADE_OF: [&str; 5] =
    ["crates/text/src", "crates/language/src", "crates/compile/src", "kits", "Cargo.lock"];

fn main() -> io::Result<()> {
    let crate_root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let workspace = crate_root.join("../..");
    let mut hasher = DefaultHasher::new();
    for part in MADE_OF {
        let path = workspace.join(part);
        println!("cargo::rerun-if-changed={}", path.display());
        read(&path, &mut hasher)?;
    }
    println!("cargo::rustc-env=SOVEREIGN_COMPILER={:016x}", hasher.finish());
    Ok(())
}

/// Adds a file, or all below a directory. Nobody has to be withstood: a hash of 64 bits tells two programs apart.
fn read(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    path.file_name().hash(hasher);
    if path.is_dir() {
        let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
        let mut paths = entries.collect::<Result<Vec<_>, _>>()?;
        paths.sort();
        return paths.iter().try_for_each(|path| read(path, hasher));
    }
    // A crate from a registry may have no lock.
    fs::read(path).unwrap_or_default().hash(hasher);
    Ok(())
}
