//! What a value keeps, as data: where it stands, which change of it loses something, and what.
//!
//! A mark is about a kind of value and not about one chart: charts have the same names for the same things. What only one
//! release has names that.

use sovereign_language::lock::is_of_volume;

/// A value, and the change of it that loses something.
pub(super) struct Mark {
    /// Whether it stands at a path of keys.
    pub at: fn(&[&str]) -> bool,
    /// The change.
    pub change: Change,
    /// What is lost, as a phrase that follows the change.
    pub lost: &'static str,
}

/// A change that loses something.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// Something else stands there, or nothing.
    Other,
    /// It gets smaller, or shorter.
    Smaller,
    /// It is a text of JSON, and a number in it gets smaller.
    Lowered,
    /// It is an older version.
    Older,
    /// It counts members, and none is left, or too few for a majority.
    Members,
    /// It was on, and is not any more.
    Off,
    /// It goes.
    Gone,
    /// It becomes this word.
    Becomes(&'static str),
    /// It goes down this list, strictest first. What is not in it comes last.
    Weaker(&'static [&'static str]),
}

/// A mark of a Helm value: its path is below `spec.values`.
pub(super) struct ValueMark {
    /// The only release that it is about.
    pub release: Option<&'static str>,
    /// Whether it is about releases that keep data.
    pub of_data: bool,
    pub mark: Mark,
}

/// A chart that keeps data goes back.
pub(super) const DOWNGRADE: Mark =
    Mark { at: |_| true, change: Change::Other, lost: "an older chart cannot read what a newer one wrote" };
/// What Flux does with a release that keeps data where an upgrade of it fails. Without a word it rolls back.
pub(super) const STRATEGY: Mark = Mark {
    at: |_| true,
    change: Change::Becomes("uninstall"),
    lost: "an upgrade that fails takes its data along",
};
/// What a release does is switched off while the release stays.
pub(super) const GATE: Mark =
    Mark { at: |_| true, change: Change::Off, lost: "what it made goes, and what that keeps" };
/// A value that decides about what a chart keeps.
pub(super) const KEPT: Mark = Mark {
    at: |_| true,
    change: Change::Other,
    lost: "another volume takes its place, and that one is empty",
};

/// The words for what a database is called among the values of a chart.
const DATABASES: [&str; 9] =
    ["database", "etcd", "mariadb", "minio", "mongodb", "mysql", "postgresql", "redis", "valkey"];

/// Marks of Helm values. The first that is about a value speaks.
pub(super) const VALUES: [ValueMark; 12] = [
    of_all(Mark {
        at: |keys| {
            last(keys).ends_with("bucket")
                || is_in(keys, &["buckets", "bucketnames"])
                || last(keys) == "bucketname"
        },
        change: Change::Other,
        lost: "what is in the old bucket is not read any more",
    }),
    of_all(Mark {
        at: |keys| {
            is_in(keys, &["s3", "objectstorage", "object_storage", "backupstoragelocation"])
                && ["endpoint", "regionendpoint", "s3url"].contains(&last(keys).as_str())
        },
        change: Change::Other,
        lost: "what is in the old storage is not read any more",
    }),
    of_data(Mark {
        at: |keys| {
            let (last, above) = (last(keys), keys.split_last().map(|(_, above)| above).unwrap_or_default());
            let is_size =
                ["size", "storage", "storagesize", "volumesize", "capacity"].contains(&last.as_str());
            let of_volume = last.starts_with("storage")
                || last.starts_with("volume")
                || above.iter().any(|key| is_of_volume(key));
            is_size && of_volume && !keys.contains(&"volumeClaim")
        },
        change: Change::Smaller,
        lost: "a volume never shrinks, so what is on it would have to go",
    }),
    of_data(Mark {
        at: |keys| ["replicas", "replicacount", "instances"].contains(&last(keys).as_str()),
        change: Change::Members,
        lost: "too few of its members are left",
    }),
    of_data(Mark {
        at: |keys| {
            last(keys) == "enabled" && keys.iter().rev().nth(1).is_some_and(|above| is_of_volume(above))
        },
        change: Change::Off,
        lost: "it runs without its volume",
    }),
    of_all(Mark {
        at: |keys| {
            last(keys) == "enabled"
                && keys
                    .iter()
                    .rev()
                    .nth(1)
                    .is_some_and(|above| DATABASES.contains(&above.to_lowercase().as_str()))
        },
        change: Change::Off,
        lost: "its database goes",
    }),
    of_all(Mark {
        at: |keys| {
            let last = last(keys);
            last.contains("retention")
                || last == "ttl" && is_in(keys, &["schedules", "backup", "backups", "snapshots"])
        },
        change: Change::Smaller,
        lost: "what is older is deleted",
    }),
    of_all(Mark {
        at: |keys| last(keys) == "schedule" && is_in(keys, &["schedules", "backup", "backups", "snapshots"]),
        change: Change::Gone,
        lost: "nothing is backed up any more",
    }),
    of_all(Mark {
        at: |keys| {
            ["backupsenabled", "snapshotsenabled"].contains(&last(keys).as_str())
                || keys.ends_with(&["backup", "enabled"])
        },
        change: Change::Off,
        lost: "nothing is backed up any more",
    }),
    of_all(Mark {
        at: |keys| last(keys) == "validationfailureaction",
        change: Change::Weaker(&["Enforce", "Audit"]),
        lost: "what the policy forbids is let in",
    }),
    ValueMark {
        release: Some("bp-keycloak"),
        of_data: true,
        mark: Mark {
            at: |keys| keys.ends_with(&["sovereignRealm", "name"]),
            change: Change::Other,
            lost: "users, groups and clients of the old realm are not in the new one",
        },
    },
    ValueMark {
        release: Some("bp-cnpg-pair"),
        of_data: true,
        mark: Mark {
            at: |keys| keys.ends_with(&["bootstrap", "database"]) || keys.ends_with(&["bootstrap", "owner"]),
            change: Change::Other,
            lost: "only a new cluster is made so: the application looks for what is not there",
        },
    },
];

