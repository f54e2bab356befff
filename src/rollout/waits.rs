//! What must have happened in the clusters before the next commit. No compiler can know, so a plan says how to ask.

use super::{Phase, Rollout};
use crate::probes::Probe;

/// What to see to after a step, counted from 1: before the next one, or at the end.
pub fn after(rollout: &Rollout<'_>, step: usize) -> Vec<Probe> {
    let Some(phase) = step.checked_sub(1).and_then(|index| rollout.phases().get(index)) else {
        return Vec::new();
    };
    let next = rollout.phases().get(step).copied();
    let (arriving, leaving) = (rollout.arriving(), rollout.leaving());
    let mut probes = vec![probe(
        "Do the clusters have the commit?",
        "flux get sources git sovereign",
        "READY is True, and the revision is this commit.",
    )];
    match phase {
        Phase::Keep | Phase::Settle => probes.push(applied()),
        Phase::Arrive => probes.extend(come(&arriving.join(", "))),
        Phase::Change | Phase::Return => {
            probes.push(ready());
            let loses = next.is_some_and(|next| matches!(next, Phase::Remove(_)));
            if loses {
                probes.push(probe(
                    "Has everything moved that shall not be lost?",
                    "velero backup get",
                    "A backup that is Completed and younger than the last write, and restored where it now lives.",
                ));
            }
            if !leaving.is_empty() {
                probes.push(probe(
                    "Have clients let go of what leaves?",
                    "dig +short console.<domain>",
                    "No address of a region that goes, for an hour.",
                ));
            }
        }
        Phase::Drain => probes.push(probe(
            "Is nothing left that the cloud runs for these clusters?",
            "kubectl get services -A --field-selector spec.type=LoadBalancer; kubectl get persistentvolumes",
            "None that somebody pays for; delete by hand what stays.",
        )),
        Phase::Remove(_) => probes.push(probe(
            "Is it gone?",
            "flux get helmreleases -A; kubectl get namespaces",
            "What went is not listed, and no namespace is Terminating.",
        )),
        Phase::Leave if next.is_none() => probes.push(destroyed(&leaving.join(", "))),
        Phase::Leave => {}
        Phase::Close => probes.clear(),
    }
    if next == Some(Phase::Close) {
        probes.push(probe(
            "Are the machines destroyed?",
            "tofu destroy",
            "Destroy complete. Its variables leave the tree with the next step.",
        ));
    }
    probes
}

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

fn come(regions: &str) -> [Probe; 3] {
    [
        probe(
            "Do the new machines exist?",
            "tofu apply",
            format!("Apply complete, with what this commit has in infrastructure/ for {regions}."),
        ),
        probe(
            "Does Flux run there?",
            "kubectl apply -f infrastructure/<region>/bootstrap.yml",
            "Configured; half an hour later every release there is ready.",
        ),
        probe(
            "Are the new addresses written down?",
            "tofu output",
            "As `observed` of the region in the manifest. That changes it, so a new plan begins from here.",
        ),
    ]
}

fn destroyed(regions: &str) -> Probe {
    probe(
        "Are the machines destroyed?",
        "tofu apply",
        format!(
            "Apply complete, with the list of regions that no longer has {regions}; of those that Crossplane made the \
             claims are deleted by hand (docs/crossplane.md)."
        ),
    )
}
