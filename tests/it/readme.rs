//! What the README shows is what the program says. `BLESS=1` writes the block of findings anew.
#![expect(clippy::disallowed_methods, reason = "this test reads the README and compiles from the disk")]

use std::fs;
use std::path::{Path, PathBuf};

use sovereign::cli::{self, Environment, Exit};

const README: &str = include_str!("../../README.md");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn example(name: &str) -> String {
    fs::read_to_string(root().join("examples").join(name)).unwrap()
}

fn scratch() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// Runs the program; gives its exit code and the words on standard error.
fn run(args: &[&str]) -> (Exit, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = std::iter::once("sovereign").chain(args.iter().copied());
    let exit = cli::run(args, &Environment::default(), &mut out, &mut err);
    (exit, String::from_utf8(err).unwrap())
}

#[test]
fn the_input_is_the_example() {
    let text = example("minimal.toml");
    let body = text.split_once("\n\n").map(|(_, body)| body).unwrap();
    assert!(README.contains(&format!("```toml\n{body}```")), "README.md shows another examples/minimal.toml");
}

#[test]
fn the_output_is_what_the_example_becomes() {
    let (manifest, out) = (root().join("examples/three-regions.toml"), scratch().join("tree"));
    let (exit, words) = run(&["build", manifest.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(exit, Exit::Done, "{words}");
    let tree = out.join("clusters/omantel.omani.works");
    let release = fs::read_to_string(tree.join("sin/releases/35-coraza.yaml")).unwrap();
    assert!(
        README.contains(&format!("```yaml\n{release}```")),
        "README.md shows another release:\n{release}"
    );
    let lock = fs::read_to_string(tree.join("sovereign.lock")).unwrap();
    let files = 1 + lock.lines().filter(|line| !line.starts_with('#')).count();
    assert!(README.contains(&format!("{files} files")), "README.md counts other than {files} files");
}

#[test]
fn the_mistakes_are_what_check_says() {
    let text = example("three-regions.toml").replace("coraza", "corazza");
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines[20] = lines[20].replace("count = 3", "count = 2");
    let file = scratch().join("wrong.toml");
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    let (exit, words) = run(&["check", file.to_str().unwrap()]);
    assert_eq!(exit, Exit::Found);
    let words = words.replace(file.to_str().unwrap(), "target/wrong.toml");

    let marker = "holds this block to what the program says -->\n```text\n";
    let (before, rest) = README.split_once(marker).unwrap();
    let (block, after) = rest.split_once("```\n").unwrap();
    if block != words && std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        assert!(std::env::var_os("CI").is_none(), "BLESS is refused where CI is set");
        fs::write(root().join("README.md"), format!("{before}{marker}{words}```\n{after}")).unwrap();
    } else {
        assert_eq!(block, words, "README.md shows other findings; BLESS=1 writes them anew");
    }
}
