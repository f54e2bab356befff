//! Who lives on the Sovereign: Organizations with their environments and applications, sorted by name, so that the
//! order of tables and files changes nothing.
//!
//! References to regions that the Sovereign does not have are dropped here and reported by a rule.

use std::fmt;

use super::graph::Edge;
use super::{Region, failover::Seat};
use sovereign_language::manifest::{
    ApplicationTable, BillingMode, Document, EnvironmentPlacement, EnvironmentTable, OrganizationKind,
    OrganizationTable, Placement, TenantPlan,
};
use sovereign_language::scalar::{
    AppName, BuildingBlock, CLIENT_SECRET, Env, Fqdn, RegionName, Slug, TENANTS, VCLUSTER,
};
use sovereign_text::digest::Digest;
use sovereign_text::source::{Span, Spanned};

/// The objects in a region that are no resources of the platform: Namespace, quota, limits, both network policies, vCluster.
const ROOM: usize = 6;

/// A tenant.
#[derive(Debug)]
pub struct Organization<'a> {
    /// What was written.
    pub written: &'a OrganizationTable,
    /// Its name in names.
    pub slug: Spanned<Slug>,
    /// Whom it belongs to.
    pub kind: Spanned<OrganizationKind>,
    /// What its use costs it.
    pub billing: Spanned<BillingMode>,
    /// How much it may use.
    pub plan: Spanned<TenantPlan>,
    /// The environment whose applications bear their plain names.
    pub default_env: Spanned<Env>,
    /// Its environments, sorted.
    pub environments: Vec<Environment<'a>>,
    /// Which part of the tree holds it.
    pub bucket: Bucket,
}

/// An environment of an Organization.
#[derive(Debug)]
pub struct Environment<'a> {
    /// What was written.
    pub written: &'a EnvironmentTable,
    /// The name of its resource: `<organization>-<env>`.
    pub name: Spanned<String>,
    /// Its type.
    pub env: Spanned<Env>,
    /// In how many regions it is.
    pub placement: Spanned<EnvironmentPlacement>,
    /// Its regions, the primary first.
    pub regions: Vec<Seat>,
    /// The building block of them that it runs in.
    pub block: Spanned<BuildingBlock>,
    /// Its applications, sorted.
    pub applications: Vec<Application<'a>>,
}

/// An application of an environment.
#[derive(Debug)]
pub struct Application<'a> {
    /// What was written.
    pub written: &'a ApplicationTable,
    /// Its name in host names.
    pub name: Spanned<AppName>,
    /// The name of its resource: its own in the default environment, `<name>-<env>` in others.
    pub object: Spanned<String>,
    /// Where it runs.
    pub placement: Spanned<Placement>,
    /// Its regions, the primary first.
    pub regions: Vec<Seat>,
}

/// The part of the tree that holds an Organization, by its name alone: it never moves when others come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket(u16);

impl Bucket {
    /// How many there are.
    const COUNT: u16 = 1 << 10;

    /// Returns the bucket of a slug: the first ten bits of its SHA-256.
    pub fn new(slug: &str) -> Self {
        let digest = Digest::hash(slug.as_bytes());
        let [first, second, ..] = digest.bytes();
        Self(u16::from(*first) << 2 | u16::from(*second) >> 6)
    }

    /// Returns every bucket.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// Returns the group of the bucket: one of four, so that no directory of Kustomizations has more than 256.
    pub fn group(self) -> u16 {
        self.0 >> 8
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03x}", self.0)
    }
}

