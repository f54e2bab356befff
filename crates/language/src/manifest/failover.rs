//! `[failover]`: what happens to applications when a region is lost.

use serde_json::{Value as Json, json};

use super::{Chosen, SecretRef, missing, unsupported};
use crate::scalar::choice::{Refused, choice};
use crate::scalar::cidr::Ipv4;
use crate::scalar::dns::{Fqdn, Label, WebUrl};
use crate::scalar::duration::{Duration, LeaseRenewal, LeaseTtl, Objective, ProbeInterval, ProbeTimeout};
use crate::scalar::identity::{PodSelector, SecretName};
use crate::scalar::location::RegionName;
use crate::scalar::name::{BlueprintName, CloudflareId, FilePath};
use crate::scalar::quantity::VolumeSize;
use crate::schema::{Count, table};
use sovereign_text::diag::{Code, Diagnostics};
use sovereign_text::source::{Span, Spanned};

choice! {
    /// Where an application runs, and what happens when a region is lost (domain section 5.7).
    Placement, "a placement" {
        /// In one region; nothing takes over.
        SingleRegion "single-region",
        /// In several regions, and all of them answer.
        ActiveActive "active-active",
        /// In one region, with others that take over in their order.
        ActiveHotstandby "active-hotstandby",
    }
}

impl Placement {
    /// Returns whether the platform keeps a second copy of what it stores in another region. What is active
    /// everywhere does too: its databases are a primary and a replica underneath (domain section 4.5, in step
    /// with the topology).
    pub fn keeps_standbys(self) -> bool {
        self != Self::SingleRegion
    }
}

choice! {
    /// Who says which region holds the lease of an application.
    WitnessKind, "a witness" {
        /// A key in Cloudflare's KV store, outside all regions.
        CloudflareKv "cloudflare-kv",
        /// A record that most of several public resolvers agree on.
        DnsQuorum "dns-quorum",
    }
    refused [Refused {
        word: "k8s-lease",
        code: Code::ClusterLease,
        reason: "a Lease lives in one cluster and dies with it; the schema of Continuum does not know it either",
        help: "write `cloudflare-kv`, or `dns-quorum` with three resolvers",
    }]
}

choice! {
    /// The function of the application's LUA record (Continuum, `luaRecord.selector`).
    Selector, "a selector" {
        /// The first address whose health check answers.
        Ifurlup "ifurlup",
        /// The address closest to who asks.
        Pickclosest "pickclosest",
        /// The first address.
        Pickfirst "pickfirst",
        /// An address by the hash of who asks.
        Pickwhashed "pickwhashed",
    }
}

choice! {
    /// How a database follows its primary.
    Replication, "a mode of replication" {
        /// A transaction ends when the standby has it too: nothing is lost.
        Sync "sync",
        /// The standby follows later: what it did not get is lost.
        Async "async",
    }
}

choice! {
    /// What a server that answers for the zone is to the others (PDM, `role`).
    PdmRole, "a role of a name server" {
        /// Vouches for what the others say.
        Witness "witness",
        /// Takes the changes.
        PrimaryAuthority "primary-authority",
        /// Follows the primary.
        SecondaryAuthority "secondary-authority",
    }
}

table! {
    /// What happens to applications when a region is lost. `sovereign simulate` shows what it comes to.
    FailoverTable {
        /// The placement of applications that do not say their own, and whether the failover controller runs: it does
        /// with `active-hotstandby`. Default: `single-region` with one region, `active-hotstandby` with several.
        mode: Placement = optional,
        /// Who says which region holds the lease, unless an application says otherwise.
        witness: WitnessTable = optional like { "kind": "dns-quorum", "resolvers": ["8.8.8.8", "1.1.1.1", "9.9.9.9"] },
        /// How long a lease holds, unless an application says otherwise.
        lease: LeaseTable = optional,
        /// The servers that answer for the zone and vouch for a DNS quorum: three or more, one of them outside every
        /// pair of regions.
        pdm: Vec<Spanned<PdmTable>> = optional,
        /// One table for each application that must survive a region.
        application: Vec<Spanned<FailoverApplicationTable>> = optional,
    }
}

