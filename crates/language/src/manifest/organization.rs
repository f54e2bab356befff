//! `[[organization]]`, its environments and their applications: who lives on a Sovereign. One table for each in the
//! manifest, or one file for each in an `[[organization-source]]`.

mod application;
mod identity;
mod policy;

use serde_json::{Value as Json, json};

use super::{missing, too_many, unsupported};
use crate::scalar::choice::choice;
use crate::scalar::dns::{Fqdn, Label};
use crate::scalar::identity::{DisplayName, Email, SecretName, Slug};
use crate::scalar::location::{BuildingBlock, Env, RegionName};
use crate::scalar::name::RelPath;
use crate::scalar::tenant::Word;
use crate::schema::{Count, table};
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::{Span, Spanned};

pub use application::{ApplicationTable, Isolation, Need};
pub use identity::{ClaimMapper, FederationConfig, OrganizationIdentity};
pub use policy::{
    ComplianceTable, EnvironmentPolicyTable, HandlerTable, PromotionTable, RotationTable, SecretPolicyTable,
    SelectorTable,
};

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

impl TenantPlan {
    /// Returns whether an Organization of this plan has a vCluster in each of its regions.
    pub fn has_vcluster(self) -> bool {
        self != Self::S
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
    /// In how many regions an environment is.
    EnvironmentPlacement, "the placement of an environment" {
        /// In one.
        SingleRegion "single-region",
        /// In two to five.
        MultiRegion "multi-region",
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
        kind: OrganizationKind = optional or "customer",
        /// `sme` or `corporate`.
        tier: OrganizationTier = required,
        /// `real` (default), `chargeback` or `showback`.
        billing_mode: BillingMode = optional or "real",
        /// How much it may use in each region: `s`, `m` (default), `l`, `xl` or `flexi`. All but `s` have a vCluster.
        plan: TenantPlan = optional or "m",
        /// The Organization that it is a part of.
        parent_org: Slug = optional,
        /// The environment whose Applications bear their plain names. Default `prod`.
        default_environment_type: Env = optional or "prod",
        /// The people who are responsible for it, one at least.
        owners: Vec<Spanned<OwnerTable>> = required,
        /// Its own domain, below which its Applications have their hosts. Default: the Sovereign's.
        domain: Fqdn = optional,
        /// How its people log in.
        identity: OrganizationIdentity = optional like { "federation-provider": "" },
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
    /// What an Organization shows to the public.
    TenantPublicTable {
        /// The domain of the pool.
        parent_domain: Fqdn = required,
        /// The label below it. Default: the slug.
        subdomain: Label = optional,
        /// The Service that answers.
        backend_service: Label = optional,
        /// Its port. Default 80.
        backend_port: Count<1, 65_535> = optional or 80,
        /// The product that is shown.
        product: Word = optional,
    }
}

table! {
    /// An environment of an Organization.
    EnvironmentTable {
        /// `prod` (default), `stg`, `uat`, `dev` or `poc`. Each once.
        env: Env = optional or "prod",
        /// `single-region` or `multi-region`. Default: by the number of regions.
        placement: EnvironmentPlacement = optional,
        /// Its regions, by their names, 1 to 5.
        regions: Vec<Spanned<RegionName>> = required,
        /// The building block of these regions that it runs in: `rtz` (default), `dmz` or `mgt`.
        building_block: BuildingBlock = optional or "rtz",
        /// What must hold before a change reaches it.
        policy: EnvironmentPolicyTable = optional,
        /// Instead of a policy of its own: the name of an EnvironmentPolicy that somebody else makes.
        policy_ref: SecretName = optional,
        /// When its secrets are made anew.
        secret_policy: SecretPolicyTable = optional,
        /// Its applications, at most 100.
        application: Vec<Spanned<ApplicationTable>> = optional,
    }
    refine one_policy_in_one_to_five_regions
}

/// The most regions of an environment and of an application (schemas of both).
pub const MOST_REGIONS: usize = 5;

/// The most applications of an environment: five full environments are what kustomize builds in half a second.
pub(crate) const MOST_APPLICATIONS: usize = 100;

fn one_to_five_regions(schema: &mut Json) {
    schema["properties"]["regions"]["minItems"] = json!(1);
    schema["properties"]["regions"]["maxItems"] = json!(MOST_REGIONS);
}

fn one_policy_in_one_to_five_regions(schema: &mut Json) {
    one_to_five_regions(schema);
    schema["properties"]["application"]["maxItems"] = json!(MOST_APPLICATIONS);
    schema["not"] = json!({ "required": ["policy", "policy-ref"] });
}

impl OrganizationTable {
    /// Reports what does not hold between the keys of a table, and lists that hold too little or too much.
    pub fn check(&self, diags: &mut Diagnostics) {
        if let Some(owners) = self.owners.as_ref().filter(|owners| is_empty(owners, diags)) {
            let because = (self.span, "somebody is responsible for an Organization");
            let example = "[{ email = \"owner@acme.com\", role = \"owner\" }]";
            missing(diags, owners.span, "owners", example, because);
        }
        if let Some(identity) = &self.identity {
            identity.value.check(diags);
        }
        for environment in self.environment.iter().flat_map(|list| &list.value) {
            environment.value.check(diags);
        }
    }
}

impl EnvironmentTable {
    fn check(&self, diags: &mut Diagnostics) {
        check_regions(self.regions.as_ref(), (self.span, "an environment is somewhere"), diags);
        if let (Some(policy), Some(other)) = (&self.policy, &self.policy_ref) {
            let because = (policy.span, "the environment has a policy of its own");
            unsupported(diags, other.span, "policy-ref", because);
        }
        if let Some(policy) = &self.secret_policy {
            policy.value.check(diags);
        }
        if let Some(applications) = &self.application {
            too_many(applications, "applications", MOST_APPLICATIONS, diags);
        }
        for application in self.application.iter().flat_map(|list| &list.value) {
            let because = (application.value.span, "an application is somewhere");
            check_regions(application.value.regions.as_ref(), because, diags);
        }
    }
}

/// Returns whether nothing was written into a list that is there: what was refused is not in it any more.
fn is_empty<T>(list: &Spanned<Vec<T>>, diags: &Diagnostics) -> bool {
    list.value.is_empty() && diags.count_within(list.span) == 0
}

/// Reports a list of regions that is there and empty, or longer than the resources have it.
fn check_regions(
    regions: Option<&Spanned<Vec<Spanned<RegionName>>>>,
    because: (Span, &str),
    diags: &mut Diagnostics,
) {
    let Some(regions) = regions else { return };
    if is_empty(regions, diags) {
        missing(diags, regions.span, "regions", "[\"hel1\"]", because);
    }
    too_many(regions, "regions", MOST_REGIONS, diags);
}
