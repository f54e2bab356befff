//! `sovereign kit lock` over charts on disk.
#![expect(clippy::disallowed_methods, reason = "these tests write charts and look at locks")]

use std::fs;
use std::path::Path;

use sovereign::cli::{self, Environment};

/// Runs `sovereign kit lock` and returns its exit code and its words.
fn lock(charts: &Path, output: &Path, further: &[&str]) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let directories = ["--charts".as_ref(), charts.as_os_str(), "--output".as_ref(), output.as_os_str()];
    let words = ["sovereign", "kit", "lock"].iter().map(std::ffi::OsString::from);
    let args = words.chain(directories.map(Into::into)).chain(further.iter().map(Into::into));
    let exit = cli::run(args, &Environment::default(), &mut out, &mut err);
    assert_eq!(out, b"");
    (exit.code(), String::from_utf8(err).expect("text"))
}

/// Writes a chart with one value that its template reads.
fn chart(directory: &Path, name: &str, version: &str) {
    let root = directory.join(name);
    fs::create_dir_all(root.join("templates")).expect("a directory");
    fs::write(root.join("Chart.yaml"), format!("name: {name}\nversion: {version}\n")).expect("written");
    fs::write(root.join("values.yaml"), "replicas: 1\n").expect("written");
    fs::write(root.join("templates/web.yaml"), "replicas: {{ .Values.replicas }}\n").expect("written");
}

#[test]
fn each_chart_has_a_lock_of_its_own() {
    let place = tempfile::tempdir().expect("a directory");
    let (charts, output) = (place.path().join("charts"), place.path().join("locks"));
    chart(&charts, "web", "1.0.0");
    chart(&charts, "db", "2.0.0");
    fs::write(charts.join("README.md"), "no chart").expect("written");
    let (code, words) = lock(&charts, &output, &[]);
    assert_eq!(code, 0, "{words}");
    assert!(words.starts_with("2 charts opened, 0 not"), "{words}");
    let first = fs::read_to_string(output.join("web-1.0.0.toml")).expect("a lock");
    assert!(first.contains("\nreplicas int 1\n"), "{first}");
    assert_eq!(fs::read_dir(&output).expect("a directory").count(), 2);
    // The same charts give the same bytes.
    lock(&charts, &output, &[]);
    assert_eq!(fs::read_to_string(output.join("web-1.0.0.toml")).expect("a lock"), first);
}

#[test]
fn a_kit_has_a_lock_for_each_chart_that_it_pins() {
    let place = tempfile::tempdir().expect("a directory");
    let (charts, output) = (place.path().join("charts"), place.path().join("locks"));
    chart(&charts, "bp-coraza", "9.9.9");
    let (code, words) = lock(&charts, &output, &["--kit", "2026.04"]);
    assert_eq!(code, 0, "{words}");
    assert!(words.starts_with("0 charts opened, 35 not"), "{words}");
    let other = fs::read_to_string(output.join("bp-coraza-1.0.0.toml")).expect("a lock");
    assert!(other.contains("opened = false\nreason = \"version 9.9.9 was there in its place\"\n"), "{other}");
    let absent = fs::read_to_string(output.join("bp-loki-1.0.0.toml")).expect("a lock");
    assert!(absent.contains("reason = \"it was not among the charts that were given\"\n"), "{absent}");
    assert_eq!(lock(&charts, &output, &["--kit", "1999.01"]).0, 2);
}

#[test]
fn nothing_is_written_where_one_chart_cannot_be_read() {
    let place = tempfile::tempdir().expect("a directory");
    let (charts, output) = (place.path().join("charts"), place.path().join("locks"));
    assert_eq!(lock(&charts, &output, &[]).0, 3);
    chart(&charts, "web", "1.0.0");
    fs::write(charts.join("broken-1.0.0.tgz"), "no archive").expect("written");
    let (code, words) = lock(&charts, &output, &[]);
    assert_eq!(code, 3);
    assert!(words.contains("broken-1.0.0.tgz: it is no gzipped tar archive"), "{words}");
    assert!(!output.exists());
}
