//! Transition rules: what a tree may not do to the one before it without consent.
//!
//! Takes the diff of two trees, gives diagnostics. The findings point at what caused the change in the new
//! manifest; consent is written beside it, as `[[retire]]` and `[[move]]`.

pub mod controller_downgrade;
pub mod identity_change;
pub mod immutable_change;
pub mod kit_downgrade;
pub mod layer_renamed;
pub mod owner_change;
pub mod region_index;
pub mod removal_order;
pub mod spent_consent;
pub mod unretired_removal;

use std::collections::{BTreeMap, BTreeSet};

use crate::Compiled;
use crate::diag::Diagnostics;
use crate::diff::{Diff, ObjectChange, ObjectId, diff};
use crate::knowledge::Knowledge;
use crate::object::claim::{KINDS_WITH_MACHINES, REGION_LABEL};
use crate::plan::tenant::{Environment, Organization};
use crate::plan::{Absence, Plan, Shards};
use crate::snapshot::Snapshot;
use crate::source::{Span, Spanned};
use crate::tree::TreePath;

/// The step from one tree to the next.
pub struct Transition<'a> {
    /// The tree before.
    pub old: &'a Snapshot,
    /// The tree after.
    pub new: &'a Compiled,
    /// What changes.
    pub diff: &'a Diff,
    /// What is known of releases by name.
    pub knowledge: &'a Knowledge,
    /// Roots that earlier versions of the manifest gave, and whose trees still stand.
    pub former: &'a [TreePath],
    /// Whether this is one step of several, so that a consent may be meant for another one.
    pub is_part: bool,
}

/// The rules.
const RULES: &[fn(&Transition<'_>, &mut Diagnostics)] = &[
    controller_downgrade::check,
    identity_change::check,
    immutable_change::check,
    kit_downgrade::check,
    layer_renamed::check,
    owner_change::check,
    region_index::check,
    removal_order::check,
    spent_consent::check,
    unretired_removal::check,
];

/// Compares two trees and holds the step from the one to the other against the rules. Gives what changes.
pub fn judge(
    (old, new): (&Snapshot, &Compiled),
    knowledge: &Knowledge,
    (former, is_part): (&[TreePath], bool),
    diags: &mut Diagnostics,
) -> Diff {
    let diff = diff(old, new, knowledge);
    check(&Transition { old, new, diff: &diff, knowledge, former, is_part }, diags);
    diff
}

/// Holds a transition against the rules. A first tree changes nothing, so it breaks none but that of the domain.
fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    immutable_change::domain(transition, diags);
    if transition.old.is_empty() {
        return;
    }
    for rule in RULES {
        rule(transition, diags);
    }
}

impl Transition<'_> {
    /// The changes of objects of a kind.
    pub(crate) fn changes<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a ObjectChange> {
        self.diff.objects.iter().filter(move |change| change.id.kind == kind)
    }

    /// The change of an object, if it changes. They are sorted by what tells them apart.
    pub(crate) fn change(&self, id: &ObjectId) -> Option<&ObjectChange> {
        let objects = &self.diff.objects;
        objects.get(objects.binary_search_by(|change| change.id.cmp(id)).ok()?)
    }

    /// Whether a cluster is in the new tree.
    fn has_cluster(&self, cluster: &str) -> bool {
        self.new.lowered.clusters.iter().any(|c| c.directory == cluster)
    }

    /// The claims of machines that leave a cluster which stays, each with the region that it is for.
    fn lost_claims(&self) -> impl Iterator<Item = (&str, &ObjectChange)> {
        self.diff.objects.iter().filter_map(|change| {
            let (_, old) = change.old.as_ref().filter(|_| change.new.is_none())?;
            let is_claim = KINDS_WITH_MACHINES.contains(&change.id.kind.as_str());
            let region = old.pointer("/metadata/labels")?.get(REGION_LABEL)?.as_str()?;
            (is_claim && self.has_cluster(&change.id.cluster)).then_some((region, change))
        })
    }

    /// The place to point at for a change in a cluster: what caused it if a user wrote that, else the line of the kit
    /// if that changes, else the region.
    fn place(&self, cluster: &str, cause: Option<Span>) -> Span {
        if let Some(cause) = cause.filter(|span| span.source.is_input()) {
            return cause;
        }
        let lock = self.old.lock().ok().flatten();
        let kit = |lock: &crate::tree::Lock| lock.origin("kit").map(str::to_owned);
        let region = self.new.places.region.get(cluster).map(|places| places.table);
        match region {
            Some(region) if lock.as_ref().and_then(kit) == kit(self.new.tree.lock()) => region,
            Some(_) | None => self.new.kit.span,
        }
    }
}

