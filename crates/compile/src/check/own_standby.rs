#![doc = include_str!("../../../../docs/diagnostics/own-standby.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Plan;
use crate::plan::failover::{Application, Failover};
use sovereign_language::manifest::Placement;
use sovereign_language::scalar::RegionName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// How many regions stand by at most (Continuum, `hotStandbyRegions`).
const MOST: usize = 4;

/// Reports regions that would take over from themselves, and applications that nothing or too much takes over from.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(failover) = &plan.failover else { return };
    for application in &failover.applications {
        if let Some(list) = &application.written.standbys {
            names(plan, application, &list.value, "cannot take over from itself", diags);
        }
        if let Some(list) = &application.written.regions {
            names(plan, application, &list.value, "is no other region, but the primary", diags);
        }
        if let Some(list) = application.written.standbys.as_ref().filter(|_| application.has_continuum()) {
            number(plan, application, list, diags);
        }
    }
    for span in alone(plan, failover) {
        let message = "nothing can take over: this Sovereign has one region";
        diags.push(Diagnostic::new(Code::OwnStandby, span, message).fix(
            "add a `[[region]]`, or write",
            span,
            format!("\"{}\"", Placement::SingleRegion),
        ));
    }
}

/// Reports the primary, with what is said about it, and what is there twice in a list of other regions.
fn names(
    plan: &Plan<'_>,
    application: &Application<'_>,
    list: &[Spanned<RegionName>],
    refusal: &str,
    diags: &mut Diagnostics,
) {
    let primary = application.primary;
    // Of a primary that is no region, the default is not what was meant.
    let known = application.is_written(primary.span) || !application.written.states("primary");
    let primary_name = plan.at(primary).map(|region| &region.name).filter(|_| known);
    let mut seen = BTreeMap::new();
    for name in list {
        let first = seen.insert(&name.value, name.span);
        let found = |message: String| Diagnostic::new(Code::OwnStandby, name.span, message);
        let (found, again) = if let Some(primary_name) = primary_name.filter(|p| p.value == name.value) {
            let message = format!("`{}` {refusal}", name.value);
            let said = application.is_written(primary.span);
            let span = if said { primary.span } else { primary_name.span };
            (found(message), (span, format!("the primary of `{}`", application.name.value)))
        } else if let Some(first) = first {
            (found(format!("`{}` is there twice", name.value)), (first, "first here".to_owned()))
        } else {
            continue;
        };
        let found = found.related(again.0, again.1);
        diags.push(match free(plan, application, list).as_slice() {
            [only] => found.fix("write", name.span, format!("{only:?}")),
            _ => found.help("remove it"),
        });
    }
}

/// Returns the regions that neither the primary nor a list has.
fn free<'p>(plan: &'p Plan<'_>, application: &Application<'_>, list: &[Spanned<RegionName>]) -> Vec<&'p str> {
    let others = plan.regions.iter().enumerate().filter(|(place, _)| *place != application.primary.region);
    let names = others.map(|(_, region)| &region.name.value);
    names.filter(|name| list.iter().all(|item| item.value != **name)).map(RegionName::as_str).collect()
}

/// Reports no standby, and more than a Continuum has.
fn number(
    plan: &Plan<'_>,
    application: &Application<'_>,
    list: &Spanned<Vec<Spanned<RegionName>>>,
    diags: &mut Diagnostics,
) {
    let name = &application.name.value;
    if let Some(over) = list.value.get(MOST) {
        let message = format!("`{name}` has {} standbys, {MOST} at most are possible", list.value.len());
        diags.push(
            Diagnostic::new(Code::OwnStandby, over.span, message)
                .label("the first of those that are too many")
                .help(format!("keep the {MOST} that shall take over first")),
        );
    } else if list.value.is_empty() && diags.count_within(list.span) == 0 {
        let message = format!("nothing takes over from `{name}`: its list of standbys is empty");
        let found = Diagnostic::new(Code::OwnStandby, list.span, message);
        diags.push(match free(plan, application, &[]).first() {
            Some(region) => found.fix("write", list.span, format!("[{region:?}]")),
            None => found.help("add a `[[region]]` that can take over"),
        });
    }
}

/// Returns where hot standbys are asked for in a Sovereign of one region, unless a list names some, which is looked at then.
fn alone(plan: &Plan<'_>, failover: &Failover<'_>) -> BTreeSet<Span> {
    if plan.regions.len() > 1 || plan.lacks_regions() {
        return BTreeSet::new();
    }
    if failover.applications.is_empty() && failover.mode.value == Placement::ActiveHotstandby {
        return BTreeSet::from([failover.mode.span]);
    }
    let unnamed = |application: &&Application<'_>| {
        application.has_continuum() && !application.written.states("standbys")
    };
    let own = |application: &Application<'_>| application.written.placement.map(|placement| placement.span);
    let asked = failover.applications.iter().filter(unnamed);
    asked.map(|application| own(application).unwrap_or(failover.mode.span)).collect()
}
