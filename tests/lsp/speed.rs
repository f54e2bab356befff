//! How long one waits for an answer: with `SOVEREIGN_LSP` naming a released program the bounds hold, otherwise the figures of an
//! unoptimised one are only shown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::client::{Client, READING};

const THREE: &str = include_str!("../../examples/three-regions.toml");
const TENANTS: &str = include_str!("../../examples/tenants.toml");

fn fleet() -> usize {
    if is_released() { 10_000 } else { 1_000 }
}

fn is_released() -> bool {
    std::env::var_os("SOVEREIGN_LSP").is_some()
}

/// The longest of some times that each request was made, and that findings took after an edit.
fn measured(client: &mut Client, path: &Path, edit: (&str, &str)) -> Vec<(String, Duration)> {
    let mut figures = Vec::new();
    let everywhere = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 60, "character": 0 } });
    let range = json!({ "range": everywhere, "context": { "diagnostics": [], "includeDeclaration": true } });
    for method in READING {
        let params = client.params(path, edit.0, 1, range.clone());
        let longest = (0..5).map(|_| {
            let start = Instant::now();
            client.try_ask(&format!("textDocument/{method}"), params.clone());
            start.elapsed()
        });
        figures.push((method.to_owned(), longest.max().unwrap_or_default()));
    }
    let longest = (0..5).map(|round| {
        let (from, to) = if round % 2 == 0 { edit } else { (edit.1, edit.0) };
        let start = Instant::now();
        client.edit(path, from, to);
        start.elapsed()
    });
    figures.push(("findings after an edit".to_owned(), longest.max().unwrap_or_default()));
    figures
}

/// How long symbols may take, of however large a text.
const MOST_FOR_SYMBOLS: Duration = Duration::from_millis(250);

/// Shows figures, and holds the released program to a bound.
fn show(title: &str, figures: &[(String, Duration)], most: Duration) {
    let mut text = format!("{title}, the longest of five, at most {most:?} when released:\n");
    for (name, time) in figures {
        writeln!(text, "  {name:<24}{:>9.1} ms", time.as_secs_f64() * 1000.0).expect("writes");
    }
    eprint!("{text}");
    if is_released() {
        // The largest answer is one of symbols: a quarter of a second, for the figure to mean something.
        let bound = |name: &str| if name == "documentSymbol" { most.min(MOST_FOR_SYMBOLS) } else { most };
        let late: Vec<_> = figures.iter().filter(|(name, time)| *time > bound(name)).collect();
        assert!(late.is_empty(), "{late:?}");
    }
}

pub(crate) fn three_regions() {
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = directory.path().join("sovereign.toml");
    let mut client = Client::new();
    assert_eq!(client.open(&manifest, THREE), Vec::<Json>::new());
    let figures = measured(&mut client, &manifest, ("name = \"sin\"", "name = \"fsn1\""));
    show("three regions", &figures, Duration::from_millis(50));
    assert_eq!(client.end(), Some(0));
}

fn organization(number: usize) -> String {
    format!(
        "slug = \"org-{number:05}\"\ndisplay-name = \"Organization {number}\"\ntier = \"sme\"\nowners = [{{ email = \"o@org-{number}.example\", role = \"owner\" }}]\n"
    )
}

const ENVIRONMENT: &str = "regions = [\"hel1\"]\n";

/// A manifest without the Organizations of the example, and what follows from those.
fn without_tenants() -> String {
    let start = TENANTS.find("[tls]").expect("a table");
    let end = TENANTS.find("[storage]").expect("a table");
    let failover = TENANTS.find("# The shop of ACME").expect("a comment");
    format!("{}{}", &TENANTS[..start], &TENANTS[end..failover])
}

pub(crate) fn organizations_with_files_of_their_own() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = directory.path().join("organizations");
    fs::create_dir(&files).expect("a directory");
    for number in 0..fleet() {
        let text =
            format!("[organization]\n{}[[organization.environment]]\n{ENVIRONMENT}", organization(number));
        fs::write(files.join(format!("org-{number:05}.toml")), text).expect("writes");
    }
    let manifest = directory.path().join("sovereign.toml");
    let text = without_tenants() + "[[organization-source]]\npath = \"organizations\"\n";
    fs::write(&manifest, &text).expect("writes");
    let mut client = Client::new();
    let start = Instant::now();
    assert_eq!(client.open(&manifest, &text), Vec::<Json>::new());
    let first = start.elapsed();
    let one = files.join("org-00007.toml");
    let text = fs::read_to_string(&one).expect("reads");
    assert_eq!(client.open(&one, &text), Vec::<Json>::new());
    let figures = measured(&mut client, &one, ("hel1", "nbg1"));
    eprintln!("{} Organizations with files: opened after {first:?}", fleet());
    show("a file of an Organization", &figures, Duration::from_millis(500));
    let before = client.text(&manifest).to_owned();
    let mut figures = measured(&mut client, &manifest, ("\"hcloud-volumes\"", "\"hcloud-volumez\""));
    let (name, time) = figures.pop().expect("the last one");
    show("the manifest", &figures, Duration::from_millis(500));
    eprintln!("  {name:<24}{:>9.1} ms: all Organizations are compiled", time.as_secs_f64() * 1000.0);
    assert_ne!(client.text(&manifest), before);
    assert_eq!(client.end(), Some(0));
}

pub(crate) fn organizations_in_the_manifest() {
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = directory.path().join("sovereign.toml");
    let mut text = without_tenants();
    for number in 0..fleet() {
        write!(text, "[[organization]]\n{}[[organization.environment]]\n{ENVIRONMENT}", organization(number))
            .expect("writes");
    }
    let mut client = Client::new();
    let start = Instant::now();
    assert_eq!(client.open(&manifest, &text), Vec::<Json>::new());
    eprintln!("{} Organizations in {} KiB: opened after {:?}", fleet(), text.len() / 1024, start.elapsed());
    let mut figures = measured(&mut client, &manifest, ("\"hcloud-volumes\"", "\"hcloud-volumez\""));
    let (name, time) = figures.pop().expect("the last one");
    show("the manifest", &figures, Duration::from_millis(500));
    eprintln!("  {name:<24}{:>9.1} ms: all Organizations are compiled", time.as_secs_f64() * 1000.0);
    assert_eq!(client.end(), Some(0));
}
