//! A zone: its records, and what it still lacks.

use super::name::Name;
use super::record::{Data, RecordSet};

/// The zone of a Sovereign.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its name: the FQDN of the Sovereign.
    pub name: Name,
    pub(super) records: Vec<RecordSet>,
    pub(super) missing: Vec<Missing>,
}

/// A record, or a part of one, that waits for the address of a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The name of the record.
    pub name: Name,
    /// The place of the region in [`Plan::regions`](crate::plan::Plan::regions).
    pub region: usize,
    /// Whether the record as a whole is left out; otherwise it stands there without this region.
    pub whole: bool,
}

impl Zone {
    /// Returns the record sets: the zone's own first, then those of applications, each by name.
    pub fn records(&self) -> &[RecordSet] {
        &self.records
    }

    /// Returns what waits for the address of a region.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Returns the name servers.
    pub fn servers(&self) -> &[Name] {
        self.records
            .iter()
            .find_map(|record| if let Data::Ns(servers) = &record.data { Some(&servers[..]) } else { None })
            .unwrap_or_default()
    }

    /// Returns whether one server, or servers with one database, have the zone, so that PowerDNS may make its keys. Servers of
    /// several regions have a database each: keys that each made for itself would contradict each other.
    pub fn is_signed_by_itself(&self) -> bool {
        let own = |server: &&Name| self.records.iter().any(|record| record.name == **server);
        self.servers().iter().filter(own).count() < 2
    }

    /// Returns the record set that answers with addresses for a host: its own, or that of the wildcard above
    /// it (RFC 4592: the nearest name above that exists decides, even where it exists only because something
    /// stands below it).
    pub fn answer(&self, host: &Name) -> Option<&RecordSet> {
        let of = |name: &Name| {
            self.records.iter().find(|r| r.name == *name && matches!(r.data, Data::A(_) | Data::Lua(_)))
        };
        if self.exists(host) {
            return of(host);
        }
        let encloser = host.ancestors().find(|name| self.exists(name))?;
        of(&encloser.child("*"))
    }

    fn exists(&self, name: &Name) -> bool {
        self.records.iter().any(|record| record.name.is_or_is_under(name))
    }
}
