//! The two halves of a database: one release in each region of a pair, and where their values differ.

use std::collections::BTreeSet;

use super::failover::Pair;
use super::{Plan, Region, Release};
use sovereign_language::kit::PairFacts;
use sovereign_language::scalar::ValuePath;
use sovereign_text::diag::{Code, Diagnostic};
use sovereign_text::node::{Node, Step, path_text};
use sovereign_text::source::Span;

/// One half.
#[derive(Clone, Copy, Debug)]
pub struct PairMember<'p> {
    /// Its region.
    pub region: &'p Region<'p>,
    /// Its release.
    pub release: &'p Release<'p>,
}

/// The halves of a pair.
#[derive(Clone, Copy, Debug)]
pub struct DatabasePair<'p> {
    /// What the blueprint says of them.
    pub facts: &'p PairFacts,
    /// The half that writes.
    pub primary: PairMember<'p>,
    /// The half that follows.
    pub replica: PairMember<'p>,
}

/// A value that the halves do not share.
#[derive(Clone, Debug)]
pub struct Difference<'p> {
    /// Its path.
    pub path: String,
    /// What the primary has, if it has it.
    pub primary: Option<&'p Node>,
    /// What the replica has, if it has it.
    pub replica: Option<&'p Node>,
}

impl Plan<'_> {
    /// Returns the halves of every blueprint that is a pair and runs in both its regions.
    pub fn halves(&self) -> impl Iterator<Item = DatabasePair<'_>> {
        let pair = self.pair();
        let half = |place: usize, name: &str| {
            let region = self.regions.get(place)?;
            Some(PairMember { region, release: region.release(name)? })
        };
        self.kit.blueprints.iter().filter_map(move |blueprint| {
            let Pair { primary, replica, .. } = pair?;
            let facts = &blueprint.pair.as_ref()?.value;
            let name = blueprint.name.value.as_str();
            Some(DatabasePair { facts, primary: half(primary, name)?, replica: half(replica, name)? })
        })
    }
}

impl<'p> DatabasePair<'p> {
    /// Returns the values below a path that are not the same in both.
    pub fn differences(&self, path: &ValuePath) -> Vec<Difference<'p>> {
        let keys = path.keys();
        let mut steps = keys.iter().map(|key| Step::Key(key)).collect();
        let mut found = Vec::new();
        compare(
            self.primary.release.values.at(&keys),
            self.replica.release.values.at(&keys),
            &mut steps,
            &mut found,
        );
        found
    }

    /// Returns a finding where a difference was written. What a person wrote comes before what a kit says, and the replica's
    /// line before the primary's.
    pub fn finding(&self, code: Code, difference: &Difference<'_>, what: &str) -> Option<Diagnostic> {
        let side = |half: &PairMember<'_>, node: Option<&Node>| {
            let region = half.region.name.value.as_str();
            let value = node.map_or_else(|| "not given".to_owned(), |node| format!("`{}`", node.to_json()));
            (node.map(|node| node.cause), format!("{value} in `{region}`"))
        };
        let primary = side(&self.primary, difference.primary);
        let replica = side(&self.replica, difference.replica);
        let path = &difference.path;
        let message = format!("{what} differ: `{path}` is {}, {}", primary.1, replica.1);
        let written = |side: &(Option<Span>, String)| side.0.is_some_and(|span| span.source.is_input());
        let swap = replica.0.is_none() || written(&primary) && !written(&replica);
        let (wrong, other) = if swap { (primary, replica) } else { (replica, primary) };
        let found = Diagnostic::new(code, wrong.0?, message).label(wrong.1);
        let found = match other.0 {
            Some(span) => found.related(span, other.1),
            None => found,
        };
        let name = self.primary.release.blueprint.name.value.bare();
        Some(found.help(format!(
            "write it in `[blueprint.{name}]`, which speaks of both halves, and not in `[region.blueprint.{name}]`"
        )))
    }
}

/// Walks mappings together; anything else is the same or not.
fn compare<'p, 's>(
    primary: Option<&'p Node>,
    replica: Option<&'p Node>,
    path: &mut Vec<Step<'s>>,
    found: &mut Vec<Difference<'p>>,
) where
    'p: 's,
{
    if let (Some(Some(left)), Some(Some(right))) = (primary.map(Node::as_map), replica.map(Node::as_map)) {
        let keys: BTreeSet<&'p str> = left.iter().chain(right.iter()).map(|(key, _)| key).collect();
        for key in keys {
            path.push(Step::Key(key));
            compare(left.get(key), right.get(key), path, found);
            path.pop();
        }
    } else if primary.map(Node::to_json) != replica.map(Node::to_json) {
        found.push(Difference { path: path_text(path), primary, replica });
    }
}
