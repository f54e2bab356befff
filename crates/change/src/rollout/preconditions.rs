//! What must have happened in the clusters before the next commit. No compiler can know, so a plan says how to ask.

use std::collections::BTreeSet;

use super::exports::before_the_end;
use super::impact::Impact;
use super::sovereign_ctx::{APPLY, each};
use super::{Phase, Rollout};
use sovereign_compile::manual_checks::ManualCheck;
use sovereign_compile::object::FLUX_NAMESPACE;

/// Lists each Secret that has an owner, and the owner's kind.
const OWNED_SECRETS: &str = r#"kubectl get secrets -A -o jsonpath='{range .items[?(@.metadata.ownerReferences)]}{.metadata.namespace}/{.metadata.name} {.metadata.ownerReferences[*].kind}{"\n"}{end}'"#;

/// Returns what to see to before a step, counted from 1. `last` is what the step before it does, and `this`
/// what it does itself.
pub(crate) fn before(rollout: &Rollout<'_>, step: usize, last: &Impact, this: &Impact) -> Vec<ManualCheck> {
    let Some(phase) = phase(rollout, step) else { return Vec::new() };
    let mut checks = after(rollout, step - 1, last);
    // Nothing has gone yet, and whoever is asked for it still answers.
    if step == 1 {
        checks.extend(before_the_end(rollout));
    }
    if phase == Phase::Switch {
        checks.push(taken_over(rollout));
    }
    if phase == Phase::Drain && step > 1 {
        let stay = each(rollout).filter(|here| !here.clusters.is_end() && here.has_leaving());
        checks.extend(stay.map(|here| here.let_go_of()));
    }
    if !this.awaited.is_empty() {
        checks.push(awaited(this));
    }
    if !this.owners.is_empty() {
        checks.push(disowned(&this.owners));
    }
    // Data first: after the machines it is too late to ask.
    if !this.lost.is_empty() {
        checks.push(moved(&this.lost));
    }
    if phase == Phase::Close {
        checks.extend(each(rollout).filter(|here| here.clusters.is_end()).flat_map(|here| here.destroyed()));
    }
    checks
}

/// Returns what to see to after the last step.
pub(crate) fn at_end(rollout: &Rollout<'_>, last: &Impact) -> Vec<ManualCheck> {
    let step = rollout.phases().len();
    match phase(rollout, step) {
        // Nothing of it concerns a cluster.
        Some(Phase::Forget | Phase::Close) | None => Vec::new(),
        Some(_) => after(rollout, step, last),
    }
}

fn phase(rollout: &Rollout<'_>, step: usize) -> Option<Phase> {
    step.checked_sub(1).and_then(|index| rollout.phases().get(index)).copied()
}

/// Returns what shows that a step has arrived in the clusters; nothing for step 0.
fn after(rollout: &Rollout<'_>, step: usize, impact: &Impact) -> Vec<ManualCheck> {
    let Some(phase) = phase(rollout, step) else { return Vec::new() };
    let mut checks = vec![ManualCheck::new(
        "Do the clusters have the commit?",
        "flux get sources git sovereign",
        format!("READY is True, and the revision is the commit of step {step}."),
    )];
    match phase {
        Phase::Keep | Phase::Settle => checks.push(applied()),
        Phase::Arrive => checks.extend(each(rollout).flat_map(|here| here.come())),
        Phase::Switch => checks.extend(each(rollout).filter_map(|here| here.names())),
        Phase::Change | Phase::Return | Phase::Follow => checks.push(ready()),
        Phase::Loosen | Phase::Drain | Phase::Remove(_) | Phase::Leave | Phase::Forget | Phase::Close => {}
    }
    if !impact.let_go.is_empty() {
        checks.push(ManualCheck::new(
            "Has the controller let go of them?",
            "kubectl get continuums,cnpgpairs,pdms -A",
            format!("Not listed: {}.", impact.let_go.join(", ")),
        ));
    }
    if !impact.gone.is_empty() {
        checks.push(ManualCheck::new(
            "Is it gone?",
            "flux get kustomizations; flux get helmreleases -A",
            format!("Not listed: {}.", impact.gone.join(", ")),
        ));
    }
    if !impact.left.is_empty() {
        checks.push(ManualCheck::new(
            "Shall the namespaces go, too?",
            "kubectl delete namespace <name>",
            format!(
                "Flux leaves them where they are, with everything in them. By hand, where nobody needs them: {}.",
                impact.left.join(", ")
            ),
        ));
    }
    if phase == Phase::Leave {
        let stay = each(rollout).filter(|here| !here.clusters.is_end() && here.has_leaving());
        checks.extend(stay.flat_map(|here| here.destroyed()));
    }
    if !impact.renumbered.is_empty() {
        let place = checks.iter().position(|check| check.command == APPLY).unwrap_or(checks.len());
        checks.insert(place, renumbered(impact));
    }
    checks
}

