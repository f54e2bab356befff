//! `dns/delegation.json`: what must stand in the zone above, and who writes it there.

use serde_json::{Value as Json, json};

use super::{Data, Name, RecordSet, Zone, pretty};
use crate::plan::Plan;
use sovereign_language::manifest::{DomainMode, Registrar};

/// The key of a registrar's Secret that holds the token, unless the manifest names another.
const TOKEN: &str = "token";

/// How the zone above comes to know of the Sovereign's.
#[derive(Clone, Debug)]
pub struct Delegation<'z> {
    zone: &'z Zone,
    /// The domain mode.
    pub mode: DomainMode,
    /// The zone above.
    pub parent: Name,
    /// Who writes there.
    pub writer: Delegator,
    /// What waits for the address of a region: the name, the region, and whether all of the record waits.
    pub missing: Vec<(Name, String, bool)>,
    /// What else to know.
    pub notes: Vec<String>,
}

/// Who writes in the zone above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delegator {
    /// The pool domain manager, in a zone of OpenOva's.
    PoolManager,
    /// The adapter of a registrar, with the token in a Secret.
    Registrar {
        /// Whose API it calls.
        registrar: Registrar,
        /// The Secret.
        secret: String,
        /// The key in it.
        key: String,
    },
    /// A person, with the list to paste.
    Person,
}

impl Delegator {
    /// Returns the name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PoolManager => "pool-domain-manager",
            Self::Registrar { .. } => "registrar",
            Self::Person => "person",
        }
    }

    /// Behind an air gap, neither the pool's API nor a registrar's is reached.
    fn new(plan: &Plan<'_>) -> Self {
        match (&plan.domain.registrar, plan.domain.mode.value) {
            _ if plan.airgap.is_some() => Self::Person,
            (Some((registrar, credentials)), DomainMode::ByoApi) => Self::Registrar {
                registrar: registrar.value,
                secret: credentials
                    .secret
                    .as_ref()
                    .map(|secret| secret.value.to_string())
                    .unwrap_or_default(),
                key: credentials.key.as_ref().map_or_else(|| TOKEN.to_owned(), |key| key.value.to_string()),
            },
            (_, DomainMode::Pool) => Self::PoolManager,
            (_, DomainMode::ByoManual | DomainMode::ByoApi) => Self::Person,
        }
    }
}

impl<'z> Delegation<'z> {
    /// Takes a plan and its zone, gives how that is delegated.
    pub fn new(plan: &Plan<'_>, zone: &'z Zone) -> Self {
        let region = |place: usize| plan.regions.get(place).map(|region| region.name.value.to_string());
        let missing =
            zone.missing().iter().filter_map(|m| Some((m.name.clone(), region(m.region)?, m.whole)));
        Self {
            zone,
            mode: plan.domain.mode.value,
            parent: zone.name.ancestors().next().unwrap_or_else(|| zone.name.clone()),
            writer: Delegator::new(plan),
            missing: missing.collect(),
            notes: notes(plan, zone),
        }
    }

    /// The NS records to write.
    pub fn servers(&self) -> Option<&'z RecordSet> {
        self.zone.records().iter().find(|record| matches!(record.data, Data::Ns(_)))
    }

    /// Returns the addresses of those name servers that stand in the zone itself.
    pub(crate) fn glue(&self) -> impl Iterator<Item = &'z RecordSet> {
        let servers = self.zone.servers();
        self.zone.records().iter().filter(|record| servers.contains(&record.name))
    }

    /// Returns all of it as lines of a zone.
    pub fn lines(&self) -> Vec<String> {
        self.servers().into_iter().chain(self.glue()).flat_map(RecordSet::lines).collect()
    }

    /// Returns what to do about DS once the zone is signed. It has no value here: PowerDNS makes the keys.
    pub fn signing(&self) -> String {
        let (zone, parent) = (&self.zone.name, &self.parent);
        if !self.zone.is_signed_by_itself() {
            return format!(
                "{zone} is not signed: each of its name servers has a database of its own and would make other keys, so that \
                 validation fails by chance. To sign it, make one key on the first server (`pdnsutil secure-zone {zone}`), copy \
                 it to each other one (`pdnsutil export-zone-key {zone} ID >key`, there `pdnsutil import-zone-key {zone} key \
                 active ksk`), and only then write a DS record into {parent}: `pdnsutil export-zone-ds {zone}`."
            );
        }
        format!(
            "PowerDNS signs {zone} when it makes the zone (algorithm 13, ECDSA P-256 with SHA-256). Only then there is a DS \
             record to write into {parent}: `pdnsutil export-zone-ds {zone}`."
        )
    }

    /// As `dns/delegation.json`.
    pub fn render(&self) -> String {
        let records = |set: &RecordSet| -> Vec<Json> {
            let (name, kind, ttl) = (set.name.absolute(), set.data.kind(), set.ttl);
            let contents = set.data.contents();
            contents.iter().map(|c| json!({ "name": name, "type": kind, "ttl": ttl, "content": c })).collect()
        };
        let missing = |(name, region, whole): &(Name, String, bool)| {
            json!({
                "name": name.absolute(),
                "region": region,
                "waits-for": "observed.load-balancer-address",
                "left-out": if *whole { "the record" } else { "this region" },
            })
        };
        let mut json = json!({
            "zone": self.zone.name.absolute(),
            "parent": self.parent.absolute(),
            "mode": self.mode.to_string(),
            "writer": self.writer.name(),
            "records": self.servers().map(records).unwrap_or_default(),
            "glue": self.glue().flat_map(records).collect::<Vec<_>>(),
        });
        match &self.writer {
            Delegator::PoolManager => {}
            Delegator::Registrar { registrar, secret, key } => {
                json["registrar"] = registrar.to_string().into();
                json["credentials"] = json!({ "secret": secret, "key": key });
            }
            Delegator::Person => json["paste"] = self.lines().into(),
        }
        json["preconditions"] = json!([self.signing()]);
        json["missing"] = self.missing.iter().map(missing).collect();
        json["notes"] = self.notes.clone().into();
        pretty(&json)
    }
}

fn notes(plan: &Plan<'_>, zone: &Zone) -> Vec<String> {
    let mut notes = Vec::new();
    if plan.serves_own_zone() {
        match zone.servers() {
            [] => notes.push(
                "No region says its `observed.load-balancer-address` yet. There is nothing to delegate to, and the \
                 zone itself is not written."
                    .to_owned(),
            ),
            [only] => notes.push(format!(
                "{only} is the only name server: when its region is lost, no name of the zone is answered. Some \
                 registries ask for two."
            )),
            _ => {}
        }
    }
    if plan.airgap.is_some() {
        notes.push(
            "Behind an air gap nobody outside is asked: the zone above is the one that the resolvers inside know."
                .to_owned(),
        );
    }
    notes
}
