//! The real program: its streams, its working directory, its end.

use std::io::{Read as _, Write as _};
use std::process::{Command, Output, Stdio};

use super::*;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "GITHUB_ACTIONS"] {
        command.env_remove(name);
    }
    command
}

fn output(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let code = status.code().and_then(|code| u8::try_from(code).ok()).expect("a code");
    Ran { code, out: text(stdout), err: text(stderr) }
}

/// Runs a script in which `$0` is the program.
fn shell(script: &str) -> Ran {
    let script = format!("set -o pipefail; {script}");
    output(Command::new("bash").args(["-c", &script, env!("CARGO_BIN_EXE_sovereign")]))
}

#[test]
fn exits_are_exits() {
    let desk = Desk::new(&[("good.toml", OMANTEL), ("bad.toml", "kit = 1")]);
    let run = |args: &[&str]| output(program().current_dir(desk.path()).args(args));
    run(&["check", "good.toml"]).ends(0).says("good.toml is right");
    run(&["check", "bad.toml"]).ends(1).says("error[");
    run(&["check", "--no-such-flag"]).ends(2).says("Usage:");
    run(&["check"]).ends(3).says("sovereign.toml");
    assert!(!run(&["check", "bad.toml"]).err.contains(ESCAPE), "a pipe is no terminal");
    assert_eq!(run(&["--version"]).gives(), format!("sovereign {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let first = shell("\"$0\" kit show 2026.05 | head -1").gives();
    assert!(first.starts_with("SLOT") && first.lines().count() == 1, "{first}");
    // The pipe is closed before the first byte, for certain.
    for args in ["kit show 2026.05", "schema", "explain", "completions zsh", "man", "--help"] {
        shell(&format!("{{ sleep 0.1; \"$0\" {args}; echo $? >&2; }} | true")).ends(0).says("0\n");
    }
    let desk = Desk::new(&[("bad.toml", "kit = 1\n"), ("warns.toml", WARNS)]);
    let (bad, warns, out) = (desk.arg("bad.toml"), desk.arg("warns.toml"), desk.arg("out"));
    shell(&format!("{{ sleep 0.1; \"$0\" check {bad} 2>&1; }} | true")).ends(1).says_nothing();
    shell(&format!("{{ sleep 0.1; \"$0\" build {warns} --out {out} 2>&1; }} | true")).ends(0).says_nothing();
    assert!(desk.at("out/clusters/first.omani.works/sovereign.lock").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told() {
    for args in ["schema", "--help", "kit list"] {
        shell(&format!("\"$0\" {args} > /dev/full")).ends(3).says("cannot write the output: No space left");
    }
    // Nor are closed streams a panic.
    shell("\"$0\" kit list >&- 2>&-").says_nothing();
    shell("\"$0\" check nothing.toml 2>/dev/full").ends(3).says_nothing();
}

#[test]
fn the_completions_of_bash_are_a_script_and_complete() {
    let script = output(program().args(["completions", "bash"])).gives();
    let mut bash =
        Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    bash.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("writes");
    let mut said = String::new();
    bash.stderr.take().expect("a pipe").read_to_string(&mut said).expect("reads");
    assert!(bash.wait().expect("ends").success() && said.is_empty(), "{said}");

    let ask = "source <(\"$0\" completions bash); COMP_WORDS=(sovereign bui); COMP_CWORD=1; \
               _sovereign sovereign bui sovereign; echo \"${COMPREPLY[@]}\"";
    assert_eq!(shell(ask).gives(), "build\n");
}

#[test]
fn a_manifest_is_found_however_it_is_named() {
    let blueprint = include_str!("../../../examples/blueprints/81-port-scheduler.toml");
    let desk = Desk::new(&[
        ("a/sovereign.toml", include_str!("../../../examples/own-blueprints.toml")),
        ("a/blueprints/81-port-scheduler.toml", blueprint),
        ("b/c/nothing", ""),
    ]);
    std::os::unix::fs::symlink("../a/sovereign.toml", desk.at("b/link.toml")).expect("links");
    let absolute = desk.arg("a/sovereign.toml");
    let build = |directory: &str, manifest: &[&str], out: &str| {
        let ran = output(
            program().current_dir(desk.at(directory)).arg("build").args(manifest).args(["--out", out]),
        );
        let tree = desk.at(directory).join(out).join("clusters/salalah.omani.works");
        let lock = fs::read_to_string(tree.join("sovereign.lock"));
        (ran, lock.unwrap_or_default())
    };
    let (ran, lock) = build("a", &[], "../one");
    ran.ends(0).says("--> sovereign.toml:");
    assert!(lock.contains("README.md"));
    for (directory, manifest, out, shown) in [
        ("b/c", "../../a/sovereign.toml", "../../two", "--> ../../a/sovereign.toml:"),
        ("b/c", absolute.as_str(), "../../three", absolute.as_str()),
        ("a", "./sovereign.toml", "../four", "--> ./sovereign.toml:"),
    ] {
        let (ran, other) = build(directory, &[manifest], out);
        ran.ends(0).says(shown);
        assert_eq!(other, lock, "where one stands is no input");
    }
    // Beside the manifest is beside the name that was given.
    let (ran, _) = build("b", &["link.toml"], "../five");
    ran.ends(1).says("error[unreadable-source]").says("--> link.toml:");
    desk.put("b/blueprints/81-port-scheduler.toml", blueprint);
    let (ran, other) = build("b", &["link.toml"], "../six");
    ran.ends(0);
    assert_eq!(other, lock);
    // A mistake in a blueprint has a path from where one stands.
    desk.put("a/blueprints/81-port-scheduler.toml", "slot = 1\n");
    let (ran, _) = build("b", &["../a/sovereign.toml"], "../seven");
    ran.ends(1).says("--> ../a/blueprints/81-port-scheduler.toml:1:8");
}
