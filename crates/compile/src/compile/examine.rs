//! For whoever looks at an input again and again while it is written: an editor.

use super::{Parts, lowered, organizations, origins, resolved};
use crate::build_cache::{Origins, ValidCache};
use crate::dns;
use crate::lower::{Lowered, Placed};
use crate::plan::Plan;
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::{Diagnostics, Reported};

/// Holds an input against every rule, and gives `then` its plan with the objects of the platform and of those Organizations
/// that `keep` says yes to: the others are dropped as soon as the rules have seen them. Settled Organizations are not looked
/// at. Gives what the input follows from, too, for the next time.
///
/// # Errors
/// At least one error was reported to `diags`. With settled Organizations, what is wrong between one of them and another
/// one is reported at the other one only.
pub fn examine<'m, T>(
    known: Option<&ValidCache<'m>>,
    input: &Input,
    kits: &Kits,
    keep: &(dyn Fn(&str) -> bool + Sync),
    diags: &mut Diagnostics,
    then: impl FnOnce(&Plan<'_>, &Lowered) -> T,
) -> Result<(T, Origins<'m>), Reported> {
    resolved(input, kits, known, diags, |plan, reading, diags| {
        let kept = |placed: Placed| placed.owner().is_none_or(keep).then_some(placed);
        let all = organizations(plan);
        let Parts { mut platform, tenants, hosts: _ } = lowered(plan, &dns::zone(plan), &all, diags, kept)?;
        for (cluster, objects) in platform.clusters.iter_mut().zip(tenants) {
            cluster.objects.extend(objects.into_iter().flatten());
        }
        Ok((then(plan, &platform), origins(plan, reading, diags)))
    })
}
