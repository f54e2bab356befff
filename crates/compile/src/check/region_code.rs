#![doc = include_str!("../../../../docs/diagnostics/region-code.md")]

use std::collections::BTreeSet;

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports regions of environments whose code is not three letters and perhaps one more character: the Environment
/// resource holds no other. A region is reported once, however many environments are in it.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let environments = plan.organizations.iter().flat_map(|organization| &organization.environments);
    let mut seen = BTreeSet::new();
    for seat in environments.flat_map(|environment| &environment.regions) {
        let Some(region) = plan.at(*seat) else { continue };
        if fits(&region.code.value) || !seen.insert(seat.region) {
            continue;
        }
        let message = format!(
            "an environment cannot be in `{}`: its code is `{}`",
            region.name.value, region.code.value
        );
        diags.push(
            Diagnostic::new(Code::RegionCode, seat.span, message)
                .related(region.code.span, "the code")
                .note("the Environment resource takes three letters, and perhaps a letter or digit")
                .help("give the region such a `code`"),
        );
    }
}

fn fits(code: &str) -> bool {
    let (letters, last) = code.as_bytes().split_at(code.len().min(3));
    let one = matches!(last, [] | [b'a'..=b'z' | b'0'..=b'9']);
    letters.len() == 3 && letters.iter().all(u8::is_ascii_lowercase) && one
}
