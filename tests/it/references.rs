//! Whatever a golden tree refers to is in it, cluster by cluster, as Flux and kustomize would look it up.
#![expect(clippy::disallowed_methods, reason = "these tests look at files of the repository")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use sovereign_compile::{plan, with_plan};
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_store::kit_cache::KitCache;
use sovereign_text::diag::Diagnostics;

const LISTING: &str = "kustomization.yaml";
const REGION_LABEL: &str = "openova.io/region";
const ROLE_LABEL: &str = "catalyst.openova.io/role";

/// What one region's Flux applies.
struct Cluster {
    /// The golden tree and the region, for messages.
    name: String,
    /// Every object by the path of its file, relative to the repository that the tree stands in.
    objects: BTreeMap<String, Json>,
    /// The canonical label of its nodes.
    label: String,
}

impl Cluster {
    /// Follows the Kustomizations from `flux-system`, as Flux does.
    fn read(golden: &Path, root: &str, (region, label): (&str, &str)) -> Self {
        let name = format!("{}, {region}", golden.display());
        let mut cluster = Self { name, objects: BTreeMap::new(), label: label.to_owned() };
        let mut open = vec![format!("{root}/{region}/flux-system")];
        let mut seen = BTreeSet::new();
        while let Some(directory) = open.pop() {
            if seen.insert(directory.clone()) {
                open.extend(cluster.apply(golden, &directory));
            }
        }
        let mut below = directories(&golden.join(root).join(region));
        below.retain(|name| name != "tenants");
        let tenants = golden.join(root).join(region).join("tenants");
        if tenants.is_dir() {
            below.extend(directories(&tenants));
        }
        assert_eq!(below.len(), seen.iter().filter(|path| path.contains(&format!("/{region}/"))).count());
        cluster
    }

    /// Reads a directory by its listing; gives the directories that its Kustomizations name.
    fn apply(&mut self, golden: &Path, directory: &str) -> Vec<String> {
        let at = golden.join(directory);
        let listing = yaml(&at.join(LISTING));
        let listed: Vec<_> = listing["resources"].as_array().into_iter().flatten().map(text).collect();
        let mut there = names(&at);
        there.retain(|name| name != LISTING);
        assert_eq!(listed, there, "{directory} lists other files than it holds");
        assert!(!listed.is_empty(), "{directory} is empty");
        let mut named = Vec::new();
        for file in listed {
            let object = yaml(&at.join(&file));
            if group(&object) == "kustomize.toolkit.fluxcd.io" {
                let path = text(&object["spec"]["path"]);
                named.push(path.strip_prefix("./").expect("a relative path").to_owned());
            }
            self.objects.insert(format!("{directory}/{file}"), object);
        }
        named
    }

    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Json)> {
        self.objects.iter().filter(move |(_, object)| object["kind"] == kind)
    }

    /// Whether an object of this kind, namespace and name is applied.
    fn has(&self, kind: &str, namespace: Option<&str>, name: &str) -> bool {
        self.of_kind(kind).any(|(_, object)| {
            object["metadata"]["name"] == name && object["metadata"]["namespace"].as_str() == namespace
        })
    }
}

