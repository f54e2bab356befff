#![doc = include_str!("../../../../docs/diagnostics/witness-resolvers.md")]

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::plan::Plan;
use sovereign_language::scalar::Ipv4;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// How many resolvers a quorum has (Continuum, `leaseClient.config.resolvers`).
const RESOLVERS: RangeInclusive<usize> = 3..=5;
/// Public resolvers of five operators.
const KNOWN: [&str; 5] = ["8.8.8.8", "1.1.1.1", "9.9.9.9", "208.67.222.222", "64.6.64.6"];

/// Reports quorums of too few or too many resolvers, and resolvers that are not public or there twice.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let written = plan.written.failover.iter().flat_map(|table| table.value.witnesses());
    for resolvers in written.filter_map(|witness| witness.resolvers.as_ref()) {
        let has = |known: &str| resolvers.value.iter().any(|resolver| resolver.value.to_string() == known);
        let mut free = KNOWN.into_iter().filter(|known| !has(known));
        // What could not be read was meant as a resolver too.
        let count = resolvers.value.len() + diags.count_within(resolvers.span);
        if !RESOLVERS.contains(&count) {
            diags.push(number(resolvers, count, &mut free));
        }
        let mut seen = BTreeMap::new();
        for resolver in &resolvers.value {
            let Some(found) = wrong(plan, resolver, &mut seen) else { continue };
            diags.push(match free.next() {
                Some(known) => found.fix("write another one, such as", resolver.span, format!("{known:?}")),
                None => found.help("write another one"),
            });
        }
    }
}

fn number(
    resolvers: &Spanned<Vec<Spanned<Ipv4>>>,
    count: usize,
    free: &mut impl Iterator<Item = &'static str>,
) -> Diagnostic {
    let (least, most) = (*RESOLVERS.start(), *RESOLVERS.end());
    let message = format!("a quorum has {least} to {most} resolvers, and here are {count}");
    let found = Diagnostic::new(Code::WitnessResolvers, resolvers.span, message);
    if count > most {
        return found.note("every one is asked at every renewal").help(format!("remove {}", count - most));
    }
    let found = found.note("most of them must agree although one is wrong or away");
    let more: Vec<_> = free.take(least - count).map(|known| format!("{known:?}")).collect();
    match resolvers.value.last() {
        Some(before) => {
            let end = Span { start: before.span.end, ..before.span };
            found.fix("add more, such as", end, format!(", {}", more.join(", ")))
        }
        None => found.fix("write some, such as", resolvers.span, format!("[{}]", more.join(", "))),
    }
}

/// Returns what is wrong with a resolver beside those before it.
fn wrong<'a>(
    plan: &Plan<'_>,
    resolver: &'a Spanned<Ipv4>,
    seen: &mut BTreeMap<Ipv4, &'a Spanned<Ipv4>>,
) -> Option<Diagnostic> {
    let addr = resolver.value;
    if let Some(first) = seen.insert(addr, resolver) {
        let message = format!("resolver `{addr}` is there twice, but has one vote");
        let found = Diagnostic::new(Code::WitnessResolvers, resolver.span, message);
        return Some(found.label("again here").related(first.span, "first here"));
    }
    // Behind an air gap no public one is reached, so the quorum is one of the site's own.
    if addr.is_public() || plan.airgap.is_some() {
        return None;
    }
    let message = format!("resolver `{addr}` is no public address");
    let found = Diagnostic::new(Code::WitnessResolvers, resolver.span, message);
    Some(found.note("a resolver inside of a network is lost with it, or says there what nobody else hears"))
}
