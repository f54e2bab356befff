#![doc = include_str!("../../../../docs/diagnostics/witness-in-pair.md")]

use std::collections::BTreeMap;

use crate::plan::Plan;
use crate::plan::failover::{Application, Authority, Failover, Witness};
use sovereign_language::manifest::PdmTable;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Spanned;

/// How many servers can outvote one that is wrong.
const LEAST: usize = 3;

/// Reports too few servers for the zone, and servers that are all lost with the regions that they vouch for.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(failover) = plan.failover.as_ref().filter(|failover| !failover.authorities.is_empty()) else {
        return;
    };
    let tables = plan.written.failover.iter().filter_map(|table| table.value.pdm.as_ref());
    diags.extend(tables.filter(|tables| tables.value.len() < LEAST).filter_map(|t| too_few(&t.value)));
    let mut seated: BTreeMap<Vec<usize>, Vec<&Application<'_>>> = BTreeMap::new();
    for application in failover.applications.iter().filter(|application| has_quorum(application)) {
        let mut seats: Vec<usize> = application.seats().map(|seat| seat.region).collect();
        seats.sort_unstable();
        seated.entry(seats).or_default().push(application);
    }
    let found =
        seated.iter().filter_map(|(seats, applications)| all_inside(plan, failover, seats, applications));
    diags.extend(found);
}

/// Returns whether the application asks resolvers who holds its lease.
fn has_quorum(application: &Application<'_>) -> bool {
    let witness = application.witness.as_ref().filter(|_| application.has_continuum());
    matches!(witness.map(|witness| &witness.value), Some(Witness::DnsQuorum { .. }))
}

fn too_few(tables: &[Spanned<PdmTable>]) -> Option<Diagnostic> {
    let last = tables.last()?;
    let (count, s) = (tables.len(), if tables.len() == 1 { "" } else { "s" });
    let message = format!("{count} PDM{s} cannot outvote one that is wrong: {LEAST} or more are needed");
    let found = Diagnostic::new(Code::WitnessInPair, last.span, message);
    Some(
        found
            .help("add a `[[failover.pdm]]`, or leave all of them out: the resolvers of a quorum do without"),
    )
}

fn all_inside(
    plan: &Plan<'_>,
    failover: &Failover<'_>,
    seats: &[usize],
    applications: &[&Application<'_>],
) -> Option<Diagnostic> {
    let inside = |authority: &Authority| authority.seat.filter(|seat| seats.contains(&seat.region));
    let inside: Vec<_> = failover.authorities.iter().map(inside).collect::<Option<_>>()?;
    let name = |region: &usize| plan.regions.get(*region).map(|region| region.name.value.as_str());
    let (last, before) = inside.split_last()?;
    let regions = suggest::list(seats.iter().filter_map(name), 5);
    let message = format!("every PDM is in a region that may be lost: {regions}");
    let mut found =
        Diagnostic::new(Code::WitnessInPair, last.span, message).label("one of them must be elsewhere");
    for seat in before {
        found = found.related(seat.span, "inside");
    }
    let names = suggest::list(applications.iter().map(|application| application.name.value.as_str()), 3);
    let found = found.note(format!("the quorum of {names} would ask nobody outside of them"));
    let free = (0..plan.regions.len()).filter(|region| !seats.contains(region));
    let free: Vec<_> = free.filter_map(|region| name(&region)).collect();
    Some(match free.as_slice() {
        [] => found.help("run one of them outside of this Sovereign, and leave out its `region`"),
        [only] => found.fix("put it into", last.span, format!("{only:?}")),
        _ => found.help(format!("put it into one of {}", suggest::list(free, 12))),
    })
}
