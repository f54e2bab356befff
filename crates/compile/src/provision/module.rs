//! The variables of modules as data: name, type, what it accepts, default, and what gives its value (domain sections 1.2, 1.6,
//! 8.1 and 8.2). Each cloud whose machines some module makes has a file.
//!
//! A value in a `*.auto.tfvars.json` wins over one in the environment. So a variable that only a run knows is not
//! written at all, even where the module has a default for it.

mod hetzner;
mod huawei;
mod rules;
mod shared;

use super::variable::{RegionCtx, Variable, record};
use sovereign_language::cloud::Generation;
use sovereign_language::kit::Module;
use sovereign_language::manifest::NodePool;
use sovereign_text::node::Node;
use sovereign_text::source::Spanned;

/// What one module has besides the variables that all of its generation have.
struct Own {
    /// The path of the module.
    path: &'static str,
    /// Its variables.
    groups: &'static [&'static [Variable]],
}

const OWN: &[Own] = &[
    Own { path: "infra/hetzner", groups: &[hetzner::BOTH, hetzner::FIRST] },
    Own { path: "infra/providers/hetzner", groups: &[hetzner::BOTH, hetzner::SECOND] },
    Own { path: "infra/providers/huawei", groups: &[huawei::OWN] },
];

/// Returns the variables of a module.
pub fn variables(module: Module) -> impl Iterator<Item = &'static Variable> {
    let facts = module.facts();
    let platform = match facts.generation {
        Generation::First => &[],
        Generation::Second => shared::PLATFORM,
    };
    let own = OWN.iter().filter(|own| own.path == facts.path).flat_map(|own| own.groups);
    [shared::SHARED, platform].into_iter().chain(own.copied()).flatten()
}

/// Returns the variable of a module with this name.
pub fn variable_named(module: Module, name: &str) -> Option<&'static Variable> {
    variables(module).find(|variable| variable.name == name)
}

/// Returns what each variable of a module would be in a region: its value, or the region's record in the list of all.
pub fn values(module: Module, here: RegionCtx<'_, '_>) -> impl Iterator<Item = Node> {
    variables(module).filter_map(move |variable| match variable.fields() {
        Some(fields) => Some(record(fields, &here)),
        None => variable.value(&here),
    })
}

/// Returns how many machines a pool has: 1 unless it says so, none without a pool.
pub fn machines(pool: Option<&Spanned<NodePool>>) -> i64 {
    pool.map_or(0, |pool| pool.value.count.map_or(1, |count| count.value.0))
}

#[cfg(test)]
mod tests {
    use super::{Module, OWN};

    #[test]
    fn every_module_has_variables_of_its_own() {
        let paths = || Module::all().map(|module| module.facts().path);
        for path in paths() {
            assert_eq!(OWN.iter().filter(|own| own.path == path).count(), 1, "{path}");
        }
        for own in OWN {
            assert!(paths().any(|path| path == own.path), "no cloud has the module {}", own.path);
        }
    }
}
