//! The list for people.

use super::{Artifact, Artifacts, Kind};
use sovereign_language::scalar::unpinned;

/// Returns the list as text, with a final newline.
pub fn render(artifacts: &Artifacts) -> String {
    let mut lines =
        vec![format!("{}, kit {}, {}", artifacts.fqdn, artifacts.kit, artifacts.regions.join(", "))];
    for kind in Kind::ALL {
        let of_kind = artifacts.list.iter().filter(|(artifact, _)| artifact.kind == kind);
        let entries = of_kind.flat_map(|(artifact, needs)| {
            let who = format!("      for {}", artifacts.phrase(needs));
            [Some(format!("  {}", what(artifact))), from(artifact), Some(who)].into_iter().flatten()
        });
        section(&mut lines, kind.title(), entries.collect());
    }
    let hosts = artifacts.hosts.iter();
    let hosts = hosts
        .flat_map(|(host, needs)| [format!("  {host}"), format!("      for {}", artifacts.phrase(needs))]);
    section(&mut lines, "Hosts", hosts.collect());
    let opaque = artifacts.opaque.iter().map(|name| format!("  {name}"));
    section(
        &mut lines,
        "Not known: these charts were not opened, and the kit says none of their images",
        opaque.collect(),
    );
    lines.push(String::new());
    lines.join("\n")
}

/// Returns where the tree wants it, and how far that is known.
fn what(artifact: &Artifact) -> String {
    let known = match (&artifact.tag, artifact.by_kit) {
        (None, _) if artifact.kind != Kind::Charts => " (the chart has the tag)",
        (Some(tag), true) if floats(tag) => {
            " (a default of the chart, which is another image whenever somebody pushes one)"
        }
        (Some(_), true) => " (a default of the chart)",
        (None, _) | (Some(_), false) => "",
    };
    format!("{}{known}", artifact.at(&artifact.wanted))
}

/// Returns whether a tag does not name one image.
fn floats(tag: &str) -> bool {
    !tag.starts_with("sha256:") && unpinned(tag).is_some()
}

/// Returns where it comes from, if that is somewhere else.
fn from(artifact: &Artifact) -> Option<String> {
    match &artifact.upstream {
        Some(upstream) if *upstream == artifact.wanted => None,
        Some(upstream) => Some(format!("      from {}", artifact.at(upstream))),
        None => Some("      from nowhere that is known: it must be in the registry already".to_owned()),
    }
}

fn section(lines: &mut Vec<String>, title: &str, entries: Vec<String>) {
    if !entries.is_empty() {
        lines.extend([String::new(), title.to_owned()]);
        lines.extend(entries);
    }
}
