//! A kit of one's own: a `kit.toml` that extends a kit of the program, and blueprints beside it.
//!
//! What it says of a blueprint of that kit, it says as a manifest does: in `[blueprint.*]`. A file of a blueprint takes the place of
//! the one of that name, or is a further one.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::{Blueprint, KIT_FILE, Kit, KitRepository, Kits, Repository};
use crate::manifest::BlueprintTable;
use crate::scalar::name::{BlueprintName, KitName, OwnKitName};
use crate::schema::{Named, table};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::digest::Digest;
use sovereign_text::source::{Source, SourceId, Spanned};

table! {
    /// `kit.toml` of a kit of one's own.
    OwnKitFile {
        /// Its name, which begins with a letter.
        name: OwnKitName = required,
        /// The kit of the program that it begins with.
        extends: KitName = required,
        /// Where all charts come from, in place of where those of that kit do.
        repository: Repository = optional,
        /// Blueprints of that kit that it does not have, by name without `bp-`.
        remove: Vec<Spanned<BlueprintName>> = optional,
        /// Changes to single blueprints, by name without `bp-`, as a manifest writes them.
        blueprint: Named<BlueprintName, BlueprintTable> = optional,
    }
}

/// What a kit of one's own changes of the kit that it extends.
#[derive(Debug, Default)]
pub struct Extension {
    /// The blueprints that it took away, where it says so.
    pub removed: Vec<Spanned<BlueprintName>>,
    /// What it says of single blueprints.
    pub tables: Named<BlueprintName, BlueprintTable>,
    /// Its files.
    sources: BTreeSet<SourceId>,
}

impl Extension {
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

fn base_name(source: &Source) -> &str {
    source.name().rsplit('/').next().unwrap_or_default()
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
        let known: Vec<_> = kit.blueprints.iter().map(|blueprint| blueprint.name.value.bare()).collect();
        let removed = file.remove.map(|list| list.value).unwrap_or_default();
        for name in removed.iter().filter(|name| !known.contains(&name.value)) {
            diags.push(nothing_to_remove(name, &known, extends.value.as_str()));
        }
        let files = own.all.iter().copied().filter(|source| !is_kit_file(source));
        let own_blueprints: Vec<_> = files.filter_map(|source| Blueprint::decode(source, diags)).collect();
        kit.blueprints.retain(|blueprint| {
            let name = blueprint.name.value.bare();
            let is_replaced = own_blueprints.iter().any(|own| own.name.value == blueprint.name.value);
            !is_replaced && !removed.iter().any(|removed| removed.value == name)
        });
        kit.blueprints.extend(own_blueprints);
        kit.blueprints.extend(further.iter().filter_map(|source| Blueprint::decode(source, diags)));
        super::sort(&mut kit.blueprints);
        if let Some(repository) = file.repository {
            kit.repository = KitRepository::new(repository.value)?;
        }
        let parts = own.all.iter().map(|source| (base_name(source), source.text().as_bytes()));
        let base_digest = kit.digest();
        let parts = parts.chain([("extends", &base_digest.bytes()[..])]);
        kit.digest = OnceLock::from(Digest::of_parts(parts));
        kit.name = name.value.to_string();
        kit.extension = Extension {
            removed,
            tables: file.blueprint.map(|tables| tables.value).unwrap_or_default(),
            sources: own.all.iter().map(|source| source.id()).collect(),
        };
        Some(Arc::new(kit))
    }
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