/// Where a manifest speaks of what no object shows.
#[derive(Clone, Debug)]
pub struct Places {
    /// The primary region, if there is exactly one.
    pub primary: Option<String>,
    /// What gives the domain name.
    pub domain: Span,
    /// The list of regions.
    pub regions: Span,
    /// Where Organizations are listed, or the directory of their files is named; the line of the kit without any.
    pub organizations: Span,
    /// Each Organization, by its slug.
    pub organization: BTreeMap<String, OrganizationPlaces>,
    /// The number of shards; the line of the kit without any.
    pub shards: Span,
    /// Each region, by name.
    pub region: BTreeMap<String, RegionPlaces>,
}

/// Where a manifest speaks of one region.
#[derive(Clone, Debug)]
pub struct RegionPlaces {
    /// Its name.
    pub table: Span,
    /// Its code.
    pub code: String,
    /// What says that Crossplane makes it, or that OpenTofu does, if anything says either.
    pub managed_by: Option<Span>,
    /// What gives its addresses of Pods.
    pub pods: Span,
    /// What gives its addresses of Services.
    pub services: Span,
    /// What gives its addresses of machines.
    pub network: Span,
    /// What gives its number.
    pub index: Span,
    /// Where a value of its table stands that is not written.
    pub unwritten: Span,
    /// What gives the id of its cluster in the mesh.
    pub mesh_id: Span,
    /// What gives the name of its cluster in the mesh.
    pub mesh_name: Span,
    /// What gives the label of its nodes.
    pub label: Span,
    /// What gives the storage class, if anything does.
    pub storage_class: Option<Span>,
    /// What gives the side of the half of a failover database, if it has one.
    pub side: Option<Span>,
}

/// Where a manifest speaks of one Organization.
#[derive(Clone, Debug)]
pub struct OrganizationPlaces {
    /// Its name.
    pub slug: Span,
    /// Its environments, by the names of their resources.
    pub environment: BTreeMap<String, EnvironmentPlaces>,
}

/// Where a manifest speaks of one environment.
#[derive(Clone, Copy, Debug)]
pub struct EnvironmentPlaces {
    /// Its table.
    pub table: Span,
    /// The list of its regions.
    pub regions: Span,
}

impl OrganizationPlaces {
    fn of(organization: &Organization<'_>) -> Self {
        let places = |environment: &Environment<'_>| {
            let table = environment.written.span;
            let regions = environment.written.regions.as_ref().map_or(table, |regions| regions.span);
            (environment.name.value.clone(), EnvironmentPlaces { table, regions })
        };
        Self {
            slug: organization.slug.span,
            environment: organization.environments.iter().map(places).collect(),
        }
    }
}

impl Places {
    /// The places of a plan.
    pub fn of(plan: &Plan<'_>) -> Self {
        let database = plan.failover.as_ref().and_then(|failover| failover.database());
        let side = |place: usize| {
            let (application, pair) = database?;
            let seat = application.seats().find(|seat| seat.region == place).filter(|_| pair.has(place))?;
            Some(seat.span)
        };
        let places = |(place, region): (usize, &crate::plan::Region<'_>)| {
            let of_region = RegionPlaces {
                table: region.name.span,
                code: region.code.value.clone(),
                managed_by: region.written.managed_by.map(|maker| maker.span),
                pods: region.pods.span,
                services: region.services.span,
                network: region.network.span,
                index: region.written.index.map_or(region.written.span, |index| index.span),
                unwritten: region.written.span,
                mesh_id: region.mesh.id.span,
                mesh_name: region.mesh.name.span,
                label: region.label.span,
                storage_class: plan
                    .written
                    .storage
                    .as_ref()
                    .and_then(|storage| storage.value.class.as_ref())
                    .map(|class| class.span),
                side: side(place),
            };
            (region.name.value.to_string(), of_region)
        };
        let written = plan.written;
        let directory = written.organization_source.as_ref().map(|tables| tables.span);
        let tables = || written.organization.as_ref().map(|tables| tables.span);
        Self {
            primary: plan.primary().map(|region| region.name.value.to_string()),
            organizations: directory.or_else(tables).unwrap_or(plan.kit_span),
            organization: plan
                .organizations
                .iter()
                .map(|it| (it.slug.value.to_string(), OrganizationPlaces::of(it)))
                .collect(),
            shards: plan.shards.map_or(plan.kit_span, Shards::span),
            domain: plan.fqdn.span,
            regions: plan.written.region.as_ref().map_or(plan.written.span, |regions| regions.span),
            region: plan.regions.iter().enumerate().map(places).collect(),
        }
    }
}

