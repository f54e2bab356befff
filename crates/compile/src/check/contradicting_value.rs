#![doc = include_str!("../../../../docs/diagnostics/contradicting-value.md")]

use crate::plan::release::value_trees;
use crate::plan::{Plan, Region, Release, machines};
use serde_json::Value as Json;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, Step, path_text};

/// A fact that is given once for a region, and that more than one thing is told.
struct Allocated {
    /// The expression of a kit.
    name: &'static str,
    /// What it is, in words.
    what: &'static str,
    /// The key that changes it.
    key: &'static str,
    value: fn(&Plan<'_>, &Region<'_>) -> Option<Json>,
}

/// What a region was given.
struct Given<'f> {
    fact: &'f Allocated,
    value: Json,
}

/// The facts that other regions, the machines or the DNS are told too.
const ALLOCATED: &[Allocated] = &[
    Allocated {
        name: "region.mesh_name",
        what: "its name in the mesh",
        key: "mesh-name",
        value: |_, region| Some(region.mesh.name.value.clone().into()),
    },
    Allocated {
        name: "region.mesh_id",
        what: "its number in the mesh",
        key: "mesh-id",
        value: |_, region| Some(region.mesh.id.value.into()),
    },
    Allocated {
        name: "region.api_host",
        what: "where its machines reach the control plane",
        key: "network-cidr",
        value: |plan, region| {
            machines::api_host(plan, region).map(|address| address.value.to_string().into())
        },
    },
];

/// Reports Helm values of a person that say something else than what a region was given.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        for release in &region.releases {
            for tree in value_trees(release.blueprint) {
                tree.walk(&mut |path, node| {
                    let fact = node
                        .as_str()
                        .and_then(|text| ALLOCATED.iter().find(|fact| is_alone(text, fact.name)));
                    let given = fact.and_then(|fact| Some((fact, (fact.value)(plan, region)?)));
                    if let Some((fact, given)) = given {
                        of_value(region, release, path, &Given { fact, value: given }, diags);
                    }
                });
            }
        }
    }
}

/// Returns whether a string is the expression of a name and nothing else.
fn is_alone(text: &str, name: &str) -> bool {
    let inner = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    inner.is_some_and(|inner| inner.trim() == name)
}

fn of_value(
    region: &Region<'_>,
    release: &Release<'_>,
    path: &[Step<'_>],
    given: &Given<'_>,
    diags: &mut Diagnostics,
) {
    let keys: Option<Vec<_>> =
        path.iter().map(|step| if let Step::Key(key) = step { Some(*key) } else { None }).collect();
    let Some(keys) = keys else { return };
    let written = release.changed_by.iter().filter_map(|table| table.values.as_ref()?.value.0.at(&keys));
    for node in written.filter(|node| node.to_json() != given.value) {
        diags.push(report(region, path, given.fact, node, &given.value));
    }
}

fn report(region: &Region<'_>, path: &[Step<'_>], fact: &Allocated, node: &Node, given: &Json) -> Diagnostic {
    let name = &region.name.value;
    let given = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
    let message = format!("`{}` is not what `{name}` was given: {} is `{given}`", path_text(path), fact.what);
    Diagnostic::new(Code::ContradictingValue, node.cause, message)
        .note("other parts of the tree, other regions and the machines are told that")
        .help(format!("remove it, and write `{}` in the region to have another one", fact.key))
}
