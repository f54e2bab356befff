//! The variables of Huawei's module.

use super::machines;
use super::rules::{ANY, BUCKET, NETWORK, YES_OR_NO};
use super::shared::{REGION, bucket_of_module, control_plane_size, deployment_id};
use crate::plan::facts;
use crate::provision::Cost;
use crate::provision::variable::Literal::{Flag, Number, Text};
use crate::provision::variable::{RegionCtx, Rule, Variable, text};
use sovereign_language::manifest::HuaweiTable;
use sovereign_text::node::Node;

/// What `infra/providers/huawei` has for itself.
pub(super) const OWN: &[Variable] = &[
    Variable::regions(REGION, 1),
    // It names what it makes, so there is no default.
    Variable::text("deployment_id", ANY).given(deployment_id),
    Variable::required_secret("huawei_access_key", ANY),
    Variable::required_secret("huawei_secret_key", ANY),
    Variable::text("huawei_project_id", ANY).given(|here| text(huawei(here)?.project.as_ref()?)),
    // The module's defaults for these two would be wrong in every other region.
    Variable::text("huawei_region", ANY)
        .given(|here| {
            let given = huawei(here).and_then(|table| table.region.as_ref());
            given
                .and_then(text)
                .or_else(|| Some(Node::new(zone_of(here)?.0.to_owned(), here.region.name.span)))
        })
        .costs(Cost::Machines),
    Variable::text("huawei_az", ANY)
        .given(|here| {
            let given = huawei(here).and_then(|table| table.zone.as_ref());
            let of_name = || zone_of(here).map(|(region, letter)| format!("{region}{letter}"));
            given.and_then(text).or_else(|| Some(Node::new(of_name()?, here.region.name.span)))
        })
        .costs(Cost::Machines),
    Variable::flag("huawei_insecure").given(|here| Some(huawei(here)?.insecure?.into())).or(Flag(true)),
    // The module has a default that no table writes out.
    Variable::text("image_id", ANY)
        .given(|here| text(huawei(here)?.image.as_ref()?))
        .at_run_time()
        .costs(Cost::Machines),
    Variable::text("default_control_plane_flavor", ANY)
        .given(control_plane_size)
        .or(Text("m7n.large.8"))
        .costs(Cost::Machines),
    Variable::text("default_worker_flavor", ANY)
        .given(|here| text(here.region.written.workers.as_ref()?.value.size.as_ref()?))
        .or(Text("m7n.xlarge.8"))
        .costs(Cost::Machines),
    Variable::number("huawei_control_plane_count", 1, i64::MAX)
        .given(|here| {
            let pool = here.region.written.control_plane.as_ref()?;
            Some(Node::new(machines(Some(pool)), pool.span))
        })
        .or(Number(1))
        .costs(Cost::ControlPlanes { of_flag: 1 }),
    Variable::text("obs_bucket_name", BUCKET)
        .given(|here| text(&bucket_of_module(here)?.bucket))
        .costs(Cost::Place),
    Variable::text("pdns_api_host", ANY)
        .given(|here| Some(facts::powerdns_api(here.plan)))
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

fn huawei<'p>(here: &RegionCtx<'p, '_>) -> Option<&'p HuaweiTable> {
    here.region.written.huawei.as_ref().map(|table| &table.value)
}

/// Region and letter of the zone in the name of a Huawei region: `me-east-215` and `a` of `me-east-215-a`. A name without
/// a letter stands for the first zone; a code such as `mer` says neither.
fn zone_of<'p>(here: &RegionCtx<'p, '_>) -> Option<(&'p str, &'p str)> {
    let name = here.region.name.value.as_str();
    let (family, last) = name.rsplit_once('-')?;
    let is_letter = last.len() == 1 && last.starts_with(|c: char| c.is_ascii_lowercase());
    Some(if is_letter { (family, last) } else { (name, "a") })
}
