//! The pre-commit hook, run by a real `git commit`: what is staged is what is judged.
#![expect(clippy::disallowed_methods, reason = "these tests make repositories")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sovereign");
/// The smallest manifest that leaves nothing to warn of.
const MINIMAL: &str = concat!(
    include_str!("../../examples/minimal.toml"),
    r#"observed = { load-balancer-address = "203.0.113.10", control-plane-address = "203.0.113.11", deployment-id = "0123456789abcdef" }"#,
    "\n"
);
const BLUEPRINTS: &str = include_str!("../../examples/own-blueprints.toml");
const ROOT: &str = "clusters/first.omani.works";
/// A file of the tree that any change of the manifest's digest changes.
const LOCK: &str = "clusters/first.omani.works/sovereign.lock";

/// A repository in which nothing of the machine is seen.
struct Place {
    scratch: tempfile::TempDir,
}

impl Place {
    /// An empty repository without a hook.
    fn bare_of_hooks() -> Self {
        let place = Self { scratch: tempfile::tempdir().expect("a directory") };
        fs::create_dir(place.root()).expect("creates");
        place.git(&["init", "--quiet", "--initial-branch=main"]);
        place
    }

    /// A repository with our hook, and nothing committed.
    fn empty(fix: bool) -> Self {
        let place = Self::bare_of_hooks();
        place.sovereign(if fix { &["hook", "install", "--fix"] } else { &["hook", "install"] });
        place
    }

    /// A repository with our hook, and a manifest with its tree in the first commit.
    fn new(fix: bool) -> Self {
        let place = Self::empty(fix);
        place.write("sovereign.toml", MINIMAL);
        place.sovereign(&["build", "--quiet"]);
        place.git(&["add", "."]);
        place.git(&["commit", "--quiet", "-m", "first"]);
        place
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().join("repository")
    }

    fn command(&self, program: &str, directory: &Path) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", self.scratch.path()).current_dir(directory);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
            command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
        }
        command
    }

    fn run(&self, program: &str, args: &[&str]) -> (bool, String) {
        words(&self.command(program, &self.root()).args(args).output().expect("runs"))
    }

    fn git(&self, args: &[&str]) -> String {
        let (done, words) = self.run("git", args);
        assert!(done, "git {args:?}: {words}");
        words
    }

    fn sovereign(&self, args: &[&str]) -> String {
        let (done, words) = self.run(PROGRAM, args);
        assert!(done, "sovereign {args:?}: {words}");
        words
    }

    /// A commit that the hook must let through; gives what was said.
    fn commit(&self, args: &[&str]) -> String {
        self.git(&[&["commit", "--quiet", "-m", "next"], args].concat())
    }

    /// A commit that the hook must refuse; gives what was said.
    fn refused(&self, args: &[&str]) -> String {
        let head = self.run("git", &["rev-parse", "HEAD"]).1;
        let (done, words) = self.run("git", &[&["commit", "--quiet", "-m", "next"], args].concat());
        assert!(!done, "was committed: {words}");
        assert_eq!(self.run("git", &["rev-parse", "HEAD"]).1, head);
        words
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("creates");
        fs::write(path, text).expect("writes");
    }

    fn stage(&self, path: &str, text: &str) {
        self.write(path, text);
        self.git(&["add", path]);
    }

    fn script(&self, path: &str, text: &str) {
        self.write(path, text);
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(0o755)).expect("sets the mode");
    }

    /// Whether the tree at HEAD is what the manifest at HEAD gives, and the index and work tree are clean.
    fn is_clean(&self) {
        let words = self.sovereign(&["verify"]);
        assert!(words.contains("files are what"), "{words}");
        assert_eq!(self.git(&["status", "--porcelain"]), "");
    }
}

