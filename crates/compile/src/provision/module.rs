//! The modules that make machines, and their variables as data: name, type, what it accepts, default, and what gives its
//! value (domain sections 1.2, 1.6, 8.1 and 8.2).
//!
//! A value in a `*.auto.tfvars.json` wins over one in the environment. So a variable that only a run knows is not
//! written at all, even where the module has a default for it.

use serde_json::{Value as Json, json};

use super::variable::Literal::{Flag, Nothing, Number, Text};
use super::variable::{Here, Pattern, Rule, Variable, text};
use crate::plan::choices::Object;
use crate::plan::facts;
use sovereign_language::grammar::cidr::SourceNetwork;
use sovereign_language::grammar::identity::SSH_ALGORITHMS;
use sovereign_language::grammar::machine::{HETZNER_FAMILIES, hetzner_number};
use sovereign_language::grammar::storage::{Bucket, is_at_hetzner};
use sovereign_language::grammar::version::K3sVersion;
use sovereign_language::kit::Module;
use sovereign_language::manifest::{
    DomainMode, HuaweiTable, Issuer, NodePool, OrganizationContact, Placement, ProvisioningTable,
};
use sovereign_text::node::Node;
use sovereign_text::source::Spanned;
use sovereign_text::yaml;

/// The variables of a module.
pub fn variables(module: Module) -> impl Iterator<Item = &'static Variable> {
    let groups: &[&'static [Variable]] = match module {
        Module::InfraHetzner => &[&SHARED, &HETZNER, &INFRA_HETZNER],
        Module::ProvidersHetzner => &[&SHARED, &PLATFORM, &HETZNER, &PROVIDERS_HETZNER],
        Module::ProvidersHuawei => &[&SHARED, &PLATFORM, &PROVIDERS_HUAWEI],
    };
    groups.iter().copied().flatten()
}

/// The variable of a module with this name.
pub fn variable_named(module: Module, name: &str) -> Option<&'static Variable> {
    variables(module).find(|variable| variable.name == name)
}

/// The k3s release of machines where the manifest says none.
pub const K3S_VERSION: &str = "v1.31.4+k3s1";

const ANY: Rule = Rule::Any;
const YES_OR_NO: Rule = Rule::OneOf(&["true", "false"]);
const DOMAIN: Rule = Rule::Pattern(&Pattern {
    refusal: "is no domain name for it: every label begins with a letter",
    holds: is_domain,
    schema: || pattern("^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$"),
});
const EMAIL: Rule = Rule::Pattern(&Pattern {
    refusal: "is no e-mail address",
    holds: is_email,
    schema: || pattern("^[^@]+@[^@]+\\.[^@]+$"),
});
const SSH_KEY: Rule = Rule::Pattern(&Pattern {
    refusal: "begins with no algorithm that it knows",
    holds: |text| text.split_once(' ').is_some_and(|(first, _)| SSH_ALGORITHMS.contains(&first)),
    schema: || pattern(&format!("^({}) ", SSH_ALGORITHMS.join("|"))),
});
const SIZE: Rule = Rule::Pattern(&Pattern {
    refusal: "is no Hetzner server type",
    holds: |text| hetzner_number(text).is_some(),
    schema: || pattern(&format!("^({})[0-9]+$", HETZNER_FAMILIES.join("|"))),
});
const SIZE_OR_NONE: Rule = Rule::Pattern(&Pattern {
    refusal: "is no Hetzner server type",
    holds: |text| text.is_empty() || hetzner_number(text).is_some(),
    schema: || pattern(&format!("^(({})[0-9]+)?$", HETZNER_FAMILIES.join("|"))),
});
const K3S: Rule = Rule::Pattern(&Pattern::of::<K3sVersion>("is no k3s version"));
const BUCKET: Rule = Rule::Pattern(&Pattern::of::<Bucket>("is no bucket name"));
const NETWORK: Rule = Rule::Pattern(&Pattern::of::<SourceNetwork>("is no network"));
const ROLE: Rule = Rule::OneOf(&["primary", "secondary"]);

