//! `tests/transition/<code>/<case>/`: the step from one tree to the next, in a real repository.
//!
//! `before.toml` (or the files of a crafted tree in `before/`) is committed first, by the program's own `publish`.
//! Then `after.toml` takes the manifest's place, and what `publish` says is `stderr`. The comments `#~ code` in
//! `after.toml` claim which lines have findings, as in `tests/ui`. `blueprints-before/` and `blueprints-after/` are the
//! blueprint source of each side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::{Oid, Signature};
use libtest_mimic::{Failed, Trial};
use sovereign_compile::tree::{Origin, RegionFacts, Tree, TreePath};
use sovereign_language::input::Input;
use sovereign_language::input::SourceMap;
use sovereign_language::kit::Kits;
use sovereign_store::git::Repository;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::publish::{Manifest, Outcome, Progress, Request, Step, publish};
use sovereign_text::diag::human::{self, Style};
use sovereign_text::diag::{Code, Diagnostic, Severity, Sources as _};
use sovereign_text::digest::Digest;

use super::compiled::KITS;
use super::expected::{is_named, meet_text, names, text, walk};
use super::ui::{claims, passes};

/// Where the cases stand.
pub(crate) const ROOT: &str = "tests/transition";
/// The manifest's name in the repository: what findings show.
const MANIFEST: &str = "sovereign.toml";
const WIDTH: usize = 100;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for code in names(ROOT) {
        for case in names(format!("{ROOT}/{code}")) {
            let code = code.clone();
            trials.push(Trial::test(format!("transition::{code}::{case}"), move || check(&code, &case)));
        }
    }
    trials
}

/// What came of a commit: the findings, as a picture and by line, and how it ended.
pub(crate) struct Attempt {
    pub(crate) picture: String,
    pub(crate) lines: BTreeSet<(String, usize, Code)>,
    pub(crate) errors: usize,
    pub(crate) outcome: Outcome,
}

