//! Which manifests are meant: by their names, by patterns that no shell has expanded, by directories that hold some.
#![expect(clippy::disallowed_methods, reason = "this is where the program looks for its input")]

mod pattern;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_compile::{plan, render};
use sovereign_language::manifest::decode;
use sovereign_text::diag::Diagnostics;
use sovereign_text::digest::Digest;
use sovereign_text::parallel;
use sovereign_text::source::Source;

use crate::load;

/// What a manifest is called in a directory that is searched.
pub const NAME: &str = "sovereign.toml";
/// How many manifests one call may mean. A hundred thousand Sovereigns are a hundred shards of a thousand.
const MOST: usize = 100_000;

/// Manifests that were found, in the order of what named them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Their paths; no file twice.
    pub files: Vec<PathBuf>,
    /// Whether one file was named and nothing else: then a command speaks of that alone.
    pub is_one: bool,
}

/// Why manifests could not be found: words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound(pub String);

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of several parts of a list of manifests. A manifest belongs to the part that the digest of its path gives, so it stays
/// there when others come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which, from 1.
    number: u64,
    /// Of how many.
    of: u64,
}

impl std::str::FromStr for Part {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write it as `2/8`: the second of eight";
        let (number, of) = text.split_once('/').ok_or(wrong)?;
        let (number, of) = (number.parse().map_err(|_| wrong)?, of.parse().map_err(|_| wrong)?);
        if (1..=of).contains(&number) { Ok(Self { number, of }) } else { Err("count from 1: `1/8` to `8/8`") }
    }
}

impl Part {
    /// Returns whether a manifest of this name, the path from the root of its repository, is in this part.
    pub fn holds(self, name: &str) -> bool {
        let digest = Digest::hash(name.as_bytes()).to_string();
        let first = digest.get(..15).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or_default();
        first % self.of + 1 == self.number
    }
}

/// Returns the manifests that are meant. A name that is there, or that has no `*`, `?` or `[`, is taken as it is; so a file may
/// be called like a pattern. A directory gives every `sovereign.toml` below it, but none in hidden directories, behind symlinks,
/// or in trees that this program wrote. A pattern gives the `*.toml` that match, and what the directories that match give. What
/// one of them gives is sorted.
///
/// # Errors
/// A pattern or a directory gives none, or too many, or cannot be read.
pub fn find(named: &[PathBuf]) -> Result<Found, NotFound> {
    let mut found = Found { files: Vec::new(), is_one: false };
    let mut seen = BTreeSet::new();
    for name in named {
        let mut files = if name.is_dir() {
            below(name)?
        } else if name.exists() || !pattern::is_one(name) {
            found.is_one = named.len() == 1;
            vec![name.clone()]
        } else {
            matching(name)?
        };
        if files.is_empty() {
            let what = if name.is_dir() { format!("holds no {NAME}") } else { "matches no file".to_owned() };
            return Err(NotFound(format!("{} {what}", name.display())));
        }
        files.retain(|file| seen.insert(plain(file)));
        found.files.extend(files);
        if found.files.len() > MOST {
            return Err(NotFound(format!("these are more than {MOST} manifests: call each shard by itself")));
        }
    }
    Ok(found)
}

/// Returns whether a pattern, or the name of a directory or file, means this path of a manifest.
pub fn means(pattern: &str, path: &str) -> bool {
    pattern::means(pattern, path)
}

/// Returns the trees that several of these manifests give, with those manifests. What cannot be read gives none.
pub fn twins(files: &[PathBuf]) -> BTreeMap<TreePath, Vec<&Path>> {
    let roots = parallel::map_heavy(64, files, |file| root(file));
    let mut trees: BTreeMap<TreePath, Vec<&Path>> = BTreeMap::new();
    for (root, file) in roots.into_iter().zip(files) {
        if let Some(root) = root {
            trees.entry(root).or_default().push(file);
        }
    }
    trees.retain(|_, files| files.len() > 1);
    trees
}

/// Returns where a manifest puts its tree.
fn root(file: &Path) -> Option<TreePath> {
    let source = Source::manifest(file.display().to_string(), load::read(file).ok()?).ok()?;
    let document = decode(&source, &mut Diagnostics::new())?;
    plan::fqdn(&document).map(|fqdn| render::root_of(&fqdn))
}

/// Returns a path without `.`, so that two spellings of one path are the same.
fn plain(file: &Path) -> PathBuf {
    file.components().filter(|part| *part != Component::CurDir).collect()
}

fn cannot(place: &Path, error: &io::Error) -> NotFound {
    NotFound(format!("cannot read {}: {error}", place.display()))
}

