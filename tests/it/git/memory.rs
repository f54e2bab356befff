//! Commits of large trees, which compile, read and compare only what the repository does not remember: whatever has happened
//! in between, the commit is the one that a repository without a memory gets, and so are the findings.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use sovereign_compile::tree::TreePath;
use sovereign_language::input::SourceMap;
use sovereign_language::kit::Kits;
use sovereign_store::git::Repository;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::publish::{Manifest, Outcome, Progress, Request, Step, publish};
use sovereign_text::diag::short;

use super::bench::{Place, write};
use crate::laws::law_on;
use crate::tenants::{TWO, organization};

const ROOT: &str = "clusters/muscat.omani.works";
const SOURCE: &str = "\n[[organization-source]]\npath = \"organizations\"\n";

/// Something that happens between two commits.
#[derive(Clone, Debug)]
enum Event {
    /// Nothing.
    Nothing,
    /// An Organization comes, or is there already.
    Comes(usize),
    /// It goes, if it is there; with consent or without.
    Goes(usize, bool),
    /// It buys another plan.
    Changes(usize),
    /// Its file is written in another way and says the same.
    IsRearranged(usize),
    /// Its file has another name.
    IsRenamed(usize),
    /// An application of it goes, without a trace in its other files.
    LosesAnApplication(usize),
    /// The manifest says something that all Organizations have in common.
    Manifest(usize),
    /// A file of the tree goes.
    FileGoes(usize),
    /// A file of the tree is edited; and its line in the lock too.
    FileIsEdited(usize, bool),
    /// A file of the tree becomes executable.
    FileIsExecutable(usize),
    /// Somebody puts a file beside one of the tree, or a directory.
    Foreign(usize, bool),
    /// A file of ours is there that nothing asks for.
    IsLeftOver(usize),
    /// The line of a file goes from the lock, or the lock is none any more.
    LockIsEdited(usize, bool),
    /// The tree is that of some commits ago.
    TreeIsOld(usize),
    /// All is that of some commits ago.
    AllIsOld(usize),
    /// The memory is cut short, goes on, or has lost a bit.
    MemoryIsSpoiled(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let (n, one) = (0..16_usize, any::<usize>());
    prop_oneof![
        Just(Event::Nothing),
        n.clone().prop_map(Event::Comes),
        n.clone().prop_map(Event::Comes),
        (n.clone(), any::<bool>()).prop_map(|(n, consent)| Event::Goes(n, consent)),
        n.clone().prop_map(Event::Changes),
        n.clone().prop_map(Event::Changes),
        n.clone().prop_map(Event::IsRearranged),
        n.clone().prop_map(Event::IsRenamed),
        n.prop_map(Event::LosesAnApplication),
        (0..3_usize).prop_map(Event::Manifest),
        one.prop_map(Event::FileGoes),
        (one, any::<bool>()).prop_map(|(n, with_lock)| Event::FileIsEdited(n, with_lock)),
        one.prop_map(Event::FileIsExecutable),
        (one, any::<bool>()).prop_map(|(n, directory)| Event::Foreign(n, directory)),
        one.prop_map(Event::IsLeftOver),
        (one, any::<bool>()).prop_map(|(n, whole)| Event::LockIsEdited(n, whole)),
        (1..4_usize).prop_map(Event::TreeIsOld),
        (1..4_usize).prop_map(Event::AllIsOld),
        one.prop_map(Event::MemoryIsSpoiled),
    ]
}

/// A repository with a manifest, files of Organizations and their tree.
struct Fleet<'p> {
    place: &'p Place,
    kits: &'p Kits,
    at: PathBuf,
    /// What the manifest says besides.
    more: String,
}

impl<'p> Fleet<'p> {
    fn new(place: &'p Place, kits: &'p Kits, name: &str) -> Self {
        let root = place.path("");
        place.git(&root, &["init", "-q", "-b", "main", name]);
        let fleet = Self { place, kits, at: place.path(name), more: String::new() };
        for (key, value) in [("user.name", "Bot"), ("user.email", "bot@example.com"), ("gc.auto", "0")] {
            fleet.git(&["config", key, value]);
        }
        fleet.manifest("");
        (0..8).for_each(|n| fleet.put(n, &text(n)));
        fleet.save();
        fleet
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.place.git(&self.at, arguments)
    }

