#![doc = include_str!("../../../../docs/diagnostics/pod-security.md")]

use std::collections::BTreeSet;

use crate::plan::placement::BUILT_IN;
use crate::plan::{Plan, Region, Release};
use sovereign_language::manifest::PodSecurity;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// Reports pod-security levels that no namespace gets, and such as refuse Pods of a release.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    // Once for a line, whatever the number of regions.
    let mut seen = BTreeSet::new();
    for region in &plan.regions {
        for release in &region.releases {
            let Some(asked) = asked(release).filter(|asked| seen.insert(asked.span)) else { continue };
            diags.extend(unreached(region, release, asked).or_else(|| refused(release, asked)));
        }
    }
}

/// Returns the level that a user wrote.
fn asked(release: &Release<'_>) -> Option<Spanned<PodSecurity>> {
    let by_table = release.changed_by.iter().rev().find_map(|table| table.pod_security);
    by_table.or(release.blueprint.pod_security).filter(|level| level.span.source.is_input())
}

fn unreached(region: &Region<'_>, release: &Release<'_>, asked: Spanned<PodSecurity>) -> Option<Diagnostic> {
    let (name, namespace) = (&release.blueprint.name.value, release.blueprint.namespace.value.as_str());
    // What a vCluster cannot bear, another rule says.
    let of_vcluster = release.blueprint.vcluster.is_some() && asked.value == PodSecurity::Restricted;
    let by_chart =
        region.namespaces.iter().any(|known| known.name.value.as_str() == namespace && known.by_chart);
    let why = if BUILT_IN.contains(&namespace) {
        "is Kubernetes' own"
    } else if by_chart && !of_vcluster {
        "is made by the chart"
    } else {
        return None;
    };
    let message = format!("this level reaches nothing: `{name}` runs in `{namespace}`, which {why}");
    let found = Diagnostic::new(Code::PodSecurity, asked.span, message)
        .note("a level is a label of a namespace, and the tree declares those alone that nobody else makes");
    Some(found.help("remove it"))
}

fn refused(release: &Release<'_>, asked: Spanned<PodSecurity>) -> Option<Diagnostic> {
    let blueprint = release.blueprint;
    let is_for_another_rule = blueprint.vcluster.is_some();
    let needed =
        blueprint.pod_security.filter(|needed| needed.value < asked.value && !is_for_another_rule)?;
    let name = &blueprint.name.value;
    let message = format!("Pods of `{name}` need `{}`, and `{}` refuses them", needed.value, asked.value);
    let found = Diagnostic::new(Code::PodSecurity, asked.span, message);
    let found =
        found.note("what refuses a Pod says so to its Deployment alone: Flux shows the release as ready");
    Some(found.fix("write", asked.span, format!("\"{}\"", needed.value)))
}
