//! Odd states of a repository and of the machine: each has a clear message or just works.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::bench::{Ended, PROGRAM, Place, manifest, root, write};

#[test]
fn sha256_partial_reftable_and_none_at_all() {
    let place = Place::new();
    place.git(&place.path(""), &["init", "-q", "--object-format=sha256", "s"]);
    let repository = place.path("s");
    place.save(&repository, "sovereign.toml", &manifest("one", 0));
    place.sovereign(&repository, &["commit"]).says(3, &["sha256", "sha1"]);
    place.sovereign(&repository, &["verify"]).says(3, &["sha256"]);
    place.sovereign(&place.path("home"), &["commit"]).says(3, &["no Git repository", "git init"]);

    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    place.git(&remote, &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", remote.display());
    place.git(&place.path(""), &["clone", "-q", "--filter=blob:none", &url, "partial"]);
    let ended = place.sovereign(&place.path("partial"), &["commit"]);
    assert!(ended.code == Some(0) || ended.err.contains("partial clone"), "{}", ended.err);
    place.git(&first, &["config", "core.repositoryformatversion", "1"]);
    place.git(&first, &["config", "extensions.refstorage", "reftable"]);
    let ended = place.sovereign(&first, &["commit"]);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
}

#[test]
fn an_unborn_branch() {
    let place = Place::new();
    let repository = place.path("r");
    place.git(&place.path(""), &["init", "-q", "-b", "main", "r"]);
    let file = place.path("one.toml");
    write(&file, &manifest("one", 0));
    write(&repository.join("sovereign.toml"), &manifest("one", 0));
    place.sovereign(&repository, &["commit"]).says(3, &["sovereign.toml", "commit the manifest first"]);
    place
        .sovereign(&repository, &["commit", "--worktree", &file.display().to_string()])
        .says(0, &["1 commit"]);
    assert_eq!(place.git(&repository, &["rev-list", "--count", "main"]), "1");
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), "?? sovereign.toml");
    place.fsck(&repository);

    // And of an empty remote.
    let remote = place.bare("empty.git");
    place.git(&place.path(""), &["clone", "-q", &remote.display().to_string(), "clone"]);
    let ended = place.sovereign(&place.path("clone"), &["commit", "--push", &file.display().to_string()]);
    ended.says(0, &["1 commit"]);
    place.fsck(&remote);
    assert_eq!(place.git(&remote, &["rev-list", "--count", "main"]), "1");
}

#[test]
fn a_detached_head_and_another_branch() {
    let place = Place::new();
    let repository = place.repository("r");
    let head = place.head(&repository, "HEAD");
    place.git(&repository, &["checkout", "-q", "--detach"]);
    place.sovereign(&repository, &["commit"]).says(3, &["HEAD is detached", "--branch"]);
    place.sovereign(&repository, &["commit", "--branch", "main", "--worktree"]).says(0, &["refs/heads/main"]);
    assert_eq!((place.head(&repository, "HEAD"), place.head(&repository, "main~1")), (head.clone(), head));
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), "");
    place.sovereign(&repository, &["commit", "--branch", "a b"]).says(3, &["a b"]);
    place.git(&repository, &["tag", "v1"]);

    // The manifest of the other branch counts, even where its directory is not checked out.
    place.git(&repository, &["checkout", "-q", "-b", "side"]);
    place.save(&repository, "deep/down/sovereign.toml", &manifest("deep", 0));
    place.git(&repository, &["checkout", "-q", "main"]);
    assert!(!repository.join("deep").exists());
    let ended = place.sovereign(&repository, &["commit", "--branch", "side", "deep/down/sovereign.toml"]);
    ended.says(0, &["refs/heads/side"]);
    assert!(place.changed(&repository, "side").iter().all(|path| path.starts_with(&root("deep"))));
}

