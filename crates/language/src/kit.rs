//! Kits: dated sets of blueprint facts, as data. One TOML file a blueprint, embedded in the program.
//!
//! A kit of one's own extends one of them, see [`OwnKit`]. A `[[blueprint-source]]` directory has the same format and the same decoder, so a mistake in either gets a
//! span. [`Kits`] holds the texts of all kits; [`Kits::open`] decodes one, together with the further blueprints
//! of an input.

mod blueprint;
mod catalog;
mod condition;
mod flux;
mod inputs;
mod module;
mod objects;
mod own;
mod repository;

pub use blueprint::{
    Blueprint, Definitions, Gate, Installation, MintedSecret, Outside, PairFacts, RegistryApi, ReleaseLayer,
    Runs, Text, Upgrade, ValueSource, ValuesFrom, ValuesKind, VclusterTarget,
};
pub use condition::{Choices, Condition};

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use catalog::{Catalog, Risk};
pub use flux::{CANCEL_HEALTH_CHECKS, FluxVersion};
pub use inputs::{InputTable, InputType, Misfit};
pub use module::Module;
pub use objects::{NotObjects, ObjectFile, ObjectLayer, ObjectTable, holds_objects};
pub use own::{Extension, OwnKit};
pub use repository::NamedRepository;

use crate::cloud::Provider;
use crate::reference::{ImageRef, SecretId};
use crate::scalar::dns::Url;
use crate::scalar::duration::FluxPeriod;
use crate::scalar::identity::SecretName;
use crate::scalar::location::RegionName;
use crate::scalar::machine::MachineSize;
use crate::scalar::name::{BpName, KitName};
use crate::schema::{Count, table};
use sovereign_text::diag::Diagnostics;
use sovereign_text::digest::Digest;
use sovereign_text::source::{Source, SourceId, Spanned};

/// The files of each embedded kit, listed by the build script: `kit 2026.05/01-cilium.toml` and the text.
const EMBEDDED: &[(&str, &[(&str, &str)])] = include!(concat!(env!("OUT_DIR"), "/kits.rs"));
/// The file that speaks of a kit as a whole.
const KIT_FILE: &str = "kit.toml";

table! {
    /// `kit.toml`: what holds for every blueprint of a kit.
    KitTable {
        /// The name of the kit: year and month.
        name: KitName = required,
        /// The Flux version that the kit installs; decides the API versions in the tree.
        flux: FluxVersion = required,
        /// The controllers of that Flux version, as bp-flux runs them.
        controllers: Controllers = required,
        /// Where the charts come from.
        repository: Repository = required,
        /// The Crossplane providers, by cloud.
        crossplane_provider: Vec<Spanned<CrossplaneProvider>> = optional,
        /// The OpenTofu modules that make the machines, as their paths in the provisioner's repository.
        modules: Vec<Spanned<Module>> = optional,
    }
}

table! {
    /// The images of the controllers that shards have too.
    Controllers {
        /// The source-controller.
        source: ImageRef = required,
        /// The kustomize-controller.
        kustomize: ImageRef = required,
        /// The helm-controller.
        helm: ImageRef = required,
    }
}

table! {
    /// A Crossplane provider of one cloud.
    CrossplaneProvider {
        /// The cloud.
        cloud: Provider = required,
        /// The name of the Provider object.
        name: SecretName = required,
        /// The package, with its tag.
        package: Text = required,
        /// The group and version of its ProviderConfig.
        api_version: Text = required,
        /// The names of its ProviderConfigs.
        configs: Vec<Spanned<SecretName>> = required,
        /// The Secret with the credentials, as `namespace/name`.
        secret: SecretId = required,
        /// The key in that Secret.
        key: Text = required,
        /// What its claims accept. Without it the cloud has none, and OpenTofu makes all of its regions.
        claims: ClaimFacts = optional,
    }
}

table! {
    /// What the claims of one cloud accept, and what they make where they do not say.
    ClaimFacts {
        /// The group and version of the claims.
        api_version: Text = required,
        /// The ProviderConfig that they name.
        config: SecretName = required,
        /// The regions that they know, by the provider's own names.
        locations: Vec<Spanned<RegionName>> = required,
        /// The families of machines that they know: two digits follow.
        families: Vec<Spanned<Text>> = required,
        /// The kind of load balancer.
        load_balancer: Text = required,
        /// What the load balancer listens on.
        listeners: Vec<Spanned<ListenerFacts>> = required,
    }
}

table! {
    /// A port of the load balancer, and where on the machines it leads.
    ListenerFacts {
        /// The public port.
        port: Count<1, 65_535> = required,
        /// The port of the machines.
        target: Count<1, 65_535> = required,
    }
}

