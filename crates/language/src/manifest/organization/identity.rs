//! `[organization.identity]`: how the people of an Organization log in.

use serde_json::{Value as Json, json};

use crate::manifest::{SecretRef, missing, unsupported};
use crate::scalar::choice::{Choice as _, choice};
use crate::scalar::dns::HttpsUrl;
use crate::scalar::identity::DisplayName;
use crate::scalar::tenant::Word;
use crate::schema::table;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Spanned;

choice! {
    /// Which kind of identity provider an Organization brings.
    OwnFederation, "an identity provider" {
        /// Microsoft Entra ID.
        AzureSso "azure-sso",
        /// Okta.
        Okta "okta",
        /// Any other OpenID Connect provider.
        GenericOidc "generic-oidc",
        /// None: its people have accounts in Keycloak.
        None "",
    }
}

table! {
    /// How the people of an Organization log in.
    OrganizationIdentity {
        /// The kind of its identity provider. Default: none (`""`), its people have accounts in Keycloak.
        federation_provider: OwnFederation = optional or "",
        /// Its identity provider.
        federation_config: FederationConfig = optional,
    }
    refine a_provider_with_its_config
}

fn a_provider_with_its_config(schema: &mut Json) {
    let (none, oidc) = (OwnFederation::None.word(), OwnFederation::GenericOidc.word());
    let with = |provider: &str, then: Json| {
        let provider = json!({ "federation-provider": { "const": provider } });
        json!({ "if": { "properties": provider, "required": ["federation-provider"] }, "then": then })
    };
    let some = OwnFederation::WORDS.iter().filter(|word| **word != none);
    let mut rules: Vec<_> =
        some.map(|word| with(word, json!({ "required": ["federation-config"] }))).collect();
    rules.push(with(none, json!({ "not": { "required": ["federation-config"] } })));
    rules.push(with(oidc, json!({ "properties": { "federation-config": { "required": ["issuer"] } } })));
    schema["dependencies"] = json!({ "federation-config": ["federation-provider"] });
    schema["allOf"] = json!(rules);
}

impl OrganizationIdentity {
    /// Reports a provider without its config, and the reverse.
    pub fn check(&self, diags: &mut Diagnostics) {
        let none = |provider: &Spanned<OwnFederation>| provider.value == OwnFederation::None;
        match (&self.federation_provider, &self.federation_config) {
            (None, Some(config)) if !self.states("federation-provider") => {
                let because = (config.span, "a provider of some kind is described here");
                missing(diags, self.span, "federation-provider", "\"generic-oidc\"", because);
            }
            (Some(provider), Some(config)) if none(provider) => {
                let because = (provider.span, "its people have accounts in Keycloak");
                unsupported(diags, config.span, "federation-config", because);
            }
            (Some(provider), None) if !none(provider) && !self.states("federation-config") => {
                let because = (provider.span, "this provider is somewhere");
                let example = "{ issuer = \"https://login.acme.com\" }";
                missing(diags, self.span, "federation-config", example, because);
            }
            (Some(provider), Some(config))
                if provider.value == OwnFederation::GenericOidc && !config.value.states("issuer") =>
            {
                let because = (provider.span, "what it is follows from the discovery of its issuer alone");
                missing(diags, config.span, "issuer", "\"https://login.acme.com\"", because);
            }
            (Some(_) | None, Some(_) | None) => {}
        }
    }

    /// Returns the Secret with which the Organization signs in at its identity provider.
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