    /// Commits all that has happened.
    fn save(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "somebody's"]);
    }

    fn manifest(&self, consent: &str) {
        write(&self.at.join("sovereign.toml"), &format!("{TWO}{SOURCE}{}{consent}", self.more));
    }

    /// The file of an Organization, if it is there.
    fn file(&self, n: usize) -> Option<PathBuf> {
        let names = [format!("organizations/{n}.toml"), format!("organizations/renamed-{n}.toml")];
        names.iter().map(|name| self.at.join(name)).find(|path| path.exists())
    }

    fn put(&self, n: usize, text: &str) {
        let file = self.file(n).unwrap_or_else(|| self.at.join(format!("organizations/{n}.toml")));
        write(&file, text);
    }

    fn edit(&self, n: usize, edit: impl Fn(&str) -> String) {
        if let Some(file) = self.file(n) {
            write(&file, &edit(&fs::read_to_string(&file).unwrap()));
        }
    }

    /// One of the files of Organizations in the tree.
    fn some_file(&self, n: usize) -> Option<PathBuf> {
        let listed = self.git(&["ls-files", &format!("{ROOT}/*/tenants/*/*")]);
        let files: Vec<_> = listed.lines().collect();
        let path = files.get(n % files.len().max(1))?;
        Some(self.at.join(path)).filter(|path| path.is_file())
    }

    fn lock(&self, edit: impl Fn(&str) -> String) {
        let lock = self.at.join(ROOT).join("sovereign.lock");
        if let Ok(text) = fs::read_to_string(&lock) {
            write(&lock, &edit(&text));
        }
    }

    fn happens(&mut self, event: &Event) {
        self.manifest("");
        match *event {
            Event::Nothing => {}
            Event::Comes(n) => self.put(n, &text(n)),
            Event::Goes(n, consent) => {
                let Some(file) = self.file(n) else { return };
                fs::remove_file(file).unwrap();
                if consent {
                    self.manifest(&format!("\n[[retire]]\nnamespace = \"org-{n}\"\n"));
                }
            }
            Event::Changes(n) => {
                self.edit(n, |text| text.replace("\"xl\"", "\"l\"").replace("\"s\"", "\"m\""));
            }
            Event::IsRearranged(n) => self.edit(n, |text| format!("# The same.\n{text}\n\n")),
            Event::IsRenamed(n) => {
                if let Some(file) = self.file(n) {
                    fs::rename(file, self.at.join(format!("organizations/renamed-{n}.toml"))).unwrap();
                }
            }
            Event::LosesAnApplication(n) => self.edit(n, without_an_application),
            Event::Manifest(n) => {
                let more = ["", "\n[storage]\nclass = \"fast\"\n", "\n[blueprint.harbor.values]\nx = 1\n"];
                more[n].clone_into(&mut self.more);
                self.manifest("");
            }
            Event::FileGoes(n) => {
                self.some_file(n).into_iter().for_each(|file| fs::remove_file(file).unwrap());
            }
            Event::FileIsEdited(n, with_lock) => self.edited(n, with_lock),
            Event::FileIsExecutable(n) => {
                if let Some(file) = self.some_file(n) {
                    self.git(&["update-index", "--chmod=+x", &file.display().to_string()]);
                    self.git(&["commit", "-q", "-m", "executable"]);
                    self.git(&["reset", "-q", "--hard"]);
                }
            }
            Event::Foreign(n, directory) => {
                let Some(file) = self.some_file(n) else { return };
                let name = if directory { "mine/mine.txt" } else { "mine.txt" };
                write(&file.with_file_name("x").with_file_name(name), "mine\n");
            }
            Event::IsLeftOver(n) => self.left_over(n),
            Event::LockIsEdited(n, whole) => self.lock(|text| {
                let lines = text.lines().filter(|line| !line.starts_with('#')).count();
                let mut seen = 0;
                let kept = text.lines().filter(|line| {
                    seen += usize::from(!line.starts_with('#'));
                    line.starts_with('#') || seen != n % lines.max(1) + 1
                });
                let kept: String = kept.flat_map(|line| [line, "\n"]).collect();
                if whole { format!("<<<<<<< ours\n{text}") } else { kept }
            }),
            Event::TreeIsOld(back) => {
                let commit = format!("HEAD~{back}");
                if self.place.can(&self.at, &["rev-parse", "-q", "--verify", &format!("{commit}:{ROOT}")]) {
                    fs::remove_dir_all(self.at.join(ROOT)).unwrap_or_default();
                    self.git(&["checkout", "-q", &commit, "--", ROOT]);
                }
            }
            Event::AllIsOld(back) => {
                let commit = format!("HEAD~{back}");
                if self.place.can(&self.at, &["rev-parse", "-q", "--verify", &commit]) {
                    self.git(&["reset", "-q", "--hard", &commit]);
                }
            }
            Event::MemoryIsSpoiled(n) => {
                self.memories().iter().for_each(|file| spoil(file, n));
            }
        }
    }

    /// Edits a file of the tree by hand; with its line in the lock, as somebody does who wants it to be taken for ours.
    fn edited(&self, n: usize, with_lock: bool) {
        let Some(file) = self.some_file(n) else { return };
        let was = fs::read_to_string(&file).unwrap();
        write(&file, &was.replace("openova", "0penova"));
        if with_lock {
            let sum = self.place.run(&self.at, "sha256sum", &[&file.display().to_string()]);
            let sum = sum.split(' ').next().unwrap_or_default().to_owned();
            let name = file.strip_prefix(self.at.join(ROOT)).unwrap().display().to_string();
            self.lock(|text| {
                let line = |line: &str| match line.split_once("  ") {
                    Some((_, path)) if path == name => format!("{sum}  {name}\n"),
                    _ => format!("{line}\n"),
                };
                text.lines().map(line).collect()
            });
        }
    }

    /// Leaves a file behind that an earlier commit could have written.
    fn left_over(&self, n: usize) {
        let Some(file) = self.some_file(n) else { return };
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let Some((slug, _)) = name.split_once('.') else { return };
        let left = file.with_file_name(format!("{slug}.app-old.yaml"));
        fs::copy(&file, &left).unwrap();
        let sum = self.place.run(&self.at, "sha256sum", &[&left.display().to_string()]);
        let sum = sum.split(' ').next().unwrap_or_default().to_owned();
        let path = left.strip_prefix(self.at.join(ROOT)).unwrap().display().to_string();
        self.lock(
            |text| if text.contains(&path) { text.to_owned() } else { format!("{text}{sum}  {path}\n") },
        );
    }

    fn memories(&self) -> Vec<PathBuf> {
        let directory = self.at.join(".git/sovereign");
        let files = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
        files.filter(|path| path.file_name().is_some_and(|name| name != "seal")).collect()
    }

    /// Commits the tree. Gives all that was said, and what became of the branch; and whether anything was left out.
    fn commits(&self, at_once: bool) -> (String, bool) {
        let repository = Repository::open(&self.at).unwrap();
        let manifests = [Manifest::InRepository("sovereign.toml".to_owned())];
        let request = Request { at_once, large: 1, ..Request::new(&manifests, KitCache::default()) };
        let mut told = TofuVars { kits: self.kits, text: String::new(), left_out: false };
        let ended = match publish(&repository, self.kits, &request, &mut told).unwrap() {
            Outcome::Unchanged => "unchanged".to_owned(),
            Outcome::Committed { commits, .. } => format!("{} commits", commits.len()),
            Outcome::Wrong => "wrong".to_owned(),
            Outcome::OutOfOrder(order) => order.to_string(),
            Outcome::OwnershipConflict(list) => list.iter().map(ToString::to_string).collect(),
            Outcome::EditRefused(refused) => refused.to_string(),
            Outcome::Refused { words, .. } => words,
        };
        let head = self.git(&["log", "-1", "--format=%T%n%B"]);
        self.git(&["reset", "-q", "--hard"]);
        (format!("{}{ended}\n{head}", told.text), told.left_out)
    }
}

