//! Manifests that are right by construction: a model of choices, and a printer that writes one model in many
//! orders and styles of TOML.
#![expect(clippy::wildcard_enum_match_arm, reason = "what is no table and no list is a plain value")]
#![expect(clippy::option_option, reason = "no workers, workers without a count, and workers with one")]

mod failover;

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::Value as Json;

pub(crate) use failover::{Failover, application, failover};

/// A value of TOML. Tables keep their order until a [`Dice`] shuffles them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// A date, which becomes text in Helm values.
    Date(&'static str),
    List(Vec<Item>),
    Table(Table),
}

/// Keys and values.
pub(crate) type Table = Vec<(String, Item)>;

impl Item {
    /// What the compiler should make of it.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Bool(b) => (*b).into(),
            Self::Int(n) => (*n).into(),
            Self::Float(n) => (*n).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Date(date) => (*date).into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Table(table) => table.iter().map(|(key, item)| (key.clone(), item.to_json())).collect(),
        }
    }
}

fn text(text: impl Into<String>) -> Item {
    Item::Text(text.into())
}

fn table(entries: Vec<(&str, Option<Item>)>) -> Item {
    Item::Table(entries.into_iter().filter_map(|(key, item)| Some((key.to_owned(), item?))).collect())
}

fn secret(name: &str) -> Item {
    table(vec![("secret", Some(text(name)))])
}

/// A region that exists: provider, name, code and letter where the tables have none, and a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) provider: &'static str,
    pub(crate) name: &'static str,
    named: Option<(&'static str, &'static str)>,
    size: &'static str,
}

const fn place(provider: &'static str, name: &'static str, size: &'static str) -> Place {
    Place { provider, name, named: None, size }
}

const fn named(mut place: Place, code: &'static str, letter: &'static str) -> Place {
    place.named = Some((code, letter));
    place
}

/// Places of every provider; no two have the same code.
const PLACES: [Place; 15] = [
    place("hetzner", "fsn1", "cpx32"),
    place("hetzner", "hel1", "cx42"),
    place("hetzner", "nbg1", "ccx33"),
    place("hetzner", "sin", "cax41"),
    named(place("hetzner", "ash", "cpx42"), "va", "v"),
    place("huawei", "me-east-215-a", "m7n.large.8"),
    place("huawei", "ap-southeast-3", "c7n.xlarge.2"),
    place("oci", "me-dubai-1", "VM.Standard.E5.Flex.2.16"),
    place("oci", "eu-frankfurt-1", "VM.Standard.E5.Flex.1.8"),
    named(place("aws", "eu-central-1", "m7i.xlarge"), "euc", "e"),
    named(place("aws", "us-east-1", "t3.large"), "use", "u"),
    named(place("gcp", "europe-west4", "e2-standard-4"), "euw", "w"),
    named(place("azure", "westeurope", "Standard_D4s_v5"), "weu", "w"),
    named(place("azure", "qatarcentral", "Standard_D8s_v5"), "qtr", "q"),
    place("contabo", "eu", "cloud-vps-30"),
];

/// The choices of one region.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub(crate) place: Place,
    control_planes: Option<i64>,
    workers: Option<Option<i64>>,
    pub(crate) vclusters: Option<Vec<&'static str>>,
    networks: [bool; 3],
    mesh_id: bool,
    mesh_name: bool,
    labels: Option<&'static str>,
    observed: [bool; 3],
    /// Changes to blueprints in this region.
    pub(crate) changes: Vec<(&'static str, Change)>,
}

/// A change to a blueprint.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    enabled: Option<bool>,
    version: Option<&'static str>,
    pod_security: Option<&'static str>,
    waits: bool,
    /// Helm values.
    pub(crate) values: Option<Table>,
}

impl Change {
    /// A change of values and nothing else.
    pub(crate) fn of_values(values: Table) -> Self {
        Self { enabled: None, version: None, pod_security: None, waits: false, values: Some(values) }
    }

