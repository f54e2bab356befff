//! A directory with manifests in it, and the program as a process of its own in there.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Ended with this code, and said these words.
    #[track_caller]
    pub(crate) fn ends(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        for words in words {
            assert!(self.err.contains(words) || self.out.contains(words), "no {words:?} in {self:?}");
        }
        self
    }
}

/// Returns a manifest of these regions at one provider, with further tables.
pub(crate) fn sovereign(name: &str, regions: &[&str], more: &str) -> String {
    let table = |region: &&str| {
        format!(
            "[[region]]\nname = \"{region}\"\nprovider = \"hetzner\"\ncontrol-plane = {{ size = \"cpx32\" }}\n\n"
        )
    };
    let regions: String = regions.iter().map(table).collect();
    format!(
        "kit = \"2026.05\"\n\n[sovereign]\nname = \"{name}\"\norganization = {{ name = \"Ops\", email = \"ops@example.com\" }}\n\n\
         [domain]\nmode = \"pool\"\nparent = \"omani.works\"\n\n[gitops]\nurl = \"https://git.example.com/sovereigns\"\n\n\
         {regions}{more}"
    )
}

/// A directory with files.
pub(crate) struct Desk(tempfile::TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    /// Returns a desk with `sovereigns/<name>/sovereign.toml` for each of these.
    pub(crate) fn with(sovereigns: &[(&str, String)]) -> Self {
        let desk = Self::new();
        for (name, text) in sovereigns {
            desk.put(&format!("sovereigns/{name}/sovereign.toml"), text);
        }
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// Runs the program in a directory of the desk.
    pub(crate) fn run_in(&self, directory: &str, args: &[&str]) -> Ran {
        let mut command = program();
        let ended = command.current_dir(self.path(directory)).args(args).output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Ran { code: ended.status.code().unwrap_or(-1), out: text(ended.stdout), err: text(ended.stderr) }
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_in("", args)
    }

    #[track_caller]
    pub(crate) fn git_in(&self, directory: &str, args: &[&str]) -> String {
        let mut command = Command::new("git");
        let ended =
            neutral(&mut command).current_dir(self.path(directory)).args(args).output().expect("git runs");
        assert!(ended.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).expect("text")
    }

    /// Commits everything in a repository, which is made if it is not there.
    pub(crate) fn save(&self, directory: &str) {
        if !self.path(directory).join(".git").exists() {
            self.git_in(directory, &["init", "-q", "-b", "main"]);
        }
        self.git_in(directory, &["add", "-A"]);
        self.git_in(directory, &["commit", "-q", "-m", "as it is"]);
    }
}

/// Returns the program, with an environment that is the same on every machine.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    neutral(&mut command);
    command
}

fn neutral(command: &mut Command) -> &mut Command {
    let identity = ["AUTHOR", "COMMITTER"];
    for who in identity {
        command.env(format!("GIT_{who}_NAME"), "Bot").env(format!("GIT_{who}_EMAIL"), "bot@example.com");
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").env_remove("NO_COLOR")
}

/// Returns every file below a directory with its content.
pub(crate) fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(directory).expect("below").to_owned();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}
