//! Lists the kit files under `kits/` and packs the locks beside them, so that adding a blueprint means adding a file and nothing else.
#![expect(clippy::disallowed_methods, reason = "a build script reads what is compiled in")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "src/lock/pack.rs"]
mod pack;

fn main() -> io::Result<()> {
    let crate_root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let kits = crate_root.join("../../kits").canonicalize()?;
    println!("cargo::rerun-if-changed={}", kits.display());
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("kits.rs"), table(&kits)?)?;
    fs::write(out.join("names.rs"), names(&kits)?)?;
    fs::write(out.join("locks.rs"), locks(&kits, &out)?)
}

/// The names of the kits, and those of the blueprints in any of them: `35-coraza.toml` is `coraza`.
fn names(root: &Path) -> io::Result<String> {
    let kits: Vec<_> = sorted(root)?.into_iter().filter(|path| !is_lock(path)).collect();
    let mut blueprints = BTreeSet::new();
    for kit in &kits {
        let files = sorted(kit)?;
        let stems = files.iter().filter_map(|file| file.file_stem()?.to_str()?.split_once('-'));
        blueprints.extend(stems.map(|(_, name)| name.to_owned()));
    }
    let (kits, blueprints): (Vec<_>, Vec<_>) =
        (kits.iter().map(|kit| file_name(kit)).collect(), blueprints.into_iter().collect());
    Ok(format!("const KITS: &[&str] = &{kits:?};\nconst BLUEPRINTS: &[&str] = &{blueprints:?};\n"))
}

fn table(root: &Path) -> io::Result<String> {
    let mut table = String::from("&[\n");
    for kit in sorted(root)?.into_iter().filter(|path| !is_lock(path)) {
        let name = file_name(&kit);
        let _ = writeln!(table, "    ({name:?}, &[");
        for file in sorted(&kit)? {
            let _ = writeln!(
                table,
                "        ({:?}, include_str!({:?})),",
                format!("kit {name}/{}", file_name(&file)),
                file.display().to_string()
            );
        }
        table.push_str("    ]),\n");
    }
    table.push_str("]\n");
    Ok(table)
}

/// Locks of charts stand in `<kit>.lock/`, one file a chart and version: `bp-coraza-1.0.0.toml`. Their values are packed.
fn locks(root: &Path, out: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for directory in sorted(root)?.into_iter().filter(|path| is_lock(path)) {
        files.extend(sorted(&directory)?);
    }
    files.sort_by_key(|file| file_name(file));
    let mut table = String::from("&[\n");
    for file in files {
        let name = file.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let text = fs::read_to_string(&file)?;
        let (head, values) = text.split_once("values = '''\n").unwrap_or((&text, ""));
        let values = values.strip_suffix("'''\n").map(|values| {
            let path = out.join(format!("{name}.values"));
            let packed =
                pack::pack(values).ok_or_else(|| io::Error::other(format!("{name} is too large")))?;
            fs::write(&path, packed)?;
            Ok::<_, io::Error>(format!("Some(include_bytes!({:?}))", path.display().to_string()))
        });
        let values = values.transpose()?.unwrap_or_else(|| "None".to_owned());
        let _ = writeln!(table, "    EmbeddedLock {{ name: {name:?}, head: {head:?}, values: {values} }},");
    }
    table.push_str("]\n");
    Ok(table)
}

fn is_lock(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "lock")
}

fn sorted(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(directory)?.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}
