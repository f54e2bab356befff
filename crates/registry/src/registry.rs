//! One registry: what is asked of it, and how it is told who asks.

use std::cell::RefCell;

use serde_json::Value as Json;

use crate::address::{Address, Reference, is_host};
use crate::artifact::{self, Artifact, Kind, MANIFEST};
use crate::error::RegistryError;
use crate::login::Login;
use crate::transport::{Answer, Options, Request, SMALL, Transport};
use sovereign_text::digest::Digest;

/// A registry, with a login if there is one.
#[derive(Debug)]
pub struct Registry {
    transport: Transport,
    host: String,
    login: Option<Login>,
    /// What the registry was last content with.
    authorization: RefCell<Option<String>>,
    options: Options,
}

/// What was pulled.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// The digest of its manifest.
    pub digest: Digest,
    /// Its layer.
    pub layer: Vec<u8>,
}

impl Registry {
    /// Returns the registry of a host.
    ///
    /// # Errors
    /// The host is none, or the certificates cannot be read.
    pub fn new(host: &str, login: Option<Login>, options: Options) -> Result<Self, RegistryError> {
        if !is_host(host) {
            return Err(RegistryError::Setup(format!("`{host}` is not the name of a registry")));
        }
        let transport = Transport::new(host, &options)?;
        Ok(Self { transport, host: host.to_owned(), login, authorization: RefCell::default(), options })
    }

    /// Pulls the one layer of an artifact, which has at most so many bytes.
    ///
    /// # Errors
    /// It is not there, not of that kind, or not what its digest says.
    pub fn pull(&self, address: &Address, kind: Kind, most: u64) -> Result<Pulled, RegistryError> {
        let url = self.url(&address.repository, &format!("manifests/{}", address.reference));
        let answer =
            self.ask(&Request { headers: &[("Accept", MANIFEST)], ..get(&url) }, Scope::pull(address))?;
        if answer.status == 404 {
            return Err(RegistryError::Missing(address.to_string()));
        }
        let answer = self.expect(answer, &[200], "a manifest")?;
        let manifest = self.transport.read(answer, SMALL, "the manifest")?;
        let digest = Digest::hash(&manifest);
        if matches!(&address.reference, Reference::Digest(wanted) if *wanted != digest) {
            return Err(RegistryError::Tampered(address.to_string()));
        }
        let wanted = || RegistryError::OtherKind { what: address.to_string(), wanted: kind.name };
        let (layer, size) = artifact::layer(&manifest, kind).ok_or_else(wanted)?;
        if size > most {
            return Err(RegistryError::TooLarge { what: address.to_string(), most });
        }
        let url = self.url(&address.repository, &format!("blobs/sha256:{layer}"));
        let answer = self.ask(&get(&url), Scope::pull(address))?;
        if answer.status == 404 {
            return Err(RegistryError::Missing(format!("layer sha256:{layer} of {address}")));
        }
        let answer = self.expect(answer, &[200], "a layer")?;
        let bytes = self.transport.read(answer, size, &address.to_string())?;
        if Digest::hash(&bytes) != layer {
            return Err(RegistryError::Tampered(address.to_string()));
        }
        Ok(Pulled { digest, layer: bytes })
    }

    /// Pushes an artifact under a tag, and gives the digest of its manifest. The manifest goes last, so a push that breaks off leaves
    /// nothing that could be pulled.
    ///
    /// # Errors
    /// The registry takes it not.
    pub fn push(&self, address: &Address, artifact: &Artifact) -> Result<Digest, RegistryError> {
        for blob in [&artifact.config, &artifact.layer] {
            self.push_blob(address, blob)?;
        }
        let manifest = artifact.manifest();
        let url = self.url(&address.repository, &format!("manifests/{}", address.reference));
        let headers = [("Content-Type", MANIFEST)];
        let request = Request { method: "PUT", url: &url, headers: &headers, body: &manifest };
        let answer = self.ask(&request, Scope::push(address))?;
        self.expect(answer, &[201, 202], "a manifest")?;
        Ok(Digest::hash(&manifest))
    }

