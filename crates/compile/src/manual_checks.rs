//! How to see that a Sovereign works, and what must be there before it can: what no compiler can rule out. Both lists are
//! part of the README of a tree.

use crate::object::FluxController;
use crate::plan::{Plan, Region};
use crate::provision;
use sovereign_language::manifest::NodePool;
use sovereign_language::scalar::LABEL;
use sovereign_text::source::Spanned;

/// A command whose answer shows that something works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualCheck {
    /// What it asks.
    pub question: &'static str,
    /// The command.
    pub command: String,
    /// What it says if all is well.
    pub answer: String,
}

impl ManualCheck {
    /// Returns a probe that asks `question` with `command`, and is content with `answer`.
    pub fn new(question: &'static str, command: impl Into<String>, answer: impl Into<String>) -> Self {
        Self { question, command: command.into(), answer: answer.into() }
    }
}

/// Returns the probes of a Sovereign, in the order in which things come up. Unless they say otherwise they
/// are asked of every cluster.
pub fn list(plan: &Plan<'_>) -> Vec<ManualCheck> {
    [of_flux(plan), of_edge(plan), of_secrets(plan), of_regions(plan), of_airgap(plan)].concat()
}

fn brings(plan: &Plan<'_>, group: &str) -> bool {
    plan.regions.iter().any(|region| region.provider_of(group).is_some())
}

fn runs(plan: &Plan<'_>, name: &str) -> bool {
    plan.regions.iter().any(|region| region.release(name).is_some())
}

fn of_flux(plan: &Plan<'_>) -> Vec<ManualCheck> {
    let mut checks = vec![
        ManualCheck::new(
            "Does k3s run with the flags that this tree relies on?",
            format!("sh {}/<region>/{}", provision::DIRECTORY, provision::k3s::PROBE),
            "It says nothing.",
        ),
        ManualCheck::new(
            "Does Flux read the repository?",
            "flux get sources git sovereign",
            format!("READY is True, and the revision is one of {}.", plan.gitops.branch.value),
        ),
        ManualCheck::new(
            "Are the charts there?",
            "flux get sources chart --status-selector ready=false",
            "None that is not.",
        ),
        ManualCheck::new(
            "Are the layers applied?",
            "flux get kustomizations --status-selector ready=false",
            "None that is not.",
        ),
        ManualCheck::new(
            "Is every release installed?",
            "flux get helmreleases --all-namespaces --status-selector ready=false",
            "None that is not, about half an hour after the first commit.",
        ),
        ManualCheck::new(
            "Does a Pod wait for an image or a Secret?",
            "kubectl get pods -A | grep -E 'ImagePull|ErrImage|CreateContainerConfig'",
            "None does.",
        ),
    ];
    if let Some(shards) = plan.shards {
        let all = shards.all().count() * FluxController::ALL.len();
        checks.push(ManualCheck::new(
            "Do the controllers of the shards run?",
            format!("kubectl -n flux-system get deployments -l {LABEL}"),
            format!("READY is 1/1 in each of {all} lines."),
        ));
    }
    if brings(plan, "pkg.crossplane.io") {
        checks.push(ManualCheck::new(
            "Do the providers of Crossplane run?",
            "kubectl get providers.pkg.crossplane.io",
            "INSTALLED and HEALTHY are True.",
        ));
    }
    checks
}

fn of_edge(plan: &Plan<'_>) -> Vec<ManualCheck> {
    let fqdn = plan.fqdn.value.as_str();
    let delegated = format!("dig +short NS {fqdn}");
    let mut checks =
        vec![ManualCheck::new("Is the zone delegated?", delegated, "The name servers of the zone.")];
    if brings(plan, "gateway.networking.k8s.io") && brings(plan, "cert-manager.io") {
        checks.push(ManualCheck::new(
            "Is the certificate issued?",
            "kubectl -n kube-system wait certificate/sovereign-wildcard-tls --for=condition=Ready --timeout=10m",
            "The condition is met.",
        ));
        checks.push(ManualCheck::new(
            "Does the gateway have an address?",
            "kubectl -n kube-system get gateway cilium-gateway",
            "PROGRAMMED is True, and the address is that of the load balancer.",
        ));
    }
    checks.push(ManualCheck::new(
        "Does the console answer over TLS?",
        format!("curl --silent --show-error --head https://console.{fqdn}/"),
        "A status below 500, and no word about a certificate.",
    ));
    checks
}

