//! Hermetic repositories: an own home, no configuration but theirs, one author and one time.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(super) const PROGRAM: &str = env!("CARGO_BIN_EXE_sovereign");
const MINIMAL: &str = include_str!("../../../examples/minimal.toml");

/// A manifest of a Sovereign of this name. The number stands in it, so that another one gives another tree.
pub(super) fn manifest(name: &str, number: usize) -> String {
    let text = MINIMAL.replace("name = \"first\"", &format!("name = \"{name}\""));
    text.replace("ops@example.com", &format!("ops{number}@example.com"))
}

/// Where the tree of a manifest of this name stands.
pub(super) fn root(name: &str) -> String {
    format!("clusters/{name}.omani.works")
}

/// A scratch directory with a home in it.
pub(super) struct Place {
    scratch: tempfile::TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ended {
    pub(super) fn new(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// It ended so, and said this.
    #[track_caller]
    pub(super) fn says(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        let said = format!("{}\n{}", self.out, self.err);
        for words in words {
            assert!(said.contains(words), "`{words}` is not in:\n{said}");
        }
        self
    }
}

impl Place {
    pub(super) fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a directory");
        fs::create_dir(scratch.path().join("home")).expect("a home");
        Self { scratch }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().canonicalize().expect("a directory").join(name)
    }

    /// A program in a directory, with nothing of this process's environment but where programs are.
    pub(super) fn command(&self, program: &str, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(directory).stdin(Stdio::null());
        command.env("PATH", std::env::var("PATH").expect("a PATH")).env("HOME", self.path("home"));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Bot").env(format!("GIT_{who}_EMAIL"), "bot@example.com");
            command.env(format!("GIT_{who}_DATE"), "1700000000 +0200");
        }
        command
    }

    /// The output of a command that must be there.
    #[track_caller]
    pub(super) fn output(command: &mut Command) -> Output {
        let name = command.get_program().to_string_lossy().into_owned();
        command
            .output()
            .unwrap_or_else(|error| panic!("this test needs `{name}`; please install it: {error}"))
    }

    #[track_caller]
    pub(super) fn run(&self, directory: &Path, program: &str, arguments: &[&str]) -> String {
        let output = Self::output(self.command(program, directory).args(arguments));
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success(),
            "{program} {arguments:?} in {}:\n{said}\n{words}",
            directory.display()
        );
        said
    }

    /// Git, which must succeed.
    #[track_caller]
    pub(super) fn git(&self, directory: &Path, arguments: &[&str]) -> String {
        self.run(directory, "git", arguments)
    }

    /// Whether Git succeeds.
    pub(super) fn can(&self, directory: &Path, arguments: &[&str]) -> bool {
        Self::output(self.command("git", directory).args(arguments)).status.success()
    }

    pub(super) fn sovereign(&self, directory: &Path, arguments: &[&str]) -> Ended {
        Ended::new(&Self::output(self.command(PROGRAM, directory).args(arguments)))
    }

    /// An empty bare repository.
    pub(super) fn bare(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        self.git(&self.path(""), &["init", "-q", "--bare", "-b", "main", name]);
        path
    }

    /// A repository with a work tree and a committed `sovereign.toml` of `one`, and a file of somebody else.
    pub(super) fn repository(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        self.git(&self.path(""), &["init", "-q", "-b", "main", name]);
        self.save(&path, "README.md", "theirs\n");
        self.save(&path, "sovereign.toml", &manifest("one", 0));
        path
    }

    /// Writes a file and commits it alone.
    #[track_caller]
    pub(super) fn save(&self, repository: &Path, file: &str, text: &str) {
        write(&repository.join(file), text);
        self.git(repository, &["add", "-f", file]);
        self.git(repository, &["commit", "-q", "-m", file, "--", file]);
    }

    /// A bare remote that holds what a repository holds.
    pub(super) fn remote(&self, name: &str, repository: &Path) -> PathBuf {
        let bare = self.bare(name);
        self.git(repository, &["push", "-q", &bare.display().to_string(), "main:main"]);
        bare
    }

    #[track_caller]
    pub(super) fn fsck(&self, repository: &Path) {
        let output =
            Self::output(self.command("git", repository).args(["fsck", "--strict", "--no-dangling"]));
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && !said.contains("error") && !said.contains("warning"), "{said}");
    }

    pub(super) fn head(&self, repository: &Path, revision: &str) -> String {
        self.git(repository, &["rev-parse", "--verify", revision])
    }

    /// The paths that a commit changes.
    pub(super) fn changed(&self, repository: &Path, commit: &str) -> Vec<String> {
        let list =
            self.git(repository, &["diff-tree", "-r", "--root", "--no-commit-id", "--name-only", commit]);
        list.lines().map(str::to_owned).collect()
    }
}

pub(super) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("creates");
    fs::write(path, text).expect("writes");
}

/// Equal input, base, author and time give this one id, whatever the transport.
pub(super) fn pushes(place: &Place, url: &str, environment: &[(&str, String)]) -> String {
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let clone = place.path("clone");
    let git = |directory: &Path, arguments: &[&str]| {
        let mut command = place.command("git", directory);
        let output = Place::output(command.envs(environment.iter().cloned()).args(arguments));
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    git(&place.path(""), &["clone", "-q", url, "clone"]);
    let commit = || {
        let mut command = place.command(PROGRAM, &clone);
        Ended::new(&Place::output(command.envs(environment.iter().cloned()).args(["commit", "--push"])))
    };
    commit().says(0, &["1 commit on refs/heads/main"]);
    place.fsck(&remote);
    let id = place.head(&remote, "main");
    assert!(place.changed(&remote, "main").iter().all(|path| path.starts_with(&root("one"))));
    commit().says(0, &["nothing changed"]);
    assert_eq!(place.head(&remote, "main"), id);
    // Somebody else is faster.
    place.save(&first, "sovereign.toml", &manifest("one", 1));
    place.git(&first, &["pull", "-q", "--rebase", &remote.display().to_string(), "main"]);
    place.git(&first, &["push", "-q", &remote.display().to_string(), "main:main"]);
    commit().says(0, &["1 commit on refs/heads/main"]);
    place.fsck(&remote);
    place.fsck(&clone);
    place.sovereign(&remote, &["verify", "--commit", "main", "sovereign.toml"]).says(0, &[]);
    id
}

pub(super) fn pushes_over_file() -> String {
    let place = Place::new();
    let url = format!("file://{}", place.path("remote.git").display());
    pushes(&place, &url, &[])
}

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}
