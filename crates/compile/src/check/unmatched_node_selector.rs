#![doc = include_str!("../../../../docs/diagnostics/unmatched-node-selector.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Plan, Region};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::node::{Node, Step, Value};
use sovereign_text::source::Span;

/// The label that says where a node stands; stamped by the provider's module.
const REGION: &str = "openova.io/region";
/// The label that says what a node does.
const ROLE: &str = "catalyst.openova.io/role";
/// Labels that the kubelet and the cloud set; their values are not ours to know.
const FOREIGN: [&str; 5] = [
    "kubernetes.io/",
    "node.kubernetes.io/",
    "node-role.kubernetes.io/",
    "topology.kubernetes.io/",
    "beta.kubernetes.io/",
];

/// A label that a release selects, and the place that says so: one finding each, however many regions.
type Wanted<'a> = (Span, &'a str, &'a str, String);

/// Reports node selectors in final values that no node of the region satisfies.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut found: BTreeMap<Wanted<'_>, Vec<&Region<'_>>> = BTreeMap::new();
    for region in &plan.regions {
        for release in &region.releases {
            let name = release.blueprint.name.value.as_str();
            release.values.walk(&mut |path, node| {
                if path.last() == Some(&Step::Key("nodeSelector")) {
                    for (key, value) in labels(node) {
                        if let Some(wanted) = unmatched(region, key, value) {
                            found.entry((value.cause, name, key, wanted)).or_default().push(region);
                        }
                    }
                }
            });
        }
    }
    for ((span, release, key, wanted), regions) in found {
        diags.push(report(span, release, key, &wanted, &regions));
    }
}

fn labels(node: &Node) -> Vec<(&str, &Node)> {
    let Some(map) = node.as_map() else { return Vec::new() };
    // The vCluster charts write a label as a pair of values.
    if let (Some(key), Some(value)) = (map.get("regionLabelKey"), map.get("regionLabelValue")) {
        return key.as_str().map(|key| (key, value)).into_iter().collect();
    }
    map.iter().collect()
}

/// Returns the value that is wanted, if no node of the region has it.
fn unmatched(region: &Region<'_>, key: &str, node: &Node) -> Option<String> {
    if FOREIGN.iter().any(|prefix| key.starts_with(prefix)) {
        return None;
    }
    // A value that is no text is refused by the API server before any node is asked: see `refused-by-api`.
    let Value::String(wanted) = &node.value else { return None };
    (!given(region, key).iter().any(|value| value == wanted)).then(|| wanted.clone().into_owned())
}

fn report(span: Span, release: &str, key: &str, wanted: &str, regions: &[&Region<'_>]) -> Diagnostic {
    let s = if regions.len() == 1 { "" } else { "s" };
    let names = suggest::list(regions.iter().map(|region| region.name.value.as_str()), 3);
    let message = format!("no node of region{s} {names} has the label `{key}={wanted}`");
    let found = Diagnostic::new(Code::UnmatchedNodeSelector, span, message)
        .label(format!("selected by `{release}`"))
        .note("its Pods would wait for such a node for ever");
    let given: BTreeSet<_> = regions.iter().flat_map(|region| given(region, key)).collect();
    if given.is_empty() {
        found.help(format!("add `{key}` to the region's `node-labels`, or select by `{REGION}`"))
    } else {
        found.help(format!("the nodes have {}", suggest::list(given.iter().map(String::as_str), 4)))
    }
}

/// Returns the values that the nodes of a region give a label.
fn given(region: &Region<'_>, key: &str) -> Vec<String> {
    match key {
        REGION => vec![region.label.value.clone()],
        ROLE if region.written.workers.is_some() => vec!["control-plane".to_owned(), "worker".to_owned()],
        ROLE => vec!["control-plane".to_owned()],
        _ => {
            let labels = region.written.node_labels.iter().flat_map(|labels| &labels.value.0);
            let same = labels.filter(|(name, _)| name.value.as_str() == key);
            same.map(|(_, value)| value.value.as_str().to_owned()).collect()
        }
    }
}