fn words(output: &Output) -> (bool, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

/// The manifest with another machine: a change of values in the tree.
fn changed() -> String {
    let text = MINIMAL.replace("ops@example.com", "team@example.com");
    assert_ne!(text, MINIMAL);
    text
}

/// The manifest with a mistake in line 16.
fn wrong() -> String {
    let text = MINIMAL.replace("\"hetzner\"", "\"hetzer\"");
    assert_ne!(text, MINIMAL);
    text
}

fn line_of(text: &str, part: &str) -> usize {
    1 + text.lines().position(|line| line.contains(part)).expect("a line")
}

#[test]
fn installs_once_and_again() {
    let place = Place::bare_of_hooks();
    let words = place.sovereign(&["hook", "install"]);
    assert!(words.starts_with("wrote ") && !words.contains("called first"), "{words}");
    let first = fs::read(place.path(".git/hooks/pre-commit")).expect("a hook");
    place.sovereign(&["hook", "install"]);
    assert_eq!(fs::read(place.path(".git/hooks/pre-commit")).expect("a hook"), first);
    assert!(!place.path(".git/hooks/pre-commit.before-sovereign").exists());
}

#[test]
fn a_hook_that_was_there_is_called_first() {
    let place = Place::bare_of_hooks();
    place
        .script(".git/hooks/pre-commit", "#!/bin/sh\necho before >> \"$HOME/log\"\ntest ! -e \"$HOME/no\"\n");
    for _ in 0..2 {
        let words = place.sovereign(&["hook", "install"]);
        assert!(words.contains("called first"), "{words}");
    }
    place.stage("a.txt", "a");
    place.commit(&[]);
    assert_eq!(fs::read_to_string(place.scratch.path().join("log")).expect("a log"), "before\n");
    fs::write(place.scratch.path().join("no"), "").expect("writes");
    place.stage("a.txt", "b");
    place.refused(&[]);
    // Somebody else's hook over ours, while one is kept: nothing is lost.
    place.script(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    let (done, words) = place.run(PROGRAM, &["hook", "install"]);
    assert!(!done && words.contains("make one of the two hooks first"), "{words}");
    let kept = fs::read_to_string(place.path(".git/hooks/pre-commit.before-sovereign")).expect("a hook");
    assert!(kept.contains("echo before"));
}

#[test]
fn a_hook_that_is_no_text_is_kept() {
    let place = Place::bare_of_hooks();
    let program = b"\x7fELF\xff\xfe";
    fs::create_dir_all(place.path(".git/hooks")).expect("creates");
    fs::write(place.path(".git/hooks/pre-commit"), program).expect("writes");
    place.sovereign(&["hook", "install"]);
    let kept = fs::read(place.path(".git/hooks/pre-commit.before-sovereign")).expect("a hook");
    assert_eq!(kept, program);
}

#[test]
fn installs_where_git_looks() {
    let place = Place::bare_of_hooks();
    place.git(&["config", "core.hooksPath", "tools/hooks"]);
    fs::create_dir_all(place.path("deep/er")).expect("creates");
    let (done, words) = words(
        &place.command(PROGRAM, &place.path("deep/er")).args(["hook", "install"]).output().expect("runs"),
    );
    assert!(done, "{words}");
    assert!(place.path("tools/hooks/pre-commit").exists(), "{words}");
    place.stage("sovereign.toml", &wrong());
    assert!(place.refused(&[]).contains("hetzer"));
}

#[test]
fn judges_in_a_linked_work_tree() {
    let place = Place::new(true);
    place.git(&["worktree", "add", "--quiet", "../linked", "-b", "side"]);
    let linked = place.scratch.path().join("linked");
    let git = |args: &[&str]| words(&place.command("git", &linked).args(args).output().expect("runs"));
    fs::write(linked.join("sovereign.toml"), wrong()).expect("writes");
    let (done, words) = git(&["commit", "-q", "-am", "x"]);
    assert!(!done && words.contains("hetzer"), "{words}");
    fs::write(linked.join("sovereign.toml"), changed()).expect("writes");
    assert_eq!(git(&["add", "."]), (true, String::new()));
    let (done, words) = git(&["commit", "-q", "-m", "x"]);
    assert!(done && words.contains("wrote and staged"), "{words}");
    assert_eq!(git(&["status", "--porcelain"]), (true, String::new()));
    place.is_clean();
}

#[test]
fn a_staged_mistake_is_refused_with_its_line() {
    let place = Place::new(false);
    place.stage("sovereign.toml", &wrong());
    let words = place.refused(&[]);
    let line = line_of(&wrong(), "hetzer");
    assert!(words.contains(&format!("sovereign.toml:{line}:")), "{words}");
}

#[test]
fn says_nothing_when_nothing_concerns_it() {
    let place = Place::new(false);
    place.stage("notes/a.txt", "a");
    assert_eq!(place.commit(&[]), "");
    place.stage("Cargo.toml", "[package]\n");
    assert_eq!(place.commit(&[]), "");
    // Another Sovereign's tree without a manifest here.
    place.stage("clusters/other.example.com/x.yaml", "a: 1\n");
    assert_eq!(place.commit(&[]), "");
    // The manifest and its tree as they should be.
    place.write("sovereign.toml", &changed());
    place.sovereign(&["build", "--quiet"]);
    place.git(&["add", "."]);
    assert_eq!(place.commit(&[]), "");
}

#[test]
fn what_is_staged_counts_and_not_the_work_tree() {
    // Staged right, work tree wrong.
    let place = Place::new(false);
    place.write("sovereign.toml", &changed());
    place.sovereign(&["build", "--quiet"]);
    place.git(&["add", "."]);
    place.write("sovereign.toml", &wrong());
    assert_eq!(place.commit(&[]), "");
    // Staged wrong, work tree right.
    let place = Place::new(false);
    place.stage("sovereign.toml", &wrong());
    place.write("sovereign.toml", MINIMAL);
    assert!(place.refused(&[]).contains("hetzer"));
}

#[test]
fn a_tree_that_was_not_built_is_refused_and_fix_stages_it() {
    let place = Place::new(false);
    place.stage("sovereign.toml", &changed());
    let words = place.refused(&[]);
    assert!(words.contains(&format!("the staged tree {ROOT} is not what")), "{words}");
    assert!(words.contains("sovereign hook run --fix"), "{words}");

    place.sovereign(&["hook", "run", "--fix"]);
    assert_eq!(place.commit(&[]), "");
    place.is_clean();
}

#[test]
fn fix_stages_the_tree_of_the_staged_manifest() {
    let place = Place::new(true);
    place.stage("sovereign.toml", &changed());
    // The work tree is a step further.
    let further = changed().replace("team@", "further@");
    place.write("sovereign.toml", &further);
    let words = place.commit(&[]);
    assert!(words.contains("wrote and staged"), "{words}");
    assert!(place.sovereign(&["verify"]).contains("files are what"));
    assert_eq!(place.git(&["status", "--porcelain"]), " M sovereign.toml\n");
    assert_eq!(fs::read_to_string(place.path("sovereign.toml")).expect("a file"), further);
}

#[test]
fn fix_overwrites_no_hand_edit() {
    let place = Place::new(true);
    place.stage("sovereign.toml", &changed());
    place.write(&format!("{ROOT}/README.md"), "mine\n");
    // Only in the work tree.
    let words = place.refused(&[]);
    assert!(words.contains("README.md") && words.contains("error"), "{words}");
    assert_eq!(fs::read_to_string(place.path(&format!("{ROOT}/README.md"))).expect("a file"), "mine\n");
    // Staged too.
    place.git(&["add", "."]);
    let words = place.refused(&[]);
    assert!(words.contains("README.md was edited by hand"), "{words}");
}

#[test]
fn commit_all_is_judged_and_mended() {
    let place = Place::new(true);
    place.write("sovereign.toml", &wrong());
    assert!(place.refused(&["-a"]).contains("hetzer"));
    place.write("sovereign.toml", &changed());
    let words = place.commit(&["-a"]);
    assert!(words.contains("wrote and staged"), "{words}");
    place.is_clean();
}

#[test]
fn commit_of_a_path_is_judged_and_not_mended() {
    let place = Place::new(true);
    place.write("sovereign.toml", &wrong());
    assert!(place.refused(&["sovereign.toml"]).contains("hetzer"));
    place.write("sovereign.toml", &changed());
    let words = place.refused(&["sovereign.toml"]);
    assert!(words.contains("commit without a path"), "{words}");
    // With its tree among the paths it passes.
    place.sovereign(&["build", "--quiet"]);
    assert_eq!(place.commit(&["sovereign.toml", "clusters"]), "");
    place.is_clean();
    // What is staged besides does not count.
    place.stage("sovereign.toml", &wrong());
    place.write("a.txt", "a");
    place.git(&["add", "-N", "a.txt"]);
    assert_eq!(place.commit(&["a.txt"]), "");
}

#[test]
fn the_first_commit_is_judged_and_mended() {
    let place = Place::empty(true);
    place.stage("sovereign.toml", &wrong());
    let (done, words) = place.run("git", &["commit", "-q", "-m", "first"]);
    assert!(!done && words.contains("hetzer"), "{words}");
    place.stage("sovereign.toml", MINIMAL);
    let words = place.commit(&[]);
    assert!(words.contains("wrote and staged"), "{words}");
    place.is_clean();
}

#[test]
fn a_manifest_that_goes_leaves_its_tree_and_says_so() {
    let place = Place::new(false);
    place.git(&["rm", "--quiet", "sovereign.toml"]);
    let words = place.commit(&[]);
    assert!(words.contains(&format!("its tree {ROOT} stays")), "{words}");
    place.git(&["rm", "-r", "--quiet", ROOT]);
    assert_eq!(place.commit(&[]), "");
}

#[test]
fn a_manifest_that_moves_keeps_its_tree() {
    let place = Place::new(false);
    fs::create_dir(place.path("first")).expect("creates");
    place.git(&["mv", "sovereign.toml", "first/sovereign.toml"]);
    assert_eq!(place.commit(&[]), "");
}

#[test]
fn two_manifests_are_judged_each_for_itself() {
    let place = Place::new(false);
    let second = MINIMAL.replace("\"first\"", "\"second\"");
    place.stage("second/sovereign.toml", &second);
    let words = place.refused(&[]);
    assert!(words.contains("clusters/second.omani.works") && !words.contains(ROOT), "{words}");
    place.sovereign(&["build", "--quiet", "second/sovereign.toml", "--out", "."]);
    place.git(&["add", "."]);
    assert_eq!(place.commit(&[]), "");
    // A mistake that was committed past the hook stops nobody who changes the other.
    place.stage("second/sovereign.toml", &second.replace("\"hetzner\"", "\"hetzer\""));
    place.git(&["commit", "--quiet", "--no-verify", "-m", "past"]);
    place.write("sovereign.toml", &changed());
    place.sovereign(&["build", "--quiet"]);
    place.git(&["add", "."]);
    assert_eq!(place.commit(&[]), "");
    // One tree has one owner.
    place.stage("third/sovereign.toml", MINIMAL);
    assert!(place.refused(&[]).contains("two manifests want to own"));
}

#[test]
fn blueprint_sources_are_read_from_the_index() {
    let place = Place::empty(true);
    place.write("sovereign.toml", BLUEPRINTS);
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/blueprints");
    let mut names = Vec::new();
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_str().expect("text").to_owned();
        place.write(&format!("blueprints/{name}"), &fs::read_to_string(&path).expect("a file"));
        names.push(name);
    }
    place.git(&["add", "sovereign.toml"]);
    let words = place.run("git", &["commit", "-q", "-m", "first"]).1;
    assert!(words.contains("is not staged"), "{words}");
    place.git(&["add", "blueprints"]);
    let words = place.commit(&[]);
    assert!(words.contains("wrote and staged"), "{words}");
    place.is_clean();
    // A mistake in a blueprint alone.
    let file = format!("blueprints/{}", names[0]);
    let text = fs::read_to_string(place.path(&file)).expect("a file");
    place.stage(&file, &format!("{text}\n[surprise]\n"));
    let words = place.refused(&[]);
    assert!(words.contains(&format!("{file}:{}", text.lines().count() + 2)), "{words}");
    // And one that is not staged.
    place.stage(&file, &text);
    place.write(&file, "not even toml");
    place.stage("a.txt", "a");
    assert_eq!(place.commit(&[]), "");
}

#[test]
fn a_kit_of_ones_own_is_judged_as_it_is_staged() {
    let place = Place::empty(true);
    let kit = include_str!("../../examples/own-kit/kit.toml");
    place.write("sovereign.toml", include_str!("../../examples/own-kit.toml"));
    place.write("own-kit/kit.toml", kit);
    place.git(&["add", "."]);
    assert!(place.commit(&[]).contains("wrote and staged"));
    place.is_clean();
    let release = "clusters/duqm.omani.works/fsn1/releases/19-harbor.yaml";
    let timeouts = || fs::read_to_string(place.path(release)).expect("a file").matches("45m").count();
    assert_eq!(timeouts(), 0);
    // Its change alone is one of the tree, and so is a mistake in it.
    place.stage("own-kit/kit.toml", &kit.replace("\"30m\"", "\"45m\""));
    assert!(place.commit(&[]).contains("wrote and staged"));
    place.is_clean();
    assert_eq!(timeouts(), 3);
    place.stage("own-kit/kit.toml", &kit.replace("2026.05", "2026.5"));
    assert!(place.refused(&[]).contains("own-kit/kit.toml:3"));
}

#[test]
fn a_merge_is_judged_and_its_markers_are_refused() {
    let place = Place::new(true);
    place.git(&["checkout", "--quiet", "-b", "side"]);
    place.stage("sovereign.toml", &MINIMAL.replace("ops@", "side@"));
    place.commit(&[]);
    place.git(&["checkout", "--quiet", "main"]);
    place.stage("sovereign.toml", &changed());
    place.commit(&[]);
    let (done, words) = place.run("git", &["merge", "--no-edit", "side"]);
    assert!(!done, "{words}");
    // Everything staged as the merge left it.
    place.git(&["add", "."]);
    let words = place.refused(&[]);
    let text = fs::read_to_string(place.path("sovereign.toml")).expect("a file");
    let line = line_of(&text, "<<<<<<< ");
    assert!(words.contains(&format!("sovereign.toml:{line} is a marker")), "{words}");
    // The manifest resolved, the tree not: that follows from it.
    place.stage("sovereign.toml", &MINIMAL.replace("ops@", "both@"));
    let words = place.commit(&[]);
    assert!(words.contains("wrote and staged"), "{words}");
    place.is_clean();
    assert_eq!(place.git(&["rev-list", "--count", "--min-parents=2", "HEAD"]).trim(), "1");
}

#[test]
fn a_hand_edit_in_the_tree_is_refused_without_a_change_of_the_manifest() {
    let place = Place::new(false);
    let text = fs::read_to_string(place.path(LOCK)).expect("a lock");
    let file = text.lines().find(|line| !line.starts_with('#')).and_then(|line| line.split_once("  "));
    let file = format!("{ROOT}/{}", file.expect("a file").1);
    place.stage(&file, "by hand\n");
    let words = place.refused(&[]);
    assert!(words.contains(&format!("{file}: edited by hand since it was written")), "{words}");
    place.git(&["rm", "--quiet", "--force", &file]);
    let words = place.refused(&[]);
    assert!(words.contains(&format!("{file}: removed by hand")), "{words}");
    // A file of others in our directories is theirs.
    place.git(&["reset", "--quiet", "--hard"]);
    place.stage(&format!("{ROOT}/notes.txt"), "theirs\n");
    assert_eq!(place.commit(&[]), "");
}

#[test]
fn a_manifest_that_takes_steps_goes_before_its_tree() {
    let place = Place::new(false);
    let region =
        "[[region]]\nname = \"nbg1\"\nprovider = \"hetzner\"\ncontrol-plane = { size = \"cpx32\" }\n";
    // The vCluster of tenants leaves the primary at the end, and no step is made without consent to all of them.
    let retire = "[[retire]]\nrelease = \"bp-rtz-vcluster\"\n";
    place.stage("sovereign.toml", &format!("{MINIMAL}\n{region}\n{retire}"));
    let said = place.commit(&["-m", "a second region"]);
    assert!(said.contains("sovereign.toml takes 3 steps"), "{said}");
    place.sovereign(&["commit", "--worktree", "--step", "1"]);
    assert!(place.path("clusters/first.omani.works/nbg1").exists());
    // The whole tree would be all steps that are left.
    drop(place.sovereign(&["build", "--quiet", "--out", "."]));
    place.git(&["add", "clusters"]);
    let said = place.refused(&["-m", "all at once"]);
    assert!(said.contains("takes 3 steps, 1 of them committed, and the staged tree"), "{said}");
    place.git(&["reset", "--quiet", "--hard"]);
    // A part of it is none.
    place.write(LOCK, "mine\n");
    place.git(&["add", LOCK]);
    place.refused(&["-m", "a hand"]);
}

/// Three regions with their tree, then a manifest in which one goes: committed, and on the way after its first step.
fn a_region_goes() -> (Place, &'static str) {
    let place = Place::empty(true);
    let three = include_str!("../../examples/three-regions.toml");
    place.stage("sovereign.toml", three);
    place.commit(&[]);
    let (before, rest) = three.split_once("[[region]]\nname = \"nbg1\"").expect("a region");
    let (_, after) = rest.split_once("[[region]]\nname = \"sin\"").expect("a region");
    let two =
        format!("{before}[[region]]\nname = \"sin\"\nindex = 2{after}\n[[retire]]\nregion = \"nbg1\"\n");
    place.stage("sovereign.toml", &two);
    assert!(place.commit(&[]).contains("note: sovereign.toml takes 4 steps"));
    place.sovereign(&["commit", "--worktree", "--step", "1"]);
    (place, "clusters/omantel.omani.works")
}

#[test]
fn a_part_of_a_step_is_refused_and_never_made_the_whole() {
    let (place, root) = a_region_goes();
    let gateway = format!("{root}/nbg1/gateway/gateway.yaml");
    place.git(&["rm", "--quiet", &gateway]);
    let said = place.refused(&[]);
    assert!(said.contains("is neither the committed one nor that of step 2"), "{said}");
    assert!(said.contains("`sovereign plan`") && said.contains("`sovereign commit --step 2`"), "{said}");
    assert!(!said.contains("--fix") && !said.contains("wrote"), "{said}");
    assert_eq!(place.git(&["status", "--porcelain"]), format!("D  {gateway}\n"));
}

#[test]
fn a_tree_on_the_way_may_stay_or_go_one_step() {
    let (place, root) = a_region_goes();
    // What is not ours is none of the tree.
    place.stage(&format!("{root}/notes.txt"), "theirs\n");
    let said = place.commit(&[]);
    assert!(said.contains("takes 4 steps, 1 of them committed, so its tree stays as it is"), "{said}");
    // Exactly the next step, by whichever hand.
    let head = place.git(&["rev-parse", "HEAD"]);
    place.sovereign(&["commit", "--worktree", "--step", "2"]);
    place.git(&["reset", "--quiet", "--soft", head.trim()]);
    assert_eq!(place.commit(&[]), "");
}

/// Two Sovereigns with their trees, then a commit in which an Organization goes from the one to the other.
fn an_organization_moves() -> Place {
    let place = Place::empty(true);
    let tenants = include_str!("../../examples/tenants.toml");
    let other = tenants
        .replace("name = \"muscat\"", "name = \"salalah\"")
        .replace("cloud.muscat.example", "cloud.salalah.example");
    place.write("a/sovereign.toml", tenants);
    place.write("b/sovereign.toml", &other);
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/organizations");
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_str().expect("text").to_owned();
        let text = fs::read_to_string(&path).expect("a file");
        place.write(&format!("a/organizations/{name}"), &text);
        if name != "bakkal.toml" {
            place.write(&format!("b/organizations/{name}"), &text);
        }
    }
    place.git(&["add", "."]);
    place.commit(&[]);
    place.git(&["mv", "a/organizations/bakkal.toml", "b/organizations"]);
    place.stage("a/sovereign.toml", &format!("{tenants}\n[[retire]]\nnamespace = \"bakkal\"\n"));
    place
}

