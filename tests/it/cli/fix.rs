//! `check --fix`, and a manifest that is looked for above.

use std::process::Command;

use super::*;

const DESK: &str = include_str!("../../mistakes/desk/sovereign.toml");
const BLUEPRINT: &str = include_str!("../../mistakes/desk/blueprints/81-port-scheduler.toml");

/// The desk, in a directory of a repository.
fn desk(manifest: &str) -> Desk {
    let desk = Desk::new(&[
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("deep/sovereign.toml", manifest),
        ("deep/blueprints/81-port-scheduler.toml", BLUEPRINT),
    ]);
    fs::create_dir_all(desk.at("deep/er")).expect("creates");
    desk
}

fn check(desk: &Desk, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    let output = command.arg("check").args(args).current_dir(desk.at("deep/er")).output().expect("runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("text"))
}

#[test]
fn certain_fixes_are_made_whatever_ends_the_lines() {
    for ends in ["\n", "\r\n"] {
        let right = DESK.replace('\n', ends);
        let wrong = right
            .replace("enabled = true", "enabled = \"true\"")
            .replace("[[blueprint-source]]", "[blueprint-source]");
        let wrong = wrong.replace("standbys = [\"fsn1\"]", "standbys = [\"fsn1\"");
        let desk = desk(&wrong);
        let (code, said) = check(&desk, &["--fix"]);
        assert!(said.contains("fixed 1 mistake in ../sovereign.toml\nfixed 2 mistakes in "), "{said}");
        assert!(said.contains("../sovereign.toml is right"), "{said}");
        assert_eq!(code, Some(0));
        let text = fs::read_to_string(desk.at("deep/sovereign.toml")).expect("text");
        assert_eq!(text, right);
    }
}

#[test]
fn what_is_likely_is_left_to_a_person() {
    let wrong = DESK.replace("primary = \"nbg1\"", "primary = \"ngb1\"");
    let desk = desk(&wrong);
    let (code, said) = check(&desk, &["--fix", "--format", "short"]);
    assert_eq!(code, Some(1));
    assert!(
        said.ends_with("no region `ngb1`; did you mean: `\"nbg1\"`\n") && !said.contains("fixed"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(desk.at("deep/sovereign.toml")).expect("text"), wrong);
}

#[test]
fn annotations_name_files_from_the_root_of_the_repository() {
    let desk = desk(&DESK.replace("primary = \"nbg1\"", "primary = \"ngb1\""));
    let (_, said) = check(&desk, &["--format", "github"]);
    assert!(said.starts_with("::error file=deep/sovereign.toml,line=77,"), "{said}");
    fs::remove_file(desk.at("deep/sovereign.toml")).expect("removes");
    let (code, said) = check(&desk, &[]);
    assert_eq!((code, said.contains("cannot read sovereign.toml")), (Some(3), true), "{said}");
}
