#![doc = include_str!("../../../../docs/diagnostics/immutable-change.md")]

mod regions;

use std::collections::BTreeMap;

use regions::Said;

use super::Transition;
use super::unretired_removal::lost_application;
use crate::diff::{FieldChange, ObjectChange};
use sovereign_compile::object::{REGION_LABEL, immutable_parameters};
use sovereign_compile::plan::RegionPlaces;
use sovereign_compile::tree::{Lock, TreePath};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// A value below `spec.values` that cannot change while the release lives.
struct Fixed {
    /// The end of its path.
    path: &'static [&'static str],
    /// The only release it is about; values of other charts have the same names.
    release: Option<&'static str>,
    /// Whether giving it a value where it had none is a change too.
    from_nothing: bool,
    /// Where a manifest gives it, if a blueprint's expression reads it from there.
    given: fn(&RegionPlaces) -> Option<Span>,
    /// The keys of a region that it follows from, as far as they are given; none if it is a value of its own.
    keys: &'static [&'static str],
    /// What of the region shows in it: where that is said, this is not.
    shows: Option<Said>,
    why: &'static str,
}

const FIXED: [Fixed; 7] = [
    Fixed {
        path: &["volumeClaim", "storageClass"],
        release: None,
        from_nothing: true,
        given: |places| places.storage_class,
        keys: &[],
        shows: None,
        why: "a volume stays in the storage class it was made in, and its StatefulSet refuses another",
    },
    Fixed {
        path: &["volumeClaim", "size"],
        release: None,
        from_nothing: true,
        given: |_| None,
        keys: &[],
        shows: None,
        why: "the StatefulSet of a vCluster refuses another volume size",
    },
    Fixed {
        path: &["cluster", "id"],
        release: Some("bp-cilium"),
        from_nothing: false,
        given: |places| Some(places.mesh_id),
        keys: &["mesh-id", "index"],
        shows: Some(Said::MeshId),
        why: "other clusters of the mesh know the cluster by its id",
    },
    Fixed {
        path: &["cluster", "name"],
        release: Some("bp-cilium"),
        from_nothing: false,
        given: |places| Some(places.mesh_name),
        keys: &["mesh-name"],
        shows: None,
        why: "other clusters of the mesh know the cluster by its name",
    },
    Fixed {
        path: &["k8sServiceHost"],
        release: Some("bp-cilium"),
        from_nothing: false,
        given: |places| Some(places.network),
        keys: &["network-cidr", "index"],
        shows: Some(Said::ControlPlane),
        why: "every machine of the cluster reaches its control plane there",
    },
    Fixed {
        path: &["scheduling", "nodeSelector", "openova.io/region"],
        release: None,
        from_nothing: false,
        given: |places| Some(places.label),
        keys: &[],
        shows: None,
        why: "the volume of the vCluster is bound to its nodes",
    },
    Fixed {
        path: &["cnpgPair", "side"],
        release: Some("bp-cnpg-pair"),
        from_nothing: false,
        given: |places| places.side,
        keys: &[],
        shows: None,
        why: "the chart would delete the half that writes; the failover controller changes sides, and Git does not",
    },
];

/// Reports changes of values that the cluster refuses, or that cut it off from what it has.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let said = regions::check(transition, diags);
    for change in transition.changes("HelmRelease") {
        let of_region = said.get(&change.id.cluster).map(Vec::as_slice).unwrap_or_default();
        for field in change.below(&["spec", "values"]) {
            let applies = |fixed: &&Fixed| {
                field.ends_with(fixed.path)
                    && fixed.release.is_none_or(|release| release == change.id.name)
                    && (fixed.from_nothing || (field.old.is_some() && field.new.is_some()))
                    && !is_of_the_machine(field)
            };
            let is_new = |fixed: &&Fixed| fixed.shows.is_none_or(|shows| !of_region.contains(&shows));
            if let Some(fixed) = FIXED.iter().find(applies).filter(is_new) {
                report(transition, change, field, fixed, diags);
            }
        }
    }
    instances(transition, diags);
    claims(transition, diags);
    claimed_again(transition, diags);
}

/// Reports ids of instances that change: the definition of Applications lets an id be given once (rule of `instanceId`). One
/// that is taken away could become another one in two steps.
fn instances(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let consents = &transition.new.consents;
    // One that becomes an application of another environment is another one, which is said until that is consented to.
    let is_other = |change: &&ObjectChange| {
        let lost = lost_application(change);
        lost.is_some_and(|(organization, name)| {
            !consents.retires_application(&change.id.cluster, organization, name)
        })
    };
    for change in transition.changes("Application").filter(|change| !is_other(change)) {
        let mut fields = change.below(&["spec", "instanceId"]);
        let Some((field, was)) = fields.find_map(|field| Some((field, field.old.as_ref()?.as_str()?))) else {
            continue;
        };
        let (organization, name) = (&change.id.namespace, &change.id.name);
        let message = format!("`instance-id` of application `{name}` of `{organization}` cannot change");
        let place = transition.place(&change.id.cluster, field.cause.or(change.cause));
        diags.push(
            Diagnostic::new(Code::ImmutableChange, place, message)
                .note(format!("from \"{was}\" to {}", json(field.new.as_ref())))
                .note("the platform knows the instance by its id, and the cluster refuses another one")
                .help(format!(
                    "keep `instance-id = \"{was}\"`, or add another application and retire this one"
                )),
        );
    }
}