#[test]
fn manifests_that_go_their_steps_together_are_judged_together() {
    let place = an_organization_moves();
    // Neither is mended: what leaves the one would go in the commit in which it comes to the other.
    let said = place.commit(&[]);
    assert!(said.contains("a/sovereign.toml and b/sovereign.toml take 2 steps"), "{said}");
    assert!(said.contains("`sovereign commit --step 1 a/sovereign.toml b/sovereign.toml`"), "{said}");
    assert!(!said.contains("wrote"), "{said}");
    // The old home alone would let go of it before the other has it.
    place.sovereign(&["build", "--quiet", "--out", ".", "a/sovereign.toml"]);
    place.git(&["add", "clusters"]);
    let said = place.refused(&[]);
    assert!(said.contains("clusters/cloud.muscat.example is neither the committed one"), "{said}");
    place.git(&["reset", "--quiet", "--hard"]);
    place.sovereign(&["commit", "--worktree", "--step", "1", "a/sovereign.toml", "b/sovereign.toml"]);
    // One of the two alone is staged; the other is on the way with it.
    let text = fs::read_to_string(place.path("a/sovereign.toml")).expect("a file");
    place.stage("a/sovereign.toml", &format!("{text}\n# a comment\n"));
    let said = place.commit(&[]);
    assert!(said.contains("take 2 steps, 1 of them committed, so their trees stay as they are"), "{said}");
    let readme = "clusters/cloud.muscat.example/README.md";
    place.git(&["rm", "--quiet", readme]);
    let said = place.refused(&[]);
    assert!(
        said.contains("clusters/cloud.muscat.example is neither the committed one nor that of step 2"),
        "{said}"
    );
    place.git(&["reset", "--quiet", "--hard"]);
    // Without the other one nobody can say what is next.
    place.git(&["rm", "--quiet", "b/sovereign.toml"]);
    place.stage("a/sovereign.toml", &format!("{text}\n# another\n"));
    let said = place.refused(&[]);
    assert!(said.contains("step 1 of 2 is committed, which") && said.contains("take together"), "{said}");
}

