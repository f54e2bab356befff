//! Links of the pages lead somewhere, and the index lists each page once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Returns the pages for people: those at the root, and all below `docs/`.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = Vec::new();
    let mut open = vec![PathBuf::from("docs")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if is_page(&path) {
                pages.push(path);
            }
        }
    }
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].map(PathBuf::from));
    pages.sort();
    pages
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "md")
}

/// Returns the lines of a page that are no code, without their code spans.
fn prose(text: &str) -> Vec<String> {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let start = line.trim_start();
        match fence {
            Some(open) if start.starts_with(open) => fence = None,
            Some(_) => {}
            None if start.starts_with("```") => fence = Some("```"),
            None if start.starts_with("~~~") => fence = Some("~~~"),
            None => lines.push(line.split('`').step_by(2).collect::<Vec<_>>().join("`")),
        }
    }
    lines
}

/// Returns the anchors of a page, as forges make them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut inside = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        }
        let title = line.trim_start_matches('#');
        let is_heading = !inside && title.len() < line.len() && title.starts_with(' ');
        for id in line.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            anchors.insert(id.to_owned());
        }
        if !is_heading {
            continue;
        }
        let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let slug: String =
            kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect();
        let before = seen.entry(slug.clone()).or_default();
        anchors.insert(if *before == 0 { slug } else { format!("{slug}-{before}") });
        *before += 1;
    }
    anchors
}

/// Returns where the links of a page lead.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text).join("\n");
    let inline = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    inline.map(|target| target.split(' ').next().unwrap_or_default().to_owned()).collect()
}

/// Returns a path without `..`, seen from the root.
fn resolved(page: &Path, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in page.parent().expect("a directory").join(target).components() {
        match part {
            Component::ParentDir => {
                assert!(path.pop(), "{} leaves the repository by {target}", page.display());
            }
            Component::Normal(name) => path.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    path
}

#[test]
fn every_link_leads_to_a_file_and_an_anchor_that_are_there() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).expect("reads");
        for link in
            links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
        {
            count += 1;
            let (target, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let path = if target.is_empty() { page.clone() } else { resolved(&page, target) };
            if !path.exists() {
                wrong.push(format!("{}: {link} is not there", page.display()));
            } else if !anchor.is_empty() && is_page(&path) {
                let there = anchors(&fs::read_to_string(&path).expect("reads"));
                if !there.contains(anchor) {
                    wrong.push(format!("{}: {link} has no such anchor", page.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 150, "{count} links");
}

#[test]
fn the_index_lists_each_page_once_with_a_line() {
    let index = fs::read_to_string("docs/README.md").expect("reads");
    let mut listed = Vec::new();
    for line in index.lines().filter(|line| line.starts_with("- [")) {
        let (_, rest) = line.split_once("](").expect("a link");
        let (target, words) = rest.split_once(')').expect("a link");
        assert!(
            words.strip_prefix(": ").is_some_and(|words| words.len() > 10),
            "says what it is for: {line}"
        );
        listed.push(resolved(Path::new("docs/README.md"), target));
    }
    let once: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(once.len(), listed.len(), "{listed:?}");
    let diagnostics = Path::new("docs/diagnostics");
    let is_of_the_index = |page: &PathBuf| page.starts_with("docs") && !page.starts_with(diagnostics);
    let mut all: BTreeSet<_> = pages().into_iter().filter(is_of_the_index).collect();
    all.remove(Path::new("docs/README.md"));
    all.insert(diagnostics.to_owned());
    assert_eq!(once, all);
}

#[test]
fn anchors_are_those_of_forges() {
    let anchors = anchors("# A `b.c`, d\n## Twice\n```\n# no\n```\n## Twice\n### A kit of one's own\n");
    let expected = ["a-bc-d", "twice", "twice-1", "a-kit-of-ones-own"].map(str::to_owned);
    assert_eq!(anchors, BTreeSet::from(expected));
    assert_eq!(links("[a](b.md#c) `[no](x)` ![p](q.png \"t\")"), ["b.md#c", "q.png"]);
}
