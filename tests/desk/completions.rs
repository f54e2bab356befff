//! Bash completes names that only the program knows.

use std::path::Path;
use std::process::Command;

/// Returns what bash offers at the end of a line: with the script of the program, and the program in its path.
fn offered(line: &str) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_sovereign"));
    let path = std::env::var("PATH").expect("a path");
    let path = format!("{}:{path}", program.parent().expect("a directory").display());
    // As readline does it: the registered function, with the words and the place of the cursor.
    let script = r#"
        source <(sovereign completions bash)
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        function=$(complete -p sovereign); function=${function#*-F }; function=${function%% *}
        "$function" sovereign "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    let output = Command::new("bash")
        .args(["--norc", "-c", script, "bash"])
        .args(line.split(' '))
        .env("PATH", path)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"))
        .output()
        .expect("bash runs");
    assert!(output.stderr.is_empty(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

#[test]
fn names_are_offered_where_they_may_stand() {
    assert_eq!(offered("sovereign explain duplicate-na"), ["duplicate-name"]);
    assert_eq!(offered("sovereign diff --kit 2026."), ["2026.04", "2026.05"]);
    assert_eq!(offered("sovereign kit show 2026.05 harb"), ["harbor"]);
    assert_eq!(offered("sovereign bump catalyst-p"), ["catalyst-platform"]);
    assert_eq!(offered("sovereign simulate three-regions.toml --lose "), ["hel1", "nbg1", "sin"]);
    assert_eq!(offered("sovereign graph --manifest omantel.toml --region "), ["hel1"]);
    assert!(offered("sovereign explain ").len() > 50);
}

#[test]
fn what_is_no_name_is_completed_as_before() {
    assert_eq!(offered("sovereign bui"), ["build"]);
    assert_eq!(offered("sovereign diff --dep"), ["--depth"]);
    assert_eq!(offered("sovereign diff --depth t"), ["text"]);
    // A manifest that is not there has no regions, and nothing is said of it.
    assert!(!offered("sovereign graph --region ").contains(&"hel1".to_owned()));
}
