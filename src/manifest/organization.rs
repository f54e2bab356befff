//! `[[organization]]`, its environments and their applications: who lives on a Sovereign. One table for each in the
//! manifest, or one file for each in an `[[organization-source]]`.

use serde_json::{Value as Json, json};

use super::{Placement, SecretRef, missing};
use crate::diag::Diagnostics;
use crate::grammar::choice::choice;
use crate::grammar::dns::{Fqdn, HttpsUrl, Label};
use crate::grammar::identity::{DisplayName, Email, LabelKey, LabelValue, SecretName, Slug};
use crate::grammar::location::{Env, RegionName};
use crate::grammar::name::RelPath;
use crate::grammar::tenant::{
    AppBlueprint, AppName, AppVersion, HealthPath, InstanceId, Lifetime, NamingTemplate, Recovery, Word,
};
use crate::shape::{Count, Named, Values, table};
use crate::source::Spanned;

choice! {
    /// Whom an Organization belongs to.
    OrganizationKind, "a kind of Organization" {
        /// Somebody who pays.
        Customer "customer",
        /// A department of whoever runs the Sovereign.
        Internal "internal",
    }
}

choice! {
    /// How large an Organization is.
    OrganizationTier, "a tier" {
        /// A small or medium enterprise.
        Sme "sme",
        /// A corporation.
        Corporate "corporate",
    }
}

choice! {
    /// What its use costs it.
    BillingMode, "a billing mode" {
        /// Money.
        Real "real",
        /// It is charged to a department.
        Chargeback "chargeback",
        /// It is shown and not charged.
        Showback "showback",
    }
}

choice! {
    /// How much an Organization may use in each region, and whether it has a vCluster there.
    TenantPlan, "a plan" {
        /// 2 CPUs and 4 GiB in a namespace of the host cluster, without a vCluster.
        S "s",
        /// 4 CPUs and 8 GiB.
        M "m",
        /// 8 CPUs and 16 GiB.
        L "l",
        /// 16 CPUs and 32 GiB.
        Xl "xl",
        /// Up to 16 CPUs and 32 GiB, of which half is guaranteed.
        Flexi "flexi",
    }
}

choice! {
    /// What somebody may do in an Organization.
    OwnerRole, "a role" {
        /// Everything.
        Owner "owner",
        /// Everything but giving it away.
        Admin "admin",
        /// Deploys.
        Developer "developer",
        /// Looks.
        Viewer "viewer",
    }
}

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

choice! {
    /// In how many regions an environment is.
    EnvironmentPlacement, "the placement of an environment" {
        /// In one.
        SingleRegion "single-region",
        /// In two to five.
        MultiRegion "multi-region",
    }
}

choice! {
    /// What keeps an Application apart from the others of its Organization.
    Isolation, "a level of isolation" {
        /// A namespace.
        Namespace "namespace",
        /// A vCluster.
        Vcluster "vcluster",
    }
}

choice! {
    /// Which workloads a policy weighs.
    WeightScope, "a scope" {
        /// Those that keep data.
        Stateful "stateful",
        /// Those that keep none.
        Stateless "stateless",
        /// All.
        All "all",
    }
}

choice! {
    /// What a policy does about a violation.
    PolicyMode, "a mode of a policy" {
        /// It reports.
        Permissive "permissive",
        /// It refuses.
        Enforcing "enforcing",
    }
}

choice! {
    /// What happens to a secret whose time is over.
    RotationAction, "an action" {
        /// It is made anew.
        Rotate "rotate",
        /// Somebody is told.
        Warn "warn",
        /// It is refused.
        Block "block",
    }
}

choice! {
    /// How the values of a label are compared.
    Operator, "an operator" {
        /// One of the values.
        In "In",
        /// None of the values.
        NotIn "NotIn",
        /// The label is there.
        Exists "Exists",
        /// The label is not there.
        DoesNotExist "DoesNotExist",
    }
}

table! {
    /// A directory of Organizations.
    OrganizationSourceTable {
        /// The directory, relative to this file. Every `*.toml` in it is one Organization: a table `[organization]`.
        path: RelPath = required,
    }
}

table! {
    /// A file of an `[[organization-source]]`.
    OrganizationFile {
        /// The Organization.
        organization: OrganizationTable = required,
    }
}

