//! The language: what a person may write in `sovereign.toml`, table by table.
//!
//! [`decode`] takes a [`Source`] and gives a [`Document`]: every value that was right, with its span; every
//! value that was wrong has been reported. The doc comments below are the descriptions in the JSON Schema, so
//! they speak to the person who edits the file. What the values mean together is the plan's.

mod accept;
mod airgap;
mod blueprint;
mod consent;
mod domain;
mod failover;
mod flux;
mod gitops;
mod identity;
mod input;
mod kit;
mod observability;
mod organization;
mod provisioning;
mod region;
mod registry;
pub mod schema;
mod sovereign;
mod storage;
mod tls;
mod topology;

pub use failover::{
    FailoverApplicationTable, FailoverDatabase, FailoverTable, HealthTable, LeaseTable, PdmRole, PdmTable,
    Placement, RaftTable, Replication, Selector, WitnessKind, WitnessTable,
};
pub use organization::{
    ApplicationTable, BillingMode, ClaimMapper, ComplianceTable, EnvironmentPlacement,
    EnvironmentPolicyTable, EnvironmentTable, FederationConfig, HandlerTable, Isolation, MOST_REGIONS, Need,
    OrganizationFile, OrganizationIdentity, OrganizationKind, OrganizationSourceTable, OrganizationTable,
    OwnerTable, PromotionTable, RotationTable, SecretPolicyTable, SelectorTable, TenantPlan,
    TenantPublicTable,
};
pub use provisioning::{HuaweiTable, K3S_VERSION, ProvisioningTable, StateTable};
pub use registry::{Creators, KeepTable, ProjectTable, RegistryTable, ScannerTable, Severity};

pub use accept::{AcceptTable, Acceptable};
pub use airgap::AirgapTable;
pub use blueprint::{
    BlueprintSourceTable, BlueprintTable, PodSecurity, Retries, ValuesFromTable, ValuesKind,
};
pub use consent::{MoveTable, RetireTable};
pub use domain::{DomainMode, DomainTable, PoolTable, Registrar};
pub use flux::{FluxTable, MOST_SHARDS};
pub use gitops::GitopsTable;
pub use identity::{Federation, FederationProvider, IdentityTable, KeycloakTopology};
pub use input::InputValue;
pub use kit::{GitKitTable, KitChoice, OciKitTable, OwnKitTable};
pub use observability::{ExportTable, ObservabilityTable, Protocol, Signal};
pub use region::{Maker, NodePool, Observed, RegionTable, Role, Tier};
pub use sovereign::{OrganizationContact, SovereignTable};
pub use storage::{BackupTable, ObjectStorage, StorageTable};
pub use tls::{Issuer, TlsTable};
pub use topology::{Contract, TopologyTable};

use std::sync::OnceLock;

use serde_json::{Value as Json, json};

use crate::scalar::identity::{SecretKey, SecretName};
use crate::scalar::name::{BlueprintName, InputName};
use crate::schema::{Homes, Named, Parsed, table};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Source, Span, Spanned};

table! {
    /// A Sovereign: a self-sufficient OpenOva Catalyst installation of one or more cloud regions.
    Document {
        /// The kit: a dated set of blueprint facts that this compiler carries, as `sovereign kit list` shows them; or a kit of
        /// one's own: beside this file, in a Git repository, or in a registry.
        kit: KitChoice = required,
        /// Who this Sovereign is.
        sovereign: SovereignTable = required,
        /// Its domain name, and who writes the records of the parent zone.
        domain: DomainTable = required like { "mode": "pool", "parent": "omani.works" },
        /// Where Flux reads the tree from.
        gitops: GitopsTable = required,
        /// One table for each cloud region; each is one k3s cluster.
        region: Vec<Spanned<RegionTable>> = required,
        /// Which vClusters run in which region.
        topology: TopologyTable = optional,
        /// How people log in.
        identity: IdentityTable = optional,
        /// Who issues the certificates.
        tls: TlsTable = optional,
        /// Storage class, object storage and backup.
        storage: StorageTable = optional,
        /// The policies of the Sovereign's registry.
        registry: RegistryTable = optional,
        /// What the Sovereign tells systems outside about itself.
        observability: ObservabilityTable = optional,
        /// What happens to applications when a region is lost.
        failover: FailoverTable = optional,
        /// How the provider's module makes the machines.
        provisioning: ProvisioningTable = optional,
        /// What the kit asks for, by the names of its inputs. A kit of one's own says which there are, and of which type.
        input: Named<InputName, InputValue> = optional,
        /// Changes to single blueprints, by name without `bp-`.
        blueprint: Named<BlueprintName, BlueprintTable> = optional,
        /// Directories of further blueprints, in the format of the kits.
        blueprint_source: Vec<Spanned<BlueprintSourceTable>> = optional,
        /// The tenants. Many of them stand better in files of their own (`organization-source`).
        organization: Vec<Spanned<OrganizationTable>> = optional,
        /// Directories of Organizations, one a file.
        organization_source: Vec<Spanned<OrganizationSourceTable>> = optional,
        /// How many controllers share the work on tenants.
        flux: FluxTable = optional,
        /// Makes the tree self-contained: every chart and image comes from one registry.
        airgap: AirgapTable = optional,
        /// Consent to deletions that lose data.
        retire: Vec<Spanned<RetireTable>> = optional,
        /// Consent to changes of identity.
        r#move as "move": Vec<Spanned<MoveTable>> = optional,
        /// Findings that are right to have.
        accept: Vec<Spanned<AcceptTable>> = optional,
    }
    refine at_least_one_region
}

