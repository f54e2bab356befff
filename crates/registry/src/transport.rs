//! HTTP with a bound and a time for everything, and TLS for every host but this machine.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::address::is_loopback;
use crate::error::RegistryError;

/// The most that is read of an answer whose size nobody has said: a manifest, a token, words. Registries accept manifests of 4 MiB.
pub(crate) const SMALL: u64 = 4 * 1024 * 1024;

/// How to speak with registries.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long one request may take, from its first byte to the last of its answer.
    pub time: Duration,
    /// The certificates that are trusted, in PEM; only this machine can be reached without any.
    pub certificates: Vec<u8>,
}

/// A way to one host.
#[derive(Debug)]
pub(crate) struct Transport {
    agent: Agent,
    host: String,
    time: Duration,
}

/// One request.
pub(crate) struct Request<'a> {
    /// `GET`, `HEAD`, `POST` or `PUT`.
    pub method: &'static str,
    /// Where.
    pub url: &'a str,
    /// Names and values.
    pub headers: &'a [(&'static str, &'a str)],
    /// What is sent.
    pub body: &'a [u8],
}

/// An answer whose body is not read yet.
pub(crate) struct Answer {
    /// The number.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    body: Body,
}

impl Transport {
    /// Returns a way to a host.
    ///
    /// # Errors
    /// The certificates cannot be read.
    pub(crate) fn new(host: &str, options: &Options) -> Result<Self, RegistryError> {
        let here = is_loopback(host);
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(!here)
            .max_redirects(5)
            .timeout_global(Some(options.time))
            .user_agent(concat!("sovereign/", env!("CARGO_PKG_VERSION")));
        if here {
            config = config.proxy(None);
        } else {
            config = config.tls_config(tls(&options.certificates)?);
        }
        Ok(Self { agent: config.build().new_agent(), host: host.to_owned(), time: options.time })
    }

    /// Returns the beginning of every URL of the host.
    pub(crate) fn base(&self) -> String {
        let scheme = if is_loopback(&self.host) { "http" } else { "https" };
        format!("{scheme}://{}", self.host)
    }

    /// Sends a request and gives the answer, whatever its number is.
    ///
    /// # Errors
    /// There is no answer.
    pub(crate) fn send(&self, request: &Request<'_>) -> Result<Answer, RegistryError> {
        let mut sent = ureq::http::Request::builder().method(request.method).uri(request.url);
        for (name, value) in request.headers {
            sent = sent.header(*name, *value);
        }
        let failed = |error: ureq::Error| self.failed(&error);
        let malformed = |error: ureq::http::Error| self.unreachable(error.to_string());
        let response = if matches!(request.method, "GET" | "HEAD") {
            self.agent.run(sent.body(()).map_err(malformed)?)
        } else {
            self.agent.run(sent.body(request.body).map_err(malformed)?)
        };
        let (parts, body) = response.map(Response::into_parts).map_err(failed)?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// Reads an answer to its end.
    ///
    /// # Errors
    /// It breaks off, takes too long, or is larger than it may be.
    pub(crate) fn read(&self, answer: Answer, most: u64, what: &str) -> Result<Vec<u8>, RegistryError> {
        let mut bytes = Vec::new();
        let mut reader = answer.body.into_with_config().limit(u64::MAX).reader().take(most.saturating_add(1));
        reader.read_to_end(&mut bytes).map_err(|error| {
            let error = ureq::Error::from(error);
            if matches!(error, ureq::Error::Timeout(_)) {
                self.failed(&error)
            } else {
                self.unreachable(format!("it broke off: {error}"))
            }
        })?;
        if bytes.len() as u64 > most {
            return Err(RegistryError::TooLarge { what: what.to_owned(), most });
        }
        Ok(bytes)
    }

    fn failed(&self, error: &ureq::Error) -> RegistryError {
        if matches!(error, ureq::Error::Timeout(_)) {
            RegistryError::Silent { host: self.host.clone(), time: self.time }
        } else {
            self.unreachable(error.to_string())
        }
    }

    fn unreachable(&self, reason: String) -> RegistryError {
        RegistryError::Unreachable { host: self.host.clone(), reason }
    }
}

fn tls(certificates: &[u8]) -> Result<TlsConfig, RegistryError> {
    let certificates: Vec<_> = ureq::tls::parse_pem(certificates)
        .filter_map(|item| match item {
            Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
            Ok(_) | Err(_) => None,
        })
        .collect();
    if certificates.is_empty() {
        let words = "no trusted certificates were found; SSL_CERT_FILE names a file that has some";
        return Err(RegistryError::Setup(words.to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = RootCerts::Specific(Arc::new(certificates));
    Ok(TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build())
}
