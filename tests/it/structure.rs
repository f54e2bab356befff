//! The structure of the workspace: Cargo holds the direction between crates, this test the one between modules.
//!
//! Modules that share a parent may not use each other in a circle. A module may use what its parent declares, and a
//! parent what its children do; a name that a parent re-exports counts as a use of the child that it comes from.
#![expect(clippy::disallowed_methods, reason = "this test reads the sources")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The path of a module in its crate; empty for the root.
type Module = Vec<String>;

/// What is read of one crate.
#[derive(Default)]
struct Crate {
    /// The code of each module, without comments and unit tests.
    code: BTreeMap<Module, String>,
    /// By module, the names that it re-exports and the path that each comes from.
    reexports: BTreeMap<Module, BTreeMap<String, Module>>,
}

impl Crate {
    /// Reads every module below `src`.
    fn read(src: &Path) -> Self {
        let mut read = Self::default();
        read.directory(src, &Vec::new());
        let names: Vec<_> = read.code.keys().cloned().collect();
        for module in names {
            let mut found = BTreeMap::new();
            for path in
                read.paths(&module, "pub use ").into_iter().chain(read.paths(&module, "pub(crate) use "))
            {
                let target = Self::resolved(&module, &path);
                found.extend(target.last().cloned().map(|name| (name, target)));
            }
            read.reexports.insert(module, found);
        }
        read
    }

    fn directory(&mut self, directory: &Path, module: &Module) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let mut inner = module.clone();
            if !(module.is_empty() && (stem == "lib" || stem == "main")) {
                inner.push(stem);
            }
            if path.is_dir() {
                self.directory(&path, &inner);
            } else if path.extension().is_some_and(|end| end == "rs")
                && inner.last().is_none_or(|m| m != "tests")
            {
                let text = fs::read_to_string(&path).expect("text");
                let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
                let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                self.code.insert(inner, code.join("\n"));
            }
        }
    }

    /// Returns the paths that stand behind `start` in a module, groups spelt out.
    fn paths(&self, module: &Module, start: &str) -> Vec<String> {
        let code = &self.code[module];
        let places = code.match_indices(start).map(|(place, _)| place + start.len());
        places.flat_map(|place| spelt_out(code[place..].split(';').next().unwrap_or_default())).collect()
    }

    /// Returns a path as written in a module, from the root of the crate.
    fn resolved(module: &Module, path: &str) -> Module {
        let mut parts: Vec<&str> = path.split("::").map(str::trim).collect();
        let mut base = module.clone();
        match parts.first().copied() {
            Some("crate") => base.clear(),
            Some("self") => {}
            Some("super") => {
                while parts.first() == Some(&"super") {
                    base.pop();
                    parts.remove(0);
                }
                parts.insert(0, "super");
            }
            Some(_) | None => parts.insert(0, "self"),
        }
        base.extend(parts.into_iter().skip(1).filter(|part| *part != "self").map(str::to_owned));
        base
    }

    /// Returns the module that a path leads into, through re-exports.
    fn home(&self, path: &Module) -> Module {
        let mut path = path.clone();
        for _ in 0..8 {
            let depth = (0..=path.len()).rev().find(|depth| self.code.contains_key(&path[..*depth]));
            let depth = depth.unwrap_or_default();
            let Some(name) = path.get(depth) else { return path };
            let Some(target) = self.reexports.get(&path[..depth]).and_then(|names| names.get(name)) else {
                return path[..depth].to_vec();
            };
            if *target == path {
                return path[..depth].to_vec();
            }
            path.clone_from(target);
        }
        path
    }

    /// Returns, by parent, which of its children uses which.
    fn uses(&self) -> BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> {
        let mut uses: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (module, code) in &self.code {
            let imported = self.paths(module, "use ");
            let named = ["crate::", "super::"].into_iter().flat_map(|start| {
                code.match_indices(start).map(move |(place, _)| {
                    let rest = &code[place..];
                    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
                    rest[..end.unwrap_or(rest.len())].trim_end_matches(':').to_owned()
                })
            });
            for path in imported.into_iter().chain(named) {
                if !["crate", "super", "self"].contains(&path.split("::").next().unwrap_or_default()) {
                    continue;
                }
                let home = self.home(&Self::resolved(module, &path));
                let shared = module.iter().zip(&home).take_while(|(one, other)| one == other).count();
                if let (Some(from), Some(to)) = (module.get(shared), home.get(shared)) {
                    let siblings = uses.entry(module[..shared].to_vec()).or_default();
                    siblings.entry(from.clone()).or_default().insert(to.clone());
                }
            }
        }
        uses
    }
}

