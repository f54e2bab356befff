//! `[flux]`: how many controllers share the work on tenants.

use crate::plan::shards::MOST;
use crate::shape::{Count, table};

table! {
    /// How many controllers share the work on tenants.
    FluxTable {
        /// How many shards share the Organizations of each region. A shard is a source-controller, a kustomize-controller
        /// and a helm-controller of its own. Default: none; Flux's own controllers work on everything.
        shards: Count<1, MOST> = optional,
    }
}
