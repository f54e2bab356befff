//! Objects of `dr.openova.io`: who takes over when a region is lost.
//!
//! What the controller writes while it works (`spec.switchover.requested` and its neighbours, the weights of routes)
//! has no place here, so that Git cannot undo a switchover.

use super::{Fields, Meta};
use sovereign_text::node::Node;
use sovereign_text::source::{Span, Spanned};

/// A Continuum: one application, its regions, and who says which of them holds the lease (domain section 5.1).
#[derive(Clone, Debug)]
pub struct Continuum {
    /// Its metadata.
    pub meta: Meta,
    /// The Application.
    pub application: Spanned<String>,
    /// The node label of the region where it runs.
    pub primary: Spanned<String>,
    /// Those of the regions that take over, in their order.
    pub standbys: Vec<Spanned<String>>,
    /// The kind of witness.
    pub witness: Spanned<String>,
    /// What the witness needs.
    pub witness_config: WitnessConfig,
    /// How long a lease holds, in seconds.
    pub ttl: Spanned<i64>,
    /// How often it is renewed, in seconds.
    pub renew: Spanned<i64>,
    /// The function of the LUA record.
    pub selector: Spanned<String>,
    /// The health check: URL, interval and timeout in seconds.
    pub health: Option<(Spanned<String>, Spanned<i64>, Spanned<i64>)>,
    /// The time until it answers again.
    pub rto: Option<Spanned<String>>,
    /// The work that may be lost.
    pub rpo: Option<Spanned<String>>,
    /// Whether the controller switches over without being asked.
    pub auto_failover: Spanned<bool>,
    /// How the application is promoted, where it keeps data.
    pub switchover: Option<Switchover>,
    /// The zone and the addresses of the regions, where they are known: outside the schema, and read by the controller.
    pub zone: Option<Zone>,
}

/// What a witness needs.
#[derive(Clone, Debug)]
pub enum WitnessConfig {
    /// Nothing was given; a rule has said so.
    Missing,
    /// Account, namespace, and the name and key of the Secret with the token.
    CloudflareKv {
        /// The account.
        account: Spanned<String>,
        /// The namespace of the store.
        namespace: Spanned<String>,
        /// The Secret.
        token: (Spanned<String>, Spanned<String>),
    },
    /// The resolvers.
    DnsQuorum(Vec<Spanned<String>>),
}

/// How an application that keeps data is promoted.
#[derive(Clone, Debug)]
pub enum Switchover {
    /// The standby half of a CNPG pair is promoted: the name and namespace of the pair.
    Pair {
        /// The line that asks for a database.
        cause: Span,
        /// The CNPGPair.
        name: Spanned<String>,
        /// Its namespace.
        namespace: Spanned<String>,
    },
    /// A Raft cluster is given a new list of peers.
    Raft {
        /// The table.
        cause: Span,
        /// Field and value, in the order of the schema.
        fields: Vec<(&'static str, Spanned<String>)>,
    },
}

/// Where the records of an application stand, and the addresses of its regions.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The zone.
    pub name: Spanned<String>,
    /// Node label and public address of each region.
    pub regions: Vec<(Spanned<String>, Spanned<String>)>,
}

impl Continuum {
    pub(super) fn spec(&self) -> Node {
        let standbys: Vec<Node> = self.standbys.iter().map(|label| label.clone().into()).collect();
        let mut fields = Fields::new(self.meta.name.span)
            .set("applicationRef", &self.application)
            .set("primaryRegion", &self.primary)
            .fixed("hotStandbyRegions", standbys)
            .put("leaseClient", self.lease_client())
            .put("luaRecord", self.lua_record())
            .maybe("rto", self.rto.as_ref())
            .maybe("rpo", self.rpo.as_ref())
            .set("autoFailover", &self.auto_failover);
        match &self.switchover {
            None => {}
            Some(Switchover::Pair { cause, name, namespace }) => {
                let switchover = Fields::new(*cause).fixed("mechanism", "cnpg-pair");
                let pair = Fields::new(*cause).set("name", name).set("namespace", namespace);
                fields = fields.put("switchover", switchover.node()).put("cnpgPair", pair.node());
            }
            Some(Switchover::Raft { cause, fields: given }) => {
                let raft = given.iter().fold(Fields::new(*cause), |raft, (key, value)| raft.set(key, value));
                let switchover = Fields::new(*cause).fixed("mechanism", "raft-transition");
                fields = fields.put("switchover", switchover.put("raftTransition", raft.node()).node());
            }
        }
        if let Some(zone) = &self.zone {
            let region = |(label, address): &(Spanned<String>, Spanned<String>)| {
                let addresses: Vec<Node> = vec![address.clone().into()];
                Fields::new(label.span)
                    .set("name", label)
                    .put("lbIPs", Node::new(addresses, address.span))
                    .node()
            };
            let regions: Vec<Node> = zone.regions.iter().map(region).collect();
            fields = fields.set("pdmZone", &zone.name).fixed("regions", regions);
        }
        fields.node()
    }

