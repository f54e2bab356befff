//! `[provisioning]`: how the provider's module makes the machines.

use super::SecretRef;
use crate::cloud::hetzner::ProjectNumber;
use crate::cloud::huawei::{ImageId, ProjectId, ZoneName};
use crate::scalar::cidr::SourceNetwork;
use crate::scalar::dns::HttpsUrl;
use crate::scalar::location::RegionName;
use crate::scalar::storage::{Bucket, StorageRegion};
use crate::scalar::version::K3sVersion;
use crate::schema::table;
use sovereign_text::source::Spanned;

/// The k3s release of machines where the manifest names none.
pub const K3S_VERSION: &str = "v1.31.4+k3s1";

table! {
    /// How the provider's OpenTofu module makes the machines. Credentials have no place here: the module gets them from
    /// the environment of whoever runs it.
    ProvisioningTable {
        /// The k3s release of every machine. Default `v1.31.4+k3s1`.
        k3s_version: K3sVersion = optional or "v1.31.4+k3s1",
        /// Networks that may reach the machines by SSH. Default: none, and port 22 is closed.
        ssh_allowed_cidrs: Vec<Spanned<SourceNetwork>> = optional,
        /// Whether the machines install security updates by themselves. Default `true`.
        unattended_upgrades: bool = optional or true,
        /// Whether the machines lock out who fails to log in again and again. Default `true`.
        fail2ban: bool = optional or true,
        /// The Catalyst API that the first machine hands its kubeconfig to. Default
        /// `https://console.openova.io/sovereign`; behind an air gap none.
        api: HttpsUrl = optional,
        /// The number of the Hetzner project that the machines belong to.
        hetzner_project: ProjectNumber = optional,
        /// Where OpenTofu keeps what it knows of the machines. Default: a file beside the module, and nothing encrypts it;
        /// behind an air gap the table must be there.
        state: StateTable = optional,
    }
}

table! {
    /// The state of OpenTofu in an S3 bucket, encrypted before it leaves the machine where OpenTofu runs. OpenTofu 1.10 and later.
    StateTable {
        /// The S3 endpoint.
        endpoint: HttpsUrl = required like "https://s3.example.org",
        /// The bucket. It has to be there first, with versions of its objects.
        bucket: Bucket = required like "omantel-state",
        /// The region as the storage service calls it.
        region: StorageRegion = required,
        /// The Secret with the login of the bucket, which whoever runs OpenTofu has as `AWS_ACCESS_KEY_ID` and
        /// `AWS_SECRET_ACCESS_KEY`.
        credentials: SecretRef = required like { "secret": "tofu-state" },
        /// The Secret with the passphrase that encrypts the state, which whoever runs OpenTofu has as
        /// `TF_VAR_state_passphrase`: 16 characters at least.
        passphrase: SecretRef = required like { "secret": "tofu-state", "key": "passphrase" },
    }
}

table! {
    /// What the Huawei module has to know of a region. Projects and images belong to one region there.
    HuaweiTable {
        /// The id of the project.
        project: ProjectId = optional,
        /// The region as the API calls it. Default: the name without the letter of the zone, `me-east-215` of
        /// `me-east-215-a`.
        region: RegionName = optional,
        /// The availability zone. Default: the region and the letter, `me-east-215a` of `me-east-215-a`, or `a` if the
        /// name has none.
        zone: ZoneName = optional,
        /// The image of the machines. Default: the module's own.
        image: ImageId = optional,
        /// Whether the API's certificate goes unchecked, as in the module's own region. Default `true`.
        insecure: bool = optional or true,
        /// The network that may reach the machines by SSH to look for a fault. Default: none.
        debug_ssh: SourceNetwork = optional,
    }
}