#[test]
fn named_manifests_only() {
    let place = Place::bare_of_hooks();
    place.stage("omantel.toml", &wrong());
    assert_eq!(place.run(PROGRAM, &["hook", "run"]), (true, String::new()));
    let (done, words) = place.run(PROGRAM, &["hook", "run", "omantel.toml"]);
    assert!(!done && words.contains("omantel.toml:"), "{words}");
}

#[test]
fn a_work_tree_apart_from_its_repository() {
    let place = Place::new(false);
    let apart = place.scratch.path().join("apart.git");
    fs::rename(place.path(".git"), &apart).expect("moves");
    place.write("sovereign.toml", &wrong());
    let (git, tree) =
        (format!("--git-dir={}", apart.display()), format!("--work-tree={}", place.root().display()));
    let (done, words) = place.run("git", &[&git, &tree, "commit", "-q", "-am", "x"]);
    assert!(!done && words.contains("hetzer"), "{words}");
}

/// Stages files one after the other as long as a run lasts, and returns those that Git said it has staged.
fn staged_meanwhile(place: &Place, mut run: std::process::Child) -> Vec<String> {
    let mut staged = Vec::new();
    while run.try_wait().expect("waits").is_none() {
        let name = format!("notes/{}.txt", staged.len());
        place.write(&name, &name);
        if place.run("git", &["add", &name]).0 {
            staged.push(name);
        }
    }
    assert!(run.wait().expect("ends").success());
    staged
}

