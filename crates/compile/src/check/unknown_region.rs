#![doc = include_str!("../../../../docs/diagnostics/unknown-region.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// Reports regions that the naming tables do not have. Providers without tables are another rule's.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let (provider, name) = (region.provider.value, region.name.value.as_str());
        let cloud = provider.cloud();
        let named = region.written.code.is_some() && region.written.letter.is_some();
        if cloud.regions.is_empty() || cloud.region(name).is_some() || named {
            continue;
        }
        let message = format!("{provider} has no region `{name}` in the naming tables");
        let found = Diagnostic::new(Code::UnknownRegion, region.name.span, message)
            .related(region.provider.span, "the provider");
        let words: Vec<_> = cloud.region_names().collect();
        diags.push(match suggest::nearest(name, words.iter().copied()) {
            Some(near) => found.fix("did you mean", region.name.span, format!("{near:?}")),
            None => found.help(format!(
                "write one of {}, or give the region a `code` and a `letter`",
                suggest::list(words, 12)
            )),
        });
    }
}
