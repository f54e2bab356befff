//! `[blueprint.*]` and `[[blueprint-source]]`: changes to single blueprints, and further ones.

use crate::scalar::choice::choice;
use crate::scalar::duration::FluxPeriod;
use crate::scalar::identity::{LabelKey, LabelValue, SecretKey, SecretName};
use crate::scalar::name::{BlueprintName, RelPath, ValuePath};
use crate::scalar::version::Version;
use crate::schema::{Count, Named, Values, table};
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

choice! {
    /// Where values may come from.
    ValuesKind, "a kind of object" {
        /// A Secret.
        Secret "Secret",
        /// A ConfigMap.
        ConfigMap "ConfigMap",
    }
}

/// How often Flux tries again after a failure: -1 for ever.
pub type Retries = Count<-1, 1000>;

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
        /// Blueprints that the kit lets it wait for and that it does not wait for, by name without `bp-`.
        independent_of: Vec<Spanned<BlueprintName>> = optional,
        /// Whether Flux leaves it as it is: nothing is installed, upgraded or corrected.
        suspend: bool = optional,
        /// How often Flux looks whether it is as it should be.
        interval: FluxPeriod = optional,
        /// How long one Helm action on it may take.
        timeout: FluxPeriod = optional,
        /// How often a failed installation or upgrade is tried again; -1 for ever.
        retries: Retries = optional,
        /// Labels of the HelmRelease, beside those of the kit.
        labels: Named<LabelKey, LabelValue> = optional,
        /// Values that come from Secrets and ConfigMaps in `flux-system`, laid over those of the kit's sources.
        values_from: Vec<Spanned<ValuesFromTable>> = optional,
        /// Defaults of the chart that are taken away, as paths: Helm's `null`, which TOML cannot write.
        unset: Vec<Spanned<ValuePath>> = optional,
        /// Helm values, merged over those of the kit: tables merge, everything else is replaced. Taken literally.
        values: Values = optional,
    }
}

table! {
    /// Values of a release that another object holds.
    ValuesFromTable {
        /// The kind of object.
        kind: ValuesKind = required,
        /// Its name. It stands in `flux-system`.
        name: SecretName = required,
        /// The key in it.
        values_key: SecretKey = required,
        /// Where the value goes. Without it the key holds a whole YAML of values.
        target_path: ValuePath = optional,
        /// Whether it may be missing.
        optional: bool = optional,
    }
}

table! {
    /// A directory of further blueprints.
    BlueprintSourceTable {
        /// The directory, relative to this file. Every `*.toml` in it is one blueprint in the format of the kits.
        path: RelPath = required,
    }
}
