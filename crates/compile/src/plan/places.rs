//! Where a manifest speaks of what no object shows: what a finding about a transition points at.

use std::collections::BTreeMap;

use super::tenant::{Environment, Organization};
use super::{Absence, Plan, Region, Shards};
use crate::object::{ClusterIssuer, CnpgPair, ConfigMap, Continuum, CronJob, Pdm, Resource};
use sovereign_text::source::Span;

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
    /// The tables that objects of a kind follow from, where such a table is there.
    pub kind: BTreeMap<&'static str, Span>,
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
    fn new(organization: &Organization<'_>) -> Self {
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
    /// Returns the places of a plan.
    pub fn new(plan: &Plan<'_>) -> Self {
        let database = plan.failover.as_ref().and_then(|failover| failover.database());
        let side = |place: usize| {
            let (application, pair) = database?;
            let seat = application.seats().find(|seat| seat.region == place).filter(|_| pair.has(place))?;
            Some(seat.span)
        };
        let places = |(place, region): (usize, &Region<'_>)| {
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
                .map(|it| (it.slug.value.to_string(), OrganizationPlaces::new(it)))
                .collect(),
            shards: plan.shards.map_or(plan.kit_span, Shards::span),
            kind: tables_of_kinds(plan),
            domain: plan.fqdn.span,
            regions: plan.written.region.as_ref().map_or(plan.written.span, |regions| regions.span),
            region: plan.regions.iter().enumerate().map(places).collect(),
        }
    }
}

/// Returns the table that objects of each kind follow from.
fn tables_of_kinds(plan: &Plan<'_>) -> BTreeMap<&'static str, Span> {
    let written = plan.written;
    let failover = written.failover.as_ref().map(|table| table.span);
    let tables = [
        (Continuum::KIND, failover),
        (CnpgPair::KIND, failover),
        (Pdm::KIND, failover),
        (ConfigMap::KIND, written.registry.as_ref().map(|table| table.span)),
        (CronJob::KIND, written.registry.as_ref().map(|table| table.span)),
        (ClusterIssuer::KIND, written.tls.as_ref().map(|table| table.span)),
    ];
    tables.into_iter().filter_map(|(kind, table)| Some((kind, table?))).collect()
}

/// Returns the place that keeps each absent release out of its cluster.
pub(crate) fn absences(plan: &Plan<'_>) -> BTreeMap<(String, String), Span> {
    let mut absences = BTreeMap::new();
    for region in &plan.regions {
        for (name, absence) in &region.absent {
            let (Absence::Off(span) | Absence::Elsewhere(_, span)) = absence;
            absences.insert((region.name.value.to_string(), (*name).to_owned()), *span);
        }
    }
    absences
}