table! {
    /// Where the charts of a kit come from.
    Repository {
        /// The registry and project, without the chart: `oci://…`.
        url: Url = required,
        /// How often Flux looks for new versions.
        interval: FluxPeriod = required,
        /// The Secret in `flux-system` with the registry's credentials.
        secret: SecretName = required,
    }
}

/// Every kit that the program carries, as text.
#[derive(Debug)]
pub struct Kits {
    sources: Vec<Source>,
    embedded: Vec<Embedded>,
    catalog: OnceLock<Catalog>,
}

/// One embedded kit.
#[derive(Debug)]
struct Embedded {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    range: Range<usize>,
    /// The kit alone, decoded once: a thousand manifests of one kit share it.
    opened: OnceLock<Option<Arc<Kit>>>,
}

/// One kit, decoded.
#[derive(Debug)]
pub struct Kit {
    /// Its name.
    pub name: String,
    /// The Flux version it installs.
    pub flux: FluxVersion,
    /// The controllers of that version.
    pub controllers: KitControllers,
    /// Where its charts come from.
    pub repository: KitRepository,
    /// Its Crossplane providers.
    pub crossplane_providers: Vec<CrossplaneProvider>,
    /// The modules that make its machines, at most one a cloud.
    pub modules: Vec<Module>,
    /// Its blueprints and those of the input's blueprint sources, by slot and name.
    pub blueprints: Vec<Blueprint>,
    /// The places of blueprints whose switch is also that of another one, by the other's name.
    governors: BTreeMap<BpName, usize>,
    /// What it changes of the kit that it extends, if it is one's own.
    pub extension: Extension,
    /// Names and texts of its files.
    files: &'static [(&'static str, &'static str)],
    digest: OnceLock<Digest>,
}

/// Where the charts of a kit come from.
#[derive(Debug)]
pub struct KitRepository {
    /// Registry and project.
    pub url: Spanned<Url>,
    /// How often Flux looks.
    pub interval: Spanned<FluxPeriod>,
    /// The credentials.
    pub secret: Spanned<SecretName>,
}

/// The images of the controllers that shards have too.
#[derive(Debug)]
pub struct KitControllers {
    /// The source-controller.
    pub source: Spanned<ImageRef>,
    /// The kustomize-controller.
    pub kustomize: Spanned<ImageRef>,
    /// The helm-controller.
    pub helm: Spanned<ImageRef>,
}

impl KitControllers {
    fn new(table: Controllers) -> Option<Self> {
        Some(Self { source: table.source?, kustomize: table.kustomize?, helm: table.helm? })
    }
}

impl Kits {
    /// Returns the kits that are part of the program.
    pub fn embedded() -> Self {
        let mut sources = Vec::new();
        let mut embedded = Vec::new();
        for (kit, files) in EMBEDDED {
            let first = sources.len();
            for &(name, text) in *files {
                let id = SourceId::of_kits(sources.len());
                sources.push(Source::from_text(id, name, text));
            }
            embedded.push(Embedded {
                name: kit,
                files,
                range: first..sources.len(),
                opened: OnceLock::new(),
            });
        }
        Self { sources, embedded, catalog: OnceLock::new() }
    }

    /// Returns the names of all kits, oldest first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.embedded.iter().map(|kit| kit.name)
    }

    /// Returns the name of the newest kit.
    pub fn newest(&self) -> &'static str {
        self.names().last().unwrap_or_default()
    }

    /// Returns the texts of one kit.
    pub fn files(&self, name: &str) -> Option<&[Source]> {
        self.sources.get(self.named(name)?.range.clone())
    }

    /// Returns the source behind an id, if it belongs to a kit.
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.kits_index()?)
    }

    /// Returns what all kits together know about releases.
    pub fn catalog(&self) -> &Catalog {
        self.catalog.get_or_init(|| {
            let mut catalog = Catalog::default();
            // The embedded kits are right; a test holds them to it.
            for kit in self.names().filter_map(|name| self.open(name, &[], &mut Diagnostics::new())) {
                kit.blueprints.iter().for_each(|blueprint| catalog.add(blueprint));
            }
            catalog
        })
    }

    /// Decodes a kit and the further blueprints of an input. `None` if there is no such kit; what is wrong in a
    /// file is reported, and the rest is given.
    pub fn open(&self, name: &str, further: &[&Source], diags: &mut Diagnostics) -> Option<Arc<Kit>> {
        let kit = self.named(name)?;
        if further.is_empty() {
            let opened = kit.opened.get_or_init(|| {
                let mut diags = Diagnostics::new();
                self.decode(kit, &[], &mut diags).filter(|_| diags.sorted().is_empty()).map(Arc::new)
            });
            if let Some(kit) = opened {
                return Some(Arc::clone(kit));
            }
        }
        self.decode(kit, further, diags).map(Arc::new)
    }

    fn named(&self, name: &str) -> Option<&Embedded> {
        self.embedded.iter().find(|kit| kit.name == name)
    }

    fn decode(&self, kit: &Embedded, further: &[&Source], diags: &mut Diagnostics) -> Option<Kit> {
        let files = self.sources.get(kit.range.clone())?;
        let table = files.iter().find(|source| source.name().ends_with(KIT_FILE))?;
        let table: KitTable = crate::schema::decode(table, diags)?;
        let repository = table.repository?.value;
        let blueprints = files.iter().filter(|source| !source.name().ends_with(KIT_FILE));
        let mut blueprints: Vec<_> = blueprints
            .chain(further.iter().copied())
            .filter_map(|source| Blueprint::decode(source, diags))
            .collect();
        sort(&mut blueprints);
        let governors = governors(&blueprints);
        Some(Kit {
            governors,
            name: kit.name.to_owned(),
            flux: table.flux?.value,
            controllers: KitControllers::new(table.controllers?.value)?,
            repository: KitRepository::new(repository)?,
            blueprints,
            crossplane_providers: blueprint::items(table.crossplane_provider),
            modules: table.modules.into_iter().flat_map(|modules| modules.value).map(|m| m.value).collect(),
            extension: Extension::default(),
            files: kit.files,
            digest: OnceLock::new(),
        })
    }
}

