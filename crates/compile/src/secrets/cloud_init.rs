//! What cloud-init writes before Flux runs, by the module that brought it (domain section 4.6). Where no module makes the
//! machines, no cloud-init of ours runs on them, and a person makes the same Secrets.

use super::Id;
use crate::object::FLUX_NAMESPACE;
use sovereign_language::cloud::Generation;
use sovereign_language::kit::Module;

/// A Secret that cloud-init writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    /// Its namespace and name.
    pub id: Id<'static>,
    /// All keys that it has.
    pub keys: &'static [&'static str],
}

/// What the cloud-init of every module writes.
const SHARED: [Written; 2] = [
    Written { id: (FLUX_NAMESPACE, "ghcr-pull"), keys: &[".dockerconfigjson"] },
    Written { id: ("openova-system", "dynadot-api-credentials"), keys: &["api-key", "api-secret"] },
];

/// What modules of the second generation have written besides; the first has no variables for it.
const PLATFORM: [Written; 6] = [
    Written { id: (FLUX_NAMESPACE, "harbor-robot-token"), keys: &["token"] },
    Written { id: (FLUX_NAMESPACE, "pdm-basicauth"), keys: &["password", "username"] },
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
    },
    Written { id: ("cert-manager", "powerdns-api-credentials"), keys: &["api-key"] },
    // Made there at random, and gone when it is used.
    Written { id: ("openbao", "openbao-recovery-seed"), keys: &[] },
    Written { id: ("catalyst-system", "catalyst-handover-jwt-public"), keys: &["public.jwk"] },
];

/// What a provider's API is called with: it has other keys on each cloud.
const CREDENTIALS: Id<'static> = (FLUX_NAMESPACE, "cloud-credentials");

/// Returns what the cloud-init of a module writes.
pub(crate) fn written_by(module: Module) -> impl Iterator<Item = Written> {
    let facts = module.facts();
    let platform: &[Written] = match facts.generation {
        Generation::First => &[],
        Generation::Second => &PLATFORM,
    };
    let credentials = Some(Written { id: CREDENTIALS, keys: facts.credentials });
    let credentials = credentials.filter(|written| !written.keys.is_empty());
    SHARED.into_iter().chain(platform.iter().copied()).chain(credentials)
}

/// Returns every Secret that the cloud-init of some module writes.
pub(crate) fn written() -> impl Iterator<Item = Written> {
    Module::all().flat_map(written_by)
}
