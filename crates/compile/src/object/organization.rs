//! Organizations.

use super::tables::{count, list, owners};
use super::{ApiVersion, Definition, Hosts, Meta, Resource};
use sovereign_language::manifest::{
    ClaimMapper, FederationConfig, OrganizationIdentity, OwnerTable, TenantPublicTable,
};
use sovereign_language::scalar::CLIENT_SECRET;
use sovereign_text::node::{Fields, Node, text};
use sovereign_text::source::Spanned;

/// The port of a public Service that says none.
const HTTP: i64 = 80;

/// `orgs.openova.io` Organization.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its metadata.
    pub meta: Meta,
    /// Its name for people.
    pub display_name: Option<Spanned<String>>,
    /// How large it is.
    pub tier: Option<Spanned<String>>,
    /// The Organization that it is a part of.
    pub parent: Option<Spanned<String>>,
    /// The people who are responsible for it.
    pub owners: Option<Spanned<Vec<Spanned<OwnerTable>>>>,
    /// How its people log in.
    pub identity: Option<Spanned<OrganizationIdentity>>,
    /// What it shows to the public.
    pub public: Option<Spanned<TenantPublicTable>>,
    /// Whom it belongs to.
    pub kind: Spanned<String>,
    /// What its use costs it.
    pub billing: Spanned<String>,
    /// How much it may use.
    pub plan: Spanned<String>,
    /// The type of its default environment.
    pub default_env: Spanned<String>,
    /// The domain name of the Sovereign.
    pub sovereign: Spanned<String>,
}

impl Resource for Organization {
    const KIND: &'static str = "Organization";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("orgs.openova.io/v1");
    const DEFINITION: Definition = Definition::Release;
    // What it shows to the public is what the Sovereign answers to.
    const HOSTS: Hosts = Hosts::Below(&["spec", "identity"]);

    // The Secret that it names is read from the plan, which knows all Organizations; a build compiles some of them.
    fn body(&self, object: Fields) -> Fields {
        let public = self.public.as_ref().map(|public| public_of(public, &self.meta.name));
        let spec = Fields::new(self.meta.name.span)
            .set("slug", &self.meta.name)
            .maybe("displayName", self.display_name.as_ref())
            .set("kind", &self.kind)
            .maybe("tier", self.tier.as_ref())
            .set("billingMode", &self.billing)
            .set("planSlug", &self.plan)
            .set("sovereignRef", &self.sovereign)
            .maybe("parentOrg", self.parent.as_ref())
            .set("defaultEnvironmentType", &self.default_env)
            .put_some("owners", self.owners.as_ref().map(owners))
            .put_some("identity", self.identity.as_ref().map(identity_of))
            .put_some("tenantPublic", public);
        object.put("spec", spec.node())
    }
}

fn identity_of(identity: &Spanned<OrganizationIdentity>) -> Node {
    let config = |config: &Spanned<FederationConfig>| {
        let written = &config.value;
        let secret = written.client_secret.as_ref().map(|reference| {
            let key = reference.value.key.as_ref().map(text);
            let key = key.unwrap_or_else(|| Spanned::new(CLIENT_SECRET.to_owned(), reference.span));
            Fields::new(reference.span).shown("name", reference.value.secret.as_ref()).set("key", &key).node()
        });
        let mapper = |mapper: &ClaimMapper, span| {
            Fields::new(span).shown("src", mapper.src.as_ref()).shown("dest", mapper.dest.as_ref())
        };
        Fields::new(config.span)
            .shown("issuer", written.issuer.as_ref())
            .shown("clientId", written.client_id.as_ref())
            .put_some("clientSecretRef", secret)
            .shown("tenantId", written.tenant_id.as_ref())
            .shown("authorizationUrl", written.authorization_url.as_ref())
            .shown("tokenUrl", written.token_url.as_ref())
            .shown("jwksUrl", written.jwks_url.as_ref())
            .put_some("claimMappers", written.claim_mappers.as_ref().map(|mappers| list(mappers, mapper)))
            .node()
    };
    Fields::new(identity.span)
        .shown("federationProvider", identity.value.federation_provider.as_ref())
        .put_some("federationConfig", identity.value.federation_config.as_ref().map(config))
        .node()
}

fn public_of(public: &Spanned<TenantPublicTable>, slug: &Spanned<String>) -> Node {
    let written = &public.value;
    let port = count(written.backend_port.as_ref()).unwrap_or(Spanned::new(HTTP, public.span));
    Fields::new(public.span)
        .shown("parentDomain", written.parent_domain.as_ref())
        .set("subdomain", &written.subdomain.as_ref().map_or_else(|| slug.clone(), text))
        .shown("backendService", written.backend_service.as_ref())
        .set("backendPort", &port)
        .shown("product", written.product.as_ref())
        .node()
}
