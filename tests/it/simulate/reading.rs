//! A second reading: what a loss comes to, from the objects of a tree and nothing else.
//!
//! It knows the charts, the resources and PowerDNS, and no line of the compiler. Where an object does not show a thing
//! (an objective of an application without a Continuum, a host that waits for an address), it says nothing about it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

/// Blueprints among the names of [`super::topology`] that keep data in their own region.
const STATEFUL: [&str; 2] = ["openbao", "valkey"];

/// What a tree holds.
pub(super) struct Tree {
    /// Directory, node label, and whether it is the primary, in the order of the file.
    regions: Vec<(String, String, bool)>,
    /// Values of HelmReleases by directory and name.
    releases: BTreeMap<String, BTreeMap<String, Json>>,
    continuums: Vec<Json>,
    pairs: Vec<Json>,
    servers: Vec<Json>,
    zone: Option<Zone>,
    /// Names that wait for an address.
    waiting: Vec<String>,
    fqdn: String,
}

struct Zone {
    /// The records with addresses, in the order of the zone.
    records: Vec<Record>,
    /// The regions of name servers inside the zone.
    inside: Option<Vec<String>>,
}

struct Record {
    name: String,
    ttl: u64,
    /// Directories of the addresses; the first group that lives answers.
    groups: Vec<Vec<String>>,
    /// Seconds until a dead address is noticed; `None` if nobody asks.
    noticed: Option<u64>,
}

type Lost<'l> = &'l BTreeSet<&'l str>;