#[test]
fn a_bare_repository_with_the_manifest_inside_and_outside() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("bare.git", &first);
    place.sovereign(&remote, &["commit", "sovereign.toml"]).says(0, &["1 commit"]);
    let file = place.path("two.toml");
    write(&file, &manifest("two", 0));
    let path = file.display().to_string();
    place.sovereign(&remote, &["commit", &path]).says(0, &["1 commit"]);
    place.sovereign(&remote, &["verify", "sovereign.toml", &path]).says(0, &[&root("one"), &root("two")]);
    // From elsewhere, by --repository.
    let home = place.path("home");
    let bare = remote.display().to_string();
    place
        .sovereign(&home, &["commit", "--repository", &bare, "sovereign.toml"])
        .says(0, &["nothing changed"]);
    let first = first.display().to_string();
    place.sovereign(&home, &["commit", "--repository", &first, "sovereign.toml"]).says(0, &["1 commit"]);
    place.fsck(&remote);
}

#[test]
fn several_sovereigns_one_commit_each_or_together() {
    let place = Place::new();
    let repository = place.repository("r");
    place.save(&repository, "two.toml", &manifest("two", 0));
    place.sovereign(&repository, &["commit", "sovereign.toml", "two.toml"]).says(0, &["2 commits"]);
    assert!(place.changed(&repository, "HEAD").iter().all(|path| path.starts_with(&root("two"))));
    assert!(place.changed(&repository, "HEAD~1").iter().all(|path| path.starts_with(&root("one"))));
    place.git(&repository, &["reset", "-q", "--hard"]);
    place.save(&repository, "two.toml", &manifest("two", 1));
    place.sovereign(&repository, &["commit", "sovereign.toml", "two.toml"]).says(0, &["1 commit "]);
    place.git(&repository, &["reset", "-q", "--hard"]);
    place.save(&repository, "sovereign.toml", &manifest("one", 1));
    place.save(&repository, "two.toml", &manifest("two", 2));
    place
        .sovereign(&repository, &["commit", "--together", "sovereign.toml", "two.toml"])
        .says(0, &["1 commit "]);
    let message = place.git(&repository, &["log", "-1", "--format=%B"]);
    assert_eq!(message.matches("Sovereign-Tree: ").count(), 2, "{message}");
    assert!(message.starts_with("2 Sovereigns"), "{message}");
    place.sovereign(&repository, &["verify", "sovereign.toml", "two.toml"]).says(0, &[]);
    place.fsck(&repository);
}

/// More files than are worth a file each: they go into one pack.
#[test]
fn many_sovereigns_in_one_pack() {
    let place = Place::new();
    let repository = place.repository("r");
    let names: Vec<_> = (0..12).map(|n| format!("many{n}")).collect();
    let files: Vec<_> = names.iter().map(|name| format!("{name}.toml")).collect();
    for (name, file) in names.iter().zip(&files) {
        place.save(&repository, file, &manifest(name, 0));
    }
    let mut arguments = vec!["commit", "--together"];
    arguments.extend(files.iter().map(String::as_str));
    place.sovereign(&repository, &arguments).says(0, &["1 commit "]);
    place.fsck(&repository);
    let packs = fs::read_dir(repository.join(".git/objects/pack")).expect("a directory");
    assert!(packs.count() >= 2, "no pack");
    arguments[0] = "verify";
    arguments.remove(1);
    place.sovereign(&repository, &arguments).says(0, &[&root("many11")]);
}

/// Local processes at the same time: the branch moves by compare-and-swap, so every commit stays.
#[test]
fn local_processes_at_the_same_time() {
    let place = Place::new();
    let first = place.repository("first");
    let bare = place.remote("bare.git", &first);
    let files: Vec<_> = (0..6)
        .map(|n| {
            let file = place.path(&format!("p{n}.toml"));
            write(&file, &manifest(&format!("bot{n}"), 0));
            file.display().to_string()
        })
        .collect();
    thread::scope(|scope| {
        let runs: Vec<_> =
            files.iter().map(|file| scope.spawn(|| place.sovereign(&bare, &["commit", file]))).collect();
        for run in runs {
            run.join().expect("ends").says(0, &["1 commit"]);
        }
    });
    assert_eq!(place.git(&bare, &["rev-list", "--count", "main"]), (2 + files.len()).to_string());
    assert_eq!(place.git(&bare, &["rev-list", "--merges", "--count", "main"]), "0");
    place.fsck(&bare);
}