/// Marks of fields of other objects, by kind.
pub(super) const FIELDS: [(&str, Mark); 12] = [
    (
        "GitRepository",
        Mark {
            at: |keys| keys == ["spec", "url"],
            change: Change::Other,
            lost: "Flux prunes what the new repository lacks",
        },
    ),
    (
        "GitRepository",
        Mark {
            at: |keys| keys == ["spec", "ref", "branch"],
            change: Change::Other,
            lost: "Flux prunes what the new branch lacks",
        },
    ),
    (
        "Namespace",
        Mark {
            at: |keys| keys == ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
            change: Change::Weaker(&["restricted", "baseline", "privileged"]),
            lost: "Pods are let in that were refused",
        },
    ),
    (
        "Application",
        Mark {
            at: |keys| keys == ["spec", "isolationLevel"],
            change: Change::Weaker(&["vcluster", "namespace"]),
            lost: "others share its API server, and what is in its vCluster stays behind",
        },
    ),
    (
        "ConfigMap",
        Mark {
            at: |keys| matches!(keys, ["data", file] if file.starts_with("project.")),
            change: Change::Gone,
            lost: "the project and its images stay, and nobody holds its policies any more",
        },
    ),
    (
        "ConfigMap",
        Mark {
            at: |keys| matches!(keys, ["data", file] if file.starts_with("retention.")),
            change: Change::Gone,
            lost: "Harbor goes on deleting by the last rule that it was told",
        },
    ),
    (
        "ConfigMap",
        Mark {
            at: |keys| matches!(keys, ["data", file] if file.starts_with("retention.")),
            change: Change::Lowered,
            lost: "images that only the old rule keeps are deleted",
        },
    ),
    (
        "Gateway",
        Mark {
            at: |keys| matches!(keys, ["spec", "listeners", _, "hostname"]),
            change: Change::Gone,
            lost: "nobody reaches what answers there",
        },
    ),
    (
        "NodePoolClaim",
        Mark {
            at: |keys| keys == ["spec", "parameters", "replicas"],
            change: Change::Smaller,
            lost: "the other machines go with what is on their disks",
        },
    ),
    (
        "NodePoolClaim",
        Mark {
            at: |keys| keys == ["spec", "parameters", "sku"],
            change: Change::Other,
            lost: "its machines are made anew, without what is on their disks",
        },
    ),
    (
        "RegionClaim",
        Mark {
            at: |keys| keys == ["spec", "parameters", "skuCP"],
            change: Change::Other,
            lost: "its control plane is made anew, without what is on its disk",
        },
    ),
    (
        "ClusterClaim",
        Mark {
            at: |keys| keys == ["spec", "parameters", "k3sVersion"],
            change: Change::Older,
            lost: "an older k3s cannot read what a newer one wrote",
        },
    ),
];

/// Kinds whose objects are missed, and what goes with one.
pub(super) const GONE: [(&str, &str); 1] = [("NetworkPolicy", "whom it kept out is let in")];

const fn of_all(mark: Mark) -> ValueMark {
    ValueMark { release: None, of_data: false, mark }
}

const fn of_data(mark: Mark) -> ValueMark {
    ValueMark { release: None, of_data: true, mark }
}

fn last(keys: &[&str]) -> String {
    keys.last().map(|key| key.to_lowercase()).unwrap_or_default()
}

fn is_in(keys: &[&str], words: &[&str]) -> bool {
    keys.iter().rev().skip(1).any(|key| words.contains(&key.to_lowercase().as_str()))
}
