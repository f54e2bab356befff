//! Hostile input, through the real program: it ends in time and memory, says clearly what is wrong, and no more
//! than a person can read.
#![expect(clippy::disallowed_methods, reason = "the program reads files, so the tests write them")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use sovereign_compile::compile;
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::{MAX_BYTES, Source};

/// Address space in KiB.
const MEMORY: u32 = 1_000_000;
/// Seconds of processor time, without optimization.
const TIME: u32 = 10;
/// The most that is printed: a thousand findings of a few lines.
const MOST_OUTPUT: usize = 4 * 1024 * 1024;

const MINIMAL: &str = include_str!("../../examples/minimal.toml");
const THREE: &str = include_str!("../../examples/three-regions.toml");

/// Runs `sovereign check` in its bounds; gives what it said when it refused the file as it should.
fn refused(what: &str, directory: &Path, format: &str) -> String {
    let script = format!("ulimit -v {MEMORY}; ulimit -t {TIME}; exec \"$0\" check \"$1\" --format {format}");
    let file = directory.join("sovereign.toml");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_sovereign")]).arg(file).env_remove("RUST_BACKTRACE");
    let Output { status, stdout, stderr } = shell.output().unwrap();
    let words = String::from_utf8_lossy(&stderr).into_owned() + &String::from_utf8_lossy(&stdout);
    let beginning: String = words.chars().take(500).collect();
    assert_eq!(status.code(), Some(1), "{what}: {beginning}");
    assert!(!words.contains("panicked") && words.contains("error"), "{what}: {beginning}");
    assert!(words.len() < MOST_OUTPUT, "{what}: {} bytes of words", words.len());
    assert!(words.matches("error[").count() <= Diagnostics::MOST, "{what}");
    words
}

/// Writes a manifest and has it refused.
fn refuse(what: &str, bytes: &[u8]) -> String {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("sovereign.toml"), bytes).unwrap();
    refused(what, directory.path(), "human")
}

/// A text as long as a file may be: a head, as many units as fit, and a tail.
fn full(head: &str, unit: impl Fn(usize) -> String, tail: &str) -> String {
    let mut text = head.to_owned();
    for n in 0.. {
        let next = unit(n);
        if text.len() + next.len() + tail.len() > MAX_BYTES {
            break;
        }
        text.push_str(&next);
    }
    text + tail
}

/// The same unit again and again.
fn repeated(head: &str, unit: &str, tail: &str) -> String {
    head.to_owned() + &unit.repeat((MAX_BYTES - head.len() - tail.len()) / unit.len()) + tail
}

