#![doc = include_str!("../../../../docs/diagnostics/preserved-value.md")]

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Transition;
use crate::diff::{FieldChange, ObjectChange, Step};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports values that go from a release whose values Helm keeps.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for change in transition.changes("HelmRelease").filter(|change| preserves(change)) {
        let below: &[&str] = &["spec", "values"];
        let gone: BTreeSet<String> = change.below(below).filter_map(|field| kept(change, field)).collect();
        let Some(first) = gone.first() else { continue };
        let (release, cluster) = (&change.id.name, &change.id.cluster);
        let what = match gone.len() {
            1 => format!("`{first}` goes"),
            count => format!("`{first}` and {} more values go", count - 1),
        };
        let bare = release.strip_prefix("bp-").unwrap_or(release);
        let mut found = Diagnostic::new(
            Code::PreservedValue,
            transition.place_of(cluster, release, None),
            format!("{what} from `{release}` of `{cluster}`, and Helm would keep what goes"),
        );
        found = transition.with_what_went(found);
        for path in gone.iter().skip(1) {
            found = found.note(format!("so does `{path}`"));
        }
        diags.push(
            found
                .note("Flux would see values that are not those of the tree, and upgrade the release without end")
                .help(format!(
                    "write what the chart has by itself in `[blueprint.{bare}.values]`, an empty list for a list; or go to a \
                     kit that keeps no values"
                )),
        );
    }
}

/// Returns whether Helm adds the values of the release before to those of the tree.
fn preserves(change: &ObjectChange) -> bool {
    let new = change.new.as_ref().and_then(|(_, new)| new.pointer("/spec/upgrade/preserveValues"));
    new.and_then(Json::as_bool) == Some(true)
}

/// Returns the path below the values of one that goes and that Helm keeps. A list is one value: a new one takes its place as a
/// whole, so only one that goes as a whole is kept.
fn kept(change: &ObjectChange, field: &FieldChange) -> Option<String> {
    let keys: Vec<&str> = field.steps.iter().map_while(Step::key).collect();
    let (_, new) = change.new.as_ref().filter(|_| field.new.is_none())?;
    let is_there = keys.iter().try_fold(new, |node, key| node.get(key)).is_some();
    let of_list = field.steps.get(keys.len()).is_some();
    if of_list && is_there {
        return None;
    }
    let path = keys.join(".");
    Some(path.strip_prefix("spec.values.").unwrap_or(&path).to_owned())
}
