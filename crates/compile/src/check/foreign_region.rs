#![doc = include_str!("../../../../docs/diagnostics/foreign-region.md")]

use crate::plan::Plan;
use sovereign_language::manifest::FailoverTable;
use sovereign_language::scalar::RegionName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Spanned;

/// Reports regions in `[failover]` that the Sovereign does not have.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    // A region that could not be read may be the one that is named.
    if plan.lacks_regions() {
        return;
    }
    let known = || plan.regions.iter().map(|region| region.name.value.as_str());
    for name in plan.written.failover.iter().flat_map(|table| names(&table.value)) {
        let given = name.value.as_str();
        if known().any(|known| known == given) {
            continue;
        }
        let message = format!("this Sovereign has no region `{given}`");
        let found = Diagnostic::new(Code::ForeignRegion, name.span, message);
        diags.push(match suggest::nearest(given, known()) {
            Some(near) => found.fix("did you mean", name.span, format!("{near:?}")),
            None => found.help(format!("it has {}", suggest::list(known(), 12))),
        });
    }
}

/// Returns every region that is named.
fn names(table: &FailoverTable) -> impl Iterator<Item = &Spanned<RegionName>> {
    let of_applications = table.applications().flat_map(|application| {
        let lists = application.standbys.iter().chain(&application.regions);
        application.primary.iter().chain(lists.flat_map(|list| &list.value))
    });
    let pdms = table.pdm.iter().flat_map(|list| &list.value);
    of_applications.chain(pdms.filter_map(|pdm| pdm.value.region.as_ref()))
}
