//! Manifests that fail over in every way that the language has, made of numbers.
//!
//! Two conventions let a reader of the tree tell what no object says: a host is `<application>.<fqdn>` or
//! `<application>-b.<fqdn>`, and the address of the region in place `n` is `203.0.113.<10 n + 10>`.

use std::fmt::Write as _;

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("small")
    }

    /// True in so many of a hundred cases.
    fn hits(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn shuffled<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
        list
    }
}

/// Provider, name, and the further keys of a region that exists; no two have the same code.
const PLACES: [(&str, &str, &str); 10] = [
    ("hetzner", "fsn1", "control-plane.size = \"cpx32\""),
    ("hetzner", "hel1", "control-plane.size = \"cx42\""),
    ("hetzner", "nbg1", "control-plane.size = \"ccx33\""),
    ("hetzner", "sin", "control-plane.size = \"cax41\""),
    ("huawei", "me-east-215-a", "control-plane.size = \"m7n.large.8\""),
    ("huawei", "ap-southeast-3", "control-plane.size = \"c7n.xlarge.2\""),
    ("oci", "me-dubai-1", "control-plane.size = \"VM.Standard.E5.Flex.2.16\""),
    ("aws", "us-east-1", "control-plane.size = \"t3.large\"\ncode = \"use\"\nletter = \"u\""),
    ("gcp", "europe-west4", "control-plane.size = \"e2-standard-4\"\ncode = \"euw\"\nletter = \"w\""),
    ("azure", "qatarcentral", "control-plane.size = \"Standard_D8s_v5\"\ncode = \"qtr\"\nletter = \"q\""),
];

const DURATIONS: [&str; 7] = ["20s", "45s", "70s", "2m", "4m", "10m", "1h"];
const RESOLVERS: [&str; 5] = ["8.8.8.8", "1.1.1.1", "9.9.9.9", "208.67.222.222", "94.140.14.14"];
const LEASES: [(&str, &str); 5] =
    [("30s", "10s"), ("60s", "20s"), ("5s", "2s"), ("10m", "1m"), ("1m", "15s")];

/// A manifest and what it needs of itself.
struct Topology {
    dice: Dice,
    fqdn: &'static str,
    regions: Vec<&'static str>,
    primary: usize,
    /// Whether the database pair is taken.
    has_database: bool,
    text: String,
}

/// The manifest of a number.
pub(super) fn manifest(number: u64) -> String {
    let mut dice = Dice(number);
    let count = 1 + dice.below(6);
    let places: Vec<_> = dice.shuffled(PLACES.to_vec()).into_iter().take(count).collect();
    let pool = ("mode = \"pool\"\nparent = \"omani.works\"", "first.omani.works");
    let own = ("mode = \"byo-manual\"\nfqdn = \"first.example.com\"", "first.example.com");
    let (domain, fqdn) = if dice.hits(60) { pool } else { own };
    let primary = dice.below(count);
    let regions = places.iter().map(|(_, name, _)| *name).collect();
    let mut topology = Topology { dice, fqdn, regions, primary, has_database: false, text: String::new() };
    topology.head(domain);
    topology.regions(&places);
    topology.failover();
    topology.text
}

impl Topology {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    fn head(&mut self, domain: &str) {
        self.line("kit = \"2026.05\"\n[sovereign]\nname = \"first\"");
        self.line("organization = { name = \"F\", email = \"a@b.example\" }");
        self.line(&format!("[domain]\n{domain}\n[gitops]\nurl = \"https://github.com/a/b\""));
        let contract = self.dice.pick(&["none", "none", "a4", "symmetric"]);
        self.line(&format!("[topology]\ncontract = \"{contract}\""));
        if self.dice.hits(8) {
            let on = self.dice.hits(50);
            self.line(&format!("[blueprint.continuum]\nenabled = {on}"));
        }
        if self.dice.hits(25) {
            self.line("[blueprint.cnpg-pair.values.cnpgPair.replica.autoPromote]");
            let (interval, hold) = (self.dice.below(40), self.dice.below(300));
            let lines = [
                format!("enabled = {}", self.dice.hits(60)),
                format!("intervalSeconds = {interval}"),
                format!("primaryDownHoldSeconds = {hold}"),
            ];
            for line in lines {
                if self.dice.hits(60) {
                    self.line(&line);
                }
            }
        }
    }

    fn regions(&mut self, places: &[(&str, &str, &str)]) {
        let all_are_observed = self.dice.hits(85);
        for (place, (provider, name, further)) in places.iter().enumerate() {
            let role = if place == self.primary { "primary" } else { "secondary" };
            self.line(&format!(
                "[[region]]\nname = \"{name}\"\nprovider = \"{provider}\"\nrole = \"{role}\""
            ));
            self.line(further);
            if all_are_observed || self.dice.hits(50) {
                let address = format!("203.0.113.{}", 10 * place + 10);
                self.line(&format!("observed = {{ load-balancer-address = \"{address}\" }}"));
            }
        }
    }

    fn failover(&mut self) {
        self.line("[failover]");
        if self.dice.hits(70) {
            let mode = if self.regions.len() == 1 { "single-region" } else { "active-hotstandby" };
            self.line(&format!("mode = \"{mode}\""));
        }
        let witness = self.witness();
        self.line(&format!("witness = {witness}"));
        if self.dice.hits(40) {
            let lease = self.lease();
            self.line(&lease);
        }
        let servers = self.dice.pick(&[0, 0, 3, 3, 4, 5]);
        for server in 0..servers {
            let outside = server == 0 || self.dice.hits(15);
            let region = self.dice.below(self.regions.len());
            self.line(&format!(
                "[[failover.pdm]]\nname = \"pdm-{server}\"\nendpoint = \"https://pdm{server}.example.org\""
            ));
            if !outside {
                self.line(&format!("region = \"{}\"", self.regions[region]));
            }
        }
        let names = ["shop", "bank", "mail", "openbao", "valkey", "console"];
        let count = self.dice.below(5);
        for name in self.dice.shuffled(names.to_vec()).into_iter().take(count) {
            self.application(name);
        }
    }