    fn push_blob(&self, address: &Address, blob: &[u8]) -> Result<(), RegistryError> {
        let digest = Digest::hash(blob);
        let url = self.url(&address.repository, &format!("blobs/sha256:{digest}"));
        let head = Request { method: "HEAD", url: &url, headers: &[], body: &[] };
        if self.ask(&head, Scope::push(address))?.status == 200 {
            return Ok(());
        }
        let url = self.url(&address.repository, "blobs/uploads/");
        let begin = Request { method: "POST", url: &url, headers: &[], body: &[] };
        let answer = self.expect(self.ask(&begin, Scope::push(address))?, &[202], "an upload")?;
        let location =
            answer.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let url = self.upload(location, digest)?;
        let headers = [("Content-Type", "application/octet-stream")];
        let request = Request { method: "PUT", url: &url, headers: &headers, body: blob };
        let answer = self.ask(&request, Scope::push(address))?;
        self.expect(answer, &[201, 202, 204], "a layer").map(|_| ())
    }

    /// Returns where the bytes of an upload go. A login is sent to no other host than its own.
    fn upload(&self, location: &str, digest: Digest) -> Result<String, RegistryError> {
        let base = self.transport.base();
        let absolute =
            if location.starts_with('/') { format!("{base}{location}") } else { location.to_owned() };
        if !absolute.starts_with(&format!("{base}/")) {
            let answer = format!("an upload with another place to go to: {location:?}");
            return Err(RegistryError::Unexpected { host: self.host.clone(), answer });
        }
        let separator = if absolute.contains('?') { '&' } else { '?' };
        Ok(format!("{absolute}{separator}digest=sha256:{digest}"))
    }

    fn url(&self, repository: &str, rest: &str) -> String {
        format!("{}/v2/{repository}/{rest}", self.transport.base())
    }

    /// Sends a request; where the registry wants to know who asks, says so and sends it again.
    fn ask(&self, request: &Request<'_>, scope: Scope<'_>) -> Result<Answer, RegistryError> {
        let known = self.authorization.borrow().clone();
        let answer = self.send(request, known.as_deref())?;
        if answer.status != 401 {
            return self.permitted(answer);
        }
        let challenge = answer.headers.get("www-authenticate").and_then(|value| value.to_str().ok());
        let authorization = self.authorize(challenge.unwrap_or_default(), scope)?;
        let answer = self.send(request, Some(&authorization))?;
        if answer.status == 401 {
            return Err(self.refused(answer));
        }
        *self.authorization.borrow_mut() = Some(authorization);
        self.permitted(answer)
    }

    fn permitted(&self, answer: Answer) -> Result<Answer, RegistryError> {
        if answer.status == 403 { Err(self.refused(answer)) } else { Ok(answer) }
    }

    fn refused(&self, answer: Answer) -> RegistryError {
        if self.login.is_none() {
            return RegistryError::NeedsLogin(self.host.clone());
        }
        RegistryError::Refused { host: self.host.clone(), answer: self.words(answer) }
    }

    fn send(&self, request: &Request<'_>, authorization: Option<&str>) -> Result<Answer, RegistryError> {
        let headers: Vec<_> = request
            .headers
            .iter()
            .copied()
            .chain(authorization.map(|authorization| ("Authorization", authorization)))
            .collect();
        self.transport.send(&Request { headers: &headers, ..*request })
    }

    /// Returns what a registry wants to be told after a challenge: the login, or a token that somebody gives for it.
    fn authorize(&self, challenge: &str, scope: Scope<'_>) -> Result<String, RegistryError> {
        let (scheme, parameters) = challenge.split_once(' ').unwrap_or((challenge, ""));
        let login = self.login.as_ref().map(Login::basic);
        if !scheme.eq_ignore_ascii_case("bearer") {
            return login.ok_or_else(|| RegistryError::NeedsLogin(self.host.clone()));
        }
        let realm = parameter(parameters, "realm").unwrap_or_default();
        let service = parameter(parameters, "service").unwrap_or_default();
        let realm_host =
            realm.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
        let way = Transport::new(realm_host, &self.options)?;
        if !realm.starts_with(&format!("{}/", way.base())) {
            let answer = format!("a place for tokens that cannot be asked: {realm:?}");
            return Err(RegistryError::Unexpected { host: self.host.clone(), answer });
        }
        let separator = if realm.contains('?') { '&' } else { '?' };
        let url =
            format!("{realm}{separator}service={}&scope={}", escaped(service), escaped(&scope.to_string()));
        let headers: Vec<_> = login.as_deref().map(|login| ("Authorization", login)).into_iter().collect();
        let answer = way.send(&Request { headers: &headers, ..get(&url) })?;
        if matches!(answer.status, 401 | 403) {
            return Err(self.refused(answer));
        }
        let answer = self.expect(answer, &[200], "a token")?;
        let token: Json = serde_json::from_slice(&way.read(answer, SMALL, "the token")?).unwrap_or_default();
        let token = token.get("token").or_else(|| token.get("access_token")).and_then(Json::as_str);
        let none = || RegistryError::Unexpected { host: self.host.clone(), answer: "no token".to_owned() };
        token.map(|token| format!("Bearer {token}")).ok_or_else(none)
    }

