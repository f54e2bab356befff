//! `[topology]`: the vCluster contract.

use crate::scalar::choice::choice;
use crate::schema::table;

choice! {
    /// Which vClusters run in which region.
    Contract, "a vCluster contract" {
        /// Primary: MGMT and DMZ; each secondary: DMZ and RTZ; a single region: all three.
        A4 "a4",
        /// All three in every region.
        Symmetric "symmetric",
        /// None.
        None "none",
    }
}

table! {
    /// Which vClusters run in which region.
    TopologyTable {
        /// `a4` (default): MGMT and DMZ in the primary, DMZ and RTZ in each secondary, all three in a single
        /// region. `symmetric`: all three everywhere. `none`: no vClusters.
        contract: Contract = optional or "a4",
    }
}