    fn lease_client(&self) -> Node {
        let mut config = Fields::new(self.witness.span);
        match &self.witness_config {
            WitnessConfig::Missing => {}
            WitnessConfig::CloudflareKv { account, namespace, token: (name, key) } => {
                let token = Fields::new(name.span).set("name", name).set("key", key);
                config = config
                    .set("accountId", account)
                    .set("kvNamespaceId", namespace)
                    .put("tokenSecretRef", token.node());
            }
            WitnessConfig::DnsQuorum(resolvers) => {
                let resolvers: Vec<Node> = resolvers.iter().map(|resolver| resolver.clone().into()).collect();
                config = config.fixed("resolvers", resolvers);
            }
        }
        let config = config.set("ttlSeconds", &self.ttl).set("renewSeconds", &self.renew);
        Fields::new(self.witness.span).set("kind", &self.witness).put("config", config.node()).node()
    }

    fn lua_record(&self) -> Node {
        let record = Fields::new(self.selector.span).set("selector", &self.selector);
        let Some((url, interval, timeout)) = &self.health else { return record.node() };
        let check = Fields::new(url.span)
            .set("url", url)
            .set("intervalSeconds", interval)
            .set("timeoutSeconds", timeout);
        record.put("healthCheck", check.node()).node()
    }
}

/// A CNPGPair: two database clusters, of which one follows the other (domain section 5.2).
#[derive(Clone, Debug)]
pub struct CnpgPair {
    /// Its metadata.
    pub meta: Meta,
    /// The cluster that writes.
    pub primary_cluster: Spanned<String>,
    /// The cluster that follows.
    pub replica_cluster: Spanned<String>,
    /// The node label of the region that writes.
    pub primary_region: Spanned<String>,
    /// That of the region that follows.
    pub replica_region: Spanned<String>,
    /// The work that may be lost, in seconds; the schema begins at one.
    pub rpo: Option<Spanned<i64>>,
    /// The time until it answers again, in seconds; the schema begins at one.
    pub rto: Option<Spanned<i64>>,
}

impl CnpgPair {
    pub(super) fn spec(&self) -> Node {
        Fields::new(self.meta.name.span)
            .set("primaryCluster", &self.primary_cluster)
            .set("replicaCluster", &self.replica_cluster)
            .set("primaryRegion", &self.primary_region)
            .set("replicaRegion", &self.replica_region)
            .maybe("rpoSeconds", self.rpo.as_ref())
            .maybe("rtoSeconds", self.rto.as_ref())
            .fixed("topology", "active-hot-standby")
            .node()
    }
}

/// A PDM: a server that answers for the zone and vouches for a DNS quorum (domain section 5.2).
#[derive(Clone, Debug)]
pub struct Pdm {
    /// Its metadata.
    pub meta: Meta,
    /// Where its API answers.
    pub endpoint: Spanned<String>,
    /// The node label of its region, if it is one of the Sovereign's.
    pub region: Option<Spanned<String>>,
    /// The zone.
    pub zone: Spanned<String>,
    /// What it is to the others.
    pub role: Spanned<String>,
    /// The name in its certificate.
    pub tls_server_name: Option<Spanned<String>>,
    /// The Secret with its API key, and the key in it.
    pub api: Option<(Spanned<String>, Spanned<String>)>,
}

impl Pdm {
    pub(super) fn spec(&self, namespace: &'static str) -> Node {
        let mut fields = Fields::new(self.meta.name.span)
            .set("endpoint", &self.endpoint)
            .maybe("region", self.region.as_ref())
            .set("zone", &self.zone)
            .set("role", &self.role)
            .maybe("tlsServerName", self.tls_server_name.as_ref());
        if let Some((name, key)) = &self.api {
            let secret =
                Fields::new(name.span).set("name", name).fixed("namespace", namespace).set("key", key);
            fields = fields.put("apiSecretRef", secret.node());
        }
        fields.node()
    }
}