    /// Whether it switches the blueprint off.
    pub(crate) fn is_off(&self) -> bool {
        self.enabled == Some(false)
    }
}

/// Who owns the parent zone.
#[derive(Clone, Copy, Debug)]
enum Domain {
    Pool,
    Manual,
    Api(&'static str),
}

/// The choices of a manifest. [`Model::document`] writes them down.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) kit: &'static str,
    name: String,
    env: Option<&'static str>,
    people: &'static str,
    ssh: bool,
    domain: Domain,
    gitops: [bool; 4],
    contract: Option<&'static str>,
    identity: u8,
    tls: Option<&'static str>,
    storage: [bool; 4],
    schedule: &'static str,
    airgap: bool,
    /// What happens when a region is lost; only the kit of May can say.
    pub(crate) failover: Option<Failover>,
    /// What the modules of the clouds are told.
    provisioning: [bool; 5],
    /// How many regions it speaks of, from the first; one that is added later is not among them.
    known: usize,
    /// The place of the primary, where roles are written.
    primary: Option<Index>,
    /// The same, where every region says its number, too.
    chosen: Option<usize>,
    pub(crate) regions: Vec<Region>,
    /// Changes to blueprints everywhere.
    pub(crate) changes: Vec<(&'static str, Change)>,
    /// Places that no region has taken.
    spare: Vec<Region>,
}

impl Model {
    /// The same with a further region at the end.
    pub(crate) fn with_another_region(&self) -> Self {
        let mut more = self.clone();
        more.regions.extend(more.spare.pop());
        // Written roles would move with the number of regions.
        more.primary = None;
        more
    }

    /// The same with this region as the primary. Every region has its place as its number, whichever is the primary.
    pub(crate) fn with_primary(&self, place: usize) -> Self {
        // The module takes `sin` anywhere but first, where the generator never puts it.
        let is_refused = self.regions[place].place.name == "sin";
        Self { chosen: Some(if is_refused { 0 } else { place }), ..self.clone() }
    }

    /// The same as what another one might become: of the same domain name, on the same side of the air gap.
    pub(crate) fn as_next_of(&self, other: &Self) -> Self {
        let (name, domain, airgap) = (other.name.clone(), other.domain, other.airgap);
        Self { name, domain, airgap, ..self.clone() }
    }

    /// The same without written roles: the first region is the primary.
    pub(crate) fn without_roles(&self) -> Self {
        Self { primary: None, ..self.clone() }
    }

    /// Whether its own PowerDNS answers for its zone.
    pub(crate) fn serves_own_zone(&self) -> bool {
        !matches!(self.domain(), Domain::Pool)
    }

    /// The manifest as a tree of TOML values.
    pub(crate) fn document(&self) -> Table {
        let fqdn = format!("{}.example.com", self.name);
        let (mode, parent, fqdn, registrar) = match self.domain() {
            Domain::Pool => ("pool", Some(text("omani.works")), None, None),
            Domain::Manual => ("byo-manual", None, Some(text(fqdn)), None),
            Domain::Api(registrar) => ("byo-api", None, Some(text(fqdn)), Some(registrar)),
        };
        let host = "https://git.example.com/platform/sovereigns";
        let [branch, interval, timeout, credentials] = self.gitops;
        let root = table(vec![
            ("kit", Some(text(self.kit))),
            ("sovereign", Some(self.sovereign())),
            (
                "domain",
                Some(table(vec![
                    ("mode", Some(text(mode))),
                    ("parent", parent),
                    ("fqdn", fqdn),
                    ("registrar", registrar.map(text)),
                    ("credentials", registrar.map(|_| secret("registrar-token"))),
                ])),
            ),
            (
                "gitops",
                Some(table(vec![
                    ("url", Some(text(host))),
                    ("branch", branch.then(|| text("release/2026"))),
                    ("interval", interval.then(|| text("5m"))),
                    ("timeout", timeout.then(|| text("1h"))),
                    ("credentials", credentials.then(|| secret("sovereign-git"))),
                ])),
            ),
            ("topology", self.contract.map(|contract| table(vec![("contract", Some(text(contract)))]))),
            ("identity", self.identity()),
            ("tls", self.tls()),
            ("storage", self.storage()),
            (
                "region",
                Some(Item::List(self.regions.iter().enumerate().map(|(n, r)| self.region(n, r)).collect())),
            ),
            ("failover", self.failover()),
            ("provisioning", self.provisioning()),
            ("blueprint", changes(&self.changes)),
            ("airgap", self.airgap.then(airgap)),
        ]);
        let Item::Table(root) = root else { unreachable!() };
        root
    }

