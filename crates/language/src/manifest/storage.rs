//! `[storage]`: storage class, object storage and backup.

use super::SecretRef;
use crate::scalar::dns::HttpsUrl;
use crate::scalar::duration::Retention;
use crate::scalar::identity::SecretName as ClassName;
use crate::scalar::storage::{Bucket, Schedule, StorageRegion};
use crate::schema::table;

table! {
    /// Storage class, object storage and backup.
    StorageTable {
        /// The StorageClass of databases and vClusters. Default: the cluster's own default.
        class: ClassName = optional,
        /// The S3 storage for backups, images and cold data. Default: what the Secret `object-storage` says.
        object: ObjectStorage = optional,
        /// When to back up, and for how long to keep it.
        backup: BackupTable = optional,
    }
}

table! {
    /// An S3 bucket.
    ObjectStorage {
        /// The S3 endpoint.
        endpoint: HttpsUrl = required,
        /// The bucket.
        bucket: Bucket = required,
        /// The region as the storage service calls it.
        region: StorageRegion = required,
        /// The Secret in `flux-system` with the keys `s3-access-key` and `s3-secret-key`.
        credentials: SecretRef = required,
    }
}

table! {
    /// When to back up, and for how long to keep it.
    BackupTable {
        /// `hourly`, `daily`, `weekly`, or five cron fields.
        schedule: Schedule = required,
        /// How long a backup is kept. Default `30d`.
        retention: Retention = optional or "30d",
    }
}
