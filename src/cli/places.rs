//! Where a person keeps things that commands need, as the environment says.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line reads the environment, and files that it names"
)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Failure;
use sovereign_registry::{Logins, Options, Registry, RegistryError};
use sovereign_store::kit_cache::KitCache;

/// Where systems keep the certificates that they trust: Debian, Fedora, Alpine and macOS, SUSE. What Go's programs look at.
const CERTIFICATES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// Where a person keeps things.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Kits that were fetched.
    pub kits: KitCache,
    /// The logins for registries, as Docker keeps them.
    pub logins: Option<PathBuf>,
    /// The certificates that are trusted, in place of those of the system.
    pub certificates: Option<PathBuf>,
}

impl Places {
    /// Returns the places that the environment of the process names.
    pub fn of_environment() -> Self {
        Self::new(|name| std::env::var_os(name))
    }

    /// Returns the places that some variables name: for the cache the XDG base directories, for logins what Docker reads.
    pub fn new(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = path("HOME");
        let below_home = |inner: &str| home.as_ref().map(|home| home.join(inner));
        let cache =
            path("XDG_CACHE_HOME").or_else(|| below_home(".cache")).map(|cache| cache.join("sovereign/kits"));
        let docker = path("DOCKER_CONFIG").or_else(|| below_home(".docker"));
        Self {
            kits: KitCache::new(path("SOVEREIGN_KIT_CACHE").or(cache)),
            logins: docker.map(|directory| directory.join("config.json")),
            certificates: path("SSL_CERT_FILE"),
        }
    }

    /// Returns the registry of a host, with the login that is kept for it.
    ///
    /// # Errors
    /// Logins or certificates cannot be read.
    pub fn registry(&self, host: &str, time: Duration) -> Result<Registry, Failure> {
        let login = match self.logins.as_deref().map(read).transpose()?.flatten() {
            Some(config) => Logins::parse(&config)?.of(host)?,
            None => None,
        };
        let of_system = || CERTIFICATES.iter().map(PathBuf::from).find(|path| path.is_file());
        let certificates = self.certificates.clone().or_else(of_system);
        let certificates = certificates.as_deref().map(read).transpose()?.flatten().unwrap_or_default();
        Ok(Registry::new(host, login, Options { time, certificates })?)
    }
}

/// Returns the bytes of a file; `None` if there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Environment(format!("cannot read {}: {error}", path.display()))),
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::Environment(error.to_string())
    }
}
