#![doc = include_str!("../../../../docs/diagnostics/late-definition.md")]

use std::collections::BTreeSet;

use super::crd_layer::waits_for;
use crate::plan::{Plan, Region, Release};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Reports releases that may be rendered before the definitions that they ask for are there. What a chart of a
/// blueprint source needs in any case is for `crd-layer`.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    // Once for a line, whatever the number of regions.
    let mut seen = BTreeSet::new();
    for region in &plan.regions {
        for release in &region.releases {
            for (group, span, why) in awaited(release) {
                let Some(provider) = region.provider_of(group) else { continue };
                let name = provider.blueprint.name.value.as_str();
                let itself = name == release.blueprint.name.value.as_str();
                if itself || waits_for(region, release, name) {
                    continue;
                }
                let span = dropped(region, release, name).unwrap_or(span);
                if seen.insert((span, group)) {
                    diags.push(report(release, group, name, span, why));
                }
            }
        }
    }
}

/// How a chart asks for a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    /// It renders objects of the group.
    Always,
    /// It renders some where the definitions are there already.
    IfPresent,
}

/// Returns the groups that a release asks for, each with the place that says so.
fn awaited<'a>(release: &Release<'a>) -> Vec<(&'a str, Span, Asks)> {
    let blueprint = release.blueprint;
    let is_of_user = blueprint.span.source.is_input();
    let facts = blueprint.requires.as_ref();
    let listed = |list: Option<&'a Vec<_>>, asks| {
        let groups = list.into_iter().flatten();
        groups.map(move |group: &'a sovereign_text::source::Spanned<_>| {
            (as_str(&group.value), group.span, asks)
        })
    };
    let always = facts.and_then(|facts| facts.crds.as_ref()).filter(|_| !is_of_user);
    let if_present = facts.and_then(|facts| facts.crds_if_present.as_ref());
    let mut all: Vec<_> = listed(always.map(|list| &list.value), Asks::Always).collect();
    all.extend(listed(if_present.map(|list| &list.value), Asks::IfPresent));
    all
}

fn as_str(group: &sovereign_language::reference::ApiGroup) -> &str {
    group.as_str()
}

/// Returns where a table takes away the edge that would lead to a release.
fn dropped(region: &Region<'_>, release: &Release<'_>, name: &str) -> Option<Span> {
    let lists = release.changed_by.iter().filter_map(|table| table.independent_of.as_ref());
    let mut edges = lists.flat_map(|list| &list.value);
    let leads = |edge: &str| {
        edge == name || region.release(edge).is_some_and(|release| waits_for(region, release, name))
    };
    edges.find(|edge| leads(edge.value.with_prefix().as_str())).map(|edge| edge.span)
}

fn report(release: &Release<'_>, group: &str, provider: &str, span: Span, asks: Asks) -> Diagnostic {
    let name = &release.blueprint.name.value;
    let message = format!("`{name}` asks for `{group}` and does not wait for `{provider}`, which brings it");
    let note = match asks {
        Asks::Always => "until the definitions are there, the release fails",
        Asks::IfPresent => {
            "what the chart leaves out because they are not there, nobody renders again: Flux does not look"
        }
    };
    Diagnostic::new(Code::LateDefinition, span, message)
        .note(note)
        .help(format!("let `{name}` wait for `{provider}`: `depends-on`"))
}
