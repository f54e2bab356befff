#![doc = include_str!("../../../../docs/diagnostics/storage-mismatch.md")]

use crate::plan::{Plan, Region};
use sovereign_language::grammar::identity::SecretName;
use sovereign_language::grammar::storage::{cloud_of_class, hetzner_endpoint, hetzner_region};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// Reports storage classes of another cloud than a region's that they are for, and buckets in another region than the one
/// whose endpoint stands beside them.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    if let Some(class) = &plan.storage.class {
        of_class(class, plan.regions.iter(), diags);
    }
    for application in plan.failover.iter().flat_map(|failover| &failover.applications) {
        let Some(database) = application.database else { continue };
        if let Some((class, pair)) = database.storage_class.as_ref().zip(application.pair(database.span)) {
            let places = [pair.primary, pair.replica].into_iter();
            of_class(class, places.filter_map(|place| plan.regions.get(place)), diags);
        }
    }
    of_endpoint(plan, diags);
}

fn of_class<'p, 'a: 'p>(
    class: &Spanned<SecretName>,
    mut regions: impl Iterator<Item = &'p Region<'a>>,
    diags: &mut Diagnostics,
) {
    let Some(cloud) = cloud_of_class(class.value.as_str()) else { return };
    let Some(other) = regions.find(|region| region.provider.value != cloud) else { return };
    let message = format!(
        "`{}` is a storage class of {cloud}, and `{}` is at {}",
        class.value, other.name.value, other.provider.value
    );
    diags.push(
        Diagnostic::new(Code::StorageMismatch, class.span, message)
            .related(other.provider.span, "another cloud")
            .note("no driver there serves it, so every volume of that class stays pending")
            .help("name a class that all of these regions have, or none: each cluster then takes its own default"),
    );
}

fn of_endpoint(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(object) = &plan.storage.object else { return };
    let region = object.region.value.as_str();
    let Some(there) = hetzner_region(object.endpoint.value.host()).filter(|there| *there != region) else {
        return;
    };
    let message = format!("the bucket would be in `{region}`, and the endpoint is that of `{there}`");
    diags.push(
        Diagnostic::new(Code::StorageMismatch, object.region.span, message)
            .related(object.endpoint.span, "what reads the bucket looks for it here")
            .help(format!("write `{there}`, or the endpoint `{}`", hetzner_endpoint(region))),
    );
}
