//! What changes between two trees of a Sovereign, which changes need consent, and in which steps they go.

pub mod diff;
pub mod rollout;
pub mod snapshot;
pub mod transition;