/// Hears what is found.
struct TofuVars<'a> {
    kits: &'a Kits,
    text: String,
    left_out: bool,
}

impl Progress for TofuVars<'_> {
    fn say(&mut self, words: &str) {
        self.text.push_str(words);
    }

    fn found(&mut self, step: &Step) {
        self.text.push_str(&short::render(&step.diags, &SourceMap { input: &step.input, kits: self.kits }));
        self.left_out |= step.compiled.as_ref().is_some_and(|compiled| !compiled.tree.is_whole());
    }

    fn wait(&mut self, _: u32) {}
}

/// Turns one bit over, as a disk does.
fn flip(bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << (at % 8);
    }
}

fn text(n: usize) -> String {
    format!("[organization]{}", organization(n, "organization"))
}

#[test]
fn with_and_without_a_memory_the_commit_is_the_same() {
    let (kits, left_out) = (Kits::embedded(), Cell::new(0));
    law_on(12, proptest::collection::vec((event(), any::<bool>()), 1..10), |events| {
        let place = Place::new();
        let mut fleets = ["with", "without"].map(|name| Fleet::new(&place, &kits, name));
        for (event, at_once) in [(Event::Nothing, false)].iter().chain(&events) {
            let [with, without] = &mut fleets;
            for fleet in [&mut *with, &mut *without] {
                fleet.happens(event);
                fleet.save();
            }
            without.memories().into_iter().for_each(|file| fs::remove_file(file).unwrap());
            let (ours, some) = with.commits(*at_once);
            let (expected, none) = without.commits(*at_once);
            assert_eq!(ours, expected, "{event:?}");
            assert!(!none);
            left_out.set(left_out.get() + usize::from(some));
        }
        Ok(())
    });
    assert!(left_out.get() > 10, "{} commits left anything out", left_out.get());
}

