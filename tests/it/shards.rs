//! Shards: what carries the label of one refers to nothing of another, and a change of their number moves labels only.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proptest::prelude::*;
use serde_json::Value as Json;
use sovereign_change::diff::What;
use sovereign_change::diff::{ClusterEvents, diff};
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::tree::Tree;
use sovereign_compile::{Compiled, compile_with_objects};
use sovereign_language::input::Input;
use sovereign_language::kit::{FluxVersion, Kits};
use sovereign_store::kit_cache::KitCache;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use crate::laws::{changed, law_on, read, tree};
use crate::tenants::{TWO, organization, some};

const LABEL: &str = "sharding.fluxcd.io/key";

/// The manifest of a Sovereign with these Organizations and as many shards, if any.
fn manifest(organizations: &[usize], shards: usize) -> String {
    let tables =
        organizations.iter().map(|n| format!("[[organization]]{}", organization(*n, "organization")));
    let shards = if shards == 0 { String::new() } else { format!("flux.shards = {shards}\n") };
    format!("{TWO}\n{shards}{}", tables.collect::<String>())
}

fn compiled(text: &str) -> Compiled {
    let source = Source::manifest("sovereign.toml", text.as_bytes().to_vec()).map_err(|(fault, _)| fault);
    let mut diags = Diagnostics::new();
    let compiled = compile_with_objects(&Input::new(source.unwrap()), &Kits::embedded(), &mut diags);
    compiled.unwrap_or_else(|_| panic!("{:#?}", diags.sorted()))
}

/// The objects of each region of a tree.
fn clusters(tree: &Tree) -> BTreeMap<String, Vec<Json>> {
    let mut clusters: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for (path, text) in tree.files().iter().filter(|(path, _)| path.as_str().strip_suffix(".yaml").is_some())
    {
        let (directory, _) = path.as_str().split_once('/').expect("a directory");
        clusters.entry(directory.to_owned()).or_default().push(read(text));
    }
    clusters
}

fn text<'a>(object: &'a Json, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

/// The shard of an object, or of a template below it; empty for Flux's own controllers.
fn shard<'a>(object: &'a Json, below: &str) -> &'a str {
    text(object, &format!("{below}/metadata/labels/sharding.fluxcd.io~1key"))
}

fn key(object: &Json) -> (&str, &str, &str) {
    (text(object, "/kind"), text(object, "/metadata/namespace"), text(object, "/metadata/name"))
}

/// What holds of every tree: a release, the chart object that Flux makes of it and the source of that are one shard's,
/// that shard has its controllers, and no release waits for one of another shard.
fn in_one_piece(tree: &Tree) {
    for (region, objects) in clusters(tree) {
        let shards: BTreeMap<_, _> = objects.iter().map(|object| (key(object), shard(object, ""))).collect();
        let is_there = |key: (&str, &str, &str)| shards.contains_key(&key);
        for release in objects.iter().filter(|object| object["kind"] == "HelmRelease") {
            let (of, name) = (shard(release, ""), text(release, "/metadata/name"));
            assert_eq!(of, shard(release, "/spec/chart"), "{region}: {name}");
            let source = (
                "HelmRepository",
                text(release, "/spec/chart/spec/sourceRef/namespace"),
                text(release, "/spec/chart/spec/sourceRef/name"),
            );
            // What a release brings is not in the tree, and without a label.
            assert_eq!(of, shards.get(&source).copied().unwrap_or_default(), "{region}: {name}");
            for edge in release["spec"]["dependsOn"].as_array().into_iter().flatten() {
                let namespace = edge["namespace"].as_str().unwrap_or(text(release, "/metadata/namespace"));
                let needed = ("HelmRelease", namespace, edge["name"].as_str().unwrap());
                assert_eq!(shards.get(&needed), Some(&of), "{region}: {name}");
            }
        }
        let of_flux = ["GitRepository", "HelmRepository", "HelmRelease", "Kustomization"];
        let used: BTreeSet<_> = objects
            .iter()
            .filter(|object| of_flux.contains(&text(object, "/kind")))
            .map(|object| shard(object, ""))
            .filter(|shard| !shard.is_empty())
            .collect();
        for shard in &used {
            for controller in ["source-controller", "kustomize-controller", "helm-controller"] {
                assert!(is_there(("Deployment", "flux-system", &format!("{controller}-{shard}"))), "{shard}");
            }
            assert!(is_there(("Service", "flux-system", &format!("source-controller-{shard}"))), "{shard}");
        }
        // Flux's own controllers leave alone what a shard works on.
        let flux = objects.iter().find(|object| key(object) == ("HelmRelease", "flux-system", "bp-flux"));
        for controller in ["sourceController", "kustomizeController", "helmController"] {
            let at = format!("/spec/values/flux2/{controller}/container/additionalArgs/0");
            let guard = flux.map_or("", |flux| text(flux, &at));
            assert_eq!(guard == format!("--watch-label-selector=!{LABEL}"), !used.is_empty(), "{region}");
        }
    }
}

