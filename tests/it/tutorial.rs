//! `docs/tutorial.md`: every command is run, in its order, with the real program and the real git, and gives what the page shows.
//! `BLESS=1` writes what it gives.
#![expect(clippy::disallowed_methods, reason = "a page and a desk are files, and its commands are processes")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = "docs/tutorial.md";

/// A place to follow the page in: an empty directory, with nothing of the person who runs the test.
struct Reader {
    home: tempfile::TempDir,
    directory: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let git = "[user]\nname = A Reader\nemail = reader@example.com\n";
        fs::write(home.path().join(".gitconfig"), git).unwrap();
        let directory = home.path().join("desk");
        fs::create_dir(&directory).unwrap();
        Self { home, directory }
    }

    /// Runs the commands of a block; gives what a person would see, and stays where they lead.
    fn follows(&mut self, commands: &str) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_sovereign")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let left = self.home.path().join("left");
        let script = format!("exec 2>&1\nset -e\n{commands}\npwd >'{}'\n", left.display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(&self.directory).env_clear().env("PATH", path);
        shell.env("HOME", self.home.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("COLUMNS", "100");
        let output = shell.output().unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{commands}{words}");
        self.directory = fs::read_to_string(left).unwrap().trim_end().into();
        // Where it is and what commits are called differs for every reader.
        let words = words.replace(self.home.path().to_str().unwrap(), "~");
        let names = words.split_inclusive(|c: char| !c.is_ascii_hexdigit());
        names
            .map(|name| if name.len() == 41 { format!("<commit>{}", &name[40..]) } else { name.to_owned() })
            .collect()
    }
}

#[test]
fn the_tutorial_leads_from_nothing_to_a_pushed_commit() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let text = fs::read_to_string(&page).unwrap();
    let (mut reader, mut now, mut said, mut commands) = (Reader::new(), String::new(), String::new(), 0);
    for (number, part) in text.split("```").enumerate() {
        // Every second part is a block, and begins with its language.
        let block = if number % 2 == 1 {
            match part.split_once('\n').unwrap() {
                ("sh", block) => {
                    said = reader.follows(block);
                    commands += block.lines().count();
                    part.to_owned()
                }
                ("text", _) => format!("text\n{said}"),
                (other, _) => panic!("a block of {other} that nobody holds"),
            }
        } else {
            part.to_owned()
        };
        let _ = write!(now, "{}{block}", if number == 0 { "" } else { "```" });
    }
    assert!(commands > 15, "{commands} commands");
    reader.follows("test $(git rev-parse main) = $(git rev-parse origin/main)");
    reader.follows("test $(git rev-parse main) = $(git -C ../server.git rev-parse main)");
    if now != text && std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        assert!(std::env::var_os("CI").is_none(), "BLESS is refused where CI is set");
        fs::write(page, now).unwrap();
    } else {
        assert_eq!(now, text, "{PAGE} shows something else; BLESS=1 writes it anew");
    }
}
