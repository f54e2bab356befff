//! What a tree relies on in how k3s was started, and a script that asks a cluster for it.
//!
//! The module's cloud-init gives these flags (domain section 4.1). Whoever makes machines in another way gives them too.

use std::fmt::Write as _;

use crate::plan::{Plan, Region};
use sovereign_language::cloud::Generation;

/// The script. Not `.yaml`, so that nothing takes it for an object.
pub const PROBE: &str = "k3s.sh";

/// A flag of `k3s server` that the tree relies on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name, without dashes.
    pub name: &'static str,
    /// Its value; `None` for one that is on or off.
    pub value: Option<String>,
    /// What fails without it.
    pub why: &'static str,
}

impl Flag {
    fn new(name: &'static str, value: impl Into<String>, why: &'static str) -> Self {
        Self { name, value: Some(value.into()), why }
    }

    /// Returns the flag as it is written on a command line.
    pub fn text(&self) -> String {
        match &self.value {
            Some(value) => format!("--{}={value}", self.name),
            None => format!("--{}", self.name),
        }
    }

    /// Returns an extended regular expression that finds the flag in the annotation `k3s.io/node-args`: a JSON list in which a flag
    /// and its value stand apart, and in which a value may be a list with commas.
    fn pattern(&self) -> String {
        match &self.value {
            Some(value) => {
                let value = value.replace('.', "[.]");
                format!("\"--{}\",\"([^\",]+,)*{value}(,[^\",]+)*\"", self.name)
            }
            None => format!("\"--{}\"(,\"true\"|,\"--|])", self.name),
        }
    }
}

/// Returns the flags that the control plane of a region is started with, in the order in which people read them.
pub fn flags(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Flag> {
    let mut flags = Vec::new();
    if region.release("bp-cilium").is_some() {
        flags.push(Flag::new(
            "flannel-backend",
            "none",
            "Cilium is the network; two of them take each other's routes",
        ));
        let why = "Cilium enforces NetworkPolicies; a second controller knows none of its Pods";
        flags.push(Flag { name: "disable-network-policy", value: None, why });
        flags.push(Flag::new("disable", "traefik", "the Gateway has ports 80 and 443"));
    }
    flags.push(Flag::new(
        "disable",
        "servicelb",
        "load balancers are the provider's; ServiceLB takes the ports of the machines",
    ));
    if is_of_second_generation(plan) {
        let why = "data would lie on the disk of one machine, in the class that is the default";
        flags.push(Flag::new("disable", "local-storage", why));
        let why = "regions of one mesh have networks that do not overlap";
        flags.push(Flag::new("cluster-cidr", region.pods.value.to_string(), why));
        flags.push(Flag::new("service-cidr", region.services.value.to_string(), why));
    }
    let why = "the API server has a certificate for the Sovereign's name";
    flags.push(Flag::new("tls-san", plan.fqdn.value.to_string(), why));
    flags
}

/// Returns whether the modules of the kit give the flags of the second generation. Those of April leave `local-storage` on, whose
/// class is the default there, and the networks as k3s has them.
fn is_of_second_generation(plan: &Plan<'_>) -> bool {
    plan.kit.modules.iter().any(|module| module.facts().generation == Generation::Second)
}

/// Returns a script for `sh` that says which machine of the control plane lacks which flag, and ends with 1 if one does. It reads
/// with `kubectl`, and changes nothing.
pub(crate) fn probe(plan: &Plan<'_>, region: &Region<'_>) -> String {
    let name = &region.name.value;
    let mut text = format!(
        "#!/bin/sh\n\
         # [[region]] {name}: asks the cluster for the flags of k3s that this tree relies on. Written by sovereign.\n\
         # Run it with a kubeconfig of the cluster: sh {PROBE}\n\
         {HEAD}"
    );
    for flag in flags(plan, region) {
        let _ = writeln!(text, "# {}\nneeds '{}' '{}'", flag.why, flag.text(), flag.pattern());
    }
    text.push_str("exit \"$lacking\"\n");
    text
}

/// Asks once, and looks for one flag in the line of each machine.
const HEAD: &str = r#"path='{range .items[*]}{.metadata.name}{" "}{.metadata.annotations.k3s\.io/node-args}{"\n"}{end}'
machines=$(kubectl get nodes --selector node-role.kubernetes.io/control-plane --output jsonpath="$path") || exit 3
[ -n "$machines" ] || { echo 'no machine of a control plane'; exit 1; }
lacking=0
needs() {
  without=$(printf '%s\n' "$machines" | grep -vE -e "$2" | cut -d ' ' -f 1)
  for machine in $without; do
    echo "$machine lacks $1"
    lacking=1
  done
}
"#;
