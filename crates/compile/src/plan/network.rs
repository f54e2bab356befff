//! Address ranges: allocated by the number of a region, so that they are disjoint by construction, the same on every
//! machine, and untouched by regions that come and go.
//!
//! The figures are those of the platform's k3s flags: Pods 10.42+i, Services 10.96+i, machines 10.0.1.0/24 for
//! the primary and 10.0.(10+i).0/24 for the others, the control plane at the second address.

use sovereign_language::scalar::Cidr;

/// How many regions can be allocated before the ranges of Pods meet those of Services.
pub const MOST_REGIONS: usize = 54;
const POD_BASE: u8 = 42;
const SERVICE_BASE: u8 = 96;

/// Returns the ranges of the region at `index`, from 0; `None` from [`MOST_REGIONS`] on.
pub fn allocate(index: usize) -> Option<Ranges> {
    let index = u8::try_from(index).ok().filter(|&n| usize::from(n) < MOST_REGIONS)?;
    let subnet = if index == 0 { 1 } else { 10 + index };
    Some(Ranges {
        pods: Cidr::from_parts([10, POD_BASE + index, 0, 0], 16)?,
        services: Cidr::from_parts([10, SERVICE_BASE + index, 0, 0], 16)?,
        network: Cidr::from_parts([10, 0, subnet, 0], 24)?,
    })
}

/// The ranges of one region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranges {
    /// Pod addresses.
    pub pods: Cidr,
    /// Service addresses.
    pub services: Cidr,
    /// Machine addresses.
    pub network: Cidr,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_allocated_ranges_are_disjoint() {
        let ranges: Vec<_> =
            (0..MOST_REGIONS).filter_map(allocate).flat_map(|r| [r.pods, r.services, r.network]).collect();
        assert_eq!(ranges.len(), 3 * MOST_REGIONS);
        for (n, a) in ranges.iter().enumerate() {
            assert!(ranges[n + 1..].iter().all(|b| !a.overlaps(*b)), "{a} overlaps another");
        }
        assert!(allocate(MOST_REGIONS).is_none());
    }
}
