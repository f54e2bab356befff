//! The versions of Flux that the compiler writes for, and what one of them does that another does not.
//!
//! Where the facts come from: `helm.sh/helm` in the `go.mod` of `fluxcd/flux2` and of the helm- and source-controller of each version, and
//! `internal/features` of kustomize-controller 1.6.0, 1.7.0 and 1.9.6. HelmRepository, GitRepository, Kustomization
//! (`v1`) and HelmRelease (`v2`) are the same in all of them.

use crate::scalar::choice::choice;

choice! {
    /// A Flux version that the compiler writes for.
    FluxVersion, "a Flux version" {
        /// Flux 2.4.
        V2_4 "2.4",
        /// Flux 2.5.
        V2_5 "2.5",
        /// Flux 2.6.
        V2_6 "2.6",
        /// Flux 2.7.
        V2_7 "2.7",
        /// Flux 2.8.
        V2_8 "2.8",
        /// Flux 2.9.
        V2_9 "2.9",
    }
}

impl FluxVersion {
    /// Returns major and minor version of the Helm that its helm-controller links.
    pub fn helm(self) -> (u32, u32) {
        match self {
            Self::V2_4 => (3, 16),
            Self::V2_5 | Self::V2_6 => (3, 17),
            Self::V2_7 => (3, 19),
            Self::V2_8 => (4, 1),
            Self::V2_9 => (4, 2),
        }
    }

    /// Returns whether its kustomize-controller knows the gate [`CANCEL_HEALTH_CHECKS`]. One that does not know a gate does
    /// not start with it.
    pub fn cancels_health_checks(self) -> bool {
        self >= Self::V2_7
    }
}

/// The argument of kustomize-controller that ends a health check as soon as there is a new commit. Off by default.
pub const CANCEL_HEALTH_CHECKS: &str = "--feature-gates=CancelHealthCheckOnNewRevision=true";
