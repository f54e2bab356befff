#![doc = include_str!("../../../../docs/diagnostics/production-issuer.md")]

use crate::plan::Plan;
use sovereign_language::manifest::Issuer;
use sovereign_language::scalar::Env;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Warns of a Sovereign that is no production, and whose issuer nobody chose: its certificates count towards the limits of
/// everything else below the same domain.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let table = plan.written.tls.as_ref().map(|table| &table.value);
    let is_chosen = table.is_some_and(|table| table.issuer.is_some());
    if plan.env.value == Env::Prod || is_chosen || plan.tls.issuer.value != Issuer::LetsEncrypt {
        return;
    }
    let message =
        format!("an environment `{}` with certificates of Let's Encrypt's production", plan.env.value);
    diags.push(
        Diagnostic::new(Code::ProductionIssuer, plan.env.span, message)
            .note("they count towards the 50 certificates that one domain gets in a week, and each that is made again towards 5")
            .help("write `issuer = \"lets-encrypt-staging\"` in `[tls]`, or `\"lets-encrypt\"` if browsers must trust them"),
    );
}
