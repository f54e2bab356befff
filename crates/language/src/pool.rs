//! The zones of OpenOva's pool, under which Sovereigns in mode `pool` have their names (domain section 7).

use crate::scalar::dns::Fqdn;

/// The zones that the pool domain manager delegates names in.
const ZONES: [&str; 2] = ["omani.works", "openova.io"];
/// The name servers of all of them.
pub const SERVERS: [&str; 3] = ["ns1.openova.io", "ns2.openova.io", "ns3.openova.io"];
/// The API of the PowerDNS behind these.
pub const API: &str = "https://pdns.openova.io";

/// Returns the zones.
pub fn zones() -> impl Iterator<Item = &'static str> {
    ZONES.into_iter()
}

/// Returns whether a domain name is one of the zones.
pub fn is_zone(name: &Fqdn) -> bool {
    ZONES.contains(&name.as_str())
}