fn group(object: &Json) -> &str {
    object["apiVersion"].as_str().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn yaml(path: &Path) -> Json {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}

fn directories(directory: &Path) -> Vec<String> {
    let mut names = names(directory);
    names.retain(|name| directory.join(name).is_dir());
    names
}

fn input(example: &str) -> Input {
    sovereign_store::load::load(
        Path::new(&format!("examples/{example}.toml")),
        &KitCache::default(),
        &mut Diagnostics::new(),
    )
    .expect("an example")
}

/// The label of each region by its name.
fn labels(example: &str) -> BTreeMap<String, String> {
    let label =
        |region: &plan::Region<'_>| (region.name.value.as_str().to_owned(), region.label.value.clone());
    let labels = |plan: &plan::Plan<'_>| plan.regions.iter().map(label).collect();
    with_plan(&input(example), &Kits::embedded(), &mut Diagnostics::new(), |plan, _| labels(plan))
        .expect("a plan")
}

/// Every cluster of every golden tree.
fn clusters() -> Vec<Cluster> {
    let mut clusters = Vec::new();
    for example in directories(Path::new("golden")) {
        let golden = PathBuf::from("golden").join(&example);
        let [domain] = <[String; 1]>::try_from(directories(&golden.join("clusters"))).expect("one Sovereign");
        let root = format!("clusters/{domain}");
        let labels = labels(&example);
        let mut regions = directories(&golden.join(&root));
        regions.retain(|name| !["dns", "infrastructure", "sovereign-values"].contains(&name.as_str()));
        assert_eq!(regions, labels.keys().cloned().collect::<Vec<_>>(), "{example}");
        let read = |(region, label): (&String, &String)| Cluster::read(&golden, &root, (region, label));
        clusters.extend(labels.iter().map(read));
    }
    assert!(clusters.len() >= 12, "{} clusters", clusters.len());
    clusters
}

/// Calls `look` for each cluster, collects what is wrong.
fn each(look: impl Fn(&Cluster, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for cluster in clusters() {
        let mut of_cluster = Vec::new();
        look(&cluster, &mut of_cluster);
        wrong.extend(of_cluster.iter().map(|what| format!("{}: {what}", cluster.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn everything_waits_for_something_that_is_there() {
    each(|cluster, wrong| {
        for kind in ["HelmRelease", "Kustomization"] {
            for (path, object) in cluster.of_kind(kind) {
                let own = object["metadata"]["namespace"].as_str();
                for edge in object["spec"]["dependsOn"].as_array().into_iter().flatten() {
                    let namespace = edge["namespace"].as_str().or(own);
                    if !cluster.has(kind, namespace, &text(&edge["name"])) {
                        wrong.push(format!("{path} waits for {edge}"));
                    }
                }
            }
        }
    });
}

#[test]
fn nothing_waits_for_itself_through_others() {
    each(|cluster, wrong| {
        for kind in ["HelmRelease", "Kustomization"] {
            let edges = |object: &Json| -> BTreeSet<String> {
                let edges = object["spec"]["dependsOn"].as_array().into_iter().flatten();
                edges.map(|edge| text(&edge["name"])).collect()
            };
            let mut waiting: BTreeMap<String, BTreeSet<String>> = cluster
                .of_kind(kind)
                .map(|(_, object)| (text(&object["metadata"]["name"]), edges(object)))
                .collect();
            // What waits for nothing is done, until nothing is left or nothing gets done.
            loop {
                let done: Vec<_> = waiting
                    .iter()
                    .filter(|(_, edges)| edges.is_empty())
                    .map(|(name, _)| name.clone())
                    .collect();
                if done.is_empty() {
                    break;
                }
                for name in &done {
                    waiting.remove(name);
                }
                for edges in waiting.values_mut() {
                    edges.retain(|edge| !done.contains(edge));
                }
            }
            if !waiting.is_empty() {
                wrong.push(format!("{kind} never done: {waiting:?}"));
            }
        }
    });
}

#[test]
fn every_source_is_there() {
    each(|cluster, wrong| {
        let mut sources = 0;
        for (path, object) in &cluster.objects {
            let of_chart = &object["spec"]["chart"]["spec"]["sourceRef"];
            for source in
                [&object["spec"]["sourceRef"], of_chart].into_iter().filter(|source| !source.is_null())
            {
                sources += 1;
                let namespace = source["namespace"].as_str().or(object["metadata"]["namespace"].as_str());
                // One that a release of the cluster makes is as good.
                let made = cluster.of_kind("HelmRelease").any(|(_, release)| {
                    let values = &release["spec"]["values"]["vclusterHelmRepo"];
                    values["name"] == source["name"] && values["namespace"].as_str() == namespace
                });
                if !made && !cluster.has(&text(&source["kind"]), namespace, &text(&source["name"])) {
                    wrong.push(format!("{path} comes from {source}"));
                }
            }
        }
        let due = cluster.of_kind("HelmRelease").count() + cluster.of_kind("Kustomization").count();
        if sources != due {
            wrong.push(format!("{due} objects have {sources} sources"));
        }
    });
}

#[test]
fn every_namespace_is_there() {
    let kits = Kits::embedded();
    each(|cluster, wrong| {
        let mut there: BTreeSet<String> = BTreeSet::from(["kube-system".to_owned()]);
        there.extend(cluster.of_kind("Namespace").map(|(_, object)| text(&object["metadata"]["name"])));
        // The sources of vClusters are in a namespace that a release makes, as its values say.
        let of_sources =
            cluster.of_kind("HelmRelease").map(|(_, object)| &object["spec"]["values"]["vclusterHelmRepo"]);
        let made = of_sources.filter(|values| values["createNamespace"] == true);
        there.extend(made.map(|values| text(&values["namespace"])));
        // A chart may bring its own; the kits say which.
        let blueprints = kits.names().filter_map(|kit| kits.open(kit, &[], &mut Diagnostics::new()));
        let by_chart: BTreeSet<String> = blueprints
            .flat_map(|kit| {
                let brings = kit.blueprints.iter().filter(|blueprint| blueprint.creates_namespace);
                brings.map(|blueprint| blueprint.name.value.as_str().to_owned()).collect::<Vec<_>>()
            })
            .collect();
        for (path, object) in &cluster.objects {
            let spec = &object["spec"];
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let brings = object["kind"] == "HelmRelease" && by_chart.contains(name);
            let of_target = spec["targetNamespace"].as_str().filter(|_| !brings);
            for namespace in [object["metadata"]["namespace"].as_str(), of_target].into_iter().flatten() {
                if !there.contains(namespace) {
                    wrong.push(format!("{path} needs the namespace {namespace}"));
                }
            }
            let is_twice =
                spec["targetNamespace"].as_str().is_some_and(|name| brings && there.contains(name));
            if is_twice {
                wrong.push(format!("{path} makes a namespace that the tree has"));
            }
        }
    });
}

#[test]
fn values_come_from_config_maps_that_are_there() {
    let mut found = 0;
    for cluster in clusters() {
        for (path, object) in cluster.of_kind("HelmRelease") {
            let sources = object["spec"]["valuesFrom"].as_array().into_iter().flatten();
            for source in sources.filter(|source| source["kind"] == "ConfigMap") {
                found += 1;
                let name = text(&source["name"]);
                let namespace = object["metadata"]["namespace"].as_str();
                assert!(cluster.has("ConfigMap", namespace, &name), "{}: {path} reads {name}", cluster.name);
                let key = source["valuesKey"].as_str().unwrap_or("values.yaml");
                let holds = |(_, map): (&String, &Json)| {
                    map["metadata"]["name"] == *name && map["data"][key].is_string()
                };
                assert!(cluster.of_kind("ConfigMap").any(holds), "{path}: {name} has no key {key}");
            }
        }
    }
    assert!(found > 0, "no release reads a ConfigMap");
}

#[test]
fn no_object_stands_twice() {
    each(|cluster, wrong| {
        let mut seen = BTreeMap::new();
        for (path, object) in &cluster.objects {
            let meta = &object["metadata"];
            let identity = (group(object), &object["kind"], &meta["namespace"], &meta["name"]);
            let identity = format!("{identity:?}");
            if let Some(other) = seen.insert(identity, path) {
                wrong.push(format!("{path} and {other} are one object"));
            }
        }
    });
}

#[test]
fn node_selectors_name_the_region_they_stand_in() {
    fn look(value: &Json, see: &mut dyn FnMut(&str, &Json)) {
        match value {
            Json::Object(map) => {
                for (key, item) in map {
                    see(key, item);
                    look(item, see);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| look(item, see)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    let mut found = 0;
    for cluster in clusters() {
        for (path, object) in cluster.of_kind("HelmRelease") {
            look(&object["spec"]["values"], &mut |key, value| {
                if key == REGION_LABEL || key == "regionLabelValue" {
                    found += 1;
                    assert_eq!(value, &cluster.label, "{}: {path}", cluster.name);
                }
                if key == "regionLabelKey" {
                    assert_eq!(value, REGION_LABEL, "{}: {path}", cluster.name);
                }
                if key == "nodeSelector" {
                    let plain = ["regionLabelKey", "regionLabelValue", "role", REGION_LABEL, ROLE_LABEL];
                    let keys = value.as_object().into_iter().flat_map(|map| map.keys());
                    let other: Vec<_> = keys.filter(|key| !plain.contains(&key.as_str())).collect();
                    assert!(other.is_empty(), "{}: {path}: selects by {other:?}", cluster.name);
                }
            });
        }
    }
    assert!(found > 10, "only {found} selectors");
}

#[test]
fn every_file_begins_with_one_comment() {
    fn look(directory: &Path, files: &mut usize) {
        for name in names(directory) {
            let path = directory.join(&name);
            if path.is_dir() {
                look(&path, files);
            } else if name.strip_suffix(".yaml").is_some() {
                *files += 1;
                let text = fs::read_to_string(&path).expect("reads");
                let mut lines = text.lines();
                let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
                let good = first.starts_with("# ") && second.starts_with("apiVersion: ");
                assert!(good && text.ends_with('\n'), "{}: {first:?}, {second:?}", path.display());
                assert!(!lines.any(|line| line.trim_end() != line), "{}: a blank at an end", path.display());
            }
        }
    }
    let mut files = 0;
    look(Path::new("golden"), &mut files);
    assert!(files > 1500, "only {files} files");
}