#[test]
fn every_beginning_of_a_manifest_is_refused_or_compiles() {
    let kits = Kits::embedded();
    for end in 0..THREE.len() {
        let source =
            Source::manifest("t", THREE.as_bytes()[..end].to_vec()).map_err(|(fault, _)| fault).unwrap();
        let mut diags = Diagnostics::new();
        let result = compile(&Input::new(source), &kits, &mut diags);
        assert_eq!(result.is_err(), diags.verdict().is_err(), "{end}");
        // All of the first region must be there.
        assert!(result.is_err() || end > THREE.find("[[region]]").unwrap(), "{end}");
    }
    for end in [0, 1, 200, 333, 500] {
        refuse("a beginning", &THREE.as_bytes()[..end]);
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let garbage: Vec<u8> = (0_u32..100_000).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    for (what, bytes) in [
        ("garbage", garbage),
        ("zeros", vec![0; 100_000]),
        ("a full file of zeros", vec![0; MAX_BYTES]),
        ("no UTF-8", vec![0xff; MAX_BYTES]),
        ("UTF-16", "kit = 1".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a zero", MINIMAL.replace("first", "fi\0rst").into_bytes()),
        ("too large", vec![b'\n'; 10 * 1024 * 1024]),
    ] {
        refuse(what, &bytes);
    }
}

#[test]
fn depth_is_refused() {
    for (what, text) in [
        ("headers", repeated("", "[", "")),
        ("arrays", repeated("a = ", "[", "")),
        ("tables", repeated("a = ", "{a=", "")),
        ("dots", repeated("", "a.", "a = 1\n")),
        ("dots of a header", repeated("[", "a.", "a]\n")),
        (
            "closed arrays",
            format!("{MINIMAL}\n[blueprint.loki.values]\na = {}{}\n", "[".repeat(100), "]".repeat(100)),
        ),
    ] {
        refuse(what, text.as_bytes());
    }
}

#[test]
fn floods_of_mistakes_are_counted() {
    for (what, text) in [
        ("equal signs", repeated("", "=\n", "")),
        ("carriage returns", repeated("", "\r", "")),
        ("escapes", repeated("a = \"", "\\q", "\"\n")),
        ("tables", full("", |n| format!("[t{n}]\n"), "")),
        ("the same key", repeated("", "a=1\n", "")),
    ] {
        refuse(what, text.as_bytes());
    }
    let words = refuse("keys", full("", |n| format!("k{n}=1\n"), "").as_bytes());
    assert!(words.contains("not shown"), "what is not shown is counted");
}

#[test]
fn large_values_are_refused_in_time() {
    let region = "[[region]]\nname=\"a\"\nprovider=\"aws\"\ncontrol-plane={size=\"t3.large\"}\n";
    let airgap = format!("{MINIMAL}\n[airgap]\nregistry=\"h.example.com\"\n");
    let loki = "[blueprint.loki.values]\n";
    for (what, text) in [
        ("a string", repeated("a = \"", "x", "\"\n")),
        ("a number", repeated("kit = ", "9", "\n")),
        ("a number in values", repeated(&format!("{MINIMAL}{loki}a="), "9", "\n")),
        ("a key", repeated("", "k", " = 1\n")),
        ("a comment", repeated("#", "#", "\n")),
        ("empty tables", repeated("region = [", "{},", "]\n")),
        ("regions", repeated(MINIMAL, region, "")),
        ("vClusters", repeated(&format!("{MINIMAL}vclusters=["), "\"mgmt\",", "]\n")),
        ("blueprints", full(MINIMAL, |n| format!("[blueprint.x{n}]\nenabled=true\n"), "")),
        (
            "dependencies",
            full(&format!("{MINIMAL}[blueprint.loki]\ndepends-on=["), |n| format!("\"x{n}\","), "]\n"),
        ),
        ("values", full(&format!("{MINIMAL}{loki}image=\"a/b:latest\"\n"), |n| format!("k{n}=1\n"), "")),
        ("hosts", full(&format!("{airgap}{loki}a=["), |n| format!("\"http://x{n}.com\","), "]\n")),
        ("images", repeated(&format!("{MINIMAL}{loki}a=["), "{image={tag=\"latest\"}},", "]\n")),
        ("placeholders", repeated(&format!("{MINIMAL}[x]\na=\""), "${a", "\"\n")),
        ("regions without a name", repeated(MINIMAL, "[[region]]\n", "")),
        ("tokens", repeated("#", "sk-", "1\n")),
        ("private keys", repeated("#", "-----BEGIN PRIVATE KEY ", "\n")),
    ] {
        refuse(what, text.as_bytes());
    }
}

#[test]
fn floods_of_secrets_are_hidden_in_time() {
    // Built here, so that the text of this test holds none.
    let token = |n: usize| format!("gh{}_{n:036}", 'p');
    let values = format!("{MINIMAL}\n[blueprint.loki.values]\n");
    for (what, text) in [
        ("keys", full(&values, |n| format!("{} = 1\n", token(n)), "")),
        ("values", full(&values, |n| format!("k{n} = \"{}\"\n", token(n)), "")),
        ("comments", full(&values, |n| format!("# {}\n", token(n)), "")),
        ("one comment", full(&format!("{values}#"), |n| format!(" {}", token(n)), "\n")),
        ("passwords", full(&values, |n| format!("p{n}.password = \"x{n}Kq\"\n"), "")),
        ("the same password", full(&values, |n| format!("p{n}.password = \"x7Kq8u\"\n"), "")),
        ("broken text", full("a = = 1\n", |n| format!("k{n} = \"{}\"\n", token(n)), "")),
    ] {
        let words = refuse(what, text.as_bytes());
        assert!(words.contains("secret-literal") || what == "broken text", "{what}");
        assert!(!words.contains(&token(1)) && !words.contains("x1Kq\""), "{what}");
    }
}

#[test]
fn hostile_expressions_of_blueprints_are_refused() {
    let manifest = include_str!("../../examples/own-blueprints.toml");
    let blueprint = include_str!("../../examples/blueprints/81-port-scheduler.toml");
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(480), ")".repeat(480));
    let long = format!("{{{{ {} }}}}", "fqdn ~ ".repeat(1000));
    for hostile in [
        "{{ range(end=1000000000) }}",
        "{% for a in [1, 2] %}{{ a }}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{{ fqdn | replace(from='', to='x') }}",
        "{{ get_env(name='HOME') }}",
        "{{ __tera_context }}",
        "{{ [[region for a in region | json_encode] for b in region | json_encode] }}",
        "{{ nobody.at.all }}",
        "{{ 1 / 0 }}",
        "{{ 9223372036854775807 * 9223372036854775807 * 9223372036854775807 * 9223372036854775807 }}",
        "{{",
        "{{ }}",
        "{{ 'a' | ",
        &deep,
        &long,
    ] {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("sovereign.toml"), manifest).unwrap();
        let blueprints = directory.path().join("blueprints");
        std::fs::create_dir(&blueprints).unwrap();
        let mut text = blueprint.to_owned();
        let _ = write!(text, "\n[values.hostile]\na = {hostile:?}\n");
        std::fs::write(blueprints.join("81-port-scheduler.toml"), text).unwrap();
        let words = refused(hostile, directory.path(), "short");
        assert!(words.contains("bad-expression"), "{hostile}: {words}");
    }
}