table! {
    /// Who says which region holds the lease.
    WitnessTable {
        /// `cloudflare-kv` or `dns-quorum`.
        kind: WitnessKind = required,
        /// `cloudflare-kv`: the account.
        account: CloudflareId = optional,
        /// `cloudflare-kv`: the namespace of the KV store.
        namespace: CloudflareId = optional,
        /// `cloudflare-kv`: the Secret with the API token, in the namespace of the application. Default key: `token`.
        token: SecretRef = optional,
        /// `dns-quorum`: 3 to 5 public resolvers, such as `["8.8.8.8", "1.1.1.1", "9.9.9.9"]`.
        resolvers: Vec<Spanned<Ipv4>> = optional like ["8.8.8.8", "1.1.1.1", "9.9.9.9"],
    }
    refine one_set_of_keys_per_kind
}

table! {
    /// How long a lease holds.
    LeaseTable {
        /// How long it holds unless it is renewed: 5s to 10m. Default 30s.
        ttl: LeaseTtl = optional or "30s",
        /// How often it is renewed: 1s to 60s, and twice in a lease at least. Default 10s.
        renew: LeaseRenewal = optional or "10s",
    }
}

table! {
    /// A server that answers for the zone (PDM resource).
    PdmTable {
        /// The name of the resource.
        name: Label = required,
        /// Where its API answers.
        endpoint: WebUrl = required,
        /// The region it runs in. Without one it is outside of this Sovereign.
        region: RegionName = optional,
        /// What it is to the others. Default `witness`.
        role: PdmRole = optional or "witness",
        /// The name in its certificate, where that is not the host of the endpoint.
        tls_server_name: Fqdn = optional,
        /// The Secret with its API key, in `catalyst-system`. Default key: `api-key`.
        api: SecretRef = optional,
    }
}

table! {
    /// An application that must survive the loss of a region.
    FailoverApplicationTable {
        /// The name of the Application.
        name: Label = required,
        /// The namespace of its Continuum. Default `catalyst-system`.
        namespace: Label = optional or "catalyst-system",
        /// The name of its Continuum. Default `<name>-dr`.
        continuum: Label = optional,
        /// The blueprint that serves it, where it is one of the kit. Default: the one that publishes its hosts.
        blueprint: BlueprintName = optional,
        /// `single-region`, `active-active` or `active-hotstandby`. Default: `failover.mode`.
        placement: Placement = optional,
        /// The region where it runs. Default: the primary region.
        primary: RegionName = optional,
        /// `active-hotstandby`: the regions that take over, in their order; 1 to 4. Default: the first secondary.
        standbys: Vec<Spanned<RegionName>> = optional,
        /// `active-active`: the other regions where it runs. Default: all.
        regions: Vec<Spanned<RegionName>> = optional,
        /// `active-hotstandby`: its database is a CNPG pair over the primary and the first standby.
        database: FailoverDatabase = optional,
        /// `active-hotstandby`: it keeps its data by Raft, as OpenBao does, and is promoted by a Raft transition.
        raft: RaftTable = optional like { "namespace": "openbao", "pod": "openbao-0" },
        /// What a loss may cost.
        objectives: ObjectivesTable = optional,
        /// How to ask whether it is well.
        health: HealthTable = optional,
        /// Its names in the Sovereign's zone. Default: the host of `health.url`, if it is in the zone.
        hosts: Vec<Spanned<Fqdn>> = optional,
        /// How long others may keep the answer for its hosts. Default 30s.
        dns_ttl: Duration = optional or "30s",
        /// The function of its LUA record. Default `ifurlup`.
        selector: Selector = optional or "ifurlup",
        /// Whether the controller switches over without being asked. Default false.
        auto_failover: bool = optional or false,
        /// Who says which region holds its lease. Default: `failover.witness`.
        witness: WitnessTable = optional like { "kind": "dns-quorum", "resolvers": ["8.8.8.8", "1.1.1.1", "9.9.9.9"] },
        /// How long its lease holds. Default: `failover.lease`.
        lease: LeaseTable = optional,
    }
}

table! {
    /// A database in two regions: one half writes, the other one follows (bp-cnpg-pair).
    FailoverDatabase {
        /// `sync`: nothing is lost. `async`: what the standby did not get is lost.
        mode: Replication = required,
        /// Instances in each half, 3 to 5. Default: the chart's.
        instances: Count<3, 5> = optional,
        /// The size of each volume. Default: the chart's.
        size: VolumeSize = optional,
        /// The storage class. Default: the cluster's.
        storage_class: SecretName = optional,
        /// The name of the database. Default: the chart's.
        database: Label = optional,
        /// The owner of the database. Default: the chart's.
        owner: Label = optional,
    }
}