table! {
    /// A tenant of the Sovereign.
    OrganizationTable {
        /// Its name in names: its namespace, its part of host names.
        slug: Slug = required,
        /// Its name for people.
        display_name: DisplayName = required,
        /// `customer` (default) or `internal`.
        kind: OrganizationKind = optional,
        /// `sme` or `corporate`.
        tier: OrganizationTier = required,
        /// `real` (default), `chargeback` or `showback`.
        billing_mode: BillingMode = optional,
        /// How much it may use in each region: `s`, `m` (default), `l`, `xl` or `flexi`. All but `s` have a vCluster.
        plan: TenantPlan = optional,
        /// The Organization that it is a part of.
        parent_org: Slug = optional,
        /// The environment whose Applications bear their plain names. Default `prod`.
        default_environment_type: Env = optional,
        /// The people who are responsible for it, one at least.
        owners: Vec<Spanned<OwnerTable>> = required,
        /// Its own domain, below which its Applications have their hosts. Default: the Sovereign's.
        domain: Fqdn = optional,
        /// How its people log in.
        identity: OrganizationIdentity = optional,
        /// What it shows to the public below a domain of the pool.
        tenant_public: TenantPublicTable = optional,
        /// Its environments.
        environment: Vec<Spanned<EnvironmentTable>> = optional,
    }
    refine at_least_one_owner
}

fn at_least_one_owner(schema: &mut Json) {
    schema["properties"]["owners"]["minItems"] = json!(1);
}