fn at_least_one_region(schema: &mut Json) {
    schema["properties"]["region"]["minItems"] = json!(1);
}

table! {
    /// A reference to a Kubernetes Secret. There is no place for a value: secrets cannot be written down.
    SecretRef {
        /// The name of the Secret.
        secret: SecretName = required,
        /// The key inside the Secret, where one is meant.
        key: SecretKey = optional,
    }
}

/// Returns where a key of the language belongs, for a message: `` `[domain]` ``; `None` if it is no key, or one of many tables.
pub fn home(key: &str) -> Option<String> {
    // Worked out once: hostile values are many.
    static HOMES: OnceLock<Homes> = OnceLock::new();
    HOMES.get_or_init(Homes::of::<Document>).find(key)
}

/// Takes the source of a manifest, gives what is written in it, see [`Document::decode`].
pub fn decode(source: &Source, diags: &mut Diagnostics) -> Option<Document> {
    Document::decode(&Parsed::new(source), diags)
}

impl Document {
    /// Takes a manifest, gives what is written in it; `None` only when nothing could be read at all. What it reports is
    /// what the JSON Schema refuses: nothing of it depends on a kit.
    pub fn decode(parsed: &Parsed<'_>, diags: &mut Diagnostics) -> Option<Self> {
        let document: Self = parsed.decode(diags)?;
        document.check(diags);
        Some(document)
    }

    /// Adds the Organizations of further files to those of the manifest.
    pub fn add_organizations(&mut self, further: Vec<Spanned<OrganizationTable>>) {
        if let Some(first) = further.first() {
            let span = first.span;
            self.organization.get_or_insert_with(|| Spanned::new(Vec::new(), span)).value.extend(further);
        }
    }

    /// Reports what does not hold between the keys of one table.
    fn check(&self, diags: &mut Diagnostics) {
        if let Some(kit) = &self.kit {
            kit.value.check(diags);
        }
        if let Some(domain) = &self.domain {
            domain.value.check(diags);
        }
        if let Some(identity) = &self.identity {
            identity.value.check(diags);
        }
        if let Some(tls) = &self.tls {
            tls.value.check(diags);
        }
        if let Some(registry) = &self.registry {
            registry.value.check(diags);
        }
        if let Some(observability) = &self.observability {
            observability.value.check(diags);
        }
        if let Some(failover) = &self.failover {
            failover.value.check(diags);
        }
        for organization in self.organization.iter().flat_map(|list| &list.value) {
            organization.value.check(diags);
        }
        for retire in self.retire.iter().flat_map(|list| &list.value) {
            retire.value.check(diags);
        }
        if let Some(region) = self.region.as_ref().filter(|region| region.value.is_empty()) {
            let found = Diagnostic::new(Code::MissingKey, region.span, "a Sovereign has at least one region");
            diags.push(found.help("add a `[[region]]` table"));
        }
    }
}

/// Reports a key that must be there because of another value, at the table that lacks it.
pub(crate) fn missing(diags: &mut Diagnostics, table: Span, key: &str, example: &str, because: (Span, &str)) {
    let message = format!("`{key}` is missing");
    diags.push(
        Diagnostic::new(Code::MissingKey, table, message)
            .label("in this table")
            .related(because.0, because.1.to_owned())
            .help(format!("add `{key} = {example}`")),
    );
}

