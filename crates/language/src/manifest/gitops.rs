//! `[gitops]`: the repository that Flux reads.

use super::SecretRef;
use crate::scalar::dns::GitUrl;
use crate::scalar::duration::FluxPeriod;
use crate::scalar::identity::BranchName;
use crate::schema::table;

table! {
    /// Where Flux reads the tree from.
    GitopsTable {
        /// The repository: `https://`, `http://` or `ssh://`.
        url: GitUrl = required,
        /// The branch. Default `main`.
        branch: BranchName = optional or "main",
        /// How often Flux looks for a new commit. Default `1m`.
        interval: FluxPeriod = optional or "1m",
        /// How long a clone may take before Flux gives up. Default `15m`: a large repository over a slow line
        /// takes minutes, and Flux's own default of one minute leaves a cluster with nothing.
        timeout: FluxPeriod = optional or "15m",
        /// The Secret in `flux-system` with the credentials for a private repository.
        credentials: SecretRef = optional,
    }
}
