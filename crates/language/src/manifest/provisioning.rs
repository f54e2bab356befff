//! `[provisioning]`: how the provider's module makes the machines.

use crate::cloud::hetzner::ProjectNumber;
use crate::cloud::huawei::{ImageId, ProjectId, ZoneName};
use crate::scalar::cidr::SourceNetwork;
use crate::scalar::dns::HttpsUrl;
use crate::scalar::location::RegionName;
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
