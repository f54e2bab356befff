//! An [`Import`] as JSON, for programs. Keys are stable: new ones may come, none changes its meaning without another version.
//!
//! | key | holds |
//! |---|---|
//! | `version` | `1` |
//! | `manifest`, `blueprints` | the manifest, and the files beside it by name |
//! | `assumed[]`, `unsaid[]` | what the tree does not say, and what the language could not say |
//! | `objects[]` | each object of the tree: `cluster`, `kind`, `namespace`, `name`, `verdict` (`equal`, `differs`, `absent`) |
//! | `….differences[]` | its fields that differ: `path`, `there` in the tree, `here` from the manifest |
//! | `further[]` | objects that the manifest gives besides |
//!
//! `objects` and `further` are `null` where no manifest compiles.

use serde_json::{Value as Json, json};

use super::existing::Id;
use super::{Import, Standing, Verdict};

/// The version of the form.
const VERSION: u32 = 1;

/// Returns one document with a final newline.
pub fn render(import: &Import) -> String {
    let proof = import.proof.as_ref();
    let document = json!({
        "version": VERSION,
        "manifest": import.manifest,
        "blueprints": import.blueprints,
        "assumed": import.assumed,
        "unsaid": import.unsaid,
        "objects": proof.map(|proof| proof.objects.iter().map(of_object).collect::<Vec<_>>()),
        "further": proof.map(|proof| proof.further.iter().map(of_id).collect::<Vec<_>>()),
    });
    format!("{document:#}\n")
}

fn of_object(standing: &Standing) -> Json {
    let mut json = of_id(&standing.id);
    let (word, differences) = match &standing.verdict {
        Verdict::Equal => ("equal", &[][..]),
        Verdict::Differs(differences) => ("differs", differences.as_slice()),
        Verdict::Absent => ("absent", &[][..]),
    };
    json["verdict"] = word.into();
    let difference = |it: &super::Difference| json!({ "path": it.path, "there": it.there, "here": it.here });
    json["differences"] = differences.iter().map(difference).collect();
    json
}

fn of_id(id: &Id) -> Json {
    json!({ "cluster": id.cluster, "kind": id.kind, "namespace": id.namespace, "name": id.name })
}
