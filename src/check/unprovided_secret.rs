#![doc = include_str!("../../docs/diagnostics/unprovided-secret.md")]

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::kit::Blueprint;
use crate::kit::blueprint::ValuesKind;
use crate::object::FLUX_NAMESPACE;
use crate::plan::{Absence, Plan, Region, Release};
use crate::secrets::{Id, Providers};
use crate::source::Span;

/// Reports Secrets that a blueprint reads and that nobody makes in its cluster. Where it waits for the one that makes it,
/// and that is switched off, `dependency-off` has said so.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut lacking: BTreeMap<(Span, String), (&Region<'_>, &Release<'_>)> = BTreeMap::new();
    for region in &plan.regions {
        let providers = Providers::of(plan, region);
        for release in &region.releases {
            let waits_in_vain = |id: Id<'_>| {
                maker_off(plan, region, id).is_some_and(|(blueprint, _)| {
                    release.depends_on.iter().any(|edge| edge.value == blueprint.name.value.as_str())
                })
            };
            let lacks = |id: Id<'_>| providers.provider(id).is_none() && !waits_in_vain(id);
            for (id, span) in read(release).filter(|(id, _)| lacks(*id)) {
                // Once for a line, whatever the number of regions.
                lacking.entry((span, format!("{}/{}", id.0, id.1))).or_insert((region, release));
            }
        }
    }
    for ((span, id), (region, release)) in lacking {
        diags.push(report(plan, (span, &id), region, release));
    }
}

/// The Secrets that a release cannot do without, each with the place that says so.
fn read<'a>(release: &'a Release<'_>) -> impl Iterator<Item = (Id<'a>, Span)> {
    let required =
        release.blueprint.required_secrets().map(|secret| (secret.id.value.parts(), secret.id.span));
    let sources = release.values_from.iter().filter(|source| {
        source.kind.value == ValuesKind::Secret && !source.optional.is_some_and(|optional| optional.value)
    });
    required.chain(sources.map(|source| ((FLUX_NAMESPACE, source.name.value.as_str()), source.name.span)))
}

/// The blueprint that makes a Secret and was switched off in a region, with the line that switched it off.
fn maker_off<'a>(plan: &Plan<'a>, region: &Region<'_>, id: Id<'_>) -> Option<(&'a Blueprint, Span)> {
    region.absent.iter().find_map(|(name, absence)| {
        let Absence::Off(off) = absence else { return None };
        let blueprint = plan.kit.blueprint(name)?;
        let mut made = blueprint.made_secrets().chain(blueprint.reflected_secrets());
        made.any(|made| made.value.parts() == id).then_some((blueprint, *off))
    })
}

fn report(
    plan: &Plan<'_>,
    (span, id): (Span, &str),
    region: &Region<'_>,
    release: &Release<'_>,
) -> Diagnostic {
    let reader = release.blueprint.name.value.as_str();
    let message = format!("nobody makes the Secret `{id}` that `{reader}` reads in `{}`", region.name.value);
    if let Some((blueprint, off)) = id.split_once('/').and_then(|id| maker_off(plan, region, id)) {
        let name = blueprint.name.value.as_str();
        return Diagnostic::new(Code::UnprovidedSecret, off, message)
            .label(format!("`{name}` makes it"))
            .related(span, "read here")
            .help(format!("leave `{name}` on, or switch off `{reader}` too"));
    }
    let known = Providers::of(plan, region).ids();
    let found = Diagnostic::new(Code::UnprovidedSecret, span, message)
        .note("a Pod or a release that reads a Secret waits for it for ever");
    match suggest::nearest(id, known.iter().map(String::as_str)) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(
            "name it in `provides.secrets` of the blueprint that makes it, or say `by = \"operator\"` here",
        ),
    }
}
