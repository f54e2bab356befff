#![doc = include_str!("../../../../docs/diagnostics/unprotected-standby.md")]

use crate::plan::{Plan, TenantSummary};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// As many further applications are pointed at.
const RELATED: usize = 4;

/// Warns, once, of applications with standbys that nothing fails over to.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let protected = |summary: &TenantSummary, name: &str| {
        plan.failover.iter().flat_map(|failover| &failover.applications).any(|application| {
            let place = (application.namespace.value.as_str(), application.name.value.as_str());
            place == (summary.slug.value.as_str(), name)
        })
    };
    let all = plan
        .tenant_summaries
        .iter()
        .flat_map(|summary| summary.standbys.iter().map(move |name| (summary, name)));
    let mut bare: Vec<_> = all.filter(|(summary, name)| !protected(summary, name.value.as_str())).collect();
    bare.sort_by_key(|(_, name)| name.span);
    let Some((summary, name)) = bare.first() else { return };
    let (organization, first) = (&summary.slug.value, &name.value);
    let message = match bare.len() {
        1 => format!("`{first}` of `{organization}` has standbys, and nothing fails over to them"),
        count => format!(
            "{count} applications have standbys that nothing fails over to, such as `{first}` of `{organization}`"
        ),
    };
    let mut found = Diagnostic::new(Code::UnprotectedStandby, name.span, message)
        .note("the Application resource says where it may run; a Continuum moves it and its record");
    for (summary, name) in bare.iter().skip(1).take(RELATED) {
        found = found.related(name.span, format!("`{}` of `{}`", name.value, summary.slug.value));
    }
    diags.push(found.help(format!(
        "add `[[failover.application]]` with `name = \"{first}\"`, `namespace = \"{organization}\"` and the same placement and regions"
    )));
}
