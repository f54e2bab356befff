//! What all others see of an Organization: everything that a file, a rule or a list that is not its own may know of it.
//!
//! A resident outlives the compilation of its Organization, as [facts](Facts) in the [build cache](crate::build_cache).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::tenant::{Bucket, Organization};
use sovereign_language::manifest::Placement;
use sovereign_language::scalar::choice::Choice as _;
use sovereign_language::scalar::{AppResource, Env, Fqdn, Scalar, Slug};
use sovereign_text::source::{SourceId, Span, Spanned};

/// An Organization, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSummary {
    /// Its name.
    pub slug: Spanned<Slug>,
    /// The Organization that it is a part of.
    pub parent: Option<Spanned<Slug>>,
    /// Whether it has a vCluster in each of its regions.
    pub has_vcluster: bool,
    /// The places of the regions that it has an environment in.
    pub regions: Vec<usize>,
    /// The types of its environments.
    pub envs: Vec<Env>,
    /// Name and key of the Secret with which it signs in at its identity provider.
    pub client_secret: Option<(String, String)>,
    /// The hosts of its applications.
    pub hosts: Vec<Host>,
    /// The host of its public Service.
    pub public: Option<Spanned<Fqdn>>,
    /// The resources of its applications that have standbys.
    pub standbys: Vec<Spanned<AppResource>>,
    /// How many objects of it are in the primary region at most: a file each.
    pub objects: usize,
}

/// A host of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name, at the place that gave the application its own.
    pub name: Spanned<Fqdn>,
    /// The places of the regions that the application runs in.
    pub regions: Vec<usize>,
}

