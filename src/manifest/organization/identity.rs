//! `[organization.identity]`: how the people of an Organization log in.

use crate::grammar::choice::choice;
use crate::grammar::dns::HttpsUrl;
use crate::grammar::identity::DisplayName;
use crate::grammar::tenant::Word;
use crate::manifest::SecretRef;
use crate::shape::table;
use crate::source::Spanned;

choice! {
    /// Which kind of identity provider an Organization brings.
    OwnFederation, "an identity provider" {
        /// Microsoft Entra ID.
        AzureSso "azure-sso",
        /// Okta.
        Okta "okta",
        /// Any other OpenID Connect provider.
        GenericOidc "generic-oidc",
    }
}

table! {
    /// How the people of an Organization log in.
    OrganizationIdentity {
        /// The kind of its identity provider. Default: none, its people have accounts in Keycloak.
        federation_provider: OwnFederation = optional,
        /// Its identity provider.
        federation_config: FederationConfig = optional,
    }
}

impl OrganizationIdentity {
    /// The Secret with which the Organization signs in at its identity provider.
    pub fn client_secret(&self) -> Option<&SecretRef> {
        let config = &self.federation_config.as_ref()?.value;
        config.client_secret.as_ref().map(|reference| &reference.value)
    }
}

table! {
    /// An identity provider that an Organization brings.
    FederationConfig {
        /// The issuer URL of its OpenID Connect discovery.
        issuer: HttpsUrl = optional,
        /// The client id that it gave us.
        client_id: DisplayName = optional,
        /// The Secret with the client secret. Default key: `client-secret`.
        client_secret: SecretRef = optional,
        /// The tenant, at providers that have some.
        tenant_id: Word = optional,
        /// Where people log in, if discovery does not say it.
        authorization_url: HttpsUrl = optional,
        /// Where tokens come from, if discovery does not say it.
        token_url: HttpsUrl = optional,
        /// Where its keys are, if discovery does not say it.
        jwks_url: HttpsUrl = optional,
        /// Which claim of its tokens becomes which of ours.
        claim_mappers: Vec<Spanned<ClaimMapper>> = optional,
    }
}

table! {
    /// A claim that is called otherwise here.
    ClaimMapper {
        /// Its name there.
        src: Word = required,
        /// Its name here.
        dest: Word = required,
    }
}
