//! The names that expressions may use, as data. `docs/kits.md` says what each of them is, and the facts of a plan fill
//! them in; a test over those holds the three together.

/// Every name, by its dotted path.
pub const NAMES: &[&str] = &[
    "airgap.registry",
    "cnpg.instances",
    "domain.credentials.key",
    "domain.credentials.secret",
    "domain.mode",
    "domain.parent_zones",
    "domain.powerdns_api",
    "domain.registrar",
    "env",
    "failover.database.database",
    "failover.database.instances",
    "failover.database.mode",
    "failover.database.owner",
    "failover.database.size",
    "failover.database.storage_class",
    "failover.hot_standby",
    "failover.pdm_url",
    "fqdn",
    "fqdn_dashed",
    "gitops.branch",
    "gitops.url",
    "identity.federation.client_id",
    "identity.federation.issuer",
    "identity.federation.key",
    "identity.federation.provider",
    "identity.federation.secret",
    "identity.realm",
    "identity.shared",
    "kit",
    "name",
    "null",
    "organization.email",
    "organization.name",
    "pair.primary.label",
    "pair.replica.label",
    "primary.label",
    "region.api_host",
    "region.code",
    "region.control_plane_address",
    "region.key",
    "region.label",
    "region.load_balancer_location",
    "region.mesh_id",
    "region.mesh_name",
    "region.name",
    "region.network_cidr",
    "region.observed.control_plane_address",
    "region.observed.deployment_id",
    "region.observed.load_balancer_address",
    "region.peers",
    "region.pod_cidr",
    "region.provider",
    "region.raft_role",
    "region.role",
    "region.service_cidr",
    "region.side",
    "region.suffix",
    "region.worker_count",
    "region.worker_limit",
    "region.worker_size",
    "region_names",
    "region_requests",
    "regions",
    "registry.scanner.ignore_unfixed",
    "registry.scanner.severities",
    "replica.label",
    "storage.backup.schedule",
    "storage.backup.ttl",
    "storage.class",
    "storage.object.bucket",
    "storage.object.endpoint",
    "storage.object.region",
    "storage.object_secret",
    "tls.acme",
    "tls.acme_server",
    "tls.ingress_issuer",
    "tls.issuer",
    "tls.staging",
];

/// The filters.
pub(super) const FILTERS: &[&str] =
    &["default", "first", "join", "json_encode", "last", "length", "lower", "upper"];

/// Returns whether a dotted path is a name, or a group of names such as `storage.object`.
pub(super) fn is_known(path: &str) -> bool {
    NAMES.iter().any(|name| is_within(name, path))
}

/// Returns whether a name is `path`, or one of the group that `path` is.
pub(super) fn is_within(name: &str, path: &str) -> bool {
    name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Returns whether a dotted path names an input of a kit, or a part of one. Which there are, the kit says.
pub(super) fn is_input(path: &str) -> bool {
    path.starts_with("input.")
}
