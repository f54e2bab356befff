//! The files of a tree, each with what gives its content.

use std::collections::BTreeMap;

use super::Provenance;
use crate::lower::{Cluster, Placed};
use crate::object::Object;
use crate::plan::tenant::Organization;
use crate::render::{self, Infrastructure};
use crate::tree::LOCK;
use crate::{dns, prose};
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{Span, Spanned};

/// Which part of the compiler gives a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// One object of a cluster.
    Object,
    /// What kustomize reads in a directory.
    Listing,
    /// What cloud-init applies.
    Bootstrap,
    /// What a module of OpenTofu is told.
    Variables,
    /// What asks a cluster for the flags of k3s.
    Probe,
    /// The zone, and what stands above it.
    Dns,
    /// What people read.
    Readme,
    /// Which files are of the tree.
    Lock,
}

impl Stage {
    /// Returns the word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Listing => "listing",
            Self::Bootstrap => "bootstrap",
            Self::Variables => "variables",
            Self::Probe => "probe",
            Self::Dns => "dns",
            Self::Readme => "readme",
            Self::Lock => "lock",
        }
    }

    /// Returns what such a file is, for people.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Object => "one object of a cluster",
            Self::Listing => "the files of its directory, for kustomize",
            Self::Bootstrap => "what cloud-init applies before Flux reads the tree",
            Self::Variables => "what the module of the provider is told",
            Self::Probe => "a script that asks a cluster for the flags of k3s",
            Self::Dns => "records of the zone",
            Self::Readme => "a summary of the whole tree, made of the whole manifest",
            Self::Lock => "the list of the files of the tree, made of the whole manifest",
        }
    }
}

/// A file of the tree.
#[derive(Clone, Debug)]
pub struct File<'p> {
    /// Its path below the root of the tree.
    pub path: String,
    /// Which part of the compiler gives it.
    pub stage: Stage,
    /// The place in the plan of the region that it is of, if it is of one.
    pub region: Option<usize>,
    /// What caused it as a whole.
    pub cause: Span,
    /// What it is there for, if something says that it shall be.
    pub because: Option<Span>,
    pub(super) holds: Holds<'p>,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub(super) enum Holds<'p> {
    Object(&'p Placed),
    Listing(Vec<Spanned<String>>),
    Bootstrap(&'p Cluster),
    Variables(Node),
    /// A text in which each record of the zone has lines, or a place in the list `rrsets`.
    Records(String),
    /// Anything else, made of its cause as a whole.
    Whole,
}

impl Provenance<'_> {
    /// Returns every file of the tree, by its path.
    pub fn files(&self) -> BTreeMap<String, File<'_>> {
        let mut files = BTreeMap::new();
        if !self.plan.is_retired() {
            self.objects(&mut files);
            self.infrastructure(&mut files);
            self.records(&mut files);
        }
        for (path, stage) in [(prose::README, Stage::Readme), (LOCK, Stage::Lock)] {
            let file = self.file(path.to_owned(), stage, self.plan.written.span, Holds::Whole);
            files.insert(path.to_owned(), file);
        }
        files
    }

    fn file<'s>(&self, path: String, stage: Stage, cause: Span, holds: Holds<'s>) -> File<'s> {
        let mut parts = path.split('/');
        let first = parts.next().unwrap_or_default();
        let name =
            if first == crate::provision::DIRECTORY { parts.next().unwrap_or_default() } else { first };
        let region = self.plan.regions.iter().position(|region| region.name.value.as_str() == name);
        File { region, stage, cause, because: None, holds, path }
    }

    fn objects<'s>(&'s self, files: &mut BTreeMap<String, File<'s>>) {
        let mut listed: BTreeMap<String, Vec<Spanned<String>>> = BTreeMap::new();
        let clusters = self.lowered.clusters.iter().flat_map(|cluster| &cluster.objects);
        for placed in clusters.chain(&self.lowered.shared) {
            let path = placed.path.to_string();
            let cause = placed.object.meta().name.span;
            if let Some((directory, name)) = path.rsplit_once('/').filter(|(at, _)| render::is_listed(at)) {
                listed.entry(directory.to_owned()).or_default().push(Spanned::new(name.to_owned(), cause));
            }
            let file = self.file(path.clone(), Stage::Object, cause, Holds::Object(placed));
            let because = self.because(placed, file.region);
            files.insert(path, File { because, ..file });
        }
        for (directory, mut names) in listed {
            names.sort_by(|one, other| one.value.cmp(&other.value));
            let path = format!("{directory}/{}", render::LISTING);
            let file = self.file(path.clone(), Stage::Listing, self.plan.written.span, Holds::Listing(names));
            let cause = file.region.and_then(|place| self.plan.regions.get(place));
            let cause = cause.map_or_else(|| self.list_of_regions(), |region| region.written.span);
            files.insert(path, File { cause, ..file });
        }
    }

    fn list_of_regions(&self) -> Span {
        self.plan.written.region.as_ref().map_or(self.plan.written.span, |regions| regions.span)
    }

    /// Returns the line that an object is there for: of a release what brings it into the region, of an object of an
    /// Organization that, of one that a kit has beside its releases the name of its file.
    fn because(&self, placed: &Placed, region: Option<usize>) -> Option<Span> {
        if let Some(owner) = placed.owner() {
            return self.plan.organization(owner).map(|organization| organization.slug.span);
        }
        if matches!(placed.object, Object::OfKit(_)) {
            return self.named_for(placed.object.meta().name.span);
        }
        if !matches!(placed.object, Object::HelmRelease(_) | Object::HelmRepository(_)) {
            return None;
        }
        let region = self.plan.regions.get(region?)?;
        Some(region.release(&placed.object.meta().name.value)?.why.span())
    }

    fn infrastructure<'s>(&'s self, files: &mut BTreeMap<String, File<'s>>) {
        for (path, content) in render::infrastructure(self.plan, self.lowered) {
            let (stage, holds) = match content {
                Infrastructure::Bootstrap(cluster) => (Stage::Bootstrap, Holds::Bootstrap(cluster)),
                Infrastructure::Probe(_) => (Stage::Probe, Holds::Whole),
                Infrastructure::Variables(values) => {
                    let mut node = Node::new(Map::of_unique(values), self.list_of_regions());
                    node.sort();
                    (Stage::Variables, Holds::Variables(node))
                }
            };
            let path = path.to_string();
            let file = self.file(path.clone(), stage, self.list_of_regions(), holds);
            let region = file.region.and_then(|place| self.plan.regions.get(place));
            let cause = region.map_or(file.cause, |region| region.written.span);
            files.insert(path, File { cause, ..file });
        }
    }

    fn records<'s>(&'s self, files: &mut BTreeMap<String, File<'s>>) {
        let domain = self.plan.fqdn.span;
        let mut put = |path: String, cause, text| {
            let file = self.file(path.clone(), Stage::Dns, cause, Holds::Records(text));
            files.insert(path, file);
        };
        for (name, text) in dns::files(self.plan, &self.zone) {
            put(format!("{}/{name}", dns::DIRECTORY), domain, text);
        }
        let hosts = dns::Hosts::new(self.plan, &self.zone);
        let of_hosts = |organization: &Organization<'_>| hosts.files(organization);
        for organization in &self.plan.organizations {
            for (path, text) in of_hosts(organization) {
                put(path, organization.slug.span, text);
            }
        }
    }
}
