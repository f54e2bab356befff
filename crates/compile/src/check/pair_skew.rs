#![doc = include_str!("../../../../docs/diagnostics/pair-skew.md")]

use crate::plan::Plan;
use crate::plan::database_pair::DatabasePair;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports halves of a database that are another chart or another image.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for halves in plan.halves() {
        chart(&halves, diags);
        image(&halves, diags);
    }
}

fn chart(halves: &DatabasePair<'_>, diags: &mut Diagnostics) {
    let (primary, replica) = (halves.primary, halves.replica);
    if primary.release.version.value == replica.release.version.value {
        return;
    }
    // What a kit says is not what a person can change.
    let swap = !replica.release.version.span.source.is_input();
    let (wrong, other) = if swap { (primary, replica) } else { (replica, primary) };
    let name = primary.release.blueprint.name.value.bare();
    let (here, there) = (&wrong.release.version, &other.release.version);
    let message = format!(
        "the halves of `{name}` are two charts: {} in `{}`, {} in `{}`",
        here.value, wrong.region.name.value, there.value, other.region.name.value,
    );
    diags.push(
        Diagnostic::new(Code::PairSkew, here.span, message)
            .related(there.span, format!("in `{}`", other.region.name.value))
            .help(format!(
                "write one `version` in `[blueprint.{name}]`, and none in `[region.blueprint.{name}]`"
            )),
    );
}

fn image(halves: &DatabasePair<'_>, diags: &mut Diagnostics) {
    let Some(path) = &halves.facts.image else { return };
    for difference in halves.differences(&path.value) {
        let found = halves.finding(Code::PairSkew, &difference, "the images of two halves");
        diags.extend(found.map(|found| found.note("a standby follows a primary of its own version only")));
    }
}
