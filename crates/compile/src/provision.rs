//! Day 0: what stands before Flux. Variables for the provider's OpenTofu module, and the objects that make Flux read the
//! tree. Flux reads nothing of it: no `kustomization.yaml` stands in `infrastructure/`.
//!
//! A region's directory speaks of that region alone. The one list that speaks of all regions of a cloud stands beside
//! them, so that a further region changes no byte in the directory of another one.

mod cost;
pub mod k3s;
mod module;
pub(crate) mod state;
mod told;
mod variable;

pub use cost::Cost;
pub use state::BACKEND;
pub use told::ToldFile;
pub(crate) use told::files;
pub use variable::{Kind, RegionCtx, Variable, VariableDefault};

use std::collections::BTreeMap;

use serde_json::{Map as JsonMap, Value as Json};

pub use module::{machines, values, variable_named, variables};

pub use crate::plan::machines::{lead, module};
pub(crate) use crate::plan::machines::{made_by, run_leader};

use crate::plan::{Plan, Region, machines as machines_of};
use crate::tree::TreePath;
use sovereign_language::kit::Module;
use sovereign_language::manifest::Role;
use sovereign_language::scalar::choice::Choice as _;
use sovereign_text::node::Node;

/// The directory of everything that Flux does not read.
pub const DIRECTORY: &str = "infrastructure";
/// The file of variables, under a name that OpenTofu reads by itself.
pub const VARIABLES: &str = "tofu.auto.tfvars.json";
/// A [`shared_file`] that is not there, as one that tells nothing.
pub const NOTHING: &str = "{}";

/// What a module is told of one region.
#[derive(Clone, Debug)]
pub struct TofuVars {
    /// The module.
    pub module: Module,
    /// The values, by variable.
    pub values: BTreeMap<&'static str, Node>,
    /// Variables that must have a value, and have none yet.
    pub missing: Vec<&'static str>,
}

/// Returns how many machines of the control plane are made in a region, which is not what it asks for where
/// its module cannot be told.
pub fn control_planes(plan: &Plan<'_>, region: &Region<'_>) -> i64 {
    machines_of::control_planes(plan, region).value
}

/// Returns what the module of a region is told; `None` where there is none.
///
/// Of a region in another one's run the module takes the record in its list, and that alone. Its own file is for a run of that
/// region alone: nothing in it is missing, and what would be refused is left out.
pub fn tofu_vars(plan: &Plan<'_>, region: &Region<'_>) -> Option<TofuVars> {
    let module = module(plan, region)?;
    let leads = run_leader(plan, region).is_none();
    let mut told = TofuVars { module, values: BTreeMap::new(), missing: Vec::new() };
    for variable in variables(module).filter(|variable| !variable.is_of_all_regions()) {
        match variable.value(&RegionCtx { plan, region }) {
            Some(value) if leads || variable.refuses(&value.to_json()).is_none() => {
                told.values.insert(variable.name, value);
            }
            None if leads && variable.default == VariableDefault::Missing => told.missing.push(variable.name),
            Some(_) | None => {}
        }
    }
    told.missing.sort_unstable();
    Some(told)
}

/// Returns what a module is told of all its regions, the primary first: the module takes the first for it.
pub(crate) fn told_of_all(plan: &Plan<'_>, module: Module) -> BTreeMap<&'static str, Node> {
    let regions = made_by(plan, module);
    let lists = variables(module).filter_map(|variable| {
        let fields = variable.fields()?;
        let entry = |region: &&Region<'_>| variable::record(fields, &RegionCtx { plan, region });
        let list: Vec<_> = regions.iter().map(entry).collect();
        Some((variable.name, Node::new(list, regions.first()?.written.span)))
    });
    lists.collect()
}

/// Visits every value that a module is told, with the region that it is told it for and the variable.
pub fn each(plan: &Plan<'_>, see: &mut dyn FnMut(&Region<'_>, &str, &Node)) {
    for region in plan.regions.iter().filter(|_| !plan.is_retired()) {
        let Some(told) = tofu_vars(plan, region) else { continue };
        for (variable, value) in told.values.iter().chain(&told_of_all(plan, told.module)) {
            see(region, variable, value);
        }
    }
}

/// Returns the file with what a module is told of all its regions.
pub(crate) fn shared_file(module: Module) -> String {
    format!("{DIRECTORY}/regions-{}.auto.tfvars.json", module.cloud().word())
}

/// Returns whether a file is a [`shared_file`], of whichever module.
pub fn is_shared(path: &TreePath) -> bool {
    path.as_str().strip_prefix(DIRECTORY).is_some_and(|rest| rest.matches('/').count() == 1)
}