#[test]
fn fix_loses_nothing_that_is_staged_meanwhile() {
    let place = Place::bare_of_hooks();
    let mut all = 0;
    for round in 0..5 {
        place.stage("sovereign.toml", &MINIMAL.replace("ops@", &format!("ops{round}@")));
        let mut fix = place.command(PROGRAM, &place.root());
        let run =
            fix.args(["hook", "run", "--fix"]).stderr(std::process::Stdio::null()).spawn().expect("starts");
        let staged = staged_meanwhile(&place, run);
        let index = place.git(&["ls-files"]);
        for name in &staged {
            assert!(index.lines().any(|line| line == name), "round {round}: {name} is lost");
        }
        all += staged.len();
        place.git(&["commit", "--quiet", "-m", "round"]);
    }
    assert!(all > 0, "nothing was staged meanwhile");
    place.is_clean();
}

#[test]
fn fix_waits_for_whoever_writes_the_index_and_says_so() {
    let place = Place::bare_of_hooks();
    place.stage("sovereign.toml", MINIMAL);
    place.write(".git/index.lock", "");
    let (done, words) = place.run(PROGRAM, &["hook", "run", "--fix"]);
    assert!(!done && words.contains("another process is writing the index"), "{words}");
}

#[test]
fn a_symlink_among_the_sources_is_refused_wherever_they_are_read() {
    let place = Place::bare_of_hooks();
    place.write("sovereign.toml", BLUEPRINTS);
    place.write("elsewhere/81.toml", include_str!("../../examples/blueprints/81-port-scheduler.toml"));
    fs::create_dir(place.path("blueprints")).expect("creates");
    place.write("blueprints/80.toml", include_str!("../../examples/blueprints/81-port-scheduler.toml"));
    std::os::unix::fs::symlink("../elsewhere/81.toml", place.path("blueprints/81.toml")).expect("links");
    place.git(&["add", "."]);
    place.git(&["commit", "--quiet", "-m", "a link"]);
    place.stage("sovereign.toml", &format!("{BLUEPRINTS}# more\n"));
    for command in [&["check"][..], &["commit"], &["verify"], &["hook", "run"]] {
        let (done, words) = place.run(PROGRAM, command);
        assert!(!done && words.contains("holds `81.toml`, which is no plain file"), "{command:?}: {words}");
    }
}

