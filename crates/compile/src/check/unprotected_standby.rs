#![doc = include_str!("../../../../docs/diagnostics/unprotected-standby.md")]

use crate::plan::{Plan, Resident};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// As many further applications are pointed at.
const RELATED: usize = 4;

/// Warns, once, of applications with standbys that nothing fails over to.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let protected = |resident: &Resident, name: &str| {
        plan.failover.iter().flat_map(|failover| &failover.applications).any(|application| {
            let place = (application.namespace.value.as_str(), application.name.value.as_str());
            place == (resident.slug.value.as_str(), name)
        })
    };
    let all =
        plan.residents.iter().flat_map(|resident| resident.standbys.iter().map(move |name| (resident, name)));
    let mut bare: Vec<_> = all.filter(|(resident, name)| !protected(resident, name.value.as_str())).collect();
    bare.sort_by_key(|(_, name)| name.span);
    let Some((resident, name)) = bare.first() else { return };
    let (organization, first) = (&resident.slug.value, &name.value);
    let message = match bare.len() {
        1 => format!("`{first}` of `{organization}` has standbys, and nothing fails over to them"),
        count => format!(
            "{count} applications have standbys that nothing fails over to, such as `{first}` of `{organization}`"
        ),
    };
    let mut found = Diagnostic::new(Code::UnprotectedStandby, name.span, message)
        .note("the Application resource says where it may run; a Continuum moves it and its record");
    for (resident, name) in bare.iter().skip(1).take(RELATED) {
        found = found.related(name.span, format!("`{}` of `{}`", name.value, resident.slug.value));
    }
    diags.push(found.help(format!(
        "add `[[failover.application]]` with `name = \"{first}\"`, `namespace = \"{organization}\"` and the same placement and regions"
    )));
}
