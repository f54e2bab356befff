#![doc = include_str!("../../../../docs/diagnostics/pool-zone.md")]

use crate::plan::Plan;
use sovereign_language::manifest::{DomainMode, PoolTable};
use sovereign_language::pool;
use sovereign_language::scalar::Fqdn;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Spanned;

/// Reports a parent that is no zone of OpenOva's pool though no other pool is named, another pool that is named for a zone of
/// OpenOva's, and name servers that stand in the zone which is delegated to them.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let table = plan.written.domain.as_ref().map(|domain| &domain.value);
    let Some(table) = table.filter(|_| plan.domain.mode.value == DomainMode::Pool) else { return };
    let Some(parent) = &table.parent else { return };
    match &table.pool {
        None if !pool::is_zone(&parent.value) && !table.states("pool") => diags.push(unknown(parent)),
        Some(pool) if pool::is_zone(&parent.value) => diags.push(
            Diagnostic::new(
                Code::PoolZone,
                pool.span,
                format!("`{}` is a zone of OpenOva's pool, which has name servers of its own", parent.value),
            )
            .related(parent.span, "the zone")
            .help("remove `pool`, or write the zone that these name servers have"),
        ),
        None | Some(_) => {}
    }
    diags.extend(table.pool.iter().flat_map(|pool| within(plan, &pool.value)));
}

fn unknown(parent: &Spanned<Fqdn>) -> Diagnostic {
    let name = parent.value.as_str();
    let zones: Vec<_> = pool::zones().map(|zone| format!("`{zone}`")).collect();
    let found =
        Diagnostic::new(Code::PoolZone, parent.span, format!("`{name}` is no zone of OpenOva's pool"))
            .note(format!("its zones are {}", zones.join(" and ")));
    match suggest::nearest(name, pool::zones()) {
        Some(near) => found.fix("a zone with a similar name exists", parent.span, format!("\"{near}\"")),
        None => found.help(
            "for a domain of your own write `mode = \"byo-manual\"` and its `fqdn`; for the pool of somebody else, \
             `pool = { name-servers = [\"ns1.example.org\"], api = \"https://pdns.example.org\" }` beside `parent`",
        ),
    }
}

/// Returns the name servers that nobody finds: only they themselves know where they are.
fn within(plan: &Plan<'_>, pool: &PoolTable) -> impl Iterator<Item = Diagnostic> {
    let servers = pool.name_servers.iter().flat_map(|servers| &servers.value);
    let inside = servers.filter(|server| server.value.is_or_is_under(&plan.fqdn.value));
    inside.map(|server| {
        let message = format!("`{}` stands in the zone that it would answer for", server.value);
        Diagnostic::new(Code::PoolZone, server.span, message)
            .related(plan.fqdn.span, format!("the zone is `{}`", plan.fqdn.value))
            .note("a pool's servers answer for the zone above too, and have their names outside of the Sovereign's")
            .help("write the names of the pool's own servers")
    })
}