/// The keys that go with each word of a choice; every other key of [`one_set_of_keys`] is refused with it.
type KeysByWord = [(&'static str, &'static [&'static str])];

/// Tightens the schema of a table: with each word of the choice `of` come its own keys and no others.
fn one_set_of_keys(schema: &mut Json, of: &str, keys: &KeysByWord, all: &[&str]) {
    let rule = |(word, keys): &(&str, &[&str])| {
        let foreign = all.iter().filter(|key| !keys.contains(key));
        let foreign: Vec<_> = foreign.map(|key| json!({ "required": [key] })).collect();
        json!({
            "if": { "properties": { of: { "const": word } }, "required": [of] },
            "then": { "required": keys, "not": { "anyOf": foreign } },
        })
    };
    schema["allOf"] = json!(keys.iter().map(rule).collect::<Vec<_>>());
}

/// A table in which a choice decides about the other keys.
struct Chosen<'a> {
    /// The table.
    table: Span,
    /// The keys: name, where it stands if its value is right, and an example of a value.
    keys: &'a [(&'a str, Option<Span>, &'a str)],
    /// Whether a key is written, right or wrong.
    states: &'a dyn Fn(&str) -> bool,
}

/// Reports keys of a table that the chosen word lacks or does not know.
fn keys_of_choice(
    keys: &KeysByWord,
    word: &str,
    chosen: &Chosen<'_>,
    because: (Span, &str),
    diags: &mut Diagnostics,
) {
    let wanted = keys.iter().find(|(known, _)| *known == word).map_or(&[][..], |(_, keys)| keys);
    for &(key, span, example) in chosen.keys {
        match (wanted.contains(&key), span) {
            (true, None) if !(chosen.states)(key) => missing(diags, chosen.table, key, example, because),
            (false, Some(span)) => unsupported(diags, span, key, because),
            (true, Some(_) | None) | (false, None) => {}
        }
    }
}

/// Reports the first element that is too many.
fn too_many<T>(list: &Spanned<Vec<Spanned<T>>>, what: &str, most: usize, diags: &mut Diagnostics) {
    if let Some(over) = list.value.get(most) {
        let message = format!("{} {what} are too many; at most {most} are possible", list.value.len());
        diags.push(Diagnostic::new(Code::MalformedValue, over.span, message).label("one too many"));
    }
}

/// Reports a key that has no meaning because of another value.
pub(crate) fn unsupported(diags: &mut Diagnostics, key: Span, name: &str, because: (Span, &str)) {
    diags.push(
        Diagnostic::new(Code::UnsupportedKey, key, format!("`{name}` has no meaning here"))
            .related(because.0, because.1.to_owned())
            .help(format!("remove `{name}`, or change what it depends on")),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the codes of the findings in a document whose other tables are right.
    fn codes(tables: &str) -> Vec<Code> {
        let rest = r#"
            kit = "2026.05"
            sovereign = { name = "first", organization = { name = "First", email = "ops@example.com" } }
            gitops.url = "https://github.com/example/sovereigns"
            region = [{ name = "fsn1", provider = "hetzner", control-plane.size = "cpx32" }]
        "#;
        let source = Source::manifest("t", format!("{rest}\n{tables}").into_bytes()).unwrap();
        let mut diags = Diagnostics::new();
        decode(&source, &mut diags);
        diags.sorted().iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_value_that_is_refused_is_not_called_missing_too() {
        let pool = r#"domain = { mode = "pool", parent = "omani.works" }"#;
        assert_eq!(codes(pool), []);
        assert_eq!(codes(r#"domain = { mode = "pool" }"#), [Code::MissingKey]);
        assert_eq!(codes(r#"domain = { mode = "pool", parent = "Omani" }"#), [Code::MalformedValue]);
        assert_eq!(
            codes(&format!("{pool}\ntls = {{ issuer = \"corporate-ca\", ca = 1 }}")),
            [Code::WrongType]
        );
        let tls = r#"tls = { issuer = "corporate", ca = { secret = "a" } }"#;
        assert_eq!(codes(&format!("{pool}\n{tls}")), [Code::UnknownChoice]);
        let tls = r#"tls = { ca = { secret = "a" } }"#;
        assert_eq!(codes(&format!("{pool}\n{tls}")), [Code::UnsupportedKey]);
    }
}
