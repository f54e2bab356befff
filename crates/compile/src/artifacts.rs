//! What a Sovereign takes from outside of its clusters: charts, images, packages, Git repositories and hosts, each
//! with where the tree wants it, where it comes from in the end, and who needs it.
//!
//! No chart is opened here. An image is known if it stands in the tree or if a kit lists it; the charts of which no
//! image is known are listed too ([`Artifacts::opaque`]), so that nobody takes the list for more than it is.
//!
//! Every image has its full name (`docker.io/library/nginx`), since that is what mirror tools write and read.

pub mod copy;
pub mod json;
pub mod skopeo;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};

use crate::host::{self, Home, Place};
use crate::lower::Lowered;
use crate::object::{Application, HelmRelease, HelmRepository, Object, Vcluster};
use crate::plan::{Plan, mirror};
use crate::provision;
use sovereign_language::image::{self, Image};
use sovereign_text::node::{Node, text};

/// The kind of an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A Helm chart, as an OCI artifact.
    Chart,
    /// A repository of charts whose names no object says.
    Charts,
    /// An image.
    Image,
    /// A Crossplane package.
    Package,
    /// A Git repository.
    Git,
}

impl Kind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 5] = [Self::Chart, Self::Charts, Self::Image, Self::Package, Self::Git];

    /// Returns the word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Charts => "charts",
            Self::Image => "image",
            Self::Package => "package",
            Self::Git => "git",
        }
    }

    /// Returns the heading for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Chart => "Charts",
            Self::Charts => "Repositories of charts (which charts, no object says)",
            Self::Image => "Images",
            Self::Package => "Packages of Crossplane",
            Self::Git => "Git",
        }
    }
}

/// Something that is taken from outside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Artifact {
    /// Its kind.
    pub kind: Kind,
    /// Where the tree wants it: registry and path, or a URL.
    pub wanted: String,
    /// Its tag, version or digest, if one is known.
    pub tag: Option<String>,
    /// Whether an object says it, or only the kit: then it is the default of a chart.
    pub by_kit: bool,
    /// Where it comes from in the end; `None` if it is in the registry under a name that no upstream has.
    pub upstream: Option<String>,
}

impl Artifact {
    /// Returns whether it can be copied by its name: an OCI artifact with a tag, from a registry that is known.
    pub(crate) fn is_copied(&self) -> bool {
        let is_oci = matches!(self.kind, Kind::Chart | Kind::Image | Kind::Package);
        is_oci && self.tag.is_some() && self.upstream.is_some() && !self.is_for_helm()
    }

    /// Returns whether only Helm can bring it: a chart of a repository that is no registry, which fails a mirror tool.
    pub(crate) fn is_for_helm(&self) -> bool {
        let upstream = self.upstream.as_deref().filter(|_| self.kind == Kind::Chart);
        upstream.is_some_and(|upstream| mirror::is_repository_of_charts(upstream) || upstream.contains("://"))
    }

    /// Returns a place with the tag or digest.
    pub fn at(&self, place: &str) -> String {
        match &self.tag {
            Some(digest) if digest.starts_with("sha256:") => format!("{place}@{digest}"),
            Some(branch) if self.kind == Kind::Git => format!("{place} (branch {branch})"),
            Some(tag) => format!("{place}:{tag}"),
            None => place.to_owned(),
        }
    }
}

/// Who needs something: region, and blueprint or object.
pub type Needs = BTreeSet<(String, String)>;

/// Everything that a Sovereign takes from outside.
#[derive(Clone, Debug)]
pub struct Artifacts {
    /// The Sovereign's domain name.
    pub fqdn: String,
    /// The kit.
    pub kit: String,
    /// The registry of the air gap, if there is one.
    pub registry: Option<String>,
    /// The regions in the order of the file.
    pub regions: Vec<String>,
    /// What is taken, and who needs it.
    pub list: BTreeMap<Artifact, Needs>,
    /// The hosts outside that objects and values name, and who names them.
    pub hosts: BTreeMap<String, Needs>,
    /// The blueprints of which no image is known.
    pub opaque: BTreeSet<String>,
}

