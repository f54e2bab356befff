//! Lists the kit files under `kits/`, so that adding a blueprint means adding a file and nothing else; and tells the program
//! what it is made of, so that it knows the work of another one from its own.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the sources and writes what is compiled in"
)]

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What decides about the bytes of a tree.
const MADE_OF: [&str; 3] = ["src", "kits", "Cargo.lock"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("kits.rs");
    let mut hasher = DefaultHasher::new();
    for part in MADE_OF {
        println!("cargo::rerun-if-changed={part}");
        read(&root.join(part), &mut hasher)?;
    }
    println!("cargo::rustc-env=SOVEREIGN_COMPILER={:016x}", hasher.finish());
    fs::write(out, kits(&root.join("kits"))?)
}

/// Adds a file, or all below a directory. Nobody has to be withstood: a hash of 64 bits tells two programs apart.
fn read(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        return sorted(path)?.iter().try_for_each(|path| read(path, hasher));
    }
    file_name(path).hash(hasher);
    // A crate from a registry may have no lock.
    fs::read(path).unwrap_or_default().hash(hasher);
    Ok(())
}

fn kits(root: &Path) -> io::Result<String> {
    let mut table = String::from("&[\n");
    for kit in sorted(root)? {
        let name = file_name(&kit);
        let _ = writeln!(table, "    ({name:?}, &[");
        for file in sorted(&kit)? {
            let _ = writeln!(
                table,
                "        ({:?}, include_str!({:?})),",
                file_name(&file),
                file.display().to_string()
            );
        }
        table.push_str("    ]),\n");
    }
    table.push_str("]\n");
    Ok(table)
}

fn sorted(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(directory)?.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}
