#![doc = include_str!("../../../../docs/diagnostics/shared-identity.md")]

use std::collections::BTreeMap;

use crate::plan::Plan;
use sovereign_language::kit::Outside;
use sovereign_language::scalar::ValuePath;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, Value};
use sovereign_text::source::Span;

/// What tells something outside of all clusters from everything else: what it is, and the values that name it.
type Identity<'p> = (&'p str, Vec<String>);

/// A release that writes to it.
struct Writer<'p> {
    blueprint: &'p str,
    region: &'p str,
    /// The value that names it.
    value: Span,
    /// The name of its region.
    place: Span,
}

/// Reports releases, in two clusters or in one, that write to one thing outside of them: a directory of a bucket, a group of
/// machines, the records of an owner. What they are is said by the blueprints; what comes from a Secret is not known.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut writers: BTreeMap<Identity<'_>, Vec<Writer<'_>>> = BTreeMap::new();
    for region in &plan.regions {
        for release in &region.releases {
            let blueprint = release.blueprint.name.value.as_str();
            for outside in &release.blueprint.outside {
                let Some(what) = &outside.what else { continue };
                for (names, value) in named(&release.values, outside) {
                    let (region, place) = (region.name.value.as_str(), region.name.span);
                    let of_identity = writers.entry((what.value.as_str(), names)).or_default();
                    if !of_identity.iter().any(|w| w.blueprint == blueprint && w.region == region) {
                        of_identity.push(Writer { blueprint, region, value, place });
                    }
                }
            }
        }
    }
    for ((what, names), writers) in writers {
        diags.extend(report(what, &names, &writers));
    }
}

/// Returns what a release writes to: the values that name it, and the last of them.
fn named(values: &Node, outside: &Outside) -> Vec<(Vec<String>, Span)> {
    let items: Vec<&Node> = match &outside.each {
        None => vec![values],
        Some(path) => match values.at(&path.value.keys()).map(|node| &node.value) {
            Some(Value::List(items)) => items.iter().collect(),
            Some(_) | None => Vec::new(),
        },
    };
    items.into_iter().filter_map(|item| name(item, outside)).collect()
}

fn name(item: &Node, outside: &Outside) -> Option<(Vec<String>, Span)> {
    let paths = &outside.by.as_ref()?.value;
    let found: Vec<Option<&Node>> = paths.iter().map(|path| value(item, &path.value)).collect();
    let first = found.first().copied().flatten()?;
    let last = found.iter().flatten().next_back().map_or(first.cause, |node| node.cause);
    Some((found.into_iter().map(|node| node.map(said).unwrap_or_default()).collect(), last))
}

/// Returns a value that says something.
fn value<'n>(item: &'n Node, path: &ValuePath) -> Option<&'n Node> {
    item.at(&path.keys()).filter(|node| node.value != Value::Null && !said(node).is_empty())
}

/// Returns what a value says: a directory is the same with and without slashes around it.
fn said(node: &Node) -> String {
    node.as_str().map_or_else(|| node.to_json().to_string(), |text| text.trim_matches('/').to_owned())
}

/// Returns the finding about several writers of one thing, at a value that a person wrote if there is one.
fn report(what: &str, names: &[String], writers: &[Writer<'_>]) -> Option<Diagnostic> {
    let of_a_person = writers.iter().rposition(|writer| writer.value.source.is_input());
    let place = of_a_person.or(writers.len().checked_sub(1))?;
    let wrong = writers.get(place)?;
    let others = writers.iter().enumerate().filter(|(other, _)| *other != place);
    let others: Vec<_> = others.map(|(_, writer)| writer).collect();
    let first = others.first()?;
    let names = names.iter().filter(|name| !name.is_empty()).map(|name| format!("`{name}`"));
    let names = names.collect::<Vec<_>>().join(", ");
    let name = |writer: &Writer<'_>| format!("`{}` in `{}`", writer.blueprint, writer.region);
    let message = format!("{} and {} write to {what} of one name: {names}", name(first), name(wrong));
    let place = if wrong.value.source.is_input() { wrong.value } else { wrong.place };
    let bare = wrong.blueprint.strip_prefix("bp-").unwrap_or(wrong.blueprint);
    let help = if others.iter().all(|writer| writer.blueprint == wrong.blueprint) {
        format!("give each region a name of its own, in `[region.blueprint.{bare}.values]`")
    } else {
        format!("give each a name of its own, in `[blueprint.{bare}.values]`")
    };
    let mut found = Diagnostic::new(Code::SharedIdentity, place, message);
    for writer in &others {
        let at = if writer.value.source.is_input() { writer.value } else { writer.place };
        if at != place {
            found = found.related(at, name(writer));
        }
    }
    Some(
        found.note("each takes what the other wrote there for its own, and changes or deletes it").help(help),
    )
}