#[test]
fn a_split_and_a_sparse_index_are_judged_and_mended() {
    for (kind, commands) in [
        ("split", &[&["update-index", "--split-index"][..]][..]),
        ("sparse", &[&["sparse-checkout", "set", "--cone", "--sparse-index", "clusters"], &["status"]]),
    ] {
        let place = Place::new(true);
        place.stage("far/away/notes.txt", "a note");
        place.commit(&[]);
        for command in commands {
            place.git(command);
        }
        place.stage("mine.txt", "mine");
        assert_eq!(place.commit(&[]), "", "{kind}");
        place.stage("sovereign.toml", &wrong());
        assert!(place.refused(&[]).contains("hetzer"), "{kind}");
        place.stage("sovereign.toml", &changed());
        let words = place.commit(&[]);
        assert!(words.contains("wrote and staged"), "{kind}: {words}");
        place.is_clean();
    }
}

#[test]
fn a_repository_that_only_git_can_open_keeps_its_other_commits() {
    let place = Place::new(true);
    place.git(&["config", "core.repositoryformatversion", "1"]);
    place.git(&["config", "extensions.partialClone", "origin"]);
    place.stage("mine.txt", "mine");
    place.commit(&[]);
    place.stage("sovereign.toml", &changed());
    let words = place.refused(&[]);
    assert!(words.contains("partial clone"), "{words}");
}

