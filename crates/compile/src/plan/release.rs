//! A release: a blueprint in a region, why it is there, and with which values.

use super::Reconciliation;
use sovereign_language::kit::{Blueprint, ValueSource};
use sovereign_language::manifest::BlueprintTable;
use sovereign_language::scalar::Version;
use sovereign_text::node::{Node, Value};
use sovereign_text::source::{Span, Spanned};

/// A blueprint in a region.
#[derive(Debug)]
pub struct Release<'a> {
    /// The blueprint.
    pub blueprint: &'a Blueprint,
    /// Why it runs here.
    pub why: Why,
    /// The version of its chart: the kit's, or what the manifest says.
    pub version: Spanned<Version>,
    /// The blueprints it waits for, with `bp-`.
    pub depends_on: Vec<Spanned<String>>,
    /// How Flux reconciles it.
    pub reconciliation: Reconciliation,
    /// Its final Helm values: a mapping, sorted.
    pub values: Node,
    /// Values that come from Secrets and ConfigMaps.
    pub values_from: Vec<ValueSource>,
    /// Whether it has values that speak of all regions.
    pub has_sovereign_values: bool,
    /// The tables of the manifest that change it, the region's own last.
    pub changed_by: Vec<&'a BlueprintTable>,
}

impl Release<'_> {
    /// Returns what switched its feature off, if that is off.
    pub(crate) fn gate_off(&self) -> Option<Span> {
        let path = self.blueprint.gate.as_ref()?.value.as_ref()?;
        let state = self.values.at(&path.value.keys())?;
        matches!(state.value, Value::Bool(false)).then_some(state.cause)
    }
}

/// Why a blueprint runs in a region, with the place that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It runs in every region.
    Every(Span),
    /// It runs in the primary, and this is it.
    Primary(Span),
    /// It runs in secondaries, and this is one.
    Secondary(Span),
    /// It belongs to a failover pair, and this is one half.
    Pair(Span),
    /// It brings a vCluster that the region has.
    Vcluster(Span),
    /// It was switched on.
    SwitchedOn(Span),
}

impl Why {
    /// Returns the place that decided it.
    pub fn span(self) -> Span {
        match self {
            Self::Every(span)
            | Self::Primary(span)
            | Self::Secondary(span)
            | Self::Pair(span)
            | Self::Vcluster(span)
            | Self::SwitchedOn(span) => span,
        }
    }
}

/// Why a blueprint does not run in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// It was switched off, here.
    Off(Span),
    /// It runs elsewhere; the phrase says where, the span decided it.
    Elsewhere(&'static str, Span),
}

/// Returns every value tree of a blueprint that may hold expressions.
pub(crate) fn value_trees(blueprint: &Blueprint) -> impl Iterator<Item = &Node> {
    let overlays = blueprint.overlays.iter().filter_map(|overlay| Some(&overlay.values.as_ref()?.value.0));
    std::iter::once(&blueprint.values).chain(blueprint.sovereign_values.as_ref()).chain(overlays)
}
