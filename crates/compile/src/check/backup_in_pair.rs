#![doc = include_str!("../../../../docs/diagnostics/backup-in-pair.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Warns of a backup that is kept in a region of a pair whose data it is.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let (Some(object), Some(_)) = (&plan.storage.object, &plan.storage.backup) else { return };
    let place = &object.region;
    let applications = plan.failover.iter().flat_map(|failover| &failover.applications);
    let mut kept_here = applications.filter_map(|application| {
        let data = application.data()?;
        let pair = application.pair(data)?;
        let mut regions =
            [pair.primary, pair.replica].into_iter().filter_map(|place| plan.regions.get(place));
        let inside = regions.any(|region| region.name.value.as_str() == place.value.as_str());
        inside.then_some((application, data))
    });
    // One bucket, one finding.
    if let Some((application, data)) = kept_here.next() {
        let name = &application.name.value;
        let message = format!("the backup is kept in `{}`, one of the two regions of `{name}`", place.value);
        diags.push(
            Diagnostic::new(Code::BackupInPair, place.span, message)
                .related(data, format!("the data of `{name}`"))
                .note("who loses the region loses half of the pair and the backup together")
                .help("use a bucket in a region that holds no half of the pair"),
        );
    }
}
