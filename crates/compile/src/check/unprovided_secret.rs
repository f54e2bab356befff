#![doc = include_str!("../../../../docs/diagnostics/unprovided-secret.md")]

use std::collections::BTreeMap;

use crate::lower::sovereign_values::config_map;
use crate::object::FLUX_NAMESPACE;
use crate::plan::{Absence, Plan, Region, Release};
use crate::secrets::{Id, Provider, Providers, REFLECTOR};
use sovereign_language::kit::{Blueprint, ValueSource, ValuesKind};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Span;

/// How many namespaces or keys are named.
const SHOWN: usize = 4;

/// Reports Secrets and ConfigMaps that a blueprint reads and that nobody makes in its cluster, and keys that they do not have. Where it
/// waits for the one that makes it, and that is switched off, `dependency-off` has said so.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    // Once for a line, whatever the number of regions.
    let mut found: BTreeMap<(Span, String), Diagnostic> = BTreeMap::new();
    for region in &plan.regions {
        let providers = Providers::new(plan, region);
        for release in &region.releases {
            let reader = Reader { plan, region, release, providers: &providers };
            for (id, span) in read(release).filter(|(id, _)| reader.lacks(*id)) {
                found.entry((span, shown(id))).or_insert_with(|| reader.unprovided(id, span));
            }
            for source in release.values_from.iter().filter(|source| lacks_config_map(plan, source)) {
                let name = source.name.value.clone();
                found.entry((source.name.span, name)).or_insert_with(|| no_config_map(&reader, source));
            }
            for (id, key, span) in keys(release) {
                if let Some(diagnostic) = reader.no_such_key(id, key, span) {
                    found.entry((span, format!("{} {key}", shown(id)))).or_insert(diagnostic);
                }
            }
        }
    }
    for diagnostic in found.into_values() {
        diags.push(diagnostic);
    }
}

fn shown((namespace, name): Id<'_>) -> String {
    format!("{namespace}/{name}")
}

/// Returns whether a release waits for a ConfigMap that is no object of the tree.
fn lacks_config_map(plan: &Plan<'_>, source: &ValueSource) -> bool {
    let may_be_missing = source.optional.is_some_and(|optional| optional.value);
    let is_made =
        || plan.sovereign_values.iter().any(|(blueprint, _)| config_map(blueprint) == source.name.value);
    source.kind.value == ValuesKind::ConfigMap && !may_be_missing && !is_made()
}

fn no_config_map(reader: &Reader<'_, '_>, source: &ValueSource) -> Diagnostic {
    let (name, region) = (&source.name.value, &reader.region.name.value);
    let message = format!(
        "nobody makes the ConfigMap `{FLUX_NAMESPACE}/{name}` that `{}` reads in `{region}`",
        reader.name()
    );
    Diagnostic::new(Code::UnprovidedSecret, source.name.span, message)
        .note("a release whose values come from a ConfigMap that is not there is never installed")
        .help("write the values under `[values]`, or add `optional = true` if a person makes it later")
}

/// Returns the Secrets that a release cannot do without, each with the place that says so.
fn read<'a>(release: &'a Release<'_>) -> impl Iterator<Item = (Id<'a>, Span)> {
    let required =
        release.blueprint.required_secrets().map(|secret| (secret.id.value.parts(), secret.id.span));
    let sources = release.values_from.iter().filter(|source| {
        source.kind.value == ValuesKind::Secret && !source.optional.is_some_and(|optional| optional.value)
    });
    required.chain(sources.map(|source| ((FLUX_NAMESPACE, source.name.value.as_str()), source.name.span)))
}

/// Returns the keys that it reads of them. A Secret that may be missing has its keys if it is there; one that
/// a person makes has what is asked for.
fn keys<'a>(release: &'a Release<'_>) -> impl Iterator<Item = (Id<'a>, &'a str, Span)> {
    let required = release.blueprint.required_secrets().filter(|secret| secret.by.is_none());
    let required = required.flat_map(|secret| {
        secret.keys.iter().map(|key| (secret.id.value.parts(), key.value.as_str(), key.span))
    });
    let sources = release.values_from.iter().filter(|source| source.kind.value == ValuesKind::Secret);
    let sources = sources.map(|source| {
        ((FLUX_NAMESPACE, source.name.value.as_str()), source.key.value.as_str(), source.key.span)
    });
    required.chain(sources)
}

/// A release that reads Secrets in a region.
struct Reader<'p, 'a> {
    plan: &'p Plan<'a>,
    region: &'p Region<'a>,
    release: &'p Release<'a>,
    providers: &'p Providers,
}

