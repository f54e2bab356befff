//! Logins, as Docker keeps them: `config.json` with a name and a password for each registry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::error::RegistryError;

/// A name and a password. Neither is ever shown.
#[derive(Clone)]
pub struct Login {
    name: String,
    password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(…)")
    }
}

impl Login {
    /// Returns the value of an `Authorization` header.
    pub(crate) fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.name, self.password)))
    }
}

/// The logins of a person.
#[derive(Debug, Default)]
pub struct Logins {
    config: Json,
}

impl Logins {
    /// Returns the logins of Docker's `config.json`.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn parse(config: &[u8]) -> Result<Self, RegistryError> {
        let config = serde_json::from_slice(config);
        config
            .map(|config| Self { config })
            .map_err(|error| RegistryError::Setup(format!("Docker's configuration is no JSON: {error}")))
    }

    /// Returns the login for a registry, if there is one.
    ///
    /// # Errors
    /// There is one that cannot be read: another program keeps it, or it is malformed.
    pub fn of(&self, host: &str) -> Result<Option<Login>, RegistryError> {
        let auths = self.config.get("auths").and_then(Json::as_object);
        let entry = auths.and_then(|auths| auths.iter().find(|(key, _)| is_of(key, host)));
        let Some((_, entry)) = entry else { return Ok(None) };
        let text = |key: &str| entry.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
        if let (Some(name), Some(password)) = (text("username"), text("password")) {
            return Ok(Some(Login { name: name.to_owned(), password: password.to_owned() }));
        }
        let Some(auth) = text("auth") else {
            let words = "is kept by a credential helper, which is not asked; write it into `auths` of a configuration of \
                         your own, and name its directory in DOCKER_CONFIG";
            return Err(RegistryError::Setup(format!("the login for {host} {words}")));
        };
        let decoded = STANDARD.decode(auth).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let login = decoded.as_deref().and_then(|text| text.split_once(':'));
        let login =
            login.map(|(name, password)| Login { name: name.to_owned(), password: password.to_owned() });
        let broken =
            || RegistryError::Setup(format!("the login for {host} in Docker's configuration cannot be read"));
        login.map(Some).ok_or_else(broken)
    }
}

/// Returns whether a key of Docker's configuration means a host: `ghcr.io`, `https://ghcr.io`, `https://ghcr.io/v2/`.
fn is_of(key: &str, host: &str) -> bool {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    bare.split('/').next() == Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_those_of_the_host() {
        let logins = br#"{ "auths": { "https://ghcr.io/v2/": { "auth": "YTpiOmM=" }, "kept.example": {}, "odd.example": { "auth": "%" } } }"#;
        let logins = Logins::parse(logins).expect("logins");
        let basic = |host: &str| logins.of(host).expect("readable").map(|login| login.basic());
        assert_eq!(basic("ghcr.io"), Some("Basic YTpiOmM=".to_owned()));
        assert_eq!(basic("ghcr.io.example.com"), None);
        assert!(
            logins.of("kept.example").is_err_and(|error| error.to_string().contains("credential helper"))
        );
        assert!(logins.of("odd.example").is_err());
        assert!(Logins::parse(b"{").is_err());
        assert!(Logins::default().of("ghcr.io").expect("readable").is_none());
        let login = logins.of("ghcr.io").expect("readable");
        assert_eq!(format!("{login:?}"), "Some(Login(…))");
    }
}
