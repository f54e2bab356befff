//! `[identity]`: Keycloak's topology and its federation.

use serde_json::{Value as Json, json};

use super::{SecretRef, unsupported};
use crate::scalar::choice::choice;
use crate::scalar::dns::HttpsUrl;
use crate::scalar::identity::DisplayName;
use crate::schema::table;
use sovereign_text::diag::Diagnostics;

choice! {
    /// How Keycloak is shared between Organizations.
    KeycloakTopology, "a Keycloak topology" {
        /// One small Keycloak an Organization; for small and medium enterprises.
        PerOrganization "per-organization",
        /// One highly available Keycloak for the Sovereign; for corporations.
        SharedSovereign "shared-sovereign",
    }
}

choice! {
    /// Which kind of identity provider Keycloak federates to.
    FederationProvider, "an identity provider" {
        /// Microsoft Entra ID.
        AzureSso "azure-sso",
        /// Okta.
        Okta "okta",
        /// Any other OpenID Connect provider.
        GenericOidc "generic-oidc",
    }
}

table! {
    /// How people log in.
    IdentityTable {
        /// `per-organization` (default): one small Keycloak an Organization. `shared-sovereign`: one highly
        /// available Keycloak for all.
        keycloak: KeycloakTopology = optional or "per-organization",
        /// Only with `shared-sovereign`: the identity provider that Keycloak trusts.
        federation: Federation = optional,
    }
    refine federation_needs_a_shared_keycloak
}

table! {
    /// An identity provider that Keycloak trusts.
    Federation {
        /// The kind of provider.
        provider: FederationProvider = required,
        /// The issuer URL of its OpenID Connect discovery.
        issuer: HttpsUrl = required,
        /// The client id that it gave us.
        client_id: DisplayName = required,
        /// The Secret in the `keycloak` namespace with the client secret.
        client_secret: SecretRef = required,
    }
}

fn federation_needs_a_shared_keycloak(schema: &mut Json) {
    schema["if"] = json!({ "required": ["federation"] });
    schema["then"] = json!({
        "required": ["keycloak"],
        "properties": { "keycloak": { "const": "shared-sovereign" } },
    });
}

impl IdentityTable {
    /// Reports a federation without a shared Keycloak: in the other topology each Organization federates itself.
    pub fn check(&self, diags: &mut Diagnostics) {
        let Some(federation) = &self.federation else { return };
        match self.keycloak {
            Some(keycloak) if keycloak.value == KeycloakTopology::SharedSovereign => {}
            Some(keycloak) => {
                let because = (keycloak.span, "each Organization has its own Keycloak");
                unsupported(diags, federation.span, "federation", because);
            }
            None if self.states("keycloak") => {}
            None => {
                let because =
                    (self.span, "without `keycloak = \"shared-sovereign\"` each has its own Keycloak");
                unsupported(diags, federation.span, "federation", because);
            }
        }
    }
}