/// Takes the objects of a plan, gives what they need from outside.
pub fn collect(plan: &Plan<'_>, lowered: &Lowered) -> Artifacts {
    let registry = plan.airgap.as_ref().map(|airgap| airgap.registry.value.to_string());
    let mut artifacts = Artifacts {
        fqdn: plan.fqdn.value.to_string(),
        kit: plan.kit.name.clone(),
        regions: plan.regions.iter().map(|region| region.name.value.to_string()).collect(),
        list: BTreeMap::new(),
        hosts: BTreeMap::new(),
        opaque: BTreeSet::new(),
        registry,
    };
    let home = Home::of_platform(plan);
    for cluster in &lowered.clusters {
        let objects = || cluster.objects.iter().map(|placed| &placed.object);
        let sources: BTreeMap<&str, &HelmRepository> = objects().filter_map(source).collect();
        let charts = objects().find_map(charts_of_tenants);
        for placed in &cluster.objects {
            let object = &placed.object;
            let who = (cluster.directory.clone(), needer(object));
            artifacts.hosts_of(Home::new(plan, placed), object, &who);
            artifacts.object(object, &sources, charts, &who);
            if let Object::Application(application) = object {
                artifacts.application(plan, application, &who.1);
            }
        }
    }
    for object in lowered.shared.iter().map(|placed| &placed.object) {
        for region in artifacts.regions.clone() {
            let who = (region, needer(object));
            artifacts.hosts_of(home, object, &who);
            artifacts.images("", &object.node(), &who);
        }
    }
    provision::each(plan, &mut |region, variable, value| {
        let who = (region.name.value.to_string(), format!("OpenTofu {variable}"));
        host::of_node(variable, value, &mut |_, named| artifacts.host(home, named, &who));
    });
    for release in plan.regions.iter().flat_map(|region| region.releases.iter().map(move |r| (region, r))) {
        artifacts.known_to_the_kit(release.1.blueprint, release.0.name.value.as_str());
    }
    artifacts
}

fn source(object: &Object) -> Option<(&str, &HelmRepository)> {
    let Object::HelmRepository(repository) = object else { return None };
    Some((repository.meta.name.value.as_str(), repository))
}

/// Returns the place of the charts that the release of their repository brings, if this is it.
fn charts_of_tenants(object: &Object) -> Option<&str> {
    let Object::HelmRelease(release) = object else { return None };
    let brings = release.meta.name.value == crate::lower::tenants::CHARTS;
    let url = release.values.at(&["vclusterHelmRepo", "url"]).filter(|_| brings)?.as_str()?;
    url.split_once("://").map(|(_, place)| place)
}

/// Returns who needs what an object names: the blueprint of a release or of its source, the object itself otherwise.
fn needer(object: &Object) -> String {
    let name = &object.meta().name.value;
    let of_blueprint = object.meta().shard.is_none();
    match (object, &object.meta().namespace) {
        (Object::HelmRelease(_) | Object::HelmRepository(_), _) if of_blueprint => name.clone(),
        // Two Organizations may both have a blog.
        (Object::Application(_), Some(namespace)) => format!("{} {}/{name}", object.kind(), namespace.value),
        _ => format!("{} {name}", object.kind()),
    }
}

impl Artifacts {
    fn add(&mut self, kind: Kind, wanted: String, tag: Option<String>, who: &(String, String)) {
        let upstream = self.upstream(kind, &wanted);
        let artifact = Artifact { kind, wanted, tag, by_kit: false, upstream };
        self.list.entry(artifact).or_default().insert(who.clone());
    }

    fn upstream(&self, kind: Kind, wanted: &str) -> Option<String> {
        match kind {
            Kind::Git => Some(wanted.to_owned()),
            Kind::Image => mirror::origin(wanted, self.registry.as_deref())
                .map(|origin| Image::parse(&origin).repository()),
            Kind::Chart | Kind::Charts | Kind::Package => mirror::origin(wanted, self.registry.as_deref()),
        }
    }

    /// What an object names. `charts` is where the charts of tenants' vClusters come from.
    fn object(
        &mut self,
        object: &Object,
        sources: &BTreeMap<&str, &HelmRepository>,
        charts: Option<&str>,
        who: &(String, String),
    ) {
        // A package has the form of an image and is none.
        if let Object::Provider(provider) = object {
            let package = Image::parse(&provider.package.value);
            self.add(Kind::Package, package.repository(), package.tag, who);
            return;
        }
        self.images("", &object.node(), who);
        if let Object::HelmRelease(release) = object {
            self.release(release, sources, who);
        }
        if let (Object::Vcluster(vcluster), Some(place)) = (object, charts) {
            let chart = format!("{place}/{}", Vcluster::CHART);
            self.add(Kind::Chart, chart, Some(vcluster.version.to_owned()), who);
        }
        if let Object::GitRepository(repository) = object {
            let branch = repository.branch.value.clone();
            self.add(Kind::Git, repository.url.value.clone(), Some(branch), who);
        }
    }

