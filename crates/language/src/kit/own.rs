//! A kit of one's own: a `kit.toml` that extends a kit of the program, and blueprints beside it.
//!
//! What it says of a blueprint of that kit, it says as a manifest does: in `[blueprint.*]`. A file of a blueprint takes the place of
//! the one of that name, or is a further one.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::inputs::{InputTable, names};
use super::objects::{ObjectFile, ObjectTable, holds_objects};
use super::repository::{NamedRepository, Repositories};
use super::{
    Blueprint, Controllers, FluxVersion, KIT_FILE, Kit, KitControllers, KitRepository, Kits, base_name,
};
use crate::manifest::BlueprintTable;
use crate::scalar::name::{BlueprintName, InputName, KitName, OwnKitName, RepositoryName};
use crate::schema::{Named, table};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::digest::Digest;
use sovereign_text::source::{Source, SourceId, Span, Spanned};

/// The blueprint that installs Flux.
const FLUX_BLUEPRINT: &str = "bp-flux";

table! {
    /// `kit.toml` of a kit of one's own.
    OwnKitFile {
        /// Its name, which begins with a letter.
        name: OwnKitName = required,
        /// The kit of the program that it begins with.
        extends: KitName = required,
        /// The Flux version that its bp-flux installs, where that is another one than that kit's.
        flux: FluxVersion = optional,
        /// The controllers of that Flux version, as bp-flux runs them.
        controllers: Controllers = optional,
        /// Where all charts come from, in place of where those of that kit do; and by name, where those of single blueprints do.
        repository: Repositories = optional,
        /// What it asks its manifests for, by name.
        input: Named<InputName, InputTable> = optional,
        /// Files of objects that stand beside its releases.
        object: Vec<Spanned<ObjectTable>> = optional,
        /// Blueprints of that kit that it does not have, by name without `bp-`.
        remove: Vec<Spanned<BlueprintName>> = optional,
        /// Changes to single blueprints, by name without `bp-`, as a manifest writes them.
        blueprint: Named<BlueprintName, BlueprintTable> = optional,
    }
}

/// What a kit of one's own changes of the kit that it extends.
#[derive(Debug, Default)]
pub struct Extension {
    /// Its choice of another Flux version, if it makes one.
    pub flux: Option<OtherFlux>,
    /// The blueprints that it took away, where it says so.
    pub removed: Vec<Spanned<BlueprintName>>,
    /// What it says of single blueprints.
    pub tables: Named<BlueprintName, BlueprintTable>,
    /// What it asks its manifests for.
    pub inputs: Named<InputName, InputTable>,
    /// The names by which expressions read that.
    pub input_names: Vec<String>,
    /// Files of objects beside its releases.
    pub objects: Vec<ObjectFile>,
    /// Files of objects that its `kit.toml` does not name: their first byte, and their name.
    pub unnamed_objects: Vec<Spanned<String>>,
    /// Further repositories of charts.
    pub repositories: Named<RepositoryName, NamedRepository>,
    /// Its files.
    sources: BTreeSet<SourceId>,
}

/// A kit's choice of another Flux version than that of the kit that it extends.
#[derive(Debug)]
pub struct OtherFlux {
    /// Its own.
    pub version: Spanned<FluxVersion>,
    /// That of the kit that it extends.
    pub base: FluxVersion,
    /// Chart and version of bp-flux in that kit: it installs that kit's Flux.
    pub base_chart: (String, String),
}

impl Extension {
    /// Returns a further repository of charts.
    pub fn repository(&self, name: &RepositoryName) -> Option<&NamedRepository> {
        self.repositories.0.iter().find(|(known, _)| known.value == *name).map(|(_, table)| &table.value)
    }

    /// Returns what is asked for under a name.
    pub fn input(&self, name: &InputName) -> Option<&InputTable> {
        self.inputs.0.iter().find(|(known, _)| known.value == *name).map(|(_, table)| &table.value)
    }

    /// Returns whether a file belongs to it.
    pub fn has(&self, source: SourceId) -> bool {
        self.sources.contains(&source)
    }
}

/// The files of a kit of one's own.
#[derive(Clone, Copy, Debug)]
pub struct OwnKit<'s> {
    file: &'s Source,
    all: &'s [&'s Source],
}

impl<'s> OwnKit<'s> {
    /// Returns the kit that some files are; `None` if there is no `kit.toml` among them.
    pub fn new(all: &'s [&'s Source]) -> Option<Self> {
        let file = all.iter().copied().find(|source| is_kit_file(source))?;
        Some(Self { file, all })
    }
}

fn is_kit_file(source: &Source) -> bool {
    base_name(source) == KIT_FILE
}