fn of_secrets(plan: &Plan<'_>) -> Vec<ManualCheck> {
    let mut checks = Vec::new();
    if runs(plan, "bp-openbao") {
        let command = "kubectl -n openbao exec openbao-0 -- bao status";
        checks.push(ManualCheck::new("Is OpenBao open?", command, "Initialized is true, Sealed is false."));
    }
    if brings(plan, "external-secrets.io") {
        let command = "kubectl get clustersecretstore vault-region1";
        checks.push(ManualCheck::new("Do Secrets come out of OpenBao?", command, "READY is True."));
    }
    checks
}

fn of_regions(plan: &Plan<'_>) -> Vec<ManualCheck> {
    let mut checks = Vec::new();
    if plan.regions.len() > 1 && runs(plan, "bp-cilium") {
        let command = "cilium clustermesh status --wait";
        let others = plan.regions.len() - 1;
        let answer = format!("{others} of {others} others are connected.");
        checks.push(ManualCheck::new("Do the clusters see each other?", command, answer));
    }
    if plan.failover.is_some() {
        let question = "Does somebody hold each lease? (primary region)";
        checks.push(ManualCheck::new(
            question,
            "kubectl get continuums -A",
            "Every one is there, and none waits.",
        ));
    }
    if plan.failover.as_ref().is_some_and(|failover| failover.database().is_some()) {
        checks.push(ManualCheck::new(
            "Does the standby database follow?",
            "kubectl get clusters.postgresql.cnpg.io -A",
            "In healthy state, in both regions of the pair.",
        ));
    }
    checks
}

fn of_airgap(plan: &Plan<'_>) -> Vec<ManualCheck> {
    let Some(airgap) = &plan.airgap else { return Vec::new() };
    let registry = &airgap.registry.value;
    let images = "-o jsonpath='{range .items[*].spec.containers[*]}{.image}{\"\\n\"}{end}'";
    vec![ManualCheck::new(
        "Does an image come from elsewhere than the registry?",
        format!("kubectl get pods -A {images} | sort -u | grep -v '^{registry}/'"),
        "None does; what shows is an image that no value says.",
    )]
}

/// Returns what a region asks of its provider, as a phrase: the machines that are made, addresses, load balancers.
pub fn quota(plan: &Plan<'_>, region: &Region<'_>) -> String {
    let size = |pool: &Spanned<NodePool>| pool.value.size.as_ref().map(|size| size.value.to_string());
    let mut parts = Vec::new();
    if let Some(size) = region.written.control_plane.as_ref().and_then(size) {
        let machines = provision::control_planes(plan, region);
        parts.push(format!("{machines} × {size} for the control plane"));
    }
    let workers = provision::machines(region.written.workers.as_ref());
    if let Some(size) = region.written.workers.as_ref().and_then(size).filter(|_| workers > 0) {
        parts.push(format!("{workers} × {size} for workloads"));
    } else if let Some(unasked) = provision::module(plan, region).and_then(|m| m.facts().unasked_workers) {
        parts.push(format!("{unasked}, which the module makes where none are asked for"));
    }
    parts.push("a load balancer with a public address for the gateway".to_owned());
    if region.handed_over().is_some() {
        parts.push("one that its RegionClaim brings".to_owned());
    }
    parts.push("one for the cluster mesh".to_owned());
    parts.join(", ")
}
