#![doc = include_str!("../../../../docs/diagnostics/missing-block.md")]

use crate::plan::failover::Seat;
use crate::plan::tenant::Environment;
use crate::plan::{Absence, Plan, Region};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Span;

/// Reports environments in regions that lack their building block. A region without any vCluster has no building blocks:
/// tenants stand on its host.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for environment in plan.organizations.iter().flat_map(|organization| &organization.environments) {
        for seat in &environment.regions {
            let Some(region) = plan.at(*seat).filter(|region| !region.vclusters.is_empty()) else { continue };
            if !region.has_block(environment.block.value) {
                report(environment, *seat, region, diags);
            } else if let Some(off) = switched_off(plan, environment, region) {
                let found = found(environment, *seat, region).related(off, "switched off here");
                diags.push(found.help("leave it on, or choose another region"));
            }
        }
    }
}

/// Returns what switches off the vCluster of an environment's building block.
fn switched_off(plan: &Plan<'_>, environment: &Environment<'_>, region: &Region<'_>) -> Option<Span> {
    let is_of_block = |tier| environment.block.value == tier;
    let blueprints = &plan.kit.blueprints;
    let runtime =
        blueprints.iter().find(|b| b.vcluster.is_some_and(|tier| is_of_block(tier.value.block())))?;
    match region.idle(runtime.name.value.as_str()) {
        Some(Absence::Off(span)) => Some(span),
        Some(Absence::Elsewhere(..)) | None => None,
    }
}

fn found(environment: &Environment<'_>, seat: Seat, region: &Region<'_>) -> Diagnostic {
    let (name, block) = (&environment.name.value, environment.block.value);
    let message = format!("environment `{name}` is in `{}`, which has no `{block}`", region.name.value);
    Diagnostic::new(Code::MissingBlock, seat.span, message)
}

fn report(environment: &Environment<'_>, seat: Seat, region: &Region<'_>, diags: &mut Diagnostics) {
    let found = found(environment, seat, region);
    let tiers = || region.vclusters.iter().map(|tier| tier.value.to_string());
    let here: Vec<_> = tiers().collect();
    let found = match region.vclusters.first() {
        Some(first) => {
            found.related(first.span, format!("it has {}", suggest::list(here.iter().map(String::as_str), 3)))
        }
        None => found,
    };
    let missing = environment.block.value.tier();
    let all: Vec<_> = tiers().chain([missing.to_string()]).map(|tier| format!("\"{tier}\"")).collect();
    let own =
        format!("`vclusters = [{}]` in the `[[region]]` table of `{}`", all.join(", "), region.name.value);
    diags.push(found.help(if region.written.vclusters.is_some() {
        format!("write {own}, or choose another region")
    } else {
        format!("write `contract = \"symmetric\"` in `[topology]`, or {own}, or choose another region")
    }));
}
