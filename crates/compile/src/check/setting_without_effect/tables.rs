//! Keys of a blueprint's table that another key, or the kit, leaves nothing to do.

use crate::plan::Plan;
use sovereign_language::kit::Blueprint;
use sovereign_language::manifest::BlueprintTable;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// Warns of edges that are taken away and were never there, and of values that the same table takes away.
pub(super) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let of_regions = plan.regions.iter().filter_map(|region| region.written.blueprint.as_ref());
    let tables = plan.written.blueprint.iter().chain(of_regions).flat_map(|named| &named.value.0);
    for (name, table) in tables {
        let blueprint = plan.kit.blueprints.iter().find(|known| known.name.value.bare() == name.value);
        if let Some(blueprint) = blueprint {
            diags.extend(absent_edges(blueprint, &table.value));
            diags.extend(unset_values(&table.value));
        }
    }
}

fn absent_edges<'a>(blueprint: &'a Blueprint, table: &'a BlueprintTable) -> impl Iterator<Item = Diagnostic> {
    let known = || blueprint.depends_on.iter().map(|edge| edge.value.as_str().trim_start_matches("bp-"));
    let dropped = table.independent_of.iter().flat_map(|list| &list.value);
    let absent = dropped.filter(move |name| !known().any(|edge| edge == name.value.as_str()));
    absent.map(move |name| {
        let message = format!("`{}` does not wait for `{}` in any case", blueprint.name.value, name.value);
        let found = Diagnostic::new(Code::SettingWithoutEffect, name.span, message);
        match suggest::nearest(name.value.as_str(), known()) {
            Some(near) => found.fix("it waits for this one", name.span, format!("{near:?}")),
            None if known().next().is_none() => found.help("it waits for nothing; leave it out"),
            None => found.help(format!("it waits for {}", suggest::list(known(), 8))),
        }
    })
}

fn unset_values(table: &BlueprintTable) -> impl Iterator<Item = Diagnostic> {
    let paths = table.unset.iter().flat_map(|list| &list.value);
    paths.filter_map(|path| {
        let value = table.values.as_ref()?.value.0.at(&path.value.keys())?;
        let message = format!("`{}` is taken away by `unset` of the same table", path.value);
        let found = Diagnostic::new(Code::SettingWithoutEffect, value.cause, message);
        Some(found.related(path.span, "here").help("leave out one of the two"))
    })
}
