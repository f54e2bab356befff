//! What a manifest consents to: deletions and changes of identity that a transition would else refuse.

use std::collections::BTreeSet;

use super::Plan;
use sovereign_text::source::{Span, Spanned};

/// What a manifest consents to.
#[derive(Clone, Debug, Default)]
pub struct Consents {
    /// Deletions.
    pub retire: Vec<Retire>,
    /// The regions that the manifest has.
    pub regions: BTreeSet<String>,
    /// Whether the whole Sovereign may go.
    pub sovereign: bool,
    /// Changes of identity: before and after.
    pub moves: Vec<(Spanned<String>, Spanned<String>)>,
    /// Losses: where each acceptance is written, and the path that it names.
    pub losses: Vec<Spanned<String>>,
}

/// Consent to a deletion.
#[derive(Clone, Debug)]
pub struct Retire {
    /// Where it is written.
    pub span: Span,
    /// The release.
    pub release: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// The application, with its Organization.
    pub application: Option<String>,
    /// The only region.
    pub region: Option<String>,
}

impl Consents {
    /// Returns the consents of a manifest.
    pub fn new(plan: &Plan<'_>) -> Self {
        let tables = plan.written.retire.iter().flat_map(|list| &list.value);
        let retire = tables.filter(|table| table.value.sovereign.is_none()).map(|table| {
            let table = &table.value;
            Retire {
                span: table.span,
                release: table.release.as_ref().map(|name| name.value.to_string()),
                namespace: table.namespace.as_ref().map(|name| name.value.to_string()),
                application: table.application.as_ref().map(|place| place.value.to_string()),
                region: table.region.as_ref().map(|name| name.value.to_string()),
            }
        });
        let moves = plan.written.r#move.iter().flat_map(|list| &list.value).filter_map(|table| {
            let text =
                |place: &Spanned<sovereign_language::scalar::Place>| place.as_ref().map(ToString::to_string);
            Some((text(table.value.from.as_ref()?), text(table.value.to.as_ref()?)))
        });
        let accepted = plan.written.accept.iter().flat_map(|list| &list.value);
        let losses = accepted.filter_map(|table| {
            let finding = table.value.finding.as_ref()?.value.0;
            let at = table.value.at.as_ref().filter(|_| finding.is_of_transition())?;
            Some(at.as_ref().map(|path| path.as_str().to_owned()))
        });
        Self {
            losses: losses.collect(),
            retire: retire.collect(),
            regions: plan.regions.iter().map(|region| region.name.value.to_string()).collect(),
            sovereign: plan.is_retired(),
            moves: moves.collect(),
        }
    }

    /// Returns whether nothing is consented to.
    pub fn is_empty(&self) -> bool {
        self.retire.is_empty() && !self.sovereign && self.moves.is_empty() && self.losses.is_empty()
    }

    /// Returns whether a release may go from a cluster.
    pub fn retires_release(&self, cluster: &str, release: &str) -> bool {
        self.lets_leave(cluster)
            || self
                .retire
                .iter()
                .any(|retire| retire.covers(cluster) && retire.release.as_deref() == Some(release))
    }

    /// Returns whether a namespace may go from a cluster.
    pub fn retires_namespace(&self, cluster: &str, namespace: &str) -> bool {
        self.lets_leave(cluster)
            || self
                .retire
                .iter()
                .any(|retire| retire.covers(cluster) && retire.namespace.as_deref() == Some(namespace))
    }

    /// Returns whether an application may go: it alone, or its Organization's namespace with all that is in it.
    pub fn retires_application(&self, cluster: &str, organization: &str, name: &str) -> bool {
        let place = format!("{organization}/{name}");
        let here = |retire: &Retire| retire.covers(cluster) && retire.application.as_deref() == Some(&place);
        self.retires_namespace(cluster, organization) || self.retire.iter().any(here)
    }

    /// Returns whether all that is in a region may go, since the region goes. One that stays may lose no more
    /// than its claims.
    fn lets_leave(&self, region: &str) -> bool {
        self.retires_region(region) && (self.sovereign || !self.regions.contains(region))
    }

    /// Returns whether a whole region may go, or what Crossplane made of it.
    pub fn retires_region(&self, region: &str) -> bool {
        let retires = |retire: &Retire| retire.is_region() && retire.region.as_deref() == Some(region);
        self.sovereign || self.retire.iter().any(retires)
    }

    /// Returns whether a thing may change from one identity to another.
    pub fn moves(&self, from: &str, to: &str) -> bool {
        self.moves.iter().any(|(f, t)| f.value == from && t.value == to)
    }
}

impl Retire {
    /// Returns whether the whole region retires.
    pub fn is_region(&self) -> bool {
        self.release.is_none() && self.namespace.is_none() && self.application.is_none()
    }

    fn covers(&self, cluster: &str) -> bool {
        self.region.as_deref().is_none_or(|region| region == cluster)
    }
}
