//! The choices of a Sovereign as a whole, with defaults filled: domain, Git, identity, certificates, storage.
//!
//! Every value carries the span of what was written, or of the table that left it out.

use sovereign_language::manifest::{
    Contract, Document, DomainMode, Federation, Issuer, KeycloakTopology, PoolTable, Registrar, SecretRef,
};
use sovereign_language::pool;
use sovereign_language::scalar::{
    BranchName, Bucket, CertificateName, FluxPeriod, Fqdn, GitUrl, Host, HttpsUrl, Retention, Scalar,
    Schedule, SecretName, StorageRegion,
};
use sovereign_text::source::{Span, Spanned};

use super::{given, secret};

/// The domain mode and what belongs to it.
#[derive(Clone, Debug)]
pub struct Domain {
    /// The mode.
    pub mode: Spanned<DomainMode>,
    /// The zone that the Sovereign's own zone is delegated from, and who writes there.
    pub parent: Spanned<String>,
    /// The registrar and the Secret with its token, in mode `byo-api`.
    pub registrar: Option<(Spanned<Registrar>, SecretRef)>,
    /// Who answers for the zone above, in mode `pool`.
    pub pool: Pool,
}

/// Who answers for the zones of a pool.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The name servers.
    pub servers: Vec<String>,
    /// The API of the PowerDNS behind them.
    pub api: Spanned<String>,
}

impl Pool {
    /// Returns the one that is written, or OpenOva's.
    fn new(written: Option<&PoolTable>, mode: Span) -> Self {
        let servers = written.and_then(|table| table.name_servers.as_ref());
        let servers =
            servers.map(|servers| servers.value.iter().map(|name| name.value.to_string()).collect());
        let api = written.and_then(|table| table.api.as_ref());
        Self {
            servers: servers.unwrap_or_else(|| pool::SERVERS.map(str::to_owned).to_vec()),
            api: api.map_or_else(
                || Spanned::new(pool::API.to_owned(), mode),
                |api| api.as_ref().map(|api| api.as_str().to_owned()),
            ),
        }
    }
}

/// Where Flux reads the tree from.
#[derive(Clone, Debug)]
pub struct Gitops {
    /// The repository.
    pub url: Spanned<GitUrl>,
    /// The branch.
    pub branch: Spanned<BranchName>,
    /// How often Flux looks.
    pub interval: Spanned<FluxPeriod>,
    /// How long a clone may take.
    pub timeout: Spanned<FluxPeriod>,
    /// The credentials of a private repository.
    pub secret: Option<Spanned<SecretName>>,
}

/// Keycloak.
#[derive(Clone, Debug)]
pub struct Identity {
    /// How it is shared.
    pub keycloak: Spanned<KeycloakTopology>,
    /// Whom it trusts.
    pub federation: Option<Spanned<Federation>>,
}

impl Identity {
    /// Returns the realm of the Sovereign's own services: `catalyst-admin` in a shared Keycloak (domain table of
    /// Keycloak topologies), `sovereign` otherwise.
    pub fn realm(&self) -> &'static str {
        match self.keycloak.value {
            KeycloakTopology::SharedSovereign => "catalyst-admin",
            KeycloakTopology::PerOrganization => "sovereign",
        }
    }
}

/// Certificates.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Who issues them.
    pub issuer: Spanned<Issuer>,
    /// The Secret of a corporate CA.
    pub ca: Option<Spanned<SecretName>>,
    /// Further names of the wildcard certificate.
    pub names: Vec<Spanned<CertificateName>>,
}

impl Tls {
    /// Returns the ClusterIssuer of the wildcard certificate. Let's Encrypt issues wildcards by DNS-01 only, so it is
    /// the issuer of the PowerDNS webhook (slot 49).
    pub(crate) fn wildcard_issuer(&self) -> &'static str {
        match self.issuer.value {
            Issuer::LetsEncrypt => "letsencrypt-dns01-prod-powerdns",
            Issuer::LetsEncryptStaging => "letsencrypt-dns01-staging-powerdns",
            Issuer::CorporateCa => "corporate-ca",
        }
    }

    /// Returns the ClusterIssuer that charts name for their own ingress.
    pub(crate) fn ingress_issuer(&self) -> &'static str {
        match self.issuer.value {
            Issuer::LetsEncrypt => "letsencrypt-prod",
            Issuer::LetsEncryptStaging => "letsencrypt-staging",
            Issuer::CorporateCa => "corporate-ca",
        }
    }

    /// Returns the ACME directory; the staging one where certificates need not be trusted.
    pub(crate) fn acme_server(&self) -> &'static str {
        match self.issuer.value {
            Issuer::LetsEncryptStaging => "https://acme-staging-v02.api.letsencrypt.org/directory",
            Issuer::LetsEncrypt | Issuer::CorporateCa => "https://acme-v02.api.letsencrypt.org/directory",
        }
    }

    /// Returns whether certificates come from an ACME server.
    pub(crate) fn is_acme(&self) -> bool {
        self.issuer.value != Issuer::CorporateCa
    }
}

/// Storage and backup.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    /// The StorageClass.
    pub class: Option<Spanned<SecretName>>,
    /// The object storage.
    pub object: Option<Object>,
    /// The backup.
    pub backup: Option<Backup>,
}

