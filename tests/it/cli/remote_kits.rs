//! Kits from Git, brought by the real program and compiled without it.

use std::process::{Command, Stdio};

use super::*;

/// Where the manifests say that the kit is; Git is told where it really is.
const URL: &str = "https://git.example.com/acme/kit";

/// Runs Git in a directory, without a person's configuration.
fn git(directory: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(args);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").stdin(Stdio::null());
    let output = command.output().expect("runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// A repository with the example's kit in `kits/acme`, and the commit.
fn repository(desk: &Desk) -> String {
    for (name, text) in [
        ("kit.toml", include_str!("../../../examples/own-kit/kit.toml")),
        ("81-dock-planner.toml", include_str!("../../../examples/own-kit/81-dock-planner.toml")),
        ("82-tide-gauge.toml", include_str!("../../../examples/own-kit/82-tide-gauge.toml")),
        ("README.md", "no part of the kit\n"),
    ] {
        desk.put(&format!("repository/kits/acme/{name}"), text);
        desk.put(&format!("own-kit/{name}"), text);
    }
    let root = desk.at("repository");
    git(&root, &["init", "--quiet"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "--message", "a kit"]);
    git(&root, &["rev-parse", "HEAD"])
}

fn manifest(desk: &Desk, kit: &str) -> String {
    let whole = include_str!("../../../examples/own-kit.toml");
    desk.put("sovereign.toml", whole.replace("kit = { path = \"own-kit\" }", kit));
    desk.arg("sovereign.toml")
}

/// Runs the program with a cache of its own, and a Git that knows where the repository is.
fn run(desk: &Desk, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    command.args(args).stdin(Stdio::null()).env("SOVEREIGN_KIT_CACHE", desk.at("cache"));
    let place = format!("url.file://{}.insteadOf", desk.at("repository").display());
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", place).env("GIT_CONFIG_VALUE_0", URL);
    let output = command.output().expect("runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let code = output.status.code().and_then(|code| u8::try_from(code).ok()).expect("a code");
    Ran { code, out: text(output.stdout), err: text(output.stderr) }
}

fn cached(desk: &Desk) -> usize {
    fs::read_dir(desk.at("cache")).map_or(0, Iterator::count)
}

#[test]
fn a_kit_from_git_is_fetched_once_and_compiled_offline() {
    let desk = Desk::new(&[]);
    let commit = repository(&desk);
    let kit =
        |digest: &str| format!("kit = {{ git = {URL:?}, rev = {commit:?}, path = \"kits/acme\"{digest} }}");
    let unpinned = manifest(&desk, &kit(""));
    run(&desk, &["check", &unpinned])
        .ends(1)
        .says("`sovereign kit fetch` brings the kit and says the line to add");
    let said = run(&desk, &["kit", "fetch", &unpinned]).ends(1).err;
    let line = said.lines().find(|line| line.trim().starts_with("digest = ")).expect("the line").trim();
    let pinned = manifest(&desk, &kit(&format!(", {line}")));
    // What was fetched to say the line is here.
    run(&desk, &["kit", "fetch", &pinned]).ends(0).says("is here already");
    assert_eq!(cached(&desk), 1);
    fs::remove_dir_all(desk.at("repository")).expect("removes");
    run(&desk, &["check", &pinned]).ends(0);
    let tree = run(&desk, &["build", &pinned, "--out", &desk.arg("out")]);
    tree.ends(0);
    let lock = fs::read_to_string(desk.at("out/clusters/duqm.omani.works/sovereign.lock")).expect("reads");
    assert!(lock.contains("# kit shipyard-2026.11 sha256:"), "{lock}");
    // The digest is that of the directory.
    let packed =
        super::run(&["kit", "pack", &desk.arg("own-kit"), "--output", &desk.arg("kit.tar.gz")]).ends(0).err;
    assert!(packed.contains(line.trim_start_matches("digest = \"").trim_end_matches('"')), "{packed} {line}");
}

#[test]
fn what_git_does_not_have_is_said_and_nothing_is_kept() {
    let desk = Desk::new(&[]);
    let commit = repository(&desk);
    let digest = format!("digest = \"sha256:{}\"", "0".repeat(64));
    let fetch = |rev: &str, path: &str| {
        let kit = format!("kit = {{ git = {URL:?}, rev = {rev:?}, path = {path:?}, {digest} }}");
        run(&desk, &["kit", "fetch", &manifest(&desk, &kit)])
    };
    fetch(&commit, "kits/acme").ends(1).says("is another kit than");
    fetch(&commit, "kits").ends(3).says("has no `kit.toml`, so it is no kit");
    fetch(&commit, "elsewhere").ends(3).says("it has no directory `elsewhere`");
    fetch(&"1".repeat(40), "kits/acme").ends(3).says("it has no commit");
    let root = desk.at("repository");
    std::os::unix::fs::symlink("/etc/passwd", root.join("kits/acme/83-link.toml")).expect("links");
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "--message", "a link"]);
    fetch(&git(&root, &["rev-parse", "HEAD"]), "kits/acme").ends(3).says("which is no plain file");
    fs::remove_dir_all(root).expect("removes");
    fetch(&commit, "kits/acme").ends(3).says("git");
    assert_eq!(cached(&desk), 0);
    let beside = manifest(&desk, "kit = { path = \"own-kit\" }");
    run(&desk, &["kit", "fetch", &beside]).ends(0).says("there is nothing to fetch");
}

#[test]
fn a_kit_is_checked_and_packed_where_one_stands_in_it() {
    let desk = Desk::new(&[]);
    repository(&desk);
    let here = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
        let output = command.current_dir(desk.at("own-kit")).args(args).output().expect("runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    here(&["kit", "check", "."]);
    here(&["kit", "check", "../own-kit"]);
    here(&["kit", "show", "."]);
    here(&["kit", "pack", "."]);
    let archive = fs::read(desk.at("own-kit/own-kit.tar.gz")).expect("reads");
    fs::remove_file(desk.at("own-kit/own-kit.tar.gz")).expect("removes");
    here(&["kit", "pack", ".", "--output", "again.tar.gz"]);
    assert!(archive == fs::read(desk.at("own-kit/again.tar.gz")).expect("reads"));
}