fn check(folder: &str, case: &str) -> Result<(), Failed> {
    let code: Code = folder.parse().map_err(|()| format!("there is no code `{folder}`"))?;
    let directory = format!("{ROOT}/{folder}/{case}");
    for name in names(&directory) {
        let known =
            ["before.toml", "before", "after.toml", "stderr", "blueprints-before", "blueprints-after"];
        if !known.contains(&name.as_str()) {
            return Err(format!("{directory}/{name} belongs to nothing").into());
        }
    }
    let scratch = tempfile::tempdir()?;
    let repository = init(scratch.path())?;
    before(&repository, Path::new(&directory))?;
    let after = text(format!("{directory}/after.toml"))?;
    let attempt = attempt(&repository, &after, Path::new(&directory).join("blueprints-after"))?;
    meet_text(&format!("{directory}/stderr"), &attempt.picture)?;

    let mut claimed = BTreeSet::new();
    let mut files = vec![(MANIFEST.to_owned(), after)];
    for name in names(format!("{directory}/blueprints-after")) {
        files.push((format!("blueprints/{name}"), text(format!("{directory}/blueprints-after/{name}"))?));
    }
    for (file, text) in files {
        claimed.extend(claims(&text)?.into_iter().map(|(line, code)| (file.clone(), line, code)));
    }
    let missing = claimed.difference(&attempt.lines);
    let missing = missing.map(|(file, line, code)| format!("{file}:{line}: no {code} here"));
    let unclaimed = attempt.lines.difference(&claimed);
    let unclaimed = unclaimed.map(|(file, line, code)| format!("{file}:{line}: {code} is not announced"));
    let mut wrong: Vec<_> = missing.chain(unclaimed).collect();
    let speaks = attempt.lines.iter().any(|(_, _, found)| *found == code);
    match (passes(case), speaks) {
        (true, true) => wrong.push(format!("passes, but {code} speaks")),
        (true, false) if attempt.errors > 0 => wrong.push("passes, but has errors".to_owned()),
        (false, false) => wrong.push(format!("is a case of {code}, which says nothing")),
        (true, false) | (false, true) => {}
    }
    let committed = matches!(attempt.outcome, Outcome::Committed { .. } | Outcome::Unchanged);
    if committed != (attempt.errors == 0) {
        wrong.push(format!("{} errors, but committed is {committed}", attempt.errors));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{directory}: {}\n\n{}", wrong.join("\n"), attempt.picture).into())
}

/// An empty repository whose configuration names nobody's machine.
pub(crate) fn init(directory: &Path) -> Result<Repository, Failed> {
    let mut options = git2::RepositoryInitOptions::new();
    let inner = git2::Repository::init_opts(directory, options.initial_head("main"))?;
    let mut config = inner.config()?;
    for (key, value) in [("user.name", "A Reviewer"), ("user.email", "reviewer@example.com")] {
        config.set_str(key, value)?;
    }
    config.set_bool("commit.gpgsign", false)?;
    Repository::open(directory).map_err(|error| error.to_string().into())
}

fn before(repository: &Repository, directory: &Path) -> Result<(), Failed> {
    if directory.join("before").exists() {
        return crafted(repository, &directory.join("before"));
    }
    let manifest = text(directory.join("before.toml"))?;
    let first = attempt(repository, &manifest, directory.join("blueprints-before"))?;
    match first.outcome {
        Outcome::Committed { .. } => Ok(()),
        Outcome::Unchanged
        | Outcome::Wrong
        | Outcome::EditRefused(_)
        | Outcome::OutOfOrder(_)
        | Outcome::OwnershipConflict(_)
        | Outcome::Refused { .. } => {
            Err(format!("before.toml cannot be committed\n{}", first.picture).into())
        }
    }
}

/// A tree of another hand, or of a compiler of another time: `clusters/<fqdn>/…`, with the lock that makes it ours.
fn crafted(repository: &Repository, directory: &Path) -> Result<(), Failed> {
    let mut files = BTreeMap::new();
    walk(directory, "", &mut files)?;
    let fqdn = names(directory.join("clusters")).into_iter().next().ok_or("no tree")?;
    let root = TreePath::new(format!("clusters/{fqdn}")).ok_or("no root")?;
    let below = |(path, bytes): (&String, &Vec<u8>)| {
        let path = TreePath::new(path.strip_prefix(root.as_str())?.strip_prefix('/')?)?;
        Some((path, String::from_utf8(bytes.clone()).ok()?))
    };
    let region = |path: &String| {
        let (region, below) = path.strip_prefix(root.as_str())?.strip_prefix('/')?.split_once('/')?;
        let facts = RegionFacts { primary: true, ..RegionFacts::default() };
        below.starts_with("flux-system/").then(|| (region.to_owned(), facts))
    };
    let regions: BTreeMap<_, _> = files.keys().filter_map(region).collect();
    let origin = Origin {
        input: Digest::hash(b"by hand"),
        kit: ("2026.04".to_owned(), Digest::hash(b"a kit")),
        compiler: "sovereign 0.0.0".to_owned(),
        regions: regions.into_iter().collect(),
    };
    let tree = Tree::new(root.clone(), files.iter().filter_map(below).collect(), &origin);
    let write = |path: String, text: &String| (path, text.clone().into_bytes());
    let files = tree.files().iter().map(|(path, text)| write(format!("{root}/{path}"), text));
    commit(repository, &files.collect())?;
    Ok(())
}

/// Puts the manifest and its blueprints into a commit, as a person does, and publishes it.
pub(crate) fn attempt(
    repository: &Repository,
    manifest: &str,
    blueprints: impl AsRef<Path>,
) -> Result<Attempt, Failed> {
    let mut files = BTreeMap::from([(MANIFEST.to_owned(), manifest.as_bytes().to_vec())]);
    let mut sources = BTreeMap::new();
    walk(blueprints.as_ref(), "", &mut sources)?;
    files.extend(sources.into_iter().map(|(name, bytes)| (format!("blueprints/{name}"), bytes)));
    commit(repository, &files)?;
    let manifests = [Manifest::InRepository(MANIFEST.to_owned())];
    let request = Request {
        // Each case is one commit, whatever order is safe.
        at_once: true,
        ..Request::new(&manifests, KitCache::default())
    };
    let mut seen = Seen::default();
    let outcome = publish(repository, &KITS, &request, &mut seen).map_err(|error| error.to_string())?;
    Ok(Attempt { picture: seen.picture, lines: seen.lines, errors: seen.errors, outcome })
}

/// A commit on HEAD with these files, and without the blueprints of before.
fn commit(repository: &Repository, files: &BTreeMap<String, Vec<u8>>) -> Result<Oid, Failed> {
    let inner = git2::Repository::open(repository.directory())?;
    let parent = inner.head().ok().and_then(|head| head.peel_to_commit().ok());
    let mut update = git2::build::TreeUpdateBuilder::new();
    for (path, bytes) in files {
        update.upsert(path, inner.blob(bytes)?, git2::FileMode::Blob);
    }
    let base = match &parent {
        Some(parent) => parent.tree()?,
        None => inner.find_tree(inner.treebuilder(None)?.write()?)?,
    };
    if base.get_name("blueprints").is_some() {
        let kept = |name: &str| files.contains_key(&format!("blueprints/{name}"));
        let old = base.get_name("blueprints").and_then(|entry| inner.find_tree(entry.id()).ok());
        for entry in old.iter().flat_map(|tree| tree.iter()) {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            if !kept(&name) {
                update.remove(format!("blueprints/{name}"));
            }
        }
    }
    let tree = inner.find_tree(update.create_updated(&inner, &base)?)?;
    let who = Signature::new("A Person", "person@example.com", &git2::Time::new(1_767_225_600, 0))?;
    let parents: Vec<_> = parent.iter().collect();
    Ok(inner.commit(Some("HEAD"), &who, &who, "Change the manifest", &tree, &parents)?)
}

/// Remembers what was found.
#[derive(Default)]
struct Seen {
    picture: String,
    lines: BTreeSet<(String, usize, Code)>,
    errors: usize,
}

impl Progress for Seen {
    fn say(&mut self, _: &str) {}

    fn found(&mut self, step: &Step) {
        self.picture = picture(&step.diags, &step.input, &KITS);
        self.errors = step.diags.count(Severity::Error);
        let sources = SourceMap { input: &step.input, kits: &KITS };
        let line = |found: &Diagnostic| {
            let source = sources.source(found.primary.span.source);
            (source.name().to_owned(), source.position(found.primary.span.start).0, found.code)
        };
        self.lines = step.diags.sorted().into_iter().map(line).collect();
    }

    fn wait(&mut self, _: u32) {}
}

fn picture(diags: &sovereign_text::diag::Diagnostics, input: &Input, kits: &Kits) -> String {
    human::render(diags, &SourceMap { input, kits }, Style { color: false, width: WIDTH })
}

/// The cases of a code: those that pass, and those that do not.
pub(crate) fn cases(code: Code) -> (Vec<String>, Vec<String>) {
    let cases = names(format!("{ROOT}/{code}"));
    cases.into_iter().filter(|case| !is_named(case, ".md")).partition(|case| passes(case))
}
