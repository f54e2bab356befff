//! The list for programs. Keys are stable: new ones may come, none changes its meaning.
//!
//! | key | holds |
//! |---|---|
//! | `version` | 1 |
//! | `sovereign`, `kit`, `regions[]` | what the list is of |
//! | `registry` | the registry of the air gap, or `null` |
//! | `artifacts[]` | what is taken from outside, by `kind`: `chart`, `charts`, `image`, `package`, `git` |
//! | `….wanted` | where the tree wants it: registry and path, or a URL |
//! | `….tag` | its tag, version, digest or branch, or `null` where only the chart knows it |
//! | `….said-by` | `tree`, or `kit` for what only the kit says: a default of the chart |
//! | `….upstream` | where it comes from in the end, or `null` where nobody knows |
//! | `….needed-by[]` | `region` and `name` of a blueprint or an object |
//! | `hosts[]` | the hosts outside: `host`, `needed-by` |
//! | `images-not-known[]` | the blueprints of which no image is known, since charts are not opened |

use serde_json::{Value as Json, json};

use super::{Artifacts, Needs};

/// Returns one JSON document with a final newline.
pub fn render(artifacts: &Artifacts) -> String {
    let list = artifacts.list.iter().map(|(artifact, needs)| {
        json!({
            "kind": artifact.kind.word(),
            "wanted": artifact.wanted,
            "tag": artifact.tag,
            "said-by": if artifact.by_kit { "kit" } else { "tree" },
            "upstream": artifact.upstream,
            "needed-by": needed_by(needs),
        })
    });
    let hosts =
        artifacts.hosts.iter().map(|(host, needs)| json!({ "host": host, "needed-by": needed_by(needs) }));
    let document = json!({
        "version": 1,
        "sovereign": artifacts.fqdn,
        "kit": artifacts.kit,
        "regions": artifacts.regions,
        "registry": artifacts.registry,
        "artifacts": list.collect::<Vec<_>>(),
        "hosts": hosts.collect::<Vec<_>>(),
        "images-not-known": artifacts.opaque,
    });
    format!("{document:#}\n")
}

fn needed_by(needs: &Needs) -> Vec<Json> {
    needs.iter().map(|(region, name)| json!({ "region": region, "name": name })).collect()
}
