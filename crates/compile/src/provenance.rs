//! Where everything in a tree comes from, and where every line of a manifest goes: `sovereign why`.
//!
//! Nothing here is made while compiling. Lowered objects keep the place that caused each of their values, so a
//! [`Provenance`] looks at a plan and its objects only when somebody asks.
//!
//! # What the cause of a file's content is
//!
//! | file | its causes |
//! |---|---|
//! | an object | of each field: a place in the manifest, in a file beside it, or in a kit |
//! | `kustomization.yaml` | of each name: what caused that file; of the rest: the region |
//! | `infrastructure/*/bootstrap.yml` | those of the objects that it repeats |
//! | `*.auto.tfvars.json` | of each variable, or field of a record: a place |
//! | `dns/<fqdn>.zone`, `dns/<fqdn>.json` | of each record: the line that asks for it |
//! | `dns/delegation.json`, `dns/tenants/` | the domain, or the Organization, as a whole |
//! | `README.md`, `sovereign.lock` | the whole manifest: they sum up the tree |
//!
//! # What follows from a place
//!
//! A value follows from the place that caused it, and, where an expression of a blueprint made it, from each fact that the
//! expression reads, and from each input of the kit that decides whether it stands. An object that is there because of a line
//! follows from that line as a whole.

mod cause;
mod content;
mod defaults;
mod files;
pub mod human;
mod inputs;
pub mod json;
mod objects;
mod placement;
mod query;

pub use cause::{Cause, Causes, Kind};
pub use content::{Field, Follows, Read};
pub use defaults::Unwritten;
pub use files::{File, Stage};
pub use inputs::Input;
pub use objects::{Objects, ObjectsInRegion};
pub use placement::{InRegion, Placement};
pub use query::{Answer, AtLine, Unanswered};

use std::collections::BTreeMap;

use crate::dns::{self, Zone};
use crate::lower::Lowered;
use crate::plan::{Plan, facts};
use sovereign_language::input::SourceMap;
use sovereign_language::keys::Keys;
use sovereign_text::node::Node;
use sovereign_text::source::Span;

/// A change of a line, as the history of a repository has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The commit, in short.
    pub commit: String,
    /// The day: `2026-05-31`.
    pub day: String,
    /// Who made it.
    pub author: String,
    /// The title of its message.
    pub title: String,
}

/// Gives the last change of a line of a file, if it is known. The line counts from 1.
pub type History<'h> = &'h dyn Fn(&str, usize) -> Option<Change>;

/// A plan and its objects, to be asked.
pub struct Provenance<'p> {
    plan: &'p Plan<'p>,
    lowered: &'p Lowered,
    zone: Zone,
    /// The facts that expressions read, by region.
    facts: Vec<Node>,
    /// Those that values of all regions read.
    shared_facts: Node,
    /// Places and what they are called.
    pub causes: Causes<'p>,
    /// The facts that decide whether a value stands, by its place.
    conditions: BTreeMap<Span, Vec<String>>,
    /// What nobody wrote, and what stands there.
    pub defaults: Vec<Unwritten>,
}

impl<'p> Provenance<'p> {
    /// Takes a plan with its objects, and the texts that both came from.
    pub fn new(plan: &'p Plan<'p>, lowered: &'p Lowered, sources: SourceMap<'p>) -> Self {
        let sovereign = facts::of_sovereign(plan);
        let regions = plan.regions.iter().enumerate();
        let objects = plan.kit.extension.objects.iter().filter_map(|file| {
            let (source, places) = objects::places(file);
            Some((source?, Keys::of_places(places)))
        });
        Self {
            plan,
            lowered,
            zone: dns::zone(plan),
            facts: regions.map(|(place, region)| facts::of_region(plan, place, region, &sovereign)).collect(),
            shared_facts: facts::of_all_regions(plan),
            causes: Causes::new(sources, objects),
            conditions: inputs::conditions(plan),
            defaults: defaults::of(plan),
        }
    }

    /// Returns the directory that the tree stands in: `clusters/<fqdn>`.
    pub fn root(&self) -> String {
        crate::render::root(self.plan).to_string()
    }

    /// Returns what stands where nobody wrote something, if a value with this cause is that.
    pub(crate) fn default_of(&self, cause: Span, value: &str) -> Option<&Unwritten> {
        self.defaults.iter().find(|default| default.cause == cause && default.value == value)
    }
}
