//! Variables that several modules have, and what gives their values.

use super::machines;
use super::rules::{ANY, DOMAIN, EMAIL, K3S, NETWORK, ROLE, SSH_KEY, YES_OR_NO};
use crate::plan::facts;
use crate::plan::settings::Object;
use crate::provision::Cost;
use crate::provision::variable::Literal::{Flag, Nothing, Number, Text};
use crate::provision::variable::{RegionCtx, Rule, Variable, text};
use sovereign_language::manifest::{
    DomainMode, Issuer, K3S_VERSION, OrganizationContact, Placement, ProvisioningTable,
};
use sovereign_text::node::Node;
use sovereign_text::yaml;

/// What every module has had from the first.
pub(super) const SHARED: &[Variable] = &[
    Variable::text("sovereign_fqdn", DOMAIN).given(|here| text(&here.plan.fqdn)),
    Variable::text("sovereign_subdomain", ANY)
        .given(|here| of_pool(here, text(&here.plan.name)))
        .or(Text("")),
    Variable::text("org_name", ANY).given(|here| text(organization(here)?.name.as_ref()?)),
    Variable::text("org_email", EMAIL).given(|here| text(organization(here)?.email.as_ref()?)),
    Variable::text("k3s_version", K3S)
        .given(|here| text(provisioning(here)?.k3s_version.as_ref()?))
        .or(Text(K3S_VERSION))
        .costs(Cost::Version),
    Variable::text("ssh_public_key", SSH_KEY)
        .given(|here| text(here.plan.written.sovereign.as_ref()?.value.ssh_public_key.as_ref()?))
        .costs(Cost::Machines),
    // Two of the three modes are one to the modules (docs/decisions.md, 13).
    Variable::text("domain_mode", Rule::OneOf(&["pool", "byo"]))
        .given(|here| {
            let mode = here.plan.domain.mode;
            Some(Node::new(if mode.value == DomainMode::Pool { "pool" } else { "byo" }, mode.span))
        })
        .or(Text("pool")),
    Variable::text("pool_domain", ANY)
        .given(|here| of_pool(here, text(&here.plan.domain.parent)))
        .or(Text("")),
    Variable::secret("dynadot_key", ANY),
    Variable::secret("dynadot_secret", ANY),
    Variable::secret("ghcr_pull_token", ANY),
    Variable::secret("kubeconfig_bearer_token", ANY),
    Variable::text("catalyst_api_url", ANY)
        .given(|here| {
            let api = provisioning(here).and_then(|table| text(table.api.as_ref()?));
            // Behind an air gap the default cannot be reached; without one the kubeconfig stays on the machine.
            api.or_else(|| here.plan.airgap.as_ref().map(|airgap| Node::new("", airgap.registry.span)))
        })
        .or(Text("https://console.openova.io/sovereign")),
    Variable::text("gitops_repo_url", ANY)
        .given(|here| text(&here.plan.gitops.url))
        .or(Text("https://github.com/openova-io/openova")),
    Variable::text("gitops_branch", ANY).given(|here| text(&here.plan.gitops.branch)).or(Text("main")),
    Variable::texts("ssh_allowed_cidrs", NETWORK)
        .given(|here| {
            let list = provisioning(here)?.ssh_allowed_cidrs.as_ref()?;
            Some(Node::new(list.value.iter().filter_map(text).collect::<Vec<_>>(), list.span))
        })
        .or(Nothing),
    Variable::flag("enable_unattended_upgrades")
        .given(|here| Some(provisioning(here)?.unattended_upgrades?.into()))
        .or(Flag(true)),
    Variable::flag("enable_fail2ban").given(|here| Some(provisioning(here)?.fail2ban?.into())).or(Flag(true)),
];