/// Reports parameters of claims that change: Crossplane would make the machines anew, or never get them as they should be.
/// One finding for each place that several of them come from.
fn claims(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let mut found: BTreeMap<Span, Vec<(&ObjectChange, &FieldChange)>> = BTreeMap::new();
    for (kind, parameter) in immutable_parameters() {
        for change in transition.changes(kind) {
            let below = change.fields.iter().filter(|field| field.is_below(&["spec", "parameters"]));
            for field in below
                .filter(|field| field.ends_with(&[parameter]) && field.old.is_some() && field.new.is_some())
            {
                let cause = transition.place(&change.id.cluster, field.cause.or(change.cause));
                found.entry(cause).or_default().push((change, field));
            }
        }
    }
    for (cause, fields) in found {
        let Some((first, _)) = fields.first() else { continue };
        let region =
            first.new.as_ref().and_then(|(_, new)| new.pointer("/metadata/labels")?.get(REGION_LABEL));
        let region = region.and_then(serde_json::Value::as_str).unwrap_or(&first.id.name);
        let message = format!("what Crossplane made of `{region}` cannot change in place");
        let noted = fields.iter().fold(
            Diagnostic::new(Code::ImmutableChange, cause, message),
            |found, (change, field)| {
                let (path, old, new) = (field.path(), json(field.old.as_ref()), json(field.new.as_ref()));
                found
                    .note(format!("`{path}` of {} `{}`: from {old} to {new}", change.id.kind, change.id.name))
            },
        );
        diags.push(
            noted
                .note("a provider takes these once, when it makes the network and its machines")
                .help("keep the value, or add another region and retire this one"),
        );
    }
}

/// Reports claims that would make the machines of regions which stand already a second time: those of a region that
/// somebody else has made, and those of another primary.
fn claimed_again(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let stood = transition.old.lock().ok().flatten().map(Lock::regions).unwrap_or_default();
    for change in transition.changes("RegionClaim").filter(|change| change.old.is_none()) {
        let labels = change.new.as_ref().and_then(|(_, new)| new.pointer("/metadata/labels"));
        let region = labels.and_then(|labels| labels.get(REGION_LABEL)?.as_str());
        let Some(region) = region.filter(|region| stood.contains_key(*region)) else { continue };
        let cluster = &change.id.cluster;
        let message =
            format!("`{region}` stands already, and Crossplane in `{cluster}` would make it a second time");
        let places = transition.new.places.region.get(region);
        let span = places.map_or(transition.new.kit.span, |places| places.managed_by.unwrap_or(places.table));
        diags.push(
            Diagnostic::new(Code::ImmutableChange, span, message)
                .note("a claim makes machines; it takes over none that somebody else, or another cluster, has made")
                .help("keep who makes it, and the primary; or retire the region and add another one"),
        );
    }
}

/// Reports a domain name that changes: another domain is another root, and the tree at the old one stays as it is,
/// applied by clusters that nobody commits to any more.
pub(super) fn domain(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for former in transition.former {
        let name = |root: &TreePath| root.as_str().rsplit('/').next().unwrap_or_default().to_owned();
        let (was, is) = (name(former), name(transition.new.tree.root()));
        let message = format!("the domain name of a Sovereign cannot change from {was} to {is}");
        diags.push(
            Diagnostic::new(Code::ImmutableChange, transition.new.places.domain, message)
                .note(format!("an earlier version of this manifest gave {former}, which is still there"))
                .note("its clusters read that directory; the new one would be read by nobody")
                .help("keep the domain, and write a manifest of its own for a new Sovereign"),
        );
    }
}

/// Returns whether a machine reached, or will reach, the API server at itself: a cluster whose machines do can go from the one
/// address to the other, since both are answered.
fn is_of_the_machine(field: &FieldChange) -> bool {
    [&field.old, &field.new].into_iter().flatten().any(|value| value == "127.0.0.1")
}

fn report(
    transition: &Transition<'_>,
    change: &ObjectChange,
    field: &FieldChange,
    fixed: &Fixed,
    diags: &mut Diagnostics,
) {
    let (cluster, name) = (&change.id.cluster, &change.id.name);
    let message = format!("`{}` of `{name}` in `{cluster}` cannot change", field.path());
    let given = transition.new.places.region.get(cluster).and_then(fixed.given);
    let written = field.cause.filter(|span| span.source.is_input());
    let cause = written.or(given).unwrap_or_else(|| transition.place(cluster, field.cause.or(change.cause)));
    diags.push(
        Diagnostic::new(Code::ImmutableChange, cause, message)
            .note(format!("from {} to {}", json(field.old.as_ref()), json(field.new.as_ref())))
            .note(fixed.why)
            .help(fixed.help(field)),
    );
}

impl Fixed {
    /// Returns what to write instead: the first of its keys holds the value itself, unless the value only follows from it.
    fn help(&self, field: &FieldChange) -> String {
        let old = json(field.old.as_ref());
        match self.keys {
            [] => "keep the value, or retire the release and install another one beside it".to_owned(),
            [key] => format!("keep `{key} = {old}` in the table of the region"),
            [key, other] if self.shows == Some(Said::MeshId) => {
                format!(
                    "keep `{key} = {old}` in the table of the region, or the `{other}` that it follows from"
                )
            }
            keys => format!("keep {} in the table of the region", keys.join(" or ")),
        }
    }
}

fn json(side: Option<&serde_json::Value>) -> String {
    side.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}
