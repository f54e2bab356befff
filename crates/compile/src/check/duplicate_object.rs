#![doc = include_str!("../../../../docs/diagnostics/duplicate-object.md")]

use std::collections::{BTreeMap, BTreeSet};

use super::Named;
use crate::object::Identity;
use crate::plan::{Failover, Plan, Region, Release};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Reports two objects of one identity in a region: of the tree, and of what blueprints say that they bring.
pub(crate) fn check(plan: &Plan<'_>, region: &Region<'_>, mut names: Vec<Named>, diags: &mut Diagnostics) {
    // Two tables of one application have two Continuums of one name: that is said already.
    let twins = plan.failover.iter().flat_map(Failover::twins);
    let twins: BTreeSet<Span> = twins.map(|(_, again)| again.continuum.span).collect();
    // Stable: of two objects, the one that stands first in the tree is the first.
    names.sort_by(|(one, _), (other, _)| one.cmp(other));
    for pair in names.windows(2) {
        let [(one, first), (Identity { kind, name, .. }, span)] = pair else { continue };
        // Two blueprints of one name have two HelmReleases of one name, and an Organization with the name of a
        // namespace a second one: that is said already.
        let said = [Code::DuplicateName, Code::ReservedName];
        if one == &pair[1].0 && !said.iter().any(|code| diags.reported(*code, *span)) && !twins.contains(span)
        {
            let message = format!("{kind} `{name}` exists twice in region `{}`", region.name.value);
            let why = "Flux would apply both in turn, for ever";
            diags.push(report(message, (*first, "first here"), (*span, "again here"), why));
        }
    }
    brought(region, diags);
}

/// Reports Secrets, Services and Namespaces that the charts of two releases make.
fn brought(region: &Region<'_>, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<(&str, String), (&str, Span)> = BTreeMap::new();
    // What a kit brings comes first: the person's is the one to change.
    let mut releases: Vec<_> = region.releases.iter().collect();
    releases.sort_by_key(|release| release.blueprint.span.source.is_input());
    for release in releases {
        let name = release.blueprint.name.value.as_str();
        for (kind, object, span) in objects(release) {
            match seen.get(&(kind, object.clone())) {
                Some((other, first)) if *other != name => {
                    let message = format!("{kind} `{object}` is made by `{other}` and by `{name}`");
                    let (first, again) = ((*first, format!("by `{other}`")), (span, format!("by `{name}`")));
                    let why = "Helm refuses to install a release whose objects belong to another one";
                    diags.push(report(message, (first.0, &first.1), (again.0, &again.1), why));
                }
                Some(_) => {}
                None => {
                    seen.insert((kind, object), (name, span));
                }
            }
        }
    }
}

/// Returns what the chart of a release makes, as far as its blueprint says.
fn objects<'a>(release: &'a Release<'_>) -> Vec<(&'static str, String, Span)> {
    let blueprint: &'a _ = release.blueprint;
    let facts = blueprint.provides.as_ref();
    let services = facts.and_then(|facts| facts.services.as_ref()).into_iter().flat_map(|list| &list.value);
    let without_port = |id: &str| id.split(':').next().unwrap_or_default().to_owned();
    let namespace = &blueprint.namespace;
    blueprint
        .made_secrets()
        .chain(blueprint.reflected_secrets())
        .map(|id| ("Secret", id.value.as_str().to_owned(), id.span))
        .chain(services.map(|id| ("Service", without_port(id.value.as_str()), id.span)))
        .chain(
            blueprint
                .creates_namespace
                .then(|| ("Namespace", namespace.value.as_str().to_owned(), namespace.span)),
        )
        .collect()
}

fn report(message: String, first: (Span, &str), again: (Span, &str), why: &str) -> Diagnostic {
    Diagnostic::new(Code::DuplicateObject, again.0, message)
        .label(again.1)
        .related(first.0, first.1)
        .note(why)
}