#[test]
fn what_belongs_together_is_in_one_shard() {
    let kits = Kits::embedded();
    for example in fs::read_dir("examples").unwrap().map(|entry| entry.unwrap().path()) {
        if example.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let mut diags = Diagnostics::new();
        let input = sovereign_store::load::load(&example, &KitCache::default(), &mut diags).unwrap();
        in_one_piece(&compile_with_objects(&input, &kits, &mut diags).unwrap().tree);
    }
    law_on(40, (some(), 0_usize..6), |(organizations, shards)| {
        in_one_piece(&tree(&manifest(&organizations, shards), &kits));
        Ok(())
    });
}

/// Kustomizations of shards wait for layers of Flux's own controllers, which can be seen since Flux 2.4
/// (kustomize-controller 1.4).
#[test]
fn every_kit_has_a_flux_that_sees_across_shards() {
    let kits = Kits::embedded();
    for name in kits.names() {
        let kit = kits.open(name, &[], &mut Diagnostics::new()).unwrap();
        assert!(matches!(kit.flux, FluxVersion::V2_4 | FluxVersion::V2_9), "{name}");
        let controllers = &kit.controllers;
        for image in [&controllers.source, &controllers.kustomize, &controllers.helm] {
            assert!(image.value.parts().1.is_some_and(|tag| tag.starts_with('v')), "{name}");
        }
    }
}

/// The shard of each bucket and release, by its file.
fn places(tree: &Tree) -> BTreeMap<String, String> {
    let of_tenants = |path: &str| path.ends_with(".vcluster.yaml") || path.contains("/tenants-");
    let files = tree.files().iter().filter(|(path, _)| of_tenants(path.as_str()));
    files.map(|(path, text)| (path.to_string(), shard(&read(text), "").to_owned())).collect()
}

#[test]
fn nothing_moves_when_organizations_come_and_go() {
    let kits = Kits::embedded();
    law_on(60, (some(), 1_usize..6), |(organizations, shards)| {
        let (_, rest) = organizations.split_last().expect("one at least");
        let before = places(&tree(&manifest(rest, shards), &kits));
        let after = places(&tree(&manifest(&organizations, shards), &kits));
        for (path, shard) in before {
            prop_assert_eq!(after.get(&path), Some(&shard), "{}", path);
        }
        Ok(())
    });
}

