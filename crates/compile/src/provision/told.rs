//! What modules are told, by the files that tell it: values that know their cause, and the module that says what a change of
//! each comes to.

use super::{DIRECTORY, VARIABLES, module, shared_file, tofu_vars, told_of_all};
use crate::plan::Plan;
use crate::tree::TreePath;
use sovereign_language::kit::Module;
use sovereign_text::node::{Map, Node};
use sovereign_text::source::Span;

/// A file of variables.
#[derive(Clone, Debug)]
pub struct ToldFile {
    /// Where it stands.
    pub path: TreePath,
    /// The region that it is for; `None` for the list of all regions of a module.
    pub region: Option<String>,
    /// The module that reads it.
    pub module: Module,
    /// The variables, as a mapping.
    pub values: Node,
}

/// Returns every file of variables of a plan. A Sovereign that goes has none.
pub(crate) fn files(plan: &Plan<'_>) -> Vec<ToldFile> {
    if plan.is_retired() {
        return Vec::new();
    }
    let mapping = |values: std::collections::BTreeMap<&'static str, Node>, cause: Span| {
        Node::new(Map::of_unique(values.into_iter().map(|(name, node)| (name.to_owned(), node))), cause)
    };
    let of_region = plan.regions.iter().filter_map(|region| {
        let (module, told) = (module(plan, region)?, tofu_vars(plan, region)?);
        let name = region.name.value.to_string();
        let path = TreePath::new(format!("{DIRECTORY}/{name}/{VARIABLES}"))?;
        let values = mapping(told.values, region.written.span);
        Some(ToldFile { path, region: Some(name), module, values })
    });
    let of_all = plan.kit.modules.iter().filter_map(|module| {
        let told = told_of_all(plan, *module);
        let cause = plan.written.region.as_ref().map_or(plan.written.span, |regions| regions.span);
        let path = TreePath::new(shared_file(*module)).filter(|_| !told.is_empty())?;
        Some(ToldFile { path, region: None, module: *module, values: mapping(told, cause) })
    });
    of_region.chain(of_all).collect()
}