impl Tree {
    pub(super) fn read<'t>(files: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        let (mut objects, mut dns, mut readme) = (Vec::new(), BTreeMap::new(), None);
        for (path, text) in files {
            let (directory, rest) = path.split_once('/').unwrap_or(("", path));
            if directory == "dns" {
                dns.insert(rest.to_owned(), text);
            } else if path == "README.md" {
                readme = Some(text);
            } else if let Some(object) = object(text) {
                objects.push((directory.to_owned(), object));
            }
        }
        let of_kind = |kind: &str| -> Vec<Json> {
            let of_kind = objects.iter().filter(|(_, object)| object["kind"] == kind);
            of_kind.map(|(_, object)| object.clone()).collect()
        };
        let mut releases: BTreeMap<String, BTreeMap<String, Json>> = BTreeMap::new();
        for (directory, object) in objects.iter().filter(|(_, object)| object["kind"] == "HelmRelease") {
            let of_region = releases.entry(directory.clone()).or_default();
            of_region.insert(text(&object["metadata"]["name"]), object["spec"]["values"].clone());
        }
        let regions = regions(readme.expect("a README"));
        let delegation: Json = serde_json::from_str(dns["delegation.json"]).expect("JSON");
        let fqdn = text(&delegation["zone"]).trim_end_matches('.').to_owned();
        let zone = dns.get(&format!("{fqdn}.json")).map(|text| zone(text, &regions));
        let waiting = delegation["missing"].as_array().expect("a list").iter();
        Self {
            waiting: waiting.map(|missing| text(&missing["name"]).trim_end_matches('.').to_owned()).collect(),
            continuums: of_kind("Continuum"),
            pairs: of_kind("CNPGPair"),
            servers: of_kind("PDM"),
            regions,
            releases,
            zone,
            fqdn,
        }
    }

    /// Every single and every double loss, as directories.
    pub(super) fn losses(&self) -> Vec<BTreeSet<&str>> {
        let names: Vec<_> = self.regions.iter().map(|(name, _, _)| name.as_str()).collect();
        let mut losses: Vec<_> = names.iter().map(|name| BTreeSet::from([*name])).collect();
        for (place, one) in names.iter().enumerate() {
            losses.extend(names[place + 1..].iter().map(|other| BTreeSet::from([*one, *other])));
        }
        losses
    }

    fn directory(&self, label: &str) -> &str {
        let found = self.regions.iter().find(|(_, of, _)| of == label);
        found.map_or_else(|| panic!("no region has the label {label}"), |(name, _, _)| name)
    }

    /// What this loss comes to, in the shape of an outcome; what no object shows is left out.
    pub(super) fn outcome(&self, lost: Lost<'_>) -> Json {
        let lost_in_order: Vec<_> = self
            .regions
            .iter()
            .map(|(name, _, _)| name.as_str())
            .filter(|name| lost.contains(name))
            .collect();
        let clusters: Map<String, Json> = lost_in_order
            .iter()
            .map(|name| ((*name).to_owned(), self.releases[*name].keys().cloned().collect()))
            .collect();
        let everywhere: BTreeSet<&String> = self.releases.values().flat_map(BTreeMap::keys).collect();
        let lives = |release: &String| {
            self.releases.iter().any(|(name, all)| !lost.contains(name.as_str()) && all.contains_key(release))
        };
        let gone: BTreeSet<_> = everywhere.into_iter().filter(|release| !lives(release)).collect();
        let mut outcome = json!({
            "lost": lost_in_order,
            "clusters": clusters,
            "gone": gone,
            "controller": self.controller(lost),
            "continuums": self.continuums.iter().map(|it| (id(it), self.continuum(it, lost))).collect::<Map<_, _>>(),
            "others": self.others(lost),
        });
        if let Some(zone) = &self.zone {
            let left = zone.inside.as_ref().map(|inside| {
                inside.iter().filter(|name| !lost.contains(name.as_str())).collect::<BTreeSet<_>>()
            });
            outcome["name-servers"] = json!(left);
            let nobody = left.is_some_and(|left| left.is_empty());
            let hosts =
                zone.records.iter().map(|record| (record.name.clone(), self.host(record, lost, nobody)));
            outcome["hosts"] = hosts.collect();
        }
        outcome
    }

    fn controller(&self, lost: Lost<'_>) -> &'static str {
        let (primary, _, _) = self.regions.iter().find(|(_, _, primary)| *primary).expect("a primary");
        match self.releases[primary].get("bp-continuum") {
            Some(values) if values["continuum"]["enabled"] == true => {
                if lost.contains(primary.as_str()) {
                    "lost"
                } else {
                    "lives"
                }
            }
            _ => "off",
        }
    }

    /// The records of an application, by the names of its hosts.
    fn records(&self, application: &str) -> Vec<&Record> {
        let own = [format!("{application}.{}", self.fqdn), format!("{application}-b.{}", self.fqdn)];
        self.zone.iter().flat_map(|zone| &zone.records).filter(|record| own.contains(&record.name)).collect()
    }

    fn waits(&self, application: &str) -> bool {
        let begins = |name: &String| {
            let label = name.strip_suffix(&format!(".{}", self.fqdn)).unwrap_or_default();
            label == application || label.strip_suffix("-b") == Some(application)
        };
        self.waiting.iter().any(begins)
    }

    fn continuum(&self, object: &Json, lost: Lost<'_>) -> Json {
        let spec = &object["spec"];
        let application = text(&spec["applicationRef"]);
        let primary = self.directory(spec["primaryRegion"].as_str().expect("a label"));
        let standbys = spec["hotStandbyRegions"].as_array().expect("a list");
        let standbys: Vec<_> =
            standbys.iter().map(|label| self.directory(label.as_str().expect("a label"))).collect();
        let (quorum, holds) = self.witness(&spec["leaseClient"], lost);
        let mechanism = spec["switchover"]["mechanism"].as_str();
        let pair = mechanism.filter(|it| *it == "cnpg-pair").map(|_| &self.pairs[0]["spec"]);
        let replica = match mechanism {
            Some("cnpg-pair") => {
                pair.map(|pair| self.directory(pair["replicaRegion"].as_str().expect("a label")))
            }
            Some(_) => standbys.first().copied(),
            None => None,
        };
        let is_sync = pair.is_some() && {
            let values = &self.releases[primary]["bp-cnpg-pair"];
            values["cnpgPair"]["replication"]["mode"] == "sync"
        };
        let controller = self.controller(lost);
        let records = self.records(&application);
        let ttl = records.first().map(|record| record.ttl);
        let case = Case { spec, lost, controller, holds, mechanism, replica, ttl };
        let mut fate = if lost.contains(primary) {
            match standbys.iter().find(|name| !lost.contains(*name)) {
                None => down(
                    "every-region-lost",
                    if mechanism.is_some() || is_stateful(&application) { "everything" } else { "nothing" },
                ),
                Some(target) if replica.is_some_and(|replica| replica != *target) => {
                    down("data-lost", "everything")
                }
                Some(target) => {
                    let of_data = match mechanism {
                        Some("cnpg-pair") if is_sync => "nothing-in-sync",
                        Some("cnpg-pair") => "lag",
                        Some(_) => "snapshot",
                        None if is_stateful(&application) => "unreplicated",
                        None => "nothing",
                    };
                    let mut fate = self.moved(&case, &application, target);
                    fate["target"] = (*target).into();
                    fate["loss"] = of_data.into();
                    fate
                }
            }
        } else {
            standing(&case, &standbys)
        };
        fate["witness"] = quorum;
        verdicts(&mut fate, spec);
        fate
    }

    /// Quorums as `[left, voters]`, and whether all hold.
    fn witness(&self, client: &Json, lost: Lost<'_>) -> (Json, bool) {
        if client["kind"] == "cloudflare-kv" {
            return (json!([]), true);
        }
        let resolvers = client["config"]["resolvers"].as_array().map_or(0, Vec::len);
        let mut votes = vec![[resolvers, resolvers]];
        if !self.servers.is_empty() {
            let left = self.servers.iter().filter(|server| {
                server["spec"]["region"].as_str().is_none_or(|label| !lost.contains(self.directory(label)))
            });
            votes.push([left.count(), self.servers.len()]);
        }
        let holds = votes.iter().all(|[left, voters]| 2 * left > *voters);
        (json!(votes), holds)
    }

    /// A standby is to take over.
    fn moved(&self, case: &Case<'_>, application: &str, target: &str) -> Json {
        let spec = case.spec;
        let config = &spec["leaseClient"]["config"];
        // Nothing shows a TTL where there is no record; then it is the default.
        let ttl = case.ttl.or((!self.waits(application)).then_some(30));
        if case.controller == "lives" {
            if !case.holds {
                return json!({ "status": "stranded", "by": "controller", "bound": null, "reasons": ["no-quorum"] });
            }
            let mut fate = json!({ "status": "moves", "by": "controller", "reasons": [] });
            fate["asked"] = (spec["autoFailover"] != true).into();
            if let Some(ttl) = ttl {
                let lease = config["ttlSeconds"].as_u64().expect("seconds");
                fate["bound"] = (lease + 10 + ttl).into();
            }
            return fate;
        }
        let mut reasons = vec!["no-controller"];
        let check = &spec["luaRecord"]["healthCheck"];
        let has_host = self.waits(application) || case.ttl.is_some();
        let record = if !has_host {
            reasons.push("no-host");
            None
        } else if check.is_null() {
            reasons.push("no-health-check");
            None
        } else {
            let of = |key: &str| check[key].as_u64().expect("seconds");
            Some(3 * of("intervalSeconds") + of("timeoutSeconds"))
        };
        let promoted = match case.mechanism {
            Some("cnpg-pair") => {
                let values = &self.releases[target]["bp-cnpg-pair"]["cnpgPair"];
                let promoter = &values["replica"]["autoPromote"];
                let runs = values["enabled"] == true && promoter["enabled"] == true;
                let of = |key: &str| promoter[key].as_u64().expect("seconds");
                let times = ["intervalSeconds", "primaryDownHoldSeconds", "promoteRenderWaitSeconds"].map(of);
                if !runs {
                    reasons.push("no-promoter");
                }
                runs.then(|| times.iter().sum::<u64>())
            }
            Some(_) => {
                reasons.push("raft-waits");
                None
            }
            None => Some(0),
        };
        let mut fate = json!({ "by": "nobody", "reasons": reasons });
        let times = record.zip(promoted);
        fate["status"] = if times.is_some() { "moves" } else { "stranded" }.into();
        match (times, ttl) {
            (None, _) => fate["bound"] = Json::Null,
            (Some((noticed, promoted)), Some(ttl)) => fate["bound"] = (noticed + ttl).max(promoted).into(),
            (Some(_), None) => {}
        }
        fate
    }

    /// Applications without a Continuum, by their records. One that waits for an address says too little.
    fn others(&self, lost: Lost<'_>) -> Json {
        let moved: BTreeSet<_> =
            self.continuums.iter().map(|it| text(&it["spec"]["applicationRef"])).collect();
        let suffix = format!(".{}", self.fqdn);
        let mut found = Map::new();
        for record in self.zone.iter().flat_map(|zone| &zone.records) {
            let label = record.name.strip_suffix(&suffix).unwrap_or_default();
            let name = label.strip_suffix("-b").unwrap_or(label);
            if !["shop", "bank", "mail", "valkey"].contains(&name) || moved.contains(name) || self.waits(name)
            {
                continue;
            }
            let seats: Vec<_> = record.groups.iter().flatten().collect();
            let is_dead = |name: &&String| lost.contains(name.as_str());
            let dead = seats.iter().filter(|name| is_dead(name)).count();
            let in_answer = record.groups.first().into_iter().flatten().any(|name| is_dead(&name));
            let dropped = record.noticed.map(|noticed| noticed + record.ttl);
            let bound = if in_answer { dropped } else { Some(0) };
            let fate = match (dead, seats.len()) {
                // Others may stand behind one address that is always answered.
                (_, 1) => json!({ "bound": bound }),
                (0, _) => json!({ "status": "unaffected", "bound": 0 }),
                (dead, seats) if dead == seats => json!({ "status": "down", "bound": null }),
                _ => json!({ "status": "degraded", "bound": bound }),
            };
            found.insert(name.to_owned(), fate);
        }
        found.into()
    }

    /// What a record answers: the first group with a living address where somebody asks, else always the same.
    fn host(&self, record: &Record, lost: Lost<'_>, nobody: bool) -> Json {
        let first = record.groups.first().cloned().unwrap_or_default();
        let lives = |name: &&String| !lost.contains(name.as_str());
        let mut after: Vec<&String> = first.iter().collect();
        if record.noticed.is_some() {
            let groups = record.groups.iter().map(|group| group.iter().filter(lives).collect::<Vec<_>>());
            let mut living = groups.filter(|group| !group.is_empty());
            after = living.next().unwrap_or_else(|| record.groups.iter().flatten().collect());
        }
        let mut after: Vec<String> = after.into_iter().cloned().collect();
        if let Some(target) = self.taken(record, lost) {
            after = vec![target];
        }
        if nobody {
            after.clear();
        }
        json!({ "ttl": record.ttl, "before": first, "during": first, "after": after })
    }

    /// Where the controller takes a record: to an address that its Continuum names.
    fn taken(&self, record: &Record, lost: Lost<'_>) -> Option<String> {
        let label = record.name.strip_suffix(&format!(".{}", self.fqdn))?;
        let name = label.strip_suffix("-b").unwrap_or(label);
        let object = self.continuums.iter().find(|it| it["spec"]["applicationRef"] == name)?;
        let fate = self.continuum(object, lost);
        if fate["status"] != "moves" || fate["by"] != "controller" {
            return None;
        }
        let target = text(&fate["target"]);
        let mut known = object["spec"]["regions"].as_array().into_iter().flatten();
        let names =
            |region: &Json| region["name"].as_str().is_some_and(|label| self.directory(label) == target);
        known.any(names).then_some(target)
    }
}

