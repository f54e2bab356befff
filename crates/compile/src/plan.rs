//! The plan: what the manifest means. Defaults are filled, names are derived, networks are allocated, and it is
//! decided which blueprint runs in which region, and why.
//!
//! [`resolve`] takes a [`Document`] and a [`Kit`] and gives a [`Plan`]. It is tolerant: where the document has
//! an error (which is reported by then) it goes on with a stand-in, so that all mistakes show in one run. What
//! needs judgement over the whole plan is for the rules in [`check`](crate::check).

mod causes;
pub(crate) mod claims;
mod consents;
pub(crate) mod database_pair;
pub(crate) mod facts;
pub(crate) mod failover;
pub(crate) mod graph;
pub(crate) mod inputs;
pub(crate) mod kit_objects;
pub mod machines;
pub(crate) mod mirror;
pub mod naming;
pub mod network;
mod observability;
pub(crate) mod placement;
pub(crate) mod places;
pub(crate) mod ports;
pub(crate) mod reads;
mod reconciliation;
pub mod region;
pub(crate) mod registry;
pub(crate) mod release;
pub(crate) mod settings;
mod shards;
pub(crate) mod switchover;
pub(crate) mod tenant;
pub(crate) mod tenant_summary;

pub use places::RegionPlaces;
pub use tenant::{Bucket, branch};
pub use tenant_summary::{Facts, TenantSummary};

pub use causes::Given;
pub use consents::Consents;
pub use failover::Failover;
pub use kit_objects::KitObject;
pub use placement::Switches;
pub use reconciliation::Reconciliation;
pub use region::{Mesh, Namespace, Region};
pub use release::{Absence, Release, Why};
pub use settings::{Airgap, Domain, Gitops, Identity, Storage, Tls};
pub use shards::Shards;

use sovereign_language::expression::Expressions;
use sovereign_language::kit::Kit;
use sovereign_language::manifest::{Contract, Document, DomainMode, Placement};
use sovereign_language::scalar::{Env, Fqdn, Scalar, Slug};
use sovereign_text::diag::Diagnostics;
use sovereign_text::node::Node;
use sovereign_text::source::{Span, Spanned};

/// What a manifest means with a kit.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What was written.
    pub written: &'a Document,
    /// The kit it was resolved against.
    pub kit: &'a Kit,
    /// The line that chose the kit: the cause of what the kit as a whole causes.
    pub kit_span: Span,
    /// What the kit asks for: a mapping.
    pub inputs: Node,
    /// The Sovereign's name.
    pub name: Spanned<Slug>,
    /// The kind of environment.
    pub env: Spanned<Env>,
    /// The Sovereign's domain name.
    pub fqdn: Spanned<Fqdn>,
    /// The domain mode and what belongs to it.
    pub domain: Domain,
    /// Where Flux reads the tree from.
    pub gitops: Gitops,
    /// Keycloak.
    pub identity: Identity,
    /// Certificates.
    pub tls: Tls,
    /// Storage and backup.
    pub storage: Storage,
    /// The air gap, if there is one.
    pub airgap: Option<Airgap>,
    /// The vCluster contract.
    pub contract: Spanned<Contract>,
    /// The regions in the order of the file.
    pub regions: Vec<Region<'a>>,
    /// The policies of the registry, if it has some.
    pub registry: Option<registry::Registry<'a>>,
    /// The systems outside that get telemetry, sorted by name.
    pub exports: Vec<observability::Export<'a>>,
    /// What happens when a region is lost, if anything shall.
    pub failover: Option<Failover<'a>>,
    /// Who lives here, sorted by name.
    pub tenant_summaries: Vec<TenantSummary>,
    /// Those of them that are compiled, sorted by name: all but the settled ones.
    pub organizations: Vec<tenant::Organization<'a>>,
    /// Who shares the work on them, if more than Flux's own controllers do.
    pub shards: Option<Shards>,
    /// Helm values that speak of all regions, by blueprint.
    pub sovereign_values: Vec<(&'a sovereign_language::kit::Blueprint, Node)>,
}

impl<'a> Plan<'a> {
    /// Returns the primary region: the one that says so, else the first.
    pub fn primary(&self) -> Option<&Region<'a>> {
        self.regions.iter().find(|region| region.is_primary())
    }

    /// Returns whether the Sovereign's own PowerDNS answers for its zone. It does for a customer's own domain
    /// and for everything behind an air gap; the zones of the pool live in OpenOva's (docs/decisions.md, 42).
    pub fn serves_own_zone(&self) -> bool {
        self.domain.mode.value != DomainMode::Pool || self.airgap.is_some()
    }

    /// Returns whether a table of a region could not be read, so that the Sovereign has more regions than this plan.
    pub(crate) fn lacks_regions(&self) -> bool {
        self.written.region.iter().flat_map(|tables| &tables.value).count() > self.regions.len()
    }

    /// Returns who has this name.
    pub fn summary(&self, slug: &str) -> Option<&TenantSummary> {
        let place = self.tenant_summaries.binary_search_by(|r| r.slug.value.as_str().cmp(slug)).ok()?;
        self.tenant_summaries.get(place)
    }

    /// Returns the Organization of this name, if it is compiled.
    pub fn organization(&self, slug: &str) -> Option<&tenant::Organization<'a>> {
        let place = self.organizations.binary_search_by(|o| o.slug.value.as_str().cmp(slug)).ok()?;
        self.organizations.get(place)
    }

    /// Returns whether the manifest says that the whole Sovereign goes. Its tree then holds no cluster.
    pub(crate) fn is_retired(&self) -> bool {
        self.retirements().any(|sovereign| sovereign.value == self.fqdn.value)
    }

    /// Returns the Sovereigns that the manifest says may go: this one, unless that is a mistake.
    pub(crate) fn retirements(&self) -> impl Iterator<Item = &'a Spanned<Fqdn>> {
        let tables = self.written.retire.iter().flat_map(|list| &list.value);
        tables.filter_map(|table| table.value.sovereign.as_ref())
    }

    /// Returns the exports of a region, by its place.
    pub(crate) fn exports_of(&self, region: usize) -> Vec<&observability::Export<'a>> {
        self.exports.iter().filter(|export| export.is_of(region)).collect()
    }

    /// Returns what the Sovereign as a whole is: the mode of `[failover]`, or without that table what follows
    /// from the number of regions (domain section 1.2).
    pub fn topology(&self) -> Spanned<Placement> {
        match &self.failover {
            Some(failover) => failover.mode,
            None => Spanned::new(failover::mode_by_number(self.regions.len()), self.name.span),
        }
    }

    /// Returns the first secondary: the other half of a failover pair.
    pub fn replica(&self) -> Option<&Region<'a>> {
        self.regions.iter().find(|region| !region.is_primary())
    }
}