    /// Behind an air gap the zone of the pool cannot be reached.
    fn domain(&self) -> Domain {
        if self.airgap { Domain::Manual } else { self.domain }
    }

    fn sovereign(&self) -> Item {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
        table(vec![
            ("name", Some(text(self.name.as_str()))),
            ("env", self.env.map(text)),
            (
                "organization",
                Some(table(vec![
                    ("name", Some(text(self.people))),
                    ("email", Some(text("ops@example.com"))),
                ])),
            ),
            ("ssh-public-key", self.ssh.then(|| text(key))),
        ])
    }

    fn failover(&self) -> Option<Item> {
        let failover = self.failover.as_ref().filter(|_| self.kit == "2026.05")?;
        let regions: Vec<_> = self.regions.iter().take(self.known).map(|region| region.place.name).collect();
        let zone = if let Domain::Pool = self.domain() { "omani.works" } else { "example.com" };
        Some(failover.document(&regions, &format!("{}.{zone}", self.name)))
    }

    fn provisioning(&self) -> Option<Item> {
        let [machines, networks, api, projects, _] = self.provisioning;
        let list = ["203.0.113.0/24", "198.51.100.7/32"].map(text);
        let table = table(vec![
            ("k3s-version", machines.then(|| text("v1.32.0+k3s2"))),
            ("unattended-upgrades", machines.then_some(Item::Bool(false))),
            ("fail2ban", machines.then_some(Item::Bool(false))),
            ("ssh-allowed-cidrs", networks.then(|| Item::List(list.into()))),
            ("api", api.then(|| text("https://console.example.com/sovereign"))),
            ("hetzner-project", projects.then(|| text("1234567"))),
            ("state", self.airgap.then(state)),
        ]);
        (machines || self.airgap).then_some(table)
    }

    /// What the Huawei module is told of a region.
    fn huawei(&self, place: Place) -> Option<Item> {
        let [_, networks, _, projects, elsewhere] = self.provisioning;
        let table = table(vec![
            ("project", projects.then(|| text("0f2ac74b498b48028cb68387c421e279"))),
            ("image", projects.then(|| text("9f2c1d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d"))),
            ("region", elsewhere.then(|| text("me-east-1"))),
            ("zone", elsewhere.then(|| text("me-east-1b"))),
            ("insecure", projects.then_some(Item::Bool(false))),
            ("debug-ssh", networks.then(|| text("203.0.113.7/32"))),
        ]);
        (place.provider == "huawei").then_some(table)
    }

    fn identity(&self) -> Option<Item> {
        let federation = || {
            table(vec![
                ("provider", Some(text("generic-oidc"))),
                ("issuer", Some(text("https://login.example.com/realm"))),
                ("client-id", Some(text("sovereign"))),
                ("client-secret", Some(secret("federation"))),
            ])
        };
        match self.identity {
            0 => None,
            1 => Some(table(vec![])),
            2 => Some(table(vec![("keycloak", Some(text("per-organization")))])),
            3 => Some(table(vec![("keycloak", Some(text("shared-sovereign")))])),
            _ => Some(table(vec![
                ("keycloak", Some(text("shared-sovereign"))),
                ("federation", Some(federation())),
            ])),
        }
    }