/// What decides about a Continuum.
struct Case<'c> {
    spec: &'c Json,
    lost: Lost<'c>,
    controller: &'c str,
    holds: bool,
    mechanism: Option<&'c str>,
    replica: Option<&'c str>,
    ttl: Option<u64>,
}

fn down(reason: &str, loss: &str) -> Json {
    json!({ "status": "down", "by": null, "target": null, "bound": null, "reasons": [reason], "loss": loss })
}

/// The primary lives.
fn standing(case: &Case<'_>, standbys: &[&str]) -> Json {
    let mut reasons: Vec<&str> =
        standbys.iter().filter(|name| case.lost.contains(*name)).map(|_| "standby-lost").collect();
    if reasons.len() == standbys.len() {
        reasons.push("no-standby");
    }
    if case.replica.is_some_and(|replica| case.lost.contains(replica)) {
        reasons.push(if case.mechanism == Some("cnpg-pair") { "replica-lost" } else { "follower-lost" });
    }
    if case.controller == "lost" {
        reasons.push("no-controller");
    }
    if !case.holds {
        reasons.push("no-quorum");
    }
    let status = if reasons.is_empty() { "unaffected" } else { "degraded" };
    json!({ "status": status, "by": null, "target": null, "bound": 0, "reasons": reasons, "loss": "nothing" })
}

