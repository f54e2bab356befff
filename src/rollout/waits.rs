//! What must have happened in the clusters before the next commit. No compiler can know, so a plan says how to ask.

use super::seen::Seen;
use super::{Phase, Rollout};
use crate::probes::Probe;

/// What to see to before a step, counted from 1. `last` is what the step before it does, and `this` what it does itself.
pub fn before(rollout: &Rollout<'_>, step: usize, (last, this): (&Seen, &Seen)) -> Vec<Probe> {
    let Some(phase) = phase(rollout, step) else { return Vec::new() };
    let mut probes = after(rollout, step - 1, last);
    if phase == Phase::Switch {
        probes.push(taken_over(rollout));
    }
    if phase == Phase::Drain && !rollout.is_end() && step > 1 {
        probes.push(let_go_of(rollout));
    }
    if phase == Phase::Close {
        probes.extend(destroyed(rollout));
    }
    if !this.lost.is_empty() {
        probes.push(moved(&this.lost));
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
    let mut probes = vec![probe(
        "Do the clusters have the commit?",
        "flux get sources git sovereign",
        format!("READY is True, and the revision is the commit of step {step}."),
    )];
    match phase {
        Phase::Keep | Phase::Settle => probes.push(applied()),
        Phase::Arrive => probes.extend(come(rollout)),
        Phase::Switch => probes.push(names(rollout)),
        Phase::Change | Phase::Return | Phase::Follow => probes.push(ready()),
        Phase::Loosen | Phase::Drain | Phase::Remove(_) | Phase::Leave | Phase::Forget | Phase::Close => {}
    }
    if !seen.let_go.is_empty() {
        probes.push(probe(
            "Has the controller let go of them?",
            "kubectl get continuums,cnpgpairs,pdms -A",
            format!("Not listed: {}.", seen.let_go.join(", ")),
        ));
    }
    if !seen.gone.is_empty() {
        probes.push(probe(
            "Is it gone?",
            "flux get kustomizations; flux get helmreleases -A",
            format!("Not listed: {}.", seen.gone.join(", ")),
        ));
    }
    if !seen.left.is_empty() {
        probes.push(probe(
            "Shall the namespaces go, too?",
            "kubectl delete namespace <name>",
            format!(
                "Flux leaves them where they are, with everything in them. By hand, where nobody needs them: {}.",
                seen.left.join(", ")
            ),
        ));
    }
    if phase == Phase::Leave && !rollout.is_end() {
        probes.extend(destroyed(rollout));
    }
    if !seen.renumbered.is_empty() {
        let is_last = probes.pop_if(|probe| probe.command == APPLY);
        probes.push(renumbered(seen));
        probes.extend(is_last);
    }
    probes
}

const APPLY: &str = "tofu apply";

fn probe(question: &'static str, command: impl Into<String>, answer: impl Into<String>) -> Probe {
    Probe { question, command: command.into(), answer: answer.into() }
}

fn applied() -> Probe {
    let command = "flux get kustomizations --status-selector ready=false";
    probe("Have they applied it?", command, "None that is not.")
}

fn ready() -> Probe {
    let command = "flux get helmreleases -A --status-selector ready=false";
    probe("Is every release ready?", command, "None that is not.")
}

fn moved(lost: &[String]) -> Probe {
    probe(
        "Has everything moved that shall not be lost?",
        "velero backup get",
        format!(
            "A backup that is Completed and younger than the last write, and restored where it now lives. With this step go: {}.",
            lost.join(", ")
        ),
    )
}

fn come(rollout: &Rollout<'_>) -> Vec<Probe> {
    let regions = rollout.arriving();
    let bootstrap = |region: &&str| format!("kubectl apply -f infrastructure/{region}/bootstrap.yml");
    vec![
        probe(
            "Do the new machines exist?",
            APPLY,
            format!(
                "Apply complete, with what this commit has in infrastructure/ for {}.",
                regions.join(", ")
            ),
        ),
        probe(
            "Does Flux run there?",
            regions.iter().map(bootstrap).collect::<Vec<_>>().join("; "),
            "Configured; half an hour later every release there is ready.",
        ),
        probe(
            "Are the new addresses written down?",
            "tofu output",
            "As `observed` of the region in the manifest. That changes it, so a new plan begins from here.",
        ),
    ]
}

/// Before names go over to another primary.
fn taken_over(rollout: &Rollout<'_>) -> Probe {
    let ways: Vec<_> =
        rollout.handovers().map(|handover| format!("from {} to {}", handover.from, handover.to)).collect();
    probe(
        "Does the new primary have the data?",
        "velero restore get",
        format!(
            "Completed, for all that the primary holds for the whole Sovereign, {}. From now on it is written there.",
            ways.join(", ")
        ),
    )
}

/// What the names of the platform answer with.
fn dig(rollout: &Rollout<'_>) -> String {
    let name = |root: &str| format!("dig +short console.{}", root.rsplit('/').next().unwrap_or_default());
    let names = rollout.goals().iter().map(|goal| name(goal.new.tree.root().as_str()));
    names.collect::<Vec<_>>().join("; ")
}

fn names(rollout: &Rollout<'_>) -> Probe {
    let to: Vec<_> = rollout.handovers().map(|handover| handover.to.as_str()).collect();
    probe(
        "Do the names answer with the new primary?",
        dig(rollout),
        format!("The address of {}, once the name servers have what stands in dns/.", to.join(", ")),
    )
}

fn let_go_of(rollout: &Rollout<'_>) -> Probe {
    let leaving = rollout.leaving().join(", ");
    probe(
        "Have clients let go of what leaves?",
        dig(rollout),
        format!("No address of {leaving}, for an hour."),
    )
}

fn destroyed(rollout: &Rollout<'_>) -> [Probe; 2] {
    let regions = rollout.leaving().join(", ");
    let left = probe(
        "What does the cloud run for these clusters that OpenTofu does not know?",
        "kubectl get services -A --field-selector spec.type=LoadBalancer; kubectl get persistentvolumes",
        format!(
            "A list for {regions}: delete these at the provider, once nobody uses the machines any more."
        ),
    );
    let claims = "where Crossplane made them, the claims are deleted by hand (docs/crossplane.md)";
    let machines = if rollout.is_end() {
        let answer = format!(
            "Destroy complete, for {regions}; {claims}. The variables leave the tree with the next step."
        );
        probe("Are the machines destroyed?", "tofu destroy", answer)
    } else {
        let variables: Vec<_> =
            rollout.leaving().iter().map(|region| format!("infrastructure/{region}/")).collect();
        let answer = format!(
            "Apply complete, with the list of regions that no longer has {regions}; where a module makes one region a run, \
             `tofu destroy` with {}, which the next step takes away; {claims}.",
            variables.join(", ")
        );
        probe("Are the machines destroyed?", APPLY, answer)
    };
    [left, machines]
}

fn renumbered(seen: &Seen) -> Probe {
    let place = |(region, was, is): &(String, usize, usize)| format!("{region} from {was} to {is}");
    let places = seen.renumbered.iter().map(place).collect::<Vec<_>>().join(", ");
    probe(
        "Do the machines of all other regions stay as they are?",
        "tofu plan",
        format!(
            "Nothing of theirs is replaced or destroyed. The module names machines and networks by the place of a region \
             in its list, and there move: {places}. If they would be replaced, give these regions their old places in your copy of the \
             module, or move their state first (`tofu state mv`)."
        ),
    )
}
