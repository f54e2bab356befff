//! Who takes over when a region is lost.
//!
//! What the controller writes while it works (`spec.switchover.requested` and its neighbours, the weights of routes)
//! has no place here, so that Git cannot undo a switchover.

use super::{ApiVersion, Definition, Meta, Resource, SecretUse};
use sovereign_text::node::{Fields, Node};
use sovereign_text::source::{Span, Spanned};

/// `dr.openova.io` Continuum: one application, its regions, and who says which of them holds the lease (domain section 5.1).
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

impl Resource for Continuum {
    const KIND: &'static str = "Continuum";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("dr.openova.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        object.put("spec", self.spec())
    }

    fn secrets(&self) -> Vec<SecretUse<'_>> {
        match &self.witness_config {
            WitnessConfig::CloudflareKv { token: (name, key), .. } => {
                vec![SecretUse::beside(&self.meta, &name.value, vec![&key.value])]
            }
            WitnessConfig::Missing | WitnessConfig::DnsQuorum(_) => Vec::new(),
        }
    }
}

impl Continuum {
    fn spec(&self) -> Node {
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
