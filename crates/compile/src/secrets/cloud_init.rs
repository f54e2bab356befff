//! What cloud-init writes before Flux runs, by the module that brought it (domain section 4.6). Where no module makes the
//! machines, no cloud-init of ours runs on them, and a person makes the same Secrets.

use super::Id;
use crate::object::FLUX_NAMESPACE;
use sovereign_language::kit::Module::{self, InfraHetzner, ProvidersHetzner, ProvidersHuawei};

/// A Secret that cloud-init writes.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Its namespace and name.
    pub id: Id<'static>,
    /// All keys that it has.
    pub keys: &'static [&'static str],
    /// The modules whose cloud-init writes it.
    by: &'static [Module],
}

const EVERY: &[Module] = &[InfraHetzner, ProvidersHetzner, ProvidersHuawei];
/// The first module has no variables for what the others write.
const LATER: &[Module] = &[ProvidersHetzner, ProvidersHuawei];

/// Every Secret that the cloud-init of some module writes. What a provider's API is called with has other keys on each cloud.
pub const WRITTEN: [Written; 9] = [
    Written { id: (FLUX_NAMESPACE, "ghcr-pull"), keys: &[".dockerconfigjson"], by: EVERY },
    Written { id: (FLUX_NAMESPACE, "harbor-robot-token"), keys: &["token"], by: LATER },
    Written { id: (FLUX_NAMESPACE, "pdm-basicauth"), keys: &["password", "username"], by: LATER },
    Written {
        id: (FLUX_NAMESPACE, "object-storage"),
        keys: &[
            "access-key",
            "bucket",
            "endpoint",
            "region",
            "s3-access-key",
            "s3-bucket",
            "s3-endpoint",
            "s3-region",
            "s3-secret-key",
            "secret-key",
        ],
        by: LATER,
    },
    Written {
        id: (FLUX_NAMESPACE, "cloud-credentials"),
        keys: &[
            "hcloud-cloud-init",
            "hcloud-firewall-name",
            "hcloud-network-name",
            "hcloud-ssh-key-name",
            "hcloud-token",
        ],
        by: &[ProvidersHetzner],
    },
    Written {
        id: (FLUX_NAMESPACE, "cloud-credentials"),
        keys: &["huawei-ak", "huawei-project-id", "huawei-region", "huawei-sk"],
        by: &[ProvidersHuawei],
    },
    Written { id: ("cert-manager", "powerdns-api-credentials"), keys: &["api-key"], by: LATER },
    Written { id: ("catalyst-system", "catalyst-handover-jwt-public"), keys: &["public.jwk"], by: LATER },
    Written {
        id: ("openova-system", "dynadot-api-credentials"),
        keys: &["api-key", "api-secret"],
        by: EVERY,
    },
];

/// What the cloud-init of a module writes.
pub fn written_by(module: Module) -> impl Iterator<Item = &'static Written> {
    WRITTEN.iter().filter(move |written| written.by.contains(&module))
}
