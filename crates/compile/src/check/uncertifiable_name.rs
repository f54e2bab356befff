#![doc = include_str!("../../../../docs/diagnostics/uncertifiable-name.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Ends of names that no public authority certifies, since they are not in the root zone and never will be: the Special-Use
/// Domain Names of IANA (RFC 6761 and later, `.example` aside, which documents use), `.internal` (ICANN, 2024), and what
/// networks of one's own are called (RFC 6762, appendix G; SAC 045).
const PRIVATE: [&str; 13] = [
    "alt",
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localhost",
    "onion",
    "private",
    "test",
];

/// Reports names that Let's Encrypt cannot certify.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    if !plan.tls.is_acme() {
        return;
    }
    let mut judge = |name: &str, span: Span| {
        let name = name.strip_prefix("*.").unwrap_or(name);
        if let Some(end) = PRIVATE.iter().find(|end| is_under(name, end)) {
            let message =
                format!("no public authority certifies `{name}`, since `.{end}` is in no public zone");
            let written = plan.written.tls.as_ref().and_then(|tls| tls.value.issuer);
            let found = Diagnostic::new(Code::UncertifiableName, span, message);
            let found = match written {
                Some(issuer) => found.related(issuer.span, "certificates come from Let's Encrypt"),
                None => found.note("without `[tls] issuer` certificates come from Let's Encrypt"),
            };
            diags.push(
                found
                    .note("no host of it would ever answer over TLS")
                    .help("write `issuer = \"corporate-ca\"` and the `ca` in `[tls]`, or a public name"),
            );
        }
    };
    judge(plan.fqdn.value.as_str(), plan.fqdn.span);
    for name in &plan.tls.names {
        judge(name.value.as_str(), name.span);
    }
}

fn is_under(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'))
}