/// Holds the objectives against the bound and the loss, as far as both are known.
fn verdicts(fate: &mut Json, spec: &Json) {
    let rpo = spec["rpo"].as_str().map(seconds).map(|most| match fate["loss"].as_str() {
        Some("nothing" | "nothing-in-sync") => "met",
        Some("everything") => "missed",
        _ if most == 0 => "missed",
        _ => "not-known",
    });
    fate["rpo"] = json!(rpo);
    if let Some(bound) = fate.get("bound") {
        let rto = spec["rto"].as_str().map(seconds);
        let rto =
            rto.map(|most| if bound.as_u64().is_some_and(|bound| bound <= most) { "met" } else { "missed" });
        fate["rto"] = json!(rto);
    }
}

fn is_stateful(application: &str) -> bool {
    STATEFUL.contains(&application)
}

/// `namespace/name`.
fn id(object: &Json) -> String {
    format!("{}/{}", text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]))
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn seconds(text: &str) -> u64 {
    let (count, unit) = text.split_at(text.len() - 1);
    count.parse::<u64>().expect("a number")
        * [("s", 1), ("m", 60), ("h", 3600)].iter().find(|(u, _)| *u == unit).expect("a unit").1
}

/// An object of a kind that is asked for. Of most releases only the name counts, so their values are not parsed.
fn object(yaml: &str) -> Option<Json> {
    let kind = yaml.lines().find_map(|line| line.strip_prefix("kind: "))?;
    let name = yaml.lines().find_map(|line| line.strip_prefix("  name: ")).unwrap_or_default();
    match kind {
        "HelmRelease" if !["bp-continuum", "bp-cnpg-pair"].contains(&name) => {
            Some(json!({ "kind": kind, "metadata": { "name": name } }))
        }
        "HelmRelease" | "Continuum" | "CNPGPair" | "PDM" => Some(serde_saphyr::from_str(yaml).expect("YAML")),
        _ => None,
    }
}