/// An S3 bucket.
#[derive(Clone, Debug)]
pub struct Object {
    /// The endpoint.
    pub endpoint: Spanned<HttpsUrl>,
    /// The bucket.
    pub bucket: Spanned<Bucket>,
    /// The region of the service.
    pub region: Spanned<StorageRegion>,
    /// The Secret with the credentials.
    pub secret: Spanned<SecretName>,
}

/// When to back up, and for how long to keep it.
#[derive(Clone, Debug)]
pub struct Backup {
    /// When.
    pub schedule: Spanned<Schedule>,
    /// How long.
    pub retention: Spanned<Retention>,
}

/// The air gap.
#[derive(Clone, Debug)]
pub struct Airgap {
    /// The registry that holds everything.
    pub registry: Spanned<Host>,
    /// Further hosts that can be reached.
    pub hosts: Vec<Spanned<Host>>,
    /// The Secret with the key that charts are signed with.
    pub signatures: Option<Spanned<SecretName>>,
}

pub(super) fn domain(written: &Document, fqdn: &Spanned<Fqdn>) -> Domain {
    let table = written.domain.as_ref().map(|domain| &domain.value);
    let span = table.map_or(written.span, |table| table.span);
    let mode = table.and_then(|table| table.mode).unwrap_or(Spanned::new(DomainMode::Pool, span));
    let parent = match table.and_then(|table| table.parent.as_ref()) {
        Some(parent) => parent.as_ref().map(|parent| parent.as_str().to_owned()),
        None => fqdn.as_ref().map(|fqdn| fqdn.as_str().to_owned()),
    };
    let registrar = table.and_then(|table| Some((table.registrar?, table.credentials.clone()?.value)));
    Domain {
        mode,
        parent,
        registrar: registrar.filter(|_| mode.value == DomainMode::ByoApi),
        pool: Pool::new(table.and_then(|table| table.pool.as_ref()).map(|pool| &pool.value), mode.span),
    }
}

pub(super) fn gitops(written: &Document) -> Option<Gitops> {
    let table = written.gitops.as_ref().map(|gitops| &gitops.value);
    let span = table.map_or(written.span, |table| table.span);
    let url = given(table.and_then(|table| table.url.as_ref()), span)?;
    Some(Gitops {
        branch: default(table.and_then(|table| table.branch.as_ref()), "main", url.span)?,
        interval: default(table.and_then(|table| table.interval.as_ref()), "1m", url.span)?,
        timeout: default(table.and_then(|table| table.timeout.as_ref()), "15m", url.span)?,
        secret: table.and_then(|table| secret(table.credentials.as_ref())),
        url,
    })
}

pub(super) fn identity(written: &Document) -> Identity {
    let table = written.identity.as_ref().map(|identity| &identity.value);
    let span = table.map_or(written.span, |table| table.span);
    let default = Spanned::new(KeycloakTopology::PerOrganization, span);
    Identity {
        keycloak: table.and_then(|table| table.keycloak).unwrap_or(default),
        federation: table.and_then(|table| table.federation.clone()),
    }
}

pub(super) fn tls(written: &Document) -> Tls {
    let table = written.tls.as_ref().map(|tls| &tls.value);
    let span = table.map_or(written.span, |table| table.span);
    Tls {
        issuer: table.and_then(|table| table.issuer).unwrap_or(Spanned::new(Issuer::LetsEncrypt, span)),
        ca: table.and_then(|table| secret(table.ca.as_ref())),
        names: table
            .and_then(|table| table.names.as_ref())
            .map(|names| names.value.clone())
            .unwrap_or_default(),
    }
}

pub(super) fn storage(written: &Document) -> Storage {
    let Some(table) = written.storage.as_ref().map(|storage| &storage.value) else {
        return Storage::default();
    };
    let object = table.object.as_ref().and_then(|object| {
        let object = &object.value;
        Some(Object {
            endpoint: object.endpoint.clone()?,
            bucket: object.bucket.clone()?,
            region: object.region.clone()?,
            secret: secret(object.credentials.as_ref())?,
        })
    });
    let backup = table.backup.as_ref().and_then(|backup| {
        let schedule = backup.value.schedule.clone()?;
        let retention = default(backup.value.retention.as_ref(), "30d", backup.span)?;
        Some(Backup { schedule, retention })
    });
    Storage { class: table.class.clone(), object, backup }
}

pub(super) fn airgap(written: &Document) -> Option<Airgap> {
    let table = &written.airgap.as_ref()?.value;
    let hosts = table.hosts.as_ref().map(|hosts| hosts.value.clone()).unwrap_or_default();
    Some(Airgap { registry: table.registry.clone()?, hosts, signatures: table.signatures.clone() })
}

pub(super) fn contract(written: &Document) -> Spanned<Contract> {
    let table = written.topology.as_ref().map(|topology| &topology.value);
    let span = table.map_or(written.span, |table| table.span);
    table.and_then(|table| table.contract).unwrap_or(Spanned::new(Contract::A4, span))
}

/// Returns the value, or what the text says where the value is missing or wrong.
pub(super) fn default<T: Scalar + Clone>(
    value: Option<&Spanned<T>>,
    text: &str,
    span: Span,
) -> Option<Spanned<T>> {
    match value {
        Some(value) => Some(value.clone()),
        None => T::parse(text).ok().map(|value| Spanned::new(value, span)),
    }
}
