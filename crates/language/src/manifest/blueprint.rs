//! `[blueprint.*]` and `[[blueprint-source]]`: changes to single blueprints, and further ones.

use crate::scalar::choice::choice;
use crate::scalar::name::{BlueprintName, RelPath};
use crate::scalar::version::Version;
use crate::schema::{Values, table};
use sovereign_text::source::Spanned;

choice! {
    /// A pod-security level, as Kubernetes defines them.
    PodSecurity, "a pod-security level" {
        /// Everything is allowed.
        Privileged "privileged",
        /// Known privilege escalations are refused.
        Baseline "baseline",
        /// Current hardening practice is required.
        Restricted "restricted",
    }
}

table! {
    /// Changes to one blueprint.
    BlueprintTable {
        /// Whether it runs. For a blueprint with a feature gate, whether the feature is on.
        enabled: bool = optional,
        /// Another version of its chart: an exact semantic version.
        version: Version = optional,
        /// The pod-security level of its namespace.
        pod_security: PodSecurity = optional,
        /// Further blueprints to wait for, by name without `bp-`.
        depends_on: Vec<Spanned<BlueprintName>> = optional,
        /// Helm values, merged over those of the kit: tables merge, everything else is replaced. Taken literally.
        values: Values = optional,
    }
}

table! {
    /// A directory of further blueprints.
    BlueprintSourceTable {
        /// The directory, relative to this file. Every `*.toml` in it is one blueprint in the format of the kits.
        path: RelPath = required,
    }
}