/// The regions as the README of the tree lists them.
fn regions(readme: &str) -> Vec<(String, String, bool)> {
    let cells = readme.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .filter_map(|cells| match cells[..] {
            ["", name, role @ ("primary" | "secondary"), _, label, ..] => {
                Some((name.to_owned(), label.trim_matches('`').to_owned(), role == "primary"))
            }
            _ => None,
        })
        .collect()
}

/// The records of a zone in the form of PowerDNS's API.
fn zone(text_of_zone: &str, regions: &[(String, String, bool)]) -> Zone {
    let region = |address: &str| {
        let last: usize =
            address.strip_prefix("203.0.113.").and_then(|n| n.parse().ok()).expect("our address");
        regions[last / 10 - 1].0.clone()
    };
    let zone: Json = serde_json::from_str(text_of_zone).expect("JSON");
    let sets = zone["rrsets"].as_array().expect("a list");
    let contents = |set: &Json| -> Vec<String> {
        set["records"].as_array().expect("a list").iter().map(|record| text(&record["content"])).collect()
    };
    let servers: BTreeSet<String> =
        sets.iter().filter(|set| set["type"] == "NS").flat_map(contents).collect();
    let (mut records, mut inside) = (Vec::new(), Vec::new());
    for set in sets {
        let (name, contents) = (text(&set["name"]), contents(set));
        let (groups, noticed) = match set["type"].as_str() {
            Some("A") => (vec![contents.iter().map(|address| region(address)).collect::<Vec<_>>()], None),
            Some("LUA") => {
                let (groups, noticed) = lua(&contents[0]);
                (
                    groups
                        .iter()
                        .map(|group| group.iter().map(|address| region(address)).collect())
                        .collect(),
                    noticed,
                )
            }
            _ => continue,
        };
        if servers.contains(&name) {
            inside.extend(groups.into_iter().flatten());
            continue;
        }
        let name = name.trim_end_matches('.').to_owned();
        records.push(Record { name, ttl: set["ttl"].as_u64().expect("seconds"), groups, noticed });
    }
    let pool = servers.iter().all(|server| server.ends_with(".openova.io."));
    Zone { records, inside: (!pool).then_some(inside) }
}

/// The groups of addresses of a LUA record, and the seconds until a dead one is noticed.
fn lua(content: &str) -> (Vec<Vec<String>>, Option<u64>) {
    let code = content.strip_prefix("A \"").and_then(|code| code.strip_suffix('"')).expect("a LUA record");
    let code = code.replace("\" \"", "");
    let option = |key: &str| -> Option<u64> {
        let (_, after) = code.split_once(&format!("{key}="))?;
        after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
    };
    let noticed = code.starts_with("ifurlup(").then(|| {
        let of = |key| option(key).expect("seconds");
        of("minimumFailures") * of("interval") + of("timeout")
    });
    let lists = code.split('{').map(|part| part.split('}').next().unwrap_or_default());
    let addresses = |list: &str| -> Vec<String> {
        list.split('\'').filter(|text| text.starts_with("203.0.113.")).map(str::to_owned).collect()
    };
    let groups: Vec<_> = lists.map(addresses).filter(|group| !group.is_empty()).collect();
    // Weights put every address of `pickwhashed` into a list of its own.
    if code.starts_with("pickwhashed(") { (vec![groups.concat()], noticed) } else { (groups, noticed) }
}