/// What a manifest consents to.
#[derive(Clone, Debug, Default)]
pub struct Consents {
    /// Deletions.
    pub retire: Vec<Retire>,
    /// The regions that the manifest has.
    pub regions: BTreeSet<String>,
    /// Whether the whole Sovereign may go.
    pub sovereign: bool,
    /// Changes of identity: before and after.
    pub moves: Vec<(Spanned<String>, Spanned<String>)>,
}

/// Consent to a deletion.
#[derive(Clone, Debug)]
pub struct Retire {
    /// Where it is written.
    pub span: Span,
    /// The release.
    pub release: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// The application, with its Organization.
    pub application: Option<String>,
    /// The only region.
    pub region: Option<String>,
}

impl Consents {
    /// The consents of a manifest.
    pub fn of(plan: &Plan<'_>) -> Self {
        let tables = plan.written.retire.iter().flat_map(|list| &list.value);
        let retire = tables.filter(|table| table.value.sovereign.is_none()).map(|table| {
            let table = &table.value;
            Retire {
                span: table.span,
                release: table.release.as_ref().map(|name| name.value.to_string()),
                namespace: table.namespace.as_ref().map(|name| name.value.to_string()),
                application: table.application.as_ref().map(|place| place.value.to_string()),
                region: table.region.as_ref().map(|name| name.value.to_string()),
            }
        });
        let moves = plan.written.r#move.iter().flat_map(|list| &list.value).filter_map(|table| {
            let text =
                |place: &Spanned<crate::grammar::place::Place>| place.as_ref().map(ToString::to_string);
            Some((text(table.value.from.as_ref()?), text(table.value.to.as_ref()?)))
        });
        Self {
            retire: retire.collect(),
            regions: plan.regions.iter().map(|region| region.name.value.to_string()).collect(),
            sovereign: plan.is_retired(),
            moves: moves.collect(),
        }
    }

    /// Whether nothing is consented to.
    pub fn is_empty(&self) -> bool {
        self.retire.is_empty() && !self.sovereign && self.moves.is_empty()
    }

    /// Whether a release may go from a cluster.
    pub fn retires_release(&self, cluster: &str, release: &str) -> bool {
        self.lets_leave(cluster)
            || self
                .retire
                .iter()
                .any(|retire| retire.covers(cluster) && retire.release.as_deref() == Some(release))
    }

    /// Whether a namespace may go from a cluster.
    pub fn retires_namespace(&self, cluster: &str, namespace: &str) -> bool {
        self.lets_leave(cluster)
            || self
                .retire
                .iter()
                .any(|retire| retire.covers(cluster) && retire.namespace.as_deref() == Some(namespace))
    }

    /// Whether an application may go: it alone, or its Organization's namespace with all that is in it.
    pub fn retires_application(&self, cluster: &str, (organization, name): (&str, &str)) -> bool {
        let place = format!("{organization}/{name}");
        let here = |retire: &Retire| retire.covers(cluster) && retire.application.as_deref() == Some(&place);
        self.retires_namespace(cluster, organization) || self.retire.iter().any(here)
    }

    /// Whether all that is in a region may go, since the region goes. One that stays may lose no more than its claims.
    fn lets_leave(&self, region: &str) -> bool {
        self.retires_region(region) && (self.sovereign || !self.regions.contains(region))
    }

    /// Whether a whole region may go, or what Crossplane made of it.
    pub fn retires_region(&self, region: &str) -> bool {
        let retires = |retire: &Retire| retire.is_region() && retire.region.as_deref() == Some(region);
        self.sovereign || self.retire.iter().any(retires)
    }

    /// Whether a thing may change from one identity to another.
    pub fn moves(&self, from: &str, to: &str) -> bool {
        self.moves.iter().any(|(f, t)| f.value == from && t.value == to)
    }
}

impl Retire {
    /// Whether the whole region retires.
    pub fn is_region(&self) -> bool {
        self.release.is_none() && self.namespace.is_none() && self.application.is_none()
    }

    fn covers(&self, cluster: &str) -> bool {
        self.region.as_deref().is_none_or(|region| region == cluster)
    }
}

/// The place that keeps each absent release out of its cluster.
pub fn absences(plan: &Plan<'_>) -> BTreeMap<(String, String), Span> {
    let mut absences = BTreeMap::new();
    for region in &plan.regions {
        for (name, absence) in &region.absent {
            let (Absence::Off(span) | Absence::Elsewhere(_, span)) = absence;
            absences.insert((region.name.value.to_string(), (*name).to_owned()), *span);
        }
    }
    absences
}
