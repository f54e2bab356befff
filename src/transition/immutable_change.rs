#![doc = include_str!("../../docs/diagnostics/immutable-change.md")]

use super::Transition;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::diff::{FieldChange, ObjectChange};

/// Values below `spec.values` that cannot change while the release lives: the end of the path, and why.
const FIXED: [(&[&str], &str); 5] = [
    (&["volumeClaim", "storageClass"], "a volume stays in the storage class it was made in"),
    (&["volumeClaim", "size"], "the StatefulSet of a vCluster refuses another volume size"),
    (&["cluster", "id"], "other clusters of the mesh know the cluster by its id"),
    (&["cluster", "name"], "other clusters of the mesh know the cluster by its name"),
    (
        &["scheduling", "nodeSelector", "openova.io/region"],
        "the volume of the vCluster is bound to its nodes",
    ),
];

/// Reports changes of values that the cluster refuses, or that cut it off from what it has.
pub fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for change in transition.changes("HelmRelease") {
        let fields =
            change.below(&["spec", "values"]).filter(|field| field.old.is_some() && field.new.is_some());
        for field in fields {
            let fixed = FIXED.iter().find(|(end, _)| ends_with(field, end));
            if let Some((_, why)) = fixed.filter(|_| applies(change, field)) {
                report(transition, change, field, why, diags);
            }
        }
    }
}

/// Ids and names of clusters are values of Cilium; other charts have fields of the same names.
fn applies(change: &ObjectChange, field: &FieldChange) -> bool {
    !field.steps.iter().any(|step| step == "cluster") || change.id.name == "bp-cilium"
}

fn ends_with(field: &FieldChange, end: &[&str]) -> bool {
    let skip = field.steps.len().checked_sub(end.len());
    skip.is_some_and(|skip| field.steps[skip..].iter().zip(end).all(|(step, key)| step == key))
}

fn report(
    transition: &Transition<'_>,
    change: &ObjectChange,
    field: &FieldChange,
    why: &str,
    diags: &mut Diagnostics,
) {
    let json = |side: &Option<serde_json::Value>| side.as_ref().map_or_else(String::new, ToString::to_string);
    let (cluster, name) = (&change.id.cluster, &change.id.name);
    let message = format!("`{}` of `{name}` in `{cluster}` cannot change", field.path());
    let cause = field.cause.or(change.cause).unwrap_or(transition.new.kit.span);
    diags.push(
        Diagnostic::new(Code::ImmutableChange, cause, message)
            .note(format!("from {} to {}", json(&field.old), json(&field.new)))
            .note(why)
            .help("keep the value, or retire the release and install another one beside it"),
    );
}