/// What every module has had from the first.
const SHARED: [Variable; 18] = [
    Variable::text("sovereign_fqdn", DOMAIN).given(|here| text(&here.plan.fqdn)),
    Variable::text("sovereign_subdomain", ANY)
        .given(|here| of_pool(here, text(&here.plan.name)))
        .or(Text("")),
    Variable::text("org_name", ANY).given(|here| text(organization(here)?.name.as_ref()?)),
    Variable::text("org_email", EMAIL).given(|here| text(organization(here)?.email.as_ref()?)),
    Variable::text("k3s_version", K3S)
        .given(|here| text(provisioning(here)?.k3s_version.as_ref()?))
        .or(Text(K3S_VERSION)),
    Variable::text("ssh_public_key", SSH_KEY)
        .given(|here| text(here.plan.written.sovereign.as_ref()?.value.ssh_public_key.as_ref()?)),
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
const PLATFORM: [Variable; 18] = [
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

/// What both Hetzner modules have.
const HETZNER: [Variable; 4] = [
    Variable::required_secret("hcloud_token", ANY),
    Variable::text("hcloud_project_id", ANY)
        .given(|here| text(provisioning(here)?.hetzner_project.as_ref()?)),
    Variable::flag("ha_enabled")
        .given(|here| {
            let pool = here.region.written.control_plane.as_ref()?;
            Some(Node::new(machines(Some(pool)) > 1, pool.span))
        })
        .or(Flag(false)),
    Variable::text("deployment_id", ANY).given(deployment_id).at_run_time(),
];

/// What the first Hetzner module has for itself.
const INFRA_HETZNER: [Variable; 5] = [
    Variable::text("region", Rule::Location(|location| location.of_module)).given(region),
    Variable::text("control_plane_size", SIZE).given(control_plane_size).or(Text("cx42")),
    Variable::text("worker_size", SIZE_OR_NONE).given(worker_size).or(Text("cx32")),
    Variable::number("worker_count", 0, 50).given(|here| Some(worker_count(here))).or(Number(0)),
    Variable::regions(&REGION, 0).or(Nothing),
];

/// What the module `infra/providers/hetzner` has for itself.
const PROVIDERS_HETZNER: [Variable; 13] = [
    Variable::text("region", Rule::Location(|location| location.of_module)).given(region),
    Variable::text("control_plane_size", SIZE).given(control_plane_size).or(Text("cpx22")),
    Variable::text("worker_size", SIZE_OR_NONE).given(worker_size).or(Text("cpx32")),
    Variable::number("worker_count", 0, 50).given(|here| Some(worker_count(here))).or(Number(2)),
    Variable::regions(&REGION, 0).or(Nothing),
    Variable::text("qa_control_plane_size", SIZE).or(Text("cpx32")),
    Variable::text("qa_worker_size", SIZE).or(Text("cpx42")),
    Variable::text("dynadot_managed_domains", ANY).or(Text("")),
    Variable::text("object_storage_region", Rule::Location(|location| location.object_storage))
        .given(|here| text(&object_at(here, is_at_hetzner)?.region)),
    Variable::required_secret("object_storage_access_key", Rule::Length(16, 64)),
    Variable::required_secret("object_storage_secret_key", Rule::Length(32, 128)),
    Variable::text("object_storage_bucket_name", BUCKET)
        .given(|here| text(&object_at(here, is_at_hetzner)?.bucket)),
    Variable::text("default_storage_class", ANY)
        .given(|here| text(here.plan.storage.class.as_ref()?))
        .at_run_time(),
];

/// What the Huawei module has for itself.
const PROVIDERS_HUAWEI: [Variable; 19] = [
    Variable::regions(&REGION, 1),
    // It names what it makes, so there is no default.
    Variable::text("deployment_id", ANY).given(deployment_id),
    Variable::required_secret("huawei_access_key", ANY),
    Variable::required_secret("huawei_secret_key", ANY),
    Variable::text("huawei_project_id", ANY).given(|here| text(huawei(here)?.project.as_ref()?)),
    // The module's defaults for these two would be wrong in every other region.
    Variable::text("huawei_region", ANY).given(|here| {
        let given = huawei(here).and_then(|table| table.region.as_ref());
        given.and_then(text).or_else(|| Some(Node::new(zone_of(here)?.0.to_owned(), here.region.name.span)))
    }),
    Variable::text("huawei_az", ANY).given(|here| {
        let given = huawei(here).and_then(|table| table.zone.as_ref());
        let of_name = || zone_of(here).map(|(region, letter)| format!("{region}{letter}"));
        given.and_then(text).or_else(|| Some(Node::new(of_name()?, here.region.name.span)))
    }),
    Variable::flag("huawei_insecure").given(|here| Some(huawei(here)?.insecure?.into())).or(Flag(true)),
    // The module has a default that no table writes out.
    Variable::text("image_id", ANY).given(|here| text(huawei(here)?.image.as_ref()?)).at_run_time(),
    Variable::text("default_control_plane_flavor", ANY).given(control_plane_size).or(Text("m7n.large.8")),
    Variable::text("default_worker_flavor", ANY)
        .given(|here| text(here.region.written.workers.as_ref()?.value.size.as_ref()?))
        .or(Text("m7n.xlarge.8")),
    Variable::number("huawei_control_plane_count", 1, i64::MAX)
        .given(|here| {
            let pool = here.region.written.control_plane.as_ref()?;
            Some(Node::new(machines(Some(pool)), pool.span))
        })
        .or(Number(1)),
    Variable::text("obs_bucket_name", BUCKET).given(|here| text(&object_at(here, at_huawei)?.bucket)),
    Variable::text("pdns_api_host", ANY)
        .given(|here| Some(Node::new(facts::powerdns_api(here.plan), here.plan.domain.mode.span)))
        .or(Text("https://pdns.openova.io")),
    Variable::flag("debug_ssh_enabled")
        .given(|here| Some(Node::new(true, huawei(here)?.debug_ssh?.span)))
        .or(Flag(false)),
    Variable::text("debug_ssh_remote_cidr", NETWORK)
        .given(|here| text(huawei(here)?.debug_ssh.as_ref()?))
        .or(Text("0.0.0.0/0")),
    Variable::text("console_isolation_enabled", YES_OR_NO).or(Text("true")),
    Variable::text("default_storage_class", Rule::Not("local-path"))
        .given(|here| text(here.plan.storage.class.as_ref()?))
        .or(Text("evs-ssd")),
    Variable::number("retry_attempt", 0, i64::MAX).at_run_time(),
];

/// A region in both shapes: as Huawei's module and the contract between modules have it, and as Hetzner's modules do. A
/// module takes the attributes that it declares, and OpenTofu drops the others (docs/decisions.md, 41).
const REGION: [Variable; 10] = [
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

fn pattern(pattern: &str) -> Json {
    json!({ "type": "string", "pattern": pattern })
}

fn is_domain(text: &str) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let label = |label: &str| label.starts_with(|c: char| c.is_ascii_lowercase()) && label.chars().all(ok);
    text.contains('.') && text.split('.').all(label)
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let mut inner = host.chars();
    // A dot that is neither the first character nor the last.
    let _ = (inner.next(), inner.next_back());
    !name.is_empty() && !host.contains('@') && inner.as_str().contains('.')
}

fn organization<'p>(here: &Here<'p, '_>) -> Option<&'p OrganizationContact> {
    here.plan.written.sovereign.as_ref()?.value.organization.as_ref().map(|table| &table.value)
}

fn provisioning<'p>(here: &Here<'p, '_>) -> Option<&'p ProvisioningTable> {
    here.plan.written.provisioning.as_ref().map(|table| &table.value)
}

fn huawei<'p>(here: &Here<'p, '_>) -> Option<&'p HuaweiTable> {
    here.region.written.huawei.as_ref().map(|table| &table.value)
}

/// A value that there is in the pool mode only.
fn of_pool(here: &Here<'_, '_>, value: Option<Node>) -> Option<Node> {
    value.filter(|_| here.plan.domain.mode.value == DomainMode::Pool)
}

fn region(here: &Here<'_, '_>) -> Option<Node> {
    text(&here.region.name)
}

fn deployment_id(here: &Here<'_, '_>) -> Option<Node> {
    text(here.region.written.observed.as_ref()?.value.deployment_id.as_ref()?)
}

fn parent_domains(here: &Here<'_, '_>) -> Node {
    let zones = Node::from_json(facts::parent_zones(here.plan), here.plan.domain.parent.span);
    let mut text = String::new();
    yaml::append(&mut text, &zones);
    Node::new(text, zones.cause)
}

fn control_plane_size(here: &Here<'_, '_>) -> Option<Node> {
    text(here.region.written.control_plane.as_ref()?.value.size.as_ref()?)
}

/// The size of the workers, and nothing where there are none.
fn worker_size(here: &Here<'_, '_>) -> Option<Node> {
    let written = here.region.written;
    match &written.workers {
        Some(pool) => text(pool.value.size.as_ref()?),
        None => Some(Node::new("", written.span)),
    }
}

fn worker_count(here: &Here<'_, '_>) -> Node {
    let written = here.region.written;
    let cause = written.workers.as_ref().map_or(written.span, |pool| pool.span);
    Node::new(machines(written.workers.as_ref()), cause)
}

/// How many machines a pool has: 1 unless it says so, none without a pool.
pub fn machines(pool: Option<&Spanned<NodePool>>) -> i64 {
    pool.map_or(0, |pool| pool.value.count.map_or(1, |count| count.value.0))
}

/// The bucket, where the storage service is one whose buckets the module makes.
fn object_at<'p>(here: &Here<'p, '_>, is_there: fn(&str) -> bool) -> Option<&'p Object> {
    here.plan.storage.object.as_ref().filter(|object| is_there(object.endpoint.value.host()))
}

fn at_huawei(host: &str) -> bool {
    host.starts_with("obs.")
}

/// Region and letter of the zone in the name of a Huawei region: `me-east-215` and `a` of `me-east-215-a`. A name without
/// a letter stands for the first zone; a code such as `mer` says neither.
fn zone_of<'p>(here: &Here<'p, '_>) -> Option<(&'p str, &'p str)> {
    let name = here.region.name.value.as_str();
    let (family, last) = name.rsplit_once('-')?;
    let is_letter = last.len() == 1 && last.starts_with(|c: char| c.is_ascii_lowercase());
    Some(if is_letter { (family, last) } else { (name, "a") })
}