    fn witness(&mut self) -> String {
        if self.dice.hits(40) {
            let account = "0f2ac74b498b48028cb68387c421e279";
            return format!(
                "{{ kind = \"cloudflare-kv\", account = \"{account}\", namespace = \"a1\", token = {{ secret = \"t\" }} }}"
            );
        }
        let resolvers = &RESOLVERS[..3 + self.dice.below(3)];
        format!("{{ kind = \"dns-quorum\", resolvers = {resolvers:?} }}")
    }

    fn lease(&mut self) -> String {
        let (ttl, renew) = self.dice.pick(&LEASES);
        format!("lease = {{ ttl = \"{ttl}\", renew = \"{renew}\" }}")
    }

    fn application(&mut self, name: &str) {
        // What the platform's own blueprint serves is where that is.
        let placement = match (name, self.regions.len()) {
            ("console", _) | (_, 1) => "single-region",
            ("openbao", _) => "active-hotstandby",
            _ => {
                self.dice.pick(&["single-region", "active-active", "active-hotstandby", "active-hotstandby"])
            }
        };
        self.line(&format!("[[failover.application]]\nname = \"{name}\"\nplacement = \"{placement}\""));
        let primary = if name == "console" || self.dice.hits(50) {
            self.primary
        } else {
            let primary = self.dice.below(self.regions.len());
            self.line(&format!("primary = \"{}\"", self.regions[primary]));
            primary
        };
        let others: Vec<_> = (0..self.regions.len()).filter(|region| *region != primary).collect();
        let most = 1 + self.dice.below(4);
        let others = self.dice.shuffled(others).into_iter().take(most);
        let others: Vec<_> = others.map(|region| self.regions[region]).collect();
        match placement {
            "active-active" if self.dice.hits(60) => self.line(&format!("regions = {others:?}")),
            "active-hotstandby" => {
                if self.dice.hits(75) {
                    self.line(&format!("standbys = {others:?}"));
                }
                self.hot_standby(name);
            }
            _ => {}
        }
        self.reached(name);
        let objectives: Vec<_> = [("rto", 75), ("rpo", 60)]
            .into_iter()
            .filter_map(|(key, percent)| {
                let value =
                    if key == "rpo" && self.dice.hits(10) { "0s" } else { self.dice.pick(&DURATIONS) };
                self.dice.hits(percent).then(|| format!("{key} = \"{value}\""))
            })
            .collect();
        if !objectives.is_empty() {
            self.line(&format!("objectives = {{ {} }}", objectives.join(", ")));
        }
    }

    fn hot_standby(&mut self, name: &str) {
        if self.dice.hits(40) {
            let namespace = self.dice.pick(&["acme", "catalyst-system"]);
            self.line(&format!("namespace = \"{namespace}\""));
        }
        if self.dice.hits(30) {
            let on = self.dice.hits(60);
            self.line(&format!("auto-failover = {on}"));
        }
        if self.dice.hits(30) {
            let witness = self.witness();
            self.line(&format!("witness = {witness}"));
        }
        if self.dice.hits(40) {
            let lease = self.lease();
            self.line(&lease);
        }
        if name == "openbao" {
            self.line("raft = { namespace = \"openbao\", pod = \"openbao-0\" }");
        } else if !self.has_database && self.dice.hits(50) {
            self.has_database = true;
            let mode = self.dice.pick(&["sync", "sync", "async"]);
            self.line(&format!("database = {{ mode = \"{mode}\" }}"));
        }
    }

    /// Hosts and health check.
    fn reached(&mut self, name: &str) {
        let own = format!("{name}.{}", self.fqdn);
        let hosts = match self.dice.below(4) {
            _ if name == "console" => vec![own.clone()],
            0 => vec![],
            1 => vec![own.clone(), format!("{name}-b.{}", self.fqdn)],
            _ => vec![own.clone()],
        };
        // Hosts that are not written are the host of the health check, if that is in the zone.
        let is_in_zone = !hosts.is_empty();
        let are_written = is_in_zone && self.dice.hits(60) || hosts.len() > 1 || name == "console";
        if are_written {
            self.line(&format!("hosts = {hosts:?}"));
        }
        let health = self.dice.hits(75);
        if health {
            let host = if is_in_zone { own } else { "status.example.org".to_owned() };
            let mut table = format!("url = \"https://{host}/healthz\"");
            if self.dice.hits(50) {
                let (interval, timeout) = (1 + self.dice.below(60), 1 + self.dice.below(30));
                let _ = write!(table, ", interval = \"{interval}s\", timeout = \"{timeout}s\"");
            }
            self.line(&format!("health = {{ {table} }}"));
        }
        // A TTL shows in records only.
        if is_in_zone && (are_written || health) && self.dice.hits(40) {
            let ttl = self.dice.pick(&["5s", "60s", "5m"]);
            self.line(&format!("dns-ttl = \"{ttl}\""));
        }
        if self.dice.hits(40) {
            let selector = self.dice.pick(&["ifurlup", "pickclosest", "pickfirst", "pickwhashed"]);
            self.line(&format!("selector = \"{selector}\""));
        }
    }
}