#[test]
fn a_manifest_that_is_not_committed_or_a_symlink() {
    let place = Place::new();
    let repository = place.repository("r");
    write(&repository.join("new.toml"), &manifest("new", 0));
    place.sovereign(&repository, &["commit", "new.toml"]).says(3, &["new.toml", "commit the manifest first"]);
    std::os::unix::fs::symlink("sovereign.toml", repository.join("link.toml")).expect("links");
    place.git(&repository, &["add", "link.toml"]);
    place.git(&repository, &["commit", "-q", "-m", "link"]);
    place.sovereign(&repository, &["commit", "link.toml"]).says(3, &["link.toml is a symlink"]);
    // A work tree that is reached by a symlink is still the work tree.
    std::os::unix::fs::symlink(&repository, place.path("alias")).expect("links");
    let alias = place.path("alias/sovereign.toml").display().to_string();
    place.sovereign(&place.path("alias"), &["commit", &alias]).says(0, &["1 commit"]);
}

#[test]
fn nobody_knows_who_commits() {
    let place = Place::new();
    let repository = place.repository("r");
    let head = place.head(&repository, "HEAD");
    let mut command = place.command(PROGRAM, &repository);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env_remove(format!("GIT_{who}_NAME")).env_remove(format!("GIT_{who}_EMAIL"));
    }
    place.git(&repository, &["config", "user.useConfigOnly", "true"]);
    Ended::new(&Place::output(command.arg("commit"))).says(3, &["user.email"]);
    assert_eq!(place.head(&repository, "HEAD"), head);
}

/// Runs the program without the powers of root, so that permissions count.
fn powerless(place: &Place, repository: &Path) -> Ended {
    let mut command = place.command("setpriv", repository);
    command.args(["--bounding-set=-all", "--inh-caps=-all", "--", PROGRAM, "commit"]);
    let root = place.run(repository, "id", &["-u"]) == "0";
    if root { Ended::new(&Place::output(&mut command)) } else { place.sovereign(repository, &["commit"]) }
}

#[test]
fn a_repository_that_is_read_only() {
    let place = Place::new();
    let repository = place.repository("r");
    let head = place.head(&repository, "HEAD");
    place.run(&repository, "chmod", &["-R", "a-w", ".git"]);
    let ended = powerless(&place, &repository);
    place.run(&repository, "chmod", &["-R", "u+w", ".git"]);
    ended.says(3, &["cannot write", "ermission denied"]);
    assert_eq!(place.head(&repository, "HEAD"), head);
    place.fsck(&repository);
    place.sovereign(&repository, &["commit"]).says(0, &["1 commit"]);
}

#[test]
fn a_disk_that_is_full() {
    let place = Place::new();
    let repository = place.repository("r");
    let head = place.head(&repository, "HEAD");
    // Files may not grow, which fails as a full disk does, and needs no privileges.
    let mut command = place.command("sh", &repository);
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" commit", PROGRAM]);
    Ended::new(&Place::output(&mut command)).says(3, &["cannot write"]);
    assert_eq!(place.head(&repository, "HEAD"), head);
    place.fsck(&repository);
    // A small disk that really is full, where mounting is permitted.
    let script = "mount -t tmpfs -o size=160k tmpfs \"$1\" && cd \"$1\" && git init -q -b main && cp \"$2\" x.toml && \
                  git add x.toml && git commit -q -m x && { \"$0\" commit x.toml; code=$?; git fsck --strict --no-dangling || exit 77; \
                  git rev-list --count main; exit $code; }";
    let (disk, file) = (place.path("disk"), place.path("one.toml"));
    fs::create_dir(&disk).expect("creates");
    write(&file, &manifest("one", 0));
    if Command::new("unshare")
        .args(["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        .output()
        .is_ok_and(|o| o.status.success())
    {
        let mut command = place.command("unshare", &repository);
        command.args(["-m", "sh", "-c", script, PROGRAM]).arg(&disk).arg(&file);
        let ended = Ended::new(&Place::output(&mut command));
        ended.says(3, &["cannot write", "No space left"]);
        assert_eq!(ended.out.trim(), "1");
    }
    place.sovereign(&repository, &["commit"]).says(0, &["1 commit"]);
}
