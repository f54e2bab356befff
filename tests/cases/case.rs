//! The manifests of `tests/ui`: a case shows what differs from a base, and the base completes it before it is compiled.
//!
//! The first line of a case, `#~ base: NAME`, names `tests/ui/base/NAME.toml`. Every table of the base whose header the
//! case does not write is appended, so that the lines of a case keep their numbers. The `kit` of the base must stand
//! before all tables: it takes the place of the first line, unless the case writes a `kit`. A case without such a line
//! is a whole manifest.
#![expect(clippy::disallowed_methods, reason = "bases are files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sovereign_language::input::Input;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

/// The directory of the bases.
pub(crate) const BASES: &str = "tests/ui/base";
/// The beginning of the first line of a case that has a base.
pub(crate) const BASE: &str = "#~ base: ";
const KIT: &str = "kit = ";

/// Reads a manifest, completed by its base if it names one, and what stands beside it.
pub(crate) fn load(path: &Path, diags: &mut Diagnostics) -> Result<Input, String> {
    let input = load::load(path, &KitCache::default(), diags).map_err(|error| error.to_string())?;
    let manifest = input.manifest();
    let Some((name, case)) = manifest.text().strip_prefix(BASE).and_then(|text| text.split_once('\n')) else {
        return Ok(input);
    };
    let base = format!("{BASES}/{name}.toml");
    let base = fs::read_to_string(&base).map_err(|error| format!("cannot read {base}: {error}"))?;
    let manifest = Source::manifest(manifest.name(), complete(case, &base).into_bytes())
        .map_err(|(fault, _)| format!("{}: {fault:?}", path.display()))?;
    Ok(input.with_manifest(manifest))
}

/// Returns the whole manifest of a case, which is given without its first line.
fn complete(case: &str, base: &str) -> String {
    let mut tables = base.split("\n[");
    let root = tables.next().unwrap_or_default();
    let has_kit = case.lines().any(|line| line.starts_with(KIT));
    let kit = root.lines().find(|line| line.starts_with(KIT) && !has_kit).unwrap_or_default();
    let written: BTreeSet<_> = case.lines().filter_map(|line| header(line.strip_prefix('[')?)).collect();
    let missing = tables.filter(|table| header(table).is_some_and(|header| !written.contains(header)));
    let missing: String = missing.flat_map(|table| ["\n[", table.trim_end(), "\n"]).collect();
    format!("{kit}\n{case}{missing}")
}

/// Returns the header of a table without its first bracket and whatever follows it.
fn header(table: &str) -> Option<&str> {
    Some(table.split_once(']')?.0)
}