/// Returns what a pattern means: the `*.toml` that match, and every manifest below the directories that match.
fn matching(pattern: &Path) -> Result<Vec<PathBuf>, NotFound> {
    let mut files = Vec::new();
    for path in pattern::matches(pattern).map_err(|error| cannot(pattern, &error))? {
        if path.is_dir() {
            files.extend(below(&path)?);
        } else if path.extension().is_some_and(|end| end == "toml") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Returns every manifest below a directory, sorted.
fn below(directory: &Path) -> Result<Vec<PathBuf>, NotFound> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        let listed = entries(&directory).map_err(|error| cannot(&directory, &error))?;
        if listed.iter().any(|entry| entry.name == LOCK) {
            continue;
        }
        for Entry { name, is_directory } in listed {
            if is_directory {
                open.push(directory.join(name));
            } else if name == NAME {
                files.push(directory.join(name));
            }
        }
        if files.len() > MOST {
            break;
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// What stands in a directory.
struct Entry {
    name: String,
    is_directory: bool,
}

/// Returns what stands in a directory and may be meant: files and directories that are neither hidden nor symlinks.
fn entries(directory: &Path) -> io::Result<Vec<Entry>> {
    let listed = match fs::read_dir(directory) {
        Ok(listed) => listed,
        // Somebody took it away, or it is no directory.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for entry in listed {
        let entry = entry?;
        let kind = entry.file_type()?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !name.starts_with('.') && (kind.is_dir() || kind.is_file()) {
            entries.push(Entry { name, is_directory: kind.is_dir() });
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(files: &[&str]) -> tempfile::TempDir {
        let desk = tempfile::tempdir().expect("a directory");
        for file in files {
            let path = desk.path().join(file);
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            fs::write(path, "").expect("a file");
        }
        desk
    }

    fn found(desk: &tempfile::TempDir, names: &[&str]) -> Vec<String> {
        let paths: Vec<_> = names.iter().map(|name| desk.path().join(name)).collect();
        let files = find(&paths).expect("some").files;
        let relative = files.iter().map(|file| file.strip_prefix(desk.path()).expect("below"));
        relative.map(|file| file.to_str().expect("text").to_owned()).collect()
    }

    #[test]
    fn a_directory_gives_every_manifest_that_is_no_output_and_not_hidden() {
        let desk = desk(&[
            "b/sovereign.toml",
            "a/sovereign.toml",
            "a/deep/er/sovereign.toml",
            "a/other.toml",
            ".git/sovereign.toml",
            "clusters/x/sovereign.lock",
            "clusters/x/below/sovereign.toml",
        ]);
        let all = ["a/deep/er/sovereign.toml", "a/sovereign.toml", "b/sovereign.toml"];
        assert_eq!(found(&desk, &[""]), all);
        assert_eq!(
            found(&desk, &["b", "./b/sovereign.toml", "a"])[0],
            "b/sovereign.toml",
            "in the order named, once"
        );
        assert_eq!(found(&desk, &["b", "./b/sovereign.toml", "a"]).len(), 3);
    }

    #[test]
    fn patterns_mean_what_a_shell_means_by_them() {
        let desk = desk(&[
            "a/sovereign.toml",
            "ab/sovereign.toml",
            "c/x.toml",
            "c/d/sovereign.toml",
            ".h/sovereign.toml",
        ]);
        assert_eq!(found(&desk, &["*/sovereign.toml"]), ["a/sovereign.toml", "ab/sovereign.toml"]);
        assert_eq!(found(&desk, &["a?/*.toml"]), ["ab/sovereign.toml"]);
        assert_eq!(found(&desk, &["[!a]/*.toml"]), ["c/x.toml"]);
        assert_eq!(found(&desk, &["[b-d]/**/sovereign.toml"]), ["c/d/sovereign.toml"]);
        assert_eq!(found(&desk, &["**/sovereign.toml"]).len(), 3);
        assert_eq!(found(&desk, &[".h/*"]), [".h/sovereign.toml"]);
        let all = ["a/sovereign.toml", "ab/sovereign.toml", "c/d/sovereign.toml", "c/x.toml"];
        assert_eq!(found(&desk, &["**"]), &all[..3], "directories give manifests");
        assert_eq!(found(&desk, &["c/*"]), &all[2..]);
    }

    #[test]
    fn one_file_is_one_also_where_it_is_called_like_a_pattern() {
        let desk = desk(&["[x].toml", "x.toml", "d/sovereign.toml"]);
        assert_eq!(found(&desk, &["[x].toml"]), ["[x].toml"]);
        let one = |name: &str| find(&[desk.path().join(name)]).expect("some").is_one;
        assert!(one("x.toml") && one("[x].toml") && one("not-there.toml"));
        assert!(!one("d") && !one("?.toml"));
    }

    #[test]
    fn what_gives_nothing_is_said() {
        let desk = desk(&["x.toml"]);
        let said = |name: &str| find(&[desk.path().join(name)]).expect_err("nothing").0;
        assert!(said("").ends_with(" holds no sovereign.toml"), "{}", said(""));
        assert!(said("*.json").ends_with("*.json matches no file"), "{}", said("*.json"));
    }

    #[test]
    fn each_name_is_in_one_part_and_stays_there() {
        let parts: Vec<Part> = (1..=5).map(|n| format!("{n}/5").parse().expect("a part")).collect();
        let mut counts = [0; 5];
        for n in 0..1000 {
            let name = format!("sovereigns/s{n}/sovereign.toml");
            let holders: Vec<_> = (0..5).filter(|at| parts[*at].holds(&name)).collect();
            assert_eq!(holders.len(), 1, "{name}");
            counts[holders[0]] += 1;
        }
        assert!(counts.iter().all(|count| (150..250).contains(count)), "{counts:?}");
        // Written down: a job of another version takes the same part.
        assert!(parts[4].holds("sovereigns/s1/sovereign.toml"), "{counts:?}");
        for wrong in ["0/5", "6/5", "1", "a/b", "1/0", "-1/5"] {
            assert!(wrong.parse::<Part>().is_err(), "{wrong}");
        }
    }
}
