#![doc = include_str!("../../../../docs/diagnostics/lease-renewal.md")]

use crate::plan::Plan;
use crate::plan::failover::{Failover, Lease};
use sovereign_language::manifest::LeaseTable;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// Reports leases that run out before a second renewal.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let (Some(failover), Some(written)) = (&plan.failover, &plan.written.failover) else { return };
    // Of a part that could not be read, the default is not what was meant.
    let read = |table: &Option<Spanned<LeaseTable>>| !table.as_ref().is_some_and(|t| t.value.is_unread());
    let shared = &written.value.lease;
    for application in &failover.applications {
        let own = &application.written.lease;
        if !application.lease.bears_a_failure() && read(shared) && read(own) {
            diags.push(report(&application.lease, |span| application.is_written(span)));
        }
    }
    // Without applications nobody says another one.
    let Failover { lease, applications, span, .. } = failover;
    if applications.is_empty() && !lease.bears_a_failure() && read(shared) {
        diags.push(report(lease, |at| at != *span));
    }
}

/// Takes a lease and what knows a written part from a default.
fn report(lease: &Lease, is_written: impl Fn(Span) -> bool) -> Diagnostic {
    let (ttl, renew) = (lease.ttl.value.seconds(), lease.renew.value.seconds());
    let message = format!("a lease of {ttl}s that is renewed every {renew}s is lost if one renewal fails");
    let due = format!("2 × {renew}s = {}s must be less than {ttl}s", renew * 2);
    let third = format!("renew = \"{}s\"", ttl / 3);
    let longer = format!("ttl = \"{}s\"", renew * 3);
    let start = |span| Diagnostic::new(Code::LeaseRenewal, span, message.clone()).label(due.clone());
    match (is_written(lease.renew.span), is_written(lease.ttl.span)) {
        (true, true) => start(lease.renew.span)
            .related(lease.ttl.span, "the lease holds so long")
            .fix("to renew it three times, write", lease.renew.span, format!("\"{}s\"", ttl / 3))
            .help(format!("a longer lease would do too: `{longer}`")),
        (true, false) => start(lease.renew.span)
            .note(format!("{ttl}s is the default of `ttl`"))
            .fix("to renew it three times, write", lease.renew.span, format!("\"{}s\"", ttl / 3))
            .help(format!("a longer lease would do too: add `{longer}`")),
        (false, _) => start(lease.ttl.span)
            .note(format!("{renew}s is the default of `renew`"))
            .help(format!("add `{third}`, or let it hold longer: `{longer}`")),
    }
}
