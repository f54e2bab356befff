//! `[sovereign]`: who this Sovereign is.

use crate::scalar::identity::{DisplayName, Email, Slug, SshPublicKey};
use crate::scalar::location::Env;
use crate::schema::table;

table! {
    /// Who this Sovereign is.
    SovereignTable {
        /// The name: 3 to 32 lower-case letters, digits and hyphens. In pool mode the first label of the domain.
        name: Slug = required,
        /// The kind of environment; part of host-cluster names and location codes. Default `prod`.
        env: Env = optional or "prod",
        /// The organization that owns the Sovereign.
        organization: OrganizationContact = required,
        /// The public key that may log in to the machines. Public keys are no secrets.
        ssh_public_key: SshPublicKey = optional,
    }
}

table! {
    /// The organization that owns a Sovereign.
    OrganizationContact {
        /// Its name, as shown to people.
        name: DisplayName = required,
        /// Where to reach it; becomes the first administrator and the ACME contact.
        email: Email = required,
    }
}