    fn tls(&self) -> Option<Item> {
        let issuer = if self.airgap { Some("corporate-ca") } else { self.tls };
        let ca = issuer.filter(|issuer| *issuer == "corporate-ca").map(|_| secret("our-ca"));
        issuer.map(|issuer| table(vec![("issuer", Some(text(issuer))), ("ca", ca)]))
    }

    fn storage(&self) -> Option<Item> {
        let [class, object, backup, retention] = self.storage;
        let at_a_cloud = self.provisioning[4] && !self.airgap;
        let (host, place) = if at_a_cloud {
            ("https://fsn1.your-objectstorage.com", "fsn1")
        } else {
            ("https://s3.example.com", "eu-central-1")
        };
        let object = object.then(|| {
            table(vec![
                ("endpoint", Some(text(host))),
                ("bucket", Some(text("cold-data"))),
                ("region", Some(text(place))),
                ("credentials", Some(secret("bucket-credentials"))),
            ])
        });
        let backup = backup.then(|| {
            table(vec![
                ("schedule", Some(text(self.schedule))),
                ("retention", retention.then(|| text("90d"))),
            ])
        });
        let storage =
            table(vec![("class", class.then(|| text("csi-fast"))), ("object", object), ("backup", backup)]);
        (storage != table(vec![])).then_some(storage)
    }