/// Returns the name of a file without its directories.
fn base_name(source: &Source) -> &str {
    source.name().rsplit('/').next().unwrap_or_default()
}

/// Brings blueprints into the order of their slots.
fn sort(blueprints: &mut [Blueprint]) {
    blueprints.sort_by(|a, b| (&a.slot.value, &a.name.value).cmp(&(&b.slot.value, &b.name.value)));
}

/// Returns the places of the blueprints that govern others, by the names of these.
fn governors(blueprints: &[Blueprint]) -> BTreeMap<BpName, usize> {
    let mut governors = BTreeMap::new();
    for (place, blueprint) in blueprints.iter().enumerate() {
        for name in &blueprint.governs {
            governors.entry(name.value.clone()).or_insert(place);
        }
    }
    governors
}

impl KitRepository {
    /// Returns what a table says; `None` where a part is missing, which has been reported.
    fn new(table: Repository) -> Option<Self> {
        Some(Self { url: table.url?, interval: table.interval?, secret: table.secret? })
    }
}

impl Kit {
    /// Returns the digest of its files.
    pub fn digest(&self) -> Digest {
        *self
            .digest
            .get_or_init(|| Digest::of_parts(self.files.iter().map(|(name, text)| (*name, text.as_bytes()))))
    }

    /// Returns the module that makes the machines of a cloud.
    pub fn module(&self, cloud: Provider) -> Option<Module> {
        self.modules.iter().copied().find(|module| module.cloud() == cloud)
    }

    /// Returns what the claims of a cloud accept, if it has claims.
    pub fn claims(&self, cloud: Provider) -> Option<&ClaimFacts> {
        self.crossplane_provider(cloud)?.claims.as_ref().map(|claims| &claims.value)
    }

    /// Crossplane's provider of a cloud.
    pub fn crossplane_provider(&self, cloud: Provider) -> Option<&CrossplaneProvider> {
        let of_cloud = |p: &&CrossplaneProvider| p.cloud.is_some_and(|of| of.value == cloud);
        self.crossplane_providers.iter().find(of_cloud)
    }

    /// Returns the blueprint of this name, with `bp-`.
    pub fn blueprint(&self, name: &str) -> Option<&Blueprint> {
        self.blueprints.iter().find(|blueprint| blueprint.name.value.as_str() == name)
    }

    /// Returns the blueprint whose switch is also that of another one.
    pub fn governor(&self, name: &BpName) -> Option<&Blueprint> {
        self.governors.get(name).and_then(|place| self.blueprints.get(*place))
    }

    /// Returns the blueprint that is a pair of databases.
    pub fn pair(&self) -> Option<&Blueprint> {
        self.blueprints.iter().find(|blueprint| blueprint.pair.is_some())
    }
}

impl ClaimFacts {
    /// Returns whether the claims know a region.
    pub fn has_location(&self, name: &RegionName) -> bool {
        self.locations.iter().flat_map(|list| &list.value).any(|location| location.value == *name)
    }

    /// Returns whether the claims accept a size of machine: a family and two digits.
    pub fn has_size(&self, size: &MachineSize) -> bool {
        let mut families = self.families.iter().flat_map(|list| &list.value);
        families.any(|family| {
            let number = size.as_str().strip_prefix(family.value.as_str());
            number.is_some_and(|number| number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()))
        })
    }
}

/// Returns a text of a kit at its place.
pub fn kit_text(text: &Spanned<Text>) -> Spanned<String> {
    text.as_ref().map(|text| text.as_str().to_owned())
}
