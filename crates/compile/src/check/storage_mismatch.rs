#![doc = include_str!("../../../../docs/diagnostics/storage-mismatch.md")]

use crate::plan::{Plan, Region};
use sovereign_language::cloud::Provider;
use sovereign_language::scalar::SecretName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// Reports storage classes of another cloud than a region's that they are for, and buckets in another region than the one
/// whose endpoint stands beside them.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
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
    diags.extend(of_endpoint(plan));
}

fn of_class<'p, 'a: 'p>(
    class: &Spanned<SecretName>,
    mut regions: impl Iterator<Item = &'p Region<'a>>,
    diags: &mut Diagnostics,
) {
    let Some(cloud) = Provider::of_storage_class(class.value.as_str()) else { return };
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

fn of_endpoint(plan: &Plan<'_>) -> Option<Diagnostic> {
    let object = plan.storage.object.as_ref()?;
    let (host, region) = (object.endpoint.value.host(), object.region.value.as_str());
    let mut known = Provider::all().filter_map(|provider| provider.cloud().object_storage);
    let (hosts, there) = known.find_map(|hosts| Some((hosts, hosts.region_of(host)?)))?;
    if there == region {
        return None;
    }
    let message = format!("the bucket would be in `{region}`, and the endpoint is that of `{there}`");
    Some(
        Diagnostic::new(Code::StorageMismatch, object.region.span, message)
            .related(object.endpoint.span, "what reads the bucket looks for it here")
            .help(format!("write `{there}`, or the endpoint `{}`", hosts.endpoint(region)?)),
    )
}
