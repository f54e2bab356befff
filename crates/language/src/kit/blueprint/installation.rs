//! How Helm and Flux install the chart of a blueprint, and how they keep it.

use crate::manifest::{Retries, Tier};
use crate::scalar::choice::choice;
use crate::scalar::dns::Label;
use crate::scalar::duration::FluxPeriod;
use crate::scalar::identity::{SecretKey, SecretName};
use crate::schema::table;

choice! {
    /// In which layer of the tree a release stands.
    ReleaseLayer, "a layer of releases" {
        /// What other layers need: the network and the definitions of their custom resources.
        Foundation "foundation",
        /// Everything else.
        Releases "releases",
        /// What brings the platform's own definitions, of which other layers hold resources.
        Platform "platform",
    }
}

choice! {
    /// What happens after a failed upgrade.
    Strategy, "a remediation strategy" {
        /// Back to the last good revision.
        Rollback "rollback",
        /// Uninstall and install again.
        Uninstall "uninstall",
    }
}

choice! {
    /// What an upgrade does with the definitions in the `crds/` directory of a chart. Those among its templates are upgraded
    /// as any other object.
    Definitions, "what an upgrade does with definitions" {
        /// Nothing.
        Skip "skip",
        /// Those that are missing come, those that are there stay as they are.
        Create "create",
        /// Those that are missing come, those that are there are replaced.
        CreateReplace "create-replace",
    }
}

choice! {
    /// Whether Flux corrects what others change in a release.
    DriftDetection, "a drift-detection mode" {
        /// Corrects.
        Enabled "enabled",
        /// Reports only.
        Warn "warn",
        /// Looks away.
        Disabled "disabled",
    }
}

table! {
    /// The vCluster that a chart is installed into.
    VclusterTarget {
        /// The vCluster. Its own release comes first.
        vcluster: Tier = required,
        /// The Secret in `flux-system` with its kubeconfig.
        secret: SecretName = required,
        /// The key in it. Flux looks for `value` where none is said.
        key: SecretKey = optional,
        /// The namespace in the vCluster where Helm keeps what it knows of the release. Without it, that of the release.
        storage_namespace: Label = optional,
    }
}

table! {
    /// How a release is installed.
    Installation {
        /// How long it may take.
        timeout: FluxPeriod = optional,
        /// Whether Helm reports success before the objects are ready.
        disable_wait: bool = optional,
        /// Whether Helm makes the namespace.
        create_namespace: bool = optional,
        /// How often it is tried again; -1 for ever.
        retries: Retries = optional,
        /// Whether the last failure is remediated too.
        remediate_last_failure: bool = optional,
    }
}

table! {
    /// How a release is upgraded.
    Upgrade {
        /// How long it may take.
        timeout: FluxPeriod = optional,
        /// Whether Helm reports success before the objects are ready.
        disable_wait: bool = optional,
        /// Whether values of the last release stay.
        preserve_values: bool = optional,
        /// What happens to the definitions in `crds/`. Default `create`.
        definitions: Definitions = optional,
        /// Whether new objects are removed after a failure.
        cleanup_on_fail: bool = optional,
        /// How often it is tried again; -1 for ever.
        retries: Retries = optional,
        /// Whether the last failure is remediated too.
        remediate_last_failure: bool = optional,
        /// What happens after a failure.
        strategy: Strategy = optional,
    }
}
