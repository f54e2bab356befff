#![doc = include_str!("../../../../docs/diagnostics/missing-vcluster.md")]

use crate::plan::{Plan, Region, Release};
use sovereign_language::manifest::Isolation;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports applications that are to be alone in a vCluster, of Organizations whose plan has none; and releases that are installed
/// into a vCluster that their region does not have.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        region.releases.iter().for_each(|release| of_release(plan, region, release, diags));
    }
    for organization in plan.organizations.iter().filter(|o| !o.plan.value.has_vcluster()) {
        for (_, application) in organization.applications() {
            let level = application.written.isolation_level;
            let Some(level) = level.filter(|level| level.value == Isolation::Vcluster) else { continue };
            let message = format!("an Organization of plan `{}` has no vCluster", organization.plan.value);
            diags.push(
                Diagnostic::new(Code::MissingVcluster, level.span, message)
                    .related(organization.plan.span, "the plan")
                    .help("choose plan `m` or a larger one, or isolate the application by its namespace"),
            );
        }
    }
}

fn of_release(plan: &Plan<'_>, region: &Region<'_>, release: &Release<'_>, diags: &mut Diagnostics) {
    let into = release.blueprint.into.as_ref().and_then(|into| into.value.vcluster);
    let Some(tier) = into else { return };
    let is_brought = |other: &Release<'_>| other.blueprint.vcluster.is_some_and(|of| of.value == tier.value);
    if region.releases.iter().any(is_brought) {
        return;
    }
    let (name, region_name) = (&release.blueprint.name.value, &region.name.value);
    let message = format!(
        "`{name}` is installed into vCluster `{}`, which does not run in `{region_name}`",
        tier.value
    );
    let found = Diagnostic::new(Code::MissingVcluster, tier.span, message);
    let is_known = plan.kit.blueprints.iter().any(|b| b.vcluster.is_some_and(|of| of.value == tier.value));
    diags.push(if is_known {
        let help = format!(
            "add `{}` to `vclusters` of the region, or switch `{}` off there",
            tier.value,
            name.bare()
        );
        found.related(region.written.span, "this region").help(help)
    } else {
        found.help(format!("kit {} brings no such vCluster; install it into the cluster", plan.kit.name))
    });
}