impl Organization<'_> {
    /// Returns whether it is in a region with an environment, and not only with its resources.
    pub(crate) fn runs_in(&self, region: usize) -> bool {
        let mut seats = self.environments.iter().flat_map(|environment| &environment.regions);
        seats.any(|seat| seat.region == region)
    }

    /// Returns name and key of the Secret with which it signs in at its identity provider.
    pub fn client_secret(&self) -> Option<(&str, &str)> {
        let reference = self.written.identity.as_ref()?.value.client_secret()?;
        let key = reference.key.as_ref().map_or(CLIENT_SECRET, |key| key.value.as_str());
        Some((reference.secret.as_ref()?.value.as_str(), key))
    }

    /// Returns the host of what it shows to the public, which need not be a name of the DNS, at the line that
    /// gives its first label.
    pub(crate) fn public_host(&self) -> Option<Spanned<String>> {
        let public = self.written.tenant_public.as_ref()?;
        let (label, span) = match &public.value.subdomain {
            Some(label) => (label.value.as_str(), label.span),
            None => (self.slug.value.as_str(), public.span),
        };
        let parent = public.value.parent_domain.as_ref()?;
        Some(Spanned::new(format!("{label}.{}", parent.value), span))
    }

    /// Returns how many objects of it are in the primary region at most.
    pub fn objects(&self) -> usize {
        let of_environment = |environment: &Environment<'_>| {
            let written = environment.written;
            let policies =
                usize::from(written.policy.is_some()) + usize::from(written.secret_policy.is_some());
            1 + policies + environment.applications.len()
        };
        ROOM + 1 + self.environments.iter().map(of_environment).sum::<usize>()
    }

    /// Returns a file of it in a directory: no part of its name holds a dot, so that no two meet. [`owner`] is the way back.
    ///
    /// [`owner`]: sovereign_language::scalar::owner
    pub fn file(&self, directory: &str, end: &str) -> String {
        format!("{directory}/{TENANTS}/{}/{}.{end}", self.bucket, self.slug.value)
    }

    /// Returns which of its applications needs which other one, by the names of their resources.
    pub fn needs(&self) -> impl Iterator<Item = Edge<'_>> {
        let own = self.slug.value.as_str();
        self.applications().flat_map(move |(environment, application)| {
            let object = |name: &str| {
                let other =
                    environment.applications.iter().find(|other| other.name.value.as_str() == name)?;
                Some(other.object.value.as_str())
            };
            application.written.needs().filter_map(move |need| {
                let to = match need.namespace {
                    None => object(need.name.value)?,
                    Some(namespace) if namespace.value.as_str() == own => need.name.value,
                    Some(_) => return None,
                };
                Some(Edge { from: &application.object.value, to, span: need.name.span })
            })
        })
    }

    /// Its applications, with the environments they are in.
    pub fn applications(&self) -> impl Iterator<Item = (&Environment<'_>, &Application<'_>)> {
        self.environments.iter().flat_map(|environment| {
            environment.applications.iter().map(move |application| (environment, application))
        })
    }
}

/// Returns the branch of an application's repository that is promoted into an environment of a type (naming
/// convention: `develop`, `staging`, `main`); acceptance tests what is staged, a proof of concept what is
/// developed.
pub fn branch(env: Env) -> &'static str {
    match env {
        Env::Prod => "main",
        Env::Stg | Env::Uat => "staging",
        Env::Dev | Env::Poc => "develop",
    }
}

impl Application<'_> {
    /// Returns its host name: `<app>.<org>-<env>.<domain>`, below the Organization's own domain if it has one.
    pub fn host(
        &self,
        organization: &Organization<'_>,
        environment: &Environment<'_>,
        sovereign: &Fqdn,
    ) -> String {
        let domain = organization.written.domain.as_ref().map_or(sovereign, |domain| &domain.value);
        format!("{}.{domain}", self.labels(environment))
    }

    /// Returns the first two labels of its host name: `<app>.<org>-<env>`.
    pub fn labels(&self, environment: &Environment<'_>) -> String {
        format!("{}.{}", self.name.value, environment.name.value)
    }

    /// Returns what a Service of its name is called in the host cluster, where the vCluster puts it
    /// (domain section 3.4: `<service>-x-<namespace>-x-<vcluster>`; an application's namespace bears its name).
    pub fn synced_name(&self) -> String {
        format!("{0}-x-{0}-x-{VCLUSTER}", self.object.value)
    }
}

