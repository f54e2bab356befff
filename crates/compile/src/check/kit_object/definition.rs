//! Kinds of objects, held against what Kubernetes has and against the definitions that the locks of charts know.

use std::collections::BTreeSet;

use crate::object::OfKit;
use crate::plan::{KitObject, Plan, Region, Release};
use sovereign_language::lock::{self, EmbeddedLock};
use sovereign_text::diag::{Code, Diagnostic, suggest};
use sovereign_text::node::Node;

/// The chart whose definitions Flux has in every cluster.
const FLUX: &str = "bp-flux";

/// A kind of objects of a kit that no lock knows, so that only the API server can say whether it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnheldKind {
    /// The file of the kit.
    pub file: String,
    /// The kind, behind its group: `cert-manager.io/Certificate`.
    pub kind: String,
    /// The chart that brings the group, with its version.
    pub chart: String,
    /// Whether that chart was opened, at this version.
    pub opened: bool,
}

/// Returns the kinds of objects of the kit that nothing here can hold against a definition, sorted.
pub fn unheld_kinds(plan: &Plan<'_>) -> Vec<UnheldKind> {
    let mut unheld = BTreeSet::new();
    for region in &plan.regions {
        for object in &region.objects {
            let Some(of_kit) = OfKit::new(object.node.clone()) else { continue };
            if let Held::Unknown { chart, opened } = held(region, &of_kit) {
                let (file, kind) = (format!("{}.yaml", object.file.stem()), named(&of_kit));
                unheld.insert(UnheldKind { file, kind, chart, opened });
            }
        }
    }
    unheld.into_iter().collect()
}

/// Reports an object whose definition no release brings, or whose kind its group does not have.
pub(super) fn fault(region: &Region<'_>, object: &KitObject<'_>) -> Option<Diagnostic> {
    let (version, kind): (&Node, &Node) = (object.node.at(&["apiVersion"])?, object.node.at(&["kind"])?);
    let object = OfKit::new(object.node.clone())?;
    match held(region, &object) {
        Held::Known | Held::Unknown { .. } => None,
        Held::NoGroup => {
            let message = format!("no release of region `{}` brings `{}`", region.name.value, object.group());
            let found = Diagnostic::new(Code::KitObject, version.cause, message);
            Some(found.help("add a blueprint with the group in `provides.crds`"))
        }
        Held::NoKind { by, near } => {
            let message = format!("{by} has no kind `{}` in {}", object.kind, group_phrase(object.group()));
            let found = Diagnostic::new(Code::KitObject, kind.cause, message);
            Some(match near {
                Some(near) => found.fix("a kind with a similar name exists", kind.cause, near),
                None => found.help("write a kind that it has, or a group and version that have this kind"),
            })
        }
    }
}

/// What is known of the definition of an object.
enum Held {
    /// It is there.
    Known,
    /// No release brings its group.
    NoGroup,
    /// Whoever has the group does not have the kind; one of a similar name may be there.
    NoKind { by: String, near: Option<String> },
    /// A release brings the group, and no lock says which kinds.
    Unknown { chart: String, opened: bool },
}

fn held(region: &Region<'_>, object: &OfKit) -> Held {
    let (group, kind) = (object.group(), object.kind.as_str());
    if let Some(kinds) = OfKit::kinds_of_kubernetes(group) {
        return among("Kubernetes".to_owned(), kind, kinds.iter().copied());
    }
    let provider = match object.foreign_group() {
        Some(group) => region.provider_of(group),
        None => region.release(FLUX),
    };
    let Some(provider) = provider else {
        return if object.foreign_group().is_some() { Held::NoGroup } else { Held::Known };
    };
    // The group may come from several charts.
    let is_defined = |release: &Release<'_>| of(release).any(|(_, lock)| defines(lock, group, kind));
    if region.releases.iter().any(is_defined) {
        return Held::Known;
    }
    let (chart, version) = (provider.blueprint.chart.value.as_str(), provider.version.value.as_str());
    let (mut opened, chart) = (false, format!("{chart} {version}"));
    for (of, lock) in of(provider) {
        let kinds: Vec<_> = kinds(lock, group).collect();
        opened |= of == version;
        // What another version does not have may be new; what it has under nearly this name is what was meant.
        let near = suggest::misspelt(kind, kinds.iter().copied());
        if !kinds.is_empty() && (of == version || near.is_some()) {
            let by = format!("{} {of}", provider.blueprint.chart.value);
            return Held::NoKind { by, near: near.map(str::to_owned) };
        }
    }
    Held::Unknown { chart, opened }
}

fn among<'k>(by: String, kind: &str, kinds: impl Iterator<Item = &'k str> + Clone) -> Held {
    if kinds.clone().any(|known| known == kind) {
        return Held::Known;
    }
    Held::NoKind { by, near: suggest::nearest(kind, kinds).map(str::to_owned) }
}

/// Returns the versions of the chart of a release that were opened, each with its lock, that of the release first.
fn of<'r>(release: &'r Release<'_>) -> impl Iterator<Item = (&'static str, &'static EmbeddedLock)> + use<'r> {
    let (chart, version) = (release.blueprint.chart.value.as_str(), release.version.value.as_str());
    let (own, others): (Vec<_>, Vec<_>) = lock::opened(chart).partition(|(of, _)| *of == version);
    own.into_iter().chain(others.into_iter().rev())
}

fn defines(lock: &EmbeddedLock, group: &str, kind: &str) -> bool {
    kinds(lock, group).any(|known| known == kind)
}

/// Returns the kinds of a group that a chart has definitions of.
fn kinds(lock: &EmbeddedLock, group: &str) -> impl Iterator<Item = &'static str> {
    lock.definitions().filter(move |(of, _)| *of == group).map(|(_, kind)| kind)
}

/// Returns the kind of an object behind its group.
fn named(object: &OfKit) -> String {
    format!("{}/{}", object.group(), object.kind)
}

fn group_phrase(group: &str) -> String {
    if group.is_empty() { "its first group".to_owned() } else { format!("`{group}`") }
}