/// A [`TenantSummary`], as plain data. Places are byte offsets in its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts<'m> {
    /// Its name, and where it stands.
    #[serde(borrow)]
    pub slug: (Cow<'m, str>, (u32, u32)),
    /// The Organization that it is a part of, and where that stands.
    #[serde(borrow)]
    pub parent: Option<(Cow<'m, str>, (u32, u32))>,
    /// Whether it has vClusters.
    pub has_vcluster: bool,
    /// The places of its regions.
    pub regions: Vec<usize>,
    /// The types of its environments, with a space between two.
    #[serde(borrow)]
    pub envs: Cow<'m, str>,
    /// Name and key of a Secret.
    #[serde(borrow)]
    pub client_secret: Option<(Cow<'m, str>, Cow<'m, str>)>,
    /// The hosts of its applications.
    #[serde(borrow)]
    pub hosts: Vec<HostFacts<'m>>,
    /// The host of its public Service, and where its name stands.
    #[serde(borrow)]
    pub public: Option<(Cow<'m, str>, (u32, u32))>,
    /// The Applications with standbys, and where their names stand.
    #[serde(borrow)]
    pub standbys: Vec<(Cow<'m, str>, (u32, u32))>,
    /// How many objects of it are in the primary region at most.
    pub objects: usize,
}

/// A host of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts<'m> {
    /// Its name.
    #[serde(borrow)]
    pub name: Cow<'m, str>,
    /// Where the name of the application stands.
    pub at: (u32, u32),
    /// The places of its regions.
    pub regions: Vec<usize>,
}

impl TenantSummary {
    /// Returns what is seen of an Organization of a Sovereign.
    pub fn new(organization: &Organization<'_>, sovereign: &Fqdn) -> Self {
        let seats = organization.environments.iter().flat_map(|environment| &environment.regions);
        let mut regions: Vec<_> = seats.map(|seat| seat.region).collect();
        regions.sort_unstable();
        regions.dedup();
        let hosts = organization.applications().filter_map(|(environment, application)| {
            // A name that is too long is reported by a rule.
            let name = Fqdn::parse(&application.host(organization, environment, sovereign)).ok()?;
            let regions = application.regions.iter().map(|seat| seat.region).collect();
            Some(Host { name: Spanned::new(name, application.name.span), regions })
        });
        // So is a host of its public Service.
        let public = organization.public_host();
        let public = public.and_then(|host| Some(Spanned::new(Fqdn::parse(&host.value).ok()?, host.span)));
        let standbys = organization.applications().filter_map(|(_, application)| {
            let is_standby = application.placement.value == Placement::ActiveHotstandby;
            // One without a second region is reported by a rule.
            let has_standbys = is_standby && application.regions.len() > 1;
            let name = AppResource::parse(&application.object.value).ok().filter(|_| has_standbys)?;
            Some(Spanned::new(name, application.placement.span))
        });
        Self {
            slug: organization.slug.clone(),
            parent: organization.written.parent_org.clone(),
            has_vcluster: organization.plan.value.has_vcluster(),
            regions,
            envs: organization.environments.iter().map(|environment| environment.env.value).collect(),
            client_secret: organization.client_secret().map(|(name, key)| (name.to_owned(), key.to_owned())),
            hosts: hosts.collect(),
            public,
            standbys: standbys.collect(),
            objects: organization.objects(),
        }
    }

    /// Returns the part of the tree that holds it.
    pub fn bucket(&self) -> Bucket {
        Bucket::new(self.slug.value.as_str())
    }

    /// Returns whether it has an environment in a region, and not only resources.
    pub(crate) fn runs_in(&self, region: usize) -> bool {
        self.regions.contains(&region)
    }

    /// Returns what is remembered of it.
    pub fn facts(&self) -> Facts<'static> {
        let host = |host: &Host| HostFacts {
            name: Cow::Owned(host.name.value.to_string()),
            at: (host.name.span.start, host.name.span.end),
            regions: host.regions.clone(),
        };
        Facts {
            slug: word(&self.slug),
            parent: self.parent.as_ref().map(word),
            has_vcluster: self.has_vcluster,
            regions: self.regions.clone(),
            envs: Cow::Owned(self.envs.iter().map(|env| env.word()).collect::<Vec<_>>().join(" ")),
            client_secret: self.client_secret.clone().map(|(name, key)| (name.into(), key.into())),
            hosts: self.hosts.iter().map(host).collect(),
            public: self.public.as_ref().map(word),
            standbys: self.standbys.iter().map(word).collect(),
            objects: self.objects,
        }
    }

    /// Returns what was remembered, of an Organization whose file is this one now; `None` if that is not what
    /// [`TenantSummary::facts`] gives.
    pub fn recalled(facts: &Facts<'_>, source: SourceId) -> Option<Self> {
        let span = |(start, end): (u32, u32)| Span { source, start, end };
        let host = |facts: &HostFacts<'_>| {
            let name = Spanned::new(Fqdn::parse(&facts.name).ok()?, span(facts.at));
            Some(Host { name, regions: facts.regions.clone() })
        };
        let secret = |(name, key): &(Cow<'_, str>, Cow<'_, str>)| (name.to_string(), key.to_string());
        Some(Self {
            slug: parsed(&facts.slug, source)?,
            parent: optional(facts.parent.as_ref(), source)?,
            has_vcluster: facts.has_vcluster,
            regions: facts.regions.clone(),
            envs: facts.envs.split_whitespace().map(Env::from_word).collect::<Option<_>>()?,
            client_secret: facts.client_secret.as_ref().map(secret),
            hosts: facts.hosts.iter().map(host).collect::<Option<_>>()?,
            public: optional(facts.public.as_ref(), source)?,
            standbys: facts.standbys.iter().map(|name| parsed(name, source)).collect::<Option<_>>()?,
            objects: facts.objects,
        })
    }
}

/// A word, and where it stands.
type Word<'m> = (Cow<'m, str>, (u32, u32));

fn word<T: ToString>(value: &Spanned<T>) -> Word<'static> {
    (Cow::Owned(value.value.to_string()), (value.span.start, value.span.end))
}

fn parsed<T: Scalar>((word, (start, end)): &Word<'_>, source: SourceId) -> Option<Spanned<T>> {
    Some(Spanned::new(T::parse(word).ok()?, Span { source, start: *start, end: *end }))
}

/// `Some(None)` for what is not there, `None` for what is and cannot be.
#[expect(clippy::option_option, reason = "one says whether it was read, the other whether it is there")]
fn optional<T: Scalar>(word: Option<&Word<'_>>, source: SourceId) -> Option<Option<Spanned<T>>> {
    word.map_or(Some(None), |word| parsed(word, source).map(Some))
}