impl Kits {
    /// Decodes a kit of one's own with the one that it extends and the further blueprints of an input. `None` after a report.
    pub fn extend(&self, own: OwnKit<'_>, further: &[&Source], diags: &mut Diagnostics) -> Option<Arc<Kit>> {
        let file: OwnKitFile = crate::schema::decode(own.file, diags)?;
        let (name, extends) = (file.name?, file.extends?);
        let Some(base) = self.named(extends.value.as_str()) else {
            diags.push(unknown_base(self, &extends));
            return None;
        };
        let mut kit = self.decode(base, &[], diags)?;
        let flux = other_flux(&kit, file.flux, file.controllers.as_ref(), diags);
        if let Some(flux) = &flux {
            kit.flux = flux.version.value;
        }
        if let Some(controllers) = file.controllers {
            kit.controllers = KitControllers::new(controllers.value)?;
        }
        let known: Vec<_> = kit.blueprints.iter().map(|blueprint| blueprint.name.value.bare()).collect();
        let removed = file.remove.map(|list| list.value).unwrap_or_default();
        for name in removed.iter().filter(|name| !known.contains(&name.value)) {
            diags.push(nothing_to_remove(name, &known, extends.value.as_str()));
        }
        let is_of_objects = |source: &Source| holds_objects(base_name(source));
        let files = own.all.iter().copied().filter(|source| !is_kit_file(source) && !is_of_objects(source));
        let own_blueprints: Vec<_> = files.filter_map(|source| Blueprint::decode(source, diags)).collect();
        kit.blueprints.retain(|blueprint| {
            let name = blueprint.name.value.bare();
            let is_replaced = own_blueprints.iter().any(|own| own.name.value == blueprint.name.value);
            !is_replaced && !removed.iter().any(|removed| removed.value == name)
        });
        kit.blueprints.extend(own_blueprints);
        kit.blueprints.extend(further.iter().filter_map(|source| Blueprint::decode(source, diags)));
        super::sort(&mut kit.blueprints);
        kit.governors = super::governors(&kit.blueprints);
        let Repositories { main, named: named_repositories } =
            file.repository.map(|list| list.value).unwrap_or_default();
        if let Some(repository) = main {
            kit.repository = KitRepository::new(repository)?;
        }
        let inputs = file.input.map(|inputs| inputs.value).unwrap_or_default();
        for (name, table) in &inputs.0 {
            table.value.check(name, diags);
        }
        let tables = super::blueprint::items(file.object);
        let named = |source: &Source| {
            let is_named = |table: &ObjectTable| {
                table.file.as_ref().is_some_and(|file| file.value.as_str() == base_name(source))
            };
            tables.iter().any(is_named)
        };
        let unnamed = own.all.iter().filter(|source| is_of_objects(source) && !named(source));
        let unnamed_objects = unnamed
            .map(|source| Spanned::new(base_name(source).to_owned(), Span::new(source.id(), 0..0)))
            .collect();
        let objects = tables.into_iter().map(|table| ObjectFile::read(table, own.all)).collect();
        let parts = own.all.iter().map(|source| (base_name(source), source.text().as_bytes()));
        let base_digest = kit.digest();
        let parts = parts.chain([("extends", &base_digest.bytes()[..])]);
        kit.digest = OnceLock::from(Digest::of_parts(parts));
        kit.name = name.value.to_string();
        kit.extension = Extension {
            flux,
            removed,
            tables: file.blueprint.map(|tables| tables.value).unwrap_or_default(),
            input_names: names(&inputs),
            inputs,
            objects,
            unnamed_objects,
            repositories: named_repositories,
            sources: own.all.iter().map(|source| source.id()).collect(),
        };
        Some(Arc::new(kit))
    }
}

/// Returns what a kit says of Flux, if it is another version than that of the kit that it extends. Reports one without its controllers.
fn other_flux(
    base: &Kit,
    flux: Option<Spanned<FluxVersion>>,
    controllers: Option<&Spanned<Controllers>>,
    diags: &mut Diagnostics,
) -> Option<OtherFlux> {
    let version = flux.filter(|flux| flux.value != base.flux)?;
    if controllers.is_none() {
        diags.push(
            Diagnostic::new(Code::MissingKey, version.span, "`controllers` is missing")
                .note(format!(
                    "shards run the controllers of Flux {}, and kit {} has those of {}",
                    version.value, base.name, base.flux
                ))
                .help(
                    "add `[controllers]` with the images that bp-flux runs: `source`, `kustomize` and `helm`",
                ),
        );
    }
    let bp_flux = base.blueprints.iter().find(|blueprint| blueprint.name.value.as_str() == FLUX_BLUEPRINT)?;
    let base_chart = (bp_flux.chart.value.to_string(), bp_flux.version.value.to_string());
    Some(OtherFlux { version, base: base.flux, base_chart })
}

fn unknown_base(kits: &Kits, extends: &Spanned<KitName>) -> Diagnostic {
    let message = format!("there is no kit `{}` to extend", extends.value);
    let found = Diagnostic::new(Code::UnknownKit, extends.span, message);
    let found = found.note(format!("this compiler carries {}", suggest::list(kits.names(), 12)));
    match kits.names().last() {
        Some(newest) => found.fix("the newest one is", extends.span, format!("{newest:?}")),
        None => found,
    }
}

fn nothing_to_remove(name: &Spanned<BlueprintName>, known: &[BlueprintName], kit: &str) -> Diagnostic {
    let message = format!("there is no blueprint `{}` in kit {kit} to remove", name.value);
    let found = Diagnostic::new(Code::UnknownBlueprint, name.span, message);
    match suggest::nearest(name.value.as_str(), known.iter().map(BlueprintName::as_str)) {
        Some(near) => found.fix("a blueprint with a similar name exists", name.span, format!("{near:?}")),
        None => found.help(format!("`sovereign kit show {kit}` lists what there is")),
    }
}