    /// Returns an answer that has one of these numbers.
    fn expect(&self, answer: Answer, numbers: &[u16], asked: &str) -> Result<Answer, RegistryError> {
        if numbers.contains(&answer.status) {
            return Ok(answer);
        }
        let answer = format!("{} when asked for {asked}", self.words(answer));
        Err(RegistryError::Unexpected { host: self.host.clone(), answer })
    }

    /// Returns the number of an answer, and the beginning of what it says, without what a terminal would obey.
    fn words(&self, answer: Answer) -> String {
        let status = answer.status;
        let bytes = self.transport.read(answer, SMALL, "the answer").unwrap_or_default();
        let said: Json = serde_json::from_slice(&bytes).unwrap_or_default();
        let message = said.pointer("/errors/0/message").and_then(Json::as_str).unwrap_or_default();
        let message: String = message.chars().filter(|c| !c.is_control()).take(200).collect();
        if message.is_empty() { status.to_string() } else { format!("{status} ({message})") }
    }
}

fn get(url: &str) -> Request<'_> {
    Request { method: "GET", url, headers: &[], body: &[] }
}

/// What a token is asked for.
#[derive(Clone, Copy)]
struct Scope<'a> {
    repository: &'a str,
    actions: &'static str,
}

impl<'a> Scope<'a> {
    fn pull(address: &'a Address) -> Self {
        Self { repository: &address.repository, actions: "pull" }
    }

    fn push(address: &'a Address) -> Self {
        Self { repository: &address.repository, actions: "pull,push" }
    }
}

impl std::fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "repository:{}:{}", self.repository, self.actions)
    }
}

/// Returns a parameter of a challenge: `realm="…",service="…"`.
fn parameter<'c>(parameters: &'c str, name: &str) -> Option<&'c str> {
    let start = parameters.find(&format!("{name}=\""))? + name.len() + 2;
    let rest = parameters.get(start..)?;
    rest.get(..rest.find('"')?)
}

/// Returns a text for a query.
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:,".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_has_parameters() {
        let parameters = r#"realm="https://ghcr.io/token",service="ghcr.io",scope="x""#;
        assert_eq!(parameter(parameters, "realm"), Some("https://ghcr.io/token"));
        assert_eq!(parameter(parameters, "service"), Some("ghcr.io"));
        assert_eq!(parameter(parameters, "error"), None);
        assert_eq!(parameter("realm=\"", "realm"), None);
        assert_eq!(escaped("a b&c"), "a%20b%26c");
    }

    #[test]
    fn a_login_goes_to_no_other_host() {
        let options = Options { time: std::time::Duration::from_secs(1), certificates: Vec::new() };
        let registry = Registry::new("localhost:5000", None, options.clone()).expect("a registry");
        let digest = Digest::hash(b"");
        let ends = format!("digest=sha256:{digest}");
        assert_eq!(
            registry.upload("/v2/u?x=1", digest).ok(),
            Some(format!("http://localhost:5000/v2/u?x=1&{ends}"))
        );
        for elsewhere in
            ["https://evil.example/u", "http://localhost:5000.evil.example/u", "//evil.example/u", ""]
        {
            let place = registry.upload(elsewhere, digest);
            assert!(
                place.is_err() || place.is_ok_and(|url| url.starts_with("http://localhost:5000/")),
                "{elsewhere}"
            );
        }
        assert!(Registry::new("a/b", None, options).is_err());
    }
}