    fn region(&self, index: usize, region: &Region) -> Item {
        let place = region.place;
        let pool = |count: Option<i64>| {
            table(vec![("size", Some(text(place.size))), ("count", count.map(Item::Int))])
        };
        let primary = self.chosen.or_else(|| Some(self.primary.as_ref()?.index(self.regions.len())));
        let role = primary.map(|primary| text(if primary == index { "primary" } else { "secondary" }));
        let [pods, services, network] = region.networks;
        let [balancer, control_plane, deployment] = region.observed;
        let observed = table(vec![
            ("load-balancer-address", balancer.then(|| text(format!("203.0.113.{}", 10 + index)))),
            ("control-plane-address", control_plane.then(|| text(format!("203.0.113.{}", 20 + index)))),
            ("deployment-id", deployment.then(|| text("0123456789abcdef"))),
        ]);
        let tiers =
            region.vclusters.as_ref().map(|list| Item::List(list.iter().map(|tier| text(*tier)).collect()));
        table(vec![
            ("name", Some(text(place.name))),
            ("provider", Some(text(place.provider))),
            ("role", role),
            ("index", self.chosen.map(|_| Item::Int(i64::try_from(index).unwrap()))),
            ("code", place.named.map(|(code, _)| text(code))),
            ("letter", place.named.map(|(_, letter)| text(letter))),
            ("control-plane", Some(pool(region.control_planes))),
            ("workers", region.workers.map(pool)),
            ("vclusters", tiers),
            ("pod-cidr", pods.then(|| text(format!("10.{}.0.0/16", 160 + index)))),
            ("service-cidr", services.then(|| text(format!("10.{}.0.0/16", 200 + index)))),
            ("network-cidr", network.then(|| text(format!("172.16.{index}.0/24")))),
            ("mesh-id", region.mesh_id.then(|| Item::Int(100 + i64::try_from(index).unwrap()))),
            ("mesh-name", region.mesh_name.then(|| text(format!("mesh-{index}")))),
            ("node-labels", region.labels.map(|value| table(vec![("example.com/zone", Some(text(value)))]))),
            ("huawei", self.huawei(place)),
            ("observed", (observed != table(vec![])).then_some(observed)),
            ("blueprint", changes(&region.changes)),
        ])
    }
}

fn state() -> Item {
    table(vec![
        ("endpoint", Some(text("https://s3.example.com"))),
        ("bucket", Some(text("tofu-state"))),
        ("region", Some(text("eu-central-1"))),
        ("credentials", Some(secret("tofu-state"))),
        ("passphrase", Some(secret("tofu-passphrase"))),
    ])
}

fn airgap() -> Item {
    let hosts = ["git.example.com", "console.example.com", "s3.example.com", "login.example.com"];
    let witnesses = ["8.8.8.8", "1.1.1.1", "9.9.9.9", "api.cloudflare.com"];
    let hosts: Vec<_> = hosts.into_iter().chain(witnesses).map(text).collect();
    table(vec![("registry", Some(text("harbor.example.com"))), ("hosts", Some(Item::List(hosts)))])
}

fn changes(changes: &[(&'static str, Change)]) -> Option<Item> {
    let one = |(name, change): &(&'static str, Change)| {
        let change = table(vec![
            ("enabled", change.enabled.map(Item::Bool)),
            ("version", change.version.map(text)),
            ("pod-security", change.pod_security.map(text)),
            ("depends-on", change.waits.then(|| Item::List(vec![text("kyverno")]))),
            ("values", change.values.clone().map(Item::Table)),
        ]);
        ((*name).to_owned(), change)
    };
    (!changes.is_empty()).then(|| Item::Table(changes.iter().map(one).collect()))
}

/// Blueprints of both kits that run in every region and that nobody waits for.
pub(crate) const LEAVES: [&str; 8] =
    ["falco", "reloader", "sigstore", "syft-grype", "trivy", "velero", "vpa", "coraza"];

/// Text that some reader of YAML or TOML has stumbled over, and that reaches a cluster: `unsafe-text` refuses the rest.
#[rustfmt::skip]
const HOSTILE: &[&str] = &[
    "", "on", "No", "y", "null", "~", ".nan", "-.inf", "0", "-0", "012", "0o14", "0x1f", "1:20", "1e3", "1_000",
    "2001-01-01", "=", "<<", "- a", "a: b", ":", "a:", "? ", "# c", "a #b", ",", "[", "]", "{", "}", "{}", "%YAML 1.2",
    "---", "...", "|", ">+2", "&a", "*a", "!t", "!!int", "@", "`", "{{ fqdn }}", "{% raw %}", "{{ nobody }}", "{{", "}}",
    "${X}", "$X", "'", "''", "'''", "\"", "\"\"\"", "\\", "\\n", "\\u0041", " ", "  x", "x  ", "\t", "\n", "\n\n", "a\nb",
    "a\n  b\n", "\ta\nb", "\r", "\r\n", "\u{a0}", "\u{2028}", "\u{feff}", "\u{202e}", "\0", "\u{1}",
    "\u{1}load-balancer-address\u{1}", "\u{1b}[31m", "\u{fffd}", "\u{e0041}", "🙂", "e\u{301}", "汉字",
    "words in a line that is rather long, with a comma: and a colon, and # no comment",
];

fn hostile() -> impl Strategy<Value = String> {
    let is_carried = |c: &char| !matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    let character = any::<char>().prop_filter("Flux carries it", is_carried).prop_map(String::from);
    let piece = prop_oneof![8 => select(HOSTILE).prop_map(str::to_owned), 1 => character];
    let no_host = |pieces: Vec<String>| pieces.concat().replace('/', "|");
    prop::collection::vec(piece, 1..4).prop_map(no_host)
}

/// Keys of Helm values. No rule of the compiler speaks of one that is made of these.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&["a", "b", "replicaCount", "enabled", "with-dash", "extraArgs"][..]).prop_map(str::to_owned),
        1 => hostile().prop_filter("Flux carries it", |key| key != "<<"),
    ]
}

fn value() -> impl Strategy<Value = Item> {
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Item::Bool),
        1 => (-(1_i64 << 53)..=1 << 53).prop_map(Item::Int),
        1 => (-9_i64..9).prop_map(Item::Int),
        1 => any::<f64>().prop_filter("JSON has no other numbers", |n| n.is_finite()).prop_map(Item::Float),
        4 => hostile().prop_map(Item::Text),
        1 => select(&["2026-05-01", "07:32:00", "1979-05-27T07:32:00Z", "1979-05-27T00:32:00.999999-07:00"][..])
            .prop_map(Item::Date),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Item::List),
            2 => keys(inner).prop_map(Item::Table),
        ]
    })
}

