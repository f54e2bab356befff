//! Causes speak, consequences are silent: what is only wrong because something else was not understood goes with that.
//!
//! No rule of its own: it takes findings back. A finding goes only where the error stays that it follows from, so that a
//! manifest that was wrong stays so.

use std::collections::{BTreeMap, BTreeSet};

use sovereign_language::input::{Holds, Input};
use sovereign_language::manifest::Document;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, Severity};
use sovereign_text::source::{Source, SourceId, Span};

/// What speaks of hosts, which follow from the domain.
const OF_DOMAIN: &[Code] = &[
    Code::RecordWriter,
    Code::HostWithoutBackend,
    Code::HostWithoutCertificate,
    Code::HostWithoutListener,
    Code::UncertifiableName,
    Code::ForeignSovereign,
    Code::FailoverMismatch,
];
/// What speaks of the regions that there are.
const OF_REGIONS: &[Code] = &[
    Code::ForeignRegion,
    Code::FailoverMismatch,
    Code::PlacementRegions,
    Code::OwnStandby,
    Code::WitnessInPair,
    Code::LateFailover,
    Code::MissingObservedFact,
];
/// What speaks of the hosts that applications are asked at.
const OF_HOSTS: &[Code] = &[
    Code::HostWithoutBackend,
    Code::HostWithoutCertificate,
    Code::HostWithoutListener,
    Code::UncertifiableName,
];
/// What speaks of the blueprints that there are.
const OF_BLUEPRINTS: &[Code] = &[Code::UnknownBlueprint, Code::DanglingDependency];
/// Values that were not taken.
const NOT_TAKEN: &[Code] = &[
    Code::LeftoverPlaceholder,
    Code::MalformedValue,
    Code::MissingKey,
    Code::Syntax,
    Code::UnknownChoice,
    Code::UnknownKey,
    Code::UnpinnedVersion,
    Code::WrongType,
];

/// Takes back what follows from values that were not taken.
pub(crate) fn silence(written: &Document, input: &Input, diags: &mut Diagnostics) {
    if diags.count(Severity::Error) < 2 && diags.iter().count() < 2 {
        return;
    }
    let causes = Causes::new(written, input, diags);
    diags.retain(|finding| !causes.explain(finding));
}

/// What is not known, because it was not understood.
struct Causes<'i> {
    written: &'i Document,
    /// Values that were not taken, and references to what there is not.
    wrong: Vec<Span>,
    /// What is said of keys that are missing, for those that stand in another table.
    misplaced: BTreeSet<String>,
    /// What is said of domains, blueprints and hosts where these are not known.
    following: Vec<Code>,
    /// Whether a region is not known.
    regions: bool,
}

impl<'i> Causes<'i> {
    fn new(written: &'i Document, input: &'i Input, diags: &Diagnostics) -> Self {
        let places = |codes: &[Code]| -> Vec<Span> {
            let found = diags.iter().filter(|found| codes.contains(&found.code));
            found.map(|found| found.primary.span).filter(|span| span.source.is_input()).collect()
        };
        let mut wrong = places(NOT_TAKEN);
        let files: BTreeSet<SourceId> = input.holding(Holds::Blueprints).map(Source::id).collect();
        let in_blueprint = wrong.iter().any(|span| files.contains(&span.source));
        wrong.extend(places(&[Code::ForeignRegion, Code::DanglingReference]));
        let sources: BTreeMap<SourceId, &Source> = std::iter::once(input.manifest())
            .chain(input.further().map(|file| file.source))
            .map(|source| (source.id(), source))
            .collect();
        let misplaced = places(&[Code::UnknownKey]).into_iter();
        let misplaced = misplaced.filter_map(|span| Some(sources.get(&span.source)?.slice(span)));
        let is_region = |found: &Diagnostic| {
            found.code == Code::UnknownRegion
                || (found.code == Code::DuplicateName && found.message.starts_with("region `"))
        };
        let blueprints =
            in_blueprint || (written.states("blueprint-source") && written.blueprint_source.is_none());
        let following =
            [(!has_domain(written), OF_DOMAIN), (blueprints, OF_BLUEPRINTS), (!has_hosts(written), OF_HOSTS)];
        let following = following.into_iter().filter(|(is_unknown, _)| *is_unknown);
        Self {
            written,
            wrong,
            misplaced: misplaced
                .map(|key| format!("`{}` is missing", key.trim_matches(['"', '\''])))
                .collect(),
            following: following.flat_map(|(_, codes)| codes).copied().collect(),
            regions: !has_regions(written) || diags.iter().any(is_region),
        }
    }