table! {
    /// How a Raft cluster is promoted (Continuum, `switchover.raftTransition`).
    RaftTable {
        /// The namespace of its Pods.
        namespace: Label = required,
        /// The Pod. Either this or `pod-selector`.
        pod: Label = optional,
        /// The label selector of its Pods, as `key=value`.
        pod_selector: PodSelector = optional,
        /// The container. Default `openbao`.
        container: Label = optional or "openbao",
        /// Where it keeps its data. Default `/openbao/data`.
        data_path: FilePath = optional or "/openbao/data",
        /// Where the snapshot lies.
        snapshot_path: FilePath = optional,
        /// The program. Default `bao`.
        binary: Label = optional or "bao",
    }
    refine pod_or_selector
}

table! {
    /// What a loss may cost.
    ObjectivesTable {
        /// The time until it answers again.
        rto: Objective = optional,
        /// The work that may be lost, as time. `0s` needs a database that is replicated synchronously.
        rpo: Objective = optional,
    }
}

table! {
    /// How to ask whether an application is well.
    HealthTable {
        /// The URL. PowerDNS asks it at the address of each region.
        url: WebUrl = required,
        /// How often: 1s to 60s. Default 5s.
        interval: ProbeInterval = optional or "5s",
        /// How long an answer may take: 1s to 30s. Default 2s.
        timeout: ProbeTimeout = optional or "2s",
    }
}

/// Which keys each kind of witness needs; every other one is refused.
const KEYS: [(&str, &[&str]); 2] =
    [("cloudflare-kv", &["account", "namespace", "token"]), ("dns-quorum", &["resolvers"])];
const ALL_KEYS: [&str; 4] = ["account", "namespace", "token", "resolvers"];

fn one_set_of_keys_per_kind(schema: &mut Json) {
    super::one_set_of_keys(schema, "kind", &KEYS, &ALL_KEYS);
}

fn pod_or_selector(schema: &mut Json) {
    schema["oneOf"] = json!([{ "required": ["pod"] }, { "required": ["pod-selector"] }]);
}

impl FailoverTable {
    /// Returns every witness that is written: the one for all, then those of applications.
    pub fn witnesses(&self) -> impl Iterator<Item = &WitnessTable> {
        let own = self.applications().filter_map(|application| application.witness.as_ref());
        self.witness.iter().chain(own).map(|witness| &witness.value)
    }

    /// Returns the tables of applications.
    pub fn applications(&self) -> impl Iterator<Item = &FailoverApplicationTable> {
        self.application.iter().flat_map(|list| &list.value).map(|table| &table.value)
    }

    /// Reports what does not hold between the keys of one table.
    pub fn check(&self, diags: &mut Diagnostics) {
        for witness in self.witnesses() {
            witness.check(diags);
        }
        for raft in self.applications().filter_map(|application| application.raft.as_ref()) {
            raft.value.check(diags);
        }
    }
}

impl LeaseTable {
    /// Returns whether a part of it could not be read.
    pub fn is_unread(&self) -> bool {
        self.ttl.is_none() && self.states("ttl") || self.renew.is_none() && self.states("renew")
    }
}

impl WitnessTable {
    /// Reports keys that the kind lacks or does not know.
    fn check(&self, diags: &mut Diagnostics) {
        let Some(kind) = self.kind else { return };
        let word = kind.value.to_string();
        let present: [(&str, Option<Span>, &str); 4] = [
            ("account", self.account.as_ref().map(|v| v.span), "\"<account id>\""),
            ("namespace", self.namespace.as_ref().map(|v| v.span), "\"<id of the KV namespace>\""),
            ("token", self.token.as_ref().map(|v| v.span), "{ secret = \"continuum-cf-token\" }"),
            ("resolvers", self.resolvers.as_ref().map(|v| v.span), "[\"8.8.8.8\", \"1.1.1.1\", \"9.9.9.9\"]"),
        ];
        let because = (kind.span, format!("the witness is `{word}`"));
        let chosen = Chosen { table: self.span, keys: &present, states: &|key| self.states(key) };
        super::keys_of_choice(&KEYS, &word, &chosen, (because.0, &because.1), diags);
    }
}

impl RaftTable {
    /// Reports neither or both of the two ways to find the Pod.
    fn check(&self, diags: &mut Diagnostics) {
        match (&self.pod, &self.pod_selector) {
            (Some(pod), Some(selector)) => {
                unsupported(diags, selector.span, "pod-selector", (pod.span, "the Pod is named already"));
            }
            (None, None) if !self.states("pod") && !self.states("pod-selector") => {
                let because = (self.span, "the controller needs the Pod that it promotes");
                missing(diags, self.span, "pod", "\"openbao-0\"", because);
            }
            (Some(_) | None, Some(_) | None) => {}
        }
    }
}
