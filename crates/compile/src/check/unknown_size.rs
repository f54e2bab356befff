#![doc = include_str!("../../../../docs/diagnostics/unknown-size.md")]

use crate::plan::{Plan, Region};
use sovereign_language::manifest::NodePool;
use sovereign_language::scalar::CONTROL_PLANES;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Spanned;

/// Reports machine sizes that the provider does not have, and control planes of a size that cannot agree.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        for pool in [&region.written.control_plane, &region.written.workers].into_iter().flatten() {
            size(region, pool, diags);
        }
        let count = region.written.control_plane.as_ref().and_then(|pool| pool.value.count);
        if let Some(count) = count.filter(|count| !CONTROL_PLANES.contains(&count.value.0)) {
            let message = format!("a control plane of {} machines cannot hold a quorum", count.value.0);
            diags.push(Diagnostic::new(Code::UnknownSize, count.span, message).help("write 1 or 3"));
        }
    }
}

fn size(region: &Region<'_>, pool: &Spanned<NodePool>, diags: &mut Diagnostics) {
    let Some(size) = &pool.value.size else { return };
    let provider = region.provider.value;
    let sizes = &provider.cloud().sizes;
    if (sizes.has_form)(size.value.as_str()) {
        return;
    }
    let message = format!("`{}` is not {}", size.value, sizes.form);
    let found =
        Diagnostic::new(Code::UnknownSize, size.span, message).related(region.provider.span, "the provider");
    diags.push(match sizes.nearest(size.value.as_str()) {
        Some(near) => found.fix("did you mean", size.span, format!("{near:?}")),
        None if sizes.known.is_empty() => found,
        None => {
            found.help(format!("sizes of {provider} are {}", suggest::list(sizes.known.iter().copied(), 6)))
        }
    });
}