#[test]
fn a_git_directory_that_stands_apart() {
    let place = Place::new(true);
    place.git(&["init", "--quiet", "--separate-git-dir", "../apart"]);
    place.stage("sovereign.toml", &changed());
    let words = place.commit(&[]);
    assert!(words.contains("wrote and staged"), "{words}");
    place.is_clean();
    assert!(!place.scratch.path().join("clusters").exists());
    place.stage("sovereign.toml", MINIMAL);
    place.git(&["commit", "--quiet", "--no-verify", "-m", "without a tree"]);
    place.sovereign(&["commit"]);
    place.is_clean();
}

/// Two branches that both change the manifest, and what Git makes of merging them.
fn merge_of_two(fix: bool) -> Place {
    let place = Place::new(fix);
    let both = |place: &Place, text: &str| {
        place.write("sovereign.toml", text);
        place.sovereign(&["build", "--quiet"]);
        place.git(&["add", "."]);
        place.commit(&[]);
    };
    // Lines between, or Git takes both for one change.
    place.git(&["checkout", "--quiet", "-b", "side"]);
    both(&place, &MINIMAL.replace("ops@example.com", "team@example.com"));
    place.git(&["checkout", "--quiet", "main"]);
    both(&place, &MINIMAL.replace("\"cpx32\" }", "\"cpx32\" }\nworkers = { size = \"cpx42\", count = 2 }"));
    let (merged, words) = place.run("git", &["merge", "side"]);
    assert!(!merged && words.contains("sovereign.lock"), "{words}");
    place
}

