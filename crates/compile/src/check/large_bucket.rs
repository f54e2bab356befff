#![doc = include_str!("../../../../docs/diagnostics/large-bucket.md")]

use std::collections::BTreeMap;

use crate::plan::tenant::Bucket;
use crate::plan::{Plan, TenantSummary};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// What kustomize builds in half a second, measured.
const MOST: usize = 650;
/// As many further Organizations are pointed at.
const RELATED: usize = 4;

/// Warns of parts of the layer `tenants` that kustomize takes long for: in the primary region, which has most of each
/// Organization.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut buckets: BTreeMap<Bucket, Vec<&TenantSummary>> = BTreeMap::new();
    for summary in &plan.tenant_summaries {
        buckets.entry(summary.bucket()).or_default().push(summary);
    }
    for (bucket, mut tenant_summaries) in buckets {
        let files: usize = tenant_summaries.iter().map(|summary| summary.objects).sum();
        tenant_summaries.sort_by_key(|summary| (usize::MAX - summary.objects, &summary.slug.value));
        let Some((largest, others)) = tenant_summaries.split_first().filter(|_| files > MOST) else {
            continue;
        };
        let message = format!(
            "{files} files of {} Organizations stand in one directory; kustomize is slow from {MOST} on",
            tenant_summaries.len()
        );
        let mut found = Diagnostic::new(Code::LargeBucket, largest.slug.span, message)
            .label(format!("{} of them", largest.objects))
            .note(format!("a name decides the directory of an Organization, here `tenants/{bucket}`"));
        for other in others.iter().take(RELATED) {
            found = found.related(other.slug.span, format!("{} of them", other.objects));
        }
        diags.push(found.help("make two Organizations of it, or give one that is new another slug"));
    }
}