fn keys(values: impl Strategy<Value = Item>) -> impl Strategy<Value = Table> {
    prop::collection::vec((key(), values), 0..4).prop_map(unique)
}

fn unique(mut table: Table) -> Table {
    let mut seen = std::collections::BTreeSet::new();
    table.retain(|(key, _)| seen.insert(key.clone()));
    table
}

/// Values of a kind that the charts do not have, so that nothing of a kit is replaced by another type.
pub(crate) fn values() -> impl Strategy<Value = Table> {
    keys(value()).prop_map(|table| vec![("custom".to_owned(), Item::Table(table))])
}

fn change() -> impl Strategy<Value = Change> {
    let maybe = |p| prop::option::weighted(p, any::<bool>());
    (
        maybe(0.2),
        prop::option::weighted(0.3, select(&["1.2.3", "2.0.0-rc.1"][..])),
        prop::option::weighted(0.3, select(&["privileged", "baseline", "restricted"][..])),
        prop::bool::weighted(0.3),
        prop::option::weighted(0.8, values()),
    )
        .prop_map(|(enabled, version, pod_security, waits, values)| Change {
            enabled,
            version,
            pod_security,
            waits,
            values,
        })
}

fn all_changes(most: usize) -> impl Strategy<Value = Vec<(&'static str, Change)>> {
    let names = (subsequence(LEAVES.to_vec(), 0..=most)).prop_shuffle();
    names.prop_flat_map(|names| {
        let changes = prop::collection::vec(change(), names.len());
        changes.prop_map(move |changes| names.iter().copied().zip(changes).collect())
    })
}

fn region(place: Place) -> impl Strategy<Value = Region> {
    let count = |counts| prop::option::of(select(counts));
    (
        count(&[1_i64, 3][..]),
        prop::option::of(count(&[0_i64, 1, 7, 50][..])),
        prop::option::weighted(0.3, subsequence(vec!["mgmt", "dmz", "rtz"], 0..=3).prop_shuffle()),
        any::<[bool; 3]>(),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.3),
        prop::option::weighted(0.3, select(&["riyadh", "1", ""][..])),
        any::<[bool; 3]>(),
        all_changes(2),
    )
        .prop_map(
            move |(
                control_planes,
                workers,
                vclusters,
                networks,
                mesh_id,
                mesh_name,
                labels,
                observed,
                changes,
            )| Region {
                place,
                control_planes,
                workers,
                vclusters,
                networks,
                mesh_id,
                mesh_name,
                labels,
                observed,
                changes,
            },
        )
}

/// Puts `sin` behind another region of its cloud, since the module takes it anywhere but first; where there is none, fsn1 takes
/// its place. Gives the place where it is then.
fn behind_another(regions: &mut [Region]) -> Option<usize> {
    let sin = regions.iter().position(|region| region.place.name == "sin")?;
    let mut of_hetzner = regions.iter().enumerate().filter(|(_, region)| region.place.provider == "hetzner");
    let other = of_hetzner.find(|(place, _)| *place != sin).map(|(place, _)| place);
    let Some(other) = other else {
        regions[sin].place = PLACES[0];
        return None;
    };
    if other < sin {
        return Some(sin);
    }
    let place = regions[sin].place;
    regions[sin].place = regions[other].place;
    regions[other].place = place;
    Some(other)
}

