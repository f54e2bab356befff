//! What must have happened in the clusters before the next commit. No compiler can know, so a plan says how to ask.

use super::here::{APPLY, each};
use super::seen::Seen;
use super::{Phase, Rollout};
use sovereign_compile::probes::Probe;

/// What to see to before a step, counted from 1. `last` is what the step before it does, and `this` what it does itself.
pub fn before(rollout: &Rollout<'_>, step: usize, last: &Seen, this: &Seen) -> Vec<Probe> {
    let Some(phase) = phase(rollout, step) else { return Vec::new() };
    let mut probes = after(rollout, step - 1, last);
    if phase == Phase::Switch {
        probes.push(taken_over(rollout));
    }
    if phase == Phase::Drain && step > 1 {
        let stay = each(rollout).filter(|here| !here.clusters.is_end() && here.has_leaving());
        probes.extend(stay.map(|here| here.let_go_of()));
    }
    // Data first: after the machines it is too late to ask.
    if !this.lost.is_empty() {
        probes.push(moved(&this.lost));
    }
    if phase == Phase::Close {
        probes.extend(each(rollout).filter(|here| here.clusters.is_end()).flat_map(|here| here.destroyed()));
    }
    probes
}

/// What to see to after the last step.
pub fn at_end(rollout: &Rollout<'_>, last: &Seen) -> Vec<Probe> {
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

/// What shows that a step has arrived in the clusters; nothing for step 0.
fn after(rollout: &Rollout<'_>, step: usize, seen: &Seen) -> Vec<Probe> {
    let Some(phase) = phase(rollout, step) else { return Vec::new() };
    let mut probes = vec![Probe::new(
        "Do the clusters have the commit?",
        "flux get sources git sovereign",
        format!("READY is True, and the revision is the commit of step {step}."),
    )];
    match phase {
        Phase::Keep | Phase::Settle => probes.push(applied()),
        Phase::Arrive => probes.extend(each(rollout).flat_map(|here| here.come())),
        Phase::Switch => probes.extend(each(rollout).filter_map(|here| here.names())),
        Phase::Change | Phase::Return | Phase::Follow => probes.push(ready()),
        Phase::Loosen | Phase::Drain | Phase::Remove(_) | Phase::Leave | Phase::Forget | Phase::Close => {}
    }
    if !seen.let_go.is_empty() {
        probes.push(Probe::new(
            "Has the controller let go of them?",
            "kubectl get continuums,cnpgpairs,pdms -A",
            format!("Not listed: {}.", seen.let_go.join(", ")),
        ));
    }
    if !seen.gone.is_empty() {
        probes.push(Probe::new(
            "Is it gone?",
            "flux get kustomizations; flux get helmreleases -A",
            format!("Not listed: {}.", seen.gone.join(", ")),
        ));
    }
    if !seen.left.is_empty() {
        probes.push(Probe::new(
            "Shall the namespaces go, too?",
            "kubectl delete namespace <name>",
            format!(
                "Flux leaves them where they are, with everything in them. By hand, where nobody needs them: {}.",
                seen.left.join(", ")
            ),
        ));
    }
    if phase == Phase::Leave {
        let stay = each(rollout).filter(|here| !here.clusters.is_end() && here.has_leaving());
        probes.extend(stay.flat_map(|here| here.destroyed()));
    }
    if !seen.renumbered.is_empty() {
        let place = probes.iter().position(|probe| probe.command == APPLY).unwrap_or(probes.len());
        probes.insert(place, renumbered(seen));
    }
    probes
}

fn applied() -> Probe {
    let command = "flux get kustomizations --status-selector ready=false";
    Probe::new("Have they applied it?", command, "None that is not.")
}

fn ready() -> Probe {
    let command = "flux get helmreleases -A --status-selector ready=false";
    Probe::new("Is every release ready?", command, "None that is not.")
}

fn moved(lost: &[String]) -> Probe {
    Probe::new(
        "Has everything moved that shall not be lost?",
        "velero backup get",
        format!(
            "A backup that is Completed and younger than the last write, and restored where it now lives. With this step go: {}.",
            lost.join(", ")
        ),
    )
}

/// Before names go over to another primary.
fn taken_over(rollout: &Rollout<'_>) -> Probe {
    let ways: Vec<_> =
        rollout.handovers().map(|handover| format!("from {} to {}", handover.from, handover.to)).collect();
    Probe::new(
        "Does the new primary have the data?",
        "velero restore get",
        format!(
            "Completed, for all that the primary holds for the whole Sovereign, {}. From now on it is written there.",
            ways.join(", ")
        ),
    )
}

fn renumbered(seen: &Seen) -> Probe {
    let place = |(region, was, is): &(String, usize, usize)| format!("{region} from {was} to {is}");
    let places = seen.renumbered.iter().map(place).collect::<Vec<_>>().join(", ");
    Probe::new(
        "Do the machines of all other regions stay as they are?",
        "tofu plan",
        format!(
            "Nothing of theirs is replaced or destroyed. The module names machines and networks by the place of a region \
             in its list, and there move: {places}. If they would be replaced, give these regions their old places in your copy of the \
             module, or move their state first (`tofu state mv`)."
        ),
    )
}
