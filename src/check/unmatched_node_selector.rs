#![doc = include_str!("../../docs/diagnostics/unmatched-node-selector.md")]

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::node::{Node, Step, Value};
use crate::plan::{Plan, Region};

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

/// Reports node selectors in final values that no node of the region satisfies.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        for release in &region.releases {
            let name = release.blueprint.name.value.as_str();
            release.values.walk(&mut |path, node| {
                if path.last() == Some(&Step::Key("nodeSelector")) {
                    selector(region, name, node, diags);
                }
            });
        }
    }
}

fn selector(region: &Region<'_>, release: &str, node: &Node, diags: &mut Diagnostics) {
    let Some(map) = node.as_map() else { return };
    // The vCluster charts write a label as a pair of values.
    if let (Some(key), Some(value)) = (map.get("regionLabelKey"), map.get("regionLabelValue")) {
        if let Some(key) = key.as_str() {
            label(region, release, (key, value), diags);
        }
        return;
    }
    for pair in map.iter() {
        label(region, release, pair, diags);
    }
}

fn label(region: &Region<'_>, release: &str, (key, node): (&str, &Node), diags: &mut Diagnostics) {
    if FOREIGN.iter().any(|prefix| key.starts_with(prefix)) {
        return;
    }
    let given = given(region, key);
    let (wanted, matches) = match &node.value {
        Value::String(wanted) => (wanted.as_ref(), given.iter().any(|value| value == wanted)),
        Value::Null => return,
        Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => ("…", false),
    };
    if matches {
        return;
    }
    let here = &region.name.value;
    let message = format!("no node of region `{here}` has the label `{key}={wanted}` that {release} selects");
    let found = Diagnostic::new(Code::UnmatchedNodeSelector, node.cause, message);
    diags.push(if given.is_empty() {
        found.help(format!("add `{key}` to the region's `node-labels`, or select by `{REGION}`"))
    } else {
        found.help(format!("the nodes have {}", suggest::list(given.iter().map(String::as_str), 4)))
    });
}

/// The values that the nodes of a region give a label.
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