/// Every choice that a valid manifest can make, more or less; few regions more often than many.
pub(crate) fn model() -> impl Strategy<Value = Model> {
    let many = prop_oneof![4 => 1_usize..=2, 2 => Just(3_usize), 1 => 4_usize..=6];
    let places = many.prop_flat_map(|many| subsequence(PLACES.to_vec(), many + 1).prop_shuffle());
    let regions = places.prop_flat_map(|places| places.into_iter().map(region).collect::<Vec<_>>());
    let people = &["ACME", "عُمانتل", "a \"quoted\" # name", "{{ fqdn }}", "on", "it's: a", "1e3", "null"];
    let one = (
        select(&["2026.04", "2026.05", "2026.05"][..]),
        "x[a-z0-9-]{1,18}[a-z0-9]",
        prop::option::of(select(&["prod", "stg", "uat", "dev", "poc"][..])),
        select(&people[..]),
        any::<bool>(),
        prop_oneof![
            2 => Just(Domain::Pool),
            1 => Just(Domain::Manual),
            1 => select(&["cloudflare", "namecheap", "godaddy", "ovh", "dynadot"][..]).prop_map(Domain::Api),
        ],
        any::<[bool; 4]>(),
        prop::option::of(select(&["a4", "symmetric", "none"][..])),
        any::<[bool; 5]>(),
    );
    let two = (
        0_u8..5,
        prop::option::of(select(&["lets-encrypt", "lets-encrypt-staging", "corporate-ca"][..])),
        any::<[bool; 4]>(),
        select(&["hourly", "daily", "weekly", "17 1 * * 1-5"][..]),
        prop::bool::weighted(0.25),
        prop::option::weighted(0.3, any::<Index>()),
        regions,
        all_changes(3),
        prop::option::weighted(0.6, failover()),
    );
    (one, two).prop_map(
        |(
            (kit, name, env, people, ssh, domain, gitops, contract, provisioning),
            (identity, tls, storage, schedule, airgap, primary, mut regions, changes, failover),
        )| {
            let (kit, primary) = match behind_another(&mut regions) {
                // The first module has a run for each region, and none of it takes this one.
                Some(place) => ("2026.05", primary.filter(|p: &Index| p.index(regions.len() - 1) != place)),
                None => (kit, primary),
            };
            let spare = regions.pop().into_iter().collect();
            Model {
                kit,
                name,
                env,
                people,
                ssh,
                domain,
                gitops,
                contract,
                identity,
                tls,
                storage,
                schedule,
                airgap,
                failover,
                provisioning,
                known: regions.len(),
                primary,
                chosen: None,
                regions,
                changes,
                spare,
            }
        },
    )
}

/// A generator of choices that gives the same ones everywhere and forever (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap()
    }

    fn shuffled<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        for n in (1..list.len()).rev() {
            list.swap(n, self.below(n + 1));
        }
        list
    }
}

/// Writes a table as a document: any order of tables and keys, any style, comments and blank lines.
pub(crate) fn print(document: &Table, seed: u64) -> String {
    let mut printer = Printer { dice: Dice(seed), out: String::new() };
    printer.section(document, "");
    printer.out
}

struct Printer {
    dice: Dice,
    out: String,
}

