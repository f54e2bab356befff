//! The variables of Hetzner's modules.

use super::machines;
use super::rules::{ANY, BUCKET, pattern};
use super::shared::{
    REGION, bucket_of_module, control_plane_size, deployment_id, provisioning, region, worker_count,
    worker_size,
};
use crate::provision::Cost;
use crate::provision::variable::Literal::{Flag, Nothing, Number, Text};
use crate::provision::variable::{Pattern, Rule, Variable, text};
use sovereign_language::cloud::{FAMILIES, MODULE_LOCATIONS, STORAGE_LOCATIONS, size_number};
use sovereign_text::node::Node;

/// What both modules have.
pub(super) const BOTH: &[Variable] = &[
    Variable::required_secret("hcloud_token", ANY),
    Variable::text("hcloud_project_id", ANY)
        .given(|here| text(provisioning(here)?.hetzner_project.as_ref()?)),
    Variable::flag("ha_enabled")
        .given(|here| {
            let pool = here.region.written.control_plane.as_ref()?;
            Some(Node::new(machines(Some(pool)) > 1, pool.span))
        })
        .or(Flag(false))
        // The module makes three where it is set, and one where it is not.
        .costs(Cost::ControlPlanes { of_flag: 3 }),
    Variable::text("deployment_id", ANY).given(deployment_id).at_run_time(),
];

/// What `infra/hetzner` has for itself.
pub(super) const FIRST: &[Variable] = &[
    Variable::text("region", Rule::OneOf(&MODULE_LOCATIONS)).given(region).costs(Cost::Machines),
    Variable::text("control_plane_size", SIZE)
        .given(control_plane_size)
        .or(Text("cx42"))
        .costs(Cost::Machines),
    Variable::text("worker_size", SIZE_OR_NONE).given(worker_size).or(Text("cx32")).costs(Cost::Machines),
    Variable::number("worker_count", 0, 50)
        .given(|here| Some(worker_count(here)))
        .or(Number(0))
        .costs(Cost::Workers),
    Variable::regions(REGION, 0).or(Nothing),
];

/// What `infra/providers/hetzner` has for itself.
pub(super) const SECOND: &[Variable] = &[
    Variable::text("region", Rule::OneOf(&MODULE_LOCATIONS)).given(region).costs(Cost::Machines),
    Variable::text("control_plane_size", SIZE)
        .given(control_plane_size)
        .or(Text("cpx22"))
        .costs(Cost::Machines),
    Variable::text("worker_size", SIZE_OR_NONE).given(worker_size).or(Text("cpx32")).costs(Cost::Machines),
    Variable::number("worker_count", 0, 50)
        .given(|here| Some(worker_count(here)))
        .or(Number(2))
        .costs(Cost::Workers),
    Variable::regions(REGION, 0).or(Nothing),
    Variable::text("qa_control_plane_size", SIZE).or(Text("cpx32")),
    Variable::text("qa_worker_size", SIZE).or(Text("cpx42")),
    Variable::text("dynadot_managed_domains", ANY).or(Text("")),
    Variable::text("object_storage_region", Rule::OneOf(&STORAGE_LOCATIONS))
        .given(|here| text(&bucket_of_module(here)?.region))
        .costs(Cost::Place),
    Variable::required_secret("object_storage_access_key", Rule::Length(16, 64)),
    Variable::required_secret("object_storage_secret_key", Rule::Length(32, 128)),
    Variable::text("object_storage_bucket_name", BUCKET)
        .given(|here| text(&bucket_of_module(here)?.bucket))
        .costs(Cost::Place),
    Variable::text("default_storage_class", ANY)
        .given(|here| text(here.plan.storage.class.as_ref()?))
        .at_run_time(),
];

const SIZE: Rule = Rule::Pattern(&Pattern {
    refusal: "is no Hetzner server type",
    holds: |text| size_number(text).is_some(),
    schema: || pattern(&format!("^({})[0-9]+$", FAMILIES.join("|"))),
});
const SIZE_OR_NONE: Rule = Rule::Pattern(&Pattern {
    refusal: "is no Hetzner server type",
    holds: |text| text.is_empty() || size_number(text).is_some(),
    schema: || pattern(&format!("^(({})[0-9]+)?$", FAMILIES.join("|"))),
});