#[test]
fn a_further_shard_changes_itself_and_what_moves_to_it() {
    let kits = Kits::embedded();
    law_on(60, (some(), 1_usize..6), |(organizations, shards)| {
        let before = tree(&manifest(&organizations, shards), &kits);
        let after = tree(&manifest(&organizations, shards + 1), &kits);
        let (was, is) = (places(&before), places(&after));
        let new = format!("shard{}", shards + 1);
        for path in changed(&before, &after) {
            let (_, below) = path.split_once('/').unwrap_or_default();
            let own = |layer: &str| {
                below
                    .strip_prefix(layer)
                    .is_some_and(|file| file == "kustomization.yaml" || file.starts_with(&format!("{new}-")))
            };
            let moves = was.get(&path) != is.get(&path) && is.get(&path) == Some(&new);
            let whole = ["README.md", "sovereign.lock"].contains(&path.as_str());
            // It waits for the controllers of all shards.
            let waits = below == "flux-system/kustomization-shards.yaml";
            prop_assert!(whole || moves || waits || own("shards/") || own("shard-sources/"), "{}", path);
        }
        Ok(())
    });
}

fn step(before: &str, after: &str) -> Vec<ClusterEvents> {
    let (old, new) = (compiled(before), compiled(after));
    diff(&Snapshot::from_tree(&old.tree), &new, Kits::embedded().catalog()).clusters
}

/// What happens to releases when shards are switched on, become more, fewer, and none: no one is touched by Helm.
#[test]
fn no_release_is_installed_again_when_shards_come_and_go() {
    let organizations: Vec<_> = (0..40).collect();
    let mut moved = 0;
    for pair in [0, 2, 3, 2, 0].windows(2) {
        let [from, to] = *pair else { continue };
        for event in step(&manifest(&organizations, from), &manifest(&organizations, to))
            .iter()
            .flat_map(|cluster| &cluster.events)
        {
            match &event.what {
                What::DependenciesChanged { .. } | What::Changed { .. } => {
                    moved += usize::from(event.subject.ends_with("/vcluster"));
                }
                // Arguments of Flux's own controllers, and of nothing else.
                What::ValuesChanged { .. } => assert_eq!(event.subject, "bp-flux"),
                What::Added | What::Removed => {
                    let (kind, name) = event.subject.split_once(' ').expect("kind and name");
                    let ours = ["Deployment", "Service", "Kustomization"].contains(&kind);
                    assert!(ours && name.contains("shard"), "{from} to {to}: {}", event.subject);
                }
                What::ClusterRemoved { .. }
                | What::Deleted { .. }
                | What::Reinstalled { .. }
                | What::LeftBehind
                | What::VariablesChanged { .. }
                | What::Downgraded { .. }
                | What::Upgraded { .. }
                | What::Moved { .. }
                | What::ClusterAdded { .. }
                | What::Installed { .. } => panic!("{from} to {to}: {event:?}"),
            }
        }
    }
    assert!(moved > 100, "{moved}");
}

#[test]
fn behind_an_air_gap_shards_come_from_the_registry() {
    let example = fs::read_to_string("examples/airgapped.toml").unwrap();
    let example = example.replacen("name = \"eu\"", "name = \"eu\"\ncode = \"eur\"", 1);
    let example = example.replacen("[[region]]", "[flux]\nshards = 1\n\n[[region]]", 1);
    let acme = organization(3, "organization").replace("nbg1", "eu");
    let tree = tree(&format!("{example}\n[[organization]]{acme}"), &Kits::embedded());
    in_one_piece(&tree);
    let objects: Vec<_> = clusters(&tree).into_values().flatten().collect();
    let find = |kind: &str, name: &str| {
        objects
            .iter()
            .find(|object| object["kind"] == kind && text(object, "/metadata/name") == name)
            .unwrap()
    };
    let image = text(find("Deployment", "helm-controller-shard1"), "/spec/template/spec/containers/0/image");
    let (registry, path) = image.split_once('/').unwrap();
    assert!(example.contains(&format!("registry = {registry:?}")), "{registry}");
    assert!(path.starts_with("proxy-ghcr/fluxcd/helm-controller:v"), "{path}");
    let source = &find("HelmRepository", "loft-shard1")["spec"];
    assert_eq!(source["type"], "oci");
    assert_eq!(source["url"], format!("oci://{registry}/loft-sh"));
}
