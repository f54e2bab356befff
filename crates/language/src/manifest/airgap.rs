//! `[airgap]`: a tree that reaches nothing outside.

use crate::scalar::dns::Host;
use crate::scalar::identity::SecretName;
use crate::schema::table;
use sovereign_text::source::Spanned;

table! {
    /// Makes the tree self-contained: every chart and image comes from one registry.
    AirgapTable {
        /// The registry that holds every chart and image, without scheme: `harbor.example.com`.
        registry: Host = required,
        /// Further hosts that can be reached. The registry, the Sovereign's own domain and names inside the
        /// cluster always can.
        hosts: Vec<Spanned<Host>> = optional,
        /// The Secret in `flux-system` with the public key, `cosign.pub`, that every chart of a blueprint must be signed with.
        /// Default: no signature is looked at.
        signatures: SecretName = optional like "cosign-public-key",
    }
}
