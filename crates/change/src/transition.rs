//! Transition rules: what a tree may not do to the one before it without consent.
//!
//! Takes the diff of two trees, gives diagnostics. The findings point at what caused the change in the new
//! manifest; consent is written beside it, as `[[retire]]` and `[[move]]`.

mod controller_downgrade;
mod definition_downgrade;
pub(crate) mod identity_change;
mod immutable_change;
mod kit_downgrade;
mod layer_renamed;
mod owner_change;
mod preserved_value;
mod region_index;
pub(crate) mod removal_order;
mod spent_consent;
mod unaccepted_loss;
mod unretired_removal;

use crate::diff::{Diff, ObjectChange, ObjectId, diff};
use crate::snapshot::Snapshot;
use sovereign_compile::Compiled;
use sovereign_compile::object::{REGION_LABEL, kinds_with_machines};
use sovereign_compile::tree::TreePath;
use sovereign_language::kit::Catalog;
use sovereign_text::diag::{Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// The step from one tree to the next.
pub struct Transition<'a> {
    /// The tree before.
    pub old: &'a Snapshot,
    /// The tree after.
    pub new: &'a Compiled,
    /// What changes.
    pub diff: &'a Diff,
    /// What is known of releases by name.
    pub catalog: &'a Catalog,
    /// Roots that earlier versions of the manifest gave, and whose trees still stand.
    pub former: &'a [TreePath],
    /// Whether this is one step of several, so that a consent may be meant for another one.
    pub is_part: bool,
}

/// As many lines that are gone are told with a finding.
const MOST_GONE: usize = 6;

/// The rules.
const RULES: &[fn(&Transition<'_>, &mut Diagnostics)] = &[
    controller_downgrade::check,
    definition_downgrade::check,
    identity_change::check,
    immutable_change::check,
    kit_downgrade::check,
    layer_renamed::check,
    owner_change::check,
    preserved_value::check,
    region_index::check,
    removal_order::check,
    unaccepted_loss::check,
    spent_consent::check,
    unretired_removal::check,
];

/// Compares two trees and holds the step from the one to the other against the rules. Gives what changes.
pub fn judge(
    old: &Snapshot,
    new: &Compiled,
    catalog: &Catalog,
    former: &[TreePath],
    is_part: bool,
    diags: &mut Diagnostics,
) -> Diff {
    let diff = diff(old, new, catalog);
    check(&Transition { old, new, diff: &diff, catalog, former, is_part }, diags);
    diff
}

/// Holds a transition against the rules. A first tree changes nothing, so it breaks none but that of the domain.
fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    immutable_change::domain(transition, diags);
    if transition.old.is_empty() {
        return;
    }
    for rule in RULES {
        rule(transition, diags);
    }
}

impl Transition<'_> {
    /// Returns the changes of objects of a kind.
    pub(crate) fn changes<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a ObjectChange> {
        self.diff.objects.iter().filter(move |change| change.id.kind == kind)
    }

    /// Returns the change of an object, if it changes. They are sorted by what tells them apart.
    pub(crate) fn change(&self, id: &ObjectId) -> Option<&ObjectChange> {
        let objects = &self.diff.objects;
        objects.get(objects.binary_search_by(|change| change.id.cmp(id)).ok()?)
    }

    /// Returns whether a cluster is in the new tree.
    fn has_cluster(&self, cluster: &str) -> bool {
        self.new.lowered.clusters.iter().any(|c| c.directory == cluster)
    }

    /// Returns the claims of machines that leave a cluster which stays, each with the region that it is for.
    fn lost_claims(&self) -> impl Iterator<Item = (&str, &ObjectChange)> {
        self.diff.objects.iter().filter_map(|change| {
            let (_, old) = change.old.as_ref().filter(|_| change.new.is_none())?;
            let is_claim = kinds_with_machines().any(|kind| change.id.kind == kind);
            let region = old.pointer("/metadata/labels")?.get(REGION_LABEL)?.as_str()?;
            (is_claim && self.has_cluster(&change.id.cluster)).then_some((region, change))
        })
    }

    /// Returns the place to point at for a change in a cluster: what caused it if a user wrote that, else the
    /// line of the kit if that changes, else the region.
    fn place(&self, cluster: &str, cause: Option<Span>) -> Span {
        self.changed(self.known_place(cluster, cause), None)
    }

    /// Returns the same for a change of a release.
    fn place_of(&self, cluster: &str, release: &str, cause: Option<Span>) -> Span {
        self.changed(self.known_place(cluster, cause), Some(release))
    }

    /// Returns the place to point at for an object that goes.
    fn absence(&self, cluster: &str, kind: &str, name: &str) -> Span {
        self.changed(self.new.cause_of_absence(cluster, kind, name), Some(name))
    }

    /// Returns the line that changed in place of one that stands for many and did not: the kit, the name of the Sovereign or of
    /// a region.
    fn changed(&self, place: Span, release: Option<&str>) -> Span {
        let Some(changes) = self.old.input_changes() else { return place };
        let stands_for_many = place == self.new.kit.span
            || self.new.places.region.values().any(|region| region.table == place)
            || self.new.written.at(place).is_some_and(|it| it.file.is_none() && it.at == "sovereign.name");
        if !stands_for_many || changes.has(place) {
            return place;
        }
        changes.cause(release).map_or(place, |change| change.place)
    }

    /// Adds to a finding what stood where it points in the text before, and is gone.
    fn with_what_went(&self, found: Diagnostic) -> Diagnostic {
        let place = found.primary.span;
        self.with_what_went_from(place, found)
    }

    /// Adds to a finding what stood at a place in the text before, and is gone.
    fn with_what_went_from(&self, place: Span, found: Diagnostic) -> Diagnostic {
        // Of a file as a whole no line says anything.
        let is_file = place.start == place.end && place == found.primary.span;
        let found = if is_file { found.label("what caused it is gone from this file") } else { found };
        let gone = self.old.input_changes().into_iter().flat_map(|changes| changes.gone_from(place));
        gone.take(MOST_GONE).fold(found, Diagnostic::note)
    }

    fn known_place(&self, cluster: &str, cause: Option<Span>) -> Span {
        if let Some(cause) = cause.filter(|span| span.source.is_input()) {
            return cause;
        }
        let lock = self.old.lock().ok().flatten();
        let kit = |lock: &sovereign_compile::tree::Lock| lock.origin("kit").map(str::to_owned);
        let region = self.new.places.region.get(cluster).map(|places| places.table);
        match region {
            Some(region) if lock.and_then(kit) == kit(self.new.tree.lock()) => region,
            Some(_) | None => self.new.kit.span,
        }
    }
}
