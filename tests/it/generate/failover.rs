//! Failover that is right by construction, for the regions that a model has.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Item, secret, table, text};

/// The choices of `[failover]`.
#[derive(Clone, Debug)]
pub(crate) struct Failover {
    lease: Option<(&'static str, &'static str)>,
    /// Whether the witness stands in `[failover]` or in each application.
    shared_witness: bool,
    quorum: bool,
    servers: bool,
    pub(crate) applications: Vec<Application>,
}

/// The choices of one application. Its name follows from its place.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) placement: &'static str,
    primary: Index,
    /// How many of the other regions take over, as far as there are so many.
    standbys: usize,
    pub(crate) database: bool,
    pub(crate) rto: Option<&'static str>,
    health: Option<[Option<&'static str>; 2]>,
    host: bool,
    dns_ttl: Option<&'static str>,
    selector: Option<&'static str>,
    pub(crate) auto_failover: Option<bool>,
    namespace: Option<&'static str>,
}

impl Failover {
    /// The table, for regions of these names below a domain name.
    pub(crate) fn document(&self, regions: &[&str], fqdn: &str) -> Item {
        // With one region nothing can take over.
        let mode = if regions.len() > 1 { "active-hotstandby" } else { "single-region" };
        let lease = self
            .lease
            .map(|(ttl, renew)| table(vec![("ttl", Some(text(ttl))), ("renew", Some(text(renew)))]));
        let applications = self.applications.iter().enumerate();
        let applications = applications.map(|(n, app)| self.application((n, app), regions, fqdn)).collect();
        let servers = (self.servers && regions.len() > 1).then(|| {
            let server = |n: usize| {
                table(vec![
                    ("name", Some(text(format!("pdm-{n}")))),
                    ("endpoint", Some(text(format!("https://pdm-{n}.{fqdn}")))),
                    ("region", (n < 2).then(|| text(regions[n]))),
                    ("role", (n == 0).then(|| text("primary-authority"))),
                    ("api", (n == 1).then(|| secret("pdm-api"))),
                ])
            };
            // One more than there are regions outside of all of them: the quorum outlives any pair.
            Item::List((0..4).map(server).collect())
        });
        table(vec![
            ("mode", Some(text(mode))),
            ("witness", self.shared_witness.then(|| self.witness())),
            ("lease", lease),
            ("pdm", servers),
            ("application", Some(Item::List(applications))),
        ])
    }

    fn witness(&self) -> Item {
        if self.quorum {
            let resolvers = ["8.8.8.8", "1.1.1.1", "9.9.9.9"].map(text);
            return table(vec![
                ("kind", Some(text("dns-quorum"))),
                ("resolvers", Some(Item::List(resolvers.into()))),
            ]);
        }
        table(vec![
            ("kind", Some(text("cloudflare-kv"))),
            ("account", Some(text("account-1"))),
            ("namespace", Some(text("namespace-1"))),
            ("token", Some(secret("continuum-cf-token"))),
        ])
    }

    fn application(&self, (n, app): (usize, &Application), regions: &[&str], fqdn: &str) -> Item {
        let placement = if regions.len() > 1 { app.placement } else { "single-region" };
        let primary = app.primary.index(regions.len());
        let others: Vec<_> = (0..regions.len()).filter(|region| *region != primary).collect();
        let list = |most: usize| Item::List(others.iter().take(most).map(|n| text(regions[*n])).collect());
        let moved = placement == "active-hotstandby";
        // The kit has one pair of databases.
        let first =
            self.applications.iter().position(|app| app.database && app.placement == "active-hotstandby");
        let database = moved && first == Some(n);
        let host = format!("app-{n}.{fqdn}");
        let health = app.health.map(|[interval, timeout]| {
            table(vec![
                ("url", Some(text(format!("https://{host}/healthz?a=b")))),
                ("interval", interval.map(text)),
                ("timeout", timeout.map(text)),
            ])
        });
        table(vec![
            ("name", Some(text(format!("app-{n}")))),
            ("namespace", app.namespace.filter(|_| moved).map(text)),
            ("placement", (placement != "active-hotstandby" || n % 2 == 0).then(|| text(placement))),
            ("primary", Some(text(regions[primary]))),
            ("standbys", moved.then(|| list(app.standbys))),
            ("regions", (placement == "active-active").then(|| list(app.standbys))),
            ("database", database.then(|| table(vec![("mode", Some(text("sync")))]))),
            ("objectives", app.rto.map(|rto| table(vec![("rto", Some(text(rto)))]))),
            ("health", health),
            ("hosts", app.host.then(|| Item::List(vec![text(host)]))),
            ("dns-ttl", app.dns_ttl.map(text)),
            ("selector", app.selector.map(text)),
            ("auto-failover", app.auto_failover.filter(|_| moved).map(Item::Bool)),
            ("witness", (moved && !self.shared_witness).then(|| self.witness())),
        ])
    }
}

pub(crate) fn application() -> impl Strategy<Value = Application> {
    let few = |texts| prop::option::of(select(texts));
    (
        select(&["active-hotstandby", "active-hotstandby", "active-active", "single-region"][..]),
        any::<Index>(),
        1_usize..=4,
        any::<bool>(),
        few(&["30s", "60s", "5m"][..]),
        prop::option::of((few(&["1s", "20s"][..]), few(&["1s", "9s"][..])).prop_map(<[_; 2]>::from)),
        any::<bool>(),
        few(&["5s", "2m"][..]),
        few(&["ifurlup", "pickclosest", "pickfirst", "pickwhashed"][..]),
        (prop::option::of(any::<bool>()), few(&["acme", "catalyst-system"][..])),
    )
        .prop_map(
            |(
                placement,
                primary,
                standbys,
                database,
                rto,
                health,
                host,
                dns_ttl,
                selector,
                (auto_failover, namespace),
            )| Application {
                placement,
                primary,
                standbys,
                database,
                rto,
                health,
                host,
                dns_ttl,
                selector,
                auto_failover,
                namespace,
            },
        )
}

/// Every choice of a valid `[failover]`, more or less.
pub(crate) fn failover() -> impl Strategy<Value = Failover> {
    (
        prop::option::of(select(&[("30s", "10s"), ("1m", "29s"), ("5s", "1s")][..])),
        any::<[bool; 3]>(),
        prop::collection::vec(application(), 0..4),
    )
        .prop_map(|(lease, [shared_witness, quorum, servers], applications)| Failover {
            lease,
            shared_witness,
            quorum,
            servers,
            applications,
        })
}
