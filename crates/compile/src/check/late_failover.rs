#![doc = include_str!("../../../../docs/diagnostics/late-failover.md")]

use crate::plan::Plan;
use crate::plan::failover::Application;
use crate::plan::switchover::Budget;
use sovereign_language::scalar::Objective;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// The shortest lease that a Continuum knows, in seconds.
const SHORTEST_LEASE: u64 = 5;

/// Warns of objectives that a switchover cannot keep, whatever happens in it.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let applications = plan.failover.iter().flat_map(|failover| &failover.applications);
    for application in applications.filter(|application| application.has_continuum()) {
        let Some(rto) = &application.rto else { continue };
        let budget = Budget::new(application);
        if let Some(excess) = budget.excess(&rto.value) {
            diags.push(report(application, rto, budget, excess));
        }
    }
}

fn report(
    application: &Application<'_>,
    rto: &Spanned<Objective>,
    budget: Budget,
    excess: u64,
) -> Diagnostic {
    let Budget { lease, drain, dns } = budget;
    let (name, total, allowed) = (&application.name.value, budget.total(), rto.value.seconds());
    let message = format!(
        "`{name}` is away for {lease}s + {drain}s + {dns}s = {total}s, {excess}s more than the rto of {allowed}s"
    );
    let start =
        Diagnostic::new(Code::LateFailover, rto.span, message).label("shorter than a switchover takes");
    let term = |found: Diagnostic, span: Span, key: &str, text: String| {
        if application.is_written(span) {
            found.related(span, text)
        } else {
            found.note(format!("{text}: the default of `{key}`"))
        }
    };
    let until = format!("{lease}s until the lease of the lost region has run out");
    let found = term(start, application.lease.ttl.span, "lease.ttl", until);
    let found = found.note(format!("{drain}s until its route has run dry: the controller waits so long"));
    let kept = format!("{dns}s while others may keep the old address");
    term(found, application.dns_ttl.span, "dns-ttl", kept).help(help(budget, allowed))
}

/// Returns which values would do: another TTL, another lease, or both; and what can be promised as it is.
fn help(Budget { lease, drain, dns }: Budget, allowed: u64) -> String {
    let room = allowed.saturating_sub(drain);
    let of_lease = |ttl: u64| format!("`lease = {{ ttl = \"{ttl}s\", renew = \"{}s\" }}`", ttl / 3);
    let of_dns = |ttl: u64| format!("`dns-ttl = \"{ttl}s\"`");
    let mut ways = Vec::new();
    if room > lease {
        ways.push(of_dns(room - lease));
    }
    if room >= dns.saturating_add(SHORTEST_LEASE) {
        ways.push(of_lease(room - dns));
    }
    if ways.is_empty() && room > SHORTEST_LEASE {
        let ttl = (room / 2).max(SHORTEST_LEASE);
        ways.push(format!("{} with {}", of_lease(ttl), of_dns(room - ttl)));
    }
    let total = lease.saturating_add(drain).saturating_add(dns);
    let promise = format!("promise `rto = \"{total}s\"`");
    if ways.is_empty() { promise } else { format!("write {}, or {promise}", ways.join(" or ")) }
}
