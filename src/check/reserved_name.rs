#![doc = include_str!("../../docs/diagnostics/reserved-name.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dns;
use crate::grammar::identity::reserved_subdomain;
use crate::lower::Layer;
use crate::manifest::DomainMode;
use crate::plan::Plan;

/// Directories beside those of the regions.
const DIRECTORIES: [&str; 2] = [dns::DIRECTORY, "infrastructure"];

/// Reports a Sovereign's name that the pool keeps for itself, and a region named like a directory of the tree.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let name = &plan.name;
    if plan.domain.mode.value == DomainMode::Pool && reserved_subdomain(name.value.as_str()) {
        let message = format!("`{}` is reserved as a subdomain of the pool", name.value);
        diags.push(
            Diagnostic::new(Code::ReservedName, name.span, message)
                .related(plan.domain.mode.span, "in this mode the name becomes a subdomain")
                .note("the platform's own hosts have names like this one")
                .help("choose another name"),
        );
    }
    for region in &plan.regions {
        let name = region.name.value.as_str();
        if DIRECTORIES.contains(&name) || name == Layer::SovereignValues.directory() {
            let message = format!("`{name}` is a directory of every tree, so no region can have the name");
            diags.push(Diagnostic::new(Code::ReservedName, region.name.span, message));
        }
    }
}