    /// The chart of an application, in each of its regions: blueprints that tenants choose come from where those of the kit
    /// do, and nobody knows their images.
    fn application(&mut self, plan: &Plan<'_>, application: &Application, name: &str) {
        let Some(blueprint) = application.written.blueprint.as_ref().map(|blueprint| &blueprint.value) else {
            return;
        };
        let (Some(chart), Some(version)) = (&blueprint.name, &blueprint.version) else { return };
        let url = mirror::pulled(plan.airgap.as_ref(), text(&plan.kit.repository.url)).value;
        let is_here = |label: &str| application.regions.iter().any(|region| region.value == label);
        for region in plan.regions.iter().filter(|region| is_here(&region.label.value)) {
            let who = (region.name.value.to_string(), name.to_owned());
            self.chart(&url, chart.value.as_str(), &version.value.to_string(), &who);
            for host in host::hosts("url", &url) {
                self.hosts.entry(host.to_owned()).or_default().insert(who.clone());
            }
        }
        self.opaque.insert(chart.value.to_string());
    }

    fn chart(&mut self, url: &str, chart: &str, version: &str, who: &(String, String)) {
        // A tag has no plus sign; Helm writes an underscore.
        let tag = version.replace('+', "_");
        let place = format!("{}/{chart}", url.trim_start_matches("oci://"));
        self.add(Kind::Chart, place, Some(tag), who);
    }

    fn release(
        &mut self,
        release: &HelmRelease,
        sources: &BTreeMap<&str, &HelmRepository>,
        who: &(String, String),
    ) {
        if let Some(source) = sources.get(release.source.value.as_str()) {
            self.chart(&source.url.value, &release.chart.value, &release.version.value, who);
        }
        release.values.walk(&mut |_, node| {
            let text = node.as_str().unwrap_or_default();
            let place = text.split_once("://").map_or(text, |(_, place)| place);
            if text.starts_with("oci://") || mirror::is_repository_of_charts(place) {
                self.add(Kind::Charts, place.to_owned(), None, who);
            }
        });
    }

    fn images(&mut self, key: &str, node: &Node, who: &(String, String)) {
        image::in_tree(key, node, &mut |found| {
            self.add(Kind::Image, found.image.repository(), found.image.tag, who);
        });
    }

    /// Images that a kit lists, unless values say another tag of the same one.
    fn known_to_the_kit(&mut self, blueprint: &sovereign_language::kit::Blueprint, region: &str) {
        let who = (region.to_owned(), blueprint.name.value.to_string());
        for listed in &blueprint.images {
            let image = Image::parse(listed.value.as_str());
            let mirrored = self.registry.as_deref().and_then(|to| mirror::mirrored(&image.repository(), to));
            let wanted = mirrored.unwrap_or_else(|| image.repository());
            let by_values = self.list.iter().any(|(found, needs)| {
                found.kind == Kind::Image
                    && found.wanted == wanted
                    && found.tag.is_some()
                    && needs.contains(&who)
            });
            if !by_values {
                self.replace_untagged(&wanted, &who);
                let upstream = self.upstream(Kind::Image, &wanted);
                if let Some((registry, _)) = wanted.split_once('/') {
                    self.hosts.entry(registry.to_owned()).or_default().insert(who.clone());
                }
                let image = Artifact { kind: Kind::Image, wanted, tag: image.tag, by_kit: true, upstream };
                self.list.entry(image).or_default().insert(who.clone());
            }
        }
        let has_image =
            self.list.iter().any(|(found, needs)| found.kind == Kind::Image && needs.contains(&who));
        if !has_image {
            self.opaque.insert(who.1);
        }
    }

    /// Forgets an image without a tag that values name: the kit knows the tag that the chart has.
    fn replace_untagged(&mut self, wanted: &str, who: &(String, String)) {
        self.list.retain(|found, needs| {
            if found.kind == Kind::Image && found.wanted == wanted && found.tag.is_none() {
                needs.remove(who);
            }
            !needs.is_empty()
        });
    }

    fn hosts_of(&mut self, home: Home<'_, '_>, object: &Object, who: &(String, String)) {
        host::of_object(object, &mut |_, named| self.host(home, named, who));
    }

    fn host(&mut self, home: Home<'_, '_>, named: &str, who: &(String, String)) {
        if home.place(named) == Place::Outside {
            self.hosts.entry(named.to_owned()).or_default().insert(who.clone());
        }
    }

    /// Returns who needs something, as a phrase: `bp-harbor`, `bp-loki in hel1`, `54 blueprints`.
    pub fn phrase(&self, needs: &Needs) -> String {
        /// More names than this are counted.
        const MOST: usize = 4;
        let mut by_name: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (region, name) in needs {
            by_name.entry(name).or_default().insert(region);
        }
        if by_name.len() > MOST {
            return format!("{} blueprints and objects", by_name.len());
        }
        let one = |(name, regions): (&&str, &BTreeSet<&str>)| {
            if regions.len() == self.regions.len() {
                return (*name).to_owned();
            }
            let here: Vec<_> =
                self.regions.iter().map(String::as_str).filter(|r| regions.contains(r)).collect();
            format!("{name} in {}", here.join(", "))
        };
        by_name.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}
