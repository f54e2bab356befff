//! Hosts of object storage.

/// How the hosts of a provider's object storage are told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageHosts {
    /// There is a host for each region: its name, and this behind it.
    BehindRegion(&'static str),
    /// Hosts begin with this; what follows differs.
    Beginning(&'static str),
}

impl StorageHosts {
    /// Returns whether a host is one of them.
    pub fn include(&self, host: &str) -> bool {
        match self {
            Self::BehindRegion(end) => host.ends_with(end),
            Self::Beginning(start) => host.starts_with(start),
        }
    }

    /// Returns the region that a host is for, where there is one for each.
    pub fn region_of<'h>(&self, host: &'h str) -> Option<&'h str> {
        let Self::BehindRegion(end) = self else { return None };
        host.strip_suffix(end).filter(|region| !region.contains('.'))
    }

    /// Returns the address for a region, where there is one for each.
    pub fn endpoint(&self, region: &str) -> Option<String> {
        let Self::BehindRegion(end) = self else { return None };
        Some(format!("https://{region}{end}"))
    }
}

#[cfg(test)]
mod tests {
    use super::StorageHosts::{Beginning, BehindRegion};

    #[test]
    fn hosts_are_told_by_their_end_or_by_their_beginning() {
        let of_region = BehindRegion(".storage.example");
        assert!(of_region.include("a.storage.example") && !of_region.include("a.example"));
        assert_eq!(of_region.region_of("a.storage.example"), Some("a"));
        assert_eq!(of_region.region_of("bucket.a.storage.example"), None);
        assert_eq!(of_region.endpoint("b").as_deref(), Some("https://b.storage.example"));
        let other = Beginning("obs.");
        assert!(other.include("obs.a.example") && !other.include("a.obs.example"));
        assert_eq!((other.region_of("obs.a.example"), other.endpoint("a")), (None, None));
    }
}
