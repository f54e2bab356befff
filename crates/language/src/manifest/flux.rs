//! `[flux]`: how many controllers share the work on tenants.

use crate::schema::{Count, table};

/// The most shards: with 1,024 buckets, each still has 64 of them.
pub const MOST_SHARDS: i64 = 16;

table! {
    /// How many controllers share the work on tenants.
    FluxTable {
        /// How many shards share the Organizations of each region. A shard is a source-controller, a kustomize-controller
        /// and a helm-controller of its own. Default: none; Flux's own controllers work on everything.
        shards: Count<1, MOST_SHARDS> = optional,
    }
}
