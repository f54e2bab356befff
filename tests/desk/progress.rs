//! Who waits at a terminal sees what goes on; nobody else does.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// So many manifests take longer than a second on any machine that runs a build for tests.
const MANY: usize = 250;
/// Runs a program on a terminal of its own, and prints what it writes there.
const ON_A_TERMINAL: &str =
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/// Writes manifests of Sovereigns that have nothing to do with each other.
fn fleet(directory: &Path) {
    let text = fs::read_to_string("examples/three-regions.toml").expect("reads");
    for number in 0..MANY {
        let below = directory.join(format!("s{number}"));
        fs::create_dir(&below).expect("a directory");
        let text = text.replacen("name = \"omantel\"", &format!("name = \"omantel{number}\""), 1);
        fs::write(below.join("sovereign.toml"), text).expect("writes");
    }
}

fn attended(command: &mut Command) -> Output {
    let command = command.env_remove("CI").env_remove("NO_COLOR").env("TERM", "xterm").stdin(Stdio::null());
    command.output().expect("runs")
}

/// Returns what is written to a terminal, where the environment says more.
fn on_a_terminal(arguments: &[&str], more: &[(&str, &str)]) -> String {
    let mut python = Command::new("python3");
    python.args(["-c", ON_A_TERMINAL, env!("CARGO_BIN_EXE_sovereign")]).args(arguments);
    let python = python.env_remove("CI").env_remove("NO_COLOR").env("TERM", "xterm").stdin(Stdio::null());
    let output = python.envs(more.iter().copied()).output().expect("python runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn what_takes_long_is_seen_on_a_terminal_and_nowhere_else() {
    let scratch = tempfile::tempdir().expect("a directory");
    fleet(scratch.path());
    let all = scratch.path().display().to_string();
    let seen = on_a_terminal(&["check", &all], &[]);
    let counted = |text: &str| {
        text.contains("\r\u{1b}[Kcheck: ") && text.contains(&format!(" of {MANY} manifests, 1 s"))
    };
    assert!(counted(&seen), "{seen:?}");
    // The line gives way to what is said, and is gone at the end.
    let last = seen.rfind("check: ").expect("a line");
    assert!(seen[last..].contains("\r\u{1b}[K"), "{seen:?}");
    assert!(seen.contains(&format!("{MANY} manifests")), "{seen:?}");

    for surroundings in [("CI", "true"), ("NO_COLOR", "1"), ("TERM", "dumb")] {
        let seen = on_a_terminal(&["check", &all], &[surroundings]);
        assert!(
            !seen.contains("\u{1b}[K") && seen.contains(&format!("{MANY} manifests")),
            "{surroundings:?}: {seen:?}"
        );
    }
    let out = scratch.path().join("out").display().to_string();
    let seen = on_a_terminal(&["build", "--quiet", "--check", &all, "--out", &out], &[]);
    assert!(!seen.contains("\u{1b}[K") && !seen.contains("usage"), "{seen:?}");
    let piped = attended(Command::new(env!("CARGO_BIN_EXE_sovereign")).args(["check", &all]));
    let said = [piped.stdout, piped.stderr].concat();
    assert!(!said.contains(&b'\r') && piped.status.success(), "{}", String::from_utf8_lossy(&said));
}