#[test]
fn what_is_remembered_is_neither_compiled_nor_compared() {
    let (place, kits) = (Place::new(), Kits::embedded());
    let fleet = Fleet::new(&place, &kits, "r");
    assert!(!fleet.commits(false).1);
    assert!(fleet.commits(false).0.contains("unchanged") && fleet.commits(false).1);
    fleet.edit(3, |text| text.replace("\"xl\"", "\"l\""));
    fleet.save();
    let (said, left_out) = fleet.commits(false);
    assert!(said.contains("1 commits") && left_out, "{said}");
    // What was committed last is remembered too, and nothing is left behind beside it.
    assert!(fleet.commits(false).1);
    assert_eq!(fleet.memories().len(), 1);
    place.fsck(&fleet.at);
    place.sovereign(&fleet.at, &["verify"]).says(0, &["all "]);
}

#[test]
fn a_memory_that_was_written_elsewhere_counts_for_nothing() {
    let (place, kits) = (Place::new(), Kits::embedded());
    let fleet = Fleet::new(&place, &kits, "r");
    fleet.commits(false);
    assert!(fleet.commits(false).1);
    // As somebody hands on a repository with all that is in its Git directory.
    place.run(&place.path(""), "cp", &["-a", "r", "copy"]);
    let copy = Fleet { at: place.path("copy"), more: String::new(), ..fleet };
    assert_eq!(copy.memories().len(), 1);
    assert!(!copy.commits(false).1);
    // It has written its own now.
    assert!(copy.commits(false).1);
}

#[test]
fn a_memory_that_lost_a_bit_counts_for_nothing() {
    let (place, kits) = (Place::new(), Kits::embedded());
    let fleet = Fleet::new(&place, &kits, "r");
    fleet.commits(false);
    let [file] = fleet.memories().try_into().unwrap();
    let whole = fs::read(&file).unwrap();
    let repository = Repository::open(&fleet.at).unwrap();
    let is_recalled = || repository.memory(TreePath::new(ROOT).unwrap()).recall().is_some();
    assert!(is_recalled());
    for at in (0..whole.len()).step_by(whole.len() / 64) {
        let mut bytes = whole.clone();
        flip(&mut bytes, at);
        fs::write(&file, bytes).unwrap();
        assert!(!is_recalled(), "byte {at} of {}", whole.len());
    }
    // The next commit compiles everything, and writes a memory that counts.
    assert!(!fleet.commits(false).1);
    assert!(fleet.commits(false).1);
}

/// Cuts a memory short, makes it longer or flips a bit of it.
fn spoil(file: &std::path::Path, n: usize) {
    let mut bytes = fs::read(file).unwrap();
    let at = n % bytes.len().max(1);
    match n % 3 {
        0 => bytes.truncate(at),
        1 => bytes.extend([0xff; 8]),
        _ => flip(&mut bytes, at),
    }
    fs::write(file, bytes).unwrap();
}

/// Returns an Organization without the applications of its first environment.
fn without_an_application(text: &str) -> String {
    let start = text.find("\n[[organization.environment.application]]");
    let end = text.rfind("\n[[organization.environment]]");
    match start.zip(end).filter(|(start, end)| start < end) {
        Some((start, end)) => format!("{}{}", &text[..start], &text[end..]),
        None => text.to_owned(),
    }
}