/// Returns two versions of a [`shared_file`] as one: all regions of the new one, and those of the old one that it lacks. The
/// primary is the one that is named and the first, whatever role the records have; the others follow in the order of their
/// numbers. `None` if one of them is no such file.
pub fn of_both(
    old: &str,
    new: &str,
    primary: Option<&str>,
    number: impl Fn(&str) -> Option<usize>,
) -> Option<String> {
    let (old, mut new): (JsonMap<_, _>, JsonMap<_, _>) =
        (serde_json::from_str(old).ok()?, serde_json::from_str(new).ok()?);
    for (variable, before) in old {
        let after = new.entry(variable).or_insert_with(|| Json::Array(Vec::new())).as_array_mut()?;
        let names: Vec<_> = after.iter().map(|region| name(region).map(str::to_owned)).collect();
        let Json::Array(before) = before else { return None };
        after.extend(before.into_iter().filter(|region| !names.contains(&name(region).map(str::to_owned))));
    }
    for regions in new.values_mut() {
        let regions = regions.as_array_mut()?;
        for region in regions.iter_mut() {
            let role = if name(region) == primary { Role::Primary } else { Role::Secondary };
            if let Some(written) = region.get_mut(ROLE) {
                *written = Json::from(role.word());
            }
        }
        regions.sort_by_key(|region| {
            let number = name(region).and_then(&number).unwrap_or(usize::MAX);
            (name(region) != primary, number)
        });
    }
    Some(printed(&Json::Object(new)))
}

/// Returns the regions that stand at another place of a [`shared_file`] than in an earlier version of it,
/// each with both places from 1: a module that numbers what it makes by place takes them for others.
pub fn renumbered(old: &str, new: &str) -> Vec<(String, usize, usize)> {
    let (old, new) = (places(old), places(new));
    let moved = |(region, place): (&String, &usize)| {
        let is = *new.get(region).filter(|is| *is != place)?;
        Some((region.clone(), *place, is))
    };
    old.iter().filter_map(moved).collect()
}

/// Returns the place of each region in the lists of a [`shared_file`], from 1.
pub fn places(text: &str) -> BTreeMap<String, usize> {
    let variables: JsonMap<_, _> = serde_json::from_str(text).unwrap_or_default();
    let lists = variables.values().filter_map(Json::as_array);
    let place = |(place, region): (usize, &Json)| Some((name(region)?.to_owned(), place + 1));
    lists.flat_map(|list| list.iter().enumerate().filter_map(place)).collect()
}

/// Returns the name of a region in the list of a module.
fn name(region: &Json) -> Option<&str> {
    NAMES.iter().find_map(|field| region.get(field)?.as_str())
}

/// The fields that modules have it in.
const NAMES: [&str; 2] = ["code", "cloudRegion"];

/// The field that modules have its role in.
const ROLE: &str = "role";

/// Values as OpenTofu reads them, keys in order.
pub(crate) fn json(values: &BTreeMap<&'static str, Node>) -> String {
    let value = |(name, node): (&&str, &Node)| {
        let mut node = node.clone();
        node.sort();
        ((*name).to_owned(), node.to_json())
    };
    let map: JsonMap<_, _> = values.iter().map(value).collect();
    printed(&Json::Object(map))
}

fn printed(json: &Json) -> String {
    // Serializing a `Value` with string keys cannot fail.
    let mut text = serde_json::to_string_pretty(json).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(regions: &[(&str, &str)]) -> String {
        let regions = regions.iter().map(|(name, role)| serde_json::json!({ "code": name, "role": role }));
        serde_json::json!({ "regions": regions.collect::<Vec<_>>() }).to_string()
    }

    #[test]
    fn a_merged_list_has_the_named_primary_first_and_the_others_by_number() {
        let old = list(&[("hel1", "primary"), ("nbg1", "secondary"), ("sin", "secondary")]);
        let new = list(&[("sin", "primary"), ("fsn1", "secondary"), ("hel1", "secondary")]);
        let number = |name: &str| ["hel1", "nbg1", "sin", "fsn1"].iter().position(|known| *known == name);
        for primary in ["hel1", "nbg1", "sin", "fsn1"] {
            let both: Json =
                serde_json::from_str(&of_both(&old, &new, Some(primary), number).expect("a list"))
                    .expect("JSON");
            let regions = both["regions"].as_array().expect("a list");
            let names: Vec<_> = regions.iter().filter_map(|region| region["code"].as_str()).collect();
            let mut expected = vec!["hel1", "nbg1", "sin", "fsn1"];
            expected.retain(|name| *name != primary);
            expected.insert(0, primary);
            assert_eq!(names, expected);
            let is_primary = |region: &&Json| region["role"] == "primary";
            let primaries: Vec<_> = regions.iter().filter(is_primary).map(|region| &region["code"]).collect();
            assert_eq!(primaries, [primary]);
        }
    }
}