impl Printer {
    /// The keys of a table that stand right below its header, then its tables in any order.
    fn section(&mut self, table: &Table, path: &str) {
        let mut below: Vec<(String, &Item)> = Vec::new();
        for (key, item) in self.dice.shuffled(table.iter().collect()) {
            let key = self.key(key);
            let headers = match item {
                Item::Table(_) => self.dice.below(2) == 0,
                Item::List(items) => {
                    !items.is_empty()
                        && items.iter().all(|item| matches!(item, Item::Table(_)))
                        && self.dice.below(3) > 0
                }
                _ => false,
            };
            if headers {
                below.push((key, item));
            } else {
                self.body(&key, item);
            }
        }
        // An array's tables keep their order and may have other tables in between.
        let mut chunks: Vec<(usize, &Table, bool)> = Vec::new();
        for (n, (_, item)) in below.iter().enumerate() {
            match item {
                Item::Table(table) => chunks.push((n, table, false)),
                Item::List(items) => chunks.extend(items.iter().filter_map(|item| match item {
                    Item::Table(table) => Some((n, table, true)),
                    _ => None,
                })),
                _ => {}
            }
        }
        let order: Vec<usize> = chunks.iter().map(|chunk| chunk.0).collect();
        for n in self.dice.shuffled(order) {
            let at = chunks.iter().position(|chunk| chunk.0 == n).unwrap();
            let (_, table, array) = chunks.remove(at);
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{}", below[n].0);
            let headed = !table.is_empty() && table.iter().all(|(_, item)| matches!(item, Item::Table(_)));
            self.noise();
            match (array, headed && self.dice.below(2) == 0) {
                (true, _) => self.line(&format!("[[{path}]]")),
                // A table of tables needs no header of its own, if they all have one.
                (false, true) => {
                    for (key, item) in self.dice.shuffled(table.iter().collect()) {
                        let Item::Table(inner) = item else { unreachable!() };
                        let path = format!("{path}.{}", self.key(key));
                        self.line(&format!("[{path}]"));
                        self.section(inner, &path);
                    }
                    continue;
                }
                (false, false) => self.line(&format!("[ {path} ]")),
            }
            self.section(table, &path);
        }
    }

    /// A key and its value in the body of a table: inline, or with dotted keys.
    fn body(&mut self, key: &str, item: &Item) {
        match item {
            Item::Table(table) if !table.is_empty() && self.dice.below(2) == 0 => {
                for (inner, item) in self.dice.shuffled(table.iter().collect()) {
                    let key = format!("{key}.{}", self.key(inner));
                    self.body(&key, item);
                }
            }
            _ => {
                let value = self.value(item);
                self.noise();
                self.line(&format!("{key} = {value}"));
            }
        }
    }

    fn noise(&mut self) {
        match self.dice.below(8) {
            0 => self.out.push('\n'),
            1 => self.out.push_str("# region = [[ \"ü\" ]] 🙂\n"),
            2 => self.out.push_str("  \t"),
            _ => {}
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        let end = ["\n", "\n", "\n", "   # a = 1\n", "\r\n", "\n\n"][self.dice.below(6)];
        self.out.push_str(end);
    }

    fn key(&mut self, key: &str) -> String {
        let bare =
            !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if bare && self.dice.below(6) > 0 { key.to_owned() } else { self.text(key, false) }
    }

    fn value(&mut self, item: &Item) -> String {
        match item {
            Item::Bool(b) => b.to_string(),
            Item::Int(n) if *n >= 0 && self.dice.below(4) == 0 => format!("0x{n:X}"),
            Item::Int(n) => n.to_string(),
            Item::Float(n) => format!("{n:?}"),
            Item::Text(text) => self.text(text, true),
            Item::Date(date) => (*date).to_owned(),
            Item::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.value(item)).collect();
                match self.dice.below(3) {
                    0 if !items.is_empty() => format!("[\n  {}, # c ]\n]", items.join(",\n\n  ")),
                    _ => format!("[{}]", items.join(", ")),
                }
            }
            Item::Table(table) => {
                let mut parts = Vec::new();
                for (key, item) in self.dice.shuffled(table.iter().collect()) {
                    parts.push(format!("{} = {}", self.key(key), self.value(item)));
                }
                format!("{{ {} }}", parts.join(", "))
            }
        }
    }

    fn text(&mut self, text: &str, long: bool) -> String {
        let plain = !text.chars().any(|c| c.is_control() || c == '\'');
        match self.dice.below(4) {
            0 if plain => format!("'{text}'"),
            1 if long && plain => format!("'''\n{text}'''"),
            2 if long => format!("\"\"\"\n{}\"\"\"", escaped(text)),
            _ => format!("\"{}\"", escaped(text)),
        }
    }
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() || c == '\u{feff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
        out
    })
}