#[test]
fn a_merge_of_two_manifests_writes_the_lock_anew() {
    // By the hook, from the merge as it stands.
    let place = merge_of_two(true);
    let lock = fs::read_to_string(place.path(LOCK)).expect("a lock");
    assert!(lock.contains("<<<<<<< "), "{lock}");
    let words = place.sovereign(&["hook", "run", "--fix"]);
    assert!(words.contains("wrote and staged"), "{words}");
    place.commit(&[]);
    place.is_clean();
    // By hand.
    let place = merge_of_two(false);
    place.sovereign(&["build", "--quiet"]);
    place.git(&["add", "."]);
    place.commit(&[]);
    place.is_clean();
    // Where a person has added the markers, the commands that cannot mend them say what does.
    let place = merge_of_two(false);
    place.git(&["add", "."]);
    place.git(&["commit", "--quiet", "--no-verify", "-m", "with markers"]);
    let (done, words) = place.run(PROGRAM, &["commit"]);
    assert!(!done && words.contains("sovereign build` writes it anew"), "{words}");
    assert_eq!(words.matches("error").count(), 1, "{words}");
    place.sovereign(&["build", "--quiet"]);
    place.git(&["add", "."]);
    place.commit(&[]);
    place.is_clean();
}

#[test]
fn a_check_out_with_other_line_ends_is_no_edit() {
    let place = Place::new(false);
    place.git(&["config", "core.autocrlf", "true"]);
    fs::remove_dir_all(place.path("clusters")).expect("removes");
    fs::remove_file(place.path("sovereign.toml")).expect("removes");
    place.git(&["checkout", "--", "."]);
    let lock = fs::read_to_string(place.path(LOCK)).expect("a lock");
    assert!(lock.contains("\r\n"));
    let words = place.sovereign(&["build"]);
    assert!(words.contains("up to date"), "{words}");
    place.sovereign(&["build", "--check"]);
    place.write("sovereign.toml", &changed().replace('\n', "\r\n"));
    place.sovereign(&["build", "--quiet"]);
    place.git(&["add", "."]);
    place.commit(&[]);
    let words = place.sovereign(&["verify"]);
    assert!(words.contains("files are what"), "{words}");
    // What a hand has edited is an edit here too.
    let readme = place.path(&format!("{ROOT}/README.md"));
    let text = fs::read_to_string(&readme).expect("a file");
    fs::write(&readme, format!("{text}mine\r\n")).expect("writes");
    place.write("sovereign.toml", MINIMAL);
    let (done, words) = place.run(PROGRAM, &["build"]);
    assert!(!done && words.contains("README.md"), "{words}");
}

#[test]
fn help_says_that_commits_of_others_hear_nothing() {
    let place = Place::empty(false);
    let (_, help) = place.run(PROGRAM, &["hook", "run", "--help"]);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("Says nothing when nothing staged concerns a Sovereign."), "{help}");
}

#[test]
fn a_manifest_that_is_a_symlink_is_judged_by_the_file_behind_it() {
    let place = Place::empty(true);
    place.write("real/first.toml", MINIMAL);
    std::os::unix::fs::symlink("real/first.toml", place.path("sovereign.toml")).expect("links");
    place.git(&["add", "."]);
    place.git(&["config", "core.hooksPath", "nowhere"]);
    let (done, words) = place.run(PROGRAM, &["hook", "run"]);
    assert!(!done && words.contains("is not what the staged manifest gives"), "{words}");
    place.git(&["config", "--unset", "core.hooksPath"]);
    assert!(place.commit(&[]).contains("wrote and staged"));
    let words = place.sovereign(&["verify", "real/first.toml"]);
    assert!(words.contains("files are what"), "{words}");
    // Another one behind it, too, and a mistake in it at its own line.
    place.stage("real/first.toml", &changed());
    place.commit(&[]);
    let words = place.sovereign(&["verify", "real/first.toml"]);
    assert!(words.contains("files are what"), "{words}");
    place.stage("real/first.toml", &wrong());
    let words = place.refused(&[]);
    assert!(words.contains(&format!("real/first.toml:{}", line_of(MINIMAL, "provider = "))), "{words}");
    place.git(&["reset", "--quiet", "--hard"]);
    // What points to no staged file is told where it is staged, and stops no commit of others afterwards.
    fs::remove_file(place.path("sovereign.toml")).expect("removes");
    std::os::unix::fs::symlink("../elsewhere.toml", place.path("sovereign.toml")).expect("links");
    place.git(&["add", "."]);
    let words = place.refused(&[]);
    assert!(words.contains("sovereign.toml is a symlink to ../elsewhere.toml"), "{words}");
    assert_eq!(words.matches("error").count(), 1, "{words}");
    place.git(&["commit", "--quiet", "--no-verify", "-m", "dangling"]);
    place.stage("notes.txt", "mine\n");
    place.commit(&[]);
    // A second name of a manifest that is judged itself makes no second one.
    let place = Place::new(false);
    fs::create_dir(place.path("alias")).expect("creates");
    std::os::unix::fs::symlink("../sovereign.toml", place.path("alias/sovereign.toml")).expect("links");
    place.git(&["add", "."]);
    place.commit(&[]);
}