table! {
    /// Somebody who is responsible.
    OwnerTable {
        /// The address.
        email: Email = required,
        /// `owner`, `admin`, `developer` or `viewer`.
        role: OwnerRole = required,
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

table! {
    /// What an Organization shows to the public.
    TenantPublicTable {
        /// The domain of the pool.
        parent_domain: Fqdn = required,
        /// The label below it. Default: the slug.
        subdomain: Label = optional,
        /// The Service that answers.
        backend_service: Label = optional,
        /// Its port. Default 80.
        backend_port: Count<1, 65_535> = optional,
        /// The product that is shown.
        product: Word = optional,
    }
}

table! {
    /// An environment of an Organization.
    EnvironmentTable {
        /// `prod` (default), `stg`, `uat`, `dev` or `poc`. Each once.
        env: Env = optional,
        /// `single-region` or `multi-region`. Default: by the number of regions.
        placement: EnvironmentPlacement = optional,
        /// Its regions, by their names, 1 to 5.
        regions: Vec<Spanned<RegionName>> = required,
        /// What must hold before a change reaches it.
        policy: EnvironmentPolicyTable = optional,
        /// When its secrets are made anew.
        secret_policy: SecretPolicyTable = optional,
        /// Its applications.
        application: Vec<Spanned<ApplicationTable>> = optional,
    }
    refine one_to_five_regions
}

fn one_to_five_regions(schema: &mut Json) {
    schema["properties"]["regions"]["minItems"] = json!(1);
}

table! {
    /// What must hold before a change reaches an environment.
    EnvironmentPolicyTable {
        /// Before a promotion.
        promotion: PromotionTable = optional,
        /// How the compliance score comes about.
        compliance: ComplianceTable = optional,
    }
}

table! {
    /// What a promotion needs.
    PromotionTable {
        /// How many people must agree. Default 0.
        required_approvers: Count<0, 10> = optional,
        /// How many hours a change must have run in the environment before. Default 0.
        soak_hours: Count<0, 720> = optional,
        /// The compliance score that is needed.
        required_compliance_score: Count<0, 100> = optional,
    }
}

table! {
    /// How the compliance score comes about.
    ComplianceTable {
        /// How much each policy weighs.
        weights: Named<Label, WeightTable> = optional,
        /// What each policy does about a violation.
        modes: Named<Label, PolicyMode> = optional,
    }
}

table! {
    /// How much a policy weighs.
    WeightTable {
        /// From nothing to all.
        weight: Count<0, 100> = required,
        /// `stateful`, `stateless` or `all`.
        scope: WeightScope = optional,
    }
}

table! {
    /// When the secrets of an environment are made anew.
    SecretPolicyTable {
        /// One table for each kind of secret.
        rotation: Vec<Spanned<RotationTable>> = required,
    }
}

table! {
    /// When secrets of one kind are made anew.
    RotationTable {
        /// The kind of secret.
        kind: Word = required,
        /// Which secrets, by labels.
        label_selector: SelectorTable = required,
        /// How long one lives: `90d`.
        ttl: Lifetime = required,
        /// `rotate`, `warn` (default) or `block`.
        action: RotationAction = optional,
        /// How long one can be used after its time.
        grace_period: Lifetime = optional,
        /// The resource that makes it anew.
        handler: HandlerTable = optional,
    }
}

table! {
    /// Objects by their labels.
    SelectorTable {
        /// Labels that must be there.
        match_labels: Named<LabelKey, LabelValue> = optional,
        /// Conditions on labels.
        match_expressions: Vec<Spanned<ExpressionTable>> = optional,
    }
}

table! {
    /// A condition on a label.
    ExpressionTable {
        /// The label.
        key: LabelKey = required,
        /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
        operator: Operator = required,
        /// The values, with `In` and `NotIn`.
        values: Vec<Spanned<LabelValue>> = optional,
    }
}

table! {
    /// The resource that makes a secret anew.
    HandlerTable {
        /// Its name.
        name: SecretName = required,
        /// Its namespace.
        namespace: Label = optional,
    }
}

table! {
    /// An application of an environment.
    ApplicationTable {
        /// Its name, which begins its host name. In the default environment it is the name of the Application resource
        /// too; in another one that is `<name>-<env>`.
        name: AppName = required,
        /// What is installed.
        blueprint: BlueprintRefTable = required,
        /// `single-region` (default), `active-active` or `active-hotstandby`.
        placement: Placement = optional,
        /// Its regions, of those of its environment; the first is its primary. Default: the first one with
        /// `single-region`, all otherwise.
        regions: Vec<Spanned<RegionName>> = optional,
        /// Values of the blueprint. Taken literally.
        parameters: Values = optional,
        /// How to ask whether it is well.
        health_check: HealthCheckTable = optional,
        /// The people who are responsible for it.
        owners: Vec<Spanned<OwnerTable>> = optional,
        /// What a loss may cost.
        topology: TopologyWishes = optional,
        /// The id of the instance; never changes.
        instance_id: InstanceId = optional,
        /// `namespace` (default) or `vcluster`.
        isolation_level: Isolation = optional,
        /// How its objects are called.
        naming_template: NamingTemplate = optional,
        /// Whether the bootstrap owns it. Default false.
        bootstrap: bool = optional,
        /// The Helm release that it is, where one exists.
        helm_release: HelmReleaseRefTable = optional,
        /// The applications of the same environment that it needs.
        depends_on: Vec<Spanned<AppName>> = optional,
    }
    refine at_least_one_region_if_any
}

fn at_least_one_region_if_any(schema: &mut Json) {
    schema["properties"]["regions"]["minItems"] = json!(1);
}

table! {
    /// A blueprint in its exact version.
    BlueprintRefTable {
        /// Its full name, of any catalogue.
        name: AppBlueprint = required,
        /// Its version.
        version: AppVersion = required,
    }
}

table! {
    /// How to ask whether an application is well.
    HealthCheckTable {
        /// The path.
        path: HealthPath = required,
        /// The port.
        port: Count<1, 65_535> = required,
        /// How often, in seconds. Default 30.
        interval_seconds: Count<5, 300> = optional,
        /// How long an answer may take, in seconds. Default 5.
        timeout_seconds: Count<1, 60> = optional,
    }
}

table! {
    /// What the loss of a region may cost an application.
    TopologyWishes {
        /// Whether it is switched over without being asked. Default false.
        auto_failover: bool = optional,
        /// The time until it answers again.
        rto: Recovery = optional,
        /// The work that may be lost, as time.
        rpo: Recovery = optional,
        /// How many replicas run at least.
        min_replicas: Count<1, 9> = optional,
    }
}

table! {
    /// A Helm release.
    HelmReleaseRefTable {
        /// Its name.
        name: SecretName = optional,
        /// Its namespace.
        namespace: Label = optional,
    }
}

impl OrganizationTable {
    /// Reports lists that are there and hold nothing.
    pub fn check(&self, diags: &mut Diagnostics) {
        if let Some(owners) = self.owners.as_ref().filter(|owners| owners.value.is_empty()) {
            let because = (self.span, "somebody is responsible for an Organization");
            missing(
                diags,
                owners.span,
                ("owners", "[{ email = \"owner@acme.com\", role = \"owner\" }]"),
                because,
            );
        }
        for environment in self.environment.iter().flat_map(|list| &list.value) {
            let because = (environment.value.span, "an environment is somewhere");
            no_region(environment.value.regions.as_ref(), because, diags);
            for application in environment.value.application.iter().flat_map(|list| &list.value) {
                let because = (application.value.span, "an application is somewhere");
                no_region(application.value.regions.as_ref(), because, diags);
            }
        }
    }
}

/// Reports a list of regions that is there and empty.
fn no_region(
    regions: Option<&Spanned<Vec<Spanned<RegionName>>>>,
    because: (crate::source::Span, &str),
    diags: &mut Diagnostics,
) {
    if let Some(regions) = regions.filter(|regions| regions.value.is_empty()) {
        missing(diags, regions.span, ("regions", "[\"hel1\"]"), because);
    }
}
