//! OpenTofu modules of the provisioner. What each of them is told is the business of `provision`.

/// What is known of a module that makes machines, besides its variables.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModuleFacts {
    /// Its path in the provisioner's repository.
    pub path: &'static str,
    /// Which of the two interfaces it has.
    pub generation: Generation,
    /// The regions that have as many machines of the control plane as it is told.
    pub control_planes: ControlPlanes,
    /// The workers that it makes where none are asked for, as a phrase.
    pub unasked_workers: Option<&'static str>,
    /// The keys of the Secret `cloud-credentials`, which its cloud-init writes. Without any there is no such Secret.
    pub credentials: &'static [&'static str],
}

/// An interface of modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// Of `infra/hetzner`: each run makes one region.
    First,
    /// Of those under `infra/providers`: one run makes all regions of its list, and cloud-init writes Secrets of the
    /// platform too.
    Second,
}

/// The regions that have as many machines of the control plane as a module is told. Records of regions have no number of
/// their own (domain sections 8.1 and 8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlPlanes {
    /// The first; every other one gets a single machine.
    OfFirst,
    /// All of them.
    OfEach,
}
