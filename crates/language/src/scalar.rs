//! The grammars of the domain: each kind of text is parsed once, into its own type.
//!
//! A type that implements [`Scalar`] can be the value of a key of the language; [`shape`](crate::schema) gives it
//! decoding with spans and its part of the JSON Schema. What a grammar refuses is reported at the very
//! characters that are wrong.

pub(crate) mod accept;
pub(crate) mod cidr;
pub(crate) mod clock;
pub(crate) mod dns;
pub(crate) mod duration;
pub(crate) mod identity;
pub(crate) mod kit;
pub(crate) mod location;
pub(crate) mod machine;
pub(crate) mod name;
pub(crate) mod place;
pub(crate) mod port;
pub(crate) mod quantity;
pub(crate) mod services;
mod shard;
pub(crate) mod storage;
pub(crate) mod tenant;
pub(crate) mod text;
pub(crate) mod version;

#[cfg(test)]
pub(crate) mod samples;

pub use cidr::{Cidr, Ipv4, SourceNetwork};
pub use clock::TimeOfDay;
pub use dns::{CertificateName, Fqdn, GitUrl, Host, HttpsUrl, Label, WebUrl};
pub use duration::{
    Duration, FluxPeriod, LeaseRenewal, LeaseTtl, Objective, ProbeInterval, ProbeTimeout, Retention,
};
pub use identity::{BranchName, LabelKey, LabelValue, SSH_ALGORITHMS, SecretName, Slug};
pub use kit::{KitDigest, OciRepository, Revision};
pub use location::{BuildingBlock, Env, RegionName};
pub use machine::{CONTROL_PLANES, MachineSize};
pub use name::{
    BlueprintName, BpName, CloudflareId, InputName, KitName, OwnKitName, RelPath, ReleaseName,
    RepositoryName, ValuePath,
};
pub use place::Place;
pub use port::{FirewallRule, Protocol};
pub use quantity::{Quantity, VolumeSize};
pub use services::{ExportName, HeaderName};
pub use shard::{LABEL, Shard, UNSHARDED};
pub use storage::{Bucket, Schedule, StorageRegion};
pub use tenant::{AppName, AppResource, CLIENT_SECRET, PortName, TENANTS, VCLUSTER, owner};
pub use version::{K3sVersion, Version, unpinned};

pub use crate::schema::{Malformed, Scalar, choice};