    /// Returns whether a finding only follows from one of them.
    fn explain(&self, finding: &Diagnostic) -> bool {
        let code = finding.code;
        // What an embedded kit says is right, unless it was given nothing.
        let of_kit = !finding.primary.span.source.is_input() && code == Code::BadExpression;
        let of_regions = OF_REGIONS.contains(&code)
            || (code == Code::DanglingReference && finding.message.starts_with("there is no region"));
        (of_kit && !self.wrong.is_empty())
            || self.following.contains(&code)
            || (self.regions && of_regions)
            || (code == Code::ClosedPort
                && self.wrong.iter().any(|wrong| finding.primary.span.contains(*wrong)))
            || (code == Code::FailoverMismatch && self.differs_by_mistake(finding))
            || (code == Code::MissingKey && self.misplaced.contains(&finding.message))
    }

    /// Returns whether one of two tables of an application has a mistake by itself.
    fn differs_by_mistake(&self, finding: &Diagnostic) -> bool {
        let failover = self.written.failover.iter().filter_map(|table| table.value.application.as_ref());
        let protected = failover.flat_map(|list| &list.value).map(|table| &table.value);
        let is_meant = |span: Span| span == finding.primary.span;
        let Some(protected) =
            protected.into_iter().find(|table| table.name.as_ref().is_some_and(|name| is_meant(name.span)))
        else {
            return false;
        };
        let name = protected.name.as_ref().map(|name| name.value.as_str());
        let organizations = self.written.organization.iter().flat_map(|list| &list.value);
        let environments =
            organizations.filter_map(|table| table.value.environment.as_ref()).flat_map(|list| &list.value);
        let applications =
            environments.filter_map(|table| table.value.application.as_ref()).flat_map(|list| &list.value);
        let here = [
            (protected.states("placement"), protected.placement.as_ref().map(|value| value.span)),
            (protected.states("primary"), protected.primary.as_ref().map(|value| value.span)),
            (protected.states("standbys"), protected.standbys.as_ref().map(|value| value.span)),
            (protected.states("regions"), protected.regions.as_ref().map(|value| value.span)),
        ];
        let there = applications
            .map(|table| &table.value)
            .filter(|table| table.name.as_ref().map(|name| name.value.as_str()) == name)
            .flat_map(|table| {
                [
                    (table.states("placement"), table.placement.as_ref().map(|value| value.span)),
                    (table.states("regions"), table.regions.as_ref().map(|value| value.span)),
                ]
            });
        here.into_iter().chain(there).any(|(is_written, value)| match value {
            Some(value) => self.wrong.iter().any(|wrong| value.contains(*wrong)),
            None => is_written,
        })
    }
}

/// Returns whether the name of the Sovereign in DNS is known.
fn has_domain(written: &Document) -> bool {
    let name = written.sovereign.as_ref().and_then(|table| table.value.name.as_ref());
    written.domain.as_ref().is_some_and(|domain| {
        domain.value.fqdn.is_some() || (domain.value.parent.is_some() && name.is_some())
    })
}

/// Returns whether each application that fails over is asked at an address that was understood: without one it is asked at its
/// Sovereign's console.
fn has_hosts(written: &Document) -> bool {
    let applications = written.failover.iter().filter_map(|table| table.value.application.as_ref());
    applications.flat_map(|list| &list.value).all(|application| {
        let health = application.value.health.as_ref().map(|health| &health.value);
        health.is_none_or(|health| health.url.is_some() || !health.states("url"))
    })
}

/// Returns whether each region has a name and a cloud.
fn has_regions(written: &Document) -> bool {
    written.region.as_ref().is_some_and(|list| {
        list.value.iter().all(|region| region.value.name.is_some() && region.value.provider.is_some())
    })
}
