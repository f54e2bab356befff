//! Which values of a chart decide about what it keeps, by their names.

/// Names of values that name objects or decide about volumes: what Kubernetes refuses to change, or what leaves data behind.
const KEEPS_DATA: [&str; 12] = [
    "accessMode",
    "accessModes",
    "clusterIP",
    "dataSource",
    "existingClaim",
    "fullnameOverride",
    "nameOverride",
    "namespaceOverride",
    "podManagementPolicy",
    "storageClass",
    "storageClassName",
    "volumeMode",
];

/// Returns whether the value at a path of keys decides about what a chart keeps: the mark `keeps-data` of a lock, and what is
/// asked of charts that have none.
pub fn keeps_data(path: &[&str]) -> bool {
    let Some((name, above)) = path.split_last() else { return false };
    KEEPS_DATA.contains(name)
        || matches!(*name, "size" | "enabled") && above.last().is_some_and(|key| is_of_volume(key))
}

/// Returns whether a key holds what is said of a volume.
pub fn is_of_volume(key: &str) -> bool {
    let key = key.to_lowercase();
    ["persistence", "storage", "volume", "pvc", "datadir"].iter().any(|word| key.contains(word))
}