/// Returns every path of a tree of imports: `a::{b, c::{self, d}}` is `a::b`, `a::c` and `a::c::d`.
fn spelt_out(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, inner)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        return vec![path.trim_end_matches("::self").to_owned()];
    };
    let (mut parts, mut depth, mut part) = (Vec::new(), 0_usize, String::new());
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| spelt_out(&format!("{}{}", before.trim(), part.trim()))).collect()
}

/// Returns a circle among siblings, if there is one.
fn circle(uses: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        at: &String,
        uses: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|module| module == at) {
            return Some(way[start..].to_vec());
        }
        if done.contains(at) {
            return None;
        }
        way.push(at.clone());
        let found = uses.get(at).into_iter().flatten().find_map(|next| walk(next, uses, way, done));
        way.pop();
        done.insert(at.clone());
        found
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|start| walk(start, uses, &mut Vec::new(), &mut done))
}

fn sources() -> Vec<(String, Crate)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = fs::read_dir(root.join("crates")).expect("crates");
    let mut crates: Vec<_> = crates.map(|entry| entry.expect("an entry").path().join("src")).collect();
    crates.push(root.join("src"));
    crates.sort();
    crates.iter().map(|src| (src.display().to_string(), Crate::read(src))).collect()
}

#[test]
fn no_modules_of_a_crate_use_each_other_in_a_circle() {
    let mut circles = Vec::new();
    for (name, read) in sources() {
        assert!(read.code.len() > 5, "{name} has modules");
        for (parent, uses) in read.uses() {
            circles.extend(
                circle(&uses).map(|way| format!("{name} {}: {}", parent.join("::"), way.join(" → "))),
            );
        }
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn a_circle_would_be_seen() {
    let mut read = Crate::default();
    let module = |path: &[&str]| path.iter().map(|part| (*part).to_owned()).collect::<Module>();
    read.code.insert(module(&[]), "mod a;\nmod b;\npub use b::Thing;".to_owned());
    read.code.insert(module(&["a"]), "use crate::Thing;".to_owned());
    read.code.insert(module(&["b"]), "use super::{a::{self, X}, c};".to_owned());
    read.reexports.insert(module(&[]), [("Thing".to_owned(), module(&["b", "Thing"]))].into());
    let uses = read.uses();
    assert_eq!(circle(&uses[&module(&[])]), Some(vec!["a".to_owned(), "b".to_owned()]));
}

/// What a compiler does not ask: the disk, the environment, the clock, other programs, the network, a repository.
const WORLD: [&str; 9] = [
    "std::fs",
    "std::env::",
    "SystemTime",
    "Instant",
    "std::process",
    "TcpStream",
    "std::io::",
    "git2",
    "rustix",
];

#[test]
fn the_compiling_crates_ask_nothing_of_the_world() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    for name in ["text", "language", "compile"] {
        let manifest = fs::read_to_string(root.join(name).join("Cargo.toml")).expect("a manifest");
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        for word in ["git2", "rustix", "tempfile", "sovereign-change", "sovereign-store", "sovereign-lsp"] {
            assert!(!dependencies.contains(word), "{name} depends on {word}");
        }
        for (module, code) in Crate::read(&root.join(name).join("src")).code {
            let found = WORLD.iter().find(|word| code.contains(*word));
            assert!(found.is_none(), "{name}::{} asks for {}", module.join("::"), found.unwrap_or(&""));
        }
    }
}

#[test]
fn the_language_server_is_used_by_the_command_line_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    for entry in fs::read_dir(&root).expect("crates") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let manifest = fs::read_to_string(root.join(&name).join("Cargo.toml")).expect("a manifest");
        let uses = |word: &str| manifest.lines().any(|line| line.starts_with(word));
        assert!(!uses("sovereign-lsp"), "{name} depends on the language server");
        let foreign =
            ["sovereign-change", "sovereign-chart", "clap", "git2"].into_iter().find(|word| uses(word));
        assert!(name != "lsp" || foreign.is_none(), "the language server depends on {foreign:?}");
    }
}