/// What would bring a Secret and was switched off.
struct Off<'p> {
    blueprint: &'p str,
    what: &'static str,
    span: Span,
}

impl<'p> Reader<'p, '_> {
    fn name(&self) -> &str {
        self.release.blueprint.name.value.as_str()
    }

    fn lacks(&self, id: Id<'_>) -> bool {
        let waits = |off: Off<'_>| self.release.depends_on.iter().any(|edge| edge.value == off.blueprint);
        self.providers.provider(id).is_none() && !self.off(id).is_some_and(waits)
    }

    /// Returns the blueprint that makes a Secret, or the one that copies it, if that was switched off.
    fn off(&self, id: Id<'_>) -> Option<Off<'p>> {
        let off = |name: &str| match self.region.absent.get(name) {
            Some(Absence::Off(span)) => Some(*span),
            Some(Absence::Elsewhere(..)) | None => None,
        };
        let copied =
            |blueprint: &Blueprint| blueprint.reflected_secrets().any(|copy| copy.value.parts() == id);
        let made = |blueprint: &Blueprint| {
            copied(blueprint) || blueprint.made_secrets().any(|made| made.value.parts() == id)
        };
        let blueprints = self.plan.kit.blueprints.iter();
        let makers = blueprints.clone().filter(|blueprint| made(blueprint));
        let makers = makers.map(|blueprint| (blueprint.name.value.as_str(), "makes it"));
        let copiers =
            blueprints.filter(|blueprint| copied(blueprint)).map(|_| (REFLECTOR, "copies it there"));
        let mut all = makers.chain(copiers);
        all.find_map(|(blueprint, what)| Some(Off { blueprint, what, span: off(blueprint)? }))
    }

    fn unprovided(&self, id: Id<'_>, span: Span) -> Diagnostic {
        let (reader, region) = (self.name(), &self.region.name.value);
        let message = format!("nobody makes the Secret `{}` that `{reader}` reads in `{region}`", shown(id));
        if let Some(Off { blueprint, what, span: off }) = self.off(id) {
            return Diagnostic::new(Code::UnprovidedSecret, off, message)
                .label(format!("`{blueprint}` {what}"))
                .related(span, "read here")
                .help(format!("leave `{blueprint}` on, or switch off `{reader}` too"));
        }
        Diagnostic::new(Code::UnprovidedSecret, span, message)
            .note("a Pod or a release that reads a Secret waits for it for ever")
            .help(self.advice(id))
    }

    /// Returns what to write instead: the nearest Secret, by its name alone if that one is elsewhere.
    fn advice(&self, id: Id<'_>) -> String {
        let near = |name: &str| {
            let there = self.providers.ids().filter(|known| known.1 == name).map(|known| known.0);
            let there: Vec<_> = there.collect();
            (!there.is_empty()).then(|| {
                let namespaces = suggest::list(there, SHOWN);
                format!(
                    "`{name}` is in {namespaces}; where bp-reflector copies it, name the copy in \
                     `provides.reflected` of the blueprint that makes it"
                )
            })
        };
        if let Some(advice) = near(id.1) {
            return advice;
        }
        let known: Vec<_> = self.providers.ids().map(shown).collect();
        if let Some(nearest) = suggest::nearest(&shown(id), known.iter().map(String::as_str)) {
            return format!("did you mean `{nearest}`?");
        }
        let nearest = suggest::misspelt(id.1, self.providers.ids().map(|(_, name)| name));
        nearest.and_then(near).unwrap_or_else(|| {
            "name it in `provides.secrets` of the blueprint that makes it, or say `by = \"operator\"` here"
                .to_owned()
        })
    }

    fn no_such_key(&self, id: Id<'_>, key: &str, span: Span) -> Option<Diagnostic> {
        let known = self.providers.keys(id).filter(|known| !known.contains(key))?;
        let known = || known.iter().map(String::as_str);
        let (reader, region) = (self.name(), &self.region.name.value);
        let message =
            format!("the Secret `{}` has no key `{key}`, which `{reader}` reads in `{region}`", shown(id));
        let maker = self.providers.provider(id).map_or_else(String::new, Provider::phrase);
        let found = Diagnostic::new(Code::UnprovidedSecret, span, message).note(format!("made by {maker}"));
        Some(match suggest::nearest(key, known()) {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found.help(format!("its keys are {}", suggest::list(known(), SHOWN))),
        })
    }
}