/// Takes what is written and the regions, gives the Organizations.
pub(super) fn resolve<'a>(written: &'a Document, regions: &[Region<'a>]) -> Vec<Organization<'a>> {
    let tables = written.organization.iter().flat_map(|list| &list.value);
    let mut organizations: Vec<_> = tables.filter_map(|table| organization(&table.value, regions)).collect();
    organizations.sort_by(|a, b| (&a.slug.value, a.slug.span).cmp(&(&b.slug.value, b.slug.span)));
    organizations
}

fn organization<'a>(table: &'a OrganizationTable, regions: &[Region<'a>]) -> Option<Organization<'a>> {
    let slug = table.slug.clone()?;
    let default_env = table.default_environment_type.unwrap_or(Spanned::new(Env::Prod, slug.span));
    let tables = table.environment.iter().flat_map(|list| &list.value);
    let mut environments: Vec<_> =
        tables.map(|table| environment(&table.value, &slug.value, default_env.value, regions)).collect();
    environments.sort_by_key(|environment| (environment.env.value, environment.env.span));
    Some(Organization {
        written: table,
        kind: table.kind.unwrap_or(Spanned::new(OrganizationKind::Customer, slug.span)),
        billing: table.billing_mode.unwrap_or(Spanned::new(BillingMode::Real, slug.span)),
        plan: table.plan.unwrap_or(Spanned::new(TenantPlan::M, slug.span)),
        default_env,
        environments,
        bucket: Bucket::new(slug.value.as_str()),
        slug,
    })
}

fn environment<'a>(
    table: &'a EnvironmentTable,
    slug: &Slug,
    default_env: Env,
    regions: &[Region<'a>],
) -> Environment<'a> {
    let env = table.env.unwrap_or(Spanned::new(Env::Prod, table.span));
    let seats = seats(table.regions.as_ref(), regions);
    let placement =
        if seats.len() > 1 { EnvironmentPlacement::MultiRegion } else { EnvironmentPlacement::SingleRegion };
    let tables = table.application.iter().flat_map(|list| &list.value);
    let is_default = env.value == default_env;
    let mut applications: Vec<_> = tables
        .filter_map(|table| application(&table.value, env.value, is_default, &seats, regions))
        .collect();
    applications.sort_by(|a, b| (&a.name.value, a.name.span).cmp(&(&b.name.value, b.name.span)));
    Environment {
        written: table,
        name: Spanned::new(format!("{slug}-{}", env.value), env.span),
        env,
        placement: table.placement.unwrap_or(Spanned::new(placement, table.span)),
        block: table.building_block.unwrap_or(Spanned::new(BuildingBlock::Rtz, table.span)),
        regions: seats,
        applications,
    }
}

fn application<'a>(
    table: &'a ApplicationTable,
    env: Env,
    is_default: bool,
    of_environment: &[Seat],
    regions: &[Region<'a>],
) -> Option<Application<'a>> {
    let name = table.name.clone()?;
    let placement = table.placement.unwrap_or(Spanned::new(Placement::SingleRegion, name.span));
    let object =
        name.as_ref().map(|name| if is_default { name.to_string() } else { format!("{name}-{env}") });
    let all = match placement.value {
        Placement::SingleRegion => of_environment.get(..1).unwrap_or_default(),
        Placement::ActiveActive | Placement::ActiveHotstandby => of_environment,
    };
    let regions = match &table.regions {
        Some(_) => seats(table.regions.as_ref(), regions),
        None => all.iter().map(|seat| Seat { span: placement.span, ..*seat }).collect(),
    };
    Some(Application { written: table, name, object, placement, regions })
}

/// Returns the places of regions by their names; those that are not there are left out.
pub(super) fn seats(names: Option<&Spanned<Vec<Spanned<RegionName>>>>, regions: &[Region<'_>]) -> Vec<Seat> {
    let place = |name: &Spanned<RegionName>| -> Option<Seat> {
        let region = regions.iter().position(|region| region.name.value == name.value)?;
        Some(Seat { region, span: name.span })
    };
    names.iter().flat_map(|names| &names.value).filter_map(place).collect()
}

/// Returns the line of an application's regions, or of what stands for them.
pub(crate) fn regions_span(application: &Application<'_>) -> Span {
    application.written.regions.as_ref().map_or(application.placement.span, |regions| regions.span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_the_first_ten_bits_of_the_digest() {
        // sha256("acme") begins with 822a…
        let digest = Digest::hash(b"acme").to_string();
        let first = u16::from_str_radix(&digest[..4], 16).expect("hexadecimal digits");
        assert_eq!(Bucket::new("acme"), Bucket(first >> 6));
        assert_eq!(Bucket::new("acme").to_string().len(), 3);
        assert!(Bucket(0x3ff).group() == 3 && Bucket(0x0ff).group() == 0);
    }
}