/// Takes what is written and a kit, gives what is meant; `None` only if there is no region to speak of.
pub fn resolve<'a>(written: &'a Document, kit: &'a Kit, diags: &mut Diagnostics) -> Option<Plan<'a>> {
    resolve_among(&[], written, kit, diags)
}

/// Takes what [`resolve`] takes, and residents whose Organizations are not written there.
pub(crate) fn resolve_among<'a>(
    settled: &[TenantSummary],
    written: &'a Document,
    kit: &'a Kit,
    diags: &mut Diagnostics,
) -> Option<Plan<'a>> {
    let kit_span = written.kit.as_ref().map_or(written.span, |kit| kit.span);
    let sovereign = written.sovereign.as_ref().map(|table| &table.value);
    let name = given(sovereign.and_then(|s| s.name.as_ref()), written.span)?;
    let env = sovereign.and_then(|s| s.env).unwrap_or(Spanned::new(Env::Prod, name.span));
    let fqdn = domain_name(written, &name)?;
    let mut plan = Plan {
        written,
        kit,
        kit_span,
        inputs: inputs::resolve(written, kit, kit_span),
        domain: settings::domain(written, &fqdn),
        gitops: settings::gitops(written)?,
        identity: settings::identity(written),
        tls: settings::tls(written),
        storage: settings::storage(written),
        airgap: settings::airgap(written),
        contract: settings::contract(written),
        shards: shards::resolve(written),
        name,
        env,
        fqdn,
        regions: Vec::new(),
        registry: registry::resolve(written),
        exports: Vec::new(),
        failover: None,
        tenant_summaries: Vec::new(),
        organizations: Vec::new(),
        sovereign_values: Vec::new(),
    };
    plan.regions = region::resolve(&plan, diags);
    if plan.regions.is_empty() {
        return None;
    }
    plan.exports = observability::resolve(written, &plan.regions);
    plan.failover = failover::resolve(written, kit, &plan.regions, &plan.fqdn.value);
    plan.organizations = tenant::resolve(written, &plan.regions);
    let compiled =
        plan.organizations.iter().map(|organization| TenantSummary::new(organization, &plan.fqdn.value));
    plan.tenant_summaries = compiled.chain(settled.iter().cloned()).collect();
    plan.tenant_summaries.sort_by(|a, b| (&a.slug.value, a.slug.span).cmp(&(&b.slug.value, b.slug.span)));
    claims::warn_of_missing_networks(&plan, diags);
    let values = kit.blueprints.iter().flat_map(release::value_trees);
    let objects = kit.extension.objects.iter().flat_map(|file| file.objects.iter().flatten());
    let values = values.chain(objects);
    let expressions = Expressions::compile(values, &kit.extension.input_names, diags);
    placement::place(&mut plan, &expressions, diags);
    Some(plan)
}

/// Returns the value, or the example of its grammar where the value is missing or wrong (which is reported by then).
pub(crate) fn given<T: Scalar + Clone>(value: Option<&Spanned<T>>, table: Span) -> Option<Spanned<T>> {
    match value {
        Some(value) => Some(value.clone()),
        None => T::parse(T::EXAMPLE).ok().map(|value| Spanned::new(value, table)),
    }
}

/// Returns the Secret of a reference.
fn secret(
    reference: Option<&Spanned<sovereign_language::manifest::SecretRef>>,
) -> Option<Spanned<sovereign_language::scalar::SecretName>> {
    reference.and_then(|reference| reference.value.secret.clone())
}

/// Returns the domain name that a manifest gives its Sovereign; `None` if it says neither name nor domain.
pub fn fqdn(written: &Document) -> Option<Fqdn> {
    let sovereign = written.sovereign.as_ref().map(|table| &table.value);
    let name = sovereign.and_then(|table| table.name.as_ref())?;
    written.domain.as_ref()?;
    domain_name(written, name).map(|fqdn| fqdn.value)
}

/// `<name>.<parent>` in mode `pool`, the given name otherwise.
fn domain_name(written: &Document, name: &Spanned<Slug>) -> Option<Spanned<Fqdn>> {
    let table = written.domain.as_ref().map(|domain| &domain.value);
    if let Some(fqdn) = table.and_then(|domain| domain.fqdn.as_ref()) {
        return Some(fqdn.clone());
    }
    let parent = given(table.and_then(|domain| domain.parent.as_ref()), written.span)?;
    let fqdn = Fqdn::parse(&format!("{}.{}", name.value.as_str(), parent.value.as_str())).ok();
    // A parent so long that no label fits below it is its own mistake; go on with the parent.
    Some(Spanned::new(fqdn.unwrap_or(parent.value), name.span))
}
