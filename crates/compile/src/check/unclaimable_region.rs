#![doc = include_str!("../../../../docs/diagnostics/unclaimable-region.md")]

use crate::plan::{Absence, Plan, Region};
use sovereign_language::cloud::Provider;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Span;

/// Reports regions that Crossplane cannot make, networks that it cannot join, and claims without their definitions.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let Some(span) = region.handed_over() else { continue };
        if region.is_primary() {
            primary(region, span, diags);
        } else if plan.kit.claims(region.provider.value).is_none() {
            cloud(plan, region, span, diags);
        } else {
            definitions(plan, region, span, diags);
        }
    }
    let known = |name: &str| plan.regions.iter().find(|region| region.name.value.as_str() == name);
    for region in &plan.regions {
        for peer in region.written.peers.iter().flat_map(|peers| &peers.value) {
            let Some(other) = known(peer.value.as_str()) else { continue };
            network(plan, region, other, peer.span, diags);
        }
    }
}

fn primary(region: &Region<'_>, span: Span, diags: &mut Diagnostics) {
    let message = format!("Crossplane cannot make `{}`, since it works there", region.name.value);
    let found = Diagnostic::new(Code::UnclaimableRegion, span, message);
    diags.push(
        found
            .related(region.role.span, "the primary")
            .note("claims stand in the cluster of the primary, so that one is there before them")
            .fix("write", span, "\"opentofu\"".to_owned()),
    );
}

fn cloud(plan: &Plan<'_>, region: &Region<'_>, span: Span, diags: &mut Diagnostics) {
    let provider = region.provider.value;
    let message = format!("kit {} has no claims for `{provider}`", plan.kit.name);
    diags.push(
        Diagnostic::new(Code::UnclaimableRegion, span, message)
            .related(region.provider.span, "the provider")
            .note(having_claims(plan))
            .fix("write", span, "\"opentofu\"".to_owned()),
    );
}

/// Reports, at the first place that asks for claims, what the primary lacks of their definitions.
fn definitions(plan: &Plan<'_>, region: &Region<'_>, span: Span, diags: &mut Diagnostics) {
    let (Some(primary), Some(facts)) = (plan.primary(), plan.kit.claims(region.provider.value)) else {
        return;
    };
    let api_version = facts.api_version.as_ref().map_or("", |version| version.value.as_str());
    let of_claims = api_version.split('/').next().unwrap_or_default();
    for group in [of_claims, crate::lower::crossplane::GROUP] {
        if primary.provider_of(group).is_some() {
            continue;
        }
        let message = format!("no release of region `{}` brings `{group}`", primary.name.value);
        let mut found = Diagnostic::new(Code::UnclaimableRegion, span, message);
        let mut bringing = plan.kit.blueprints.iter().filter(|b| b.crd_groups().any(|g| g.as_str() == group));
        if let Some(blueprint) = bringing.next() {
            let name = blueprint.name.value.as_str();
            if let Some(Absence::Off(off)) = primary.absent.get(name) {
                found = found.related(*off, format!("`{name}` brings it, and is switched off"));
            }
            found = found.help(format!("leave `{name}` switched on, or leave the region to OpenTofu"));
        }
        diags.push(found.note("claims stand in the cluster of the primary, which would not know them"));
        return;
    }
}

fn network(plan: &Plan<'_>, region: &Region<'_>, other: &Region<'_>, span: Span, diags: &mut Diagnostics) {
    let (name, provider) = (&region.name.value, region.provider.value);
    if region.name.value == other.name.value {
        let message = format!("`{name}` is said to be its own peer");
        let found = Diagnostic::new(Code::UnclaimableRegion, span, message);
        diags.push(found.help("remove it from `peers`"));
    } else if other.provider.value != provider {
        let message = format!("the networks of `{name}` and `{}` are at two providers", other.name.value);
        let found = Diagnostic::new(Code::UnclaimableRegion, span, message);
        diags.push(
            found
                .related(region.provider.span, "the one")
                .related(other.provider.span, "the other")
                .note(
                    "a PeeringClaim is made of routes of one provider; regions reach each other by WireGuard \
                     without it",
                )
                .help("remove it from `peers`"),
        );
    } else if plan.kit.claims(provider).is_none() {
        let message = format!("kit {} has no claims for `{provider}`", plan.kit.name);
        let found = Diagnostic::new(Code::UnclaimableRegion, span, message);
        diags.push(found.note(having_claims(plan)).help("remove `peers`"));
    } else {
        definitions(plan, region, span, diags);
    }
}

/// Says which clouds have claims.
fn having_claims(plan: &Plan<'_>) -> String {
    let having: Vec<_> = Provider::all().filter(|provider| plan.kit.claims(*provider).is_some()).collect();
    let names: Vec<_> = having.iter().map(ToString::to_string).collect();
    format!("providers that have: {}", suggest::list(names.iter().map(String::as_str), 7))
}