/// What the modules under `infra/providers` have besides.
pub(super) const PLATFORM: &[Variable] = &[
    Variable::text("sovereign_deployment_id", ANY).given(deployment_id).at_run_time(),
    Variable::text("marketplace_enabled", YES_OR_NO).or(Text("true")),
    Variable::text("bcp_topology", Rule::OneOf(&["single-region", "active-hotstandby", "active-active"]))
        .given(|here| text(&here.plan.topology()))
        .or(Text("single-region")),
    // In step with `bcp_topology`.
    Variable::text("enable_hot_standby", YES_OR_NO)
        .given(|here| text(&here.plan.topology().map(Placement::keeps_standbys)))
        .or(Text("false")),
    Variable::text("enable_shared_pg", YES_OR_NO).or(Text("true")),
    Variable::text("qa_fixtures_enabled", YES_OR_NO).or(Text("false")),
    Variable::text("qa_test_session_enabled", YES_OR_NO).or(Text("false")),
    Variable::text("qa_fixtures_namespace", ANY).or(Text("qa-default")),
    Variable::text("qa_organization", ANY).or(Text("default-platform")),
    Variable::text("wildcard_cert_use_staging", YES_OR_NO)
        .given(|here| text(&here.plan.tls.issuer.map(|issuer| issuer == Issuer::LetsEncryptStaging)))
        .or(Text("false")),
    Variable::text("parent_domains_yaml", ANY).given(|here| Some(parent_domains(here))).or(Text("")),
    Variable::text("cluster_mesh_name", ANY).given(|here| text(&here.region.mesh.name)).or(Text("")),
    Variable::number("cluster_mesh_id", 0, 255).given(|here| Some(here.region.mesh.id.into())).or(Number(0)),
    Variable::secret("powerdns_api_key", ANY),
    Variable::secret("harbor_robot_token", ANY),
    Variable::secret("pdm_basic_auth_user", ANY),
    Variable::secret("pdm_basic_auth_pass", ANY),
    // A public key, but one that the console makes for each hand-over.
    Variable::text("handover_jwt_public_key", ANY).at_run_time(),
];

/// A region in both shapes: as Huawei's module and the contract between modules have it, and as Hetzner's modules do. A
/// module takes the attributes that it declares, and OpenTofu drops the others (docs/decisions.md, 41).
pub(super) const REGION: &[Variable] = &[
    Variable::text("code", ANY).given(region),
    Variable::text("role", ROLE).given(|here| text(&here.region.role)),
    Variable::text("control_plane_size", ANY).given(control_plane_size),
    Variable::text("worker_size", ANY).given(worker_size),
    Variable::number("worker_count", 0, i64::MAX).given(|here| Some(worker_count(here))),
    Variable::text("provider", Rule::OneOf(&["hetzner", "huawei", "oci", "aws", "azure"]))
        .given(|here| text(&here.region.provider)),
    Variable::text("cloudRegion", ANY).given(region),
    Variable::text("controlPlaneSize", ANY).given(control_plane_size),
    Variable::text("workerSize", ANY).given(worker_size),
    Variable::number("workerCount", 0, i64::MAX).given(|here| Some(worker_count(here))),
];

fn organization<'p>(here: &RegionCtx<'p, '_>) -> Option<&'p OrganizationContact> {
    here.plan.written.sovereign.as_ref()?.value.organization.as_ref().map(|table| &table.value)
}

pub(super) fn provisioning<'p>(here: &RegionCtx<'p, '_>) -> Option<&'p ProvisioningTable> {
    here.plan.written.provisioning.as_ref().map(|table| &table.value)
}

/// Returns a value that there is in the pool mode only.
fn of_pool(here: &RegionCtx<'_, '_>, value: Option<Node>) -> Option<Node> {
    value.filter(|_| here.plan.domain.mode.value == DomainMode::Pool)
}

pub(super) fn region(here: &RegionCtx<'_, '_>) -> Option<Node> {
    text(&here.region.name)
}

pub(super) fn deployment_id(here: &RegionCtx<'_, '_>) -> Option<Node> {
    text(here.region.written.observed.as_ref()?.value.deployment_id.as_ref()?)
}

fn parent_domains(here: &RegionCtx<'_, '_>) -> Node {
    let zones = facts::parent_zones(here.plan);
    let mut text = String::new();
    yaml::append(&mut text, &zones);
    Node::new(text, zones.cause)
}

pub(super) fn control_plane_size(here: &RegionCtx<'_, '_>) -> Option<Node> {
    text(here.region.written.control_plane.as_ref()?.value.size.as_ref()?)
}

/// Returns the size of the workers, and nothing where there are none.
pub(super) fn worker_size(here: &RegionCtx<'_, '_>) -> Option<Node> {
    let written = here.region.written;
    match &written.workers {
        Some(pool) => text(pool.value.size.as_ref()?),
        None => Some(Node::new("", written.span)),
    }
}

pub(super) fn worker_count(here: &RegionCtx<'_, '_>) -> Node {
    let written = here.region.written;
    let cause = written.workers.as_ref().map_or(written.span, |pool| pool.span);
    Node::new(machines(written.workers.as_ref()), cause)
}

/// Returns the bucket, where the storage service is the region's cloud's own: those are the buckets that its module makes.
pub(super) fn bucket_of_module<'p>(here: &RegionCtx<'p, '_>) -> Option<&'p Object> {
    let hosts = here.region.provider.value.cloud().object_storage?;
    here.plan.storage.object.as_ref().filter(|object| hosts.include(object.endpoint.value.host()))
}