fn applied() -> ManualCheck {
    let command = "flux get kustomizations --status-selector ready=false";
    ManualCheck::new("Have they applied it?", command, "None that is not.")
}

fn ready() -> ManualCheck {
    let command = "flux get helmreleases -A --status-selector ready=false";
    ManualCheck::new("Is every release ready?", command, "None that is not.")
}

fn moved(lost: &[String]) -> ManualCheck {
    ManualCheck::new(
        "Has everything moved that shall not be lost?",
        "velero backup get",
        format!(
            "A backup that is Completed and younger than the last write, and restored where it now lives. With this step go: {}.",
            lost.join(", ")
        ),
    )
}

/// Before releases read Secrets that nobody had to make yet.
fn awaited(impact: &Impact) -> ManualCheck {
    let listed = |((cluster, name), keys): (&(String, String), &BTreeSet<String>)| {
        format!("{name} with {} ({cluster})", keys.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    ManualCheck::new(
        "Are the Secrets there that are read from now on?",
        format!("kubectl describe secrets -n {FLUX_NAMESPACE}"),
        format!(
            "Listed, as `sovereign secrets` does, too: {}.",
            impact.awaited.iter().map(listed).collect::<Vec<_>>().join("; ")
        ),
    )
}

/// Before what owns Secrets goes: Kubernetes deletes each with its owner.
fn disowned(owners: &[String]) -> ManualCheck {
    ManualCheck::new(
        "Does every Secret that is still read stay without its owner?",
        OWNED_SECRETS,
        format!(
            "None of them: another owner makes it by now, or it has none (`kubectl patch secret NAME -n NAMESPACE --type merge \
             -p '{{\"metadata\":{{\"ownerReferences\":null}}}}'`). With this step goes what looks after the owners: {}.",
            owners.join(", ")
        ),
    )
}

/// Before names go over to another primary.
fn taken_over(rollout: &Rollout<'_>) -> ManualCheck {
    let ways: Vec<_> =
        rollout.handovers().map(|handover| format!("from {} to {}", handover.from, handover.to)).collect();
    ManualCheck::new(
        "Does the new primary have the data?",
        "velero restore get",
        format!(
            "Completed, for all that the primary holds for the whole Sovereign, {}. From now on it is written there.",
            ways.join(", ")
        ),
    )
}

fn renumbered(impact: &Impact) -> ManualCheck {
    let place = |(region, was, is): &(String, usize, usize)| format!("{region} from {was} to {is}");
    let places = impact.renumbered.iter().map(place).collect::<Vec<_>>().join(", ");
    ManualCheck::new(
        "Do the machines of all other regions stay as they are?",
        "tofu plan",
        format!(
            "Nothing of theirs is replaced or destroyed. The module names machines and networks by the place of a region \
             in its list, and there move: {places}. If they would be replaced, give these regions their old places in your copy of the \
             module, or move their state first (`tofu state mv`)."
        ),
    )
}
